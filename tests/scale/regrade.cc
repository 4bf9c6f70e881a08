// greenroom-scale-regrade: regrades many answers, kills the session service in the middle, and compares.
//   greenroom-scale-regrade [--answers N] [--load]
//
// Fills a log with answers whose grades are of a grader that gave 1 to everything, previews a regrade of all of them twice,
// once undisturbed and once with a kill -9 in the middle, and applies the second with another kill. Fails unless the two
// previews are the same and every new grade is recorded once. Tells the processor time of session and scoring for it, and
// with --load what it does to GetSession at half of what the services can do.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
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

namespace greenroom::e2e {
namespace {

using session::Event;
using session::v1::Regrade;
using Grades = session::v1::GradebookService::Stub;
using Sessions = session::v1::SessionService::Stub;

constexpr int kAnswersEach = 10;
constexpr int kWriters = 16;
constexpr absl::Duration kPatience = absl::Minutes(20);

struct Options {
  int64_t answers = 10000;
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
  created.occurred_time = created.received_time = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()));
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
    absl::Duration before;
    if (options_.load) {
      rate_ = Peak() / 2;
      before = PercentileAtRate();
    }

    ASSIGN_OR_RETURN(const std::string undisturbed, Create());
    RETURN_IF_ERROR(Measure(undisturbed, before));
    ASSIGN_OR_RETURN(const std::string killed, Create());
    RETURN_IF_ERROR(
        KillWhen(killed, [&](const Regrade& now) { return now.answers() > options_.answers / 3; }));
    ASSIGN_OR_RETURN(const Regrade preview, Await(killed, session::v1::REGRADE_STATE_READY));
    ASSIGN_OR_RETURN(const std::string expected, Changes(undisturbed));
    ASSIGN_OR_RETURN(const std::string changes, Changes(killed));
    if (changes != expected) return absl::DataLossError("a kill changed the preview");
    std::cout << "killed in the middle of the preview: the same " << preview.changes() << " changes\n";

