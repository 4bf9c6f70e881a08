// Two replicas on one log and one live store, which now and then is away; two devices of one learner, which are online or
// sync what they did before, and a worker that grades, all at once.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/base/metrics.h"
#include "services/base/status.h"
#include "services/base/uuid.h"
#include "services/session/domain/decide.h"
#include "services/session/domain/digest.h"
#include "services/session/ledger.h"
#include "services/session/live/fake_live_store.h"
#include "services/session/log/fake_event_log.h"

namespace greenroom::session {
namespace {

// Sanitized builds run fewer.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kInterleavings = 500;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kInterleavings = 500;
#else
constexpr int kInterleavings = 10'000;
#endif
#else
constexpr int kInterleavings = 10'000;
#endif
constexpr int kActsOfADevice = 6;
constexpr int kAgain = 20;

absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

class Replicas {
 public:
  FakeClock clock;
  FakeEventLog log;
  FakeLiveStore live;
  MetricsRegistry registry;
  SessionMetrics metrics{registry};
  std::atomic<int> spent = 0;  // writes whose tries were spent
  std::array<Ledger, 2> ledgers{Ledger(log, live, clock, metrics), Ledger(log, live, clock, metrics)};
};

// What there is to be graded.
class Ungraded {
 public:
  void Push(std::string answer) {
    absl::MutexLock lock(&mutex_);
    answers_.push_back(std::move(answer));
  }
  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  // "" at the end.
  std::string Pop() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &Ungraded::Ready));
    if (answers_.empty()) return "";
    std::string answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

 private:
  bool Ready() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return closed_ || !answers_.empty(); }

  absl::Mutex mutex_;
  std::deque<std::string> answers_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

class Interleaving {
 public:
  Interleaving(Replicas& replicas, int number) : replicas_(replicas), random_(static_cast<unsigned>(number)) {
    session_ = {{"acme", absl::StrCat("learner-", number)}, Id("session")};
  }

  void Run() {
    WriteCommand creation = Command("session");
    creation.session = session_;
    creation.event_id = session_.session;
    creation.creates = true;
    creation.decide = [](const v1::LiveState*) {
      v1::EventPayload payload;
      payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
      payload.mutable_created()->set_mode(v1::SESSION_MODE_PRACTICE);
      for (const char* question : {"phone", "laptop", "both"})
        payload.mutable_created()->add_questions(question);
      return Verdict::Write(payload);
    };
    ASSERT_TRUE(SyncWait(replicas_.ledgers[0].Write(std::move(creation), Soon())).ok());
    std::thread worker([this] { Grade(); });
    const unsigned seeds[] = {static_cast<unsigned>(random_()), static_cast<unsigned>(random_())};
    std::thread phone([&] { Practise("phone", seeds[0]); });
    Practise("laptop", seeds[1]);
    phone.join();
    ungraded_.Close();
    worker.join();
    Check();
  }

 private:
  std::string Id(absl::string_view what) const {
    return UuidV5(Uuid(), absl::StrCat(session_.learner.learner, what));
  }
  static std::string Uuid() { return "11111111-1111-4111-8111-111111111111"; }

  WriteCommand Command(absl::string_view what) const {
    WriteCommand command;
    command.session = session_;
    command.event_id = Id(what);
    command.content_sha256 = std::string(what);
    return command;
  }

  // On its own question a device says what it has seen: nobody but the worker is there. On the other it does not.
  void Practise(const std::string& device, unsigned seed) {
    std::mt19937 random(seed);
    int64_t seen = 1;
    for (int number = 0; number < kActsOfADevice; ++number) {
      if (random() % 8 == 0) replicas_.live.gate().Fail("Put", absl::UnavailableError("away"), 1);
      if (random() % 8 == 0) replicas_.live.gate().Fail("Begin", absl::UnavailableError("away"), 1);
      const bool own = random() % 2 == 0;
      const std::string question = own ? device : "both";
      const Act act = kActs[random() % std::size(kActs)];
      if (random() % 4 == 0) {
        const int64_t sequence = Sync(device, number, act, question, random);
        if (own) seen = sequence;
        continue;
      }
      WriteCommand command = Command(absl::StrCat(device, number));
      command.device = device;
      command.question = question;
      command.seen_sequence = own ? seen : 0;
      command.decide = [&](const v1::LiveState* state) {
        const Ruling ruling = Decide(*state, question, act, absl::Now(), 2);
        if (!ruling.applies()) return Verdict::Refuse(absl::FailedPreconditionError("by the state table"));
        return Verdict::Write(PayloadOf(act, question));
      };
      const std::string id = command.event_id;
      auto outcome = SyncWait(replicas_.ledgers[random() % 2].Write(command, Soon()));
      // A device that never pauses can take the other's place until the tries are spent; then a client calls again. Were
      // it for what it has seen, calling again would not help. Grades take places too, and spend none.
      for (int again = 0; again < kAgain && ReasonOf(outcome.status()) == "SESSION_MOVED"; ++again) {
        ++replicas_.spent;
        outcome = SyncWait(replicas_.ledgers[random() % 2].Write(command, Soon()));
      }
      if (!outcome.ok()) {
        EXPECT_EQ(outcome.status().message(), "by the state table") << outcome.status();
        continue;
      }
      seen = outcome->event.seq;
      absl::MutexLock lock(&mutex_);
      acknowledged_[id] = seen;
      if (act == Act::kSubmit) ungraded_.Push(id);
    }
  }

