// Build step: counts which kinds of words are neighbours in the definitions and examples of WordNet's data files (package
// wordnet-base, format of wndb(5WN)) and writes the table of word_order.h.
//   word_order_generator DIRECTORY OUTPUT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "services/scoring/domain/word_order.h"

namespace greenroom::scoring {
namespace {

constexpr size_t kShortest = 3;   // words of a piece that is counted
constexpr double kSmoothing = 1;  // neighbours that are added to what is there and to what chance has

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Lower-case words and numbers; an apostrophe within a word belongs to it.
std::vector<std::string> Words(const std::string& text) {
  std::vector<std::string> words;
  bool open = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool inside = open && c == '\'' && i + 1 < text.size() && IsLetter(text[i + 1]);
    if (!IsLetter(c) && !IsDigit(c) && !inside) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    words.back() += c;
  }
  return words;
}

// A gloss holds definitions and quoted examples with semicolons between them, and remarks in brackets.
std::vector<std::string> Pieces(const std::string& gloss) {
  std::vector<std::string> pieces(1);
  int depth = 0;
  for (char c : gloss) {
    if (c == '(') ++depth;
    if (depth == 0) {
      if (c == ';' || c == '"')
        pieces.emplace_back();
      else
        pieces.back() += c;
    }
    if (c == ')' && depth > 0) --depth;
    if (c == ')') pieces.back() += ' ';
  }
  return pieces;
}

class Counter {
 public:
  void Add(const std::vector<std::string>& words) {
    WordKind before = kSentenceEdge;
    for (const std::string& word : words) {
      const WordKinds kinds = KindsOf(word, LookUpWord(word), IsDigit(word[0]));
      for (size_t i = 0; i < kinds.count; ++i) {
        Add(before, kinds.kinds[i]);
        before = kinds.kinds[i];
      }
    }
    Add(before, kSentenceEdge);
  }

  bool Write(const std::string& path) const {
    std::vector<char> table;
    for (size_t a = 0; a < kWordKinds; ++a) {
      for (size_t b = 0; b < kWordKinds; ++b) {
        const double chance = first_[a] * second_[b] / std::max(1.0, all_);
        const double nats = std::log((both_[a][b] + kSmoothing) / (chance + kSmoothing));
        table.push_back(
            static_cast<char>(std::lround(std::clamp(nats, -kOrderMost, kOrderMost) / kOrderUnit)));
      }
    }
    std::ofstream file(path, std::ios::binary);
    file.write(table.data(), static_cast<std::streamsize>(table.size()));
    file.close();
    return static_cast<bool>(file);
  }

 private:
  void Add(WordKind a, WordKind b) {
    ++both_[a][b];
    ++first_[a];
    ++second_[b];
    ++all_;
  }

  std::array<std::array<double, kWordKinds>, kWordKinds> both_{};
  std::array<double, kWordKinds> first_{};
  std::array<double, kWordKinds> second_{};
  double all_ = 0;
};

int Run(const std::string& directory, const std::string& output) {
  Counter counter;
  for (const char* part : {"noun", "verb", "adj", "adv"}) {
    std::ifstream file(directory + "/data." + part);
    if (!file) {
      std::cerr << "word_order_generator: cannot read " << directory << "/data." << part
                << " (package wordnet-base)\n";
      return 1;
    }
    std::string line;
    while (std::getline(file, line)) {
      const size_t bar = line.find('|');
      if (line.empty() || line[0] == ' ' || bar == std::string::npos) continue;  // the licence
      for (const std::string& piece : Pieces(line.substr(bar + 1))) {
        const std::vector<std::string> words = Words(piece);
        if (words.size() >= kShortest) counter.Add(words);
      }
    }
  }
  if (counter.Write(output)) return 0;
  std::cerr << "word_order_generator: cannot write " << output << "\n";
  return 1;
}

}  // namespace
}  // namespace greenroom::scoring

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: word_order_generator DIRECTORY OUTPUT\n";
    return 2;
  }
  return greenroom::scoring::Run(argv[1], argv[2]);
}
