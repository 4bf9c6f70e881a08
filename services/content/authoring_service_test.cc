// ListRevisions and ExportPack through a real server with real stubs; and for all authoring RPCs: whose packs, which
// roles, and what happens when the store fails.
#include "services/content/authoring_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/content/domain/pack_reader.h"
#include "services/content/domain/revision.h"
#include "services/content/testing/authoring_test.h"

namespace greenroom::content {
namespace {

using testing::As;
using testing::Author;
using testing::ImportRequest;
using testing::Instructor;
using ::testing::IsEmpty;
using testing::Learner;
using testing::Operator;
using testing::PackYaml;
using testing::PublishRequest;
using testing::ServiceRole;
using ::testing::SizeIs;
using testing::Stranger;

class AuthoringServiceTest : public testing::AuthoringTest {};

TEST_F(AuthoringServiceTest, RevisionsComeInPagesNewestFirst) {
  for (const char* prompt : {"One?", "Two?", "Three?"}) Put(PackYaml("ml", prompt));
  v1::ListRevisionsRequest request;
  request.set_parent("tenants/acme/packs/ml");
  request.set_page_size(2);
  const auto first = ListRevisions(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->revisions(), SizeIs(2));
  EXPECT_EQ(first->revisions(0).change_number(), 3);
  EXPECT_TRUE(first->revisions(0).current());
  request.set_page_token(first->next_page_token());
  const auto second = ListRevisions(request);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_THAT(second->revisions(), SizeIs(1));
  EXPECT_EQ(second->revisions(0).change_number(), 1);
  EXPECT_EQ(second->next_page_token(), "");
  Put(PackYaml("other"));
  request.set_parent("tenants/-/packs/other");
  ExpectError(ListRevisions(request), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_page_size(-1);
  ExpectBadFields(ListRevisions(request), {"page_size"});
  ExpectBadFields(ListRevisions("tenants/-"), {"parent"});
  ExpectError(ListRevisions("tenants/-/packs/none"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ASSERT_TRUE(Import(ImportRequest(PackYaml("draft"), 1)).ok());
  EXPECT_THAT(ListRevisions("tenants/-/packs/draft")->revisions(), IsEmpty());
}

TEST_F(AuthoringServiceTest, WhatIsExportedIsImportedAsTheSame) {
  const std::string revision = Put(PackYaml("ml"));
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Draft?"), 1)).ok());
  const auto draft = Export("tenants/-/packs/ml");
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_EQ(ReadPack(draft->source()).pack.questions(0).prompt(), "Draft?");
  EXPECT_EQ(draft->revision(), RevisionId(ReadPack(PackYaml("ml", "Draft?")).pack));
  for (const char* name :
       {"tenants/-/packs/ml/revisions/current", "tenants/acme/packs/ml/revisions/current"}) {
    const auto published = Export(name);
    ASSERT_TRUE(published.ok()) << published.status();
    EXPECT_EQ(published->revision(), revision);
    const ReadResult read = ReadPack(published->source());
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read.pack, ReadPack(PackYaml("ml")).pack));
  }
  EXPECT_EQ(Export("tenants/-/packs/ml/revisions/" + revision)->revision(), revision);
  ExpectError(Export("tenants/-/packs/none"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(Export("tenants/-/packs/ml/revisions/r1"), absl::StatusCode::kNotFound, "REVISION_NOT_FOUND");
  ExpectBadFields(Export("ml"), {"name"});
}

TEST_F(AuthoringServiceTest, ARevisionNeverChanges) {
  const std::string revision = Put(PackYaml("ml"));
  const std::string before = Export("tenants/-/packs/ml/revisions/" + revision)->source();
  Put(PackYaml("ml", "Changed?"));
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Again?"), 1)).ok());
  EXPECT_EQ(Export("tenants/-/packs/ml/revisions/" + revision)->source(), before);
}

TEST_F(AuthoringServiceTest, AnotherTenantsPacksAreNotThere) {
  Put(PackYaml("ml"));
  v1::ImportPackRequest import = ImportRequest(PackYaml("ml"), 1);
  import.set_parent("tenants/acme");
  ExpectError(Import(import, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  v1::PublishPackRequest publish = PublishRequest("ml", 2);
  publish.set_name("tenants/acme/packs/ml");
  ExpectError(Publish(publish, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  for (const char* name : {"tenants/acme/packs/ml", "tenants/-/packs/ml"}) {
    ExpectError(Check(name, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    ExpectError(ListRevisions(name, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    ExpectError(Export(name, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  }
  ExpectError(Export("tenants/acme/packs/ml/revisions/current", Stranger()), absl::StatusCode::kNotFound,
              "PACK_NOT_FOUND");
}

TEST_F(AuthoringServiceTest, RolesDecideWhoMayCall) {
  Put(PackYaml("ml"));
  const std::string pack = "tenants/-/packs/ml";
  int id = 1;
  for (const As& as : {Author(), Operator()}) {
    EXPECT_TRUE(Import(ImportRequest(PackYaml("ml", "By " + as.roles.ToString()), ++id), as).ok());
    EXPECT_TRUE(Check(pack, as).ok());
    EXPECT_TRUE(Publish(PublishRequest("ml", ++id), as).ok());
  }
  for (const As& as : {Learner(), Instructor(), ServiceRole()}) {
    ExpectError(Import(ImportRequest(PackYaml("ml"), ++id), as), absl::StatusCode::kPermissionDenied,
                "ROLE_FORBIDS");
    ExpectError(Check(pack, as), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
    ExpectError(Publish(PublishRequest("ml", ++id), as), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  }
  for (const As& as : {Author(), Operator(), Instructor(), ServiceRole()}) {
    EXPECT_TRUE(ListRevisions(pack, as).ok());
    EXPECT_TRUE(Export(pack, as).ok());
  }
  ExpectError(ListRevisions(pack, Learner()), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  ExpectError(Export(pack, Learner()), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
}

TEST_F(AuthoringServiceTest, AStoreThatFailsIsUnavailable) {
  Put(PackYaml("ml"));
  server_.store.FailWith(absl::UnavailableError("gone"));
  const std::string pack = "tenants/-/packs/ml";
  for (const absl::Status& status :
       {Import(ImportRequest(PackYaml("ml", "New?"), 1)).status(), Publish(PublishRequest("ml", 2)).status(),
        Check(pack).status(), ListRevisions(pack).status(), Export(pack).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_EQ(ReasonOf(status), "DEPENDENCY_UNAVAILABLE");
  }
}

TEST_F(AuthoringServiceTest, CallsEndAtTheirDeadlineWhileTheStoreStalls) {
  Put(PackYaml("ml"));
  server_.store.Stall();
  const As hasty{{Role::kAuthor}, "acme", absl::Milliseconds(100)};
  const std::string pack = "tenants/-/packs/ml";
  for (const absl::Status& status :
       {Import(ImportRequest(PackYaml("ml", "New?"), 1), hasty).status(),
        Publish(PublishRequest("ml", 2), hasty).status(), Check(pack, hasty).status(),
        ListRevisions(pack, hasty).status(), Export(pack, hasty).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  }
  server_.store.Resume();
  EXPECT_FALSE(Import(ImportRequest(PackYaml("ml", "New?"), 1))->replayed()) << "nothing had been written";
}

}  // namespace
}  // namespace greenroom::content