    session::v1::ApplyRegradeRequest apply;
    apply.set_name(killed);
    RETURN_IF_ERROR(Call(*grades_, &Grades::ApplyRegrade, apply, teacher_).status());
    RETURN_IF_ERROR(KillWhen(killed, [&](const Regrade& now) { return now.applied() > now.changes() / 3; }));
    ASSIGN_OR_RETURN(const Regrade applied, Await(killed, session::v1::REGRADE_STATE_APPLIED));
    ASSIGN_OR_RETURN(const int64_t grades, GradesInTheLog());
    std::cout << "killed in the middle of applying: " << applied.applied() << " new grades, " << grades
              << " in the log\n";
    if (applied.applied() != applied.changes() || grades != filled_ + applied.changes()) {
      return absl::DataLossError("new grades are missing or there twice");
    }
    return failure_;
  }

 private:
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
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Create() {
    session::v1::CreateRegradeRequest request;
    request.set_parent("tenants/-");
    request.set_regrade_id(NewId());
    request.set_pack("tenants/-/packs/ml-engineer");
    ASSIGN_OR_RETURN(const auto created, Call(*grades_, &Grades::CreateRegrade, request, teacher_));
    return created.regrade().name();
  }

  absl::StatusOr<Regrade> Get(const std::string& name) {
    session::v1::GetRegradeRequest request;
    request.set_name(name);
    return Call(*grades_, &Grades::GetRegrade, request, teacher_);
  }

  absl::StatusOr<Regrade> Await(const std::string& name, session::v1::RegradeState state) {
    const absl::Time end = absl::Now() + kPatience;
    for (;;) {
      ASSIGN_OR_RETURN(Regrade regrade, Get(name));
      if (regrade.state() == state) return regrade;
      if (absl::Now() > end) return absl::DeadlineExceededError(regrade.ShortDebugString());
      absl::SleepFor(absl::Milliseconds(100));
    }
  }

  absl::Status KillWhen(const std::string& name, const std::function<bool(const Regrade&)>& in_the_middle) {
    for (;;) {
      ASSIGN_OR_RETURN(const Regrade now, Get(name));
      const bool at_work = now.state() == session::v1::REGRADE_STATE_COMPUTING ||
                           now.state() == session::v1::REGRADE_STATE_APPLYING;
      if (!at_work) return absl::FailedPreconditionError("it was over before it could be killed");
      if (in_the_middle(now)) break;
      absl::SleepFor(absl::Milliseconds(20));
    }
    system_->Kill9(Service::kSession);
    return system_->StartService(Service::kSession);
  }

  absl::Duration ProcessorTime() const {
    absl::Duration sum;
    for (const Service service : {Service::kSession, Service::kScoring}) {
      const auto use = UseOf(system_->process(service).pid());
      if (use.ok()) sum += use->processor_time;
    }
    return sum;
  }

  absl::Status Measure(const std::string& name, absl::Duration before) {
    const absl::Time began = absl::Now();
    const absl::Duration used = ProcessorTime();
    if (options_.load) {
      const absl::Duration during = PercentileAtRate();
      ASSIGN_OR_RETURN(const Regrade now, Get(name));
      if (now.state() != session::v1::REGRADE_STATE_COMPUTING) {
        return absl::FailedPreconditionError("the regrade was over before the load was");
      }
      std::cout << "GetSession at " << static_cast<int64_t>(rate_) << "/s, half of the peak: p99 " << before
                << " without a regrade, " << during << " with one (" << absl::FDivDuration(during, before)
                << " times)\n";
      if (during > 2 * before) failure_ = absl::InternalError("GetSession's p99 is more than twice as long");
    }
    ASSIGN_OR_RETURN(const Regrade done, Await(name, session::v1::REGRADE_STATE_READY));
    const absl::Duration took = absl::Now() - began;
    std::cout << "preview of " << done.answers() << " answers: " << took << ", " << done.changes()
              << " changes";
    if (!options_.load) {
      const double cores = absl::FDivDuration(ProcessorTime() - used, took);
      std::cout << "; session and scoring took " << cores << " of a core";
      if (cores > 0.5) failure_ = absl::InternalError("a regrade takes more than half a core");
    }
    std::cout << "\n";
    if (done.answers() != filled_) return absl::DataLossError("some answers were not looked at");
    return absl::OkStatus();
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

  // One GetSession; `then` is called with how long it took.
  void Look(std::function<void(absl::Duration)> then) {
    struct Sent {
      grpc::ClientContext context;
      session::v1::GetSessionRequest request;
      session::v1::Session response;
      absl::Time began = absl::Now();
    };
    auto* sent = new Sent;
    sent->context.AddMetadata("authorization", probe_);
    sent->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
    sent->request.set_name(probe_session_);
    ++waiting_;
    sessions_->async()->GetSession(&sent->context, &sent->request, &sent->response,
                                   [this, sent, then = std::move(then)](const grpc::Status&) {
                                     const absl::Duration took = absl::Now() - sent->began;
                                     delete sent;
                                     then(took);
                                     --waiting_;
                                   });
  }
  void AwaitQuiet() {
    while (waiting_ > 0) absl::SleepFor(absl::Milliseconds(2));
  }

  // Calls a second with 16 in flight.
  double Peak() {
    std::atomic<bool> stop = false;
    std::atomic<int64_t> count = 0;
    std::function<void(absl::Duration)> next = [&](absl::Duration) {
      ++count;
      if (!stop) Look(next);
    };
    for (int i = 0; i < 16; ++i) Look(next);
    absl::SleepFor(absl::Seconds(1));
    const int64_t before = count;
    const absl::Time began = absl::Now();
    absl::SleepFor(absl::Seconds(3));
    const double peak = static_cast<double>(count - before) / absl::ToDoubleSeconds(absl::Now() - began);
    stop = true;
    AwaitQuiet();
    return peak;
  }

  // The 99th percentile at `rate_` calls a second whatever becomes of them.
  absl::Duration PercentileAtRate() {
    absl::Mutex mutex;
    std::vector<absl::Duration> times;
    const absl::Time began = absl::Now();
    const auto total = static_cast<int64_t>(rate_ * 5);
    for (int64_t sent = 0; sent < total;) {
      const auto due =
          std::min(total, static_cast<int64_t>(rate_ * absl::ToDoubleSeconds(absl::Now() - began)));
      for (; sent < due; ++sent) {
        Look([&](absl::Duration took) {
          absl::MutexLock lock(&mutex);
          times.push_back(took);
        });
      }
      absl::SleepFor(absl::Milliseconds(1));
    }
    AwaitQuiet();
    absl::MutexLock lock(&mutex);
    std::sort(times.begin(), times.end());
    return times.empty() ? absl::InfiniteDuration() : times[times.size() * 99 / 100];
  }

  const Options options_;
  std::unique_ptr<System> system_;
  std::string teacher_, probe_, probe_session_;
  std::unique_ptr<Grades> grades_;
  std::unique_ptr<Sessions> sessions_;
  int64_t filled_ = 0;
  double rate_ = 0;
  absl::Status failure_;  // a figure that is worse than promised
  std::atomic<int64_t> waiting_ = 0;
};

int Main(int argc, char** argv) {
  Options options;
  Flags flags("greenroom-scale-regrade", GREENROOM_VERSION,
              "Regrades many answers, with kills in the middle.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  std::cout.setf(std::ios::unitbuf);  // figures as they come
  const absl::Status done = Scale(options).Run();
  if (!done.ok()) std::cerr << "greenroom-scale-regrade: " << done << "\n";
  return done.ok() ? 0 : 1;
}

}  // namespace
}  // namespace greenroom::e2e

int main(int argc, char** argv) { return greenroom::e2e::Main(argc, argv); }
