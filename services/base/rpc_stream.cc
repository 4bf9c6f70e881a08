#include "services/base/rpc_stream.h"

namespace greenroom::rpc_internal {

Task<bool> StreamGate::Await(std::function<void()> operation) {
  auto start = [this, &operation](auto done) {
    bool expired = false;
    {
      absl::MutexLock lock(&mutex_);
      expired = expired_;
      if (!expired) {
        waiting_ = done;
        busy_ = true;
      }
    }
    expired ? done(false) : operation();
  };
  const bool ok = co_await AwaitCallback<bool>(start);
  co_return ok;
}

void StreamGate::Complete(bool ok) {
  std::function<void(bool)> done;
  {
    absl::MutexLock lock(&mutex_);
    busy_ = false;
    done.swap(waiting_);
  }
  if (done) done(ok);
}

void StreamGate::Expire() {
  std::function<void(bool)> done;
  {
    absl::MutexLock lock(&mutex_);
    expired_ = true;
    done.swap(waiting_);
  }
  if (done) done(false);
}

bool StreamGate::busy() const {
  absl::MutexLock lock(&mutex_);
  return busy_;
}

absl::Status StreamGate::Why(const absl::Status& otherwise) const {
  absl::MutexLock lock(&mutex_);
  return expired_ ? absl::DeadlineExceededError("the stream's deadline has passed") : otherwise;
}

void ExpireAt(absl::Time deadline, const std::shared_ptr<StreamGate>& gate, grpc::Alarm& alarm) {
  alarm.Set(absl::ToChronoTime(deadline), [gate](bool reached) {
    if (reached) gate->Expire();
  });
}

grpc::WriteOptions CompressionFor(size_t message_bytes) {
  grpc::WriteOptions options;
  if (message_bytes <= kCompressAbove) options.set_no_compression();
  return options;
}

}  // namespace greenroom::rpc_internal
