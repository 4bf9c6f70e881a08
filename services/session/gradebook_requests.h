// What requests of GradebookService must be, and whom they are about.
#ifndef GREENROOM_SERVICES_SESSION_GRADEBOOK_REQUESTS_H_
#define GREENROOM_SERVICES_SESSION_GRADEBOOK_REQUESTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "greenroom/session/v1/gradebook_service.pb.h"
#include "services/base/caller.h"
#include "services/session/requests.h"

namespace greenroom::session {

// OK, or INVALID_ARGUMENT with a violation for each field that is wrong. Names are looked at by Resolve.
absl::Status Validate(const v1::OverrideGradeRequest& request);
absl::Status Validate(const v1::CreateRegradeRequest& request);
absl::Status Validate(const v1::ListRegradesRequest& request);
absl::Status Validate(const v1::ListRegradeChangesRequest& request);
absl::Status Validate(const v1::ListReviewQueueRequest& request);
absl::Status Validate(const v1::GetQuestionStatsRequest& request);

// What is graded, names in full, as a regrade that nothing is known of yet. INVALID_REQUEST where a revision is of
// another pack, PACK_NOT_FOUND.
absl::StatusOr<v1::Regrade> ResolveRegrade(const v1::CreateRegradeRequest& request, const Caller& caller);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_GRADEBOOK_REQUESTS_H_
