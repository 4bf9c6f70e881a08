#include "services/scoring/grpc_catalogue.h"

#include <functional>
#include <utility>

#include "services/scoring/errors.h"

namespace greenroom::scoring {
namespace {

using Async = content::v1::ContentService::StubInterface::async_interface;

}  // namespace

GrpcCatalogue::GrpcCatalogue(std::shared_ptr<grpc::Channel> channel, auth::ServiceCredentials& credentials)
    : stub_(content::v1::ContentService::NewStub(std::move(channel))), credentials_(credentials) {}

Task<absl::StatusOr<content::v1::Question>> GrpcCatalogue::GetQuestion(std::string tenant, std::string name,
                                                                       OutgoingCall call) {
  ASSIGN_OR_CO_RETURN_NOW(call.metadata, credentials_.MetadataFor(tenant, ""));
  call.wait_for_ready = true;
  content::v1::GetQuestionRequest request;
  request.set_name(std::move(name));
  request.set_view(content::v1::QUESTION_VIEW_FULL);
  void (Async::*get)(grpc::ClientContext*, const content::v1::GetQuestionRequest*, content::v1::Question*,
                     std::function<void(grpc::Status)>) = &Async::GetQuestion;
  absl::StatusOr<content::v1::Question> question = co_await CallUnary<content::v1::Question>(
      std::move(call), static_cast<Async*>(stub_->async()), get, std::move(request));
  if (!question.ok()) co_return error::OfContent(question.status());
  co_return question;
}

}  // namespace greenroom::scoring
