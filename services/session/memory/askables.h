// What selection goes by (domain/selection.h), from what is known of a learner when a session is planned. Pure.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_ASKABLES_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_ASKABLES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/session/domain/keys.h"
#include "services/session/domain/selection.h"
#include "services/session/memory/memory_item.h"
#include "services/session/memory/pack_outline.h"
#include "services/session/memory/reviews.h"
#include "services/session/memory/settings.h"

namespace greenroom::session {

// A session as it was created.
struct AskedSession {
  std::string session;  // its id
  std::vector<std::string> questions;
};

// All of it is one learner's and about one pack, unless it says otherwise; where nothing is known it is empty.
struct SelectionKnowledge {
  Settings settings;                   // as they stand
  std::vector<MemoryItem> items;       // of whichever packs, in no order
  std::vector<Review> reviews;         // of whichever packs, in no order
  std::vector<AskedSession> sessions;  // the latest ones, latest first
  std::map<std::string, double>
      exposure;  // by question: the share of recent sessions of all learners that asked it
};

// Of each of `fitting`, which are questions of the outline, in their order:
//   due           its day has come (schedule.h: by forgetting, or since the goal is near); the daily minutes bound no session
//   forgetting    1 - its predicted recall at `now`, 1 of what has not been reviewed
//   information   InformationOf the learner's ability in the pack, by the reviews (ability.h)
//   last_session  the first of `sessions` that asked it, or that has a review of it: follow-ups join a plan later
std::vector<Askable> AskablesOf(const LearnerKey& learner, const PackOutline& outline,
                                const std::vector<std::string>& fitting, const SelectionKnowledge& known,
                                absl::Time now);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_ASKABLES_H_
