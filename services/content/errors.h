// The errors of the content service, one named function each: code, reason, wording and details are decided here.
#ifndef GREENROOM_SERVICES_CONTENT_ERRORS_H_
#define GREENROOM_SERVICES_CONTENT_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "greenroom/content/v1/authoring_service.pb.h"

namespace greenroom::content::error {

// NOT_FOUND. Also for what is another tenant's, or hidden from the caller: the three are told alike.
absl::Status PackNotFound(absl::string_view name);
absl::Status RevisionNotFound(absl::string_view name);
absl::Status QuestionNotFound(absl::string_view name);

// PERMISSION_DENIED, ROLE_FORBIDS: the caller may call the method, but not ask for view FULL.
absl::Status ViewForbidden();

// INVALID_ARGUMENT: the source is no pack; the first errors of `issues` are told as violations of field `source`.
absl::Status PackInvalid(absl::Span<const v1::Issue> issues);

// INVALID_ARGUMENT, PAGE_TOKEN_INVALID: a token of the right binding whose cursor this method did not write.
absl::Status PageTokenInvalid();

// FAILED_PRECONDITION.
absl::Status PackCheckFailed(absl::string_view pack, const v1::CheckPackResponse& check);
absl::Status NothingToPublish(absl::string_view pack);

// INVALID_ARGUMENT.
absl::Status ChangeTokenInvalid();

// FAILED_PRECONDITION: what is deleted is not written.
absl::Status PackDeleted(absl::string_view pack);
// ALREADY_EXISTS: there is nothing to undelete.
absl::Status PackNotDeleted(absl::string_view pack);

// FAILED_PRECONDITION; what there is now is bundle `sha256` of `revision`.
absl::Status BundleChanged(absl::string_view revision, absl::string_view sha256);
// PERMISSION_DENIED, ROLE_FORBIDS: the caller knows of the pack, but a pack for exams is not for its devices.
absl::Status ExamDownloadForbidden();

// ABORTED; `etag` is the pack's current one.
absl::Status EtagMismatch(absl::string_view pack, absl::string_view etag);

// ALREADY_EXISTS.
absl::Status IdReused(absl::string_view id);

// What a client is told where the scoring service answered `status`: it is not there (UNAVAILABLE), or a defect of ours.
absl::Status OfScoring(const absl::Status& status);

}  // namespace greenroom::content::error

#endif  // GREENROOM_SERVICES_CONTENT_ERRORS_H_
