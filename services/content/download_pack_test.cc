// DownloadPack through a real server with real stubs.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/content/domain/bundle.h"
#include "services/content/domain/digest.h"
#include "services/content/testing/authoring_test.h"

namespace greenroom::content {
namespace {

using testing::As;
using testing::Author;
using testing::DeleteRequest;
using testing::Downloaded;
using ::testing::HasSubstr;
using testing::ImportRequest;
using testing::Instructor;
using testing::Learner;
using ::testing::Not;
using testing::Operator;
using testing::PackYaml;
using testing::ServiceRole;
using ::testing::SizeIs;
using testing::Stranger;

constexpr char kFull[] = "offline: full\n";

class DownloadPackTest : public testing::AuthoringTest {
 protected:
  static v1::DownloadPackRequest Request(const std::string& name, int64_t offset = 0,
                                         const std::string& sha256 = "") {
    v1::DownloadPackRequest request;
    request.set_name(name);
    request.set_offset(offset);
    request.set_sha256(sha256);
    return request;
  }

  // A pack whose bundle has several chunks and ends within one.
  std::string PutLarge(const std::string& id) {
    v1::PackContent pack = ReadPack(PackYaml(id, "What is it?", kFull)).pack;
    v1::Question& question = *pack.mutable_questions(0);
    for (int i = 0; i < 9; ++i) {
      std::string text = absl::StrCat(i, " ");
      for (int w = 0; w < 4000; ++w) absl::StrAppend(&text, "w", (w * 37 + i) % 1009, " ");
      question.add_variants(text);
    }
    return Store(pack);
  }

