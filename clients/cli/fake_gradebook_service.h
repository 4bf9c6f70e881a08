// FakeGradebookService: what the commands about grades and assignments are tested with.
#ifndef GREENROOM_CLIENTS_CLI_FAKE_GRADEBOOK_SERVICE_H_
#define GREENROOM_CLIENTS_CLI_FAKE_GRADEBOOK_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/fake_refusal.h"
#include "greenroom/session/v1/gradebook_service.grpc.pb.h"

namespace greenroom::cli {

// Keeps the requests. Knows one regrade, which is ready once it was asked about, and applied once it was asked about again;
// the assignment `final`, and one result of it.
class FakeGradebookService final : public session::v1::GradebookService::Service {
 public:
  using Context = grpc::ServerContext;

  grpc::Status OverrideGrade(Context*, const session::v1::OverrideGradeRequest* request,
                             session::v1::OverrideGradeResponse* response) override {
    overridden.push_back(*request);
    auto& answer = *response->mutable_answer();
    answer.set_name(request->answer());
    answer.set_text("What was answered.");
    answer.mutable_grade()->set_state(session::v1::GRADE_STATE_OVERRIDDEN);
    answer.mutable_grade()->set_comment(request->comment());
    answer.mutable_grade()->mutable_report()->set_score(90);
    answer.mutable_grade()->mutable_report()->set_band(scoring::v1::BAND_STRONG);
    return grpc::Status::OK;
  }
  grpc::Status CreateRegrade(Context*, const session::v1::CreateRegradeRequest* request,
                             session::v1::CreateRegradeResponse* response) override {
    created.push_back(*request);
    regrade.set_name("tenants/default/regrades/" + request->regrade_id());
    regrade.set_pack("tenants/default/packs/alpha");
    *regrade.mutable_questions() = request->questions();
    regrade.set_against(request->against());
    regrade.set_calibrate(request->calibrate());
    regrade.set_state(session::v1::REGRADE_STATE_COMPUTING);
    *response->mutable_regrade() = regrade;
    return grpc::Status::OK;
  }
  grpc::Status GetRegrade(Context*, const session::v1::GetRegradeRequest* request,
                          session::v1::Regrade* response) override {
    if (request->name() == "tenants/-/regrades/absent") {
      return Refuse(absl::StatusCode::kNotFound, "REGRADE_NOT_FOUND");
    }
    const bool applying = regrade.state() == session::v1::REGRADE_STATE_APPLYING;
    regrade.set_state(applying ? session::v1::REGRADE_STATE_APPLIED : session::v1::REGRADE_STATE_READY);
    if (regrade.calibrate()) {
      regrade.set_graded_answers(7);
      regrade.set_calibration("a set");
    }
    regrade.set_answers(9);
    regrade.set_changes(2);
    regrade.set_raised(1);
    regrade.set_lowered(1);
    regrade.set_overridden(1);
    regrade.set_failures(1);
    if (applying) regrade.set_applied(2);
    *response = regrade;
    return grpc::Status::OK;
  }
  grpc::Status ListRegrades(Context*, const session::v1::ListRegradesRequest* request,
                            session::v1::ListRegradesResponse* response) override {
    listed.push_back(*request);
    if (request->pack() == "tenants/-/packs/beta") return grpc::Status::OK;
    auto& one = *response->add_regrades();
    const bool second = request->page_token() == "next";
    one.set_name(std::string("tenants/default/regrades/") + (second ? "0e6f1a52-1" : "0e6f1a52-2"));
    one.set_pack("tenants/default/packs/alpha");
    one.set_state(second ? session::v1::REGRADE_STATE_APPLIED : session::v1::REGRADE_STATE_COMPUTING);
    one.set_answers(second ? 9 : 1);
    one.set_changes(2);
    if (second) one.set_number(1);
    one.mutable_create_time()->set_seconds(1700000000);
    if (!second) response->set_next_page_token("next");
    return grpc::Status::OK;
  }
  grpc::Status GetQuestionStats(Context*, const session::v1::GetQuestionStatsRequest* request,
                                session::v1::QuestionStats* response) override {
    if (request->pack() == "tenants/-/packs/absent") {
      return Refuse(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
    }
    response->set_pack("tenants/default/packs/alpha");
    response->set_question(request->question());
    response->set_withheld(request->question() == "second");
    if (response->withheld()) return grpc::Status::OK;
    response->set_learners(5);
    response->set_attempts(12);
    response->set_mean_score(49.6);
    response->set_mean_first_score(31);
    auto& noise = *response->add_points();
    noise.set_item("noise");
    noise.set_made(0.5);
    response->add_points()->set_item("unseen");
    return grpc::Status::OK;
  }
  grpc::Status ListRegradeChanges(Context*, const session::v1::ListRegradeChangesRequest* request,
                                  session::v1::ListRegradeChangesResponse* response) override {
    auto& change = *response->add_changes();
    const bool second = request->page_token() == "next";
    change.set_answer(std::string("tenants/default/learners/ada/sessions/s/answers/") + (second ? "b" : "a"));
    change.set_question("first");
    if (!second) change.set_old_score(40);
    change.set_new_score(75);
    change.set_overridden(second);
    if (!second) response->set_next_page_token("next");
    return grpc::Status::OK;
  }
  grpc::Status ApplyRegrade(Context*, const session::v1::ApplyRegradeRequest*,
                            session::v1::Regrade* response) override {
    regrade.set_state(session::v1::REGRADE_STATE_APPLYING);
    *response = regrade;
    return grpc::Status::OK;
  }
  grpc::Status CancelRegrade(Context*, const session::v1::CancelRegradeRequest*,
                             session::v1::Regrade* response) override {
    regrade.set_state(session::v1::REGRADE_STATE_CANCELLED);
    *response = regrade;
    return grpc::Status::OK;
  }
  grpc::Status ListReviewQueue(Context*, const session::v1::ListReviewQueueRequest* request,
                               session::v1::ListReviewQueueResponse* response) override {
    asked = *request;
    if (!request->pack().empty()) return grpc::Status::OK;
    auto& item = *response->add_items();
    item.set_answer("tenants/default/learners/ada/sessions/s/answers/a");
    item.set_pack("tenants/default/packs/alpha");
    item.set_question("first");
    const bool second = request->page_token() == "next";
    item.set_reason(second ? session::v1::REVIEW_REASON_CLAIMED : session::v1::REVIEW_REASON_FAILED);
    if (second) {
      item.set_point("noise");
      item.set_claimants(3);
      item.set_score(40);
    } else {
      response->set_next_page_token("next");
    }
    return grpc::Status::OK;
  }
  grpc::Status CreateAssignment(Context*, const session::v1::CreateAssignmentRequest* request,
                                session::v1::Assignment* response) override {
    assigned.push_back(*request);
    *response = request->assignment();
    response->set_name(absl::StrCat("tenants/default/assignments/", request->assignment_id()));
    return grpc::Status::OK;
  }
  grpc::Status ListAssignments(Context*, const session::v1::ListAssignmentsRequest*,
                               session::v1::ListAssignmentsResponse* response) override {
    *response->add_assignments() = Final();
    return grpc::Status::OK;
  }
  grpc::Status ListAssignmentResults(Context*, const session::v1::ListAssignmentResultsRequest* request,
                                     session::v1::ListAssignmentResultsResponse* response) override {
    if (request->parent() != "tenants/-/assignments/final") {
      return Refuse(absl::StatusCode::kNotFound, "ASSIGNMENT_NOT_FOUND");
    }
    auto* const result = response->add_results();
    result->set_session("tenants/default/learners/ada/sessions/s1");
    result->set_state(session::v1::SESSION_STATE_FINISHED);
    result->set_score(55);
    result->set_questions(3);
    result->set_answered(2);
    return grpc::Status::OK;
  }
  grpc::Status ReleaseGrades(Context*, const session::v1::ReleaseGradesRequest* request,
                             session::v1::Assignment* response) override {
    released.push_back(request->name());
    *response = Final();
    response->mutable_release_time()->set_seconds(1);
    return grpc::Status::OK;
  }
  grpc::Status DeleteAssignment(Context*, const session::v1::DeleteAssignmentRequest* request,
                                google::protobuf::Empty*) override {
    deleted.push_back(request->name());
    return grpc::Status::OK;
  }

  std::vector<session::v1::OverrideGradeRequest> overridden;
  std::vector<session::v1::CreateAssignmentRequest> assigned;
  std::vector<std::string> released, deleted;
  std::vector<session::v1::CreateRegradeRequest> created;
  std::vector<session::v1::ListRegradesRequest> listed;
  session::v1::ListReviewQueueRequest asked;
  session::v1::Regrade regrade;

 private:
  static session::v1::Assignment Final() {
    session::v1::Assignment assignment;
    assignment.set_name("tenants/default/assignments/final");
    assignment.set_revision("tenants/default/packs/p/revisions/r1");
    assignment.set_mode(session::v1::SESSION_MODE_EXAM);
    assignment.mutable_time_limit()->set_seconds(1800);
    return assignment;
  }
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_FAKE_GRADEBOOK_SERVICE_H_
