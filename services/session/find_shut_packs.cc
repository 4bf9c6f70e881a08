#include "services/session/find_shut_packs.h"

#include <utility>
#include <vector>

#include "services/session/errors.h"

namespace greenroom::session {

Task<absl::StatusOr<ShutPacks>> FindShutPacks(AssignmentStore& assignments, Target target,
                                              absl::Time deadline) {
  if (target.reader == Reader::kStaff) co_return ShutPacks();
  absl::StatusOr<std::vector<OpenExam>> exams =
      co_await assignments.ListOpenExams(target.session.learner, deadline);
  if (!exams.ok()) co_return error::OfLog(exams.status());
  co_return ShutPacks(*std::move(exams));
}

}  // namespace greenroom::session
