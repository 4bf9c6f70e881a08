// PackGrader: the port to grading a pack's own answers.
#ifndef GREENROOM_SERVICES_CONTENT_GRADER_H_
#define GREENROOM_SERVICES_CONTENT_GRADER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "greenroom/scoring/v1/report.pb.h"
#include "services/base/caller.h"
#include "services/base/rpc_client.h"
#include "services/base/task.h"
#include "services/content/domain/check.h"

namespace greenroom::content {

// What came of grading a plan.
struct Grading {
  // Of the plan's tasks, in their order; empty where a question was rejected.
  std::vector<scoring::v1::Report> reports;
  // The pack's question that the grader will not grade, and why. -1: none.
  int rejected_question = -1;
  std::string rejection;
};

// Thread-safe.
class PackGrader {
 public:
  virtual ~PackGrader() = default;

  // Grades every task. All or nothing: the first failure ends it. Ends by `call`'s deadline. `caller` and `plan` are
  // borrowed until the Task has ended. UNAVAILABLE or DEADLINE_EXCEEDED: the grader is out of reach.
  virtual Task<absl::StatusOr<Grading>> Grade(const Caller& caller, const CheckPlan& plan,
                                              OutgoingCall call) = 0;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_GRADER_H_
