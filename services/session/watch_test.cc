// WatchSession through a real stub, with stores that fail on purpose.
#include <gmock/gmock.h>
#include <grpcpp/alarm.h>
#include <gtest/gtest.h>

#include <thread>

#include "services/session/testing/session_server.h"
#include "services/session/watch_bell.h"

namespace greenroom::session::testing {
namespace {

using ::testing::HasSubstr;

// Heartbeats that a test can wait for; changes come at once and do not wait for them.
constexpr absl::Duration kHeartbeat = absl::Milliseconds(300);

class WatchTest : public SessionServiceTest {
 protected:
  explicit WatchTest(absl::Duration longest = absl::Seconds(100))
      : SessionServiceTest({kHeartbeat, longest}) {}

  // Whether nobody watches any more, soon.
  bool NobodyWatches() {
    const absl::Time end = absl::Now() + absl::Seconds(10);
    const auto watched = [&] {
      return server_.wakeups.listening() > 0 || server_.metrics.watchers.Value() > 0;
    };
    while (watched() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(1));
    return !watched();
  }
};

TEST_F(WatchTest, BeginsWithTheSessionAsGetSessionGivesIt) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(SaveDraft(session, "q2", "typed"));
  const std::string newer = std::string(kPack) + "/revisions/r00000000000000000000000000000002";
  server_.catalogue.Publish(kPack, {newer, {MarkedQuestion("q1")}});
  server_.clock.Advance(absl::Minutes(1));
  auto watch = StartWatch(session);
  const auto message = watch->Next();
  ASSERT_TRUE(message.has_value());
  EXPECT_FALSE(message->heartbeat());
  EXPECT_EQ(message->sequence(), 3);
  auto expected = Get(session);
  ASSERT_OK(expected);
  EXPECT_TRUE(expected->questions(1).has_draft());
  expected->mutable_questions(1)->clear_draft();
  EXPECT_EQ(message->session().DebugString(), expected->DebugString());
  EXPECT_EQ(message->session().newer_revision(), newer);
  EXPECT_EQ(server_.metrics.watchers.Value(), 1);
  EXPECT_THAT(server_.Metrics(), HasSubstr("session_watchers 1"));
}

TEST_F(WatchTest, TellsOfEachChangeOnce) {
  const std::string session = Create();
  auto watch = StartWatch(session);
  ASSERT_EQ(watch->Next()->sequence(), 1);
  ASSERT_OK(Submit(session, 2, "q1"));
  auto message = watch->NextChange();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->sequence(), 3);
  EXPECT_EQ(message->session().questions(0).score(), 55);
  ASSERT_OK(Submit(session, 2, "q1"));  // a replay is no change
  for (int i = 0; i < 20; ++i) server_.wakeups.Wake(Key());
  ASSERT_OK(SaveDraft(session, "q2", "typed"));
  ASSERT_OK(Skip(session, 3, "q2"));
  message = watch->NextChange();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->sequence(), 4);
  ASSERT_OK(Finish(session, 4));
  message = watch->NextChange();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->session().state(), v1::SESSION_STATE_FINISHED);
}

TEST_F(WatchTest, ResumesAfterASequence) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  EXPECT_FALSE(StartWatch(session, 2)->Next()->heartbeat()) << "it is beyond 2: at once";
  const absl::Time began = absl::Now();
  auto watch = StartWatch(session, 3);
  auto message = watch->Next();
  ASSERT_TRUE(message.has_value());
  EXPECT_TRUE(message->heartbeat());
  EXPECT_EQ(message->sequence(), 3);
  EXPECT_EQ(message->session().name(), session);
  EXPECT_GE(absl::Now() - began, kHeartbeat);
  ASSERT_OK(Skip(session, 3, "q2"));
  message = watch->NextChange();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->sequence(), 4);
}

// A sequence that never was must not make the watcher rebuild, and so wake, itself without end.
TEST_F(WatchTest, ASequenceThatNeverWasIsAnsweredByHeartbeats) {
  const std::string session = Create();
  auto watch = StartWatch(session, int64_t{1} << 60);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(watch->Next()->heartbeat());
  EXPECT_LT(server_.live.gate().calls("Put"), 4);
  ASSERT_OK(Skip(session, 2, "q1"));
  EXPECT_EQ(watch->NextChange()->sequence(), 2);
}

TEST_F(WatchTest, LooksWithEachHeartbeatWhereNobodyTells) {
  const std::string session = Create();
  auto watch = StartWatch(session);
  ASSERT_TRUE(watch->Next().has_value());
  server_.wakeups.Break();
  ASSERT_OK(Skip(session, 2, "q1"));
  EXPECT_EQ(watch->NextChange()->sequence(), 2);
  // The store is away altogether.
  server_.live.gate().Fail("", absl::UnavailableError("down"));
  ASSERT_OK(Skip(session, 3, "q2"));
  EXPECT_EQ(watch->NextChange()->sequence(), 3);
  server_.live.gate().Heal();
  server_.wakeups.Heal();
  ASSERT_OK(Skip(session, 4, "q3"));
  EXPECT_EQ(watch->NextChange()->sequence(), 4);
}

