// What changed of a session between two places of the learner's log, as the learner may see it; and what that may have
// moved of their memory.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_SYNC_CHANGES_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_SYNC_CHANGES_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "greenroom/session/v1/sync.pb.h"
#include "services/session/domain/event.h"

namespace greenroom::session {

// From what the learner could see at `from` to what they can at `to`, of a session whose `events` (at least those with
// seq <= to, in any order) hold one behind `from`: the session, and each answer that is new or not as it was. An answer that
// is in the log and does not count, or does so no more, has the attempt 0. Nothing while the session's creation has not
// arrived. A pure function of the log: it is the same for all time.
std::vector<v1::LearnerChange> ChangesOf(const SessionKey& key, const std::vector<Event>& events,
                                         int64_t from, int64_t to);

// Questions of a pack.
struct TouchedQuestions {
  std::string pack;                 // its full name; says nothing where there are no questions
  bool examined = false;            // in an exam
  std::set<std::string> questions;  // ids
};

// The questions of that session whose reviews (memory/reviews.h) something behind `from`, up to `to`, may have made, changed
// or undone. That is more than those that differ, as a device may have been told of one between the two, or behind them:
// what names a question touches it, what names none touches all; but only one that was answered, revealed or, in mode
// review, skipped can have a review. None of an exam whose grades are not released. A pure function of the log.
TouchedQuestions QuestionsTouched(const std::vector<Event>& events, int64_t from, int64_t to);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_SYNC_CHANGES_H_
