// Everything that is remembered of a learner, folded from the whole log. What indexes keep is this, piece by piece.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_LEARNER_MEMORY_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_LEARNER_MEMORY_H_

#include <map>
#include <string>
#include <vector>

#include "services/session/domain/event.h"
#include "services/session/domain/keys.h"
#include "services/session/memory/memory_item.h"
#include "services/session/memory/reviews.h"
#include "services/session/memory/settings.h"

namespace greenroom::session {

struct LearnerMemory {
  SettingsTimeline settings;
  std::vector<Review> reviews;  // by ReviewedBefore
  std::map<ItemKey, ItemFold> items;
};

// `events` are all of the learner's log, in any order, duplicates allowed. A pure function of the set of events.
LearnerMemory FoldLearner(const LearnerKey& learner, std::vector<Event> events);

// SHA-256, in hex, of the settings as they stand, the reviews and the items: what two copies of it are compared by.
std::string MemoryHash(const LearnerMemory& memory);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_LEARNER_MEMORY_H_
