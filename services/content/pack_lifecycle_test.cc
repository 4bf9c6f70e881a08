// UpdatePack, DeletePack and UndeletePack through a real server with real stubs.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/content/testing/authoring_test.h"

namespace greenroom::content {
namespace {

using testing::As;
using testing::Author;
using testing::DeleteRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
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
using testing::UndeleteRequest;
using testing::Uuid;

using AuthoringStub = v1::ContentAuthoringService::Stub;

class PackLifecycleTest : public testing::AuthoringTest {
 protected:
  static v1::UpdatePackRequest UpdateRequest(const std::string& pack, int id,
                                             const std::vector<std::string>& paths = {"tagline"}) {
    v1::UpdatePackRequest request;
    request.mutable_pack()->set_name("tenants/-/packs/" + pack);
    request.mutable_pack()->set_tagline("New tagline");
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(Uuid(id));
    return request;
  }
  v1::PackContent Exported(const std::string& name) {
    const auto exported = Export(name);
    EXPECT_TRUE(exported.ok()) << exported.status();
    return exported.ok() ? ReadPack(exported->source()).pack : v1::PackContent();
  }
  static std::vector<std::string> Names(const absl::StatusOr<v1::ListPacksResponse>& response) {
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> names;
    if (!response.ok()) return names;
    for (const v1::Pack& pack : response->packs()) names.push_back(pack.name());
    return names;
  }
};

TEST_F(PackLifecycleTest, AnUpdateChangesTheDraftAndPublishingMakesItLive) {
  const std::string revision = Put(PackYaml("ml"));
  v1::UpdatePackRequest request = UpdateRequest("ml", 1, {"tagline", "offline", "visibility"});
  request.mutable_pack()->set_offline(v1::OFFLINE_POLICY_FULL);
  request.mutable_pack()->set_visibility(v1::VISIBILITY_PRACTICE);
  request.mutable_pack()->set_role("not under the mask");
  const auto updated = Update(request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_TRUE(updated->has_draft());
  EXPECT_EQ(updated->tagline(), "") << "what is published is as it was";
  EXPECT_EQ(updated->etag(), "\"3\"");
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->SerializeAsString(), updated->SerializeAsString());
  EXPECT_FALSE(GetPack("tenants/-/packs/ml", Learner())->has_draft());
  v1::PackContent wanted = ReadPack(PackYaml("ml")).pack;
  wanted.set_tagline("New tagline");
  wanted.set_offline(v1::OFFLINE_POLICY_FULL);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(Exported("tenants/-/packs/ml"), wanted));
  EXPECT_EQ(RevisionId(Exported("tenants/-/packs/ml/revisions/" + revision)), revision) << "it never changes";
  ASSERT_TRUE(Publish(PublishRequest("ml", 2)).ok());
  EXPECT_EQ(GetPack("tenants/-/packs/ml", Learner())->tagline(), "New tagline");
}

TEST_F(PackLifecycleTest, AnUpdateGoesOnFromTheDraft) {
  Put(PackYaml("ml"));
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Draft?"), 1)).ok());
  ASSERT_TRUE(Update(UpdateRequest("ml", 2)).ok());
  v1::UpdatePackRequest license = UpdateRequest("ml", 3, {"license"});
  license.mutable_pack()->set_license("MIT");
  ASSERT_TRUE(Update(license).ok());
  const v1::PackContent draft = Exported("tenants/-/packs/ml");
  EXPECT_EQ(draft.questions(0).prompt(), "Draft?");
  EXPECT_EQ(draft.tagline(), "New tagline");
  EXPECT_EQ(draft.license(), "MIT");
}

TEST_F(PackLifecycleTest, AnUpdateBackToWhatIsPublishedIsNoDraft) {
  Put(PackYaml("ml"));
  ASSERT_TRUE(Update(UpdateRequest("ml", 1)).ok());
  v1::UpdatePackRequest back = UpdateRequest("ml", 2);
  back.mutable_pack()->clear_tagline();
  const auto updated = Update(back);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_FALSE(updated->has_draft());
  ExpectError(Publish(PublishRequest("ml", 3)), absl::StatusCode::kFailedPrecondition, "NOTHING_TO_PUBLISH");
}

TEST_F(PackLifecycleTest, AnUpdateOfAPackWithoutARevision) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  const auto updated = Update(UpdateRequest("ml", 2));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->tagline(), "New tagline") << "the draft is all there is";
}

