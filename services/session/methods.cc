#include "services/session/methods.h"

#include "absl/strings/str_cat.h"

namespace greenroom::session {
namespace {

// Writes, and what only the one who practises looks at.
constexpr RoleSet kPractises = {Role::kLearner, Role::kService};
// Reads that a teacher makes too.
constexpr RoleSet kReads = {Role::kLearner, Role::kService, Role::kInstructor};

// What only those do who teach.
constexpr RoleSet kTeaches = {Role::kInstructor, Role::kService};
// Work in the background is an operator's concern too.
constexpr RoleSet kLooksAtWork = {Role::kInstructor, Role::kService, Role::kOperator};

MethodPolicy MethodOf(absl::string_view service, absl::string_view name, RoleSet roles,
                      AdmissionClass admission) {
  MethodPolicy policy;
  policy.full_name = absl::StrCat("greenroom.session.v1.", service, "/", name);
  policy.roles = roles;
  policy.admission = admission;
  policy.default_deadline = absl::Seconds(5);
  policy.max_deadline = absl::Seconds(10);
  return policy;
}

MethodPolicy Method(absl::string_view name, RoleSet roles, AdmissionClass admission) {
  return MethodOf("SessionService", name, roles, admission);
}

// A device's outbox and what changed; a request has room around its 256 KiB of items.
MethodPolicy Sync(absl::string_view name, RoleSet roles) {
  MethodPolicy policy = Method(name, roles, AdmissionClass::kBulk);
  policy.max_request_bytes = kMaxSyncMessageBytes;
  return policy;
}

// A watch lasts longer than a call.
MethodPolicy Watch(absl::string_view name, RoleSet roles) {
  MethodPolicy policy = Method(name, roles, AdmissionClass::kStream);
  policy.default_deadline = absl::Seconds(120);
  policy.max_deadline = absl::Seconds(120);
  return policy;
}

MethodPolicy OfProgress(absl::string_view name, RoleSet roles, AdmissionClass admission) {
  return MethodOf("ProgressService", name, roles, admission);
}

// Of all that is kept of a learner; takes its time.
MethodPolicy Privacy(absl::string_view name, AdmissionClass admission, absl::Duration longest) {
  MethodPolicy policy = OfProgress(name, {Role::kLearner, Role::kService, Role::kOperator}, admission);
  policy.default_deadline = longest;
  policy.max_deadline = longest;
  return policy;
}

}  // namespace

std::vector<MethodPolicy> SessionMethods() {
  return {
      Method("CreateSession", kPractises, AdmissionClass::kSubmit),
      Method("GetSession", kReads, AdmissionClass::kRead),
      Method("ListSessions", kReads, AdmissionClass::kBulk),
      Method("NextQuestion", kPractises, AdmissionClass::kRead),
      Method("SaveDraft", kPractises, AdmissionClass::kRead),
      Method("SubmitAnswer", kPractises, AdmissionClass::kSubmit),
      Method("GetAnswer", kReads, AdmissionClass::kRead),
      Method("ListAnswers", kReads, AdmissionClass::kBulk),
      Method("TakeHint", kPractises, AdmissionClass::kSubmit),
      Method("RevealAnswer", kPractises, AdmissionClass::kSubmit),
      Method("RateAnswer", kPractises, AdmissionClass::kSubmit),
      Method("SkipQuestion", kPractises, AdmissionClass::kSubmit),
      Method("PauseSession", kPractises, AdmissionClass::kSubmit),
      Method("ResumeSession", kPractises, AdmissionClass::kSubmit),
      Method("FinishSession", kPractises, AdmissionClass::kSubmit),
      Sync("SyncLearner", kPractises),
      Method("GetSessionReport", kReads, AdmissionClass::kBulk),
      Watch("WatchSession", kReads),
  };
}

std::vector<MethodPolicy> ProgressMethods() {
  return {
      OfProgress("GetProgress", kReads, AdmissionClass::kBulk),
      OfProgress("ListDueQuestions", kReads, AdmissionClass::kRead),
      OfProgress("GetLearner", kReads, AdmissionClass::kRead),
      OfProgress("UpdateLearner", kPractises, AdmissionClass::kSubmit),
      OfProgress("ImportMemory", kPractises, AdmissionClass::kSubmit),
      OfProgress("GetCalibration", kReads, AdmissionClass::kBulk),
      Privacy("ExportLearner", AdmissionClass::kStream, absl::Seconds(120)),
      Privacy("EraseLearner", AdmissionClass::kBulk, absl::Seconds(30)),
  };
}

std::vector<MethodPolicy> GradebookMethods() {
  const auto method = [](absl::string_view name, AdmissionClass admission) {
    return MethodOf("GradebookService", name, kTeaches, admission);
  };
  const auto looked_at = [](absl::string_view name, AdmissionClass admission) {
    return MethodOf("GradebookService", name, kLooksAtWork, admission);
  };
  return {
      method("OverrideGrade", AdmissionClass::kSubmit),
      method("CreateRegrade", AdmissionClass::kSubmit),
      looked_at("GetRegrade", AdmissionClass::kRead),
      looked_at("ListRegrades", AdmissionClass::kBulk),
      looked_at("ListRegradeChanges", AdmissionClass::kBulk),
      method("ApplyRegrade", AdmissionClass::kSubmit),
      method("CancelRegrade", AdmissionClass::kSubmit),
      method("ListReviewQueue", AdmissionClass::kBulk),
      method("GetQuestionStats", AdmissionClass::kBulk),
      method("CreateAssignment", AdmissionClass::kSubmit),
      method("GetAssignment", AdmissionClass::kRead),
      method("ListAssignments", AdmissionClass::kBulk),
      method("UpdateAssignment", AdmissionClass::kSubmit),
      method("DeleteAssignment", AdmissionClass::kSubmit),
      method("ListAssignmentResults", AdmissionClass::kBulk),
      method("ReleaseGrades", AdmissionClass::kSubmit),
  };
}

}  // namespace greenroom::session
