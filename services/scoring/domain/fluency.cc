#include "services/scoring/domain/fluency.h"

#include <algorithm>

namespace greenroom::scoring {
namespace {

constexpr int32_t kLongestBareRun = 12;  // words without structure or punctuation that notes still have
constexpr int kFewestPairs = 8;          // below it order is not judged
constexpr double kShuffledShare = 0.14;

// Whether `b` cannot follow `a` in one clause. Sparse on purpose: what may be said stays possible.
bool Impossible(const Word& a, absl::string_view a_text, const Word& b, absl::string_view b_text) {
  const WordClass first = a.info.word_class;
  const WordClass second = b.info.word_class;
  if (first == WordClass::kArticle) {
    // Words of a programming language: "a do", "the while", "an if".
    if (b_text == "do" || b_text == "while" || b_text == "for" || b_text == "if") return false;
    return second == WordClass::kArticle || second == WordClass::kPreposition ||
           second == WordClass::kConjunction || second == WordClass::kAuxiliary ||
           second == WordClass::kPronoun || second == WordClass::kNegation ||
           (second == WordClass::kDeterminer && b_text != "same" && b_text != "other" && b_text != "more" &&
            b_text != "most" && b_text != "few" && b_text != "many" && b_text != "such" && b_text != "own" &&
            b_text != "less" && b_text != "much" && b_text != "fewer");
  }
  if (a_text == "of" || a_text == "from" || a_text == "with" || a_text == "at" || a_text == "into") {
    return second == WordClass::kAuxiliary || second == WordClass::kConjunction
               ? b_text != "which" && b_text != "whom" && b_text != "when" && b_text != "how" &&
                     b_text != "being" && b_text != "having" && b_text != "where" && b_text != "whether" &&
                     b_text != "why"
               : (second == WordClass::kPreposition && b_text != "within" && b_text != "about" &&
                  b_text != "under" && b_text != "over" && b_text != "between" && b_text != "before" &&
                  b_text != "after" && b_text != "out");
  }
  if (a_text == "i" || a_text == "we" || a_text == "they" || a_text == "he" || a_text == "she") {
    return second == WordClass::kArticle || second == WordClass::kPreposition ||
           second == WordClass::kDeterminer || second == WordClass::kPronoun;
  }
  if (a_text == "its" || a_text == "their" || a_text == "my" || a_text == "our" || a_text == "your" ||
      a_text == "every") {
    return second == WordClass::kArticle || second == WordClass::kPreposition ||
           second == WordClass::kAuxiliary || second == WordClass::kPronoun ||
           second == WordClass::kConjunction || second == WordClass::kDeterminer;
  }
  if (a_text == "would" || a_text == "can" || a_text == "could" || a_text == "should" || a_text == "must" ||
      a_text == "will") {
    return second == WordClass::kArticle || second == WordClass::kPreposition ||
           second == WordClass::kConjunction;
  }
  if (a_text == "and" || a_text == "or" || a_text == "but") {
    return b_text == "and" || b_text == "or" || b_text == "of";
  }
  if (first == WordClass::kAuxiliary && second == WordClass::kAuxiliary) {
    return !(b_text == "be" || b_text == "been" || b_text == "being" || b_text == "have" || b_text == "had" ||
             b_text == "done" || b_text == "doing" || b_text == "having" || b_text == "has");
  }
  return false;
}

// Words that end no clause.
bool NeverLast(const Word& word, absl::string_view text) {
  return word.info.word_class == WordClass::kArticle || text == "of" || text == "and" || text == "or" ||
         text == "its" || text == "their" || text == "my" || text == "our" || text == "because" ||
         text == "from" || text == "into" || text == "than" || text == "every" || text == "whether";
}

}  // namespace

Fluency::Fluency(const Reading& reading) : reading_(reading), run_length_(reading.size(), 0) {
  if (!reading.vocabulary().english()) return;
  const Text& text = reading.text();
  const int32_t size = static_cast<int32_t>(reading.size());
  int pairs = 0;
  int impossible = 0;
  for (int32_t i = 0; i < size; ++i) {
    const size_t at = static_cast<size_t>(i);
    const Word& word = reading.words()[at];
    const bool last_of_sentence = i + 1 == size || !reading.SameSentence(i, i + 1);
    const bool last_of_clause = last_of_sentence || text.tokens()[at].clause != text.tokens()[at + 1].clause;
    if (!word.info.IsFunction()) continue;
    ++pairs;
    if (last_of_clause) {
      impossible += last_of_sentence && NeverLast(word, text.Fold(at)) ? 1 : 0;
    } else {
      impossible += Impossible(word, text.Fold(at), reading.words()[at + 1], text.Fold(at + 1)) ? 1 : 0;
    }
  }
  disorder_ = pairs == 0 ? 0 : static_cast<double>(impossible) / pairs;
  shuffled_ = pairs >= kFewestPairs && disorder_ > kShuffledShare;
  for (int32_t begin = 0; begin < size;) {
    int32_t end = begin;
    while (end < size && !reading.words()[static_cast<size_t>(end)].info.IsFunction() &&
           text.tokens()[static_cast<size_t>(end)].clause ==
               text.tokens()[static_cast<size_t>(begin)].clause) {
      ++end;
    }
    for (int32_t i = begin; i < end; ++i) run_length_[static_cast<size_t>(i)] = end - begin;
    begin = std::max(end, begin + 1);
  }
}

bool Fluency::IsStatement(absl::Span<const int32_t> tokens) const {
  if (shuffled_) return false;
  const Text& text = reading_.text();
  // A list of single words between commas states nothing.
  int32_t clauses = 0;
  int32_t single = 0;
  int32_t previous = -1;
  for (int32_t token : tokens) {
    if (run_length_[static_cast<size_t>(token)] > kLongestBareRun) return false;
    const int32_t clause = text.tokens()[static_cast<size_t>(token)].clause;
    if (clause == previous) continue;
    previous = clause;
    const Clause& bounds = text.clauses()[static_cast<size_t>(clause)];
    ++clauses;
    single += bounds.last - bounds.first == 1 && !bounds.label ? 1 : 0;
  }
  return clauses < 2 || single < clauses;
}

}  // namespace greenroom::scoring
