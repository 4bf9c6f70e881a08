// Whatever the order, the duplicates and the pieces in which devices' outboxes arrive, the learner's state is one.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/base/metrics.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/outbox.h"
#include "services/session/domain/state_hash.h"
#include "services/session/domain/wire_time.h"
#include "services/session/ledger.h"
#include "services/session/live/fake_live_store.h"
#include "services/session/log/fake_event_log.h"

namespace greenroom::session {
namespace {

// Sanitized builds run fewer.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kLogs = 500;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kLogs = 500;
#else
constexpr int kLogs = 10'000;
#endif
#else
constexpr int kLogs = 10'000;
#endif
constexpr int kOrders = 20;
constexpr int kMostEvents = 200;
constexpr size_t kMostInACall = 100;
const char* const kDevices[] = {"phone", "tablet", "laptop"};

absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

// What happened to one learner: on three devices that were away, and what the server added to it.
class RandomLog {
 public:
  explicit RandomLog(unsigned seed) : random_(seed) {
    // One in eight is of any size, the others are small: much is to be met in little.
    const int events = Draw(8) == 0 ? 1 + Draw(kMostEvents) : 1 + Draw(40);
    const int sessions = 1 + Draw(3);
    for (int i = 0; i < sessions; ++i) sessions_.push_back(Id("session", i));
    for (int i = 0; i < events; ++i) Add(i);
  }

