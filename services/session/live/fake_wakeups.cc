#include "services/session/live/fake_wakeups.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace greenroom::session {

class FakeWakeups::Core {
 public:
  Core() : thread_([this] { Run(); }) {}

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  uint64_t Add(SessionKey session, std::function<void()> listener) {
    const std::lock_guard lock(mutex_);
    const uint64_t id = ++last_id_;
    listeners_[id] = {std::move(session), std::make_shared<std::function<void()>>(std::move(listener))};
    if (!broken_) due_.push_back(id);
    changed_.notify_all();
    return id;
  }
  void Remove(uint64_t id) {
    std::unique_lock lock(mutex_);
    listeners_.erase(id);
    if (std::this_thread::get_id() == thread_.get_id()) return;
    changed_.wait(lock, [&] { return running_ != id; });
  }
  // Every listener of the session; of all where there is none.
  void Wake(const SessionKey* session) {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, listener] : listeners_) {
      if (!broken_ && (session == nullptr || listener.session == *session)) due_.push_back(id);
    }
    changed_.notify_all();
  }
  void SetBroken(bool broken) {
    const std::lock_guard lock(mutex_);
    broken_ = broken;
    if (broken) due_.clear();
  }
  int listening() {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(listeners_.size());
  }
  int runs() {
    const std::lock_guard lock(mutex_);
    return runs_;
  }

 private:
  struct Listener {
    SessionKey session;
    std::shared_ptr<std::function<void()>> call;
  };

  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stopping_ || !due_.empty(); });
      if (stopping_) return;
      const uint64_t id = due_.front();
      due_.pop_front();
      const auto found = listeners_.find(id);
      if (found == listeners_.end()) continue;
      std::shared_ptr<std::function<void()>> call = found->second.call;
      running_ = id;
      ++runs_;
      lock.unlock();
      (*call)();
      call.reset();
      lock.lock();
      running_ = 0;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, Listener> listeners_;
  std::deque<uint64_t> due_;
  uint64_t last_id_ = 0;
  uint64_t running_ = 0;
  int runs_ = 0;
  bool broken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

FakeWakeups::FakeWakeups() : core_(std::make_shared<Core>()) {}
FakeWakeups::~FakeWakeups() { core_->Stop(); }

void FakeWakeups::Wake(const SessionKey& session) { core_->Wake(&session); }
void FakeWakeups::Break() { core_->SetBroken(true); }
void FakeWakeups::Heal() {
  core_->SetBroken(false);
  core_->Wake(nullptr);
}
int FakeWakeups::listening() const { return core_->listening(); }
int FakeWakeups::runs() const { return core_->runs(); }

std::unique_ptr<Wakeups::Listening> FakeWakeups::Listen(SessionKey session, std::function<void()> listener) {
  class Ear final : public Listening {
   public:
    Ear(std::shared_ptr<Core> core, SessionKey heard, std::function<void()> call)
        : core_(std::move(core)), id_(core_->Add(std::move(heard), std::move(call))) {}
    ~Ear() override { core_->Remove(id_); }

   private:
    const std::shared_ptr<Core> core_;
    const uint64_t id_;
  };
  return std::make_unique<Ear>(core_, std::move(session), std::move(listener));
}

}  // namespace greenroom::session
