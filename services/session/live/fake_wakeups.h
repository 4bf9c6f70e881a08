// FakeWakeups: wake-ups within one process, for tests.
#ifndef GREENROOM_SERVICES_SESSION_LIVE_FAKE_WAKEUPS_H_
#define GREENROOM_SERVICES_SESSION_LIVE_FAKE_WAKEUPS_H_

#include <functional>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/session/live/wakeups.h"

namespace greenroom::session {

// Keeps the contract of Wakeups with one thread of its own, on which all listeners run. Connect it to a FakeLiveStore:
//   store.OnWakeUp([&](const SessionKey& session) { wakeups.Wake(session); });
class FakeWakeups final : public Wakeups {
 public:
  FakeWakeups();
  ~FakeWakeups() override;  // nobody listens any more

  // What a write does. Lost while it is broken.
  void Wake(const SessionKey& session);
  // The connection is lost: nobody is woken.
  void Break();
  // It is back: everybody is woken.
  void Heal();
  // How many listen now.
  int listening() const;
  // How many runs of listeners there were.
  int runs() const;

  std::unique_ptr<Listening> Listen(SessionKey session, std::function<void()> listener) override;

 private:
  class Core;
  // Whoever listens may be gone later than this.
  const std::shared_ptr<Core> core_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_FAKE_WAKEUPS_H_
