// The contract of PackStore over both implementations, and what only one of them promises.
#include <stdlib.h>

#include <filesystem>

#include "services/base/sql/database.h"
#include "services/content/in_memory_store.h"
#include "services/content/sql_store.h"
#include "services/content/store_contract.h"

namespace greenroom::content {
namespace {

class InMemory final : public StoreUnderTest {
 public:
  PackStore& store() override { return store_; }

 private:
  InMemoryPackStore store_;
};

// A folder that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "greenroom-content-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Url() const { return absl::StrCat("sqlite:", path_, "/content.db"); }

 private:
  std::string path_;
};

class OnSqlite final : public StoreUnderTest {
 public:
  explicit OnSqlite(const std::string& url) {
    database_ = *sql::Database::Open(url);
    EXPECT_TRUE(PreparePackStore(*database_).ok());
    readers_ = *sql::ReaderPool::Start(*database_);
    writer_ = *sql::Writer::Start(*database_);
    store_ = std::make_unique<SqlPackStore>(*readers_, *writer_);
  }
  PackStore& store() override { return *store_; }

 private:
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<sql::ReaderPool> readers_;
  std::unique_ptr<sql::Writer> writer_;
  std::unique_ptr<SqlPackStore> store_;
};

class OnNewSqlite final : public StoreUnderTest {
 public:
  OnNewSqlite() : store_(folder_.Url()) {}
  PackStore& store() override { return store_.store(); }

 private:
  Folder folder_;
  OnSqlite store_;
};

INSTANTIATE_TEST_SUITE_P(InMemory, PackStoreContract,
                         ::testing::Values(MakeStore([] { return std::make_unique<InMemory>(); })));
INSTANTIATE_TEST_SUITE_P(Sqlite, PackStoreContract,
                         ::testing::Values(MakeStore([] { return std::make_unique<OnNewSqlite>(); })));

TEST(SqlPackStore, KeepsPacksOverARestart) {
  const Folder folder;
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  v1::PackContent pack;
  pack.set_pack("ml");
  const absl::Time soon = absl::Now() + absl::Seconds(30);
  {
    OnSqlite first(folder.Url());
    ASSERT_TRUE(
        SyncWait(first.store().SaveDraft(caller, pack, "r1", {"id", "digest"}, absl::Now(), soon)).ok());
  }
  OnSqlite second(folder.Url());
  EXPECT_TRUE(SyncWait(second.store().GetPack(caller, "ml", soon))->has_value());
  EXPECT_EQ((*SyncWait(second.store().FindRequest(caller, {"id", "digest"}, soon)))->outcome,
            WriteResult::Outcome::kReplayed);
}

TEST(InMemoryPackStore, FailsAndStallsAsItIsTold) {
  InMemoryPackStore store;
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  store.FailWith(absl::UnavailableError("gone"));
  EXPECT_EQ(SyncWait(store.GetPack(caller, "ml", absl::InfiniteFuture())).status().code(),
            absl::StatusCode::kUnavailable);
  store.FailWith(absl::OkStatus());
  store.Stall();
  EXPECT_EQ(SyncWait(store.GetPack(caller, "ml", absl::Now() + absl::Milliseconds(20))).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  std::thread resumer([&] {
    store.WaitForStalled(1);
    store.Resume();
  });
  EXPECT_TRUE(SyncWait(store.GetPack(caller, "ml", absl::InfiniteFuture())).ok());
  resumer.join();
  EXPECT_EQ(store.calls(), 3);
}

}  // namespace
}  // namespace greenroom::content
