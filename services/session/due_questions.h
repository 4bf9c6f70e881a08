// DueQuestions: the port to what a learner is about to forget.
#ifndef GREENROOM_SERVICES_SESSION_DUE_QUESTIONS_H_
#define GREENROOM_SERVICES_SESSION_DUE_QUESTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/task.h"
#include "services/session/domain/keys.h"
#include "services/session/memory/pack_outline.h"

namespace greenroom::session {

// Thread-safe.
class DueQuestions {
 public:
  virtual ~DueQuestions() = default;

  // The ids of at most `count` (>= 1) questions of the pack that are due at `now`, those first that should come first: as
  // ListDueQuestions of ProgressService gives them. Empty where none is.
  // Errors: as EventLog's reads.
  virtual Task<absl::StatusOr<std::vector<std::string>>> ListDue(LearnerKey learner, PackOutline pack,
                                                                 absl::Time now, int32_t count,
                                                                 absl::Time deadline) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DUE_QUESTIONS_H_
