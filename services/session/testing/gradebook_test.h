// Calls of GradebookService against the session service with everything around it faked.
#ifndef GREENROOM_SERVICES_SESSION_TESTING_GRADEBOOK_TEST_H_
#define GREENROOM_SERVICES_SESSION_TESTING_GRADEBOOK_TEST_H_

#include <string>
#include <utility>
#include <vector>

#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {

inline const As kTeacher = {"acme", "teacher", {Role::kInstructor}};

class GradebookTest : public SessionServiceTest {
 protected:
  using Grades = v1::GradebookService::Stub;
  template <typename Request, typename Response>
  using GradesRpc = grpc::Status (Grades::*)(grpc::ClientContext*, const Request&, Response*);

  template <typename Request, typename Response>
  absl::StatusOr<Response> CallGrades(GradesRpc<Request, Response> rpc, const Request& request,
                                      const As& as = kTeacher) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", FakeAuthenticator::Credential(as.tenant, as.learner, as.roles));
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(as.deadline));
    Response response;
    const grpc::Status status = (*server_.gradebook_stub.*rpc)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  static v1::OverrideGradeRequest ScoreOf(const std::string& answer, int id, int32_t score) {
    v1::OverrideGradeRequest request;
    request.set_answer(answer);
    request.set_request_id(Uuid(id));
    request.set_score(score);
    return request;
  }
  absl::StatusOr<v1::OverrideGradeResponse> Override(const v1::OverrideGradeRequest& request,
                                                     const As& as = kTeacher) {
    return CallGrades(&Grades::OverrideGrade, request, as);
  }

  static v1::CreateRegradeRequest RegradeOf(int id) {
    v1::CreateRegradeRequest request;
    request.set_parent("tenants/-");
    request.set_regrade_id(Uuid(id));
    request.set_pack("tenants/-/packs/ml");
    return request;
  }
  static std::string RegradePath(int id) { return "tenants/-/regrades/" + Uuid(id); }
  absl::StatusOr<v1::CreateRegradeResponse> CreateRegrade(const v1::CreateRegradeRequest& request,
                                                          const As& as = kTeacher) {
    return CallGrades(&Grades::CreateRegrade, request, as);
  }
  template <typename Request>
  static Request Named(const std::string& name) {
    Request request;
    request.set_name(name);
    return request;
  }
  absl::StatusOr<v1::Regrade> GetRegrade(int id, const As& as = kTeacher) {
    return CallGrades(&Grades::GetRegrade, Named<v1::GetRegradeRequest>(RegradePath(id)), as);
  }
  absl::StatusOr<v1::Regrade> Apply(int id, const As& as = kTeacher) {
    return CallGrades(&Grades::ApplyRegrade, Named<v1::ApplyRegradeRequest>(RegradePath(id)), as);
  }
  absl::StatusOr<v1::Regrade> Cancel(int id, const As& as = kTeacher) {
    return CallGrades(&Grades::CancelRegrade, Named<v1::CancelRegradeRequest>(RegradePath(id)), as);
  }
  absl::StatusOr<v1::ListRegradeChangesResponse> Changes(int id, int32_t size = 0,
                                                         const std::string& token = "",
                                                         const As& as = kTeacher) {
    v1::ListRegradeChangesRequest request;
    request.set_parent(RegradePath(id));
    request.set_page_size(size);
    request.set_page_token(token);
    return CallGrades(&Grades::ListRegradeChanges, request, as);
  }
  absl::StatusOr<v1::ListRegradesResponse> Regrades(v1::ListRegradesRequest request = {},
                                                    const As& as = kTeacher) {
    if (request.parent().empty()) request.set_parent("tenants/-");
    return CallGrades(&Grades::ListRegrades, request, as);
  }
  absl::StatusOr<v1::ListReviewQueueResponse> Queue(v1::ListReviewQueueRequest request = {},
                                                    const As& as = kTeacher) {
    if (request.parent().empty()) request.set_parent("tenants/-");
    return CallGrades(&Grades::ListReviewQueue, request, as);
  }
  absl::StatusOr<v1::QuestionStats> Stats(const std::string& question, const As& as = kTeacher) {
    v1::GetQuestionStatsRequest request;
    request.set_pack("tenants/-/packs/ml");
    request.set_question(question);
    return CallGrades(&Grades::GetQuestionStats, request, as);
  }

  static std::string AnswerPath(const std::string& session, int id) {
    return session + "/answers/" + Uuid(id);
  }
  // What every answer gets from now on.
  void GradeWith(int32_t score) {
    server_.grader.set_grading(
        [score](const std::string& question, const std::string&) { return MarkedReport(question, score); });
  }
};

}  // namespace greenroom::session::testing

#endif  // GREENROOM_SERVICES_SESSION_TESTING_GRADEBOOK_TEST_H_
