// Catalogue: the port to what is asked. Revisions are immutable; which one is current changes.
#ifndef GREENROOM_SERVICES_SESSION_PEERS_CATALOGUE_H_
#define GREENROOM_SERVICES_SESSION_PEERS_CATALOGUE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"
#include "services/base/rpc_client.h"
#include "services/base/task.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

// A revision with all its questions, FULL, in the author's order; follow-ups included.
struct RevisionContent {
  std::string name;
  std::vector<content::v1::Question> questions;

  // nullptr where the revision has no such question.
  const content::v1::Question* Find(absl::string_view id) const {
    for (const content::v1::Question& question : questions) {
      if (question.id() == id) return &question;
    }
    return nullptr;
  }
};

struct PackSummary {
  std::string current_revision;  // full name; never empty
  content::v1::Visibility visibility = content::v1::VISIBILITY_PRACTICE;
  std::vector<content::v1::Topic> topics;  // in the author's order
  // FULL: learners who may practise it may have its answers on their devices.
  content::v1::OfflinePolicy offline = content::v1::OFFLINE_POLICY_NONE;
};

enum class Freshness {
  kCurrent,     // as the catalogue has it now
  kMayBeStale,  // up to a minute old; older where the catalogue cannot be reached
};

// Thread-safe. `learner` is whom the call is for; names are full names of the learner's tenant. Ends by call.deadline.
// Errors: NOT_FOUND with reason PACK_NOT_FOUND or REVISION_NOT_FOUND; UNAVAILABLE with DEPENDENCY_UNAVAILABLE for
// everything else that is not CANCELLED.
class Catalogue {
 public:
  virtual ~Catalogue() = default;

  virtual Task<absl::StatusOr<std::shared_ptr<const RevisionContent>>> GetRevision(LearnerKey learner,
                                                                                   std::string revision,
                                                                                   OutgoingCall call) = 0;

  // PACK_NOT_FOUND also for a pack of which nothing is published.
  virtual Task<absl::StatusOr<PackSummary>> GetPack(LearnerKey learner, std::string pack, Freshness freshness,
                                                    OutgoingCall call) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PEERS_CATALOGUE_H_
