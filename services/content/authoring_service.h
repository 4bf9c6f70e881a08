// The RPCs of greenroom.content.v1.ContentAuthoringService.
#ifndef GREENROOM_SERVICES_CONTENT_AUTHORING_SERVICE_H_
#define GREENROOM_SERVICES_CONTENT_AUTHORING_SERVICE_H_

#include <string>

#include "greenroom/content/v1/authoring_service.grpc.pb.h"
#include "services/base/call.h"
#include "services/base/clock.h"
#include "services/base/method.h"
#include "services/base/task.h"
#include "services/content/catalogue.h"
#include "services/content/grader.h"
#include "services/content/resources.h"
#include "services/content/store.h"

namespace greenroom::content {

class ContentAuthoringService final : public v1::ContentAuthoringService::CallbackService {
 public:
  // All must outlive the server; `methods` holds ContentMethods().
  ContentAuthoringService(const RpcRuntime& runtime, const MethodTable& methods, PackStore& store,
                          Catalogue& catalogue, PackGrader& grader, const Clock& clock);
  // In the .cc, as the constructor, so that those who include this need not compile gRPC's part of every method.
  ~ContentAuthoringService() override;

  grpc::ServerUnaryReactor* ImportPack(grpc::CallbackServerContext* context,
                                       const v1::ImportPackRequest* request,
                                       v1::ImportPackResponse* response) override;
  grpc::ServerUnaryReactor* CheckPack(grpc::CallbackServerContext* context,
                                      const v1::CheckPackRequest* request,
                                      v1::CheckPackResponse* response) override;
  grpc::ServerUnaryReactor* PublishPack(grpc::CallbackServerContext* context,
                                        const v1::PublishPackRequest* request,
                                        v1::Revision* response) override;
  grpc::ServerUnaryReactor* ListRevisions(grpc::CallbackServerContext* context,
                                          const v1::ListRevisionsRequest* request,
                                          v1::ListRevisionsResponse* response) override;
  grpc::ServerUnaryReactor* ExportPack(grpc::CallbackServerContext* context,
                                       const v1::ExportPackRequest* request,
                                       v1::ExportPackResponse* response) override;
  grpc::ServerUnaryReactor* UpdatePack(grpc::CallbackServerContext* context,
                                       const v1::UpdatePackRequest* request, v1::Pack* response) override;
  grpc::ServerUnaryReactor* DeletePack(grpc::CallbackServerContext* context,
                                       const v1::DeletePackRequest* request, v1::Pack* response) override;
  grpc::ServerUnaryReactor* UndeletePack(grpc::CallbackServerContext* context,
                                         const v1::UndeletePackRequest* request, v1::Pack* response) override;

 private:
  Task<absl::StatusOr<v1::ImportPackResponse>> HandleImportPack(Call& call,
                                                                const v1::ImportPackRequest& request);
  Task<absl::StatusOr<v1::CheckPackResponse>> HandleCheckPack(Call& call,
                                                              const v1::CheckPackRequest& request);
  Task<absl::StatusOr<v1::Revision>> HandlePublishPack(Call& call, const v1::PublishPackRequest& request);
  Task<absl::StatusOr<v1::ListRevisionsResponse>> HandleListRevisions(
      Call& call, const v1::ListRevisionsRequest& request);
  Task<absl::StatusOr<v1::ExportPackResponse>> HandleExportPack(Call& call,
                                                                const v1::ExportPackRequest& request);
  // lifecycle.cc
  Task<absl::StatusOr<v1::Pack>> HandleUpdatePack(Call& call, const v1::UpdatePackRequest& request);
  Task<absl::StatusOr<v1::Pack>> HandleDeletePack(Call& call, const v1::DeletePackRequest& request);
  Task<absl::StatusOr<v1::Pack>> HandleUndeletePack(Call& call, const v1::UndeletePackRequest& request);

  // The pack's record as the store has it. PACK_NOT_FOUND.
  Task<absl::StatusOr<PackRecord>> FindPack(Call& call, const Target& target);
  // The content that `target` names: a revision, or the draft, or the current revision where there is no draft.
  Task<absl::StatusOr<v1::PackContent>> FindContent(Call& call, const Target& target);
  // Grades and judges.
  Task<absl::StatusOr<v1::CheckPackResponse>> Check(Call& call, const v1::PackContent& pack,
                                                    const PlaceMap& places, std::vector<v1::Issue> issues);
  // Publishes the draft as it is now; `etag` is empty or the pack's. kDraftChanged: it changed meanwhile.
  Task<absl::StatusOr<WriteResult>> PublishDraft(Call& call, const Target& target, const std::string& etag,
                                                 RequestKey key);
  // Saves the draft as `request` changes it, if the pack does not change meanwhile (kEtagMismatch).
  Task<absl::StatusOr<WriteResult>> EditDraft(Call& call, const Target& target,
                                              const v1::UpdatePackRequest& request, RequestKey key);

  const RpcRuntime& runtime_;
  const MethodTable& methods_;
  PackStore& store_;
  Catalogue& catalogue_;
  PackGrader& grader_;
  const Clock& clock_;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_AUTHORING_SERVICE_H_
