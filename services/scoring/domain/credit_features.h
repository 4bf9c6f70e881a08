// What the credit model is told of a derived point and an answer. Training reads the same numbers, written by the program
// credit_features, so that both cannot drift apart.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_FEATURES_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_FEATURES_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "services/scoring/domain/fluency.h"
#include "services/scoring/domain/reading.h"
#include "services/scoring/domain/rubric.h"

namespace greenroom::scoring {

// How credit may change with a feature: never down, never up, either way.
enum class Direction : int8_t { kUp = 1, kDown = -1, kFree = 0 };

struct CreditFeature {
  absl::string_view name;
  Direction direction;
};

// Shares are of the weights of the point's words and lie in [0, 1]. A word of the question weighs a third ("asked").
// Kinds that are free to go either way tell of the question, never of the answer: its length and density do not transfer
// from short graded answers to interviews.
inline constexpr std::array<CreditFeature, 28> kCreditFeatures = {{
    {"covered", Direction::kUp},              // words in the answer, also as synonyms
    {"covered_exactly", Direction::kUp},      // the same stems only
    {"covered_unasked", Direction::kUp},      // of words that the question has not
    {"covered_count", Direction::kUp},        // all words weighing the same
    {"covered_in_sentence", Direction::kUp},  // in the best sentence
    {"pairs", Direction::kUp},                // neighbouring words of the point close to each other in order
    {"in_order", Direction::kUp},             // the longest run of its words in its order
    {"letters", Direction::kUp},              // groups of four letters of its unasked words
    {"letters_all", Direction::kUp},          // groups of three letters of all its words
    {"numbers", Direction::kUp},              // its numbers
    {"unasked_words", Direction::kUp},        // how many, up to 8
    {"related", Direction::kUp},              // words or anything WordNet relates to them
    {"related_count", Direction::kUp},        // the same, all words weighing the same
    {"stems", Direction::kUp},                // of all its words, also those of structure
    {"stem_pairs", Direction::kUp},           // neighbours among them
    {"question", Direction::kUp},             // content words of the question, not copied in runs
    {"all_covered", Direction::kUp},          // the same of all points of the reference together
    {"all_unasked", Direction::kUp},          //
    {"all_letters", Direction::kUp},          //
    {"contradicted", Direction::kDown},       // words said the other way round
    {"missing", Direction::kDown},            // the heaviest word that is missing
    {"words", Direction::kFree},              // content words of the point, up to 40
    {"asked", Direction::kFree},              // share of its weight that the question has too
    {"rarity", Direction::kFree},             // mean of its words
    {"points", Direction::kFree},             // of the reference, up to 40
    {"question_words", Direction::kFree},     // content words of the question, up to 40
    {"references", Direction::kFree},         // up to 16
    {"negative", Direction::kFree},           // share of its words that are negated
}};

using CreditFeatures = std::array<float, kCreditFeatures.size()>;

// Of one point.
struct PointFeatures {
  CreditFeatures values{};
  bool found = false;                      // something of it is there and it is not contradicted
  bool brief = false;                      // the point is a name or a list of a few: naming it is enough
  bool recited = false;                    // the point's words, all of them, as they stand in it
  bool synonyms = false;                   // a word counted that is not the point's own
  absl::InlinedVector<int32_t, 8> tokens;  // words of the answer that count, in order
};

// By point of a derived rubric. Words that `left_out` marks are not there; null: all are. Linear in the answer for a given
// rubric.
std::vector<PointFeatures> ReadCreditFeatures(const Rubric& rubric, const Reading& reading,
                                              const std::vector<bool>* left_out = nullptr);

// An answer against a derived rubric with more and more of its words left out, so that words without an order and lists of
// names add to a statement but never take from one.
class DerivedFeatures {
 public:
  DerivedFeatures(const Rubric& rubric, const Reading& reading, const Fluency& fluency);

  // With all words.
  const PointFeatures& All(size_t point) const { return all_[point]; }

  // Without sentences whose words stand in no order, or that are nothing but the reference's keywords.
  const PointFeatures& Said(size_t point) const;

  // With what counts in full: without names in lists too. Of a brief point names do, in whatever list.
  const PointFeatures& Stated(size_t point) const;

 private:
  const PointFeatures& Pick(size_t point, size_t level) const;

  std::vector<PointFeatures> all_;
  // Without disorder, without keywords too, without lists too; empty: as the one before.
  std::array<std::vector<PointFeatures>, 3> less_;
};

// Groups of `size` letters of a folded word, its ends marked; calls `visit` with a hash of each.
template <typename Visit>
void ForEachLetterGroup(absl::string_view folded, size_t size, Visit visit) {
  uint64_t window = 0;
  const uint64_t mask = (uint64_t{1} << (8 * size)) - 1;
  size_t seen = 0;
  const auto push = [&](unsigned char c) {
    window = ((window << 8) | c) & mask;
    if (++seen >= size) visit(window << 3 | size);
  };
  push('^');
  for (char c : folded) push(static_cast<unsigned char>(c));
  push('$');
  if (seen < size) visit(window << 3 | size);
}

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_CREDIT_FEATURES_H_
