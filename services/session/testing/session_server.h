// The session service on a free port, with everything around it faked, for tests through real stubs.
#ifndef GREENROOM_SERVICES_SESSION_TESTING_SESSION_SERVER_H_
#define GREENROOM_SERVICES_SESSION_TESTING_SESSION_SERVER_H_

#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/fake_authenticator.h"
#include "services/base/fake_clock.h"
#include "services/base/fake_rng.h"
#include "services/base/log.h"
#include "services/base/metrics.h"
#include "services/base/server.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "services/session/assignments/fake_assignment_store.h"
#include "services/session/calibrated_grader.h"
#include "services/session/deadline_worker.h"
#include "services/session/decided_answers.h"
#include "services/session/exam_worker.h"
#include "services/session/exposures.h"
#include "services/session/fakes/fake_due_questions.h"
#include "services/session/grade_worker.h"
#include "services/session/gradebook/fake_gradebook_store.h"
#include "services/session/gradebook_service.h"
#include "services/session/index/fake_memory_index.h"
#include "services/session/learner_ledger.h"
#include "services/session/live/fake_live_store.h"
#include "services/session/live/fake_wakeups.h"
#include "services/session/log/fake_event_log.h"
#include "services/session/memory_deriver.h"
#include "services/session/memory_worker.h"
#include "services/session/methods.h"
#include "services/session/peers/breaker_grader.h"
#include "services/session/peers/cached_catalogue.h"
#include "services/session/peers/fake_catalogue.h"
#include "services/session/peers/fake_grader.h"
#include "services/session/privacy_handlers.h"
#include "services/session/progress_service.h"
#include "services/session/question_selector.h"
#include "services/session/regrade_worker.h"
#include "services/session/review_indexer.h"
#include "services/session/service.h"

namespace greenroom::session::testing {

inline constexpr char kPack[] = "tenants/acme/packs/ml";
inline constexpr char kRevision[] = "tenants/acme/packs/ml/revisions/r00000000000000000000000000000001";
inline constexpr char kLearner[] = "tenants/acme/learners/ada";

inline std::string Uuid(int number) { return absl::StrFormat("%08x-1111-4111-8111-111111111111", number); }
inline std::string SessionPath(const std::string& id, const std::string& learner = "ada") {
  return absl::StrCat("tenants/acme/learners/", learner, "/sessions/", id);
}

// A question whose secrets hold the word MARKER.
content::v1::Question MarkedQuestion(const std::string& id);

// What the grader says of any answer: one item made, one missed, one flag raised.
scoring::v1::Report MarkedReport(const std::string& question, int32_t score = 55);

// The service with everything around it faked, on no port: acme's pack "ml" has the questions q1 to q3.
class SessionWorld {
 public:
  explicit SessionWorld(WatchOptions watch = {});
  ~SessionWorld();  // in the .cc, so that not every test compiles what it takes apart
  SessionWorld(const SessionWorld&) = delete;
  SessionWorld& operator=(const SessionWorld&) = delete;

  std::string Metrics() const { return registry.Text(); }

  FakeClock clock;
  FakeRng rng;
  MetricsRegistry registry;
  SessionMetrics metrics;
  Logger logger;
  FakeEventLog log;
  FakeWakeups wakeups;
  FakeLiveStore live;
  FakeCatalogue catalogue;
  CachedCatalogue cached_catalogue;
  FakeGrader grader;
  BreakerGrader breaker;
  DecidedAnswers decided{log, clock};
  CalibratedGrader calibrated{breaker, decided};
  CalibratedGrader calibrated_late{grader, decided};
  Ledger ledger;
  FakeAuthenticator authenticator;
  OpenAdmission admission;
  RpcMetrics rpc_metrics;
  RpcRuntime runtime;
  std::stop_source draining;
  FakeAssignmentStore assignments{log};
  OpenExams open_exams;
  FakeDueQuestions due;
  FakeMemoryIndex memory_index{log};
  MemoryDeriver memory_deriver{log, memory_index, registry};
  FakeGradebookStore gradebook_store{log};
  Exposures exposures{gradebook_store, clock};
  QuestionSelector selector{log,
                            memory_index,
                            memory_deriver,
                            exposures,
                            clock,
                            registry,
                            {.patience = absl::Seconds(60)}};  // a busy machine is no fault
  Service service;
  GradeWorker worker;
  DeadlineWorker deadline_worker;
  ExamWorker exam_worker;
  MemoryWorker memory_worker;
  LearnerLedger learner_ledger;
  ProgressService progress_service;
  GradebookService gradebook;
  RegradeWorker regrades;
  ReviewIndexer reviews;
};

// The same on a free port.
class SessionServer : public SessionWorld {
 public:
  explicit SessionServer(WatchOptions watch = {});
  ~SessionServer();

