// After an erasure no trace of the learner is left in tables, in Redis, or in the bytes of any file of theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "services/base/log.h"
#include "services/base/metrics.h"
#include "services/base/rng.h"
#include "services/base/sql/test_store.h"
#include "services/base/status.h"
#include "services/session/gradebook/sql_gradebook_store.h"
#include "services/session/index/sql_memory_index.h"
#include "services/session/ledger.h"
#include "services/session/live/redis_live_store.h"
#include "services/session/log/sql_event_log.h"
#include "services/session/regrade_worker.h"
#include "tests/servers/redis_server.h"

namespace greenroom::session {
namespace {

using sql::DialectName;

constexpr char kSecret[] = "unmistakablewords";
constexpr char kName[] = "adalovelace1815";

std::string Id(int number) { return absl::StrFormat("%08x-1111-4111-8111-111111111111", number); }

class ErasureStoresTest : public ::testing::TestWithParam<DialectName> {
 protected:
  ErasureStoresTest() {
    database_ = sql::Database::Open(store_.url()).value();
    log_ = SqlEventLog::Open(*database_).value();
    RedisOptions options;
    options.url = redis_server_->url();
    redis_ = MakeRedisClient(options).value();
    live_ = std::make_unique<RedisLiveStore>(*redis_);
    ledger_ = std::make_unique<Ledger>(*log_, *live_, clock_, metrics_);
  }

  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

  static WriteCommand Command(const std::string& learner, int session, int id) {
    WriteCommand command;
    command.session = {{"acme", learner}, Id(session)};
    command.event_id = Id(id);
    command.content_sha256 = absl::StrCat(id);
    return command;
  }
  absl::StatusOr<WriteOutcome> Create(const std::string& learner, int session) {
    WriteCommand command = Command(learner, session, session);
    command.creates = true;
    command.decide = [](const v1::LiveState*) {
      v1::EventPayload payload;
      payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
      payload.mutable_created()->set_mode(v1::SESSION_MODE_PRACTICE);
      payload.mutable_created()->add_questions("q1");
      return Verdict::Write(payload);
    };
    return SyncWait(ledger_->Write(std::move(command), Soon()));
  }
  absl::StatusOr<WriteOutcome> Submit(const std::string& learner, int session, int id,
                                      const std::string& text) {
    WriteCommand command = Command(learner, session, id);
    command.decide = [&](const v1::LiveState*) {
      v1::EventPayload payload;
      payload.mutable_submitted()->set_question("q1");
      payload.mutable_submitted()->set_text(text);
      return Verdict::Write(payload);
    };
    return SyncWait(ledger_->Write(std::move(command), Soon()));
  }
  // Two sessions, answers long and short, and a draft.
  void Practise(const std::string& learner, const std::string& secret) {
    for (int session = 1; session <= 2; ++session) {
      ASSERT_TRUE(Create(learner, session).ok());
      for (int i = 0; i < 20; ++i) {
        const std::string text =
            absl::StrCat(secret, " ", i, std::string(i % 5 == 0 ? 20000 : 300, 'x'), secret);
        ASSERT_TRUE(Submit(learner, session, 100 * session + i, text).ok());
      }
      auto saved = SyncWait(
          live_->SaveDraft({{"acme", learner}, Id(session)}, "q1", secret + " draft", absl::Now(), Soon()));
      ASSERT_TRUE(saved.ok()) << saved.status();
    }
  }

