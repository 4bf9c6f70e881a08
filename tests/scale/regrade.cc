// greenroom-scale-regrade: regrades many answers, kills the session service in the middle, and compares.
//   greenroom-scale-regrade [--answers N] [--load]
//
// Fills a log with answers whose grades are of a grader that gave 1 to everything. Previews a regrade of all of them
// undisturbed, and another with a kill -9 in the middle; applies that one with another kill. Fails unless the second goes on
// from where it was, both previews are the same, every new grade is recorded once, and session and scoring took at most half
// a core for it. With --load it also fails where GetSession's 99th percentile, at half of what the services can do, is more
// than twice as long while a regrade goes on.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/gradebook_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/config.h"
#include "services/base/sql/database.h"
#include "services/base/status_wire.h"
#include "services/base/task.h"
#include "services/session/domain/event.h"
#include "services/session/log/sql_event_log.h"
#include "tests/e2e/load/learner.h"
#include "tests/e2e/system.h"
#include "tests/servers/process.h"

namespace greenroom::e2e {
namespace {

using session::Event;
using session::v1::Regrade;
using Grades = session::v1::GradebookService::Stub;
using Sessions = session::v1::SessionService::Stub;

constexpr int kAnswersEach = 10;
constexpr int kWriters = 16;
constexpr absl::Duration kPatience = absl::Minutes(20);
constexpr double kMostOfACore = 0.5;
constexpr double kMostTimesAsLong = 2;

struct Options {
  int64_t answers = 100000;
  bool load = false;

  void AddFlags(Flags& flags) {
    flags.Integer("answers", &answers, 10, 1000000, "how many answers are graded anew");
    flags.Switch("load", &load, "also measure GetSession at half of the peak, with and without a regrade");
  }
};

// Repeats what a killed service did not answer: everything here may be repeated.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request, const std::string& bearer) {
  for (const absl::Time end = absl::Now() + absl::Minutes(1);;) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", bearer);
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    context.set_wait_for_ready(true);
    Response response;
    const absl::Status status = FromGrpc((stub.*rpc)(&context, request, &response));
    if (status.ok()) return response;
    if (!absl::IsUnavailable(status) || absl::Now() > end) return status;
    absl::SleepFor(absl::Milliseconds(50));
  }
}

Event NextEvent(const Event& before, std::string id, session::v1::EventPayload payload) {
  Event event = before;
  ++event.seq;
  event.event_id = std::move(id);
  event.occurred_time += absl::Milliseconds(1);
  event.payload = std::move(payload);
  event.kind = session::KindOf(event.payload);
  return event;
}

// One learner's session with its answers, each graded 1.
std::vector<Event> PractisedBy(const std::string& learner, const std::string& revision,
                               const std::vector<std::string>& questions) {
  Event created;
  created.learner = {"default", learner};
  created.seq = 1;
  created.event_id = created.session = NewId();
  // Long ago, for those who index what has settled: they take it at once, and are done when it is measured.
  created.occurred_time = created.received_time =
      absl::FromUnixMillis(absl::ToUnixMillis(absl::Now() - absl::Hours(1)));
  session::v1::Created& plan = *created.payload.mutable_created();
  plan.set_revision(revision);
  plan.set_mode(session::v1::SESSION_MODE_PRACTICE);
  for (const std::string& question : questions) plan.add_questions(question);
  created.kind = session::KindOf(created.payload);
  std::vector<Event> unit = {std::move(created)};
  for (int i = 0; i < kAnswersEach; ++i) {
    const std::string answer = NewId();
    const std::string& question = questions[static_cast<size_t>(i) % questions.size()];
    session::v1::EventPayload said, graded;
    said.mutable_submitted()->set_question(question);
    said.mutable_submitted()->set_question_name(absl::StrCat(revision, "/questions/", question));
    said.mutable_submitted()->set_text(absl::StrCat(
        "Answer ", i, " of ", learner,
        ": the model learns the noise of its training data, so it does badly on data "
        "that it has not seen. I would measure it on a validation set and use early stopping or more data."));
    graded.mutable_graded()->set_answer(answer);
    graded.mutable_graded()->set_cause(session::v1::GRADE_CAUSE_INITIAL);
    graded.mutable_graded()->set_question_name(said.submitted().question_name());
    graded.mutable_graded()->mutable_report()->set_grader("old/1");
    graded.mutable_graded()->mutable_report()->set_score(1);
    unit.push_back(NextEvent(unit.back(), answer, std::move(said)));
    unit.push_back(NextEvent(unit.back(), NewId(), std::move(graded)));
  }
  return unit;
}

