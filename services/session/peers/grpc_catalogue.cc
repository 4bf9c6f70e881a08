#include "services/session/peers/grpc_catalogue.h"

#include <utility>

#include "services/session/errors.h"

namespace greenroom::session {
namespace {

// The content service's largest page; it also ends pages at 3 MiB.
constexpr int kPageSize = 500;

using Async = content::v1::ContentService::StubInterface::async_interface;

}  // namespace

GrpcCatalogue::GrpcCatalogue(std::shared_ptr<grpc::Channel> channel, auth::ServiceCredentials& credentials)
    : stub_(content::v1::ContentService::NewStub(std::move(channel))), credentials_(credentials) {}

Task<absl::StatusOr<std::shared_ptr<const RevisionContent>>> GrpcCatalogue::GetRevision(LearnerKey learner,
                                                                                        std::string revision,
                                                                                        OutgoingCall call) {
  ASSIGN_OR_CO_RETURN_NOW(call.metadata, credentials_.MetadataFor(learner.tenant, learner.learner));
  call.wait_for_ready = true;
  auto content = std::make_shared<RevisionContent>();
  content->name = revision;
  content::v1::ListQuestionsRequest request;
  request.set_parent(std::move(revision));
  request.set_page_size(kPageSize);
  request.set_view(content::v1::QUESTION_VIEW_FULL);
  void (Async::*list)(grpc::ClientContext*, const content::v1::ListQuestionsRequest*,
                      content::v1::ListQuestionsResponse*, std::function<void(grpc::Status)>) =
      &Async::ListQuestions;
  do {
    absl::StatusOr<content::v1::ListQuestionsResponse> page =
        co_await CallUnary<content::v1::ListQuestionsResponse>(call, static_cast<Async*>(stub_->async()),
                                                               list, request);
    if (!page.ok()) co_return error::OfPeer(page.status(), "the catalogue");
    for (content::v1::Question& question : *page->mutable_questions()) {
      content->questions.push_back(std::move(question));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  co_return std::shared_ptr<const RevisionContent>(std::move(content));
}

Task<absl::StatusOr<PackSummary>> GrpcCatalogue::GetPack(LearnerKey learner, std::string pack,
                                                         Freshness freshness, OutgoingCall call) {
  ASSIGN_OR_CO_RETURN_NOW(call.metadata, credentials_.MetadataFor(learner.tenant, learner.learner));
  call.wait_for_ready = freshness == Freshness::kCurrent;
  content::v1::GetPackRequest request;
  request.set_name(pack);
  void (Async::*get)(grpc::ClientContext*, const content::v1::GetPackRequest*, content::v1::Pack*,
                     std::function<void(grpc::Status)>) = &Async::GetPack;
  absl::StatusOr<content::v1::Pack> found = co_await CallUnary<content::v1::Pack>(
      std::move(call), static_cast<Async*>(stub_->async()), get, request);
  if (!found.ok()) co_return error::OfPeer(found.status(), "the catalogue");
  if (found->revision().empty()) co_return error::PackNotFound(pack);
  PackSummary summary;
  summary.current_revision = found->revision();
  summary.visibility = found->visibility();
  summary.offline = found->offline();
  summary.topics.assign(found->topics().begin(), found->topics().end());
  co_return summary;
}

}  // namespace greenroom::session
