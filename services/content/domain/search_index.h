// Finding questions by their words.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_SEARCH_INDEX_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_SEARCH_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "greenroom/content/v1/content_service.pb.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// The words of one pack's questions: those of prompts, variants, topics, tags and the tips that go with a question, and
// nothing else. Questions that are only follow-ups are not in it. Immutable, so it may be read by many threads.
class PackIndex {
 public:
  explicit PackIndex(const v1::PackContent& pack);

  // The pack's id, which ties in a search are broken by.
  const std::string& pack() const { return pack_; }
  // What it takes in memory, about.
  size_t bytes() const { return bytes_; }

 private:
  friend class QuestionSearch;

  static constexpr size_t kFields = 6;  // values of v1::SearchField

  struct Posting {
    int question = 0;  // index in `questions_`
    v1::SearchField field = v1::SEARCH_FIELD_UNSPECIFIED;
    int count = 0;
  };
  struct Word {
    std::string text;
    std::vector<Posting> postings;  // by question, then field
  };
  struct Question {
    std::string id;
    int index = 0;  // in the pack
    std::array<int, kFields> lengths = {};
  };

  std::string pack_;
  std::string language_;
  std::vector<Question> questions_;
  std::array<int64_t, kFields> total_lengths_ = {};
  std::vector<Word> words_;                                     // by text
  std::unordered_map<std::string, std::vector<size_t>> stems_;  // indexes of `words_`, ascending
  size_t bytes_ = 0;
};

// A question that has every word of a query.
struct SearchHit {
  size_t index = 0;  // of the PackIndex, in the span that was searched
  int question = 0;  // its place in the pack
  std::string name;  // pack/question: the order of equally good ones
  double score = 0;  // above 0
  std::vector<v1::TermMatch> matches;
};

// The questions of `indexes` (no two of one pack) that have every word of `query`, the best first, equally good ones by
// pack and id as they stand in names. The last word of the query also stands for those that begin with it, which then
// count half. Empty where the query has no word. The order depends on the set of indexes only.
//
// The score is BM25F: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section
// 3.6, with k1 = 1.2, b = 0.75 and the inverse document frequency log(1 + (N - n + 0.5) / (n + 0.5)), which is positive
// for words of more than half of the questions too. N, n and mean lengths are those of the questions searched.
std::vector<SearchHit> SearchPacks(absl::Span<const PackIndex* const> indexes, absl::string_view query);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_SEARCH_INDEX_H_