TEST_F(WatchTest, FindsWhatAProcessWroteThatCouldTellNobody) {
  const std::string session = Create();
  auto watch = StartWatch(session);
  ASSERT_TRUE(watch->Next().has_value());
  Event event = Events()[0];
  event.seq = 2;
  event.event_id = Uuid(2);
  event.occurred_time += absl::Milliseconds(1);
  event.payload.mutable_skipped()->set_question("q1");
  event.kind = "skipped";
  ASSERT_EQ(*SyncWait(server_.log.Append({event}, absl::Now() + absl::Seconds(5))), AppendOutcome::kWritten);
  const auto message = watch->NextChange();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->session().questions(0).state(), v1::QUESTION_STATE_SKIPPED);
}

TEST_F(WatchTest, AReaderThatIsSlowIsShownWhatIsNowAndNotEverything) {
  constexpr int kChanges = 300;
  std::vector<content::v1::Question> questions;
  questions.reserve(100);
  for (int i = 0; i < 100; ++i) {
    // Random, so that no compression makes the messages small.
    questions.push_back(MarkedQuestion(server_.rng.Uuid().substr(0, 31) + server_.rng.Uuid().substr(0, 31)));
  }
  server_.catalogue.Publish(kPack, {kRevision, questions});
  const std::string session = Create();
  // The stream's window of 64 KiB takes some of them, and a watch has one besides.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  const auto stub = v1::SessionService::NewStub(grpc::CreateCustomChannel(
      absl::StrCat("127.0.0.1:", server_.server->port()), grpc::InsecureChannelCredentials(), arguments));
  v1::WatchSessionRequest request;
  request.set_name(session);
  As patient;
  patient.deadline = absl::Seconds(60);
  const auto watch = std::make_unique<Watch>(*stub, request, patient);
  ASSERT_TRUE(watch->Next().has_value());
  for (int i = 0; i < kChanges; ++i) {
    ASSERT_OK(Submit(session, 10 + i, questions[0].id()));
    const absl::Time end = absl::Now() + absl::Seconds(1);
    while (server_.wakeups.runs() < i + 2 && absl::Now() < end) absl::SleepFor(absl::Microseconds(100));
  }
  int messages = 0;
  for (int64_t sequence = 0; sequence < 2 * kChanges + 1; ++messages) {
    const auto message = watch->Next();
    ASSERT_TRUE(message.has_value());
    EXPECT_GE(message->sequence(), sequence);
    sequence = message->sequence();
  }
  EXPECT_LT(messages, kChanges / 2);
}

TEST_F(WatchTest, ADrainEndsItWithOkAtOnce) {
  const std::string session = Create();
  std::vector<std::unique_ptr<Watch>> watches;
  watches.reserve(20);
  for (int i = 0; i < 20; ++i) watches.push_back(StartWatch(session));
  for (const auto& watch : watches) ASSERT_TRUE(watch->Next().has_value());
  const absl::Time began = absl::Now();
  std::thread drain([&] { server_.server->Drain(); });
  for (const auto& watch : watches) {
    const absl::Status ended = watch->End();
    EXPECT_TRUE(ended.ok()) << ended;
  }
  drain.join();
  EXPECT_LT(absl::Now() - began, absl::Seconds(5)) << "not at the drain timeout";
  EXPECT_TRUE(NobodyWatches());
}

TEST_F(WatchTest, AWatchThatBeginsWhileDrainingShowsTheSessionAndEnds) {
  const std::string session = Create();
  server_.draining.request_stop();
  auto watch = StartWatch(session);
  EXPECT_EQ(watch->Next()->sequence(), 1);
  EXPECT_TRUE(watch->End().ok());
}

