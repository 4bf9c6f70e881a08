#include "services/content/errors.h"

#include "absl/strings/str_cat.h"
#include "services/base/status.h"
#include "services/content/domain/issue.h"

namespace greenroom::content::error {
namespace {

constexpr int kToldIssues = 20;

absl::Status NotFound(absl::string_view reason, absl::string_view type, absl::string_view what,
                      absl::string_view name) {
  return ErrorBuilder(absl::StatusCode::kNotFound, reason, absl::StrCat("no such ", what))
      .Resource(absl::StrCat("greenroom.dev/", type), name)
      .Build();
}

}  // namespace

absl::Status PackNotFound(absl::string_view name) { return NotFound("PACK_NOT_FOUND", "Pack", "pack", name); }

absl::Status RevisionNotFound(absl::string_view name) {
  return NotFound("REVISION_NOT_FOUND", "Revision", "revision", name);
}

absl::Status QuestionNotFound(absl::string_view name) {
  return NotFound("QUESTION_NOT_FOUND", "Question", "question", name);
}

absl::Status ViewForbidden() {
  return ErrorBuilder(absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS",
                      "view FULL needs role author, instructor or service")
      .Build();
}

absl::Status PackInvalid(absl::Span<const v1::Issue> issues) {
  ErrorBuilder error(absl::StatusCode::kInvalidArgument, "PACK_INVALID",
                     "the source is not a valid pack; ask with validate_only for all issues");
  int told = 0;
  for (const v1::Issue& issue : issues) {
    if (issue.severity() != v1::SEVERITY_ERROR || ++told > kToldIssues) continue;
    error.Field("source", IssueText(issue));
  }
  return error.Build();
}

absl::Status PageTokenInvalid() {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                      "not a page token of this method")
      .Field("page_token", "is not one that this method gave")
      .Build();
}

absl::Status PackCheckFailed(absl::string_view pack, const v1::CheckPackResponse& check) {
  ErrorBuilder error(absl::StatusCode::kFailedPrecondition, "PACK_CHECK_FAILED",
                     "the pack's own answers are not graded as its author demands; CheckPack lists them");
  int told = 0;
  for (const v1::Issue& issue : check.issues()) {
    if (issue.severity() != v1::SEVERITY_ERROR || ++told > kToldIssues) continue;
    error.Precondition("PACK_CHECK_FAILED", pack, IssueText(issue));
  }
  return error.Build();
}

absl::Status NothingToPublish(absl::string_view pack) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_PUBLISH",
                      "the pack has no draft that differs from what is published")
      .Precondition("NOTHING_TO_PUBLISH", pack, "no draft")
      .Build();
}

absl::Status ChangeTokenInvalid() {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "CHANGE_TOKEN_INVALID",
                      "not a change token of this method")
      .Field("change_token", "is not one that this method gave to this tenant; the empty one starts over")
      .Build();
}

absl::Status PackDeleted(absl::string_view pack) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "PACK_DELETED",
                      "the pack is deleted; undelete it first")
      .Precondition("PACK_DELETED", pack, "undelete it first")
      .Build();
}

absl::Status PackNotDeleted(absl::string_view pack) {
  return ErrorBuilder(absl::StatusCode::kAlreadyExists, "PACK_NOT_DELETED", "the pack is not deleted")
      .Resource("greenroom.dev/Pack", pack)
      .Build();
}

absl::Status BundleChanged(absl::string_view revision, absl::string_view sha256) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "BUNDLE_CHANGED",
                      "the bundle is not the one that was begun; start over at offset 0")
      .Metadata("revision", revision)
      .Metadata("sha256", sha256)
      .Precondition("BUNDLE_CHANGED", revision, "another bundle than that of the digest sent")
      .Build();
}

absl::Status ExamDownloadForbidden() {
  return ErrorBuilder(absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS",
                      "downloading a pack for exams needs role author or service")
      .Build();
}

absl::Status EtagMismatch(absl::string_view pack, absl::string_view etag) {
  return ErrorBuilder(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                      "the pack has changed; read it and decide again")
      .Metadata("etag", etag)
      .Resource("greenroom.dev/Pack", pack)
      .Build();
}

absl::Status IdReused(absl::string_view id) {
  return ErrorBuilder(absl::StatusCode::kAlreadyExists, "ID_REUSED",
                      "this request_id was used for something else; choose a new one")
      .Metadata("request_id", id)
      .Build();
}

absl::Status OfScoring(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return ErrorBuilder(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", "scoring does not answer")
          .Build();
    case absl::StatusCode::kCancelled:
      return absl::CancelledError("cancelled");
    default:
      return absl::InternalError(absl::StrCat("scoring: ", status.ToString()));
  }
}

}  // namespace greenroom::content::error
