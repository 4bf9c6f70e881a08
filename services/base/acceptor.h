// Acceptor: listens on a TCP port and hands over what connects, also after the process has been out of descriptors.
#ifndef GREENROOM_SERVICES_BASE_ACCEPTOR_H_
#define GREENROOM_SERVICES_BASE_ACCEPTOR_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom {

// gRPC 1.51's own listener gives up for good on the first accept that fails for want of descriptors. This one keeps a
// descriptor in reserve for that case: it takes the connection with it and, if there is still none to keep in reserve,
// closes it at once, so that the client is told instead of left waiting, and goes on. Without even that it looks again every 50 ms. Start and Stop are called by one
// thread.
class Acceptor {
 public:
  // Binds and listens, with nobody else on that port. `address` is "host:port" or "[::1]:port", with port 0 a free one;
  // of a host with several addresses the first that can be had. UNAVAILABLE otherwise.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Listen(absl::string_view address);
  // Stops.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return port_; }

  // Hands every connection to `take`, on a thread of its own, which then owns the descriptor: non-blocking, without
  // Nagle's delay. Those that came since Listen wait for it.
  void Start(std::function<void(int fd)> take);
  // Takes no more connections and closes the port; `take` is not called after it returned.
  void Stop();

 private:
  Acceptor(int listener, int port);
  void Run();
  // False: there was none to take, or it is to be looked at again later.
  bool AcceptOne();
  // As AcceptOne, with the reserve's number.
  bool Shed();
  void Keep(int fd);
  void OpenReserve();

  int listener_;
  const int port_;
  int wake_ = -1;     // an eventfd
  int reserve_ = -1;  // what is given up to shed a connection
  std::function<void(int)> take_;
  std::thread thread_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_ACCEPTOR_H_
