// Over real stores the same is selected as over the fakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/base/metrics.h"
#include "services/base/sql/test_store.h"
#include "services/session/exposures.h"
#include "services/session/gradebook/fake_gradebook_store.h"
#include "services/session/gradebook/sql_gradebook_store.h"
#include "services/session/index/fake_memory_index.h"
#include "services/session/index/sql_memory_index.h"
#include "services/session/log/fake_event_log.h"
#include "services/session/log/sql_event_log.h"
#include "services/session/memory/random_log.h"
#include "services/session/memory_deriver.h"
#include "services/session/question_selector.h"

namespace greenroom::session {
namespace {

using sql::DialectName;

absl::Time Soon() { return absl::Now() + absl::Seconds(60); }

// A selector and what it goes by.
struct Selecting {
  Selecting(EventLog& log, MemoryIndex& index, GradebookStore& store, const Clock& clock)
      : deriver(log, index, metrics),
        exposures(store, clock),
        selector(log, index, deriver, exposures, clock, metrics, {.patience = absl::Seconds(30)}) {}

  MetricsRegistry metrics;
  MemoryDeriver deriver;
  Exposures exposures;
  QuestionSelector selector;
};

class SelectorStoresTest : public ::testing::TestWithParam<DialectName> {
 protected:
  void Write(const std::vector<Event>& unit) {
    for (EventLog* log : {static_cast<EventLog*>(&fake_log_), static_cast<EventLog*>(sql_log_.get())}) {
      const auto written = SyncWait(log->Append(unit, Soon()));
      ASSERT_TRUE(written.ok()) << written.status();
      ASSERT_EQ(*written, AppendOutcome::kWritten);
    }
  }
  static std::vector<std::string> Select(Selecting& from, const std::string& learner, int32_t count,
                                         int64_t seed) {
    std::vector<content::v1::Question> questions;
    std::vector<std::string> fitting;
    for (int i = 0; i < 15; ++i) {
      content::v1::Question& question = questions.emplace_back();
      question.set_id(absl::StrCat("q", i));
      question.set_topic(absl::StrCat("t", i % 4));
      question.set_difficulty(1 + i % 5);
      fitting.push_back(question.id());
    }
    LearnerKey key = {"acme", learner};
    return SyncWait(from.selector.Select(std::move(key), OutlineOf(LearnerLog::Pack(), {}, questions),
                                         std::move(fitting), count, seed, Soon()));
  }

  sql::TestStore store_{GetParam()};
  std::unique_ptr<sql::Database> database_ = sql::OpenOrDie(store_.url());
  std::unique_ptr<SqlEventLog> sql_log_ = SqlEventLog::Open(*database_).value();
  std::unique_ptr<SqlMemoryIndex> sql_index_ = SqlMemoryIndex::Open(*database_).value();
  std::unique_ptr<SqlGradebookStore> sql_gradebook_ = SqlGradebookStore::Open(*database_).value();
  FakeClock clock_;
  FakeEventLog fake_log_;
  FakeMemoryIndex fake_index_{fake_log_};
  FakeGradebookStore fake_gradebook_{fake_log_};
};
INSTANTIATE_TEST_SUITE_P(Drivers, SelectorStoresTest, sql::Drivers(), sql::DriverName);

TEST_P(SelectorStoresTest, TheSameAsOverTheFakes) {
  LearnerLog ada = RandomLog(3).Log(300);
  clock_.Advance(ada.now() + absl::Hours(24 * 30) - clock_.Now());
  Write(ada.events());
  for (int i = 0; i < 30; ++i) {
    Event event = ada.events()[0];
    event.learner.learner = absl::StrCat("learner-", i);
    event.event_id = event.session = absl::StrFormat("%08x-2222-4222-8222-222222222222", i);
    event.seq = 1;
    event.device = "";
    event.device_seq.reset();
    v1::Created& created = *event.payload.mutable_created();
    created.set_revision(LearnerLog::Pack() + "/revisions/r1");
    created.clear_questions();
    created.add_questions("q2");
    created.add_questions(absl::StrCat("q", i % 15));
    event.kind = KindOf(event.payload);
    Write({event});
  }
  Selecting real(*sql_log_, *sql_index_, *sql_gradebook_, clock_);
  Selecting fake(fake_log_, fake_index_, fake_gradebook_, clock_);
  for (const char* learner : {"ada", "learner-4", "nobody"}) {
    for (int seed = 1; seed <= 4; ++seed) {
      const std::vector<std::string> plan = Select(real, learner, 3 * seed, seed);
      EXPECT_EQ(plan, Select(fake, learner, 3 * seed, seed)) << learner;
      EXPECT_EQ(plan.size(), static_cast<size_t>(3 * seed)) << learner;
    }
  }
  EXPECT_NE(Select(real, "ada", 5, 1), Select(real, "nobody", 5, 1)) << "what is known of ada counts";
  for (const Selecting* one : {&real, &fake}) {
    EXPECT_THAT(one->metrics.Text(), ::testing::Not(::testing::HasSubstr("selection_unknowns_total")));
  }
}

}  // namespace
}  // namespace greenroom::session
