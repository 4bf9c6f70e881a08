// FakeCatalogue: a catalogue of packs that a test puts into it.
#ifndef GREENROOM_SERVICES_SESSION_PEERS_FAKE_CATALOGUE_H_
#define GREENROOM_SERVICES_SESSION_PEERS_FAKE_CATALOGUE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/errors.h"
#include "services/session/fakes/fault_gate.h"
#include "services/session/peers/catalogue.h"

namespace greenroom::session {

// Thread-safe. Operations of the gate: "GetRevision", "GetPack".
class FakeCatalogue final : public Catalogue {
 public:
  FaultGate& gate() { return gate_; }

  // Publishes a revision of `pack` (full names) and makes it current.
  void Publish(const std::string& pack, RevisionContent content,
               content::v1::Visibility visibility = content::v1::VISIBILITY_PRACTICE,
               std::vector<content::v1::Topic> topics = {},
               content::v1::OfflinePolicy offline = content::v1::OFFLINE_POLICY_NONE) {
    absl::MutexLock lock(&mutex_);
    packs_[pack] = PackSummary{content.name, visibility, std::move(topics), offline};
    auto revision = std::make_shared<const RevisionContent>(std::move(content));
    revisions_[revision->name] = revision;
  }

  Task<absl::StatusOr<std::shared_ptr<const RevisionContent>>> GetRevision(LearnerKey /*learner*/,
                                                                           std::string revision,
                                                                           OutgoingCall call) override {
    absl::Status passed = co_await gate_.Pass("GetRevision", call.deadline);
    if (!passed.ok()) co_return error::OfPeer(passed, "the catalogue");
    absl::MutexLock lock(&mutex_);
    const auto found = revisions_.find(revision);
    if (found == revisions_.end()) co_return error::RevisionNotFound(revision);
    co_return found->second;
  }

  Task<absl::StatusOr<PackSummary>> GetPack(LearnerKey /*learner*/, std::string pack, Freshness /*freshness*/,
                                            OutgoingCall call) override {
    absl::Status passed = co_await gate_.Pass("GetPack", call.deadline);
    if (!passed.ok()) co_return error::OfPeer(passed, "the catalogue");
    absl::MutexLock lock(&mutex_);
    const auto found = packs_.find(pack);
    if (found == packs_.end()) co_return error::PackNotFound(pack);
    co_return found->second;
  }

 private:
  FaultGate gate_;
  absl::Mutex mutex_;
  std::map<std::string, PackSummary> packs_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<const RevisionContent>> revisions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PEERS_FAKE_CATALOGUE_H_
