#include "tests/e2e/load/business_call.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"

namespace greenroom::e2e {
namespace {

constexpr size_t kFailuresTold = 20;

}  // namespace

void CallStatistics::Refused(absl::string_view method, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  ++counts_.refusals;
  ++counts_
        .refused[absl::StrCat(method, " ", absl::StatusCodeToString(status.code()), " ", ReasonOf(status))];
}

void CallStatistics::Add(absl::string_view method, absl::Duration took, int tries,
                         const absl::Status& failure) {
  absl::MutexLock lock(&mutex_);
  ++counts_.calls;
  counts_.repeats += tries - 1;
  times_[std::string(method)].push_back(took);
  if (failure.ok()) return;
  ++counts_.failed;
  if (counts_.failures.size() < kFailuresTold) {
    counts_.failures.push_back(absl::StrCat(absl::FormatTime("%H:%M:%E3S", absl::Now(), absl::UTCTimeZone()),
                                            " ", method, " after ", tries, " tries: ", failure.ToString()));
  }
}

CallStatistics::Counts CallStatistics::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

absl::Duration CallStatistics::Percentile(absl::string_view method, double share) const {
  absl::MutexLock lock(&mutex_);
  const auto found = times_.find(std::string(method));
  if (found == times_.end() || found->second.empty()) return absl::ZeroDuration();
  std::vector<absl::Duration> times = found->second;
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(times.size())));
  const size_t at = std::clamp<size_t>(rank, 1, times.size()) - 1;
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(at), times.end());
  return times[at];
}

int64_t CallStatistics::TimesOf(absl::string_view method) const {
  absl::MutexLock lock(&mutex_);
  const auto found = times_.find(std::string(method));
  return found == times_.end() ? 0 : static_cast<int64_t>(found->second.size());
}

void CallStatistics::Served(const std::string& peer) {
  absl::MutexLock lock(&mutex_);
  ++counts_.served_by[peer];
}

void CallStatistics::ForgetTimes() {
  absl::MutexLock lock(&mutex_);
  times_.clear();
}

BusinessCall::BusinessCall(CallWitness witness, const CallPolicy& policy, absl::string_view learner,
                           absl::string_view token, absl::string_view method, absl::string_view id,
                           std::initializer_list<absl::string_view> expected)
    : witness_(witness), policy_(policy), token_(token), expected_(expected.begin(), expected.end()) {
  record_.learner = std::string(learner);
  record_.method = std::string(method);
  record_.id = std::string(id);
}

void BusinessCall::Begin(grpc::ClientContext& context) {
  ++tries_;
  record_.answered = false;
  record_.time = absl::Now();
  witness_.ledger.Attempt(record_);
  if (tries_ == 1) begun_ = absl::Now();  // the wait for the ledger's disk is not the services'
  context.set_wait_for_ready(true);
  context.set_deadline(absl::ToChronoTime(absl::Now() + policy_.try_timeout));
  context.AddMetadata("authorization", absl::StrCat("Bearer ", token_));
}

void BusinessCall::Answered(const grpc::Status& status, int64_t sequence, bool replayed) {
  status_ = FromGrpc(status);
  record_.answered = true;
  record_.time = absl::Now();
  record_.code = status_.code();
  record_.reason = ReasonOf(status_);
  record_.sequence = status_.ok() ? sequence : 0;
  record_.replayed = status_.ok() && replayed;
  witness_.ledger.Answered(record_);
  answered_ =
      status_.ok() || std::find(expected_.begin(), expected_.end(), record_.reason) != expected_.end();
  if (!status_.ok()) witness_.statistics.Refused(record_.method, status_);
}

bool BusinessCall::Again() {
  const bool asks = absl::IsUnavailable(status_) || absl::IsDeadlineExceeded(status_) ||
                    (absl::IsResourceExhausted(status_) && ReasonOf(status_) == "OVERLOADED");
  if (answered_ || !asks || absl::Now() - begun_ >= policy_.business_timeout) return false;
  absl::SleepFor(std::max(policy_.pause, RetryDelayOf(status_).value_or(absl::ZeroDuration())));
  return true;
}

absl::Status BusinessCall::Finish() {
  witness_.statistics.Add(record_.method, absl::Now() - begun_, tries_,
                          answered_ ? absl::OkStatus() : status_);
  return status_;
}

}  // namespace greenroom::e2e
