#include "services/session/assignment_requests.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"
#include "services/base/task.h"
#include "services/base/text.h"
#include "services/session/domain/digest.h"
#include "services/session/errors.h"
#include "services/session/field_checks.h"

namespace greenroom::session {
namespace {

constexpr size_t kMaxTitleBytes = 800;  // 200 characters
constexpr int kMaxLearners = 1000;
constexpr int kMaxSessions = 100;
constexpr absl::string_view kEditable[] = {"title",      "open_time",           "due_time",     "close_time",
                                           "time_limit", "question_time_limit", "max_sessions", "learners"};

bool IsBefore(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return std::pair(a.seconds(), a.nanos()) < std::pair(b.seconds(), b.nanos());
}

void Check(FieldErrors& errors, absl::string_view path, const v1::Assignment& assignment) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, field); };
  const std::string title = TextProblem(assignment.title(), kMaxTitleBytes);
  errors.Check(at("title"),
               title.empty() && absl::StrContains(assignment.title(), '\n') ? "must be one line" : title);
  const v1::SessionMode mode = assignment.mode();
  const bool timed = mode == v1::SESSION_MODE_MOCK || mode == v1::SESSION_MODE_EXAM;
  if (!timed && mode != v1::SESSION_MODE_PRACTICE) errors.Check(at("mode"), "must be PRACTICE, MOCK or EXAM");
  CheckEach(errors, at("questions"), assignment.questions(), kMaxPlannedQuestions, IdProblem);
  if (assignment.has_criteria() && assignment.questions_size() > 0) {
    errors.Check(at("criteria"), "excludes questions");
  }
  CheckCriteria(errors, at("criteria."), assignment.criteria());
  const auto check_time = [&](absl::string_view field, bool present,
                              const google::protobuf::Timestamp& time) {
    if (present) errors.Check(at(field), TimestampProblem(time));
  };
  check_time("open_time", assignment.has_open_time(), assignment.open_time());
  check_time("due_time", assignment.has_due_time(), assignment.due_time());
  check_time("close_time", assignment.has_close_time(), assignment.close_time());
  if (assignment.has_open_time() && assignment.has_close_time() &&
      !IsBefore(assignment.open_time(), assignment.close_time())) {
    errors.Check(at("close_time"), "must be after open_time");
  }
  const auto check_limit = [&](absl::string_view field, bool present, const google::protobuf::Duration& limit,
                               int64_t least) {
    if (present)
      errors.Check(at(field), timed ? LimitProblem(limit, least) : "is a mock's or an exam's only");
  };
  check_limit("time_limit", assignment.has_time_limit(), assignment.time_limit(), kLeastSessionSeconds);
  check_limit("question_time_limit", assignment.has_question_time_limit(), assignment.question_time_limit(),
              kLeastQuestionSeconds);
  if (assignment.max_sessions() < 0 || assignment.max_sessions() > kMaxSessions) {
    errors.Check(at("max_sessions"), absl::StrCat("must be 0 to ", kMaxSessions));
  }
  CheckEach(errors, at("learners"), assignment.learners(), kMaxLearners, IdProblem);
}

}  // namespace

absl::Status ValidateAssignment(const v1::Assignment& assignment, absl::string_view path) {
  FieldErrors errors;
  Check(errors, path, assignment);
  return errors.ToStatus();
}

absl::Status Validate(const v1::CreateAssignmentRequest& request) {
  FieldErrors errors;
  errors.Check("assignment_id", IdProblem(request.assignment_id()));
  Check(errors, "assignment.", request.assignment());
  return errors.ToStatus();
}

absl::Status Validate(const v1::UpdateAssignmentRequest& request) {
  FieldErrors errors;
  if (request.update_mask().paths().empty()) errors.Check("update_mask", "must name what is to be changed");
  for (int i = 0; i < request.update_mask().paths_size(); ++i) {
    bool known = false;
    for (const absl::string_view path : kEditable) known = known || path == request.update_mask().paths(i);
    if (!known) errors.Check(absl::StrCat("update_mask.paths[", i, "]"), "is no field that can be changed");
  }
  return errors.ToStatus();
}

std::string ContentOfAssignment(const v1::Assignment& assignment) {
  v1::Assignment asked = assignment;
  asked.clear_name();
  asked.clear_release_time();
  asked.clear_create_time();
  asked.clear_update_time();
  asked.clear_etag();
  return Sha256Hex(DeterministicBytes(asked));
}

void ApplyMask(const v1::Assignment& from, const google::protobuf::FieldMask& mask, v1::Assignment& into) {
  const google::protobuf::Descriptor& type = *v1::Assignment::descriptor();
  for (const std::string& path : mask.paths()) {
    const google::protobuf::FieldDescriptor* field = type.FindFieldByName(path);
    into.GetReflection()->ClearField(&into, field);
    v1::Assignment others = from;
    for (int i = 0; i < type.field_count(); ++i) {
      if (type.field(i) != field) others.GetReflection()->ClearField(&others, type.field(i));
    }
    into.MergeFrom(others);
  }
}

absl::StatusOr<AssignmentName> ResolveAssignment(absl::string_view name, absl::string_view field,
                                                 const Caller& caller) {
  ASSIGN_OR_RETURN(const ResolvedName resolved, ResolveName("tenants/*/assignments/*", name, field, caller));
  if (!resolved.own_tenant) return error::AssignmentNotFound(name);
  return AssignmentName{resolved[0], resolved[1], resolved.name};
}

absl::StatusOr<std::string> ResolveAssignmentsOf(absl::string_view name, absl::string_view field,
                                                 const Caller& caller) {
  ASSIGN_OR_RETURN(const ResolvedName resolved, ResolveName("tenants/*", name, field, caller));
  if (!resolved.own_tenant) return error::AssignmentNotFound(name);
  return resolved[0];
}

}  // namespace greenroom::session
