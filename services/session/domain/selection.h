// Selection: which of the questions that fit are asked, where there are more than are wanted.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_SELECTION_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_SELECTION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace greenroom::session {

// A question that a session could ask, and what is known of it when the session is planned.
struct Askable {
  std::string question;
  std::string topic;         // may be empty, which is a topic of its own
  bool due = false;          // the learner is about to forget it
  double forgetting = 0;     // of a due one: 1 - its predicted recall, 0 to 1
  double information = 0;    // what its answer would tell of the learner's ability; >= 0, more is better
  double exposure = 0;       // the share of recent sessions of all learners that asked it, 0 to 1
  int32_t last_session = 0;  // in which of the learner's sessions it was asked last: 1 the latest; 0 in none
};

struct SelectionRules {
  int32_t count = 0;  // >= 0; at most this many
  int64_t seed = 0;
  // Of the learner's latest so many sessions nothing is repeated, but what is due.
  int32_t no_repeats_from = 2;
  // Of the questions that are not due only those are taken that fewer sessions ask.
  double exposure_cap = 0.5;
};

// The ids of the questions to ask, in the order to ask them: those that are due first, heaviest forgetting first; then, from
// the topic that has the fewest so far, the one that tells most. Ties fall by the seed (SplitMix64 of the seed and the first
// eight bytes of the id's SHA-256, as forms are drawn). Where that leaves too few, the exposure cap falls first, then what
// was asked longest ago is repeated. Deterministic for all time, whatever the order of `askables`, whose ids differ.
std::vector<std::string> SelectQuestions(const std::vector<Askable>& askables, const SelectionRules& rules);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_SELECTION_H_