  std::unique_ptr<Server> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::SessionService::Stub> stub;
  std::unique_ptr<v1::ProgressService::Stub> progress_stub;
  std::unique_ptr<v1::GradebookService::Stub> gradebook_stub;
};

// Who calls, and for how long they wait.
struct As {
  std::string tenant = "acme";
  std::string learner = "ada";
  RoleSet roles = {Role::kLearner};
  absl::Duration deadline = absl::Seconds(10);
};

class SessionServiceTest : public ::testing::Test {
 protected:
  explicit SessionServiceTest(WatchOptions watch = {}) : server_(watch) {}

  template <typename Service, typename Request, typename Response>
  using Rpc = grpc::Status (Service::*)(grpc::ClientContext*, const Request&, Response*);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Rpc<v1::SessionService::Stub, Request, Response> rpc, const Request& request,
                                const As& as = {}) {
    return CallOn(*server_.stub, rpc, request, as);
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Rpc<v1::ProgressService::Stub, Request, Response> rpc, const Request& request,
                                const As& as = {}) {
    return CallOn(*server_.progress_stub, rpc, request, as);
  }
  // The same of the grade book, by an instructor unless told otherwise.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(Rpc<v1::GradebookService::Stub, Request, Response> rpc,
                                const Request& request, const As& as = Teacher()) {
    return CallOn(*server_.gradebook_stub, rpc, request, as);
  }
  template <typename AnyStub, typename Request, typename Response>
  static absl::StatusOr<Response> CallOn(AnyStub& stub, Rpc<AnyStub, Request, Response> rpc,
                                         const Request& request, const As& as) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", FakeAuthenticator::Credential(as.tenant, as.learner, as.roles));
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(as.deadline));
    Response response;
    const grpc::Status status = (stub.*rpc)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }
  static As Teacher() {
    As as;
    as.learner = "grace";
    as.roles = {Role::kInstructor};
    return as;
  }

  // A session of all three questions; `number` makes its id.
  static v1::CreateSessionRequest CreateRequest(int number = 1,
                                                v1::SessionMode mode = v1::SESSION_MODE_PRACTICE) {
    v1::CreateSessionRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_session_id(Uuid(number));
    request.set_source(kPack);
    request.set_mode(mode);
    return request;
  }
  // Creates one and gives its name.
  std::string Create(int number = 1, const As& as = {}) {
    const v1::CreateSessionRequest request = CreateRequest(number);
    auto created = Call(&Stub::CreateSession, request, as);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? created->session().name() : "";
  }
  absl::StatusOr<v1::SubmitAnswerResponse> Submit(const std::string& session, int id,
                                                  const std::string& question,
                                                  const std::string& text = "words of the learner",
                                                  const As& as = {}) {
    v1::SubmitAnswerRequest request;
    request.set_session(session);
    request.set_answer_id(Uuid(id));
    request.set_question(question);
    request.set_text(text);
    return Call(&Stub::SubmitAnswer, request, as);
  }
  template <typename Request>
  Request Act(const std::string& session, int id, const std::string& question) {
    Request request;
    request.set_session(session);
    request.set_request_id(Uuid(id));
    request.set_question(question);
    return request;
  }
  absl::StatusOr<v1::TakeHintResponse> Hint(const std::string& session, int id, const std::string& question) {
    return Call(&Stub::TakeHint, Act<v1::TakeHintRequest>(session, id, question));
  }
  absl::StatusOr<v1::RevealAnswerResponse> Reveal(const std::string& session, int id,
                                                  const std::string& question) {
    return Call(&Stub::RevealAnswer, Act<v1::RevealAnswerRequest>(session, id, question));
  }
  absl::StatusOr<v1::SkipQuestionResponse> Skip(const std::string& session, int id,
                                                const std::string& question) {
    return Call(&Stub::SkipQuestion, Act<v1::SkipQuestionRequest>(session, id, question));
  }
  absl::StatusOr<v1::RateAnswerResponse> Rate(const std::string& session, int id, const std::string& question,
                                              const std::string& answer = "") {
    auto request = Act<v1::RateAnswerRequest>(session, id, question);
    request.set_rating(v1::RATING_GOOD);
    request.set_answer(answer);
    return Call(&Stub::RateAnswer, request);
  }
  absl::StatusOr<v1::FinishSessionResponse> Finish(const std::string& session, int id) {
    v1::FinishSessionRequest request;
    request.set_name(session);
    request.set_request_id(Uuid(id));
    return Call(&Stub::FinishSession, request);
  }
  absl::StatusOr<v1::PauseSessionResponse> Pause(const std::string& session, int id) {
    v1::PauseSessionRequest request;
    request.set_name(session);
    request.set_request_id(Uuid(id));
    return Call(&Stub::PauseSession, request);
  }
  absl::StatusOr<v1::ResumeSessionResponse> Resume(const std::string& session, int id) {
    v1::ResumeSessionRequest request;
    request.set_name(session);
    request.set_request_id(Uuid(id));
    return Call(&Stub::ResumeSession, request);
  }
  absl::StatusOr<v1::Session> Get(const std::string& session, int64_t seen = 0, const As& as = {}) {
    v1::GetSessionRequest request;
    request.set_name(session);
    request.set_seen_sequence(seen);
    return Call(&Stub::GetSession, request, as);
  }
  absl::StatusOr<v1::PresentedQuestion> Next(const std::string& session, const std::string& question = "") {
    v1::NextQuestionRequest request;
    request.set_session(session);
    request.set_question(question);
    return Call(&Stub::NextQuestion, request);
  }
  absl::StatusOr<v1::Answer> GetAnswer(const std::string& name, const As& as = {}) {
    v1::GetAnswerRequest request;
    request.set_name(name);
    return Call(&Stub::GetAnswer, request, as);
  }
  absl::StatusOr<v1::SaveDraftResponse> SaveDraft(const std::string& session, const std::string& question,
                                                  const std::string& text) {
    v1::SaveDraftRequest request;
    request.set_session(session);
    request.set_question(question);
    request.set_text(text);
    return Call(&Stub::SaveDraft, request);
  }

  // A stream of WatchSession. Ends with the test.
  class Watch {
   public:
    Watch(v1::SessionService::Stub& stub, const v1::WatchSessionRequest& request, const As& as) {
      context_.AddMetadata("authorization", FakeAuthenticator::Credential(as.tenant, as.learner, as.roles));
      context_.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(as.deadline));
      reader_ = stub.WatchSession(&context_, request);
    }
    ~Watch() {
      if (reader_ == nullptr) return;
      context_.TryCancel();
      (void)End();
    }
    // The next message; nullopt where there is none any more.
    std::optional<v1::WatchSessionResponse> Next() {
      v1::WatchSessionResponse message;
      if (!reader_->Read(&message)) return std::nullopt;
      return message;
    }
    // The next message that tells of a change.
    std::optional<v1::WatchSessionResponse> NextChange() {
      std::optional<v1::WatchSessionResponse> message = Next();
      while (message.has_value() && message->heartbeat()) message = Next();
      return message;
    }
    void Cancel() { context_.TryCancel(); }
    // How it ended; drops what was not read.
    absl::Status End() {
      while (Next().has_value()) {
      }
      const grpc::Status status = reader_->Finish();
      reader_.reset();
      return FromGrpc(status);
    }

   private:
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<v1::WatchSessionResponse>> reader_;
  };
  std::unique_ptr<Watch> StartWatch(const std::string& session, int64_t seen = 0, const As& as = {}) {
    v1::WatchSessionRequest request;
    request.set_name(session);
    request.set_seen_sequence(seen);
    return std::make_unique<Watch>(*server_.stub, request, as);
  }

  std::vector<Event> Events(const std::string& learner = "ada") {
    return server_.log.Events({"acme", learner});
  }
  static SessionKey Key(int number = 1) { return {{"acme", "ada"}, Uuid(number)}; }

  using Stub = v1::SessionService::Stub;
  SessionServer server_;
};

#define EXPECT_REASON(result, expected_code, expected_reason)              \
  do {                                                                     \
    const absl::Status& status_ = (result).status();                       \
    EXPECT_EQ(status_.code(), absl::StatusCode::expected_code) << status_; \
    EXPECT_EQ(::greenroom::ReasonOf(status_), expected_reason) << status_; \
  } while (false)

#define ASSERT_OK(result) ASSERT_TRUE((result).ok()) << (result).status()

}  // namespace greenroom::session::testing

#endif  // GREENROOM_SERVICES_SESSION_TESTING_SESSION_SERVER_H_
