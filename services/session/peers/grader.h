// Grader: the port to how good an answer is.
#ifndef GREENROOM_SERVICES_SESSION_PEERS_GRADER_H_
#define GREENROOM_SERVICES_SESSION_PEERS_GRADER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "greenroom/scoring/v1/report.pb.h"
#include "greenroom/scoring/v1/scoring_service.pb.h"
#include "greenroom/session/v1/event.pb.h"
#include "services/base/rpc_client.h"
#include "services/base/task.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

// Answers to the question that people graded.
using GradedAnswers = absl::Span<const scoring::v1::GradedAnswer>;

// Thread-safe. Grading changes nothing and may be repeated.
class Grader {
 public:
  virtual ~Grader() = default;

  // The whole report of `answer` against the revision's question (full name), by call.deadline, its credits corrected by
  // `graded` (at most 10, none: not at all), which must live until the Task has ended. Errors: those for which
  // OwnFailure has a word will not go away by asking again; all others (UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED,
  // INTERNAL ...) say that the grader is late or down.
  virtual Task<absl::StatusOr<scoring::v1::Report>> Grade(LearnerKey learner, std::string question,
                                                          std::string answer, GradedAnswers graded,
                                                          OutgoingCall call) = 0;
};

// Why this answer cannot be graded whenever it is asked, an ErrorReason without its prefix; empty for other failures.
std::string OwnFailure(const absl::Status& status);

// The initial grade of an answer as an event's payload, from a report or from a failure of its own.
v1::EventPayload InitialGrade(const std::string& answer, const std::string& question,
                              absl::StatusOr<scoring::v1::Report> graded);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PEERS_GRADER_H_
