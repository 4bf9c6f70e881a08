// For tests: ProgressService as the CLI sees it.
#ifndef GREENROOM_CLIENTS_CLI_FAKE_PROGRESS_SERVICE_H_
#define GREENROOM_CLIENTS_CLI_FAKE_PROGRESS_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "greenroom/session/v1/progress_service.grpc.pb.h"

namespace greenroom::cli {

// One learner, who knows `first` of pack `alpha` a little.
class FakeProgressService final : public session::v1::ProgressService::Service {
 public:
  std::vector<session::v1::UpdateLearnerRequest> updated;
  session::v1::GetProgressRequest asked;
  session::v1::LearnerSettings settings;

  grpc::Status GetProgress(grpc::ServerContext*, const session::v1::GetProgressRequest* request,
                           session::v1::Progress* response) override {
    asked = *request;
    response->set_pack("tenants/default/packs/alpha");
    auto* const topic = response->add_topics();
    topic->set_topic("basics");
    topic->set_questions(2);
    topic->set_seen(1);
    topic->set_mastery(0.5);
    topic->set_level(session::v1::MASTERY_LEVEL_PARTIAL);
    auto* const question = response->add_questions();
    question->set_question("first");
    question->set_attempts(2);
    question->set_sessions(1);
    question->set_first_score(40);
    question->set_best_score(70);
    question->set_gained(30);
    auto* const day = response->add_forecast();
    day->set_date("2026-11-28");
    day->set_questions(3);
    return grpc::Status::OK;
  }
  grpc::Status ListDueQuestions(grpc::ServerContext*, const session::v1::ListDueQuestionsRequest* request,
                                session::v1::ListDueQuestionsResponse* response) override {
    // Two pages of one question each.
    const bool second = request->page_token() == "next";
    auto* const question = response->add_questions();
    question->set_pack("tenants/default/packs/alpha");
    question->set_question(second ? "second" : "first");
    question->set_recall(0.6);
    question->set_minutes(4);
    response->set_total(2);
    response->set_total_minutes(8);
    response->set_left_out(1);
    response->set_left_out_minutes(5);
    if (!second) response->set_next_page_token("next");
    return grpc::Status::OK;
  }
  grpc::Status GetLearner(grpc::ServerContext*, const session::v1::GetLearnerRequest*,
                          session::v1::Learner* response) override {
    *response->mutable_settings() = settings;
    return grpc::Status::OK;
  }
  grpc::Status UpdateLearner(grpc::ServerContext*, const session::v1::UpdateLearnerRequest* request,
                             session::v1::UpdateLearnerResponse* response) override {
    updated.push_back(*request);
    settings.MergeFrom(request->settings());
    *response->mutable_learner()->mutable_settings() = settings;
    return grpc::Status::OK;
  }
  grpc::Status GetCalibration(grpc::ServerContext*, const session::v1::GetCalibrationRequest*,
                              session::v1::Calibration* response) override {
    response->set_predictions(12);
    response->set_recalled(0.75);
    response->mutable_memory()->set_log_loss(0.4);
    return grpc::Status::OK;
  }
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_FAKE_PROGRESS_SERVICE_H_
