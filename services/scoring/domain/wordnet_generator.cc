// Build step: reads WordNet's data files (package wordnet-base, format of wndb(5WN)) and writes the compact table of
// wordnet_format.h. Single words of letters only; of senses the first four of each part of speech.
//   wordnet_generator DIRECTORY OUTPUT
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/scoring/domain/wordnet_format.h"

namespace greenroom::scoring {
namespace {

constexpr uint32_t kSensesRead = 4;

// How far a synset is from another, in hundredths of a step to a broader one.
constexpr uint32_t kLaterSense = 5;  // for each sense before it
constexpr uint32_t kBroaderStep = 100;
// From a word's own synsets only:
constexpr uint32_t kDerivedStep = 30;
constexpr uint32_t kSimilarStep = 70;
constexpr uint32_t kPertainsStep = 80;  // attribute, pertainym, cause, entailment
constexpr uint32_t kPartStep = 120;

struct PartOfSpeech {
  const char* name;
  char letter;
  uint8_t bit;
};
constexpr PartOfSpeech kParts[] = {
    {"noun", 'n', kPosNoun}, {"verb", 'v', kPosVerb}, {"adj", 'a', kPosAdjective}, {"adv", 'r', kPosAdverb}};

struct Pointer {
  char symbol;
  std::string target;  // letter and offset
  int from_word;       // 1-based; 0 means the whole synset
  int to_word;
};

struct Synset {
  std::vector<std::string> words;  // an empty string where the word is not one of letters only
  std::vector<Pointer> pointers;
  uint32_t number = 0;  // in the order of the files
};

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << "wordnet_generator: " << what << "\n";
  std::exit(1);
}

std::string SingleWord(std::string word) {
  if (const size_t marker = word.find('('); marker != std::string::npos) word.resize(marker);
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c < 'a' || c > 'z') return "";
  }
  return word;
}

std::ifstream Open(const std::string& path) {
  std::ifstream file(path);
  if (!file) Fail("cannot read " + path + " (package wordnet-base)");
  return file;
}

class Generator {
 public:
  explicit Generator(std::string directory) : directory_(std::move(directory)) {}

  void Run(const std::string& output) {
    for (const PartOfSpeech& part : kParts) ReadSynsets(part);
    ReadFrequencies();
    for (const PartOfSpeech& part : kParts) ReadIndex(part);
    ReadIrregular("noun");
    ReadIrregular("verb");
    Write(output);
  }

 private:
  using Relation = std::pair<uint32_t, std::string>;  // kind and rank bits, other word

  void ReadSynsets(const PartOfSpeech& part) {
    std::ifstream file = Open(directory_ + "/data." + part.name);
    std::string line;
    while (std::getline(file, line)) {
      if (line.empty() || line[0] == ' ') continue;  // the licence
      std::istringstream in(line.substr(0, line.find('|')));
      std::string offset, lexicographer, type, count;
      in >> offset >> lexicographer >> type >> count;
      Synset synset;
      for (int n = std::stoi(count, nullptr, 16); n > 0; --n) {
        std::string word, id;
        in >> word >> id;
        synset.words.push_back(SingleWord(word));
      }
      in >> count;
      for (int n = std::stoi(count); n > 0; --n) {
        std::string symbol, target, pos, ends;
        in >> symbol >> target >> pos >> ends;
        if (!in) Fail("bad line in data." + std::string(part.name) + ": " + offset);
        synset.pointers.push_back({symbol[0], pos + target, std::stoi(ends.substr(0, 2), nullptr, 16),
                                   std::stoi(ends.substr(2), nullptr, 16)});
      }
      synset.number = static_cast<uint32_t>(synsets_.size());
      synsets_.emplace(part.letter + offset, std::move(synset));
    }
  }

  void ReadFrequencies() {
    std::ifstream file = Open(directory_ + "/cntlist.rev");
    std::string key;
    int sense = 0, count = 0;
    while (file >> key >> sense >> count) {
      const std::string word = SingleWord(key.substr(0, key.find('%')));
      if (!word.empty()) counts_[word] += count;
    }
  }

  void ReadIndex(const PartOfSpeech& part) {
    std::ifstream file = Open(directory_ + "/index." + part.name);
    std::string line;
    while (std::getline(file, line)) {
      if (line.empty() || line[0] == ' ') continue;
      std::istringstream in(line);
      std::string lemma, pos, skipped;
      int senses = 0, pointers = 0;
      in >> lemma >> pos >> senses >> pointers;
      const std::string word = SingleWord(lemma);
      if (word.empty()) continue;
      for (int i = 0; i < pointers + 2; ++i) in >> skipped;
      parts_[word] |= part.bit;
      for (uint32_t rank = 0; rank < static_cast<uint32_t>(senses) && rank < kSensesRead; ++rank) {
        std::string offset;
        in >> offset;
        AddSense(word, rank, part.letter + offset);
      }
    }
  }

  void AddSense(const std::string& word, uint32_t rank, const std::string& key) {
    const auto found = synsets_.find(key);
    if (found == synsets_.end()) Fail("the index names an absent synset " + key);
    const Synset& synset = found->second;
    Reach(synset, rank * kLaterSense, true, meanings_[word]);
    for (const std::string& other : synset.words) Add(word, WordRelation::kSynonym, rank, other);
    for (const Pointer& pointer : synset.pointers) {
      const Synset& target = Target(pointer.target);
      if (pointer.symbol == '!' || pointer.symbol == '+') {
        if (synset.words[static_cast<size_t>(pointer.from_word) - 1] != word) continue;
        Add(word, pointer.symbol == '!' ? WordRelation::kAntonym : WordRelation::kDerived, rank,
            target.words[static_cast<size_t>(pointer.to_word) - 1]);
      } else if (pointer.symbol == '&') {
        for (const std::string& other : target.words) Add(word, WordRelation::kSimilar, rank, other);
      } else if (pointer.symbol == '@' && rank == 0) {
        for (const std::string& other : target.words) Add(word, WordRelation::kBroader, rank, other);
      }
    }
  }