TEST_F(PackLifecycleTest, FieldsOfAnUpdateMustBeRight) {
  Put(PackYaml("ml"));
  v1::UpdatePackRequest request = UpdateRequest("ml", 1);
  request.mutable_pack()->set_name("tenants/-");
  ExpectBadFields(Update(request), {"pack.name"});
  ExpectBadFields(Update(v1::UpdatePackRequest()), {"pack.name"});
  ExpectBadFields(Update(UpdateRequest("ml", 1, {})), {"update_mask"});
  ExpectBadFields(Update(UpdateRequest("ml", 1, {"tagline", "tips", "name", "*", "etag", "Role"})),
                  {"update_mask.paths[1]", "update_mask.paths[2]", "update_mask.paths[3]",
                   "update_mask.paths[4]", "update_mask.paths[5]"});
  request = UpdateRequest("ml", 1, {"role", "homepage", "visibility", "offline", "language"});
  request.mutable_pack()->set_homepage("javascript:alert(1)");
  ExpectBadFields(Update(request),
                  {"pack.homepage", "pack.language", "pack.offline", "pack.role", "pack.visibility"});
  request = UpdateRequest("ml", 1);
  request.set_request_id("1");
  ExpectBadFields(Update(request), {"request_id"});
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->etag(), "\"2\"") << "nothing was written";
}

TEST_F(PackLifecycleTest, TheEtagGuardsAnUpdate) {
  Put(PackYaml("ml"));
  v1::UpdatePackRequest request = UpdateRequest("ml", 1);
  for (const char* stale : {"\"1\"", "\"3\"", "2", "nonsense"}) {
    request.set_etag(stale);
    const auto refused = Update(request);
    ExpectError(refused, absl::StatusCode::kAborted, "ETAG_MISMATCH");
    EXPECT_EQ(MetadataOf(refused.status(), "etag"), "\"2\"");
  }
  request.set_etag("\"2\"");
  EXPECT_TRUE(Update(request).ok());
}

TEST_F(PackLifecycleTest, AnUpdateIsCarriedOutOnce) {
  Put(PackYaml("ml"));
  const v1::UpdatePackRequest request = UpdateRequest("ml", 1, {"tagline", "license"});
  const auto first = Update(request);
  const auto replayed = Update(request);
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(replayed->etag(), first->etag());
  EXPECT_TRUE(Update(UpdateRequest("ml", 1, {"license", "tagline", "license"})).ok()) << "the same mask";
  v1::UpdatePackRequest beside = request;
  beside.mutable_pack()->set_role("not under the mask");
  EXPECT_TRUE(Update(beside).ok()) << "the same meaning";
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->etag(), first->etag());
  v1::UpdatePackRequest other = request;
  other.mutable_pack()->set_tagline("Other");
  ExpectError(Update(other), absl::StatusCode::kAlreadyExists, "ID_REUSED");
  ExpectError(Update(UpdateRequest("ml", 1, {"tagline"})), absl::StatusCode::kAlreadyExists, "ID_REUSED");
  ExpectError(Delete(DeleteRequest("ml", 1)), absl::StatusCode::kAlreadyExists, "ID_REUSED");
  ASSERT_TRUE(Delete(DeleteRequest("ml", 2)).ok());
  EXPECT_TRUE(Update(request).ok()) << "a replay, though the pack is deleted by now";
  ExpectError(Update(UpdateRequest("ml", 3)), absl::StatusCode::kFailedPrecondition, "PACK_DELETED");
}

