// progress, history, review, settings: what a learner keeps.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/peer.h"
#include "clients/cli/practice.h"
#include "clients/cli/progress_text.h"
#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "services/base/rng.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using ProgressStub = session::v1::ProgressService::StubInterface;

constexpr char kMe[] = "tenants/-/learners/me";
// What no person types: the flag was not given. Empty means that the setting shall be unset.
constexpr char kAbsent[] = "\x01";

std::string PackName(const std::string& id) { return id.empty() ? "" : absl::StrCat("tenants/-/packs/", id); }

absl::StatusOr<session::v1::Progress> FetchProgress(Peer& peer, ProgressStub& stub, const std::string& pack,
                                                    int days) {
  session::v1::GetProgressRequest request;
  request.set_name(absl::StrCat(kMe, "/progress"));
  request.set_pack(PackName(pack));
  request.set_forecast_days(days);
  return peer.Call<ProgressStub>(stub, &ProgressStub::GetProgress, request);
}

// The settings that the command line changes.
class Changes {
 public:
  void Declare(Arguments& arguments) {
    arguments.Text("zone", "ZONE", &zone_, "time zone of the IANA database, as Europe/Berlin");
    arguments.Number("rollover", "HOUR", &rollover_, "hour at which your new day begins [4]");
    arguments.Number("minutes", "N", &minutes_, "minutes that a day's list may take; 0: no limit");
    arguments.Number("retention", "R", &retention_, "recall at which a question is due, 0.70 to 0.97 [0.90]");
    arguments.Text("goal", "PACK", &goal_, "what you prepare for; \"\" for nothing");
    arguments.Text("goal-date", "DAY", &goal_date_, "the day of the interview, YYYY-MM-DD; \"\" for none");
    arguments.Text("language", "TAG", &language_, "the language of what you are told; \"\" for the pack's");
  }

  session::v1::UpdateLearnerRequest Request() const {
    session::v1::UpdateLearnerRequest request;
    session::v1::LearnerSettings& settings = *request.mutable_settings();
    const auto mask = [&](const char* field) { request.mutable_update_mask()->add_paths(field); };
    if (zone_ != kAbsent) settings.set_time_zone(zone_), mask("time_zone");
    if (!std::isnan(rollover_)) settings.set_rollover_hour(Whole(rollover_)), mask("rollover_hour");
    if (!std::isnan(minutes_)) settings.set_daily_minutes(Whole(minutes_)), mask("daily_minutes");
    if (!std::isnan(retention_)) settings.set_desired_retention(retention_), mask("desired_retention");
    if (goal_ != kAbsent) settings.set_goal_pack(PackName(goal_)), mask("goal_pack");
    if (goal_date_ != kAbsent) settings.set_goal_date(goal_date_), mask("goal_date");
    if (language_ != kAbsent) settings.set_language(language_), mask("language");
    return request;
  }
  absl::Status Check() const {
    for (const double number : {rollover_, minutes_}) {
      if (!std::isnan(number) && (number != std::floor(number) || std::abs(number) > 10000)) {
        return absl::InvalidArgumentError("--rollover and --minutes take whole numbers");
      }
    }
    return absl::OkStatus();
  }

 private:
  static int Whole(double number) { return static_cast<int>(number); }

  std::string zone_ = kAbsent, goal_ = kAbsent, goal_date_ = kAbsent, language_ = kAbsent;
  double rollover_ = std::numeric_limits<double>::quiet_NaN();
  double minutes_ = std::numeric_limits<double>::quiet_NaN();
  double retention_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace

absl::StatusOr<int> RunProgress(Invocation& invocation, const std::vector<std::string>& words) {
  std::string pack;
  invocation.arguments().OptionalWord("PACK", &pack);
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
  const auto stub = session::v1::ProgressService::NewStub(peer.channel());
  ASSIGN_OR_RETURN(const session::v1::Progress progress, FetchProgress(peer, *stub, pack, 35));
  invocation.Reply(progress);
  invocation.Say(RenderProgress(progress, invocation.page()));
  return kExitOk;
}

absl::StatusOr<int> RunHistory(Invocation& invocation, const std::vector<std::string>& words) {
  std::string pack;
  invocation.arguments().OptionalWord("PACK", &pack);
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
  const auto stub = session::v1::ProgressService::NewStub(peer.channel());
  ASSIGN_OR_RETURN(const session::v1::Progress progress, FetchProgress(peer, *stub, pack, 1));
  session::v1::GetCalibrationRequest request;
  request.set_parent(kMe);
  request.set_pack(PackName(pack));
  ASSIGN_OR_RETURN(const session::v1::Calibration calibration,
                   peer.Call<ProgressStub>(*stub, &ProgressStub::GetCalibration, request));
  for (const session::v1::QuestionProgress& question : progress.questions()) invocation.Reply(question);
  invocation.Reply(calibration);
  if (progress.questions().empty()) invocation.Say("No question was answered yet.");
  invocation.Say(RenderHistory(progress, invocation.page()));
  if (calibration.predictions() > 0) invocation.Say("");
  invocation.Say(RenderCalibration(calibration, invocation.page()));
  return kExitOk;
}

absl::StatusOr<int> RunReview(Invocation& invocation, const std::vector<std::string>& words) {
  std::string pack;
  bool start = false;
  invocation.arguments().OptionalWord("PACK", &pack);
  invocation.arguments().Switch("start", &start, "ask what is due of PACK; goes on with an open review");
  RETURN_IF_ERROR(invocation.Parse(words));
  if (start && pack.empty()) return absl::InvalidArgumentError("--start needs PACK");
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
  if (start) {
    PracticeOptions options;
    options.pack = pack;
    options.review = true;
    return Practice(invocation, peer, std::move(options)).Run();
  }
  const auto stub = session::v1::ProgressService::NewStub(peer.channel());
  session::v1::ListDueQuestionsResponse due;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    session::v1::ListDueQuestionsRequest request;
    request.set_parent(kMe);
    request.set_pack(PackName(pack));
    request.set_page_token(token);
    ASSIGN_OR_RETURN(due, peer.Call<ProgressStub>(*stub, &ProgressStub::ListDueQuestions, request));
    invocation.Reply(due);
    for (const session::v1::DueQuestion& question : due.questions()) {
      invocation.Say(RenderDueQuestion(question, invocation.page()));
    }
    return due.next_page_token();
  }));
  invocation.Say(RenderDueTotals(due, invocation.page()));
  return kExitOk;
}

absl::StatusOr<int> RunSettings(Invocation& invocation, const std::vector<std::string>& words) {
  Changes changes;
  changes.Declare(invocation.arguments());
  RETURN_IF_ERROR(invocation.Parse(words));
  RETURN_IF_ERROR(changes.Check());
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
  const auto stub = session::v1::ProgressService::NewStub(peer.channel());
  session::v1::UpdateLearnerRequest update = changes.Request();
  session::v1::Learner learner;
  if (update.update_mask().paths().empty()) {
    session::v1::GetLearnerRequest request;
    request.set_name(kMe);
    ASSIGN_OR_RETURN(learner, peer.Call<ProgressStub>(*stub, &ProgressStub::GetLearner, request));
  } else {
    update.set_name(kMe);
    update.set_request_id(invocation.world().rng.Uuid());
    ASSIGN_OR_RETURN(const session::v1::UpdateLearnerResponse updated,
                     peer.Call<ProgressStub>(*stub, &ProgressStub::UpdateLearner, update));
    learner = updated.learner();
  }
  invocation.Reply(learner);
  invocation.Say(RenderSettings(learner.settings(), invocation.page()));
  return kExitOk;
}

}  // namespace greenroom::cli
