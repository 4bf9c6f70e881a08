#include "services/scoring/domain/fluency.h"

#include <algorithm>

#include "services/scoring/domain/word_order.h"

namespace greenroom::scoring {
namespace {

constexpr int32_t kLongestBareRun = 12;  // words without structure or punctuation that notes still have

// Nats: what two neighbours may fall short of chance, and what a whole sentence may besides. With these one word in a hundred
// of what people wrote (the graded answers, the packs' examples) stands in a sentence that is called disordered, and eight in
// ten of the same words shuffled.
constexpr double kAllowed = 0.3;
constexpr double kTolerance = 1;
constexpr int kFewestPairs = 8;  // below it order is not judged
constexpr int32_t kShortestList = 3;

}  // namespace

Fluency::Fluency(const Reading& reading, bool recited)
    : reading_(reading),
      run_length_(reading.size(), 0),
      disordered_(reading.text().sentences().size(), false),
      unlikely_(disordered_),
      listed_(disordered_.size(), 0) {
  if (!reading.vocabulary().english()) return;
  if (!recited) JudgeOrder();
  MeasureRuns();
  for (int32_t i = 0; i < static_cast<int32_t>(reading.size()); ++i) {
    const size_t sentence = static_cast<size_t>(reading.text().tokens()[static_cast<size_t>(i)].sentence);
    listed_[sentence] += Listed(i) ? 1 : 0;
  }
}

void Fluency::JudgeOrder() {
  const Text& text = reading_.text();
  for (size_t s = 0; s < text.sentences().size(); ++s) {
    double sum = 0;
    int pairs = 0;
    WordKind before = kSentenceEdge;
    int32_t clause = -1;
    const auto count = [&](WordKind first, WordKind second) {
      sum += Follows(first, second);
      ++pairs;
    };
    const auto see = [&](WordKind kind, int32_t in_clause) {
      if (in_clause == clause) {
        if (!IsContent(before) || !IsContent(kind)) count(before, kind);
      } else if (before != kSentenceEdge && !IsContent(before)) {
        count(before, kSentenceEdge);  // a clause may begin as it likes, but few end with "the" or "of"
      }
      before = kind;
      clause = in_clause;
    };
    for (int32_t i = text.sentences()[s].first; i < text.sentences()[s].last; ++i) {
      const size_t at = static_cast<size_t>(i);
      if (reading_.words()[at].filler) continue;
      const WordKinds kinds = KindsOf(text.Fold(at), reading_.words()[at].info, text.tokens()[at].number);
      for (size_t k = 0; k < kinds.count; ++k) see(kinds.kinds[k], text.tokens()[at].clause);
    }
    see(kSentenceEdge, clause);
    unlikely_[s] = sum + kAllowed * pairs < 0;
    disordered_[s] = pairs >= kFewestPairs && sum + kAllowed * pairs < -kTolerance;
  }
}

void Fluency::MeasureRuns() {
  const Text& text = reading_.text();
  const int32_t size = static_cast<int32_t>(reading_.size());
  for (int32_t begin = 0; begin < size;) {
    int32_t end = begin;
    while (end < size && !reading_.words()[static_cast<size_t>(end)].info.IsFunction() &&
           text.tokens()[static_cast<size_t>(end)].clause ==
               text.tokens()[static_cast<size_t>(begin)].clause) {
      ++end;
    }
    for (int32_t i = begin; i < end; ++i) run_length_[static_cast<size_t>(i)] = end - begin;
    begin = std::max(end, begin + 1);
  }
}

bool Fluency::Listed(int32_t token) const {
  const Text& text = reading_.text();
  const Clause& clause =
      text.clauses()[static_cast<size_t>(text.tokens()[static_cast<size_t>(token)].clause)];
  return clause.last - clause.first == 1 && !clause.label;
}

bool Fluency::InList(int32_t token) const {
  const Text& text = reading_.text();
  const size_t sentence = static_cast<size_t>(text.tokens()[static_cast<size_t>(token)].sentence);
  const bool alone = text.sentences()[sentence].last - text.sentences()[sentence].first == 1;
  return Listed(token) && (alone || listed_[sentence] >= kShortestList);
}

bool Fluency::IsStatement(absl::Span<const int32_t> tokens) const {
  const Text& text = reading_.text();
  // A list of single words between commas states nothing.
  int32_t clauses = 0;
  int32_t single = 0;
  int32_t previous = -1;
  for (int32_t token : tokens) {
    if (run_length_[static_cast<size_t>(token)] > kLongestBareRun) return false;
    if (Disordered(text.tokens()[static_cast<size_t>(token)].sentence)) return false;
    const int32_t clause = text.tokens()[static_cast<size_t>(token)].clause;
    if (clause == previous) continue;
    previous = clause;
    ++clauses;
    single += Listed(token) ? 1 : 0;
  }
  return clauses < 2 || single < clauses;
}

}  // namespace greenroom::scoring
