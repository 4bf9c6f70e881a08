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

// A watch lasts longer than a call.
MethodPolicy Watch(absl::string_view name, RoleSet roles) {
  MethodPolicy policy = Method(name, roles, AdmissionClass::kStream);
  policy.default_deadline = absl::Seconds(120);
  policy.max_deadline = absl::Seconds(120);
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
      Method("GetSessionReport", kReads, AdmissionClass::kBulk),
      Watch("WatchSession", kReads),
  };
}

std::vector<MethodPolicy> GradebookMethods() {
  const auto method = [](absl::string_view name, AdmissionClass admission) {
    return MethodOf("GradebookService", name, kTeaches, admission);
  };
  return {
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
