// The content service as tests meet it: a real server on a free port with real stubs, on a store in memory, and a scoring
// service whose answers the test decides.
#ifndef GREENROOM_SERVICES_CONTENT_TESTING_CONTENT_SERVER_H_
#define GREENROOM_SERVICES_CONTENT_TESTING_CONTENT_SERVER_H_

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "greenroom/content/v1/authoring_service.grpc.pb.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "services/base/check.h"
#include "services/base/clock.h"
#include "services/base/fake_authenticator.h"
#include "services/base/fake_clock.h"
#include "services/base/fake_rng.h"
#include "services/base/server.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "services/content/authoring_service.h"
#include "services/content/in_memory_store.h"
#include "services/content/methods.h"
#include "services/content/scoring_grader.h"
#include "services/content/service.h"

namespace greenroom::content::testing {

// Scores an answer by the number it begins with ("72 ..."), everything else 0.
class FakeScoring final : public scoring::v1::ScoringService::Service {
 public:
  FakeScoring() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    CHECK_THAT(server_ != nullptr, "no port");
  }
  ~FakeScoring() override { Stop(); }

  // No longer there.
  void Stop() {
    if (!release_.HasBeenNotified()) release_.Notify();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
  }
  // Every call fails so; OK ends it.
  void FailWith(absl::Status error) {
    absl::MutexLock lock(&mutex_);
    error_ = std::move(error);
  }
  // Every call waits until the server stops.
  void Stall() {
    absl::MutexLock lock(&mutex_);
    stalled_ = true;
  }
  void WaitForCall() {
    absl::MutexLock lock(&mutex_);
    auto called = [this] {
      mutex_.AssertHeld();
      return calls_ > 0;
    };
    mutex_.Await(absl::Condition(&called));
  }
  int calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  // Of the last call.
  std::map<std::string, std::string> metadata() const {
    absl::MutexLock lock(&mutex_);
    return metadata_;
  }
  scoring::v1::GradeAnswerRequest last() const {
    absl::MutexLock lock(&mutex_);
    return last_;
  }
  // Runs in every call before it is answered.
  std::function<void()> before_answer;

  std::string target() const { return absl::StrCat("127.0.0.1:", port_); }

  grpc::Status GradeAnswer(grpc::ServerContext* context, const scoring::v1::GradeAnswerRequest* request,
                           scoring::v1::GradeAnswerResponse* response) override {
    bool stalled = false;
    {
      absl::MutexLock lock(&mutex_);
      ++calls_;
      last_ = *request;
      metadata_.clear();
      for (const auto& [key, value] : context->client_metadata()) {
        metadata_[std::string(key.data(), key.size())] = std::string(value.data(), value.size());
      }
      if (!error_.ok()) return ToGrpc(error_);
      stalled = stalled_;
    }
    if (before_answer) before_answer();
    if (stalled) release_.WaitForNotification();
    response->mutable_report()->set_score(std::atoi(request->answer().c_str()));
    return grpc::Status::OK;
  }

 private:
  int port_ = 0;
  mutable absl::Mutex mutex_;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  bool stalled_ ABSL_GUARDED_BY(mutex_) = false;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::string> metadata_ ABSL_GUARDED_BY(mutex_);
  scoring::v1::GradeAnswerRequest last_ ABSL_GUARDED_BY(mutex_);
  absl::Notification release_;
  std::unique_ptr<grpc::Server> server_;
};

// The services on a store in memory, on no port. `pack_grader` must outlive it.
class ContentWorld {
 public:
  explicit ContentWorld(PackGrader& pack_grader)
      : log("content", "1.2.3", LogLevel::kError, real_clock, [](absl::string_view) {}),
        rpc_metrics(metrics),
        runtime{authenticator, admission, rpc_metrics, log, rng},
        methods(ContentMethods()),
        catalogue(store, clock),
        service(runtime, methods, catalogue),
        authoring(runtime, methods, store, catalogue, pack_grader, clock) {}

  RealClock real_clock;
  FakeClock clock;
  FakeRng rng;
  FakeAuthenticator authenticator;
  OpenAdmission admission;
  MetricsRegistry metrics;
  Logger log;
  RpcMetrics rpc_metrics;
  RpcRuntime runtime;
  MethodTable methods;
  InMemoryPackStore store;
  Catalogue catalogue;
  ContentService service;
  ContentAuthoringService authoring;
};

