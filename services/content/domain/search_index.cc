#include "services/content/domain/search_index.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/content/domain/question_view.h"
#include "services/content/domain/search_words.h"

namespace greenroom::content {
namespace {

constexpr double kSaturation = 1.2;    // k1
constexpr double kLengthShare = 0.75;  // b
constexpr double kPrefixShare = 0.5;
constexpr size_t kToldWords = 8;

double FieldWeight(v1::SearchField field) {
  switch (field) {
    case v1::SEARCH_FIELD_PROMPT:
      return 4;
    case v1::SEARCH_FIELD_TOPIC:
    case v1::SEARCH_FIELD_TAG:
      return 3;
    case v1::SEARCH_FIELD_VARIANT:
      return 2;
    default:
      return 1;
  }
}

// Where lengths of a field are counted.
size_t Slot(v1::SearchField field) { return static_cast<size_t>(field); }

struct FieldText {
  v1::SearchField field;
  std::string text;
};

// All that may be searched of a question.
std::vector<FieldText> SearchedTexts(const v1::PackContent& pack, const v1::Question& question) {
  const v1::Question basic = BasicQuestion(FullQuestion(pack, question));
  std::vector<FieldText> texts = {{v1::SEARCH_FIELD_PROMPT, basic.prompt()}};
  for (const std::string& variant : basic.variants()) texts.push_back({v1::SEARCH_FIELD_VARIANT, variant});
  if (!basic.topic().empty()) texts.push_back({v1::SEARCH_FIELD_TOPIC, basic.topic()});
  for (const v1::Topic& topic : pack.topics()) {
    if (topic.id() == basic.topic()) texts.push_back({v1::SEARCH_FIELD_TOPIC, topic.title()});
  }
  for (const std::string& tag : basic.tags()) texts.push_back({v1::SEARCH_FIELD_TAG, tag});
  for (const v1::Tip& tip : basic.tips()) texts.push_back({v1::SEARCH_FIELD_TIP, tip.text()});
  return texts;
}

// A word of a query.
struct Term {
  std::string text;
  bool last = false;
};

std::vector<Term> TermsOf(absl::string_view query) {
  std::vector<Term> terms;
  for (std::string& word : SearchWords(query)) {
    for (Term& term : terms) term.last = false;
    auto known = std::find_if(terms.begin(), terms.end(), [&](const Term& t) { return t.text == word; });
    if (known == terms.end()) known = terms.insert(terms.end(), {std::move(word), false});
    known->last = true;
  }
  return terms;
}

}  // namespace

PackIndex::PackIndex(const v1::PackContent& pack) : pack_(pack.pack()), language_(pack.language()) {
  std::map<std::string, std::map<std::pair<int, v1::SearchField>, int>> counts;
  for (int i = 0; i < pack.questions_size(); ++i) {
    if (pack.questions(i).follow_up_only()) continue;
    const int number = static_cast<int>(questions_.size());
    Question& question = questions_.emplace_back();
    question.id = pack.questions(i).id();
    question.index = i;
    for (const FieldText& text : SearchedTexts(pack, pack.questions(i))) {
      for (const std::string& word : SearchWords(text.text)) {
        ++counts[word][{number, text.field}];
        ++question.lengths[Slot(text.field)];
        ++total_lengths_[Slot(text.field)];
      }
    }
    bytes_ += sizeof(Question) + question.id.size();
  }
  const SearchStemmer stemmer(language_);
  for (const auto& [text, places] : counts) {
    stems_[stemmer.Stem(text)].push_back(words_.size());
    Word& word = words_.emplace_back();
    word.text = text;
    for (const auto& [place, count] : places) word.postings.push_back({place.first, place.second, count});
    bytes_ += 3 * sizeof(Word) + 2 * text.size() + places.size() * sizeof(Posting);
  }
}

// One search. What it finds is kept per index and question.
class QuestionSearch {
 public:
  explicit QuestionSearch(absl::Span<const PackIndex* const> indexes) : indexes_(indexes) {
    for (const PackIndex* index : indexes) {
      questions_ += static_cast<int64_t>(index->questions_.size());
      for (size_t field = 0; field < PackIndex::kFields; ++field)
        total_lengths_[field] += index->total_lengths_[field];
    }
  }

