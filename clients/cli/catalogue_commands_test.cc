// search, download, delete, undelete: against services that a test decides, and against the real content service.
#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/commands.h"
#include "clients/cli/fake_services.h"
#include "clients/cli/fake_terminal.h"
#include "clients/cli/layout.h"
#include "services/base/fake_clock.h"
#include "services/base/rng.h"
#include "services/content/domain/digest.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/domain/revision.h"
#include "services/content/packs/shipped_packs.h"
#include "services/content/testing/content_server.h"

namespace greenroom::cli {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// Serves one bundle; breaks off where it is told to.
class FakeDownloads final : public content::v1::ContentService::Service {
 public:
  FakeDownloads() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeDownloads() override { server_->Shutdown(); }

  grpc::Status DownloadPack(grpc::ServerContext*, const content::v1::DownloadPackRequest* request,
                            grpc::ServerWriter<content::v1::DownloadPackResponse>* writer) override {
    requests.push_back(*request);
    if (!request->sha256().empty() && request->sha256() != announced) {
      return ToGrpc(ErrorBuilder(absl::StatusCode::kFailedPrecondition, "BUNDLE_CHANGED", "another").Build());
    }
    content::v1::DownloadPackResponse message;
    message.mutable_header()->set_revision("tenants/default/packs/alpha/revisions/r1");
    message.mutable_header()->set_size_bytes(announced_size != 0 ? announced_size
                                                                 : static_cast<int64_t>(bundle.size()));
    message.mutable_header()->set_sha256(announced);
    message.mutable_header()->set_offline(content::v1::OFFLINE_POLICY_FULL);
    writer->Write(message);
    for (size_t at = static_cast<size_t>(request->offset()); at < bundle.size(); at += kChunk) {
      if (break_after > 0 && at >= break_after) {
        break_after = 0;
        return grpc::Status(break_with, "broken off");
      }
      message.set_chunk(bundle.substr(at, kChunk));
      writer->Write(message);
    }
    return grpc::Status::OK;
  }

  void Serve(std::string text) {
    bundle = std::move(text);
    announced = content::Sha256Hex(bundle);
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

  static constexpr size_t kChunk = 10;
  std::string bundle, announced;
  int64_t announced_size = 0;  // 0: as it is
  size_t break_after = 0;      // bytes; 0: never
  grpc::StatusCode break_with = grpc::StatusCode::UNAVAILABLE;
  std::vector<content::v1::DownloadPackRequest> requests;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

class CatalogueCommandsTest : public testing::Test {
 protected:
  CatalogueCommandsTest() {
    std::string directory = testing::TempDir() + "/greenroom-cli-XXXXXX";
    home_ = mkdtemp(directory.data());
    file_ = home_ + "/alpha.json";
    downloads_.Serve("{\"a bundle\": \"of some forty bytes or more\"}");
  }
  ~CatalogueCommandsTest() override { std::filesystem::remove_all(home_); }

  int Run(const std::vector<std::string>& arguments, const std::string& address,
          const std::string& token = "t") {
    terminal_.out.clear();
    terminal_.err.clear();
    const std::map<std::string, std::string> variables = {
        {"GREENROOM_HOME", home_}, {"GREENROOM_CONTENT", address}, {"GREENROOM_TOKEN", token}};
    return RunCli({terminal_, variables, clock_, rng_}, arguments);
  }
  int Download() { return Run({"download", "alpha", "-o", file_}, downloads_.address()); }

  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(home_))
      names.push_back(entry.path().filename());
    return names;
  }