  // What the device did up to a second ago; taken whatever the state table says. Its sequence.
  int64_t Sync(const std::string& device, int number, Act act, const std::string& question,
               std::mt19937& random) {
    Event item;
    item.learner = session_.learner;
    item.event_id = Id(absl::StrCat(device, number));
    item.session = session_.session;
    item.occurred_time = replicas_.clock.Now() - absl::Milliseconds(random() % 1000);
    item.device = device;
    item.device_seq = number + 1;
    item.content_sha256 = absl::StrCat(device, number);
    item.payload = PayloadOf(act, question);
    item.kind = KindOf(item.payload);
    MergeCommand command;
    command.learner = session_.learner;
    command.device = device;
    command.items = {item};
    auto merged = SyncWait(replicas_.ledgers[random() % 2].Merge(command, Soon()));
    for (int again = 0; again < kAgain && ReasonOf(merged.status()) == "SESSION_MOVED"; ++again) {
      ++replicas_.spent;
      merged = SyncWait(replicas_.ledgers[random() % 2].Merge(command, Soon()));
    }
    EXPECT_TRUE(merged.ok() && (*merged)[0].refusal.ok()) << merged.status();
    if (!merged.ok()) return 0;
    absl::MutexLock lock(&mutex_);
    acknowledged_[item.event_id] = (*merged)[0].seq;
    if (act == Act::kSubmit) ungraded_.Push(item.event_id);
    return (*merged)[0].seq;
  }

  static v1::EventPayload PayloadOf(Act act, const std::string& question) {
    v1::EventPayload payload;
    switch (act) {
      case Act::kSubmit:
        payload.mutable_submitted()->set_question(question);
        payload.mutable_submitted()->set_text("an answer");
        break;
      case Act::kTakeHint:
        payload.mutable_hint_taken()->set_question(question);
        break;
      case Act::kReveal:
        payload.mutable_revealed()->set_question(question);
        break;
      case Act::kRate:
        payload.mutable_rated()->set_question(question);
        break;
      case Act::kSkip:
        payload.mutable_skipped()->set_question(question);
        break;
    }
    return payload;
  }

  // As GradeWorker records it, on either replica, each grade twice: two workers may have had the lease.
  void Grade() {
    for (std::string answer = ungraded_.Pop(); !answer.empty(); answer = ungraded_.Pop()) {
      for (Ledger& ledger : replicas_.ledgers) {
        WriteCommand command;
        command.session = session_;
        command.event_id = Ledger::GradeEventId(answer, v1::GRADE_CAUSE_INITIAL, 0);
        command.decide = [&answer](const v1::LiveState*) {
          v1::EventPayload payload;
          payload.mutable_graded()->set_answer(answer);
          payload.mutable_graded()->set_cause(v1::GRADE_CAUSE_INITIAL);
          payload.mutable_graded()->mutable_report()->set_score(50);
          return Verdict::Write(payload);
        };
        auto outcome = SyncWait(ledger.Write(command, Soon()));
        for (int again = 0; again < kAgain && ReasonOf(outcome.status()) == "SESSION_MOVED"; ++again) {
          outcome =
              SyncWait(ledger.Write(command, Soon()));  // nobody waits for a grade: the worker postpones it
        }
        EXPECT_TRUE(outcome.ok()) << outcome.status();
      }
      ++graded_;
    }
  }

  // The log has all that was acknowledged, once, without holes; each replica tells of it as its replay does.
  void Check() {
    const std::vector<Event> events = *SyncWait(replicas_.log.ReadSession(session_, 0, Soon()));
    size_t found = 0, grades = 0;
    for (size_t i = 0; i < events.size(); ++i) {
      ASSERT_EQ(events[i].seq, static_cast<int64_t>(i) + 1);
      grades += events[i].payload.has_graded() ? 1 : 0;
      const auto acknowledged = acknowledged_.find(events[i].event_id);
      if (acknowledged == acknowledged_.end()) continue;
      EXPECT_EQ(acknowledged->second, events[i].seq);
      ++found;
    }
    EXPECT_EQ(found, acknowledged_.size());
    EXPECT_EQ(grades, graded_);
    EXPECT_EQ(events.size(), 1 + found + grades);
    replicas_.live.gate().Heal();
    const std::string replayed = DeterministicBytes(FoldSession(events)->live);
    for (Ledger& ledger : replicas_.ledgers) {
      SyncWait(ledger.Settle(100, Soon()));
      const auto told = SyncWait(ledger.Load(session_, events.back().seq, false, Soon()));
      ASSERT_TRUE(told.ok()) << told.status();
      EXPECT_EQ(DeterministicBytes(told->state), replayed);
    }
  }

  Replicas& replicas_;
  std::mt19937 random_;
  SessionKey session_;
  Ungraded ungraded_;
  size_t graded_ = 0;
  absl::Mutex mutex_;
  std::map<std::string, int64_t> acknowledged_;
};

TEST(ReplicasTest, WhateverTheOrderTheLogIsWholeAndTheStateItsReplay) {
  auto replicas = std::make_unique<Replicas>();
  for (int number = 0; number < kInterleavings && !::testing::Test::HasFailure(); ++number) {
    if (number % 1000 == 0) replicas = std::make_unique<Replicas>();  // the fakes keep all
    SCOPED_TRACE(absl::StrCat("interleaving ", number));
    Interleaving(*replicas, number).Run();
    EXPECT_LE(replicas->spent, 2 * kActsOfADevice) << "more than one write in a thousand";
  }
}

}  // namespace
}  // namespace greenroom::session
