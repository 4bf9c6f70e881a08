// The contract of PackStore over all implementations, and what only one of them promises.
#include "services/base/sql/database.h"
#include "services/base/sql/migrations.h"
#include "services/base/sql/test_store.h"
#include "services/content/in_memory_store.h"
#include "services/content/sql_pack_rows.h"
#include "services/content/sql_store.h"
#include "services/content/store_contract.h"

namespace greenroom::content {
namespace {

using sql::DialectName;

class InMemory final : public StoreUnderTest {
 public:
  PackStore& store() override { return store_; }

 private:
  InMemoryPackStore store_;
};

class OnSql final : public StoreUnderTest {
 public:
  explicit OnSql(const std::string& url) {
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

class OnNewSql final : public StoreUnderTest {
 public:
  explicit OnNewSql(DialectName driver) : database_(driver), store_(database_.url()) {}
  PackStore& store() override { return store_.store(); }

 private:
  sql::TestStore database_;
  OnSql store_;
};

INSTANTIATE_TEST_SUITE_P(InMemory, PackStoreContract,
                         ::testing::Values(MakeStore([] { return std::make_unique<InMemory>(); })));
INSTANTIATE_TEST_SUITE_P(Sqlite, PackStoreContract, ::testing::Values(MakeStore([] {
                           return std::make_unique<OnNewSql>(DialectName::kSqlite);
                         })));
INSTANTIATE_TEST_SUITE_P(Postgres, PackStoreContract, ::testing::Values(MakeStore([] {
                           return std::make_unique<OnNewSql>(DialectName::kPostgres);
                         })));

class SqlPackStoreTest : public ::testing::TestWithParam<DialectName> {
 protected:
  sql::TestStore database_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Drivers, SqlPackStoreTest, sql::Drivers(), sql::DriverName);

TEST_P(SqlPackStoreTest, KeepsPacksOverARestart) {
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  v1::PackContent pack;
  pack.set_pack("ml");
  const absl::Time soon = absl::Now() + absl::Seconds(30);
  {
    OnSql first(database_.url());
    ASSERT_TRUE(
        SyncWait(first.store().SaveDraft(caller, pack, "r1", 0, {"id", "digest"}, absl::Now(), soon)).ok());
  }
  OnSql second(database_.url());
  EXPECT_TRUE(SyncWait(second.store().GetPack(caller, "ml", soon))->has_value());
  EXPECT_EQ((*SyncWait(second.store().FindRequest(caller, {"id", "digest"}, soon)))->outcome,
            WriteResult::Outcome::kReplayed);
}

TEST_P(SqlPackStoreTest, ADatabaseOfTheReleaseBeforeIsTakenOver) {
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  const absl::Time soon = absl::Now() + absl::Seconds(30);
  {
    const auto database = *sql::Database::Open(database_.url());
    const auto connection = *database->Connect();
    const std::vector<sql::Migration>& all = sql_rows::Migrations();
    ASSERT_TRUE(sql::Migrate(*connection, "content", absl::MakeConstSpan(all).subspan(0, 1)).ok());
    // As that release wrote them: a published pack with a draft, and one for exams.
    for (const char* statement :
         {"INSERT INTO content_tenants VALUES ('acme', 4, 2)",
          "INSERT INTO content_packs VALUES ('acme', 'exam', 1, 4, '{\"visibility\":\"VISIBILITY_EXAM\"}', "
          "'', "
          "NULL, 'r2', 9)",
          "INSERT INTO content_packs VALUES ('acme', 'ml', 3, 3, '{\"role\":\"Old\"}', 'r3', "
          "'{\"pack\":\"ml\",\"role\":\"New\"}', 'r1', 7)",
          "INSERT INTO content_revisions VALUES ('acme', 'ml', 'r1', '{\"pack\":\"ml\",\"role\":\"Old\"}', "
          "1, "
          "7, 1)",
          "INSERT INTO content_requests VALUES ('acme', 'id', 'digest', 'ml', 'r1', 7)"}) {
      const auto done = connection->Execute(statement);
      ASSERT_TRUE(done.ok()) << done.status();
    }
  }
  OnSql taken_over(database_.url());
  PackStore& store = taken_over.store();
  const auto changes = SyncWait(store.ListChanges(caller, 0, soon));
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->epoch.size(), 32u);
  EXPECT_EQ(changes->tenant_version, 4);
  ASSERT_EQ(changes->packs.size(), 2u);
  EXPECT_FALSE(changes->packs[0].shown_to_learners);
  const PackRecord& ml = changes->packs[1];
  EXPECT_EQ(ml.version, 3);
  EXPECT_EQ(ml.changed_at, 3);
  EXPECT_EQ(ml.summary.role(), "Old");
  EXPECT_EQ(ml.current, "r1");
  EXPECT_EQ(ml.delete_time, std::nullopt);
  EXPECT_TRUE(ml.shown_to_learners) << "learners see it";
  EXPECT_EQ((*SyncWait(store.GetDraft(caller, "ml", soon)))->role(), "New");
  EXPECT_EQ((*SyncWait(store.FindRequest(caller, {"id", "digest"}, soon)))->revision.revision, "r1");
  const auto published = SyncWait(store.Publish(caller, "ml", "r3", 3, {"id2", "d"}, absl::Now(), soon));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->revision.change_number, 3);
  EXPECT_TRUE(SyncWait(store.SetDeleted(caller, "ml", true, 4, {"id3", "d"}, absl::Now(), soon))
                  ->pack.delete_time.has_value());
}

TEST_P(SqlPackStoreTest, WorksOnTablesThatTheNextReleaseHasExpanded) {
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  const absl::Time soon = absl::Now() + absl::Seconds(30);
  {
    const auto database = *sql::Database::Open(database_.url());
    const auto connection = *database->Connect();
    std::vector<sql::Migration> next = sql_rows::Migrations();
    const int version = static_cast<int>(next.size()) + 1;
    next.push_back({version, "next", {}});
    for (const char* table : {"content_tenants", "content_packs", "content_revisions", "content_requests"}) {
      next.back().statements.push_back(
          absl::StrCat("ALTER TABLE ", table, " ADD COLUMN next {integer} NOT NULL DEFAULT 0"));
    }
    const absl::Status migrated = sql::Migrate(*connection, "content", next);
    ASSERT_TRUE(migrated.ok()) << migrated;
  }
  OnSql older(database_.url());  // prepares them too, and expects success
  PackStore& store = older.store();
  v1::PackContent pack;
  pack.set_pack("ml");
  ASSERT_TRUE(SyncWait(store.SaveDraft(caller, pack, "r1", 0, {"a", "d"}, absl::Now(), soon)).ok());
  ASSERT_TRUE(SyncWait(store.Publish(caller, "ml", "r1", 0, {"b", "d"}, absl::Now(), soon)).ok());
  EXPECT_EQ((*SyncWait(store.GetPack(caller, "ml", soon)))->current, "r1");
  EXPECT_TRUE(SyncWait(store.GetRevision(caller, "ml", "r1", soon))->has_value());
  EXPECT_EQ(SyncWait(store.ListChanges(caller, 0, soon))->packs.size(), 1u);
  EXPECT_EQ((*SyncWait(store.FindRequest(caller, {"b", "d"}, soon)))->revision.revision, "r1");
  EXPECT_TRUE(SyncWait(store.SetDeleted(caller, "ml", true, 0, {"c", "d"}, absl::Now(), soon)).ok());
}

TEST_P(SqlPackStoreTest, WhatTheReleaseBeforePublishesMeanwhileIsShownToo) {
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  const absl::Time soon = absl::Now() + absl::Seconds(30);
  OnSql now(database_.url());
  const auto database = *sql::Database::Open(database_.url());
  const auto connection = *database->Connect();
  ASSERT_TRUE(connection->Execute("INSERT INTO content_tenants VALUES ('acme', 1, 1)").ok());
  ASSERT_TRUE(connection
                  ->Execute("INSERT INTO content_packs (tenant, pack, version, changed_at, summary, draft, "
                            "draft_content, current, publish_time_us) "
                            "VALUES ('acme', 'ml', 2, 1, '{}', '', NULL, 'r1', 7)")
                  .ok());
  v1::PackContent exam;
  exam.set_pack("ml");
  exam.set_visibility(v1::VISIBILITY_EXAM);
  ASSERT_TRUE(SyncWait(now.store().SaveDraft(caller, exam, "r2", 0, {"a", "d"}, absl::Now(), soon)).ok());
  ASSERT_TRUE(SyncWait(now.store().Publish(caller, "ml", "r2", 0, {"b", "d"}, absl::Now(), soon)).ok());
  EXPECT_TRUE((*SyncWait(now.store().GetPack(caller, "ml", soon)))->shown_to_learners);
}

TEST_P(SqlPackStoreTest, TheEpochOutlivesAProcessAndIsNoOtherStores) {
  const sql::TestStore elsewhere(GetParam());
  const Caller caller{"acme", "ann", "ann", {Role::kAuthor}};
  const absl::Time soon = absl::Now() + absl::Seconds(30);
  auto epoch_of = [&](const sql::TestStore& place) {
    OnSql store(place.url());
    return SyncWait(store.store().ListChanges(caller, 0, soon))->epoch;
  };
  const std::string epoch = epoch_of(database_);
  EXPECT_EQ(epoch_of(database_), epoch);
  EXPECT_NE(epoch_of(elsewhere), epoch);
  const auto database = *sql::Database::Open(database_.url());
  ASSERT_TRUE(BeginEpoch(*database, "after-a-restore").ok());
  EXPECT_EQ(epoch_of(database_), "after-a-restore");
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
