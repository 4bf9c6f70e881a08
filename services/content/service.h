// The RPCs of greenroom.content.v1.ContentService.
#ifndef GREENROOM_SERVICES_CONTENT_SERVICE_H_
#define GREENROOM_SERVICES_CONTENT_SERVICE_H_

#include <memory>
#include <vector>

#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "services/base/call.h"
#include "services/base/method.h"
#include "services/base/rpc_stream.h"
#include "services/base/task.h"
#include "services/content/catalogue.h"
#include "services/content/resources.h"
#include "services/content/search_indexes.h"

namespace greenroom::content {

class ContentService final : public v1::ContentService::CallbackService {
 public:
  // All must outlive the server; `methods` holds ContentMethods().
  ContentService(const RpcRuntime& runtime, const MethodTable& methods, Catalogue& catalogue);
  // In the .cc, as the constructor, so that those who include this need not compile gRPC's part of every method.
  ~ContentService() override;

  grpc::ServerUnaryReactor* ListPacks(grpc::CallbackServerContext* context,
                                      const v1::ListPacksRequest* request,
                                      v1::ListPacksResponse* response) override;
  grpc::ServerUnaryReactor* GetPack(grpc::CallbackServerContext* context, const v1::GetPackRequest* request,
                                    v1::Pack* response) override;
  grpc::ServerUnaryReactor* ListQuestions(grpc::CallbackServerContext* context,
                                          const v1::ListQuestionsRequest* request,
                                          v1::ListQuestionsResponse* response) override;
  grpc::ServerUnaryReactor* GetQuestion(grpc::CallbackServerContext* context,
                                        const v1::GetQuestionRequest* request,
                                        v1::Question* response) override;
  grpc::ServerUnaryReactor* SearchQuestions(grpc::CallbackServerContext* context,
                                            const v1::SearchQuestionsRequest* request,
                                            v1::SearchQuestionsResponse* response) override;
  grpc::ServerUnaryReactor* ListPackChanges(grpc::CallbackServerContext* context,
                                            const v1::ListPackChangesRequest* request,
                                            v1::ListPackChangesResponse* response) override;
  grpc::ServerWriteReactor<v1::DownloadPackResponse>* DownloadPack(
      grpc::CallbackServerContext* context, const v1::DownloadPackRequest* request) override;

 private:
  Task<absl::StatusOr<v1::ListPacksResponse>> HandleListPacks(Call& call,
                                                              const v1::ListPacksRequest& request);
  Task<absl::StatusOr<v1::Pack>> HandleGetPack(Call& call, const v1::GetPackRequest& request);
  Task<absl::StatusOr<v1::ListQuestionsResponse>> HandleListQuestions(
      Call& call, const v1::ListQuestionsRequest& request);
  Task<absl::StatusOr<v1::Question>> HandleGetQuestion(Call& call, const v1::GetQuestionRequest& request);
  // search.cc
  Task<absl::StatusOr<v1::SearchQuestionsResponse>> HandleSearchQuestions(
      Call& call, const v1::SearchQuestionsRequest& request);
  // changes.cc
  Task<absl::StatusOr<v1::ListPackChangesResponse>> HandleListPackChanges(
      Call& call, const v1::ListPackChangesRequest& request);
  // download.cc
  Task<absl::Status> HandleDownloadPack(Call& call, const v1::DownloadPackRequest& request,
                                        ServerWriter<v1::DownloadPackResponse>& writer);

  // The packs to search: `only`, or all where it is empty. PACK_NOT_FOUND where there is no `only` for the caller.
  Task<absl::StatusOr<std::vector<std::shared_ptr<const PackRecord>>>> PacksToSearch(Call& call,
                                                                                     const Target& only);

  // The revision that `target` names, and in `target` its id in the place of `current`. PACK_NOT_FOUND or
  // REVISION_NOT_FOUND also where the caller may not know of it. Role service finds revisions of deleted packs by id.
  Task<absl::StatusOr<std::shared_ptr<const v1::PackContent>>> FindRevision(Call& call, Target& target);

  const RpcRuntime& runtime_;
  const MethodTable& methods_;
  Catalogue& catalogue_;
  SearchIndexes indexes_;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_SERVICE_H_
