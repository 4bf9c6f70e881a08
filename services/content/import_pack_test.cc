// ImportPack through a real server with real stubs.
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

using ::testing::HasSubstr;
using testing::ImportRequest;
using ::testing::IsEmpty;
using testing::PackYaml;
using testing::PublishRequest;
using ::testing::SizeIs;
using testing::Stranger;

class ImportPackTest : public testing::AuthoringTest {};

TEST_F(ImportPackTest, AnImportedPackIsADraft) {
  const auto imported = Import(ImportRequest(PackYaml("ml"), 1));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_FALSE(imported->replayed());
  EXPECT_EQ(imported->pack().name(), "tenants/acme/packs/ml");
  EXPECT_TRUE(imported->pack().has_draft());
  EXPECT_EQ(imported->pack().revision(), "");
  EXPECT_FALSE(imported->has_content());
  EXPECT_THAT(imported->issues(), IsEmpty());
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->etag(), imported->pack().etag());
  const auto again = Import(ImportRequest(PackYaml("ml", "Changed?"), 2));
  EXPECT_NE(again->pack().etag(), imported->pack().etag());
  EXPECT_EQ(GetPack("tenants/-/packs/ml")->etag(), again->pack().etag());
}

TEST_F(ImportPackTest, ValidateOnlyStoresNothingAndSaysAll) {
  v1::ImportPackRequest request = ImportRequest(PackYaml("ml"), 1);
  request.set_validate_only(true);
  request.clear_request_id();
  server_.store.FailWith(absl::UnavailableError("not needed"));
  const auto valid = Import(request);
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_EQ(valid->content().questions_size(), 3);
  EXPECT_EQ(valid->pack().name(), "tenants/acme/packs/ml");
  EXPECT_EQ(valid->pack().question_count(), 2);
  request.set_source("format: greenroom-pack/1\npack: ml\nlanguage: en\nrole: R\nquestion: []\n");
  const auto invalid = Import(request);
  ASSERT_TRUE(invalid.ok()) << "the issues are the answer: " << invalid.status();
  ASSERT_THAT(invalid->issues(), SizeIs(2));
  EXPECT_EQ(invalid->issues(1).code(), "unknown-key");
  EXPECT_EQ(invalid->issues(1).line(), 5);
  EXPECT_EQ(invalid->issues(1).suggestion(), "questions");
  server_.store.FailWith(absl::OkStatus());
  ExpectError(GetPack("tenants/-/packs/ml"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(ImportPackTest, ASourceThatIsNoPackIsRefusedWithItsIssues) {
  const auto refused = Import(ImportRequest("format: greenroom-pack/1\npack: ml\nwieght: 1\n", 1));
  ExpectError(refused, absl::StatusCode::kInvalidArgument, "PACK_INVALID");
  std::string all;
  for (const FieldViolation& violation : FieldViolationsOf(refused.status())) {
    EXPECT_EQ(violation.field, "source");
    all += violation.description + "\n";
  }
  EXPECT_THAT(all, HasSubstr("line 3, column 1: wieght"));
  ExpectError(GetPack("tenants/-/packs/ml"), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(ImportPackTest, AnImportIsCarriedOutOnce) {
  const v1::ImportPackRequest request = ImportRequest(PackYaml("ml"), 1);
  const auto first = Import(request);
  v1::ImportPackRequest upper = request;
  upper.set_parent("tenants/acme");
  upper.set_request_id("00000000-0000-4000-8000-10000000000A");
  v1::ImportPackRequest lower = upper;
  lower.set_parent("tenants/-");
  lower.set_request_id("00000000-0000-4000-8000-10000000000a");
  const auto replayed = Import(request);
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_TRUE(replayed->replayed());
  EXPECT_EQ(replayed->pack().etag(), first->pack().etag());
  EXPECT_FALSE(Import(upper)->replayed());
  EXPECT_TRUE(Import(lower)->replayed()) << "the same id and meaning in other letters";
}

TEST_F(ImportPackTest, AnIdIsUsedForOneThing) {
  ASSERT_TRUE(Import(ImportRequest(PackYaml("ml"), 1)).ok());
  ExpectError(Import(ImportRequest(PackYaml("ml", "Other?"), 1)), absl::StatusCode::kAlreadyExists,
              "ID_REUSED");
  ExpectError(Publish(PublishRequest("ml", 1)), absl::StatusCode::kAlreadyExists, "ID_REUSED");
  EXPECT_TRUE(Import(ImportRequest(PackYaml("ml", "Other?"), 1), Stranger()).ok()) << "ids are a tenant's";
}

TEST_F(ImportPackTest, TheSameImportTwentyTimesAtOnceIsOne) {
  std::vector<std::thread> threads;
  threads.reserve(20);
  std::atomic<int> written = 0;
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      const auto imported = Import(ImportRequest(PackYaml("ml"), 1));
      ASSERT_TRUE(imported.ok()) << imported.status();
      if (!imported->replayed()) ++written;
      EXPECT_EQ(imported->pack().etag(), "\"1\"");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, 1);
}

TEST_F(ImportPackTest, PagesAreReadToo) {
  v1::ImportPackRequest request =
      ImportRequest("Site reliability interview prep\nWhat is an SLO?\nShow model answer\nA target.\n", 1);
  request.set_format(v1::PACK_FORMAT_PAGE);
  request.set_pack("sre");
  const auto imported = Import(request);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->pack().name(), "tenants/acme/packs/sre");
  EXPECT_EQ(imported->pack().role(), "Site reliability");
}

TEST_F(ImportPackTest, FieldsOfAnImportMustBeRight) {
  v1::ImportPackRequest request;
  ExpectBadFields(Import(request), {"format", "source", "request_id"});
  request = ImportRequest(PackYaml("ml"), 1);
  request.set_format(static_cast<v1::PackFormat>(9));
  ExpectBadFields(Import(request), {"format"});
  request = ImportRequest(PackYaml("ml"), 1);
  request.set_request_id("1");
  ExpectBadFields(Import(request), {"request_id"});
  request.set_validate_only(true);
  ExpectBadFields(Import(request), {"request_id"});
  request = ImportRequest(PackYaml("ml"), 1);
  request.set_parent("tenants/-/packs/ml");
  ExpectBadFields(Import(request), {"parent"});
  request = ImportRequest(PackYaml("ml"), 1);
  request.set_pack("ml");
  ExpectBadFields(Import(request), {"pack"});
  request.set_format(v1::PACK_FORMAT_PAGE);
  request.set_pack("Not An Id");
  ExpectBadFields(Import(request), {"pack"});
  request = ImportRequest(std::string((4 << 20) + 1, ' '), 1);
  ExpectBadFields(Import(request), {"source"});
}

TEST_F(ImportPackTest, ATooLargeMessageIsRefusedUnread) {
  const absl::Status status = Import(ImportRequest(std::string((5 << 20) + 1000, ' '), 1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
}

}  // namespace
}  // namespace greenroom::content
