// The ledger over a real log and a real Redis: what the fakes stand for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/clock.h"
#include "services/base/metrics.h"
#include "services/base/status.h"
#include "services/session/domain/decide.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/state_hash.h"
#include "services/session/ledger.h"
#include "services/session/live/redis_live_store.h"
#include "services/session/log/sql_event_log.h"
#include "tests/servers/redis_server.h"

namespace greenroom::session {
namespace {

std::string Id(int number) { return absl::StrFormat("%08x-1111-4111-8111-111111111111", number); }

// One process of the service: its own connections to the same stores.
struct Process {
  Process(const std::string& path, const std::string& redis_url) : metrics(registry) {
    database = sql::Database::Open("sqlite:" + path).value();
    log = SqlEventLog::Open(*database).value();
    RedisOptions options;
    options.url = redis_url;
    redis = MakeRedisClient(options).value();
    live = std::make_unique<RedisLiveStore>(*redis);
    ledger = std::make_unique<Ledger>(*log, *live, clock, metrics);
  }

  RealClock clock;
  MetricsRegistry registry;
  SessionMetrics metrics;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<SqlEventLog> log;
  std::unique_ptr<RedisClient> redis;
  std::unique_ptr<RedisLiveStore> live;
  std::unique_ptr<Ledger> ledger;
};

class RealStoresTest : public ::testing::Test {
 protected:
  RealStoresTest()
      : redis_(RedisServer::Start({.args = {"--appendonly", "yes"}}).value()),
        first_(redis_->directory() + "/log.db", redis_->url()),
        second_(redis_->directory() + "/log.db", redis_->url()) {}

  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }
  static SessionKey Key(const std::string& learner, int number = 1) {
    return {{"acme", learner}, Id(number)};
  }

  static absl::StatusOr<WriteOutcome> Create(Process& process, const SessionKey& key) {
    WriteCommand command;
    command.session = key;
    command.event_id = key.session;
    command.content_sha256 = "created";
    command.creates = true;
    command.decide = [](const v1::LiveState* state) {
      v1::EventPayload payload;
      payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
      payload.mutable_created()->set_mode(v1::SESSION_MODE_PRACTICE);
      payload.mutable_created()->add_questions("q1");
      return state == nullptr ? Verdict::Write(payload)
                              : Verdict::Refuse(absl::AlreadyExistsError("is there"));
    };
    return SyncWait(process.ledger->Write(std::move(command), Soon()));
  }
  static absl::StatusOr<WriteOutcome> Submit(Process& process, const SessionKey& key, int id,
                                             const std::string& text = "text") {
    WriteCommand command;
    command.session = key;
    command.event_id = Id(id);
    command.content_sha256 = text;
    command.question = "q1";
    command.decide = [&](const v1::LiveState* state) {
      const Ruling ruling = Decide(*state, "q1", Act::kSubmit, absl::Now());
      if (!ruling.applies()) return Verdict::Refuse(absl::FailedPreconditionError("refused"));
      v1::EventPayload payload;
      payload.mutable_submitted()->set_question("q1");
      payload.mutable_submitted()->set_text(text);
      return Verdict::Write(payload);
    };
    command.grade = [&]() -> Task<std::optional<v1::EventPayload>> {
      v1::EventPayload payload;
      payload.mutable_graded()->set_answer(Id(id));
      payload.mutable_graded()->set_cause(v1::GRADE_CAUSE_INITIAL);
      payload.mutable_graded()->mutable_report()->set_score(50);
      co_return payload;
    };
    return SyncWait(process.ledger->Write(std::move(command), Soon()));
  }
  static std::vector<Event> Events(Process& process, const std::string& learner) {
    return SyncWait(process.log->ReadAfter({"acme", learner}, 0, 10000, Soon())).value();
  }
  static int Attempts(Process& process, const SessionKey& key, int64_t seen = 0) {
    auto loaded = SyncWait(process.ledger->Load(key, seen, false, Soon()));
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return loaded.ok() ? loaded->state.questions(0).attempts() : -1;
  }
  // The live state is what the log says.
  static void ExpectLiveEqualsReplay(Process& process, const SessionKey& key) {
    auto loaded = SyncWait(process.ledger->Load(key, 0, false, Soon()));
    auto events = SyncWait(process.log->ReadSession(key, 0, Soon()));
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ASSERT_TRUE(events.ok()) << events.status();
    const std::optional<SessionFold> fold = FoldSession(*events);
    EXPECT_EQ(DeterministicBytes(WithoutSequences(loaded->state)),
              DeterministicBytes(WithoutSequences(fold->live)));
    EXPECT_EQ(loaded->state.sequence(), fold->live.sequence());
  }
  static void ExpectContiguous(const std::vector<Event>& events) {
    for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq, static_cast<int64_t>(i) + 1);
  }

  std::unique_ptr<RedisServer> redis_;
  Process first_;
  Process second_;
};

