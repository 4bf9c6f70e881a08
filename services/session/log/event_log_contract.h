// The contract of EventLog as tests, run against every implementation:
//   INSTANTIATE_TEST_SUITE_P(Sqlite, EventLogContract, testing::Values(EventLogMaker([] { return ...; })));
#ifndef GREENROOM_SERVICES_SESSION_LOG_EVENT_LOG_CONTRACT_H_
#define GREENROOM_SERVICES_SESSION_LOG_EVENT_LOG_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

// An empty log for one test. The two handles are over one store, as two replicas are; an implementation that lives
// in one process gives the same log twice.
class EventLogUnderTest {
 public:
  virtual ~EventLogUnderTest() = default;
  virtual EventLog& log() = 0;
  virtual EventLog& other_handle() { return log(); }
};
using EventLogMaker = std::function<std::unique_ptr<EventLogUnderTest>()>;

inline std::string TestId(int number) { return absl::StrFormat("%08x-0000-4000-8000-000000000000", number); }

inline absl::Time TestTime(int64_t ms) { return absl::FromUnixMillis(1700000000000 + ms); }

class EventLogContract : public testing::TestWithParam<EventLogMaker> {
 protected:
  EventLogContract() : made_(GetParam()()) {}

  EventLog& log() { return made_->log(); }
  EventLog& other_handle() { return made_->other_handle(); }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

  static Event Base(int64_t seq, int id, std::string session) {
    Event event;
    event.learner = {"acme", "ada"};
    event.seq = seq;
    event.event_id = TestId(id);
    event.session = std::move(session);
    event.occurred_time = TestTime(seq * 1000);
    event.received_time = TestTime(seq * 1000 + 1);
    event.device = "phone";
    event.content_sha256 = std::string(64, 'a');
    return event;
  }
  static Event Created(int64_t seq, int id) {
    Event event = Base(seq, id, TestId(id));
    event.payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
    event.kind = KindOf(event.payload);
    return event;
  }
  static Event Submitted(int64_t seq, int id, std::string session, std::string text = "an answer") {
    Event event = Base(seq, id, std::move(session));
    event.payload.mutable_submitted()->set_question("q");
    event.payload.mutable_submitted()->set_text(std::move(text));
    event.kind = KindOf(event.payload);
    return event;
  }
  static Event Graded(int64_t seq, int id, std::string session, std::string answer) {
    Event event = Base(seq, id, std::move(session));
    event.content_sha256.clear();
    event.payload.mutable_graded()->set_answer(std::move(answer));
    event.payload.mutable_graded()->set_cause(v1::GRADE_CAUSE_INITIAL);
    event.payload.mutable_graded()->mutable_report()->set_score(61);
    event.kind = KindOf(event.payload);
    return event;
  }

  AppendOutcome Append(const std::vector<Event>& unit) {
    absl::StatusOr<AppendOutcome> outcome = SyncWait(log().Append(unit, Soon()));
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(AppendOutcome::kConflict);
  }
  std::optional<Event> Find(std::string id, LearnerKey learner = {"acme", "ada"}) {
    auto found = SyncWait(log().FindEvent(std::move(learner), std::move(id), Soon()));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *found : std::nullopt;
  }
  std::vector<Event> After(int64_t seq, int32_t limit, LearnerKey learner = {"acme", "ada"}) {
    auto events = SyncWait(log().ReadAfter(std::move(learner), seq, limit, Soon()));
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? *events : std::vector<Event>();
  }
  LogHead Head(LearnerKey learner = {"acme", "ada"}) {
    auto head = SyncWait(log().Head(std::move(learner), Soon()));
    EXPECT_TRUE(head.ok()) << head.status();
    return head.value_or(LogHead());
  }
  std::vector<std::string> Take(std::string owner, absl::Time now, absl::Duration lease, int32_t limit = 10) {
    auto taken = SyncWait(log().TakePending(std::move(owner), now, lease, limit, Soon()));
    EXPECT_TRUE(taken.ok()) << taken.status();
    std::vector<std::string> answers;
    if (taken.ok()) {
      for (const PendingGrade& pending : *taken) answers.push_back(pending.answer);
    }
    return answers;
  }
  // The ids of the sessions whose alarm has gone off, taken for 30 s.
  std::vector<std::string> Alarms(std::string owner, absl::Time now) {
    auto taken = SyncWait(other_handle().TakeAlarms(std::move(owner), now, absl::Seconds(30), 10, Soon()));
    EXPECT_TRUE(taken.ok()) << taken.status();
    std::vector<std::string> sessions;
    if (taken.ok()) {
      for (const SessionKey& session : *taken) sessions.push_back(session.session);
    }
    return sessions;
  }
  static std::vector<int64_t> Seqs(const std::vector<Event>& events) {
    std::vector<int64_t> seqs;
    seqs.reserve(events.size());
    for (const Event& event : events) seqs.push_back(event.seq);
    return seqs;
  }
  static void ExpectSame(const Event& a, const Event& b) {
    EXPECT_EQ(a.learner, b.learner);
    EXPECT_EQ(a.seq, b.seq);
    EXPECT_EQ(a.event_id, b.event_id);
    EXPECT_EQ(a.session, b.session);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.occurred_time, b.occurred_time);
    EXPECT_EQ(a.received_time, b.received_time);
    EXPECT_EQ(a.device, b.device);
    EXPECT_EQ(a.device_seq, b.device_seq);
    EXPECT_EQ(a.content_sha256, b.content_sha256);
    EXPECT_EQ(a.payload_version, b.payload_version);
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(a.payload, b.payload))
        << a.payload.ShortDebugString() << "\nis not\n"
        << b.payload.ShortDebugString();
  }

 private:
  std::unique_ptr<EventLogUnderTest> made_;
};

