// What requests of ProgressService must be.
#ifndef GREENROOM_SERVICES_SESSION_PROGRESS_REQUESTS_H_
#define GREENROOM_SERVICES_SESSION_PROGRESS_REQUESTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/progress_service.pb.h"
#include "services/base/caller.h"
#include "services/session/requests.h"

namespace greenroom::session {

inline constexpr int kMaxImportedItems = 1000;

// OK, or INVALID_ARGUMENT with a violation for each field that is wrong. Names are looked at by Resolve. `now` is what no
// review may lie after.
absl::Status Validate(const v1::GetProgressRequest& request);
absl::Status Validate(const v1::ListDueQuestionsRequest& request);
absl::Status Validate(const v1::UpdateLearnerRequest& request);
absl::Status Validate(const v1::ImportMemoryRequest& request, absl::Time now);

// The fields of LearnerSettings that a valid mask names, each once, in the order of their names; "*" is all of them.
std::vector<std::string> SettingsIn(const google::protobuf::FieldMask& mask);

// The learner whose progress `name` means; as ResolveLearner, for reads.
absl::StatusOr<Target> ResolveProgress(absl::string_view name, absl::string_view field, const Caller& caller);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PROGRESS_REQUESTS_H_
