#include "tests/e2e/load/load.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/task.h"

namespace greenroom::e2e {
namespace {

// After a failed business call, so that a service that is gone does not fill the ledger.
constexpr absl::Duration kPauseAfterFailure = absl::Milliseconds(200);

}  // namespace

absl::StatusOr<std::unique_ptr<Load>> Load::Start(LoadOptions options) {
  std::unique_ptr<Load> load(new Load(std::move(options)));
  const LoadOptions& given = load->options_;
  ASSIGN_OR_RETURN(load->ledger_, CallLedger::Create(given.ledger));
  for (int i = 0; i < given.learners; ++i) {
    Learner::Options learner;
    learner.target = given.target;
    learner.service_config = given.service_config;
    learner.name = absl::StrCat(given.name, "-", i);
    learner.device = "laptop";
    learner.policy = given.policy;
    ASSIGN_OR_RETURN(learner.token, given.token(learner.name));
    load->learners_.push_back(std::make_unique<Learner>(std::move(learner), load->witness()));
    RETURN_IF_ERROR(load->learners_.back()->Create());
  }
  {
    absl::MutexLock lock(&load->mutex_);
    load->done_in_.resize(load->learners_.size());
  }
  for (size_t i = 0; i < load->learners_.size(); ++i) {
    load->threads_.emplace_back([self = load.get(), i] { self->Practise(i); });
  }
  return load;
}

Load::~Load() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void Load::Practise(size_t number) {
  Learner& learner = *learners_[number];
  for (int64_t round = 0; BeginTurn(round); EndTurn(number, round)) {
    if (learner.Turn(turns_++).ok()) continue;
    absl::SleepFor(kPauseAfterFailure);
    learner.Create().IgnoreError();  // counted as any other call
  }
}

bool Load::BeginTurn(int64_t& round) {
  absl::MutexLock lock(&mutex_);
  if (options_.turns_per_second > 0) {
    // Each takes the next place in time when it comes, so that nobody is passed over. A rate that was missed is not
    // caught up with.
    const absl::Time mine = std::max(next_turn_, absl::Now());
    next_turn_ = mine + absl::Seconds(1 / options_.turns_per_second);
    mutex_.AwaitWithDeadline(absl::Condition(&stopping_), mine);
  }
  const auto may_begin = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return running_ || stopping_; };
  mutex_.Await(absl::Condition(&may_begin));
  if (stopping_) return false;
  ++in_turn_;
  round = round_;
  return true;
}

void Load::EndTurn(size_t number, int64_t round) {
  absl::MutexLock lock(&mutex_);
  --in_turn_;
  done_in_[number] = round;
}

void Load::Resume() {
  absl::MutexLock lock(&mutex_);
  running_ = true;
}

void Load::Pause() {
  {
    absl::MutexLock lock(&mutex_);
    running_ = false;
    const auto idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return in_turn_ == 0; };
    mutex_.Await(absl::Condition(&idle));
  }
  ledger_->Sync();
}

absl::Status Load::WaitForTurns(int64_t more, absl::Duration timeout) {
  const int64_t target = turns_ + more;
  const absl::Time end = absl::Now() + timeout;
  while (turns_ < target) {
    if (absl::Now() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat("the sessions do not go on: ", target - turns_, " of ", more, " turns are missing"));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return absl::OkStatus();
}

absl::Status Load::WaitForEach(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  ++round_;
  const auto all_done = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return std::all_of(done_in_.begin(), done_in_.end(),
                       [this](int64_t round) ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return round >= round_; });
  };
  if (mutex_.AwaitWithTimeout(absl::Condition(&all_done), timeout)) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat(
      std::count_if(done_in_.begin(), done_in_.end(),
                    [this](int64_t round) ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return round < round_; }),
      " of ", done_in_.size(), " learners do not go on"));
}

}  // namespace greenroom::e2e