  // Keeps of the questions found so far those that have `term` too.
  void Require(const Term& term) {
    std::vector<Found> matching;
    for (size_t i = 0; i < indexes_.size(); ++i) Match(i, term, matching);
    const double n = static_cast<double>(matching.size());
    const double rarity = std::log(1 + (static_cast<double>(questions_) - n + 0.5) / (n + 0.5));
    std::map<Key, SearchHit> kept;
    for (Found& found : matching) {
      auto hit = hits_.find(found.key);
      if (!first_ && hit == hits_.end()) continue;
      SearchHit& keep = kept[found.key];
      if (!first_) keep = std::move(hit->second);
      keep.score += rarity * found.frequency / (kSaturation + found.frequency);
      keep.matches.push_back(std::move(found.match));
    }
    hits_ = std::move(kept);
    first_ = false;
  }

  std::vector<SearchHit> Ranked() {
    std::vector<SearchHit> ranked;
    for (auto& [key, hit] : hits_) {
      const PackIndex& index = *indexes_[key.first];
      const PackIndex::Question& question = index.questions_[static_cast<size_t>(key.second)];
      hit.index = key.first;
      hit.question = question.index;
      hit.name = absl::StrCat(index.pack_, "/", question.id);
      ranked.push_back(std::move(hit));
    }
    std::sort(ranked.begin(), ranked.end(), [](const SearchHit& a, const SearchHit& b) {
      return a.score != b.score ? a.score > b.score : a.name < b.name;
    });
    return ranked;
  }

 private:
  using Key = std::pair<size_t, int>;  // index, question in it
  struct Found {
    Key key;
    double frequency = 0;  // weighed and normalised over the fields
    v1::TermMatch match;
  };
  struct Gathered {
    double frequency = 0;
    std::set<v1::SearchField> fields;
    std::set<std::string> words;
  };

  // The words of an index that a term stands for, each with its share.
  static std::map<size_t, double> WordsFor(const PackIndex& index, const Term& term) {
    std::map<size_t, double> words;
    if (term.last) {
      auto word =
          std::lower_bound(index.words_.begin(), index.words_.end(), term.text,
                           [](const PackIndex::Word& a, const std::string& text) { return a.text < text; });
      for (; word != index.words_.end() && absl::StartsWith(word->text, term.text); ++word)
        words[static_cast<size_t>(word - index.words_.begin())] = kPrefixShare;
    }
    auto stem = index.stems_.find(SearchStemmer(index.language_).Stem(term.text));
    if (stem != index.stems_.end()) {
      for (size_t word : stem->second) words[word] = 1;
    }
    return words;
  }

  void Match(size_t number, const Term& term, std::vector<Found>& matching) const {
    const PackIndex& index = *indexes_[number];
    std::map<int, Gathered> gathered;
    for (const auto& [word, share] : WordsFor(index, term)) {
      for (const PackIndex::Posting& posting : index.words_[word].postings) {
        Gathered& at = gathered[posting.question];
        at.frequency += share * FieldWeight(posting.field) * posting.count / LengthNorm(index, posting);
        at.fields.insert(posting.field);
        at.words.insert(index.words_[word].text);
      }
    }
    for (const auto& [question, at] : gathered) {
      Found& found = matching.emplace_back();
      found.key = {number, question};
      found.frequency = at.frequency;
      found.match.set_term(term.text);
      for (v1::SearchField field : at.fields) found.match.add_fields(field);
      for (const std::string& text : at.words) {
        if (static_cast<size_t>(found.match.words_size()) < kToldWords) found.match.add_words(text);
      }
    }
  }

  // 1 for a field of mean length; the field has a word, so the mean is above 0.
  double LengthNorm(const PackIndex& index, const PackIndex::Posting& posting) const {
    const double mean =
        static_cast<double>(total_lengths_[Slot(posting.field)]) / static_cast<double>(questions_);
    const int length = index.questions_[static_cast<size_t>(posting.question)].lengths[Slot(posting.field)];
    return 1 - kLengthShare + kLengthShare * length / mean;
  }

  const absl::Span<const PackIndex* const> indexes_;
  int64_t questions_ = 0;
  std::array<int64_t, PackIndex::kFields> total_lengths_ = {};
  bool first_ = true;
  std::map<Key, SearchHit> hits_;
};

std::vector<SearchHit> SearchPacks(absl::Span<const PackIndex* const> indexes, absl::string_view query) {
  QuestionSearch search(indexes);
  for (const Term& term : TermsOf(query)) search.Require(term);
  return search.Ranked();
}

}  // namespace greenroom::content