TEST_P(EventLogContract, AnEmptyLogHasNothingAndThatIsNoError) {
  EXPECT_EQ(Head(), LogHead());
  EXPECT_EQ(Find(TestId(1)), std::nullopt);
  EXPECT_THAT(After(0, 10), testing::IsEmpty());
  EXPECT_THAT(*SyncWait(log().ReadSession({{"acme", "ada"}, TestId(1)}, 0, Soon())), testing::IsEmpty());
  EXPECT_THAT(*SyncWait(log().ListSessions({"acme", "ada"}, 0, 10, Soon())), testing::IsEmpty());
  EXPECT_THAT(*SyncWait(log().ListLearners({}, 10, Soon())), testing::IsEmpty());
  EXPECT_THAT(Take("w", TestTime(0), absl::Seconds(10)), testing::IsEmpty());
}

TEST_P(EventLogContract, GivesBackWhatWasWritten) {
  Event created = Created(1, 1);
  (*created.payload.mutable_created()->mutable_labels())["class"] = "7b \"quoted\" \\ 'single'";
  created.payload.mutable_created()->set_seed(INT64_MIN);
  Event submitted = Submitted(2, 2, TestId(1));
  submitted.device_seq = 7;
  submitted.device = "";
  submitted.payload_version = 3;
  submitted.payload.mutable_submitted()->mutable_active_duration()->set_nanos(5000000);
  Event graded = Graded(3, 3, TestId(1), TestId(2));
  graded.payload.mutable_graded()->mutable_report()->add_items()->set_credit(0.07);
  ASSERT_EQ(Append({created}), AppendOutcome::kWritten);
  ASSERT_EQ(Append({submitted, graded}), AppendOutcome::kWritten);

  std::vector<Event> read = After(0, 10);
  ASSERT_EQ(read.size(), 3);
  ExpectSame(read[0], created);
  ExpectSame(read[1], submitted);
  ExpectSame(read[2], graded);
  ASSERT_TRUE(Find(TestId(2)).has_value());
  ExpectSame(*Find(TestId(2)), submitted);
  EXPECT_EQ(Head().seq, 3);
}