// GetSession of one session.
class Looks {
 public:
  Looks(Sessions& stub, std::string bearer, std::string session)
      : stub_(stub), bearer_(std::move(bearer)), session_(std::move(session)) {}

  // Answers a second with 16 calls in flight, the best of three looks at it: so much the services can do.
  absl::StatusOr<double> Peak() {
    std::atomic<bool> stop = false;
    std::atomic<int64_t> answered = 0;
    std::function<void(absl::Duration)> next = [&](absl::Duration took) {
      answered += took == absl::InfiniteDuration() ? 0 : 1;
      if (!stop) Look(absl::Now(), next);
    };
    for (int i = 0; i < 16; ++i) Look(absl::Now(), next);
    absl::SleepFor(absl::Seconds(1));
    double peak = 0;
    for (int i = 0; i < 3; ++i) {
      const int64_t before = answered;
      const absl::Time began = absl::Now();
      absl::SleepFor(absl::Seconds(2));
      peak =
          std::max(peak, static_cast<double>(answered - before) / absl::ToDoubleSeconds(absl::Now() - began));
    }
    stop = true;
    RETURN_IF_ERROR(AwaitAll());
    return peak;
  }

  // The 99th percentile of five seconds at `rate` calls a second, an open loop: each is sent when it is due, whatever has
  // become of those before, and its time counts from then. Infinite where more than one in a hundred is refused.
  absl::StatusOr<absl::Duration> Percentile(double rate) {
    absl::Mutex mutex;
    std::vector<absl::Duration> times;
    const absl::Time began = absl::Now();
    const auto total = static_cast<int64_t>(rate * 5);
    for (int64_t sent = 0; sent < total; ++sent) {
      const absl::Time due = began + absl::Seconds(static_cast<double>(sent) / rate);
      absl::SleepFor(due - absl::Now());
      Look(due, [&](absl::Duration took) {
        absl::MutexLock lock(&mutex);
        times.push_back(took);
      });
    }
    RETURN_IF_ERROR(AwaitAll());
    absl::MutexLock lock(&mutex);
    if (times.empty())
      return absl::FailedPreconditionError("the services answer too few calls to be measured");
    const auto at = times.begin() + static_cast<int64_t>(times.size() * 99 / 100);
    std::nth_element(times.begin(), at, times.end());
    return *at;
  }

 private:
  // One call; `then` is told how long after `due` it was answered: never, where it was refused for too many calls.
  void Look(absl::Time due, std::function<void(absl::Duration)> then) {
    struct Sent {
      grpc::ClientContext context;
      session::v1::GetSessionRequest request;
      session::v1::Session response;
    };
    auto* sent = new Sent;
    sent->context.AddMetadata("authorization", bearer_);
    sent->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    sent->request.set_name(session_);
    ++waiting_;
    stub_.async()->GetSession(&sent->context, &sent->request, &sent->response,
                              [this, sent, due, then = std::move(then)](const grpc::Status& status) {
                                const bool refused = status.error_code() == grpc::StatusCode::UNAVAILABLE;
                                delete sent;
                                if (!status.ok() && !refused) Fail(FromGrpc(status));
                                then(refused ? absl::InfiniteDuration() : absl::Now() - due);
                                --waiting_;
                              });
  }
  void Fail(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    failure_.Update(status);
  }
  // Until no call is under way; the first error that is none of overload.
  absl::Status AwaitAll() {
    while (waiting_ > 0) absl::SleepFor(absl::Milliseconds(2));
    absl::MutexLock lock(&mutex_);
    return failure_;
  }

  Sessions& stub_;
  const std::string bearer_, session_;
  std::atomic<int64_t> waiting_ = 0;
  absl::Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

class Scale {
 public:
  explicit Scale(Options options) : options_(options) {}

