#include "tests/e2e/learner.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace greenroom::e2e {

using session::v1::CreateSessionRequest;
using session::v1::CreateSessionResponse;
using session::v1::FinishSessionRequest;
using session::v1::FinishSessionResponse;
using session::v1::GetSessionRequest;
using session::v1::NextQuestionRequest;
using session::v1::PresentedQuestion;
using session::v1::RateAnswerRequest;
using session::v1::RateAnswerResponse;
using session::v1::RevealAnswerRequest;
using session::v1::RevealAnswerResponse;
using session::v1::SaveDraftRequest;
using session::v1::SaveDraftResponse;
using session::v1::Session;
using session::v1::SessionService;
using session::v1::SkipQuestionRequest;
using session::v1::SkipQuestionResponse;
using session::v1::SubmitAnswerRequest;
using session::v1::SubmitAnswerResponse;
using session::v1::TakeHintRequest;
using session::v1::TakeHintResponse;

std::string NewId() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const uint64_t high = (random() & ~0xf000ull) | 0x4000ull;
  const uint64_t low = (random() & ~(3ull << 62)) | (2ull << 62);
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xffff, high & 0xffff,
                         low >> 48, low & 0xffffffffffff);
}

std::unique_ptr<SessionService::Stub> SessionStub(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // What proto/service_config.json gives to clients, less its retries: these tests count failures themselves.
  arguments.SetServiceConfigJSON(
      R"({"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": "ready"}})");
  return SessionService::NewStub(
      grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
}

Learner::Learner(const std::string& target, std::string token)
    : token_(std::move(token)), stub_(SessionStub(target)) {}

void Learner::Prepare(grpc::ClientContext& context, absl::Duration timeout) const {
  context.set_wait_for_ready(true);
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  context.AddMetadata("authorization", absl::StrCat("Bearer ", token_));
}

grpc::Status Learner::Create() {
  CreateSessionRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_session_id(NewId());
  request.set_source("tenants/-/packs/ml-engineer");
  request.set_mode(session::v1::SESSION_MODE_PRACTICE);
  CreateSessionResponse response;
  const grpc::Status status = Call(&SessionService::Stub::CreateSession, request, &response);
  if (status.ok()) {
    session_ = response.session().name();
    sessions_.push_back(session_);
  }
  return status;
}

grpc::Status Learner::GetSession(Stub& stub, const std::string& name, Session* session) {
  GetSessionRequest request;
  request.set_name(name);
  const grpc::Status status = CallOn(stub, &SessionService::Stub::GetSession, request, session);
  for (auto& question : *session->mutable_questions()) question.clear_draft();
  return status;
}

grpc::Status Learner::Turn(int turn) {
  NextQuestionRequest next;
  next.set_session(session_);
  PresentedQuestion question;
  const grpc::Status status = Call(&SessionService::Stub::NextQuestion, next, &question);
  if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION) {
    FinishSessionRequest finish;
    finish.set_name(session_);
    finish.set_request_id(NewId());
    FinishSessionResponse finished;
    const grpc::Status done = Call(&SessionService::Stub::FinishSession, finish, &finished);
    return done.ok() ? Create() : done;
  }
  if (!status.ok()) return status;
  return Answer(question, turn);
}

grpc::Status Learner::Answer(const PresentedQuestion& question, int turn) {
  if (turn % 7 == 6) {
    SkipQuestionRequest skip;
    skip.set_session(session_);
    skip.set_question(question.question());
    skip.set_request_id(NewId());
    SkipQuestionResponse skipped;
    return Call(&SessionService::Stub::SkipQuestion, skip, &skipped);
  }
  if (turn % 3 == 1) {
    SaveDraftRequest draft;
    draft.set_session(session_);
    draft.set_question(question.question());
    draft.set_text(absl::StrCat("draft of turn ", turn));
    SaveDraftResponse saved;
    // A draft may be refused (too soon) or lost; only answers are promised.
    Call(&SessionService::Stub::SaveDraft, draft, &saved);
  }
  if (turn % 5 == 2 && question.hints_left() > 0) {
    TakeHintRequest hint;
    hint.set_session(session_);
    hint.set_question(question.question());
    hint.set_request_id(NewId());
    TakeHintResponse taken;
    if (const grpc::Status status = Call(&SessionService::Stub::TakeHint, hint, &taken); !status.ok())
      return status;
  }
  SubmitAnswerRequest submit;
  submit.set_session(session_);
  submit.set_answer_id(NewId());
  submit.set_question(question.question());
  submit.set_text(absl::StrCat(
      "Turn ", turn, ": I would compare training and validation error, keep a held-out test set, ",
      "and watch the inputs for drift once the model serves real users. ", question.prompt()));
  submit.set_confidence(session::v1::CONFIDENCE_FAIRLY_SURE);
  SubmitAnswerResponse submitted;
  if (const grpc::Status status = Call(&SessionService::Stub::SubmitAnswer, submit, &submitted);
      !status.ok()) {
    return status;
  }
  answers_.push_back(submit.answer_id());
  if (turn % 4 == 3) {
    RevealAnswerRequest reveal;
    reveal.set_session(session_);
    reveal.set_question(question.question());
    reveal.set_request_id(NewId());
    RevealAnswerResponse revealed;
    if (const grpc::Status status = Call(&SessionService::Stub::RevealAnswer, reveal, &revealed);
        !status.ok()) {
      return status;
    }
    RateAnswerRequest rate;
    rate.set_session(session_);
    rate.set_question(question.question());
    rate.set_answer(submitted.answer().name());
    rate.set_rating(session::v1::RATING_HARD);
    rate.set_request_id(NewId());
    RateAnswerResponse rated;
    return Call(&SessionService::Stub::RateAnswer, rate, &rated);
  }
  return grpc::Status::OK;
}

}  // namespace greenroom::e2e
