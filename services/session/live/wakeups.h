// Wakeups: the port to "something was written to this session", by whatever process. A wake-up says nothing of what was
// written: whoever is woken looks.
#ifndef GREENROOM_SERVICES_SESSION_LIVE_WAKEUPS_H_
#define GREENROOM_SERVICES_SESSION_LIVE_WAKEUPS_H_

#include <functional>
#include <memory>

#include "services/session/domain/keys.h"

namespace greenroom::session {

// Thread-safe.
class Wakeups {
 public:
  // Listens for as long as it lives. After its destructor the listener does not run and will not run again; the
  // destructor waits for a run under way, except where that run destroys it. So hold no mutex that the listener takes.
  class Listening {
   public:
    virtual ~Listening() = default;
  };

  virtual ~Wakeups() = default;

  // Calls `listener` soon after each write of the session's live state that a LiveStore reports as kWritten; and when it
  // begins to hear, at first and again after each break: what was written before that may have been missed. Never while
  // the store is away: whoever must not be late looks by the clock too. Never before Listen has returned on the thread
  // that called it. The listener must not block. Any number may listen to one session; all of a process's listeners
  // share one connection, which asks the store only for sessions that somebody listens to.
  virtual std::unique_ptr<Listening> Listen(SessionKey session, std::function<void()> listener) = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LIVE_WAKEUPS_H_
