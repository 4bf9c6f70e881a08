// ProgressTest: the session service with helpers for what ProgressService is asked.
#ifndef GREENROOM_SERVICES_SESSION_TESTING_PROGRESS_FIXTURE_H_
#define GREENROOM_SERVICES_SESSION_TESTING_PROGRESS_FIXTURE_H_

#include <map>
#include <string>
#include <vector>

#include "services/session/domain/wire_time.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {

class ProgressTest : public SessionServiceTest {
 protected:
  using ProgressStub = v1::ProgressService::Stub;

  // A change of settings; the mask holds the fields named.
  v1::UpdateLearnerRequest Update(int id, const std::vector<std::string>& fields,
                                  const v1::LearnerSettings& settings) {
    v1::UpdateLearnerRequest request;
    request.set_name("tenants/-/learners/me");
    request.set_request_id(Uuid(id));
    *request.mutable_settings() = settings;
    for (const std::string& field : fields) request.mutable_update_mask()->add_paths(field);
    return request;
  }
  // An import of one question from SM-2, reviewed a day ago.
  v1::ImportMemoryRequest Import(int id, const std::string& question, double ease, double interval,
                                 double retention) {
    v1::ImportMemoryRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_request_id(Uuid(id));
    v1::MemoryToImport* item = request.add_items();
    item->set_pack("tenants/-/packs/ml");
    item->set_question(question);
    item->mutable_sm2()->set_ease(ease);
    item->mutable_sm2()->set_interval_days(interval);
    item->mutable_sm2()->set_retention(retention);
    *item->mutable_last_review_time() = ToTimestamp(server_.clock.Now() - absl::Hours(24));
    item->set_reviews(3);
    return request;
  }
  absl::StatusOr<v1::ListDueQuestionsResponse> Due(int page_size = 0, const std::string& token = "",
                                                   const std::string& pack = "", const As& as = {}) {
    v1::ListDueQuestionsRequest request;
    request.set_parent(kLearner);
    request.set_page_size(page_size);
    request.set_page_token(token);
    request.set_pack(pack);
    return Call(&ProgressStub::ListDueQuestions, request, as);
  }
  absl::StatusOr<v1::Progress> Progress(const std::string& pack = "", const As& as = {}) {
    v1::GetProgressRequest request;
    request.set_name(absl::StrCat(kLearner, "/progress"));
    request.set_pack(pack);
    return Call(&ProgressStub::GetProgress, request, as);
  }
  absl::StatusOr<v1::Learner> Learner(const As& as = {}) {
    v1::GetLearnerRequest request;
    request.set_name(kLearner);
    return Call(&ProgressStub::GetLearner, request, as);
  }
  absl::StatusOr<v1::Calibration> Calibration(const As& as = {}) {
    v1::GetCalibrationRequest request;
    request.set_parent(kLearner);
    return Call(&ProgressStub::GetCalibration, request, as);
  }
  static std::vector<std::string> Questions(const v1::ListDueQuestionsResponse& response) {
    std::vector<std::string> ids;
    for (const v1::DueQuestion& question : response.questions()) ids.push_back(question.question());
    return ids;
  }

  // Every RPC of the service about ada, by its name.
  std::map<std::string, absl::Status> CallAll(const As& as, const std::string& learner = kLearner) {
    std::map<std::string, absl::Status> statuses;
    v1::GetProgressRequest progress;
    progress.set_name(learner + "/progress");
    statuses["GetProgress"] = Call(&ProgressStub::GetProgress, progress, as).status();
    v1::ListDueQuestionsRequest due;
    due.set_parent(learner);
    statuses["ListDueQuestions"] = Call(&ProgressStub::ListDueQuestions, due, as).status();
    v1::GetLearnerRequest get;
    get.set_name(learner);
    statuses["GetLearner"] = Call(&ProgressStub::GetLearner, get, as).status();
    v1::GetCalibrationRequest calibration;
    calibration.set_parent(learner);
    statuses["GetCalibration"] = Call(&ProgressStub::GetCalibration, calibration, as).status();
    v1::LearnerSettings settings;
    settings.set_daily_minutes(30);
    v1::UpdateLearnerRequest update = Update(901, {"daily_minutes"}, settings);
    update.set_name(learner);
    statuses["UpdateLearner"] = Call(&ProgressStub::UpdateLearner, update, as).status();
    v1::ImportMemoryRequest import = Import(902, "q1", 2.5, 10, 0.9);
    import.set_parent(learner);
    statuses["ImportMemory"] = Call(&ProgressStub::ImportMemory, import, as).status();
    return statuses;
  }
};

}  // namespace greenroom::session::testing

#endif  // GREENROOM_SERVICES_SESSION_TESTING_PROGRESS_FIXTURE_H_
