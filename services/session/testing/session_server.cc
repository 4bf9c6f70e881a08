#include "services/session/testing/session_server.h"

#include <grpcpp/create_channel.h>

#include "services/base/check.h"

namespace greenroom::session::testing {

content::v1::Question MarkedQuestion(const std::string& id) {
  content::v1::Question question;
  question.set_id(id);
  question.set_name(absl::StrCat(kRevision, "/questions/", id));
  question.set_prompt(absl::StrCat("Prompt of ", id));
  question.set_kind(content::v1::QUESTION_KIND_CONCEPT);
  question.set_topic("topic");
  question.set_difficulty(2);
  question.set_minutes(4);
  question.set_model_answer(absl::StrCat("MARKER-MODEL-", id));
  question.set_guidance(absl::StrCat("MARKER-GUIDANCE-", id));
  question.set_notes(absl::StrCat("MARKER-NOTES-", id));
  for (const char* item : {"made", "missed"}) {
    content::v1::RubricItem* rubric = question.add_rubric();
    rubric->set_id(absl::StrCat("MARKER-ID-", item));
    rubric->set_point(absl::StrCat("MARKER-POINT-", item, "-", id));
    rubric->add_accept(absl::StrCat("MARKER-ACCEPT-", item));
    rubric->set_cue(absl::StrCat("cue of ", item));
  }
  content::v1::RedFlag* flag = question.add_red_flags();
  flag->set_id("flag");
  flag->set_point("MARKER-FLAG");
  flag->set_say("better not say that");
  flag->add_match("MARKER-MATCH");
  question.add_hints("first hint");
  question.add_hints("second hint");
  question.add_follow_ups()->set_line("and then?");
  question.add_examples()->set_answer("MARKER-EXAMPLE");
  content::v1::Tip* tip = question.add_tips();
  tip->set_id("tip");
  tip->set_text("Give an example.");
  tip->mutable_check()->mutable_rubric()->set_point("MARKER-TIP");
  return question;
}

scoring::v1::Report MarkedReport(const std::string& question, int32_t score) {
  const std::string id = question.substr(question.rfind('/') + 1);
  scoring::v1::Report report;
  report.set_grader("fake/1");
  report.set_question(question);
  report.set_score(score);
  report.set_band(scoring::v1::BAND_PARTIAL);
  for (const char* name : {"made", "missed"}) {
    const bool made = std::string(name) == "made";
    scoring::v1::ItemResult* item = report.add_items();
    item->set_id(absl::StrCat("MARKER-ID-", name));
    item->set_point(absl::StrCat("MARKER-POINT-", name, "-", id));
    item->set_weight(1);
    item->set_credit(made ? 1 : 0);
    item->set_cue(absl::StrCat("cue of ", name));
    if (made) item->add_spans()->set_quote("words of the learner");
  }
  scoring::v1::FlagResult* flag = report.add_flags();
  flag->set_id("flag");
  flag->set_point("MARKER-FLAG");
  flag->set_say("better not say that");
  flag->add_cancels("MARKER-ID-missed");
  scoring::v1::CapResult* cap = report.add_caps();
  cap->set_limit(60);
  cap->set_item("MARKER-ID-missed");
  cap->set_text(absl::StrCat("MARKER-POINT-missed-", id));
  cap->set_cue("cue of missed");
  scoring::v1::Feedback* gap = report.add_feedback();
  gap->set_kind(scoring::v1::FEEDBACK_KIND_GAP);
  gap->set_item("MARKER-ID-missed");
  gap->set_text("cue of missed");
  (*gap->mutable_parameters())["point"] = "MARKER-POINT-missed";
  return report;
}

SessionWorld::SessionWorld(WatchOptions watch)
    : metrics(registry),
      logger("session", "test", LogLevel::kError, clock, [](absl::string_view) {}),
      cached_catalogue(catalogue, clock),
      breaker(grader, clock),
      ledger(log, live, clock, metrics),
      rpc_metrics(registry),
      runtime{authenticator, admission, rpc_metrics, logger, rng},
      service(runtime, {ledger, log, live, cached_catalogue, calibrated, clock, rng, metrics, wakeups, watch,
                        draining.get_token(), assignments, open_exams, memory_deriver, &due, &selector}),
      worker(log, ledger, calibrated_late, cached_catalogue, clock, rng, metrics, logger),
      deadline_worker(log, ledger, clock, rng, logger),
      exam_worker(assignments, open_exams, ledger, logger),
      memory_worker(memory_index, memory_deriver, clock, logger),
      learner_ledger(log, clock),
      progress_service(runtime,
                       {learner_ledger, memory_index, memory_deriver, cached_catalogue, clock, assignments},
                       PrivacyHandlers(ledger, log, memory_deriver, clock, assignments)),
      gradebook(runtime, {ledger, cached_catalogue, gradebook_store, clock},
                {assignments, ledger, cached_catalogue, clock}),
      regrades(gradebook_store, log, ledger, grader, clock, rng, logger),
      reviews(gradebook_store, log, clock, rng, logger) {
  live.OnWakeUp([this](const SessionKey& session) { wakeups.Wake(session); });
  catalogue.Publish(kPack, {kRevision, {MarkedQuestion("q1"), MarkedQuestion("q2"), MarkedQuestion("q3")}});
  grader.set_grading([](const std::string& question, const std::string&) { return MarkedReport(question); });
}

SessionWorld::~SessionWorld() = default;

SessionServer::SessionServer(WatchOptions watch) : SessionWorld(watch) {
  ServerOptions options;
  options.drain_delay = absl::ZeroDuration();
  options.max_receive_bytes = static_cast<int>(kMaxSyncMessageBytes);
  auto started = Server::Start(options, {&service, &progress_service, &gradebook}, registry, logger);
  CHECK_THAT(started.ok(), started.status().ToString());
  server = *std::move(started);
  server->OnDraining([this] { draining.request_stop(); });
  channel =
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", server->port()), grpc::InsecureChannelCredentials());
  stub = v1::SessionService::NewStub(channel);
  progress_stub = v1::ProgressService::NewStub(channel);
  gradebook_stub = v1::GradebookService::NewStub(channel);
}

SessionServer::~SessionServer() = default;

}  // namespace greenroom::session::testing