  // Files below `directory` that hold the bytes.
  static std::vector<std::string> FilesWith(const std::string& directory, absl::string_view bytes) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      if (absl::StrContains(content, bytes)) found.push_back(entry.path());
    }
    return found;
  }
  std::string DatabaseDirectory() const {
    return std::filesystem::path(store_.url().substr(store_.url().find(':') + 1)).parent_path();
  }
  // Rows of any table of the database that hold the text in any column.
  int RowsWith(const std::string& text) {
    auto connection = database_->Connect().value();
    const bool sqlite = GetParam() == DialectName::kSqlite;
    const sql::Rows tables = connection
                                 ->Query(sqlite ? "SELECT name FROM sqlite_master WHERE type = 'table'"
                                                : "SELECT table_name::text FROM information_schema.tables "
                                                  "WHERE table_schema = current_schema()")
                                 .value();
    int count = 0;
    for (const sql::Row& table : tables) {
      const std::string& name = *table[0].text();
      if (absl::StartsWith(name, "sqlite_")) continue;
      // What PostgreSQL prints of a row has all of it; SQLite has no such form.
      const sql::Rows rows = connection
                                 ->Query(sqlite ? absl::StrCat("SELECT * FROM ", name)
                                                : absl::StrCat("SELECT (t.*)::text FROM ", name, " t"))
                                 .value();
      for (const sql::Row& row : rows) {
        for (const sql::SqlValue& value : row.values()) {
          count += value.text() != nullptr && absl::StrContains(*value.text(), text) ? 1 : 0;
        }
      }
    }
    return count;
  }
  std::string RedisKeys() { return redis_server_->Command({"KEYS", "*"}).value(); }
  void AwaitRewrite() {
    for (int i = 0; i < 200; ++i) {
      const std::string info = redis_server_->Command({"INFO", "persistence"}).value();
      if (absl::StrContains(info, "aof_rewrite_in_progress:0") &&
          absl::StrContains(info, "aof_rewrite_scheduled:0")) {
        return;
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
    FAIL() << "the append-only file is being rewritten for ever";
  }

  sql::TestStore store_{GetParam()};
  std::unique_ptr<RedisServer> redis_server_ =
      RedisServer::Start({.args = {"--appendonly", "yes", "--appendfsync", "always"}}).value();
  RealClock clock_;
  MetricsRegistry registry_;
  SessionMetrics metrics_{registry_};
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<SqlEventLog> log_;
  std::unique_ptr<RedisClient> redis_;
  std::unique_ptr<RedisLiveStore> live_;
  std::unique_ptr<Ledger> ledger_;
};

INSTANTIATE_TEST_SUITE_P(Drivers, ErasureStoresTest, sql::Drivers(), sql::DriverName);

TEST_P(ErasureStoresTest, NoTraceIsLeft) {
  Practise("bob", "otherwords");
  Practise(kName, kSecret);
  Practise("carol", "thirdwords");
  ASSERT_GT(RowsWith(kSecret), 0);
  ASSERT_GT(RowsWith(kName), 0);
  ASSERT_THAT(RedisKeys(), ::testing::HasSubstr(kName));
  ASSERT_FALSE(FilesWith(redis_server_->directory(), kSecret).empty());
  if (GetParam() == DialectName::kSqlite) {
    ASSERT_FALSE(FilesWith(DatabaseDirectory(), kSecret).empty());
  }

  const auto erased = SyncWait(ledger_->Erase({"acme", kName}, Soon()));
  ASSERT_TRUE(erased.ok()) << erased.status();
  AwaitRewrite();
  for (const char* trace : {kSecret, kName}) {
    EXPECT_EQ(RowsWith(trace), 0) << trace;
    EXPECT_THAT(FilesWith(redis_server_->directory(), trace), ::testing::IsEmpty()) << trace;
    if (GetParam() == DialectName::kSqlite) {
      EXPECT_THAT(FilesWith(DatabaseDirectory(), trace), ::testing::IsEmpty()) << trace;
    }
  }
  EXPECT_THAT(RedisKeys(), ::testing::Not(::testing::HasSubstr(kName)));
  for (const char* other : {"bob", "carol"}) {
    EXPECT_EQ(SyncWait(log_->Head({"acme", other}, Soon()))->seq, 42) << other;
    EXPECT_TRUE(SyncWait(ledger_->Load({{"acme", other}, Id(1)}, 0, false, Soon())).ok());
  }
}

TEST_P(ErasureStoresTest, NothingIsWrittenForTheErasedBesideOthers) {
  Practise(kName, kSecret);
  ASSERT_TRUE(SyncWait(ledger_->Erase({"acme", kName}, Soon())).ok());
  EXPECT_EQ(ReasonOf(Create(kName, 1).status()), "LEARNER_ERASED");
  // A unit that was decided before: its place is free, and it is not written.
  Event late;
  late.learner = {"acme", kName};
  late.seq = 43;
  late.event_id = Id(999);
  late.session = Id(1);
  late.occurred_time = late.received_time = absl::FromUnixSeconds(1767258000);
  late.payload.mutable_skipped()->set_question("q1");
  late.kind = "skipped";
  EXPECT_EQ(*SyncWait(log_->Append({late}, Soon())), AppendOutcome::kErased);
  EXPECT_EQ(SyncWait(log_->Head({"acme", kName}, Soon()))->seq, 0);
  ASSERT_TRUE(Create("bob", 1).ok());
  const std::string before = *SyncWait(log_->Epoch({"acme", kName}, Soon()));
  EXPECT_NE(before, *SyncWait(log_->Epoch({"acme", "bob"}, Soon())));

  EXPECT_EQ(*LiftErasure(*database_, {"acme", kName}), true);
  EXPECT_EQ(*LiftErasure(*database_, {"acme", kName}), false);
  EXPECT_EQ(*LiftErasure(*database_, {"acme", "bob"}), false);
  ASSERT_TRUE(Create(kName, 1).ok());
  EXPECT_EQ(*SyncWait(log_->Epoch({"acme", kName}, Soon())), before);
  ASSERT_TRUE(SyncWait(ledger_->Erase({"acme", kName}, Soon())).ok());
  EXPECT_NE(*SyncWait(log_->Epoch({"acme", kName}, Soon())), before);
}

// What read the log before and writes behind the erasure: rows that are derived do not come back.
TEST_P(ErasureStoresTest, NothingDerivedComesBack) {
  const auto index = SqlMemoryIndex::Open(*database_).value();
  const auto grades = SqlGradebookStore::Open(*database_).value();
  Practise(kName, kSecret);
  const LearnerKey learner = {"acme", kName};
  const absl::Time now = absl::Now();
  ASSERT_FALSE(
      SyncWait(grades->TakeUnseen("indexer", now, now + absl::Seconds(1), absl::Seconds(30), 10, Soon()))
          ->empty());
  ASSERT_TRUE(SyncWait(ledger_->Erase(learner, Soon())).ok());

  MemoryStep step;
  step.learner = learner;
  step.to = 42;
  EXPECT_EQ(*SyncWait(index->Take(step, Soon())), false);
  SessionIndex late;
  late.session = {learner, Id(1)};
  late.pack = "tenants/acme/packs/p";
  late.scored.push_back(
      {.answer = Id(100), .question = "q1", .attempt = 1, .score = 50, .received_time = now});
  ReviewNeed need;
  need.answer = Id(100);
  need.question = "q1";
  need.reason = v1::REVIEW_REASON_FAILED;
  need.received_time = now;
  late.needs.push_back(need);
  SessionIndex of_another = late;
  of_another.session.learner.learner = "bob";
  EXPECT_EQ(*SyncWait(grades->SaveIndex("indexer", {late, of_another}, 1, Soon())), true);
  EXPECT_EQ(RowsWith(kName), 0);
  EXPECT_EQ(RowsWith("bob"), 2) << "what is another's is kept";
}

// Gives everything 50, and keeps what it was told of others.
class ListeningGrader final : public Grader {
 public:
  Task<absl::StatusOr<scoring::v1::Report>> Grade(LearnerKey, std::string, std::string, GradedAnswers graded,
                                                  OutgoingCall) override {
    scoring::v1::Report report;
    report.set_score(50 + static_cast<int32_t>(graded.size()));
    for (const scoring::v1::GradedAnswer& one : graded) heard += one.answer();
    co_return report;
  }
  std::string heard;
};

// What a person decided about an answer corrects others by the log alone: no copy of it stays behind.
TEST_P(ErasureStoresTest, ARegradeKeepsNothingOfThoseWhoCorrectIt) {
  Practise("bob", "otherwords");
  Practise(kName, kSecret);
  const auto grade = [&](const std::string& learner, const std::string& answer, v1::GradeCause cause) {
    WriteCommand command = Command(learner, 1, 0);
    command.event_id = cause == v1::GRADE_CAUSE_OVERRIDE ? Id(9000) : Ledger::GradeEventId(answer, cause, 0);
    if (cause != v1::GRADE_CAUSE_OVERRIDE) command.content_sha256.clear();
    command.decide = [&](const v1::LiveState*) {
      v1::EventPayload payload;
      payload.mutable_graded()->set_answer(answer);
      payload.mutable_graded()->set_cause(cause);
      payload.mutable_graded()->set_question_name("tenants/acme/packs/p/revisions/r1/questions/q1");
      payload.mutable_graded()->mutable_report()->set_score(50);
      return Verdict::Write(payload);
    };
    ASSERT_TRUE(SyncWait(ledger_->Write(std::move(command), Soon())).ok());
  };
  grade("bob", Id(100), v1::GRADE_CAUSE_INITIAL);
  grade(kName, Id(100), v1::GRADE_CAUSE_INITIAL);
  grade(kName, Id(100), v1::GRADE_CAUSE_OVERRIDE);

  const auto grades = SqlGradebookStore::Open(*database_).value();
  SystemRng rng;
  Logger logger("session", "1", LogLevel::kError, clock_, [](absl::string_view) {});
  const auto preview = [&](int id) {
    StoredRegrade regrade;
    regrade.tenant = "acme";
    regrade.id = Id(id);
    regrade.regrade.set_name(absl::StrCat("tenants/acme/regrades/", regrade.id));
    regrade.regrade.set_pack("tenants/acme/packs/p");
    regrade.regrade.set_calibrate(true);
    regrade.regrade.set_state(v1::REGRADE_STATE_COMPUTING);
    EXPECT_TRUE(*SyncWait(grades->CreateRegrade(regrade, Soon())));
    ListeningGrader grader;
    RegradeWorker worker(*grades, *log_, *ledger_, grader, clock_, rng, logger, {.share = 1});
    EXPECT_TRUE(worker.RunOnce());
    EXPECT_EQ((*SyncWait(grades->GetRegrade("acme", Id(id), Soon())))->regrade.state(),
              v1::REGRADE_STATE_READY);
    return grader.heard;
  };
  const int rows = RowsWith(kSecret);
  EXPECT_THAT(preview(7001), ::testing::HasSubstr(kSecret));
  const v1::Regrade made = (*SyncWait(grades->GetRegrade("acme", Id(7001), Soon())))->regrade;
  EXPECT_EQ(made.graded_answers(), 1);
  EXPECT_EQ(made.answers(), 2);
  EXPECT_EQ(made.raised(), 2);
  EXPECT_EQ(RowsWith(kSecret), rows) << "no copy";
  ASSERT_TRUE(SyncWait(ledger_->Erase({"acme", kName}, Soon())).ok());
  EXPECT_EQ(RowsWith(kSecret), 0);
  EXPECT_EQ(RowsWith(kName), 0);
  EXPECT_EQ(preview(7002), "");
  EXPECT_EQ((*SyncWait(grades->GetRegrade("acme", Id(7002), Soon())))->regrade.graded_answers(), 0);
}

// Writers at once: what is acknowledged before the erasure goes with it, and nothing is acknowledged after it.
TEST_P(ErasureStoresTest, NobodySlipsThroughWhileItHappens) {
  ASSERT_TRUE(Create(kName, 1).ok());
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  writers.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    writers.emplace_back([&, thread] {
      for (int i = 0; !stop; ++i) {
        WriteCommand command = Command(kName, 100 + thread * 100'000 + i, 100 + thread * 100'000 + i);
        command.creates = true;
        command.decide = [](const v1::LiveState*) {
          v1::EventPayload payload;
          payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
          payload.mutable_created()->set_mode(v1::SESSION_MODE_PRACTICE);
          payload.mutable_created()->add_questions("q1");
          return Verdict::Write(payload);
        };
        if (ReasonOf(SyncWait(ledger_->Write(std::move(command), Soon())).status()) == "LEARNER_ERASED")
          return;
      }
    });
  }
  while (SyncWait(log_->Head({"acme", kName}, Soon()))->seq < 50) absl::SleepFor(absl::Milliseconds(5));
  const auto erased = SyncWait(ledger_->Erase({"acme", kName}, Soon()));
  EXPECT_TRUE(erased.ok()) << erased.status();
  if (!erased.ok()) stop = true;
  for (std::thread& writer : writers) writer.join();  // each has been told
  EXPECT_EQ(SyncWait(log_->Head({"acme", kName}, Soon()))->seq, 0);
  EXPECT_EQ(RowsWith(kName), 0);
}

}  // namespace
}  // namespace greenroom::session
