// What tests of the authoring RPCs share.
#ifndef GREENROOM_SERVICES_CONTENT_TESTING_AUTHORING_TEST_H_
#define GREENROOM_SERVICES_CONTENT_TESTING_AUTHORING_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/content/domain/pack_reader.h"
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

// Calls the authoring RPCs of a server, and says how a call must fail.
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

  // Imports and publishes; the revision's id.
  std::string Put(const std::string& yaml) {
    const auto imported = Import(ImportRequest(yaml, ++ids_));
    EXPECT_TRUE(imported.ok()) << imported.status();
    const std::string id = ReadPack(yaml).pack.pack();
    const auto published = Publish(PublishRequest(id, ++ids_));
    EXPECT_TRUE(published.ok()) << published.status();
    return published.ok() ? published->name().substr(published->name().rfind('/') + 1) : "";
  }

  template <typename Result>
  static void ExpectError(const Result& result, absl::StatusCode code, const std::string& reason) {
    EXPECT_EQ(result.status().code(), code) << result.status();
    EXPECT_EQ(ReasonOf(result.status()), reason) << result.status();
  }
  template <typename Result>
  static void ExpectBadFields(const Result& result, const std::vector<std::string>& fields) {
    ExpectError(result, absl::StatusCode::kInvalidArgument, "INVALID_REQUEST");
    std::vector<std::string> found;
    for (const FieldViolation& violation : FieldViolationsOf(result.status()))
      found.push_back(violation.field);
    EXPECT_EQ(found, fields);
  }

  ContentServer server_;
  int ids_ = 1000;
};

}  // namespace greenroom::content::testing

#endif  // GREENROOM_SERVICES_CONTENT_TESTING_AUTHORING_TEST_H_
