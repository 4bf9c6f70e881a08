// The RPC entries of greenroom.session.v1.SessionService.
#ifndef GREENROOM_SERVICES_SESSION_SERVICE_H_
#define GREENROOM_SERVICES_SESSION_SERVICE_H_

#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/call.h"
#include "services/base/method.h"
#include "services/session/handlers.h"

namespace greenroom::session {

class Service final : public v1::SessionService::CallbackService {
 public:
  // Both, and what `parts` refers to, must outlive the server.
  Service(const RpcRuntime& runtime, SessionParts parts);
  // In the .cc, as the constructor, so that those who include this need not compile gRPC's part of every method.
  ~Service() override;

#define GREENROOM_SESSION_RPC(Method, Request, Response)                                             \
  grpc::ServerUnaryReactor* Method(grpc::CallbackServerContext* context, const v1::Request* request, \
                                   v1::Response* response) override;
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
  grpc::ServerWriteReactor<v1::WatchSessionResponse>* WatchSession(
      grpc::CallbackServerContext* context, const v1::WatchSessionRequest* request) override;

 private:
  const RpcRuntime& runtime_;
  const MethodTable methods_;
  Handlers handlers_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_SERVICE_H_