TEST_F(WatchTest, ACancelledWatchLeavesNothing) {
  const std::string session = Create();
  auto watch = StartWatch(session);
  ASSERT_TRUE(watch->Next().has_value());
  EXPECT_EQ(server_.wakeups.listening(), 1);
  watch->Cancel();
  EXPECT_EQ(watch->End().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(NobodyWatches());
}

TEST_F(WatchTest, KeepsItsDeadline) {
  const std::string session = Create();
  // The look that was stalled goes on after it and leaves its session in the live store; another's is not there.
  const std::string other = Create(2);
  As hasty;
  hasty.deadline = absl::Milliseconds(200);
  auto watch = StartWatch(session, 0, hasty);
  ASSERT_TRUE(watch->Next().has_value());
  EXPECT_EQ(watch->End().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(NobodyWatches());
  server_.live.Flush();
  server_.log.gate().Stall("");
  EXPECT_EQ(StartWatch(session, 0, hasty)->End().code(), absl::StatusCode::kDeadlineExceeded);
  server_.log.gate().Heal();
  server_.log.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_EQ(ReasonOf(StartWatch(other)->End()), "DEPENDENCY_UNAVAILABLE");
  EXPECT_TRUE(NobodyWatches());
}

TEST_F(WatchTest, StaffMayWatchAndNobodyElse) {
  const std::string session = Create();
  EXPECT_EQ(StartWatch(session, 0, {"acme", "eve", {Role::kInstructor}})->Next()->sequence(), 1);
  EXPECT_EQ(StartWatch(session, 0, {"acme", "ada", {Role::kService}})->Next()->sequence(), 1);
  EXPECT_EQ(ReasonOf(StartWatch(session, 0, {"acme", "eve", {Role::kLearner}})->End()), "SESSION_NOT_FOUND");
  EXPECT_EQ(ReasonOf(StartWatch(session, 0, {"other", "ada", {Role::kLearner}})->End()), "SESSION_NOT_FOUND");
  EXPECT_EQ(ReasonOf(StartWatch(session, 0, {"other", "eve", {Role::kInstructor}})->End()),
            "SESSION_NOT_FOUND");
  EXPECT_EQ(ReasonOf(StartWatch(session, 0, {"acme", "ada", {Role::kAuthor}})->End()), "ROLE_FORBIDS");
  EXPECT_EQ(ReasonOf(StartWatch(SessionPath(Uuid(99)))->End()), "SESSION_NOT_FOUND");
  EXPECT_TRUE(NobodyWatches());
}

TEST_F(WatchTest, RefusesWhatIsNoRequest) {
  for (const std::string name : {"", "sessions/x", "tenants/acme/learners/ada/sessions/x/y"}) {
    const absl::Status refused = StartWatch(name)->End();
    EXPECT_EQ(ReasonOf(refused), "INVALID_REQUEST") << name;
    ASSERT_EQ(FieldViolationsOf(refused).size(), 1) << name;
    EXPECT_EQ(FieldViolationsOf(refused)[0].field, "name");
  }
  const absl::Status refused = StartWatch(Create(), -1)->End();
  ASSERT_EQ(FieldViolationsOf(refused).size(), 1) << refused;
  EXPECT_EQ(FieldViolationsOf(refused)[0].field, "seen_sequence");
}

class ShortWatchTest : public WatchTest {
 protected:
  ShortWatchTest() : WatchTest(2 * kHeartbeat + kHeartbeat / 2) {}
};

TEST_F(ShortWatchTest, EndsWithOkWhenItsTimeIsOver) {
  const std::string session = Create();
  auto watch = StartWatch(session);
  EXPECT_FALSE(watch->Next()->heartbeat());
  int heartbeats = 0;
  for (auto message = watch->Next(); message.has_value(); message = watch->Next()) {
    EXPECT_TRUE(message->heartbeat());
    ++heartbeats;
  }
  EXPECT_GE(heartbeats, 1);
  EXPECT_LE(heartbeats, 2);
  EXPECT_TRUE(watch->End().ok());
  EXPECT_TRUE(NobodyWatches());
}

TEST(WatchOptions, AreValidated) {
  EXPECT_TRUE(WatchOptions().Validate().ok());
  EXPECT_FALSE((WatchOptions{absl::ZeroDuration(), absl::Seconds(1)}.Validate().ok()));
  EXPECT_FALSE((WatchOptions{absl::Seconds(2), absl::Seconds(1)}.Validate().ok()));
}

class WatchBellTest : public ::testing::Test {
  const grpc::Alarm running_;  // as a server does, it keeps gRPC, and so its timers, going
};

TEST_F(WatchBellTest, RingsBeforeALookAreOne) {
  const auto bell = std::make_shared<WatchBell>();
  const absl::Time later = absl::Now() + absl::Seconds(20);
  for (int i = 0; i < 5; ++i) bell->Ring();
  EXPECT_TRUE(SyncWait(bell->Wait(later)));
  EXPECT_FALSE(SyncWait(bell->Wait(absl::Now() + absl::Milliseconds(10))));
  EXPECT_FALSE(SyncWait(bell->Wait(absl::InfinitePast())));
  std::thread ringer([&] { bell->Ring(); });
  EXPECT_TRUE(SyncWait(bell->Wait(later)));
  ringer.join();
}

TEST_F(WatchBellTest, EveryRingIsHeardByALookAfterIt) {
  const auto bell = std::make_shared<WatchBell>();
  std::atomic<int> value = 0;
  std::vector<std::thread> ringers;
  ringers.reserve(4);
  for (int t = 0; t < 4; ++t) {
    ringers.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        ++value;
        bell->Ring();
      }
    });
  }
  int seen = 0;
  while (seen < 2000) {
    ASSERT_TRUE(SyncWait(bell->Wait(absl::Now() + absl::Seconds(20))));
    seen = value;
  }
  for (std::thread& ringer : ringers) ringer.join();
}

}  // namespace
}  // namespace greenroom::session::testing
