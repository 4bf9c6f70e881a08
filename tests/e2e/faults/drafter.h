// Drafter: a learner whose drafts tell when the services write to Redis again.
#ifndef GREENROOM_TESTS_E2E_FAULTS_DRAFTER_H_
#define GREENROOM_TESTS_E2E_FAULTS_DRAFTER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/e2e/faults/fault.h"

namespace greenroom::e2e {

// How long after Redis has lost a primary the services may take to write there again, with another one promoted
// meanwhile: reliability.md's R1.
constexpr absl::Duration kResume = absl::Seconds(5 * kSlowBuild);

// Drafts are in Redis alone: when one can be kept, the services write there.
class Drafter {
 public:
  // At any session replica, or at those that `target` names.
  static absl::StatusOr<Drafter> Begin(FaultSite& site, const std::string& target = "");

  // Tries until a draft is kept, for kResume at most.
  absl::Status WaitUntilKept();

  // Of the keys that its drafts are in, where Redis is a cluster.
  absl::StatusOr<int> Slot(RedisCluster& cluster, size_t asked) const;

 private:
  explicit Drafter(std::unique_ptr<Learner> learner) : learner_(std::move(learner)) {}

  std::unique_ptr<Learner> learner_;
};

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_FAULTS_DRAFTER_H_