  FakeServices services_;
  FakeDownloads downloads_;
  FakeTerminal terminal_;
  FakeClock clock_;
  SystemRng rng_;
  std::string home_, file_;
};

TEST_F(CatalogueCommandsTest, SearchShowsWhatWasFoundAndWhere) {
  EXPECT_EQ(Run({"search", "over", "fitting", "--pack", "alpha"}, services_.address), kExitOk)
      << terminal_.err;
  EXPECT_EQ(services_.content.searched.query(), "over fitting");
  EXPECT_EQ(services_.content.searched.pack(), "tenants/-/packs/alpha");
  EXPECT_THAT(terminal_.out, HasSubstr("alpha first\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("found overfitting in prompt and tag"));
  EXPECT_THAT(terminal_.out, HasSubstr("alpha second\n")) << "the second page";
  EXPECT_EQ(Run({"search", "over", "--json"}, services_.address), kExitOk);
  EXPECT_EQ(services_.content.searched.pack(), "");
  EXPECT_THAT(std::vector<std::string>(absl::StrSplit(terminal_.out, '\n', absl::SkipEmpty())), SizeIs(2));
  EXPECT_THAT(terminal_.out, StartsWith("{\"question\":"));
  EXPECT_EQ(Run({"search", "nothing"}, services_.address), kExitOk);
  EXPECT_EQ(terminal_.out, "No question has all of these words.\n");
  EXPECT_EQ(Run({"search"}, services_.address), kExitUsage);
  EXPECT_THAT(terminal_.err, HasSubstr("WORDS is missing"));
}

TEST_F(CatalogueCommandsTest, SearchFitsANarrowTerminal) {
  terminal_.cells = 40;
  terminal_.is_terminal = false;
  EXPECT_EQ(Run({"search", "over"}, services_.address), kExitOk);
  for (const absl::string_view line : absl::StrSplit(terminal_.out, '\n'))
    EXPECT_LE(CellsOf(line), 40) << line;
  for (const char* command : {"search", "download", "delete", "undelete", "packs"}) {
    EXPECT_EQ(Run({command, "--help"}, services_.address), kExitOk);
    for (const absl::string_view line : absl::StrSplit(terminal_.out, '\n'))
      EXPECT_LE(CellsOf(line), 40) << line;
  }
}

TEST_F(CatalogueCommandsTest, DeletesAndBringsBack) {
  EXPECT_EQ(Run({"delete", "alpha"}, services_.address), kExitOk) << terminal_.err;
  ASSERT_THAT(services_.authoring.deleted, SizeIs(1));
  EXPECT_NE(services_.authoring.deleted[0].request_id(), "");
  EXPECT_THAT(terminal_.out, HasSubstr("greenroom undelete alpha"));
  EXPECT_EQ(Run({"delete", "nope"}, services_.address), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("PACK_NOT_FOUND"));
  EXPECT_EQ(Run({"undelete", "alpha", "--json"}, services_.address), kExitOk);
  ASSERT_THAT(services_.authoring.undeleted, SizeIs(1));
  EXPECT_THAT(terminal_.out, HasSubstr("\"name\":\"tenants/default/packs/alpha\""));
  EXPECT_EQ(Run({"undelete", "nope"}, services_.address), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("PACK_NOT_DELETED"));
  EXPECT_EQ(Run({"delete"}, services_.address), kExitUsage);
}

TEST_F(CatalogueCommandsTest, DownloadWritesTheWholeFileOrNone) {
  EXPECT_EQ(Download(), kExitOk) << terminal_.err;
  EXPECT_EQ(Read(file_), downloads_.bundle);
  EXPECT_THAT(Files(), ElementsAre("alpha.json")) << "no part is left";
  EXPECT_THAT(terminal_.out, HasSubstr("with model answers"));
  EXPECT_EQ(terminal_.err, "") << "no progress where nobody looks";
  EXPECT_EQ(downloads_.requests[0].name(), "tenants/-/packs/alpha");
  EXPECT_EQ(Run({"download", "alpha", "--output", file_, "--json"}, downloads_.address()), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr(absl::StrCat("\"sha256\":\"", downloads_.announced, "\"")));
}

TEST_F(CatalogueCommandsTest, ADownloadThatBreaksOffGoesOnWithinTheSameRun) {
  downloads_.break_after = 20;
  EXPECT_EQ(Download(), kExitOk) << terminal_.err;
  ASSERT_THAT(downloads_.requests, SizeIs(2));
  EXPECT_EQ(downloads_.requests[1].offset(), 20);
  EXPECT_EQ(downloads_.requests[1].sha256(), downloads_.announced);
  EXPECT_EQ(Read(file_), downloads_.bundle);
}

TEST_F(CatalogueCommandsTest, ALaterRunGoesOnWhereAnEarlierOneStopped) {
  downloads_.break_after = 30;
  downloads_.break_with = grpc::StatusCode::INTERNAL;
  EXPECT_EQ(Download(), kExitFailed);
  EXPECT_THAT(Files(), ElementsAre("alpha.json.part")) << "what has come is kept";
  EXPECT_THAT(Read(file_ + ".part"), EndsWith("\n" + downloads_.bundle.substr(0, 30)));
  EXPECT_EQ(Download(), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.err, HasSubstr("Going on after"));
  ASSERT_THAT(downloads_.requests, SizeIs(2));
  EXPECT_EQ(downloads_.requests[1].offset(), 30);
  EXPECT_EQ(Read(file_), downloads_.bundle);
  EXPECT_THAT(Files(), ElementsAre("alpha.json"));
}

TEST_F(CatalogueCommandsTest, APackThatHasChangedBeginsAnew) {
  downloads_.break_after = 30;
  downloads_.break_with = grpc::StatusCode::INTERNAL;
  EXPECT_EQ(Download(), kExitFailed);
  downloads_.Serve("{\"another\": \"bundle\"}");
  EXPECT_EQ(Download(), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.err, HasSubstr("The pack has changed"));
  EXPECT_EQ(Read(file_), downloads_.bundle);
}

TEST_F(CatalogueCommandsTest, WhatIsNotWhatWasAnnouncedIsNotWritten) {
  std::ofstream(file_) << "before";
  downloads_.announced = std::string(64, '0');
  EXPECT_EQ(Download(), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("not what the server announced"));
  EXPECT_THAT(downloads_.requests, SizeIs(3)) << "it is tried again";
  EXPECT_EQ(Read(file_), "before");
  EXPECT_THAT(Files(), ElementsAre("alpha.json"));
}

TEST_F(CatalogueCommandsTest, AServerCannotFillTheDisk) {
  downloads_.announced_size = 20;
  EXPECT_EQ(Download(), kExitFailed);
  EXPECT_THAT(Files(), IsEmpty());
  downloads_.announced_size = int64_t{1} << 40;
  EXPECT_EQ(Download(), kExitFailed);
  EXPECT_THAT(Files(), IsEmpty());
}

TEST_F(CatalogueCommandsTest, ADamagedPartIsFoundByItsDigest) {
  downloads_.break_after = 30;
  downloads_.break_with = grpc::StatusCode::INTERNAL;
  EXPECT_EQ(Download(), kExitFailed);
  std::string part = Read(file_ + ".part");
  part.back() ^= 1;
  std::ofstream(file_ + ".part") << part;
  EXPECT_EQ(Download(), kExitOk) << terminal_.err;
  EXPECT_EQ(Read(file_), downloads_.bundle);
  EXPECT_EQ(downloads_.requests.back().offset(), 0);
  // One that has more than the whole.
  downloads_.requests.clear();
  content::v1::BundleHeader header;
  header.set_sha256(downloads_.announced);
  header.set_size_bytes(static_cast<int64_t>(downloads_.bundle.size()));
  std::ofstream(file_ + ".part") << ToJson(header) << "\n" << downloads_.bundle << "more";
  EXPECT_EQ(Download(), kExitOk) << terminal_.err;
  EXPECT_EQ(Read(file_), downloads_.bundle);
}

TEST_F(CatalogueCommandsTest, AFileThatIsNoPartIsNotTouched) {
  for (const std::string& other :
       {std::string("my notes\n"), std::string("{\"size_bytes\": 1}\nx"), std::string("x")}) {
    std::ofstream(file_ + ".part") << other;
    EXPECT_EQ(Download(), kExitUsage);
    EXPECT_THAT(terminal_.err, HasSubstr("alpha.json.part"));
    EXPECT_EQ(Read(file_ + ".part"), other);
  }
  for (const std::string& cut : {std::string(), std::string("{\"revision\":\"ten")}) {
    std::ofstream(file_ + ".part") << cut;
    EXPECT_EQ(Download(), kExitOk) << "a first line that was cut off";
  }
  EXPECT_EQ(Run({"download", "alpha", "-o", home_ + "/no/such/folder"}, downloads_.address()), kExitUsage);
  EXPECT_EQ(Run({"download"}, downloads_.address()), kExitUsage);
}

TEST_F(CatalogueCommandsTest, ProgressIsShownToAPerson) {
  terminal_.is_terminal = true;
  EXPECT_EQ(Download(), kExitOk);
  EXPECT_THAT(terminal_.err, HasSubstr("\r1 KiB of 1 KiB"));
  EXPECT_THAT(terminal_.err, EndsWith("\n"));
  EXPECT_EQ(Run({"download", "alpha", "-o", file_, "--json"}, downloads_.address()), kExitOk);
  EXPECT_EQ(terminal_.err, "");
}

TEST_F(CatalogueCommandsTest, ShippedPacksThatAreDeletedStaySo) {
  content::testing::ContentServer server;
  const std::string address = absl::StrCat("127.0.0.1:", server.server->port());
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  int id = 0;
  for (const content::ShippedPack& shipped : content::ShippedPacks()) {
    content::v1::PackContent pack;
    pack.set_pack(std::string(shipped.id));
    auto key = [&id] { return content::RequestKey{absl::StrCat(++id), "d"}; };
    ASSERT_TRUE(SyncWait(server.store.SaveDraft(caller, pack, "r1", 0, key(), clock_.Now(), soon)).ok());
    ASSERT_TRUE(
        SyncWait(server.store.SetDeleted(caller, pack.pack(), true, 0, key(), clock_.Now(), soon)).ok());
  }
  EXPECT_EQ(Run({"publish", "--shipped"}, address, "acme:ann:author"), kExitOk) << terminal_.err;
  for (const content::ShippedPack& shipped : content::ShippedPacks()) {
    EXPECT_THAT(terminal_.out, HasSubstr(absl::StrCat(shipped.id, " is deleted")));
    EXPECT_TRUE(
        (*SyncWait(server.store.GetPack(caller, std::string(shipped.id), soon)))->delete_time.has_value());
  }
}

TEST_F(CatalogueCommandsTest, TheRealContentService) {
  content::testing::ContentServer server;
  const std::string address = absl::StrCat("127.0.0.1:", server.server->port());
  const content::v1::PackContent pack =
      content::ReadPack(content::testing::PackYaml("alpha", "Why does it overfit?", "offline: full\n")).pack;
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  const std::string revision = content::RevisionId(pack);
  ASSERT_TRUE(
      SyncWait(server.store.SaveDraft(caller, pack, revision, 0, {"1", "d"}, clock_.Now(), soon)).ok());
  ASSERT_TRUE(
      SyncWait(server.store.Publish(caller, "alpha", revision, 0, {"2", "d"}, clock_.Now(), soon)).ok());

  const std::string learner = "acme:ann:learner", author = "acme:ann:author";
  EXPECT_EQ(Run({"search", "overfitting"}, address, learner), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("alpha one\n  Why does it overfit?\n"));
  EXPECT_EQ(Run({"search", "SECRET"}, address, learner), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("No question"));
  EXPECT_EQ(Run({"search", "?"}, address, learner), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("query: has no letter"));

  EXPECT_EQ(Run({"download", "alpha", "-o", file_}, address, learner), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr(revision));
  EXPECT_THAT(Read(file_), HasSubstr("95 SECRET model"));

  EXPECT_EQ(Run({"delete", "alpha"}, address, learner), kExitRefused);
  EXPECT_EQ(Run({"delete", "alpha"}, address, author), kExitOk) << terminal_.err;
  EXPECT_EQ(Run({"search", "overfitting"}, address, learner), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("No question"));
  EXPECT_EQ(Run({"download", "alpha", "-o", file_ + "2"}, address, learner), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("PACK_NOT_FOUND"));
  EXPECT_EQ(Run({"packs", "--deleted"}, address, author), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("deleted"));
  EXPECT_EQ(Run({"packs"}, address, author), kExitOk);
  EXPECT_THAT(terminal_.out, Not(HasSubstr("alpha")));
  EXPECT_EQ(Run({"undelete", "alpha"}, address, author), kExitOk) << terminal_.err;
  EXPECT_EQ(Run({"packs"}, address, learner), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("alpha"));
}

}  // namespace
}  // namespace greenroom::cli