  static v1::PackBundle Parsed(const Downloaded& download) {
    v1::PackBundle bundle;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(download.bytes, &bundle).ok());
    return bundle;
  }
};

TEST_F(DownloadPackTest, SendsAHeaderAndThenTheBundle) {
  const std::string revision = Put(PackYaml("ml", "What is it?", kFull));
  const Downloaded download = Download("tenants/-/packs/ml");
  ASSERT_TRUE(download.status.ok()) << download.status;
  EXPECT_EQ(download.header.revision(), "tenants/acme/packs/ml/revisions/" + revision);
  EXPECT_EQ(download.header.size_bytes(), static_cast<int64_t>(download.bytes.size()));
  EXPECT_EQ(download.header.sha256(), Sha256Hex(download.bytes));
  EXPECT_EQ(download.header.offline(), v1::OFFLINE_POLICY_FULL);
  const v1::PackBundle bundle = Parsed(download);
  EXPECT_EQ(bundle.revision(), download.header.revision());
  ASSERT_THAT(bundle.questions(), SizeIs(3));
  EXPECT_EQ(bundle.questions(0).model_answer(), "95 SECRET model");
  for (const char* never : {"SECRET notes", "SECRET good"})
    EXPECT_THAT(download.bytes, Not(HasSubstr(never))) << "notes and examples stay";
  for (const std::string& name :
       {std::string("tenants/acme/packs/ml/revisions/current"), download.header.revision()}) {
    EXPECT_EQ(Download(name).bytes, download.bytes) << name;
  }
  for (const As& as : {Author(), Instructor(), Operator(), ServiceRole()})
    EXPECT_EQ(Download("tenants/-/packs/ml", as).bytes, download.bytes) << "a bundle is the revision's";
}

TEST_F(DownloadPackTest, WithoutAPolicyNothingOfAnAnswerIsSent) {
  Put(PackYaml("ml"));
  for (const As& as : {Learner(), Author(), Instructor(), Operator(), ServiceRole()}) {
    const Downloaded download = Download("tenants/-/packs/ml", as);
    ASSERT_TRUE(download.status.ok()) << download.status;
    EXPECT_EQ(download.header.offline(), v1::OFFLINE_POLICY_NONE);
    EXPECT_THAT(download.bytes, Not(HasSubstr("SECRET")));
    EXPECT_THAT(download.bytes, Not(HasSubstr("told")));
    EXPECT_THAT(Parsed(download).questions(), SizeIs(2)) << "without follow-ups";
  }
}

TEST_F(DownloadPackTest, AStricterPolicyHoldsForEarlierRevisionsToo) {
  const std::string open = Put(PackYaml("ml", "What is it?", kFull));
  const std::string name = "tenants/acme/packs/ml/revisions/" + open;
  const Downloaded before = Download(name);
  Put(PackYaml("ml", "What now?"));
  const Downloaded after = Download(name);
  EXPECT_EQ(after.header.offline(), v1::OFFLINE_POLICY_NONE);
  EXPECT_THAT(after.bytes, Not(HasSubstr("SECRET")));
  ExpectError(Download(Request(name, 10, before.header.sha256())).status,
              absl::StatusCode::kFailedPrecondition, "BUNDLE_CHANGED");
  // And one that was not for devices does not become so.
  Put(PackYaml("ml", "What then?", kFull));
  EXPECT_EQ(
      Download("tenants/acme/packs/ml/revisions/" + RevisionId(ReadPack(PackYaml("ml", "What now?")).pack))
          .header.offline(),
      v1::OFFLINE_POLICY_NONE);
}

TEST_F(DownloadPackTest, PacksForExamsAreForAuthorsAndServicesOnly) {
  const std::string exam = Put(PackYaml("exam", "What?", "visibility: exam\noffline: full\n"));
  const std::string name = "tenants/acme/packs/exam";
  for (const std::string& named : {name, absl::StrCat(name, "/revisions/", exam)})
    ExpectError(Download(named).status, absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  for (const As& as : {Author(), ServiceRole()}) EXPECT_TRUE(Download(name, as).status.ok());
  for (const As& as : {Instructor(), Operator()})
    ExpectError(Download(name, as).status, absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
  // What was for exams once stays so.
  Put(PackYaml("exam", "Open now?", kFull));
  EXPECT_TRUE(Download(name).status.ok());
  ExpectError(Download(name + "/revisions/" + exam).status, absl::StatusCode::kNotFound,
              "REVISION_NOT_FOUND");
  ExpectError(Download(name + "/revisions/" + exam, Operator()).status, absl::StatusCode::kPermissionDenied,
              "ROLE_FORBIDS");
}

TEST_F(DownloadPackTest, WhatIsAbsentIsNotFound) {
  Put(PackYaml("ml"));
  Put(PackYaml("gone"));
  ASSERT_TRUE(Delete(DeleteRequest("gone", 1)).ok());
  ASSERT_TRUE(Import(ImportRequest(PackYaml("draft"), 2)).ok());
  ExpectError(Download("tenants/-/packs/none").status, absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(Download("tenants/-/packs/draft").status, absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(Download("tenants/-/packs/draft", Author()).status, absl::StatusCode::kNotFound,
              "REVISION_NOT_FOUND");
  ExpectError(Download("tenants/-/packs/ml/revisions/r1").status, absl::StatusCode::kNotFound,
              "REVISION_NOT_FOUND");
  for (const As& as : {Learner(), Author(), ServiceRole()})
    ExpectError(Download("tenants/-/packs/gone", as).status, absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(Download("tenants/acme/packs/ml", Stranger()).status, absl::StatusCode::kNotFound,
              "PACK_NOT_FOUND");
  ExpectError(Download("tenants/-/packs/ml", Stranger()).status, absl::StatusCode::kNotFound,
              "PACK_NOT_FOUND");
  ExpectError(Download("tenants/-/packs/ml", As{RoleSet()}).status, absl::StatusCode::kPermissionDenied,
              "ROLE_FORBIDS");
}

TEST_F(DownloadPackTest, FieldsMustBeRight) {
  Put(PackYaml("ml"));
  const std::string name = "tenants/-/packs/ml";
  ExpectBadFields(Download("ml").status, {"name"});
  ExpectBadFields(Download(Request(name, -1)).status, {"offset"});
  for (const std::string& bad :
       {std::string("x"), std::string(64, 'G'), std::string(64, 'A'), std::string(65, 'a')})
    ExpectBadFields(Download(Request(name, 0, bad)).status, {"sha256"});
  ExpectBadFields(Download(Request(name, -1, "x")).status, {"offset", "sha256"});
  const Downloaded whole = Download(name);
  const int64_t size = whole.header.size_bytes();
  ExpectBadFields(Download(Request(name, size + 1)).status, {"offset"});
  ExpectBadFields(Download(Request(name, INT64_MAX)).status, {"offset"});
  const Downloaded none = Download(Request(name, size, whole.header.sha256()));
  EXPECT_TRUE(none.status.ok()) << "all of it is there already";
  EXPECT_EQ(none.header.SerializeAsString(), whole.header.SerializeAsString());
  EXPECT_EQ(none.chunks, 0);
}

TEST_F(DownloadPackTest, AnotherBundleThanTheOneBegunIsRefused) {
  Put(PackYaml("ml", "What is it?", kFull));
  const Downloaded begun = Download("tenants/-/packs/ml");
  const std::string second = Put(PackYaml("ml", "What is it now?", kFull));
  // Also where the offset is beyond the new bundle: what matters is told first.
  for (int64_t offset : {int64_t{10}, begun.header.size_bytes() + 100}) {
    const Downloaded refused = Download(Request("tenants/-/packs/ml", offset, begun.header.sha256()));
    ExpectError(refused.status, absl::StatusCode::kFailedPrecondition, "BUNDLE_CHANGED");
    EXPECT_EQ(MetadataOf(refused.status, "revision"), "tenants/acme/packs/ml/revisions/" + second);
    EXPECT_EQ(MetadataOf(refused.status, "sha256"), Download("tenants/-/packs/ml").header.sha256());
  }
  const Downloaded rest = Download(Request(begun.header.revision(), 10, begun.header.sha256()));
  ASSERT_TRUE(rest.status.ok()) << "its revision is named in full: " << rest.status;
  EXPECT_EQ(begun.bytes.substr(0, 10) + rest.bytes, begun.bytes);
}

TEST_F(DownloadPackTest, InterruptedAndResumedAnywhereItIsTheSame) {
  PutLarge("large");
  const std::string name = "tenants/-/packs/large";
  const Downloaded whole = Download(name);
  ASSERT_TRUE(whole.status.ok()) << whole.status;
  ASSERT_GT(whole.chunks, 2);
  EXPECT_LE(whole.largest_chunk, size_t{64} << 10);
  EXPECT_EQ(whole.header.sha256(), Sha256Hex(whole.bytes));
  const int size = static_cast<int>(whole.bytes.size());
  EXPECT_TRUE(rc::check("resumed anywhere", [&] {
    std::string bytes;
    // The device loses some of what it has got, each time.
    for (int tries = *rc::gen::inRange(0, 4); tries > 0; --tries) {
      const size_t enough = static_cast<size_t>(*rc::gen::inRange(1, size));
      const Downloaded part = Download(
          Request(name, static_cast<int64_t>(bytes.size()), whole.header.sha256()), Learner(), enough);
      RC_ASSERT(part.header.SerializeAsString() == whole.header.SerializeAsString());
      bytes += part.bytes;
      bytes.resize(static_cast<size_t>(*rc::gen::inRange(0, static_cast<int>(bytes.size()) + 1)));
    }
    const Downloaded rest =
        Download(Request(name, static_cast<int64_t>(bytes.size()), whole.header.sha256()));
    RC_ASSERT(rest.status.ok());
    RC_ASSERT(bytes + rest.bytes == whole.bytes);
  }));
}

TEST_F(DownloadPackTest, ItIsSentFromMemoryAndEndsWithTheStoreWhereNot) {
  Put(PackYaml("ml"));
  const std::string name = "tenants/-/packs/ml";
  const Downloaded whole = Download(name);
  server_.clock.Advance(absl::Minutes(1));
  server_.store.Stall();
  EXPECT_EQ(Download(name).bytes, whole.bytes) << "from memory";
  server_.store.Resume();
  Store(ReadPack(PackYaml("new")).pack);
  server_.store.FailWith(absl::UnavailableError("gone"));
  ExpectError(Download("tenants/-/packs/new").status, absl::StatusCode::kUnavailable,
              "DEPENDENCY_UNAVAILABLE");
  server_.store.FailWith(absl::OkStatus());
  server_.store.Stall();
  const As hasty{{Role::kLearner}, "acme", absl::Milliseconds(100)};
  EXPECT_EQ(Download("tenants/-/packs/new", hasty).status.code(), absl::StatusCode::kDeadlineExceeded);
  grpc::ClientContext context;
  Learner().Prepare(context);
  std::thread canceller([&] {
    server_.store.WaitForStalled(1);
    context.TryCancel();
  });
  const auto reader = server_.content->DownloadPack(&context, Request("tenants/-/packs/new"));
  v1::DownloadPackResponse message;
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  canceller.join();
  server_.store.Resume();
  EXPECT_TRUE(Download("tenants/-/packs/new").status.ok()) << "and the server goes on";
}

}  // namespace
}  // namespace greenroom::content