  absl::Status Run() {
    SystemOptions system_options;
    system_options.log_level = "warning";
    ASSIGN_OR_RETURN(system_, System::Start(system_options));
    ASSIGN_OR_RETURN(const std::string teacher, system_->Token("instructor", "teacher"));
    teacher_ = absl::StrCat("Bearer ", teacher);
    const auto channel =
        grpc::CreateChannel(system_->target(Service::kSession), grpc::InsecureChannelCredentials());
    grades_ = session::v1::GradebookService::NewStub(channel);
    sessions_ = session::v1::SessionService::NewStub(channel);
    RETURN_IF_ERROR(Fill());
    RETURN_IF_ERROR(AwaitQuiet());

    ASSIGN_OR_RETURN(const Regrade undisturbed, PreviewUndisturbed());
    if (options_.load) RETURN_IF_ERROR(CompareLoads());
    ASSIGN_OR_RETURN(const Regrade killed, PreviewKilled());
    ASSIGN_OR_RETURN(const std::string expected, Changes(undisturbed.name()));
    ASSIGN_OR_RETURN(const std::string changes, Changes(killed.name()));
    if (changes != expected || Counts(killed) != Counts(undisturbed)) {
      return absl::DataLossError("a kill changed the preview");
    }
    Tell("the same ", killed.changes(), " changes");
    RETURN_IF_ERROR(ApplyKilled(killed.name()));
    return broken_ == 0 ? absl::OkStatus() : absl::InternalError("a bound is broken");
  }

 private:
  template <typename... Parts>
  void Tell(const Parts&... parts) {
    std::cout << absl::StrCat(absl::StrFormat("%6.1f s  ", absl::ToDoubleSeconds(absl::Now() - began_)),
                              parts...)
              << std::endl;
  }
  // "0.21, at most 0.50"
  std::string Bounded(double value, double most) {
    if (value > most) ++broken_;
    return absl::StrFormat("%.2f, at most %.2f%s", value, most, value > most ? "  BROKEN" : "");
  }

