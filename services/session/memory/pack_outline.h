// What progress and schedules need to know of a pack: its topics with their weights, its questions with their minutes.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_PACK_OUTLINE_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_PACK_OUTLINE_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::session {

// For a question whose author gave no minutes, or which the current revision does not hold any more.
inline constexpr int kDefaultMinutes = 5;

struct OutlineTopic {
  std::string id;  // empty: the questions without a topic
  std::string title;
  double weight = 1;  // its share in readiness
};

struct OutlineQuestion {
  std::string id;
  size_t topic = 0;  // index into PackOutline::topics
  int minutes = kDefaultMinutes;
  int difficulty = 3;  // 1 to 5
};

struct PackOutline {
  std::string pack;                        // tenants/{tenant}/packs/{pack}
  std::vector<OutlineTopic> topics;        // those that have a question, in the author's order
  std::vector<OutlineQuestion> questions;  // in the author's order, without those that are only follow-ups
  std::map<std::string, size_t> by_id;     // index into `questions`

  // nullptr where it is not there.
  const OutlineQuestion* Find(absl::string_view question) const;
  // The weight of its topic; 1 where it is not there.
  double WeightOf(absl::string_view question) const;
  int MinutesOf(absl::string_view question) const;
};

// `topics` are the pack's; a question's topic that is not among them gets one of weight 1 of its own.
PackOutline OutlineOf(std::string pack, const std::vector<content::v1::Topic>& topics,
                      const std::vector<content::v1::Question>& questions);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_PACK_OUTLINE_H_
