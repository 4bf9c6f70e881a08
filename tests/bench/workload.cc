#include "tests/bench/workload.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "greenroom/scoring/v1/scoring_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/rng.h"
#include "services/base/task.h"
#include "tests/bench/floor_service.grpc.pb.h"

namespace greenroom::bench {
namespace {

using scoring::v1::ScoringService;
using session::v1::SessionService;
using FloorAsync = FloorService::StubInterface::async_interface;
using ScoringAsync = ScoringService::StubInterface::async_interface;
using SessionAsync = SessionService::StubInterface::async_interface;
using Done = std::function<void(const grpc::Status&)>;

constexpr size_t kSlotsPerConnection = 32;
constexpr absl::Duration kDeadline = absl::Seconds(5);

// One call with all it needs, until it has ended.
template <typename Request, typename Response>
struct OneCall {
  grpc::ClientContext context;
  Request request;
  Response response;
};

template <typename Service>
class Stubs {
 public:
  Stubs(const std::string& target, size_t in_flight) {
    const size_t connections = (in_flight + kSlotsPerConnection - 1) / kSlotsPerConnection;
    for (size_t i = 0; i < connections; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection that is not shared
      stubs_.push_back(
          Service::NewStub(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  template <typename Request, typename Response>
  using Method = void (Service::StubInterface::async_interface::*)(grpc::ClientContext*, const Request*,
                                                                   Response*,
                                                                   std::function<void(grpc::Status)>);

  // `look` sees the reply of a call that succeeded, before `done` is called.
  template <typename Request, typename Response>
  void Call(Method<Request, Response> method, size_t slot, const std::string& bearer, Request request,
            Done done, std::function<void(const Response&)> look = nullptr) {
    auto* call = new OneCall<Request, Response>();
    call->request = std::move(request);
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
    call->context.set_wait_for_ready(true);
    if (!bearer.empty()) call->context.AddMetadata("authorization", bearer);
    (stubs_[slot % stubs_.size()]->async()->*method)(
        &call->context, &call->request, &call->response,
        [call, done = std::move(done), look = std::move(look)](const grpc::Status& status) {
          if (status.ok() && look) look(call->response);
          delete call;
          done(status);
        });
  }

 private:
  std::vector<std::unique_ptr<typename Service::StubInterface>> stubs_;
};

// Which session a slot is about next: never one of another slot.
class Turns {
 public:
  Turns(std::vector<BenchSession> sessions, size_t slots) : sessions_(std::move(sessions)), turns_(slots) {}
  const BenchSession& Next(size_t slot) {
    return sessions_[(turns_[slot].value++ * turns_.size() + slot) % sessions_.size()];
  }

 private:
  struct alignas(64) Turn {
    size_t value = 0;
  };
  const std::vector<BenchSession> sessions_;
  std::vector<Turn> turns_;
};

session::v1::SubmitAnswerRequest SubmitRequest(const Answers& answers, const BenchSession& session,
                                               size_t question, int64_t number) {
  session::v1::SubmitAnswerRequest request;
  request.set_session(session.name);
  request.set_answer_id(SystemRng().Uuid());
  request.set_question(answers.questions()[question]);
  request.set_text(answers.Tell(question, number));
  return request;
}

}  // namespace

const char* OperationName(Operation operation) {
  switch (operation) {
    case Operation::kEcho:
      return "echo";
    case Operation::kEchoRedis:
      return "echo+redis";
    case Operation::kPipeline:
      return "pipeline";
    case Operation::kGradeAnswer:
      return "GradeAnswer";
    case Operation::kGradeAnswerDecided:
      return "GradeAnswer+10";
    case Operation::kGetSession:
      return "GetSession";
    case Operation::kNextQuestion:
      return "NextQuestion";
    case Operation::kSubmitAnswer:
      return "SubmitAnswer";
  }
  return "";
}

Operation FloorOf(Operation operation) {
  switch (operation) {
    case Operation::kGradeAnswer:
    case Operation::kGradeAnswerDecided:
      return Operation::kEcho;
    case Operation::kGetSession:
    case Operation::kNextQuestion:
      return Operation::kEchoRedis;
    case Operation::kSubmitAnswer:
      return Operation::kPipeline;
    default:
      return operation;
  }
}

absl::StatusOr<std::unique_ptr<Workload>> Workload::Prepare(const Rig& rig, size_t sessions) {
  ASSIGN_OR_RETURN(std::string service, rig.Bearer(Role::kService, "bench"));
  std::unique_ptr<Workload> workload(new Workload(rig, std::move(service)));
  ASSIGN_OR_RETURN(const std::vector<std::string> readers, Learners(rig, "reader", sessions));
  ASSIGN_OR_RETURN(workload->read_, CreateSessions(rig, readers));
  ASSIGN_OR_RETURN(const std::vector<std::string> writers, Learners(rig, "writer", sessions));
  ASSIGN_OR_RETURN(workload->written_, CreateSessions(rig, writers));
  for (size_t question = 0; question < workload->answers_.questions().size() / 2; ++question) {
    RETURN_IF_ERROR(workload->AnswerEach(workload->read_, question));
  }
  return workload;
}

absl::Status Workload::AnswerEach(const std::vector<BenchSession>& sessions, size_t question) {
  Stubs<SessionService> stubs(rig_.target(Program::kSession), kSlotsPerConnection);
  const StartNumbered submit = [&](int64_t i, Done done) {
    const BenchSession& session = sessions[static_cast<size_t>(i)];
    stubs.Call<session::v1::SubmitAnswerRequest, session::v1::SubmitAnswerResponse>(
        &SessionAsync::SubmitAnswer, 0, session.bearer,
        SubmitRequest(answers_, session, question, next_number_++), std::move(done));
  };
  return RunCalls(submit, static_cast<int64_t>(sessions.size()), kSlotsPerConnection);
}

StartCall Workload::Calls(Operation operation, size_t in_flight) {
  switch (operation) {
    case Operation::kEcho:
    case Operation::kEchoRedis:
    case Operation::kPipeline:
      return FloorCalls(operation, in_flight);
    case Operation::kGradeAnswer:
    case Operation::kGradeAnswerDecided:
      return GradeCalls(operation, in_flight);
    case Operation::kSubmitAnswer:
      return SessionCalls(operation, written_, in_flight);
    default:
      return SessionCalls(operation, read_, in_flight);
  }
}

StartCall Workload::CallsAbout(Operation operation, std::vector<BenchSession> sessions) {
  const size_t slots = sessions.size();
  return SessionCalls(operation, std::move(sessions), slots);
}

StartCall Workload::FloorCalls(Operation operation, size_t in_flight) {
  auto stubs = std::make_shared<Stubs<FloorService>>(rig_.target(Program::kFloorFront), in_flight);
  Stubs<FloorService>::Method<FloorRequest, FloorReply> method = &FloorAsync::Echo;
  if (operation == Operation::kEchoRedis) method = &FloorAsync::EchoRedis;
  if (operation == Operation::kPipeline) method = &FloorAsync::Pipeline;
  return [this, stubs, method](size_t slot, Done done) {
    const int64_t number = next_number_++;
    FloorRequest request;
    request.set_key(absl::StrCat("floor:", slot));
    request.set_number(number);
    request.set_text(answers_.Tell(static_cast<size_t>(number) % answers_.questions().size(), number));
    stubs->Call(method, slot, "", std::move(request), std::move(done));
  };
}

StartCall Workload::GradeCalls(Operation operation, size_t in_flight) {
  auto stubs = std::make_shared<Stubs<ScoringService>>(rig_.target(Program::kScoring), in_flight);
  std::vector<std::vector<scoring::v1::GradedAnswer>> decided(answers_.questions().size());
  for (size_t question = 0; operation == Operation::kGradeAnswerDecided && question < decided.size();
       ++question) {
    for (int i = 0; i < 10; ++i) {
      scoring::v1::GradedAnswer& graded = decided[question].emplace_back();
      graded.set_answer(answers_.Tell(question, next_number_++));
      graded.set_score(40 + 5 * i);
    }
  }
  return [this, stubs, decided = std::move(decided)](size_t slot, Done done) {
    const int64_t number = next_number_++;
    const size_t question = static_cast<size_t>(number) % answers_.questions().size();
    scoring::v1::GradeAnswerRequest request;
    request.set_question(absl::StrCat(rig_.revision(), "/questions/", answers_.questions()[question]));
    request.set_answer(answers_.Tell(question, number));
    request.mutable_graded()->Add(decided[question].begin(), decided[question].end());
    stubs->Call<scoring::v1::GradeAnswerRequest, scoring::v1::GradeAnswerResponse>(
        &ScoringAsync::GradeAnswer, slot, service_bearer_, std::move(request), std::move(done));
  };
}

StartCall Workload::SessionCalls(Operation operation, std::vector<BenchSession> sessions, size_t in_flight) {
  auto stubs = std::make_shared<Stubs<SessionService>>(rig_.target(Program::kSession), in_flight);
  auto turns = std::make_shared<Turns>(std::move(sessions), in_flight);
  if (operation == Operation::kGetSession) {
    return [stubs, turns](size_t slot, Done done) {
      const BenchSession& session = turns->Next(slot);
      session::v1::GetSessionRequest request;
      request.set_name(session.name);
      stubs->Call<session::v1::GetSessionRequest, session::v1::Session>(
          &SessionAsync::GetSession, slot, session.bearer, std::move(request), std::move(done));
    };
  }
  if (operation == Operation::kNextQuestion) {
    return [stubs, turns](size_t slot, Done done) {
      const BenchSession& session = turns->Next(slot);
      session::v1::NextQuestionRequest request;
      request.set_session(session.name);
      stubs->Call<session::v1::NextQuestionRequest, session::v1::PresentedQuestion>(
          &SessionAsync::NextQuestion, slot, session.bearer, std::move(request), std::move(done));
    };
  }
  return [this, stubs, turns](size_t slot, Done done) {
    const int64_t number = next_number_++;
    const size_t question = static_cast<size_t>(number) % answers_.questions().size();
    const BenchSession& session = turns->Next(slot);
    stubs->Call<session::v1::SubmitAnswerRequest, session::v1::SubmitAnswerResponse>(
        &SessionAsync::SubmitAnswer, slot, session.bearer, SubmitRequest(answers_, session, question, number),
        std::move(done), [this](const session::v1::SubmitAnswerResponse& response) {
          ++submitted_;
          if (response.answer().grade().state() != session::v1::GRADE_STATE_GRADED) ++ungraded_;
        });
  };
}

absl::StatusOr<std::vector<std::string>> Learners(const Rig& rig, absl::string_view name, size_t count) {
  std::vector<std::string> bearers;
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(std::string bearer, rig.Bearer(Role::kLearner, absl::StrCat(name, "-", i)));
    bearers.push_back(std::move(bearer));
  }
  return bearers;
}

absl::StatusOr<std::vector<BenchSession>> CreateSessions(const Rig& rig,
                                                         const std::vector<std::string>& bearers) {
  constexpr size_t kInFlight = 64;
  std::vector<BenchSession> sessions(bearers.size());
  Stubs<SessionService> stubs(rig.target(Program::kSession), kInFlight);
  const StartNumbered create = [&](int64_t number, Done done) {
    BenchSession& session = sessions[static_cast<size_t>(number)];
    session.bearer = bearers[static_cast<size_t>(number)];
    session::v1::CreateSessionRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_session_id(SystemRng().Uuid());
    request.set_source("tenants/-/packs/bench");
    request.set_mode(session::v1::SESSION_MODE_PRACTICE);
    stubs.Call<session::v1::CreateSessionRequest, session::v1::CreateSessionResponse>(
        &SessionAsync::CreateSession, static_cast<size_t>(number), session.bearer, std::move(request),
        std::move(done), [&session](const session::v1::CreateSessionResponse& response) {
          session.name = response.session().name();
        });
  };
  RETURN_IF_ERROR(RunCalls(create, static_cast<int64_t>(bearers.size()), kInFlight));
  return sessions;
}

}  // namespace greenroom::bench