  absl::Status Fill() {
    session::v1::CreateSessionRequest create;
    create.set_parent("tenants/-/learners/me");
    create.set_session_id(NewId());
    create.set_source("tenants/-/packs/ml-engineer");
    create.set_mode(session::v1::SESSION_MODE_PRACTICE);
    ASSIGN_OR_RETURN(const std::string probe, LearnerToken(system_->key(), "probe"));
    probe_ = absl::StrCat("Bearer ", probe);
    ASSIGN_OR_RETURN(const auto created, Call(*sessions_, &Sessions::CreateSession, create, probe_));
    probe_session_ = created.session().name();
    std::vector<std::string> questions;
    for (int i = 0; i < kAnswersEach && i < created.session().questions_size(); ++i) {
      questions.push_back(created.session().questions(i).question());
    }
    ASSIGN_OR_RETURN(const auto database, sql::Database::Open(system_->log_url()));
    ASSIGN_OR_RETURN(const auto log, session::SqlEventLog::Open(*database));
    std::atomic<int64_t> next = 0;
    absl::Mutex mutex;
    absl::Status failure;
    std::vector<std::thread> writers;
    writers.reserve(kWriters);
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&] {
        for (int64_t learner = next++; learner * kAnswersEach < options_.answers; learner = next++) {
          const std::vector<Event> unit =
              PractisedBy(absl::StrCat("learner-", learner), created.session().revision(), questions);
          const auto written = SyncWait(log->Append(unit, absl::Now() + absl::Minutes(1)));
          if (written.ok()) continue;
          absl::MutexLock lock(&mutex);
          failure.Update(written.status());
          return;
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
    RETURN_IF_ERROR(failure);
    ASSIGN_OR_RETURN(filled_, GradesInTheLog());
    Tell(filled_, " answers are in the log");
    return absl::OkStatus();
  }

  // Of the two services that a regrade works in, since they were started.
  absl::StatusOr<absl::Duration> ProcessorTime() {
    absl::Duration sum;
    for (const Service service : {Service::kSession, Service::kScoring}) {
      ASSIGN_OR_RETURN(const ProcessUse use, UseOf(system_->process(service).pid()));
      sum += use.processor_time;
    }
    return sum;
  }

  // Until the indexes of memory and of the grade book, which a session service keeps by itself, have taken in what is there.
  absl::Status AwaitQuiet() {
    constexpr absl::Duration kLook = absl::Seconds(6);  // longer than they rest where there is nothing to do
    constexpr double kQuiet = 0.03;
    const absl::Time end = absl::Now() + kPatience;
    double cores = 1;
    while (cores > kQuiet) {
      if (absl::Now() > end) return absl::DeadlineExceededError("the services do not come to rest");
      ASSIGN_OR_RETURN(const absl::Duration before, ProcessorTime());
      absl::SleepFor(kLook);
      ASSIGN_OR_RETURN(const absl::Duration after, ProcessorTime());
      cores = absl::FDivDuration(after - before, kLook);
    }
    Tell("the services are at rest");
    return absl::OkStatus();
  }

  absl::StatusOr<Regrade> Create() {
    session::v1::CreateRegradeRequest request;
    request.set_parent("tenants/-");
    request.set_regrade_id(NewId());
    request.set_pack("tenants/-/packs/ml-engineer");
    ASSIGN_OR_RETURN(const auto created, Call(*grades_, &Grades::CreateRegrade, request, teacher_));
    return created.regrade();
  }

  absl::StatusOr<Regrade> Get(const std::string& name) {
    session::v1::GetRegradeRequest request;
    request.set_name(name);
    return Call(*grades_, &Grades::GetRegrade, request, teacher_);
  }

  // Until it holds of the regrade, which must not leave `state` before.
  absl::StatusOr<Regrade> AwaitWhile(const std::string& name, session::v1::RegradeState state,
                                     const std::function<bool(const Regrade&)>& holds) {
    const absl::Time end = absl::Now() + kPatience;
    for (;;) {
      ASSIGN_OR_RETURN(Regrade now, Get(name));
      if (holds(now)) return now;
      if (now.state() != state) return absl::FailedPreconditionError("too few answers: it was over before");
      if (absl::Now() > end) return absl::DeadlineExceededError(now.ShortDebugString());
      absl::SleepFor(absl::Milliseconds(100));
    }
  }
  absl::StatusOr<Regrade> AwaitEnd(const std::string& name, session::v1::RegradeState work,
                                   session::v1::RegradeState end) {
    return AwaitWhile(name, work, [end](const Regrade& now) { return now.state() == end; });
  }

  absl::StatusOr<Regrade> PreviewUndisturbed() {
    ASSIGN_OR_RETURN(const Regrade created, Create());
    const absl::Time began = absl::Now();
    ASSIGN_OR_RETURN(const absl::Duration before, ProcessorTime());
    ASSIGN_OR_RETURN(Regrade done, AwaitEnd(created.name(), session::v1::REGRADE_STATE_COMPUTING,
                                            session::v1::REGRADE_STATE_READY));
    ASSIGN_OR_RETURN(const absl::Duration after, ProcessorTime());
    const absl::Duration took = absl::Now() - began;
    Tell("previewed ", done.answers(), " answers in ", absl::FormatDuration(took), ", ", done.changes(),
         " changes; cores that session and scoring took: ",
         Bounded(absl::FDivDuration(after - before, took), kMostOfACore));
    if (done.answers() != filled_) return absl::DataLossError("some answers were not looked at");
    return done;
  }

  absl::Status KillSession() {
    system_->Kill9(Service::kSession);
    return system_->StartService(Service::kSession);
  }

  absl::StatusOr<Regrade> PreviewKilled() {
    ASSIGN_OR_RETURN(const Regrade created, Create());
    const auto computing = session::v1::REGRADE_STATE_COMPUTING;
    ASSIGN_OR_RETURN(const Regrade then, AwaitWhile(created.name(), computing, [&](const Regrade& now) {
                       return now.answers() > options_.answers / 3;
                     }));
    RETURN_IF_ERROR(KillSession());
    ASSIGN_OR_RETURN(const Regrade next, Get(created.name()));
    if (next.state() != computing || next.answers() < then.answers()) {
      return absl::DataLossError("it did not go on from where it was");
    }
    ASSIGN_OR_RETURN(Regrade done, AwaitEnd(created.name(), computing, session::v1::REGRADE_STATE_READY));
    Tell("killed after ", next.answers(), " answers of a preview, which went on to ", done.answers());
    return done;
  }

  absl::Status ApplyKilled(const std::string& name) {
    const auto applying = session::v1::REGRADE_STATE_APPLYING;
    session::v1::ApplyRegradeRequest apply;
    apply.set_name(name);
    RETURN_IF_ERROR(Call(*grades_, &Grades::ApplyRegrade, apply, teacher_).status());
    ASSIGN_OR_RETURN(const absl::Duration before, ProcessorTime());
    const absl::Time began = absl::Now();
    ASSIGN_OR_RETURN(const Regrade then, AwaitWhile(name, applying, [](const Regrade& now) {
                       return now.applied() > now.changes() / 3;
                     }));
    ASSIGN_OR_RETURN(const absl::Duration after, ProcessorTime());
    const absl::Duration took = absl::Now() - began;
    RETURN_IF_ERROR(KillSession());
    ASSIGN_OR_RETURN(const Regrade applied, AwaitEnd(name, applying, session::v1::REGRADE_STATE_APPLIED));
    ASSIGN_OR_RETURN(const int64_t grades, GradesInTheLog());
    Tell("killed after ", then.applied(), " new grades in ", absl::FormatDuration(took), " of ",
         applied.applied(), ", ", grades, " grades in the log; cores until then: ",
         Bounded(absl::FDivDuration(after - before, took), kMostOfACore));
    if (applied.applied() != applied.changes() || grades != filled_ + applied.changes()) {
      return absl::DataLossError("new grades are missing or there twice");
    }
    return absl::OkStatus();
  }

  // The regrade less what differs from one to another.
  static std::string Counts(Regrade regrade) {
    regrade.clear_name();
    regrade.clear_create_time();
    return regrade.ShortDebugString();
  }

  // Each change as a line.
  absl::StatusOr<std::string> Changes(const std::string& name) {
    std::string text;
    session::v1::ListRegradeChangesRequest request;
    request.set_parent(name);
    request.set_page_size(500);
    do {
      ASSIGN_OR_RETURN(const auto page, Call(*grades_, &Grades::ListRegradeChanges, request, teacher_));
      for (const auto& change : page.changes()) absl::StrAppend(&text, change.ShortDebugString(), "\n");
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return text;
  }

  absl::StatusOr<int64_t> GradesInTheLog() const {
    ASSIGN_OR_RETURN(const auto database, sql::Database::Open(system_->log_url()));
    ASSIGN_OR_RETURN(const auto connection, database->Connect(sql::Access::kRead));
    ASSIGN_OR_RETURN(const sql::Rows rows,
                     connection->Query("SELECT count(*) FROM events WHERE kind = 'graded'"));
    int64_t count = 0;
    RETURN_IF_ERROR(rows.at(0).Read(count));
    return count;
  }

  // The shortest of three: another's burst on this machine is none of ours.
  absl::StatusOr<absl::Duration> BestPercentile(Looks& looks, double rate) {
    absl::Duration best = absl::InfiniteDuration();
    for (int i = 0; i < 3; ++i) {
      ASSIGN_OR_RETURN(const absl::Duration one, looks.Percentile(rate));
      best = std::min(best, one);
    }
    return best;
  }

  // GetSession at half of the peak without a regrade, then with one, which is given up.
  absl::Status CompareLoads() {
    Looks looks(*sessions_, probe_, probe_session_);
    ASSIGN_OR_RETURN(const double peak, looks.Peak());
    ASSIGN_OR_RETURN(const absl::Duration without, BestPercentile(looks, peak / 2));

    ASSIGN_OR_RETURN(const Regrade created, Create());
    const auto computing = session::v1::REGRADE_STATE_COMPUTING;
    ASSIGN_OR_RETURN(const Regrade first, AwaitWhile(created.name(), computing,
                                                     [](const Regrade& now) { return now.answers() > 0; }));
    ASSIGN_OR_RETURN(const absl::Duration with, BestPercentile(looks, peak / 2));
    ASSIGN_OR_RETURN(const Regrade last, Get(created.name()));
    if (last.state() != computing)
      return absl::FailedPreconditionError("too few answers: it was over before");
    Tell("GetSession at ", static_cast<int64_t>(peak / 2), " a second, half of the peak: 99 % within ",
         absl::FormatDuration(without), ", and within ", absl::FormatDuration(with), " while ",
         last.answers() - first.answers(), " answers were looked at; times as long: ",
         Bounded(absl::FDivDuration(with, without), kMostTimesAsLong));
    session::v1::CancelRegradeRequest cancel;
    cancel.set_name(created.name());
    return Call(*grades_, &Grades::CancelRegrade, cancel, teacher_).status();
  }

  const Options options_;
  const absl::Time began_ = absl::Now();
  std::unique_ptr<System> system_;
  std::string teacher_, probe_, probe_session_;
  std::unique_ptr<Grades> grades_;
  std::unique_ptr<Sessions> sessions_;
  int64_t filled_ = 0;
  int broken_ = 0;  // bounds
};

int Main(int argc, char** argv) {
  Options options;
  Flags flags("greenroom-scale-regrade", GREENROOM_VERSION,
              "Regrades many answers, with kills in the middle.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  const absl::Status done = Scale(options).Run();
  if (!done.ok()) std::cerr << "greenroom-scale-regrade: " << done << "\n";
  return done.ok() ? 0 : 1;
}

}  // namespace
}  // namespace greenroom::e2e

int main(int argc, char** argv) { return greenroom::e2e::Main(argc, argv); }
