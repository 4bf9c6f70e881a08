#include "services/scoring/methods.h"

#include "absl/strings/str_cat.h"

namespace greenroom::scoring {
namespace {

constexpr RoleSet kGrade = {Role::kAuthor, Role::kInstructor, Role::kService};
constexpr RoleSet kLook = {Role::kAuthor, Role::kInstructor, Role::kOperator, Role::kService};

MethodPolicy Method(absl::string_view name, RoleSet roles, AdmissionClass admission) {
  MethodPolicy policy;
  policy.full_name = absl::StrCat("greenroom.scoring.v1.ScoringService/", name);
  policy.roles = roles;
  policy.admission = admission;
  // An inline question or sixteen references of 32 KiB and the answer.
  policy.max_request_bytes = 1 << 20;
  return policy;
}

}  // namespace

std::vector<MethodPolicy> ScoringMethods() {
  MethodPolicy grade_answers = Method("GradeAnswers", kGrade, AdmissionClass::kStream);
  grade_answers.default_deadline = absl::Minutes(1);
  grade_answers.max_deadline = absl::Minutes(10);
  return {
      Method("GradeAnswer", kGrade, AdmissionClass::kSubmit),
      grade_answers,
      Method("ListGraders", kLook, AdmissionClass::kRead),
  };
}

}  // namespace greenroom::scoring
