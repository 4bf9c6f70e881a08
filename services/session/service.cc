#include "services/session/service.h"

#include <utility>

#include "services/base/rpc.h"
#include "services/base/rpc_stream.h"
#include "services/session/methods.h"

namespace greenroom::session {

Service::Service(const RpcRuntime& runtime, SessionParts parts)
    : runtime_(runtime), methods_(SessionMethods()), handlers_(std::move(parts)) {}

Service::~Service() = default;

#define GREENROOM_SESSION_RPC(Method, Request, Response)                                               \
  grpc::ServerUnaryReactor* Service::Method(grpc::CallbackServerContext* context,                      \
                                            const v1::Request* request, v1::Response* response) {      \
    return ServeUnary(runtime_, methods_.Get("greenroom.session.v1.SessionService/" #Method), context, \
                      request, response,                                                               \
                      [this, request](Call& call) { return handlers_.Method(call, *request); });       \
  }
GREENROOM_SESSION_RPC(CreateSession, CreateSessionRequest, CreateSessionResponse)
GREENROOM_SESSION_RPC(GetSession, GetSessionRequest, Session)
GREENROOM_SESSION_RPC(ListSessions, ListSessionsRequest, ListSessionsResponse)
GREENROOM_SESSION_RPC(NextQuestion, NextQuestionRequest, PresentedQuestion)
GREENROOM_SESSION_RPC(SaveDraft, SaveDraftRequest, SaveDraftResponse)
GREENROOM_SESSION_RPC(SubmitAnswer, SubmitAnswerRequest, SubmitAnswerResponse)
GREENROOM_SESSION_RPC(GetAnswer, GetAnswerRequest, Answer)
GREENROOM_SESSION_RPC(ListAnswers, ListAnswersRequest, ListAnswersResponse)
GREENROOM_SESSION_RPC(TakeHint, TakeHintRequest, TakeHintResponse)
GREENROOM_SESSION_RPC(RevealAnswer, RevealAnswerRequest, RevealAnswerResponse)
GREENROOM_SESSION_RPC(RateAnswer, RateAnswerRequest, RateAnswerResponse)
GREENROOM_SESSION_RPC(SkipQuestion, SkipQuestionRequest, SkipQuestionResponse)
GREENROOM_SESSION_RPC(PauseSession, PauseSessionRequest, PauseSessionResponse)
GREENROOM_SESSION_RPC(ResumeSession, ResumeSessionRequest, ResumeSessionResponse)
GREENROOM_SESSION_RPC(FinishSession, FinishSessionRequest, FinishSessionResponse)
GREENROOM_SESSION_RPC(SyncLearner, SyncLearnerRequest, SyncLearnerResponse)
GREENROOM_SESSION_RPC(GetSessionReport, GetSessionReportRequest, SessionReport)
#undef GREENROOM_SESSION_RPC

grpc::ServerWriteReactor<v1::WatchSessionResponse>* Service::WatchSession(
    grpc::CallbackServerContext* context, const v1::WatchSessionRequest* request) {
  return ServeServerStream<v1::WatchSessionResponse>(
      runtime_, methods_.Get("greenroom.session.v1.SessionService/WatchSession"), context, request,
      [this, request](Call& call, ServerWriter<v1::WatchSessionResponse>& writer) {
        return handlers_.WatchSession(call, *request, writer);
      });
}

}  // namespace greenroom::session
