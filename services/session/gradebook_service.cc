#include "services/session/gradebook_service.h"

#include "absl/strings/str_cat.h"
#include "services/base/rpc.h"

namespace greenroom::session {
namespace {

// Decisions on grades: never a learner's.
constexpr RoleSet kDecides = {Role::kInstructor, Role::kService};
// Work in the background is an operator's concern too.
constexpr RoleSet kLooks = {Role::kInstructor, Role::kService, Role::kOperator};

MethodPolicy Method(absl::string_view name, RoleSet roles, AdmissionClass admission) {
  MethodPolicy policy;
  policy.full_name = absl::StrCat("greenroom.session.v1.GradebookService/", name);
  policy.roles = roles;
  policy.admission = admission;
  policy.default_deadline = absl::Seconds(5);
  policy.max_deadline = absl::Seconds(10);
  return policy;
}

}  // namespace

std::vector<MethodPolicy> GradebookMethods() {
  return {
      Method("OverrideGrade", kDecides, AdmissionClass::kSubmit),
      Method("CreateRegrade", kDecides, AdmissionClass::kSubmit),
      Method("GetRegrade", kLooks, AdmissionClass::kRead),
      Method("ListRegradeChanges", kLooks, AdmissionClass::kBulk),
      Method("ApplyRegrade", kDecides, AdmissionClass::kSubmit),
      Method("CancelRegrade", kDecides, AdmissionClass::kSubmit),
      Method("ListReviewQueue", kDecides, AdmissionClass::kBulk),
      Method("GetQuestionStats", kDecides, AdmissionClass::kBulk),
  };
}

GradebookServiceImpl::GradebookServiceImpl(const RpcRuntime& runtime, GradebookParts parts)
    : runtime_(runtime), methods_(GradebookMethods()), handlers_(parts) {}

#define GREENROOM_GRADEBOOK_RPC(Method, Request, Response)                                               \
  grpc::ServerUnaryReactor* GradebookServiceImpl::Method(                                                \
      grpc::CallbackServerContext* context, const v1::Request* request, v1::Response* response) {        \
    return ServeUnary(runtime_, methods_.Get("greenroom.session.v1.GradebookService/" #Method), context, \
                      request, response,                                                                 \
                      [this, request](Call& call) { return handlers_.Method(call, *request); });         \
  }
GREENROOM_GRADEBOOK_RPC(OverrideGrade, OverrideGradeRequest, OverrideGradeResponse)
GREENROOM_GRADEBOOK_RPC(CreateRegrade, CreateRegradeRequest, CreateRegradeResponse)
GREENROOM_GRADEBOOK_RPC(GetRegrade, GetRegradeRequest, Regrade)
GREENROOM_GRADEBOOK_RPC(ListRegradeChanges, ListRegradeChangesRequest, ListRegradeChangesResponse)
GREENROOM_GRADEBOOK_RPC(ApplyRegrade, ApplyRegradeRequest, Regrade)
GREENROOM_GRADEBOOK_RPC(CancelRegrade, CancelRegradeRequest, Regrade)
GREENROOM_GRADEBOOK_RPC(ListReviewQueue, ListReviewQueueRequest, ListReviewQueueResponse)
GREENROOM_GRADEBOOK_RPC(GetQuestionStats, GetQuestionStatsRequest, QuestionStats)
#undef GREENROOM_GRADEBOOK_RPC

}  // namespace greenroom::session
