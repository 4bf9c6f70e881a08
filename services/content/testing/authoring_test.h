// What tests of the authoring RPCs share.
#ifndef GREENROOM_SERVICES_CONTENT_TESTING_AUTHORING_TEST_H_
#define GREENROOM_SERVICES_CONTENT_TESTING_AUTHORING_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "services/content/domain/pack_reader.h"
#include "services/content/domain/revision.h"
#include "services/content/testing/content_server.h"

namespace greenroom::content::testing {

inline v1::ImportPackRequest ImportRequest(const std::string& yaml, int id) {
  v1::ImportPackRequest request;
  request.set_parent("tenants/-");
  request.set_format(v1::PACK_FORMAT_YAML);
  request.set_source(yaml);
  request.set_request_id(Uuid(id));
  return request;
}

inline v1::PublishPackRequest PublishRequest(const std::string& pack, int id, const std::string& etag = "") {
  v1::PublishPackRequest request;
  request.set_name("tenants/-/packs/" + pack);
  request.set_etag(etag);
  request.set_request_id(Uuid(id));
  return request;
}

inline v1::DeletePackRequest DeleteRequest(const std::string& pack, int id, const std::string& etag = "") {
  v1::DeletePackRequest request;
  request.set_name("tenants/-/packs/" + pack);
  request.set_etag(etag);
  request.set_request_id(Uuid(id));
  return request;
}

inline v1::UndeletePackRequest UndeleteRequest(const std::string& pack, int id,
                                               const std::string& etag = "") {
  v1::UndeletePackRequest request;
  request.set_name("tenants/-/packs/" + pack);
  request.set_etag(etag);
  request.set_request_id(Uuid(id));
  return request;
}

// A download, as far as it came.
struct Downloaded {
  absl::Status status;
  v1::BundleHeader header;
  std::string bytes;
  int chunks = 0;
  size_t largest_chunk = 0;
};

// Calls the RPCs of a server, and says how a call must fail.
class AuthoringTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ImportPackResponse> Import(const v1::ImportPackRequest& request,
                                                const As& as = Author()) {
    return Ask(*server_.authors, &v1::ContentAuthoringService::Stub::ImportPack, request, as);
  }
  absl::StatusOr<v1::Revision> Publish(const v1::PublishPackRequest& request, const As& as = Author()) {
    return Ask(*server_.authors, &v1::ContentAuthoringService::Stub::PublishPack, request, as);
  }
  absl::StatusOr<v1::CheckPackResponse> Check(const v1::CheckPackRequest& request, const As& as = Author()) {
    return Ask(*server_.authors, &v1::ContentAuthoringService::Stub::CheckPack, request, as);
  }
  absl::StatusOr<v1::CheckPackResponse> Check(const std::string& name, const As& as = Author()) {
    v1::CheckPackRequest request;
    request.set_name(name);
    return Check(request, as);
  }
  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(const v1::ListRevisionsRequest& request,
                                                          const As& as = Author()) {
    return Ask(*server_.authors, &v1::ContentAuthoringService::Stub::ListRevisions, request, as);
  }
  absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(const std::string& parent,
                                                          const As& as = Author()) {
    v1::ListRevisionsRequest request;
    request.set_parent(parent);
    return ListRevisions(request, as);
  }
  absl::StatusOr<v1::ExportPackResponse> Export(const std::string& name, const As& as = Author()) {
    v1::ExportPackRequest request;
    request.set_name(name);
    return Ask(*server_.authors, &v1::ContentAuthoringService::Stub::ExportPack, request, as);
  }
  absl::StatusOr<v1::Pack> GetPack(const std::string& name, const As& as = Author()) {
    v1::GetPackRequest request;
    request.set_name(name);
    return Ask(*server_.content, &v1::ContentService::Stub::GetPack, request, as);
  }