// SOCI hands strings to PostgreSQL only up to the first NUL; every byte that UTF-8 can hold goes through the payload.
TEST_P(EventLogContract, KeepsEveryCharacter) {
  std::string text;
  for (unsigned point = 0; point < 0x110000; point += point < 0x900 ? 1 : 0x3fd) {
    if (point >= 0xd800 && point < 0xe000) continue;
    if (point < 0x80) {
      text += static_cast<char>(point);
    } else if (point < 0x800) {
      text += static_cast<char>(0xc0 | (point >> 6));
      text += static_cast<char>(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
      text += static_cast<char>(0xe0 | (point >> 12));
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
      text += static_cast<char>(0x80 | (point & 0x3f));
    } else {
      text += static_cast<char>(0xf0 | (point >> 18));
      text += static_cast<char>(0x80 | ((point >> 12) & 0x3f));
      text += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
      text += static_cast<char>(0x80 | (point & 0x3f));
    }
  }
  ASSERT_EQ(text[0], '\0');
  ASSERT_EQ(Append({Submitted(1, 1, TestId(9), text)}), AppendOutcome::kWritten);
  ASSERT_TRUE(Find(TestId(1)).has_value());
  EXPECT_TRUE(Find(TestId(1))->payload.submitted().text() == text);
}

TEST_P(EventLogContract, RefusesUnitsThatAreNone) {
  EXPECT_EQ(SyncWait(log().Append({}, Soon())).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SyncWait(log().Append({Created(1, 1), Created(3, 3)}, Soon())).status().code(),
            absl::StatusCode::kInvalidArgument);
  Event stranger = Created(2, 2);
  stranger.learner.learner = "bob";
  EXPECT_EQ(SyncWait(log().Append({Created(1, 1), stranger}, Soon())).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Head().seq, 0);
}

TEST_P(EventLogContract, AUnitIsWrittenWholeOrNotAtAll) {
  ASSERT_EQ(Append({Created(1, 1)}), AppendOutcome::kWritten);
  // The second row's event id is taken.
  EXPECT_EQ(Append({Submitted(2, 2, TestId(1)), Graded(3, 1, TestId(1), TestId(2))}),
            AppendOutcome::kConflict);
  EXPECT_EQ(Find(TestId(2)), std::nullopt);
  EXPECT_EQ(Head().seq, 1);
  // The first row's seq is taken.
  EXPECT_EQ(Append({Submitted(1, 3, TestId(1)), Graded(2, 4, TestId(1), TestId(3))}),
            AppendOutcome::kConflict);
  EXPECT_EQ(Find(TestId(3)), std::nullopt);
  EXPECT_EQ(Find(TestId(4)), std::nullopt);
  EXPECT_EQ(Head().seq, 1);
  EXPECT_THAT(Take("w", TestTime(0), absl::Seconds(10)), testing::IsEmpty());
}

TEST_P(EventLogContract, DeviceNumbersAreUniqueWhereThereAreAny) {
  Event first = Submitted(1, 1, TestId(9));
  first.device_seq = 5;
  ASSERT_EQ(Append({first}), AppendOutcome::kWritten);
  Event same = Submitted(2, 2, TestId(9));
  same.device_seq = 5;
  EXPECT_EQ(Append({same}), AppendOutcome::kConflict);
  same.device = "tablet";
  EXPECT_EQ(Append({same}), AppendOutcome::kWritten);
  EXPECT_EQ(Append({Submitted(3, 3, TestId(9))}), AppendOutcome::kWritten);
  EXPECT_EQ(Append({Submitted(4, 4, TestId(9))}), AppendOutcome::kWritten);  // no number: no conflict
}

TEST_P(EventLogContract, FindsEventsByIdAndByDeviceNumber) {
  Event numbered = Submitted(3, 3, TestId(1));
  numbered.device_seq = 7;
  Event others = Submitted(4, 4, TestId(1));
  others.device = "tablet";
  others.device_seq = 7;
  ASSERT_EQ(Append({Created(1, 1), Submitted(2, 2, TestId(1)), numbered, others}), AppendOutcome::kWritten);
  const auto find = [&](EventNames names, LearnerKey learner = {"acme", "ada"}) {
    auto found = SyncWait(log().FindEvents(std::move(learner), std::move(names), Soon()));
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? Seqs(*found) : std::vector<int64_t>();
  };
  using testing::ElementsAre;
  using testing::IsEmpty;
  EXPECT_THAT(find({}), IsEmpty());
  EXPECT_THAT(find({{TestId(9)}, "phone", {8}}), IsEmpty());
  EXPECT_THAT(find({{TestId(3), TestId(1), TestId(9)}, "phone", {}}), ElementsAre(1, 3));
  EXPECT_THAT(find({{}, "phone", {7, 8, 9}}), ElementsAre(3));
  EXPECT_THAT(find({{TestId(2), TestId(3)}, "phone", {7}}), ElementsAre(2, 3)) << "each once";
  EXPECT_THAT(find({{TestId(1)}, "tablet", {7}}), ElementsAre(1, 4));
  EXPECT_THAT(find({{TestId(1)}, "phone", {7}}, {"acme", "bob"}), IsEmpty());
  EventNames many;
  for (int i = 0; i < 1000; ++i) many.event_ids.push_back(TestId(i));
  EXPECT_THAT(find(many), ElementsAre(1, 2, 3, 4));
  auto found = SyncWait(log().FindEvents({"acme", "ada"}, {{TestId(3)}, "", {}}, Soon()));
  ASSERT_TRUE(found.ok());
  ExpectSame((*found)[0], numbered);
}

TEST_P(EventLogContract, ListsWhatPeopleDecidedAboutAQuestion) {
  const std::string q1 = "tenants/acme/packs/p/revisions/r1/questions/q1", q2 = q1 + "-too";
  const auto append = [&](LearnerKey learner, int id, const std::string& question, v1::GradeCause cause) {
    Event submitted = Submitted(Head(learner).seq + 1, id, TestId(9));
    Event graded = Graded(submitted.seq + 1, id + 1, TestId(9), TestId(id));
    submitted.learner = graded.learner = std::move(learner);
    graded.payload.mutable_graded()->set_cause(cause);
    graded.payload.mutable_graded()->set_question_name(question);
    if (cause == v1::GRADE_CAUSE_OVERRIDE) graded.content_sha256 = std::string(64, 'b');
    ASSERT_EQ(Append({submitted, graded}), AppendOutcome::kWritten);
  };
  const auto decisions = [&](const std::string& question, int32_t limit, const std::string& tenant = "acme") {
    const auto listed = SyncWait(other_handle().ListDecisions(tenant, question, limit, Soon()));
    EXPECT_TRUE(listed.ok()) << listed.status();
    std::vector<std::string> ids;
    for (const Event& event : listed.value_or(std::vector<Event>())) ids.push_back(event.event_id);
    return ids;
  };
  using testing::ElementsAre;
  using testing::IsEmpty;
  EXPECT_THAT(decisions(q1, 10), IsEmpty());
  append({"acme", "ada"}, 10, q1, v1::GRADE_CAUSE_INITIAL);
  append({"acme", "ada"}, 20, q1, v1::GRADE_CAUSE_OVERRIDE);
  append({"acme", "bob"}, 30, q1, v1::GRADE_CAUSE_OVERRIDE);
  append({"acme", "bob"}, 40, q2, v1::GRADE_CAUSE_OVERRIDE);
  append({"other", "ada"}, 50, q1, v1::GRADE_CAUSE_OVERRIDE);
  append({"acme", "bob"}, 60, q1, v1::GRADE_CAUSE_REGRADE);
  append({"acme", "ada"}, 70, q1, v1::GRADE_CAUSE_OVERRIDE);
  EXPECT_THAT(decisions(q1, 10), ElementsAre(TestId(71), TestId(31), TestId(21)));
  EXPECT_THAT(decisions(q1, 2), ElementsAre(TestId(71), TestId(31)));
  EXPECT_THAT(decisions(q2, 10), ElementsAre(TestId(41)));
  EXPECT_THAT(decisions(q1, 10, "other"), ElementsAre(TestId(51)));
  EXPECT_THAT(decisions("", 10), IsEmpty());
  ASSERT_TRUE(SyncWait(log().Erase({"acme", "ada"}, TestTime(5), Soon())).ok());
  EXPECT_THAT(decisions(q1, 10), ElementsAre(TestId(31)));
  EXPECT_THAT(decisions(q1, 10, "other"), ElementsAre(TestId(51)));
}

TEST_P(EventLogContract, TheEpochStays) {
  const auto epoch = SyncWait(log().Epoch({"acme", "ada"}, Soon()));
  ASSERT_TRUE(epoch.ok()) << epoch.status();
  EXPECT_FALSE(epoch->empty());
  ASSERT_EQ(Append({Created(1, 1)}), AppendOutcome::kWritten);
  EXPECT_EQ(*SyncWait(log().Epoch({"acme", "ada"}, Soon())), *epoch);
  EXPECT_EQ(*SyncWait(other_handle().Epoch({"acme", "ada"}, Soon())), *epoch);
}

TEST_P(EventLogContract, OfTheErasedNothingIsLeftAndNothingIsTaken) {
  Event bobs = Created(1, 1);
  bobs.learner = {"acme", "bob"};
  ASSERT_EQ(Append({bobs}), AppendOutcome::kWritten);
  ASSERT_EQ(Append({Created(1, 1), Submitted(2, 2, TestId(1))}), AppendOutcome::kWritten);
  const std::string epoch = *SyncWait(log().Epoch({"acme", "ada"}, Soon()));
  const auto erased = SyncWait(log().Erase({"acme", "ada"}, TestTime(5), Soon()));
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(*erased, TestTime(5));
  EXPECT_EQ(*SyncWait(log().Erase({"acme", "ada"}, TestTime(9), Soon())), TestTime(5)) << "once";
  EXPECT_EQ(Head(), LogHead());
  EXPECT_EQ(Find(TestId(2)), std::nullopt);
  EXPECT_THAT(Take("worker", TestTime(100), absl::Seconds(10)), testing::IsEmpty());
  EXPECT_NE(*SyncWait(log().Epoch({"acme", "ada"}, Soon())), epoch);
  EXPECT_EQ(Append({Created(1, 1)}), AppendOutcome::kErased);
  EXPECT_EQ(Append({Created(3, 3)}), AppendOutcome::kErased);
  EXPECT_EQ(*SyncWait(other_handle().Append({Created(1, 1)}, Soon())), AppendOutcome::kErased);
  EXPECT_EQ(Head(), LogHead());
  EXPECT_EQ(Head({"acme", "bob"}).seq, 1);
  bobs = Submitted(2, 2, TestId(1));
  bobs.learner = {"acme", "bob"};
  EXPECT_EQ(Append({bobs}), AppendOutcome::kWritten);
}

TEST_P(EventLogContract, LearnersAndTenantsShareNothing) {
  ASSERT_EQ(Append({Created(1, 1)}), AppendOutcome::kWritten);
  for (const LearnerKey& other : {LearnerKey{"acme", "bob"}, LearnerKey{"other", "ada"}}) {
    EXPECT_EQ(Head(other).seq, 0);
    EXPECT_EQ(Find(TestId(1), other), std::nullopt);
    EXPECT_THAT(*SyncWait(log().ReadSession({other, TestId(1)}, 0, Soon())), testing::IsEmpty());
    Event same = Created(1, 1);
    same.learner = other;
    EXPECT_EQ(Append({same}), AppendOutcome::kWritten);
  }
  EXPECT_THAT(
      *SyncWait(log().ListLearners({}, 10, Soon())),
      testing::ElementsAre(LearnerKey{"acme", "ada"}, LearnerKey{"acme", "bob"}, LearnerKey{"other", "ada"}));
  EXPECT_THAT(*SyncWait(log().ListLearners({"acme", "ada"}, 1, Soon())),
              testing::ElementsAre(LearnerKey{"acme", "bob"}));
}

TEST_P(EventLogContract, ReadsPagesAndSessions) {
  ASSERT_EQ(Append({Created(1, 1)}), AppendOutcome::kWritten);
  ASSERT_EQ(Append({Created(2, 2)}), AppendOutcome::kWritten);
  ASSERT_EQ(Append({Submitted(3, 3, TestId(1)), Graded(4, 4, TestId(1), TestId(3))}),
            AppendOutcome::kWritten);
  ASSERT_EQ(Append({Submitted(5, 5, TestId(2))}), AppendOutcome::kWritten);
  EXPECT_THAT(Seqs(After(0, 2)), testing::ElementsAre(1, 2));
  EXPECT_THAT(Seqs(After(2, 2)), testing::ElementsAre(3, 4));
  EXPECT_THAT(Seqs(After(4, 2)), testing::ElementsAre(5));
  EXPECT_THAT(Seqs(After(5, 2)), testing::IsEmpty());
  const SessionKey first = {{"acme", "ada"}, TestId(1)};
  EXPECT_THAT(Seqs(*SyncWait(log().ReadSession(first, 0, Soon()))), testing::ElementsAre(1, 3, 4));
  EXPECT_THAT(Seqs(*SyncWait(log().ReadSession(first, 1, Soon()))), testing::ElementsAre(3, 4));
  EXPECT_THAT(Seqs(*SyncWait(log().ListSessions({"acme", "ada"}, 0, 10, Soon()))),
              testing::ElementsAre(2, 1));
  EXPECT_THAT(Seqs(*SyncWait(log().ListSessions({"acme", "ada"}, 0, 1, Soon()))), testing::ElementsAre(2));
  EXPECT_THAT(Seqs(*SyncWait(log().ListSessions({"acme", "ada"}, 2, 10, Soon()))), testing::ElementsAre(1));
}

// An event that a device brings later can have happened earlier.
TEST_P(EventLogContract, TheHeadCarriesTheLatestTimeOfAnyEvent) {
  Event first = Created(1, 1);
  first.occurred_time = TestTime(9000);
  Event second = Submitted(2, 2, TestId(1));
  second.occurred_time = TestTime(5000);
  ASSERT_EQ(Append({first}), AppendOutcome::kWritten);
  ASSERT_EQ(Append({second}), AppendOutcome::kWritten);
  EXPECT_EQ(Head(), (LogHead{2, TestTime(9000)}));
}

TEST_P(EventLogContract, KeepsKindsItDoesNotKnow) {
  Event event = Base(1, 1, TestId(9));
  event.kind = "telepathy";
  event.payload_version = 9;
  ASSERT_EQ(Append({event}), AppendOutcome::kWritten);
  std::vector<Event> read = After(0, 10);
  ASSERT_EQ(read.size(), 1);
  ExpectSame(read[0], event);
}

TEST_P(EventLogContract, WhatComesTooLateIsNeverWritten) {
  auto late = SyncWait(log().Append({Created(1, 1)}, absl::Now() - absl::Seconds(1)));
  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Append({Created(1, 2)}), AppendOutcome::kWritten);
  EXPECT_EQ(Find(TestId(1)), std::nullopt);
}

