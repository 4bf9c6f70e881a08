// What it costs to create a session by criteria, beyond one of explicit questions: selecting ten of 200 questions on SQLite.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/base/metrics.h"
#include "services/base/sql/test_database.h"
#include "services/session/exposures.h"
#include "services/session/gradebook/sql_gradebook_store.h"
#include "services/session/index/sql_memory_index.h"
#include "services/session/log/sql_event_log.h"
#include "services/session/memory/learner_log.h"
#include "services/session/memory_deriver.h"
#include "services/session/question_selector.h"

namespace greenroom::session {
namespace {

constexpr int kQuestions = 200;
constexpr int kAnswers = 10;  // a session

absl::Time Soon() { return absl::Now() + absl::Seconds(120); }

std::string QuestionId(int number) { return absl::StrCat("question-", number % kQuestions); }

class World {
 public:
  // A learner's history of at least so many events: sessions of ten answers, one a day, the questions in turn.
  explicit World(int64_t events) {
    for (int i = 0; i < kQuestions; ++i) {
      content::v1::Question& question = questions_.emplace_back();
      question.set_id(QuestionId(i));
      question.set_topic(absl::StrCat("topic-", i % 8));
      question.set_difficulty(1 + i % 5);
      fitting_.push_back(question.id());
    }
    outline_ = OutlineOf(LearnerLog::Pack(), {}, questions_);
    while (static_cast<int64_t>(history_.events().size()) < events) Practise();
    Know();
  }

  // One more session of the learner's.
  void Practise() {
    const size_t before = history_.events().size();
    history_.At(history_.now() + absl::Hours(24));
    std::vector<std::string> asked;
    asked.reserve(kAnswers);
    for (int i = 0; i < kAnswers; ++i) asked.push_back(QuestionId(next_++));
    const std::string session = history_.Begin(asked);
    for (const std::string& question : asked) history_.Answer(session, question, 40 + next_ * 7 % 60);
    const std::vector<Event> unit(history_.events().begin() + static_cast<int64_t>(before),
                                  history_.events().end());
    ok_ = ok_ && SyncWait(log_->Append(unit, Soon())).ok();
    clock_.Advance(history_.now() - clock_.Now());
  }
  void Know() {
    while (ok_ && !history_.events().empty()) {
      const auto reflected = SyncWait(deriver_.CatchUp(LearnerLog::Learner(), Soon()));
      ok_ = reflected.ok();
      if (ok_ && *reflected == history_.events().back().seq) return;
    }
  }
  bool Select() {
    std::vector<std::string> fitting = fitting_;
    PackOutline outline = outline_;
    const std::vector<std::string> plan = SyncWait(selector_.Select(
        LearnerLog::Learner(), std::move(outline), std::move(fitting), kAnswers, ++seed_, Soon()));
    return ok_ && plan.size() == kAnswers;
  }
  // Whether everything was known in time.
  bool KnewAll() const { return metrics_.Text().find("selection_unknowns") == std::string::npos; }
  bool ReadPlans() {
    return SyncWait(gradebook_->NewestPlans("acme", ExposureOptions().sessions, Soon())).ok();
  }

 private:
  sql::TestFolder folder_;
  std::unique_ptr<sql::Database> database_ = sql::Database::Open(folder_.Url()).value();
  std::unique_ptr<SqlEventLog> log_ = SqlEventLog::Open(*database_).value();
  std::unique_ptr<SqlMemoryIndex> index_ = SqlMemoryIndex::Open(*database_).value();
  std::unique_ptr<SqlGradebookStore> gradebook_ = SqlGradebookStore::Open(*database_).value();
  FakeClock clock_;
  MetricsRegistry metrics_;
  MemoryDeriver deriver_{*log_, *index_, metrics_};
  Exposures exposures_{*gradebook_, clock_};
  QuestionSelector selector_{
      *log_, *index_, deriver_, exposures_, clock_, metrics_, {.patience = absl::Seconds(60)}};
  LearnerLog history_;
  std::vector<content::v1::Question> questions_;
  std::vector<std::string> fitting_;
  PackOutline outline_;
  int next_ = 0;
  int64_t seed_ = 0;
  bool ok_ = true;
};

// The learner's log is known already, and what others were asked too.
void BM_Select(benchmark::State& state) {
  World world(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    if (!world.Select()) return state.SkipWithError("nothing was selected");
  }
  if (!world.KnewAll()) state.SkipWithError("something was not known in time");
}
BENCHMARK(BM_Select)
    ->Arg(0)
    ->Arg(1000)
    ->Arg(10000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// A session came to an end just before, and it is a day since others were looked at.
void BM_SelectAfterASession(benchmark::State& state) {
  World world(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    world.Practise();
    state.ResumeTiming();
    if (!world.Select()) return state.SkipWithError("nothing was selected");
  }
  if (!world.KnewAll()) state.SkipWithError("something was not known in time");
}
BENCHMARK(BM_SelectAfterASession)
    ->Arg(1000)
    ->Arg(10000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// What all of it waits for once a minute: the newest creations of the tenant.
void BM_ReadPlans(benchmark::State& state) {
  World world(state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    if (!world.ReadPlans()) return state.SkipWithError("nothing was read");
  }
}
BENCHMARK(BM_ReadPlans)->Arg(10000)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace greenroom::session

BENCHMARK_MAIN();