// The grader of a content service, and the scoring service that it asks.
struct FakeScoringPeer {
  FakeScoringPeer()
      : credentials(*auth::SigningKey::Generate(), "content", credentials_clock),
        grader(grpc::CreateChannel(scoring.target(), grpc::InsecureChannelCredentials()), credentials,
               {.parallel = 2, .timeout = absl::Milliseconds(300)}) {}

  RealClock credentials_clock;
  FakeScoring scoring;
  auth::ServiceCredentials credentials;
  ScoringGrader grader;
};

// Both on a free port.
class ContentServer : public FakeScoringPeer, public ContentWorld {
 public:
  ContentServer() : ContentWorld(grader) {
    ServerOptions options;
    options.drain_delay = absl::ZeroDuration();
    options.max_receive_bytes = static_cast<int>(kMaxSourceMessageBytes);
    auto started = Server::Start(options, {&service, &authoring}, metrics, log);
    CHECK_THAT(started.ok(), started.status().ToString());
    server = *std::move(started);
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(8 << 20);
    channel = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server->port()),
                                        grpc::InsecureChannelCredentials(), arguments);
    content = v1::ContentService::NewStub(channel);
    authors = v1::ContentAuthoringService::NewStub(channel);
  }

  std::unique_ptr<Server> server;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::ContentService::Stub> content;
  std::unique_ptr<v1::ContentAuthoringService::Stub> authors;
};

// Who calls, and how long they wait.
struct As {
  RoleSet roles = {Role::kAuthor};
  std::string tenant = "acme";
  absl::Duration timeout = absl::Seconds(20);

  void Prepare(grpc::ClientContext& context) const {
    context.AddMetadata("authorization", FakeAuthenticator::Credential(tenant, "ann", roles));
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  }
};

// One call: the reply, or the error with its reason.
template <typename Response, typename Stub, typename Request>
absl::StatusOr<Response> Ask(Stub& stub,
                             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                             const Request& request, const As& as = {}) {
  grpc::ClientContext context;
  as.Prepare(context);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromGrpc(status);
  return response;
}

inline As Learner() { return {{Role::kLearner}}; }
inline As Author() { return {{Role::kAuthor}}; }
inline As Instructor() { return {{Role::kInstructor}}; }
inline As Operator() { return {{Role::kOperator}}; }
inline As ServiceRole() { return {{Role::kService}}; }
inline As Stranger() { return {{Role::kAuthor}, "other"}; }

// A pack with marker words in everything that a learner may not see. `prompt` makes revisions differ; the model answer
// and the examples are graded in their ranges by FakeScoring.
inline std::string PackYaml(const std::string& id, const std::string& prompt = "What is it?",
                            const std::string& more = "") {
  return absl::StrCat(
      "format: greenroom-pack/1\npack: ", id, "\nlanguage: en\nrole: Engineer\n", more,
      "tips:\n"
      "  - {id: watch, text: Watch it., check: {kinds: [concept], rubric: {id: seen, point: SECRET tip}}}\n"
      "  - {id: rest, text: Rest.}\n"
      "questions:\n"
      "  - id: one\n    kind: concept\n    difficulty: 2\n    prompt: \"",
      prompt,
      "\"\n"
      "    guidance: SECRET guidance\n    model_answer: 95 SECRET model\n    notes: SECRET notes\n"
      "    tags: [open]\n"
      "    rubric:\n      - {id: first, point: SECRET point, cue: SECRET cue, accept: [SECRET phrase]}\n"
      "    red_flags:\n      - {id: flag, point: SECRET flag, match: [SECRET match], say: SECRET say}\n"
      "    hints: [SECRET hint]\n    follow_ups: [SECRET line, {question: two, when_missed: [first]}]\n"
      "    examples:\n"
      "      - {id: g1, answer: 80 SECRET good, score: [70, 100]}\n"
      "      - {id: g2, answer: 75 good, score: [70, 100]}\n"
      "      - {id: p1, answer: 10 poor, score: [0, 30]}\n"
      "      - {id: p2, answer: 20 poor, score: [0, 30]}\n"
      "  - {id: two, kind: production, difficulty: 1, follow_up_only: true, prompt: And then, "
      "model_answer: 95 so, rubric: [{id: so, point: So}]}\n"
      "  - {id: three, kind: behavioural, difficulty: 1, prompt: Tell me, model_answer: 95 told, "
      "rubric: [{id: told, point: Told}]}\n");
}

inline std::string Uuid(int n) { return absl::StrCat("00000000-0000-4000-8000-", 100000000000 + n); }

}  // namespace greenroom::content::testing

#endif  // GREENROOM_SERVICES_CONTENT_TESTING_CONTENT_SERVER_H_