  // Adds the synsets near `synset`, itself at distance `far`.
  void Reach(const Synset& synset, uint32_t far, bool own, std::map<uint32_t, uint32_t>& meanings) const {
    if (far > kFarthestMeaning) return;
    const auto [at, inserted] = meanings.emplace(synset.number, far);
    if (!inserted && at->second <= far) return;
    at->second = far;
    for (const Pointer& pointer : synset.pointers) {
      if (pointer.symbol == '@') {
        Reach(Target(pointer.target), far + kBroaderStep, false, meanings);
      } else if (own) {
        const uint32_t step = Sideways(pointer.symbol);
        if (step > 0) Reach(Target(pointer.target), far + step, false, meanings);
      }
    }
  }

  static uint32_t Sideways(char symbol) {
    switch (symbol) {
      case '+':
        return kDerivedStep;
      case '&':
        return kSimilarStep;
      case '=':
      case '\\':
      case '>':
      case '*':
        return kPertainsStep;
      case '%':
      case '#':
        return kPartStep;
      default:
        return 0;
    }
  }

  const Synset& Target(std::string key) const {
    if (key[0] == 's') key[0] = 'a';
    const auto found = synsets_.find(key);
    if (found == synsets_.end()) Fail("a pointer names an absent synset " + key);
    return found->second;
  }

  void Add(const std::string& word, WordRelation kind, uint32_t rank, const std::string& other) {
    if (other.empty() || other == word) return;
    relations_[word].emplace(static_cast<uint32_t>(kind) << 28 | rank << 24, other);
  }

  void ReadIrregular(const std::string& part) {
    std::ifstream file = Open(directory_ + "/" + part + ".exc");
    std::string line;
    while (std::getline(file, line)) {
      std::istringstream in(line);
      std::string form, base;
      in >> form;
      form = SingleWord(form);
      while (in >> base) {
        base = SingleWord(base);
        if (form.empty() || base.empty() || parts_.count(base) == 0) continue;
        parts_[form] |= kPosIrregular;
        Add(form, WordRelation::kBaseForm, 0, base);
        Add(base, WordRelation::kIrregular, 0, form);
      }
    }
  }

  void Write(const std::string& output) const {
    std::unordered_map<std::string, uint32_t> index;
    std::vector<uint32_t> text_offset, relation_offset, relations, meaning_offset, meanings;
    std::vector<uint8_t> frequency, parts;
    std::string text;
    for (const auto& [word, bits] : parts_) index.emplace(word, static_cast<uint32_t>(index.size()));
    for (const auto& [word, bits] : parts_) {
      text_offset.push_back(static_cast<uint32_t>(text.size()));
      text += word;
      relation_offset.push_back(static_cast<uint32_t>(relations.size()));
      if (const auto found = relations_.find(word); found != relations_.end()) {
        for (const auto& [kind, other] : found->second) {
          if (const auto at = index.find(other); at != index.end()) relations.push_back(kind | at->second);
        }
      }
      meaning_offset.push_back(static_cast<uint32_t>(meanings.size()));
      if (const auto found = meanings_.find(word); found != meanings_.end()) {
        for (const auto& [synset, far] : found->second) meanings.push_back(synset << 8 | far);
      }
      const auto count = counts_.find(word);
      const double occurrences = count == counts_.end() ? 0 : count->second;
      frequency.push_back(static_cast<uint8_t>(std::min(255.0, std::round(16 * std::log2(1 + occurrences)))));
      parts.push_back(bits);
    }
    text_offset.push_back(static_cast<uint32_t>(text.size()));
    relation_offset.push_back(static_cast<uint32_t>(relations.size()));
    meaning_offset.push_back(static_cast<uint32_t>(meanings.size()));
    const WordNetHeader header{kWordNetMagic, static_cast<uint32_t>(parts_.size()),
                               static_cast<uint32_t>(relations.size()),
                               static_cast<uint32_t>(meanings.size()), static_cast<uint32_t>(text.size())};
    std::ofstream file(output, std::ios::binary);
    const auto put = [&file](const void* data, size_t bytes) {
      file.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
    };
    put(&header, sizeof header);
    put(text_offset.data(), text_offset.size() * sizeof(uint32_t));
    put(relation_offset.data(), relation_offset.size() * sizeof(uint32_t));
    put(relations.data(), relations.size() * sizeof(uint32_t));
    put(meaning_offset.data(), meaning_offset.size() * sizeof(uint32_t));
    put(meanings.data(), meanings.size() * sizeof(uint32_t));
    put(frequency.data(), frequency.size());
    put(parts.data(), parts.size());
    put(text.data(), text.size());
    file.close();
    if (!file) Fail("cannot write " + output);
  }

  const std::string directory_;
  std::unordered_map<std::string, Synset> synsets_;
  std::unordered_map<std::string, int> counts_;
  std::map<std::string, uint8_t> parts_;
  std::unordered_map<std::string, std::set<Relation>> relations_;
  std::unordered_map<std::string, std::map<uint32_t, uint32_t>> meanings_;
};

}  // namespace
}  // namespace greenroom::scoring

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: wordnet_generator DIRECTORY OUTPUT\n";
    return 2;
  }
  greenroom::scoring::Generator(argv[1]).Run(argv[2]);
  return 0;
}