  absl::StatusOr<v1::Pack> Update(const v1::UpdatePackRequest& request, const As& as = Author()) {
    return Ask(*server_.authors, &v1::ContentAuthoringService::Stub::UpdatePack, request, as);
  }
  absl::StatusOr<v1::Pack> Delete(const v1::DeletePackRequest& request, const As& as = Author()) {
    return Ask(*server_.authors, &v1::ContentAuthoringService::Stub::DeletePack, request, as);
  }
  absl::StatusOr<v1::Pack> Undelete(const v1::UndeletePackRequest& request, const As& as = Author()) {
    return Ask(*server_.authors, &v1::ContentAuthoringService::Stub::UndeletePack, request, as);
  }
  absl::StatusOr<v1::ListPacksResponse> ListPacks(const As& as, bool show_deleted = false) {
    v1::ListPacksRequest request;
    request.set_parent("tenants/-");
    request.set_show_deleted(show_deleted);
    return Ask(*server_.content, &v1::ContentService::Stub::ListPacks, request, as);
  }
  absl::StatusOr<v1::Question> GetQuestion(const std::string& name, const As& as) {
    v1::GetQuestionRequest request;
    request.set_name(name);
    return Ask(*server_.content, &v1::ContentService::Stub::GetQuestion, request, as);
  }
  absl::StatusOr<v1::SearchQuestionsResponse> Search(const v1::SearchQuestionsRequest& request,
                                                     const As& as = Learner()) {
    return Ask(*server_.content, &v1::ContentService::Stub::SearchQuestions, request, as);
  }
  absl::StatusOr<v1::SearchQuestionsResponse> Search(const std::string& query, const As& as = Learner()) {
    v1::SearchQuestionsRequest request;
    request.set_parent("tenants/-");
    request.set_query(query);
    return Search(request, as);
  }
  absl::StatusOr<v1::ListPackChangesResponse> Changes(const v1::ListPackChangesRequest& request,
                                                      const As& as = Learner()) {
    return Ask(*server_.content, &v1::ContentService::Stub::ListPackChanges, request, as);
  }
  absl::StatusOr<v1::ListPackChangesResponse> Changes(const std::string& token, const As& as = Learner()) {
    v1::ListPackChangesRequest request;
    request.set_parent("tenants/-");
    request.set_change_token(token);
    return Changes(request, as);
  }
  // Reads a download to its end, or until it has so many bytes and then goes away.
  Downloaded Download(const v1::DownloadPackRequest& request, const As& as = Learner(),
                      size_t enough = static_cast<size_t>(-1)) {
    grpc::ClientContext context;
    as.Prepare(context);
    const auto reader = server_.content->DownloadPack(&context, request);
    Downloaded result;
    v1::DownloadPackResponse message;
    while (result.bytes.size() < enough && reader->Read(&message)) {
      if (message.has_header()) {
        EXPECT_EQ(result.chunks, 0) << "the header comes first";
        EXPECT_EQ(result.header.sha256(), "") << "and once";
        result.header = message.header();
      } else {
        ++result.chunks;
        result.largest_chunk = std::max(result.largest_chunk, message.chunk().size());
        result.bytes += message.chunk();
      }
    }
    if (result.bytes.size() >= enough) context.TryCancel();
    while (reader->Read(&message)) continue;
    result.status = FromGrpc(reader->Finish());
    return result;
  }
  Downloaded Download(const std::string& name, const As& as = Learner()) {
    v1::DownloadPackRequest request;
    request.set_name(name);
    return Download(request, as);
  }

  // A call whose client goes away while the store stalls ends as CANCELLED for it; the store is resumed afterwards.
  template <typename Stub, typename Request, typename Response>
  void ExpectCancelled(Stub& stub,
                       grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const Request& request, const As& as) {
    server_.store.Stall();
    grpc::ClientContext context;
    as.Prepare(context);
    std::thread canceller([&] {
      server_.store.WaitForStalled(1);
      context.TryCancel();
    });
    Response response;
    EXPECT_EQ((stub.*method)(&context, request, &response).error_code(), grpc::StatusCode::CANCELLED);
    canceller.join();
    server_.store.Resume();
  }

  // Puts a pack into the store, past the service, as another replica would; the revision's id.
  std::string Store(const v1::PackContent& pack, const std::string& tenant = "acme") {
    const Caller caller{tenant, "ann", "ann", {Role::kAuthor}};
    std::string revision = RevisionId(pack);
    const absl::Time soon = absl::Now() + absl::Seconds(20);
    EXPECT_TRUE(SyncWait(server_.store.SaveDraft(caller, pack, revision, 0, {Uuid(++ids_), "d"},
                                                 server_.clock.Now(), soon))
                    .ok());
    EXPECT_TRUE(SyncWait(server_.store.Publish(caller, pack.pack(), revision, 0, {Uuid(++ids_), "d"},
                                               server_.clock.Now(), soon))
                    .ok());
    return revision;
  }

  // Imports and publishes; the revision's id.
  std::string Put(const std::string& yaml) {
    const auto imported = Import(ImportRequest(yaml, ++ids_));
    EXPECT_TRUE(imported.ok()) << imported.status();
    const std::string id = ReadPack(yaml).pack.pack();
    const auto published = Publish(PublishRequest(id, ++ids_));
    EXPECT_TRUE(published.ok()) << published.status();
    return published.ok() ? published->name().substr(published->name().rfind('/') + 1) : "";
  }

  static void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& reason) {
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_EQ(ReasonOf(status), reason) << status;
  }
  template <typename Result>
  static void ExpectError(const absl::StatusOr<Result>& result, absl::StatusCode code,
                          const std::string& reason) {
    ExpectError(result.status(), code, reason);
  }
  template <typename Result>
  static void ExpectBadFields(const absl::StatusOr<Result>& result, const std::vector<std::string>& fields) {
    ExpectBadFields(result.status(), fields);
  }
  static void ExpectBadFields(const absl::Status& status, const std::vector<std::string>& fields) {
    ExpectError(status, absl::StatusCode::kInvalidArgument, "INVALID_REQUEST");
    std::vector<std::string> found;
    for (const FieldViolation& violation : FieldViolationsOf(status)) found.push_back(violation.field);
    EXPECT_EQ(found, fields);
  }

  ContentServer server_;
  int ids_ = 1000;
};

}  // namespace greenroom::content::testing

#endif  // GREENROOM_SERVICES_CONTENT_TESTING_AUTHORING_TEST_H_
