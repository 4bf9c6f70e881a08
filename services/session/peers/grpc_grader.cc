#include "services/session/peers/grpc_grader.h"

#include <utility>

namespace greenroom::session {
namespace {

using Async = scoring::v1::ScoringService::StubInterface::async_interface;

}  // namespace

GrpcGrader::GrpcGrader(std::shared_ptr<grpc::Channel> channel, auth::ServiceCredentials& credentials)
    : stub_(scoring::v1::ScoringService::NewStub(std::move(channel))), credentials_(credentials) {}

Task<absl::StatusOr<scoring::v1::Report>> GrpcGrader::Grade(LearnerKey learner, std::string question,
                                                            std::string answer, GradedAnswers graded,
                                                            OutgoingCall call) {
  ASSIGN_OR_CO_RETURN_NOW(call.metadata, credentials_.MetadataFor(learner.tenant, learner.learner));
  scoring::v1::GradeAnswerRequest request;
  request.set_question(std::move(question));
  request.set_answer(std::move(answer));
  request.mutable_graded()->Add(graded.begin(), graded.end());
  void (Async::*grade)(grpc::ClientContext*, const scoring::v1::GradeAnswerRequest*,
                       scoring::v1::GradeAnswerResponse*, std::function<void(grpc::Status)>) =
      &Async::GradeAnswer;
  ASSIGN_OR_CO_RETURN(scoring::v1::GradeAnswerResponse response,
                      CallUnary<scoring::v1::GradeAnswerResponse>(
                          std::move(call), static_cast<Async*>(stub_->async()), grade, std::move(request)));
  co_return std::move(*response.mutable_report());
}

}  // namespace greenroom::session