TEST_F(RealStoresTest, TwoProcessesServeOneSession) {
  const SessionKey key = Key("ada");
  ASSERT_TRUE(Create(first_, key).ok());
  for (int i = 0; i < 10; ++i) {
    auto written = Submit(i % 2 == 0 ? first_ : second_, key, 10 + i);
    ASSERT_TRUE(written.ok()) << written.status();
    EXPECT_EQ(written->event.seq, 2 + 2 * i);
    EXPECT_EQ(Attempts(i % 2 == 0 ? second_ : first_, key), i + 1);
  }
  ExpectLiveEqualsReplay(first_, key);
  ExpectContiguous(Events(first_, "ada"));
}

TEST_F(RealStoresTest, TheSameIdAtOnceInTwoProcessesIsOneEvent) {
  const SessionKey key = Key("ada");
  ASSERT_TRUE(Create(first_, key).ok());
  std::atomic<int> replays = 0;
  std::vector<std::thread> threads;
  threads.reserve(20);
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&, i] {
      auto written = Submit(i % 2 == 0 ? first_ : second_, key, 10);
      ASSERT_TRUE(written.ok()) << written.status();
      EXPECT_EQ(written->event.seq, 2);
      replays += written->replayed ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(replays, 19);
  EXPECT_EQ(Events(first_, "ada").size(), 3);
  EXPECT_EQ(Attempts(first_, key), 1);
  EXPECT_EQ(ReasonOf(Submit(second_, key, 10, "other").status()), "ID_REUSED");
}

TEST_F(RealStoresTest, RedisIsFlushedKilledAndEmptiedWhileLearnersAnswer) {
  constexpr int kLearners = 8;
  constexpr int kAnswers = 25;
  for (int l = 0; l < kLearners; ++l) ASSERT_TRUE(Create(first_, Key(absl::StrCat("l", l))).ok());
  std::atomic<int> acknowledged = 0;
  std::vector<std::thread> threads;
  threads.reserve(kLearners);
  for (int l = 0; l < kLearners; ++l) {
    threads.emplace_back([&, l] {
      const SessionKey key = Key(absl::StrCat("l", l));
      for (int i = 0; i < kAnswers; ++i) {
        auto written = Submit((l + i) % 2 == 0 ? first_ : second_, key, 100 + i);
        ASSERT_TRUE(written.ok()) << written.status();  // Redis is no reason to fail
        ++acknowledged;
      }
    });
  }
  const auto wait_for = [&](int count) {
    const absl::Time end = absl::Now() + absl::Seconds(60);
    while (acknowledged < count && absl::Now() < end) absl::SleepFor(absl::Milliseconds(1));
  };
  wait_for(kLearners * kAnswers / 5);
  EXPECT_TRUE(redis_->Command({"FLUSHALL"}).ok());
  wait_for(kLearners * kAnswers * 2 / 5);
  redis_->Kill9();
  wait_for(kLearners * kAnswers * 3 / 5);
  EXPECT_TRUE(redis_->Restart(RedisServer::Data::kKeep).ok());
  wait_for(kLearners * kAnswers * 4 / 5);
  redis_->Kill9();
  EXPECT_TRUE(redis_->Restart(RedisServer::Data::kEmpty).ok());
  for (std::thread& thread : threads) thread.join();
  for (int l = 0; l < kLearners; ++l) {
    const SessionKey key = Key(absl::StrCat("l", l));
    const std::vector<Event> events = Events(first_, key.learner.learner);
    EXPECT_EQ(events.size(), 1 + 2 * kAnswers);
    ExpectContiguous(events);
    for (Process* process : {&first_, &second_}) {
      EXPECT_EQ(Attempts(*process, key, events.back().seq), kAnswers);
      ExpectLiveEqualsReplay(*process, key);
    }
  }
}

TEST_F(RealStoresTest, AProcessThatDiesAfterItsCommitIsMadeGoodWithinTwoSeconds) {
  const SessionKey key = Key("ada");
  ASSERT_TRUE(Create(first_, key).ok());
  ASSERT_EQ(Attempts(second_, key), 0);
  // As a process that has opened the write and committed, and then is no more.
  ASSERT_TRUE(SyncWait(first_.live->Begin(key, {Id(10), false}, absl::Now(), Soon())).ok());
  Event event;
  event.learner = key.learner;
  event.seq = 2;
  event.event_id = Id(10);
  event.session = key.session;
  event.occurred_time = absl::FromUnixMillis(absl::ToUnixMillis(absl::Now()) + 5);
  event.received_time = event.occurred_time;
  event.payload.mutable_submitted()->set_question("q1");
  event.payload.mutable_submitted()->set_text("text");
  event.kind = "submitted";
  ASSERT_EQ(*SyncWait(first_.log->Append({event}, Soon())), AppendOutcome::kWritten);
  EXPECT_EQ(Attempts(first_, key, 1), 0);
  const absl::Time end = absl::Now() + absl::Milliseconds(2500);
  while (Attempts(second_, key) == 0 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(20));
  EXPECT_EQ(Attempts(second_, key), 1);
  EXPECT_EQ(Attempts(first_, key, 2), 1);
}

}  // namespace
}  // namespace greenroom::session
