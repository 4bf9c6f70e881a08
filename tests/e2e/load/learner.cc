#include "tests/e2e/load/learner.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/auth/token.h"
#include "services/base/rpc_client.h"
#include "services/base/status.h"
#include "services/base/task.h"

namespace greenroom::e2e {

using session::v1::Answer;
using session::v1::CreateSessionRequest;
using session::v1::CreateSessionResponse;
using session::v1::FinishSessionRequest;
using session::v1::FinishSessionResponse;
using session::v1::GetAnswerRequest;
using session::v1::GetSessionRequest;
using session::v1::ListAnswersRequest;
using session::v1::ListAnswersResponse;
using session::v1::ListSessionsRequest;
using session::v1::ListSessionsResponse;
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

std::unique_ptr<SessionService::Stub> SessionStub(const std::string& target,
                                                  absl::string_view service_config) {
  ChannelOptions options;
  if (!service_config.empty()) options.service_config = std::string(service_config);
  grpc::ChannelArguments arguments = ClientArguments(options);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // each stands for a machine of its own
  return SessionService::NewStub(
      grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
}

absl::StatusOr<std::string> LearnerToken(const auth::SigningKey& key, const std::string& learner) {
  auth::Claims claims;
  claims.issuer = "greenroom";
  claims.subject = learner;
  claims.tenant = "default";
  claims.roles = {"learner"};
  claims.expires = absl::Now() + absl::Hours(12);
  return auth::SignToken(key, claims);
}

Learner::Learner(Options options, CallWitness witness)
    : options_(std::move(options)),
      witness_(witness),
      stub_(SessionStub(options_.target, options_.service_config)) {}

absl::Status Learner::Create() {
  CreateSessionRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_session_id(NewId());
  request.set_source(options_.pack);
  request.set_mode(session::v1::SESSION_MODE_PRACTICE);
  request.set_device(options_.device);
  CreateSessionResponse response;
  RETURN_IF_ERROR(Write("CreateSession", &Stub::CreateSession, request.session_id(), request, &response));
  sessions_.push_back(response.session().name());
  return absl::OkStatus();
}

absl::StatusOr<Session> Learner::GetSession(Stub& stub, const std::string& session) {
  GetSessionRequest request;
  request.set_name(session);
  Session told;
  RETURN_IF_ERROR(Call(stub, "GetSession", &Stub::GetSession, NewId(), request, &told));
  for (auto& question : *told.mutable_questions()) question.clear_draft();
  return told;
}

absl::StatusOr<PresentedQuestion> Learner::Next() {
  NextQuestionRequest request;
  request.set_session(sessions_.back());
  request.set_seen_sequence(seen_);
  PresentedQuestion question;
  RETURN_IF_ERROR(
      Call(*stub_, "NextQuestion", &Stub::NextQuestion, NewId(), request, &question, {"NO_QUESTION_LEFT"}));
  return question;
}

absl::Status Learner::Turn(int64_t turn) {
  const absl::StatusOr<PresentedQuestion> question = Next();
  if (ReasonOf(question.status()) == "NO_QUESTION_LEFT") {
    RETURN_IF_ERROR(Finish());
    return Create();
  }
  RETURN_IF_ERROR(question.status());
  return Answer(*question, turn);
}

absl::Status Learner::Finish() {
  FinishSessionRequest request;
  request.set_name(sessions_.back());
  request.set_request_id(NewId());
  request.set_device(options_.device);
  FinishSessionResponse response;
  return Write("FinishSession", &Stub::FinishSession, request.request_id(), request, &response);
}

absl::StatusOr<std::string> Learner::Submit(const std::string& question, int64_t turn) {
  SubmitAnswerRequest request;
  request.set_session(sessions_.back());
  request.set_answer_id(NewId());
  request.set_question(question);
  request.set_text(absl::StrCat("Turn ", turn,
                                ": I would compare training and validation error, keep a held-out test set, ",
                                "and watch the inputs for drift once the model serves real users. Of ",
                                question, " I would say more."));
  request.set_confidence(session::v1::CONFIDENCE_FAIRLY_SURE);
  request.set_device(options_.device);
  SubmitAnswerResponse response;
  RETURN_IF_ERROR(Write("SubmitAnswer", &Stub::SubmitAnswer, request.answer_id(), request, &response));
  answers_.push_back(request.answer_id());
  return response.answer().name();
}

absl::Status Learner::Answer(const PresentedQuestion& question, int64_t turn) {
  if (turn % 7 == 6) {
    SkipQuestionRequest skip;
    skip.set_session(sessions_.back());
    skip.set_question(question.question());
    skip.set_request_id(NewId());
    skip.set_device(options_.device);
    SkipQuestionResponse skipped;
    return Write("SkipQuestion", &Stub::SkipQuestion, skip.request_id(), skip, &skipped);
  }
  if (turn % 3 == 1) {
    SaveDraftRequest draft;
    draft.set_session(sessions_.back());
    draft.set_question(question.question());
    draft.set_text(absl::StrCat("draft of turn ", turn));
    SaveDraftResponse saved;
    // Drafts live in Redis alone: where it is away nobody waits for it, and goes on typing.
    absl::Status kept = Call(*stub_, "SaveDraft", &Stub::SaveDraft, NewId(), draft, &saved,
                             {"DRAFT_TOO_SOON", "DEPENDENCY_UNAVAILABLE", "OVERLOADED", "DEADLINE"});
    if (!kept.ok() && ReasonOf(kept).empty()) return kept;
  }
  if (turn % 5 == 2 && question.hints_left() > 0) {
    TakeHintRequest hint;
    hint.set_session(sessions_.back());
    hint.set_question(question.question());
    hint.set_request_id(NewId());
    hint.set_device(options_.device);
    TakeHintResponse taken;
    RETURN_IF_ERROR(Write("TakeHint", &Stub::TakeHint, hint.request_id(), hint, &taken));
  }
  ASSIGN_OR_RETURN(const std::string answer, Submit(question.question(), turn));
  if (turn % 4 == 3) RETURN_IF_ERROR(RevealAndRate(question.question(), answer));
  if (turn % 6 == 5) RETURN_IF_ERROR(Read(answer));
  return absl::OkStatus();
}

absl::Status Learner::RevealAndRate(const std::string& question, const std::string& answer) {
  RevealAnswerRequest reveal;
  reveal.set_session(sessions_.back());
  reveal.set_question(question);
  reveal.set_request_id(NewId());
  reveal.set_device(options_.device);
  RevealAnswerResponse revealed;
  RETURN_IF_ERROR(Write("RevealAnswer", &Stub::RevealAnswer, reveal.request_id(), reveal, &revealed));
  RateAnswerRequest rate;
  rate.set_session(sessions_.back());
  rate.set_question(question);
  rate.set_answer(answer);
  rate.set_rating(session::v1::RATING_HARD);
  rate.set_request_id(NewId());
  rate.set_device(options_.device);
  RateAnswerResponse rated;
  return Write("RateAnswer", &Stub::RateAnswer, rate.request_id(), rate, &rated);
}

absl::Status Learner::Read(const std::string& answer) {
  GetAnswerRequest get;
  get.set_name(answer);
  session::v1::Answer got;
  RETURN_IF_ERROR(Call(*stub_, "GetAnswer", &Stub::GetAnswer, NewId(), get, &got));
  ListAnswersRequest answers;
  answers.set_parent(sessions_.back());
  ListAnswersResponse listed;
  RETURN_IF_ERROR(Call(*stub_, "ListAnswers", &Stub::ListAnswers, NewId(), answers, &listed));
  ListSessionsRequest sessions;
  sessions.set_parent("tenants/-/learners/me");
  sessions.set_page_size(5);
  ListSessionsResponse found;
  RETURN_IF_ERROR(Call(*stub_, "ListSessions", &Stub::ListSessions, NewId(), sessions, &found));
  return GetSession(*stub_, sessions_.back()).status();
}

}  // namespace greenroom::e2e
