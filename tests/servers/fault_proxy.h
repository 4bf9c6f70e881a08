// FaultProxy: the network between a client and a server, which a test makes bad.
#ifndef GREENROOM_TESTS_SERVERS_FAULT_PROXY_H_
#define GREENROOM_TESTS_SERVERS_FAULT_PROXY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace greenroom {

// Listens on a free port of an address of this machine and carries every connection on to another port of it. Begins with
// Pass(). Each method ends the fault before and returns once connections, new ones and those that are open, are treated
// as it says. Thread-safe. Carries at most 1 MiB a connection and direction ahead of a slow reader.
class FaultProxy {
 public:
  // Nothing needs to listen on `upstream_port` yet: a connection is reset while nothing does.
  static absl::StatusOr<std::unique_ptr<FaultProxy>> Start(int upstream_port,
                                                           const std::string& address = "127.0.0.1");
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const { return port_; }

  // Carries everything at once.
  void Pass();
  // What the server says arrives this much later; order and pipelining are kept.
  void Delay(absl::Duration latency);
  // Every connection is reset (RST) once this many more bytes of what the server says have gone through: in the middle
  // of a reply where replies are longer. At 0 the server hears what is asked and nothing comes back.
  void ResetReplies(int64_t after_bytes);
  // Connections are accepted and what clients send is taken, and nothing is ever carried or said. Those that lost
  // something so are reset when this ends.
  void Swallow();
  // What the server says to all clients together comes at this rate.
  void Throttle(int64_t bytes_per_second);
  // Open connections are reset, new ones refused.
  void Refuse();

  int accepted() const;  // connections so far
  int resets() const;    // connections reset by Refuse and ResetReplies so far

 private:
  enum class Kind { kPass, kDelay, kReset, kSwallow, kThrottle, kRefuse };
  struct Fault {
    Kind kind = Kind::kPass;
    absl::Duration latency;
    int64_t bytes = 0;
  };
  struct Chunk {
    absl::Time due;
    std::string bytes;
  };
  // One direction of a connection.
  struct Flow {
    int from = -1;
    int to = -1;
    std::deque<Chunk> queue;
    size_t queued = 0;
    bool ended = false;   // `from` will say no more
    bool closed = false;  // and `to` has been told
  };
  struct Link {
    Flow up, down;
    int64_t left_until_reset = 0;
    bool robbed = false;  // something was swallowed
    bool broken = false;  // to be reset
    int client() const { return up.from; }
    int server() const { return up.to; }
  };

  FaultProxy(int upstream_port, std::string address)
      : upstream_port_(upstream_port), address_(std::move(address)) {}
  bool Listen();
  void Set(Fault fault);
  void Run();
  void Begin(const Fault& fault) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Accept();
  void Read(Flow& flow, Link& link, bool reply);
  void Write(Flow& flow, Link& link, bool reply);
  void Drop(Link& link);
  bool MayRead(const Flow& flow) const;
  // When a byte of the flow may be written; infinite future where there is none.
  absl::Time NextWrite(const Flow& flow, bool reply) const;

  const int upstream_port_;
  const std::string address_;
  int port_ = 0;
  int wake_ = -1;  // an eventfd
  std::thread thread_;

  mutable absl::Mutex mutex_;
  Fault wanted_ ABSL_GUARDED_BY(mutex_);
  int64_t asked_ ABSL_GUARDED_BY(mutex_) = 0;  // faults asked for, and begun
  int64_t begun_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  int resets_ ABSL_GUARDED_BY(mutex_) = 0;

  // Of the thread.
  Fault fault_;
  int listener_ = -1;
  std::list<Link> links_;
  double allowance_ = 0;  // bytes that Throttle lets through now
  absl::Time refilled_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_FAULT_PROXY_H_