TEST_F(PackLifecycleTest, UpdatesAtOnceAreAllCarriedOut) {
  Put(PackYaml("ml"));
  const std::vector<std::string> fields = {"tagline", "license", "homepage"};
  std::vector<std::thread> threads;
  std::atomic<int> aborted = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    threads.emplace_back([&, i] {
      v1::UpdatePackRequest request = UpdateRequest("ml", static_cast<int>(10 + i), {fields[i]});
      request.mutable_pack()->set_license("MIT");
      request.mutable_pack()->set_homepage("https://example.org");
      for (;;) {
        const auto updated = Update(request);
        if (updated.ok()) return;
        ASSERT_EQ(ReasonOf(updated.status()), "ETAG_MISMATCH") << updated.status();
        ++aborted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const v1::PackContent draft = Exported("tenants/-/packs/ml");
  EXPECT_EQ(draft.tagline(), "New tagline");
  EXPECT_EQ(draft.license(), "MIT") << "no update is lost under another";
  EXPECT_EQ(draft.homepage(), "https://example.org");
}

TEST_F(PackLifecycleTest, ADeletedPackVanishesForLearners) {
  const std::string revision = Put(PackYaml("ml"));
  Put(PackYaml("other"));
  const auto deleted = Delete(DeleteRequest("ml", 1, "\"2\""));
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->delete_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_EQ(deleted->etag(), "\"3\"");
  const std::string name = "tenants/acme/packs/ml", question = "/questions/one";
  ExpectError(GetPack(name, Learner()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  EXPECT_THAT(Names(ListPacks(Learner(), true)), ElementsAre("tenants/acme/packs/other"));
  for (const std::string& of : {std::string("current"), revision})
    ExpectError(GetQuestion(absl::StrCat(name, "/revisions/", of, question), Learner()),
                absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(PackLifecycleTest, ServicesReadADeletedPacksRevisionsByTheirIds) {
  const std::string first = Put(PackYaml("ml")), second = Put(PackYaml("ml", "Second?"));
  ASSERT_TRUE(Delete(DeleteRequest("ml", 1)).ok());
  const std::string name = "tenants/acme/packs/ml";
  // What a session asks with, and what grading asks with.
  for (const std::string& revision : {first, second}) {
    v1::ListQuestionsRequest request;
    request.set_parent(absl::StrCat(name, "/revisions/", revision));
    request.set_view(v1::QUESTION_VIEW_FULL);
    const auto listed =
        testing::Ask(*server_.content, &v1::ContentService::Stub::ListQuestions, request, ServiceRole());
    ASSERT_TRUE(listed.ok()) << listed.status();
    EXPECT_EQ(listed->questions_size(), 3);
    EXPECT_TRUE(GetQuestion(request.parent() + "/questions/one", ServiceRole()).ok());
  }
  // What a new session asks with.
  ExpectError(GetPack(name, ServiceRole()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(GetQuestion(name + "/revisions/current/questions/one", ServiceRole()),
              absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(GetQuestion(name + "/revisions/r1/questions/one", ServiceRole()), absl::StatusCode::kNotFound,
              "REVISION_NOT_FOUND");
  EXPECT_THAT(Names(ListPacks(ServiceRole(), true)), IsEmpty());
}

TEST_F(PackLifecycleTest, StaffSeeWhatIsDeleted) {
  const std::string revision = Put(PackYaml("ml"));
  ASSERT_TRUE(Delete(DeleteRequest("ml", 1)).ok());
  for (const As& as : {Author(), Instructor(), Operator()}) {
    EXPECT_THAT(Names(ListPacks(as)), IsEmpty());
    const auto listed = ListPacks(as, true);
    ASSERT_THAT(Names(listed), SizeIs(1));
    EXPECT_TRUE(listed->packs(0).has_delete_time());
    EXPECT_EQ(GetPack("tenants/-/packs/ml", as)->SerializeAsString(), listed->packs(0).SerializeAsString());
    EXPECT_TRUE(GetQuestion("tenants/-/packs/ml/revisions/current/questions/one", as).ok());
  }
  EXPECT_TRUE(Check("tenants/-/packs/ml").ok());
  EXPECT_EQ(Export("tenants/-/packs/ml")->revision(), revision);
  EXPECT_THAT(ListRevisions("tenants/-/packs/ml")->revisions(), SizeIs(1));
  Put(PackYaml("other"));
  v1::ListPacksRequest request;
  request.set_parent("tenants/-");
  request.set_show_deleted(true);
  request.set_page_size(1);
  const auto page = testing::Ask(*server_.content, &v1::ContentService::Stub::ListPacks, request, Author());
  request.set_page_token(page->next_page_token());
  request.set_show_deleted(false);
  ExpectError(testing::Ask(*server_.content, &v1::ContentService::Stub::ListPacks, request, Author()),
              absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
}

TEST_F(PackLifecycleTest, ADeletedPackIsNotWritten) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  ASSERT_TRUE(Delete(DeleteRequest("ml", 2)).ok());
  const auto imported = Import(ImportRequest(PackYaml("ml", "New?"), 3));
  ExpectError(imported, absl::StatusCode::kFailedPrecondition, "PACK_DELETED");
  EXPECT_THAT(std::string(imported.status().message()), HasSubstr("undelete it first"));
  ExpectError(Publish(PublishRequest("ml", 4)), absl::StatusCode::kFailedPrecondition, "PACK_DELETED");
  EXPECT_EQ(server_.scoring.calls(), 0) << "nothing was graded for it";
  ExpectError(Update(UpdateRequest("ml", 5)), absl::StatusCode::kFailedPrecondition, "PACK_DELETED");
  ASSERT_TRUE(Undelete(UndeleteRequest("ml", 6)).ok());
  EXPECT_TRUE(Import(ImportRequest(PackYaml("ml", "New?"), 3)).ok()) << "a refusal is not remembered";
}

TEST_F(PackLifecycleTest, AnUndeletedPackIsAsItWas) {
  Put(PackYaml("ml"));
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml", "Draft?"), 1)).ok());
  const auto before = GetPack("tenants/-/packs/ml");
  const auto deleted = Delete(DeleteRequest("ml", 2));
  const auto back = Undelete(UndeleteRequest("ml", 3, deleted->etag()));
  ASSERT_TRUE(back.ok()) << back.status();
  v1::Pack wanted = *before;
  wanted.set_etag("\"5\"");
  EXPECT_EQ(back->SerializeAsString(), wanted.SerializeAsString());
  EXPECT_TRUE(GetPack("tenants/-/packs/ml", Learner()).ok());
  EXPECT_THAT(Names(ListPacks(Learner())), SizeIs(1));
  EXPECT_EQ(Exported("tenants/-/packs/ml").questions(0).prompt(), "Draft?");
  EXPECT_TRUE(Publish(PublishRequest("ml", 4)).ok());
}

TEST_F(PackLifecycleTest, WhatIsSoAlreadyIsRefused) {
  Put(PackYaml("ml"));
  ExpectError(Undelete(UndeleteRequest("ml", 1)), absl::StatusCode::kAlreadyExists, "PACK_NOT_DELETED");
  ASSERT_TRUE(Delete(DeleteRequest("ml", 2)).ok());
  EXPECT_TRUE(Delete(DeleteRequest("ml", 2)).ok()) << "the same request";
  ExpectError(Delete(DeleteRequest("ml", 3)), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ASSERT_TRUE(Undelete(UndeleteRequest("ml", 4)).ok());
  EXPECT_TRUE(Undelete(UndeleteRequest("ml", 4)).ok());
  EXPECT_FALSE(Delete(DeleteRequest("ml", 2))->has_delete_time()) << "a replay tells how it is now";
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->etag(), "\"4\"");
  ExpectError(Delete(DeleteRequest("none", 5)), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(Undelete(UndeleteRequest("none", 5)), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(PackLifecycleTest, FieldsAndEtagsOfADeletionMustBeRight) {
  Put(PackYaml("ml"));
  ExpectBadFields(Delete(DeleteRequest("Not An Id", 1)), {"name"});
  ExpectBadFields(Undelete(UndeleteRequest("Not An Id", 1)), {"name"});
  v1::DeletePackRequest no_id = DeleteRequest("ml", 1);
  no_id.clear_request_id();
  ExpectBadFields(Delete(no_id), {"request_id"});
  v1::UndeletePackRequest bad_id = UndeleteRequest("ml", 1);
  bad_id.set_request_id("x");
  ExpectBadFields(Undelete(bad_id), {"request_id"});
  for (const char* stale : {"\"1\"", "2", "\"02x\"", "\"-2\"", "\""}) {
    const auto refused = Delete(DeleteRequest("ml", 1, stale));
    ExpectError(refused, absl::StatusCode::kAborted, "ETAG_MISMATCH");
    EXPECT_EQ(MetadataOf(refused.status(), "etag"), "\"2\"");
  }
  ASSERT_TRUE(Delete(DeleteRequest("ml", 1)).ok());
  ExpectError(Undelete(UndeleteRequest("ml", 2, "\"2\"")), absl::StatusCode::kAborted, "ETAG_MISMATCH");
  ExpectError(Undelete(UndeleteRequest("ml", 1)), absl::StatusCode::kAlreadyExists, "ID_REUSED");
}

TEST_F(PackLifecycleTest, AnotherTenantsPacksAndOtherRolesAreRefused) {
  Put(PackYaml("ml"));
  v1::UpdatePackRequest update = UpdateRequest("ml", 1);
  v1::DeletePackRequest remove = DeleteRequest("ml", 2);
  v1::UndeletePackRequest bring_back = UndeleteRequest("ml", 3);
  for (const char* name : {"tenants/-/packs/ml", "tenants/acme/packs/ml"}) {
    update.mutable_pack()->set_name(name);
    remove.set_name(name);
    bring_back.set_name(name);
    ExpectError(Update(update, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    ExpectError(Delete(remove, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    ExpectError(Undelete(bring_back, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    for (const As& as : {Learner(), Instructor(), ServiceRole(), As{RoleSet()}}) {
      ExpectError(Update(update, as), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
      ExpectError(Delete(remove, as), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
      ExpectError(Undelete(bring_back, as), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
    }
  }
  EXPECT_TRUE(Update(update, Operator()).ok());
  EXPECT_TRUE(Delete(remove, Operator()).ok());
  EXPECT_TRUE(Undelete(bring_back, Operator()).ok());
}

TEST_F(PackLifecycleTest, AStoreThatFailsOrStalls) {
  Put(PackYaml("ml"));
  server_.store.FailWith(absl::UnavailableError("gone"));
  ExpectError(Update(UpdateRequest("ml", 1)), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  ExpectError(Delete(DeleteRequest("ml", 2)), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  ExpectError(Undelete(UndeleteRequest("ml", 3)), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  server_.store.FailWith(absl::OkStatus());
  server_.store.Stall();
  const As hasty{{Role::kAuthor}, "acme", absl::Milliseconds(100)};
  EXPECT_EQ(Update(UpdateRequest("ml", 1), hasty).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Delete(DeleteRequest("ml", 2), hasty).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Undelete(UndeleteRequest("ml", 3), hasty).status().code(), absl::StatusCode::kDeadlineExceeded);
  server_.store.Resume();
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->etag(), "\"2\"") << "nothing had been written";
  ExpectCancelled(*server_.authors, &AuthoringStub::UpdatePack, UpdateRequest("ml", 1), Author());
  EXPECT_TRUE(Update(UpdateRequest("ml", 1)).ok()) << "the same request tells the outcome";
  ExpectCancelled(*server_.authors, &AuthoringStub::DeletePack, DeleteRequest("ml", 2), Author());
  EXPECT_TRUE(Delete(DeleteRequest("ml", 2)).ok());
  ExpectCancelled(*server_.authors, &AuthoringStub::UndeletePack, UndeleteRequest("ml", 3), Author());
  EXPECT_TRUE(Undelete(UndeleteRequest("ml", 3)).ok());
}

}  // namespace
}  // namespace greenroom::content