TEST_P(EventLogContract, AnotherHandleSeesWhatWasAcknowledged) {
  for (int i = 1; i <= 20; ++i) {
    ASSERT_EQ(Append({Submitted(i, i, TestId(99))}), AppendOutcome::kWritten);
    EXPECT_EQ(SyncWait(other_handle().Head({"acme", "ada"}, Soon()))->seq, i);
  }
}

TEST_P(EventLogContract, OfManyAtOnceOneWinsEachPlace) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 10;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  std::atomic<int> written = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      EventLog& handle = t % 2 == 0 ? log() : other_handle();
      for (int round = 0; round < kRounds; ++round) {
        const int id = 1000 * t + 2 * round + 1;
        std::vector<Event> unit = {Submitted(2 * round + 1, id, TestId(99999)),
                                   Graded(2 * round + 2, id + 1, TestId(99999), TestId(id))};
        auto outcome = SyncWait(handle.Append(unit, Soon()));
        EXPECT_TRUE(outcome.ok()) << outcome.status();
        if (outcome.ok() && *outcome == AppendOutcome::kWritten) {
          ++written;
        } else {
          auto loser = SyncWait(handle.FindEvent({"acme", "ada"}, TestId(id), Soon()));
          EXPECT_TRUE(loser.ok() && !loser->has_value());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, kRounds);
  std::vector<Event> events = After(0, 1000);
  ASSERT_EQ(events.size(), 2 * kRounds);
  for (size_t i = 0; i < events.size(); i += 2) {
    EXPECT_EQ(events[i].seq, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(events[i + 1].payload.graded().answer(), events[i].event_id);  // units are not mixed
  }
  EXPECT_THAT(Take("w", TestTime(0), absl::Seconds(10), 1000), testing::IsEmpty());
}

TEST_P(EventLogContract, TheSameUnitAtOnceIsWrittenOnce) {
  std::vector<std::thread> threads;
  threads.reserve(20);
  std::atomic<int> written = 0;
  for (int t = 0; t < 20; ++t) {
    threads.emplace_back([&, t] {
      EventLog& handle = t % 2 == 0 ? log() : other_handle();
      auto outcome = SyncWait(handle.Append({Submitted(1, 7, TestId(9))}, Soon()));
      EXPECT_TRUE(outcome.ok()) << outcome.status();
      if (outcome.ok() && *outcome == AppendOutcome::kWritten) ++written;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, 1);
  EXPECT_EQ(Head().seq, 1);
}

TEST_P(EventLogContract, AnswersWithoutAGradeArePending) {
  ASSERT_EQ(Append({Created(1, 1)}), AppendOutcome::kWritten);
  ASSERT_EQ(Append({Submitted(2, 2, TestId(1)), Graded(3, 3, TestId(1), TestId(2))}),
            AppendOutcome::kWritten);
  ASSERT_EQ(Append({Submitted(4, 4, TestId(1))}), AppendOutcome::kWritten);
  auto taken = SyncWait(log().TakePending("w", TestTime(0), absl::Seconds(10), 10, Soon()));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_THAT(*taken, testing::ElementsAre(PendingGrade{{{"acme", "ada"}, TestId(1)}, TestId(4), 0}));
  ASSERT_EQ(Append({Graded(5, 5, TestId(1), TestId(4))}), AppendOutcome::kWritten);
  EXPECT_THAT(Take("w", TestTime(60000), absl::Seconds(10)), testing::IsEmpty());
}

TEST_P(EventLogContract, APendingGradeIsHeldByOne) {
  for (int i = 1; i <= 3; ++i) ASSERT_EQ(Append({Submitted(i, i, TestId(9))}), AppendOutcome::kWritten);
  EXPECT_THAT(Take("a", TestTime(0), absl::Seconds(10), 2), testing::ElementsAre(TestId(1), TestId(2)));
  EXPECT_THAT(Take("b", TestTime(9999), absl::Seconds(10)), testing::ElementsAre(TestId(3)));
  EXPECT_THAT(Take("c", TestTime(10000), absl::Seconds(60)),
              testing::UnorderedElementsAre(TestId(1), TestId(2)));
}

TEST_P(EventLogContract, APostponedGradeComesBackInItsTime) {
  ASSERT_EQ(Append({Submitted(1, 1, TestId(9))}), AppendOutcome::kWritten);
  const PendingGrade pending = {{{"acme", "ada"}, TestId(9)}, TestId(1), 0};
  ASSERT_THAT(Take("a", TestTime(0), absl::Seconds(10)), testing::SizeIs(1));
  ASSERT_TRUE(SyncWait(log().Postpone("a", pending, TestTime(5000), Soon())).ok());
  EXPECT_THAT(Take("a", TestTime(4999), absl::Seconds(10)), testing::IsEmpty());
  auto taken = SyncWait(log().TakePending("a", TestTime(5000), absl::Seconds(10), 10, Soon()));
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_THAT(*taken, testing::ElementsAre(PendingGrade{pending.session, pending.answer, 1}));
}

// The clock was ahead by an hour when these were held and postponed, and has been set right since.
TEST_P(EventLogContract, TimesOfAClockThatWasSetBackAreOver) {
  constexpr int kHourMs = 3600000, kFarthestMs = 600000;
  for (int i = 1; i <= 2; ++i) ASSERT_EQ(Append({Submitted(i, i, TestId(9))}), AppendOutcome::kWritten);
  const PendingGrade pending = {{{"acme", "ada"}, TestId(9)}, TestId(1), 0};
  ASSERT_THAT(Take("a", TestTime(kHourMs), absl::Seconds(30)), testing::SizeIs(2));
  ASSERT_TRUE(SyncWait(log().Postpone("a", pending, TestTime(kHourMs + 60000), Soon())).ok());
  EXPECT_THAT(Take("b", TestTime(kHourMs + 60000 - kFarthestMs), absl::Seconds(10)), testing::IsEmpty());
  EXPECT_THAT(Take("b", TestTime(0), absl::Seconds(10)), testing::UnorderedElementsAre(TestId(1), TestId(2)));
  EXPECT_THAT(Take("c", TestTime(0), absl::Seconds(10)), testing::IsEmpty()) << "held by b now";
}

TEST_P(EventLogContract, WhatWaitsForItsSessionIsDueWhenADeviceBringsIt) {
  ASSERT_EQ(Append({Submitted(1, 2, TestId(1)), Submitted(2, 4, TestId(3))}), AppendOutcome::kWritten);
  const absl::Time now = TestTime(10'000);
  const PendingGrade first = {{{"acme", "ada"}, TestId(1)}, TestId(2), 0};
  const PendingGrade other = {{{"acme", "ada"}, TestId(3)}, TestId(4), 0};
  ASSERT_EQ(Take("worker", now, absl::Seconds(10)).size(), 2);
  for (const PendingGrade& pending : {first, other}) {
    ASSERT_TRUE(SyncWait(log().Postpone("worker", pending, now + absl::Minutes(9), Soon())).ok());
  }
  EXPECT_THAT(Take("worker", now, absl::Seconds(10)), testing::IsEmpty());
  Event created = Created(3, 1);
  created.device_seq = 1;
  ASSERT_EQ(Append({created}), AppendOutcome::kWritten);
  EXPECT_THAT(Take("worker", now, absl::Seconds(10)), testing::ElementsAre(TestId(2)));
}

TEST_P(EventLogContract, OnlyTheHolderPostpones) {
  ASSERT_EQ(Append({Submitted(1, 1, TestId(9))}), AppendOutcome::kWritten);
  const PendingGrade pending = {{{"acme", "ada"}, TestId(9)}, TestId(1), 0};
  ASSERT_THAT(Take("a", TestTime(0), absl::Seconds(10)), testing::SizeIs(1));
  ASSERT_TRUE(SyncWait(log().Postpone("b", pending, TestTime(1), Soon())).ok());
  EXPECT_THAT(Take("b", TestTime(2), absl::Seconds(10)), testing::IsEmpty());
  ASSERT_EQ(Append({Graded(2, 2, TestId(9), TestId(1))}), AppendOutcome::kWritten);
  ASSERT_TRUE(SyncWait(log().Postpone("a", pending, TestTime(1), Soon())).ok());
  EXPECT_THAT(Take("a", TestTime(100000), absl::Seconds(10)), testing::IsEmpty());
}

TEST_P(EventLogContract, OfManyTakersAtOnceOneGetsEach) {
  constexpr int kAnswers = 40;
  for (int i = 1; i <= kAnswers; ++i)
    ASSERT_EQ(Append({Submitted(i, i, TestId(999))}), AppendOutcome::kWritten);
  std::vector<std::vector<std::string>> taken(8);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < taken.size(); ++t) {
    threads.emplace_back([&, t] {
      EventLog& handle = t % 2 == 0 ? log() : other_handle();
      for (int round = 0; round < 5; ++round) {
        auto some =
            SyncWait(handle.TakePending(absl::StrCat("w", t), TestTime(0), absl::Seconds(60), 3, Soon()));
        ASSERT_TRUE(some.ok()) << some.status();
        for (const PendingGrade& pending : *some) taken[t].push_back(pending.answer);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> all;
  for (const auto& some : taken) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all.size(), kAnswers);
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

TEST_P(EventLogContract, AnAlarmIsWhatTheLastEventThatMovesItSays) {
  const auto with_alarm = [](Event event, absl::Time alarm) {
    event.alarm = alarm;
    return event;
  };
  ASSERT_EQ(Append({with_alarm(Created(1, 1), TestTime(5000))}), AppendOutcome::kWritten);
  EXPECT_THAT(Alarms("a", TestTime(5000)), testing::IsEmpty());
  ASSERT_EQ(Append({Submitted(2, 2, TestId(1))}), AppendOutcome::kWritten);  // moves none
  ASSERT_EQ(Append({with_alarm(Created(3, 3), TestTime(4000))}), AppendOutcome::kWritten);
  EXPECT_THAT(Alarms("a", TestTime(5001)), testing::ElementsAre(TestId(3), TestId(1)));
  ASSERT_EQ(Append({with_alarm(Submitted(4, 4, TestId(1)), TestTime(9000))}), AppendOutcome::kWritten);
  EXPECT_THAT(Alarms("b", TestTime(9000)), testing::IsEmpty());
  EXPECT_THAT(Alarms("b", TestTime(9001)), testing::ElementsAre(TestId(1))) << "nobody holds it any more";
  ASSERT_EQ(Append({with_alarm(Submitted(5, 5, TestId(1)), absl::InfinitePast())}), AppendOutcome::kWritten);
  EXPECT_THAT(Alarms("c", TestTime(500000)), testing::ElementsAre(TestId(3)));
}

TEST_P(EventLogContract, AnAlarmIsHeldByOneAndSetByItsHolder) {
  Event created = Created(1, 1);
  created.alarm = TestTime(0);
  ASSERT_EQ(Append({created}), AppendOutcome::kWritten);
  const SessionKey key = {{"acme", "ada"}, TestId(1)};
  ASSERT_THAT(Alarms("a", TestTime(1)), testing::SizeIs(1));
  EXPECT_THAT(Alarms("b", TestTime(10000)), testing::IsEmpty());
  EXPECT_TRUE(SyncWait(log().SetAlarm("b", key, absl::InfinitePast(), Soon())).ok());
  EXPECT_TRUE(SyncWait(log().SetAlarm("a", key, TestTime(20000), Soon())).ok());
  EXPECT_THAT(Alarms("b", TestTime(20000)), testing::IsEmpty());
  EXPECT_THAT(Alarms("b", TestTime(20001)), testing::SizeIs(1));
  EXPECT_THAT(Alarms("c", TestTime(50001)), testing::SizeIs(1)) << "the lease is over";
  EXPECT_TRUE(SyncWait(log().SetAlarm("c", key, absl::InfinitePast(), Soon())).ok());
  EXPECT_THAT(Alarms("c", TestTime(900000)), testing::IsEmpty());
}

TEST_P(EventLogContract, AUnitThatIsNotWrittenMovesNoAlarm) {
  ASSERT_EQ(Append({Created(1, 1)}), AppendOutcome::kWritten);
  Event late = Submitted(1, 2, TestId(1));
  late.alarm = TestTime(0);
  ASSERT_EQ(Append({late}), AppendOutcome::kConflict);
  EXPECT_THAT(Alarms("a", TestTime(1)), testing::IsEmpty());
}

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_EVENT_LOG_CONTRACT_H_