  struct Item {
    std::string device;
    v1::OutboxItem item;
  };
  const std::vector<Item>& items() const { return items_; }
  // The server's own: grades, and the follow-ups they added. Seq and head are given when they are written.
  const std::vector<Event>& grades() const { return grades_; }
  const std::vector<std::string>& sessions() const { return sessions_; }
  int Draw(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  template <typename T>
  void Shuffle(std::vector<T>& values) {
    std::shuffle(values.begin(), values.end(), random_);
  }

 private:
  static std::string Id(absl::string_view what, int number) {
    const unsigned kind = what == "session" ? 1 : what == "item" ? 2 : 3;
    return absl::StrFormat("%08x-%04x-4000-8000-000000000000", number, kind);
  }

  // Ties are frequent, and the devices' clocks are anything.
  google::protobuf::Timestamp AnyTime() {
    return ToTimestamp(absl::FromUnixSeconds(1767258000) - absl::Hours(1) + absl::Milliseconds(Draw(60)));
  }
  std::string AnyQuestion() {
    const char* const questions[] = {"q1", "q2", "q3", "f1", "elsewhere"};
    return questions[Draw(5)];
  }

  void Add(int number) {
    if (!answers_.empty() && Draw(5) == 0) return AddGrade(number);
    const std::string& device = kDevices[Draw(3)];
    Item& added = items_.emplace_back();
    added.device = device;
    v1::OutboxItem& item = added.item;
    const size_t session = static_cast<size_t>(Draw(static_cast<int>(sessions_.size())));
    item.set_session(sessions_[session]);
    item.set_id(Id("item", number));
    *item.mutable_occurred_time() = AnyTime();
    item.set_device_seq(++numbers_[device]);
    const bool begins = begun_ < sessions_.size() && Draw(4) == 0;
    if (begins) return Begin(item);
    switch (Draw(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        item.mutable_answer()->set_question(AnyQuestion());
        item.mutable_answer()->set_text(absl::StrCat("answer ", number));
        answers_.push_back({item.session(), item.id(), item.answer().question()});
        break;
      case 4:
        item.mutable_hint()->set_question(AnyQuestion());
        break;
      case 5:
        item.mutable_reveal()->set_question(AnyQuestion());
        break;
      case 6:
      case 7:
        item.mutable_rating()->set_question(AnyQuestion());
        item.mutable_rating()->set_rating(Draw(2) == 0 ? v1::RATING_AGAIN : v1::RATING_EASY);
        item.mutable_rating()->add_claimed_points(absl::StrCat("point-", Draw(3)));
        break;
      case 8:
        item.mutable_skip()->set_question(AnyQuestion());
        break;
      default:
        if (Draw(4) == 0) {
          item.mutable_finish();
        } else {
          item.mutable_hint()->set_question(AnyQuestion());
        }
    }
  }

  // Not every session's creation is among the events, and none need be the first.
  void Begin(v1::OutboxItem& item) {
    item.set_session(sessions_[begun_]);
    item.set_id(item.session());
    ++begun_;
    item.mutable_begin()->set_revision("tenants/acme/packs/p/revisions/r1");
    item.mutable_begin()->set_mode(Draw(4) == 0 ? v1::SESSION_MODE_REVIEW : v1::SESSION_MODE_PRACTICE);
    for (const char* question : {"q1", "q2", "q3"}) item.mutable_begin()->add_questions(question);
  }

  void AddGrade(int number) {
    const Answer& answer = answers_[static_cast<size_t>(Draw(static_cast<int>(answers_.size())))];
    Event event;
    event.learner = {"acme", "ada"};
    event.session = answer.session;
    event.event_id = Id("server's", number);
    event.occurred_time = absl::FromUnixSeconds(1767258000) - absl::Hours(1) + absl::Milliseconds(Draw(90));
    event.received_time = absl::FromUnixSeconds(1767258000);
    if (Draw(5) == 0) {
      v1::FollowUpAdded& added = *event.payload.mutable_follow_up_added();
      added.set_parent(answer.question);
      added.set_question("f1");
      added.set_answer(answer.id);
    } else {
      v1::Graded& graded = *event.payload.mutable_graded();
      graded.set_answer(answer.id);
      graded.set_cause(Draw(3) == 0 ? v1::GRADE_CAUSE_REGRADE : v1::GRADE_CAUSE_INITIAL);
      graded.set_regrade_number(graded.cause() == v1::GRADE_CAUSE_REGRADE ? number : 0);
      graded.mutable_report()->set_score(Draw(101));
    }
    event.kind = KindOf(event.payload);
    grades_.push_back(std::move(event));
  }

  struct Answer {
    std::string session, id, question;
  };

  std::mt19937 random_;
  std::vector<std::string> sessions_;
  size_t begun_ = 0;
  std::map<std::string, int64_t> numbers_;
  std::vector<Answer> answers_;
  std::vector<Item> items_;
  std::vector<Event> grades_;
};

struct Stores {
  FakeClock clock;
  FakeEventLog log;
  FakeLiveStore live;
  MetricsRegistry registry;
  SessionMetrics metrics{registry};
  Ledger ledger{log, live, clock, metrics};
};

// One way in which a log's events arrive: the ledger's own, over a log and a live store that are empty at first.
class Arrival {
 public:
  Arrival(RandomLog& random, Stores& stores) : random_(random), stores_(stores) {
    stores_.log.Clear();
    stores_.live.Flush();
    for (size_t i = 0; i < random.items().size(); ++i) order_.push_back(i);
    for (size_t i = 0; i < random.grades().size(); ++i) order_.push_back(random.items().size() + i);
    random.Shuffle(order_);
    // Some come again, anywhere.
    const size_t copies = order_.empty() ? 0 : static_cast<size_t>(random.Draw(5));
    for (size_t i = 0; i < copies; ++i) {
      const auto at = static_cast<size_t>(random.Draw(static_cast<int>(order_.size())));
      const auto to = random.Draw(static_cast<int>(order_.size()));
      order_.insert(order_.begin() + to, order_[at]);
    }
  }

  // Yields the state's hash.
  std::string Run() {
    std::map<std::string, std::vector<Event>> outboxes;  // by device, what is on its way
    for (const size_t next : order_) {
      if (next >= random_.items().size()) {
        AppendTheServers(random_.grades()[next - random_.items().size()]);
        continue;
      }
      const RandomLog::Item& item = random_.items()[next];
      std::vector<Event>& outbox = outboxes[item.device];
      outbox.push_back(EventOf(Learner(), item.device, item.item));
      if (outbox.size() == kMostInACall || random_.Draw(12) == 0)
        Send(item.device, std::exchange(outbox, {}));
    }
    for (auto& [device, outbox] : outboxes) Send(device, std::move(outbox));
    return StateHash(stores_.log.Events(Learner()));
  }

  // Every item is there once, without holes.
  void ExpectWhole() const {
    const std::vector<Event> events = stores_.log.Events(Learner());
    EXPECT_EQ(events.size(), random_.items().size() + random_.grades().size());
    for (size_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].seq, static_cast<int64_t>(i) + 1);
  }
  // Live state is what the log says.
  void ExpectLiveStateIsItsReplay() {
    for (const std::string& id : random_.sessions()) {
      const SessionKey session = {Learner(), id};
      std::optional<SessionFold> fold = FoldSession(*SyncWait(stores_.log.ReadSession(session, 0, Soon())));
      const auto told =
          SyncWait(stores_.ledger.Load(session, stores_.log.Events(Learner()).back().seq, false, Soon()));
      ASSERT_EQ(told.ok(), fold.has_value()) << told.status();
      if (!fold.has_value()) continue;
      EXPECT_EQ(DeterministicBytes(WithoutSequences(told->state)),
                DeterministicBytes(WithoutSequences(fold->live)));
    }
  }

 private:
  static LearnerKey Learner() { return {"acme", "ada"}; }

  void Send(const std::string& device, std::vector<Event> items) {
    if (items.empty()) return;
    MergeCommand command;
    command.learner = Learner();
    command.device = device;
    command.items = std::move(items);
    const auto merged = SyncWait(stores_.ledger.Merge(std::move(command), Soon()));
    ASSERT_TRUE(merged.ok()) << merged.status();
    for (const MergedItem& item : *merged) ASSERT_TRUE(item.refusal.ok()) << item.refusal;
  }

  // As another replica's worker does, which knows the log's head.
  void AppendTheServers(Event event) {
    const int64_t head = SyncWait(stores_.log.Head(Learner(), Soon()))->seq;
    event.seq = head + 1;
    ASSERT_TRUE(SyncWait(stores_.log.Append({event}, Soon())).ok());  // a conflict where it is there already
  }

  RandomLog& random_;
  Stores& stores_;
  std::vector<size_t> order_;
};

TEST(MergeProperty, TheOrderTheDuplicatesAndThePiecesDoNotMatter) {
  Stores stores;
  for (int number = 0; number < kLogs && !::testing::Test::HasFailure(); ++number) {
    SCOPED_TRACE(absl::StrCat("log ", number));
    RandomLog random(static_cast<unsigned>(number));
    std::string first;
    for (int order = 0; order < kOrders && !::testing::Test::HasFailure(); ++order) {
      Arrival arrival(random, stores);
      const std::string hash = arrival.Run();
      if (order == 0) {
        first = hash;
        arrival.ExpectLiveStateIsItsReplay();
      }
      arrival.ExpectWhole();
      EXPECT_EQ(hash, first) << "order " << order;
    }
  }
}

}  // namespace
}  // namespace greenroom::session
