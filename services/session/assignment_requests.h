// What requests about assignments must be.
#ifndef GREENROOM_SERVICES_SESSION_ASSIGNMENT_REQUESTS_H_
#define GREENROOM_SERVICES_SESSION_ASSIGNMENT_REQUESTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"
#include "greenroom/session/v1/gradebook_service.pb.h"
#include "services/base/caller.h"

namespace greenroom::session {

// OK, or INVALID_ARGUMENT with a violation for each field that is wrong. Names are looked at by ResolveAssignment.
absl::Status Validate(const v1::CreateAssignmentRequest& request);
absl::Status Validate(const v1::UpdateAssignmentRequest& request);

// An assignment as a whole, whose fields lie at `path`, such as "assignment.": what an update leaves must fit together too.
absl::Status ValidateAssignment(const v1::Assignment& assignment, absl::string_view path);

// What was asked for, without what the server sets: 64 hex digits of SHA-256.
std::string ContentOfAssignment(const v1::Assignment& assignment);

// The fields of `from` that the mask names, put into `into`. The mask has been validated.
void ApplyMask(const v1::Assignment& from, const google::protobuf::FieldMask& mask, v1::Assignment& into);

struct AssignmentName {
  std::string tenant;
  std::string id;
  std::string name;  // in full
};
// ASSIGNMENT_NOT_FOUND where it is another tenant's.
absl::StatusOr<AssignmentName> ResolveAssignment(absl::string_view name, absl::string_view field,
                                                 const Caller& caller);
// The id of the tenant; ASSIGNMENT_NOT_FOUND where it is another one than the caller's.
absl::StatusOr<std::string> ResolveAssignmentsOf(absl::string_view name, absl::string_view field,
                                                 const Caller& caller);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_ASSIGNMENT_REQUESTS_H_
