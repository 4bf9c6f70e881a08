#include "services/session/gradebook_requests.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"
#include "services/base/task.h"
#include "services/base/text.h"
#include "services/base/uuid.h"
#include "services/session/domain/review_index.h"
#include "services/session/domain/views.h"
#include "services/session/errors.h"

namespace greenroom::session {
namespace {

constexpr int kMaxItems = 100;
constexpr int kMaxFlags = 32;
constexpr size_t kMaxRemarkBytes = 4096;
constexpr int kMaxFilter = 100;

void CheckPageSize(FieldErrors& errors, int32_t size) {
  if (size < 0) errors.Check("page_size", "must not be negative");
}

// The full name of a revision of `pack`.
absl::StatusOr<std::string> ResolveRevision(const std::string& name, const std::string& field,
                                            const std::string& pack, const Caller& caller) {
  ASSIGN_OR_RETURN(const ResolvedName resolved,
                   ResolveName("tenants/*/packs/*/revisions/*", name, field, caller));
  if (PackOfRevision(resolved.name) != pack) return InvalidField(field, "is no revision of the pack");
  return resolved.name;
}

}  // namespace

absl::Status Validate(const v1::OverrideGradeRequest& request) {
  FieldErrors errors;
  errors.Check("request_id", UuidProblem(request.request_id()));
  if (request.items_size() > kMaxItems) errors.Check("items", absl::StrCat("at most ", kMaxItems));
  if (request.flags_size() > kMaxFlags) errors.Check("flags", absl::StrCat("at most ", kMaxFlags));
  std::set<std::string> seen;
  for (int i = 0; i < std::min(request.items_size(), kMaxItems); ++i) {
    const v1::ItemDecision& item = request.items(i);
    const std::string path = absl::StrCat("items[", i, "].");
    errors.Check(absl::StrCat(path, "item"), RequiredTextProblem(item.item(), 63));
    if (!seen.insert(item.item()).second) errors.Check(absl::StrCat(path, "item"), "is there twice");
    const bool valid = std::isfinite(item.credit()) && item.credit() >= 0 && item.credit() <= 1;
    if (!valid) errors.Check(absl::StrCat(path, "credit"), "must be 0 to 1");
  }
  seen.clear();
  for (int i = 0; i < std::min(request.flags_size(), kMaxFlags); ++i) {
    const std::string path = absl::StrCat("flags[", i, "].flag");
    errors.Check(path, RequiredTextProblem(request.flags(i).flag(), 63));
    if (!seen.insert(request.flags(i).flag()).second) errors.Check(path, "is there twice");
  }
  if (request.has_score() && (request.score() < 0 || request.score() > 100)) {
    errors.Check("score", "must be 0 to 100");
  }
  errors.Check("comment", TextProblem(request.comment(), kMaxRemarkBytes));
  errors.Check("note", TextProblem(request.note(), kMaxRemarkBytes));
  return errors.ToStatus();
}

absl::Status Validate(const v1::CreateRegradeRequest& request) {
  FieldErrors errors;
  errors.Check("regrade_id", UuidProblem(request.regrade_id()));
  if (request.pack().empty()) errors.Check("pack", "is required");
  if (request.revisions_size() > kMaxFilter) errors.Check("revisions", absl::StrCat("at most ", kMaxFilter));
  if (request.questions_size() > kMaxFilter) errors.Check("questions", absl::StrCat("at most ", kMaxFilter));
  for (int i = 0; i < std::min(request.questions_size(), kMaxFilter); ++i) {
    errors.Check(absl::StrCat("questions[", i, "]"), IdProblem(request.questions(i)));
  }
  return errors.ToStatus();
}

absl::Status Validate(const v1::ListRegradesRequest& request) {
  FieldErrors errors;
  CheckPageSize(errors, request.page_size());
  return errors.ToStatus();
}

absl::Status Validate(const v1::ListRegradeChangesRequest& request) {
  FieldErrors errors;
  CheckPageSize(errors, request.page_size());
  return errors.ToStatus();
}

absl::Status Validate(const v1::ListReviewQueueRequest& request) {
  FieldErrors errors;
  CheckPageSize(errors, request.page_size());
  if (!v1::ReviewReason_IsValid(request.reason())) errors.Check("reason", "is no reason");
  return errors.ToStatus();
}

absl::Status Validate(const v1::GetQuestionStatsRequest& request) {
  FieldErrors errors;
  if (request.pack().empty()) errors.Check("pack", "is required");
  errors.Check("question", IdProblem(request.question()));
  return errors.ToStatus();
}

absl::StatusOr<v1::Regrade> ResolveRegrade(const v1::CreateRegradeRequest& request, const Caller& caller) {
  v1::Regrade regrade;
  ASSIGN_OR_RETURN(const std::string tenant, ResolveTenant(request.parent(), "parent", caller));
  regrade.set_name(RegradeName(tenant, *CanonicalUuid(request.regrade_id())));
  ASSIGN_OR_RETURN(*regrade.mutable_pack(), ResolvePack(request.pack(), "pack", caller));
  for (int i = 0; i < request.revisions_size(); ++i) {
    ASSIGN_OR_RETURN(
        *regrade.add_revisions(),
        ResolveRevision(request.revisions(i), absl::StrCat("revisions[", i, "]"), regrade.pack(), caller));
  }
  *regrade.mutable_questions() = request.questions();
  regrade.set_calibrate(request.calibrate());
  if (!request.against().empty()) {
    ASSIGN_OR_RETURN(*regrade.mutable_against(),
                     ResolveRevision(request.against(), "against", regrade.pack(), caller));
  }
  return regrade;
}

}  // namespace greenroom::session
