// Answers made from other answers to see whether a grader can be gamed, and whether it is fair to honest forms. For tests
// and benchmarks only.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_PROBE_ANSWERS_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_PROBE_ANSWERS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::scoring {

// A probe's name and its text.
using Probe = std::pair<std::string, std::string>;

// What is said turned into its opposite: "it is not true that" before the whole and before each sentence, "not" after
// each auxiliary.
std::vector<Probe> NegatedForms(absl::string_view answer);

// The words in another order, with and without punctuation; the same order for the same seed.
std::vector<Probe> ShuffledForms(absl::string_view answer, uint32_t seed);

// The content words of the question's statement points, with spaces and with commas.
std::vector<Probe> KeywordForms(const content::v1::Question& question);

// The answer with the `about` words of two points exchanged, one form for each pair of different `about` lists.
std::vector<Probe> SwappedForms(const content::v1::Question& question, absl::string_view answer);

// The same content as people say, type and wrap it: bullets, terse bullets, dictation, fillers, hard-wrapped lines,
// dropped articles, American spelling, typing mistakes.
std::vector<Probe> HonestForms(absl::string_view answer);

// Sentences that ask the grader for something.
std::vector<std::string> Instructions();

// Ways to say that one does not know.
std::vector<std::string> Unknowing();

// Text that answers no interview question.
std::vector<std::string> UnrelatedTexts();

// The questions of a pack as content serves them: language and tips filled in.
std::vector<content::v1::Question> FullQuestions(const content::v1::PackContent& pack);

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_PROBE_ANSWERS_H_
