#include "tests/servers/fault_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/time/clock.h"
#include "tests/servers/free_port.h"

namespace greenroom {
namespace {

constexpr size_t kAhead = size_t{1} << 20;
constexpr size_t kPiece = size_t{16} << 10;
constexpr absl::Duration kThrottleStep = absl::Milliseconds(10);

// The peer sees a reset instead of an orderly end.
void CloseByReset(int fd) {
  if (fd < 0) return;
  const linger at_once = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

void MakePrompt(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FaultProxy>> FaultProxy::Start(int upstream_port, const std::string& address) {
  std::unique_ptr<FaultProxy> proxy(new FaultProxy(upstream_port, address));
  constexpr int kTries = 5;  // another process can take the port first
  for (int tries = 0; proxy->listener_ < 0 && tries < kTries; ++tries) {
    proxy->port_ = FreePort();
    if (proxy->Listen()) break;
  }
  proxy->wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (proxy->listener_ < 0 || proxy->wake_ < 0) return absl::ErrnoToStatus(errno, "a fault proxy");
  proxy->thread_ = std::thread([self = proxy.get()] { self->Run(); });
  return proxy;
}

FaultProxy::~FaultProxy() {
  if (thread_.joinable()) {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    eventfd_write(wake_, 1);
    thread_.join();
  }
  if (listener_ >= 0) close(listener_);
  if (wake_ >= 0) close(wake_);
}

bool FaultProxy::Listen() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = SocketAddress(address_, port_);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(fd, 256) != 0) {
    close(fd);
    return false;
  }
  listener_ = fd;
  return true;
}

void FaultProxy::Pass() { Set({}); }
void FaultProxy::Delay(absl::Duration latency) { Set({Kind::kDelay, latency, 0}); }
void FaultProxy::ResetReplies(int64_t after_bytes) { Set({Kind::kReset, {}, after_bytes}); }
void FaultProxy::Swallow() { Set({Kind::kSwallow, {}, 0}); }
void FaultProxy::Throttle(int64_t bytes_per_second) { Set({Kind::kThrottle, {}, bytes_per_second}); }
void FaultProxy::Refuse() { Set({Kind::kRefuse, {}, 0}); }

int FaultProxy::accepted() const {
  absl::MutexLock lock(&mutex_);
  return accepted_;
}
int FaultProxy::resets() const {
  absl::MutexLock lock(&mutex_);
  return resets_;
}

void FaultProxy::Set(Fault fault) {
  absl::MutexLock lock(&mutex_);
  wanted_ = fault;
  const int64_t mine = ++asked_;
  eventfd_write(wake_, 1);
  const auto begun = [this, mine]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return begun_ >= mine; };
  mutex_.Await(absl::Condition(&begun));
}

void FaultProxy::Run() {
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) break;
      if (begun_ < asked_) {
        Begin(wanted_);
        begun_ = asked_;
      }
    }
    const absl::Time now = absl::Now();
    if (fault_.kind == Kind::kThrottle) {
      const double most = std::max(1.0, static_cast<double>(fault_.bytes) / 10);
      allowance_ = std::min(
          most, allowance_ + absl::ToDoubleSeconds(now - refilled_) * static_cast<double>(fault_.bytes));
      refilled_ = now;
    }
    absl::Time next = now + absl::Seconds(10);
    std::vector<pollfd> ready = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (Link& link : links_) {
      for (Flow* flow : {&link.up, &link.down}) {
        const absl::Time due = NextWrite(*flow, flow == &link.down);
        if (due > now) next = std::min(next, due);
        const bool writes = due <= now;
        // Asked for nothing, poll would still report a hang-up, again and again.
        ready.push_back({MayRead(*flow) ? flow->from : -1, POLLIN, 0});
        ready.push_back({writes ? flow->to : -1, POLLOUT, 0});
      }
    }
    poll(ready.data(), ready.size(), static_cast<int>(absl::ToInt64Milliseconds(next - now)) + 1);
    if ((ready[0].revents & POLLIN) != 0) {
      eventfd_t ignored;
      eventfd_read(wake_, &ignored);
    }
    size_t at = 2;
    for (Link& link : links_) {
      for (Flow* flow : {&link.up, &link.down}) {
        const bool reply = flow == &link.down;
        if (ready[at].revents != 0 && MayRead(*flow)) Read(*flow, link, reply);
        if ((ready[at].revents & POLLERR) != 0) link.broken = true;
        if (NextWrite(*flow, reply) <= absl::Now()) Write(*flow, link, reply);
        at += 2;
      }
    }
    if (listener_ >= 0 && (ready[1].revents & POLLIN) != 0) Accept();
    for (auto link = links_.begin(); link != links_.end();) {
      const bool over = link->broken || (link->up.closed && link->down.closed);
      if (over) Drop(*link);
      link = over ? links_.erase(link) : std::next(link);
    }
  }
  for (Link& link : links_) Drop(link);
  links_.clear();
}

void FaultProxy::Begin(const Fault& fault) {
  fault_ = fault;
  allowance_ = 0;
  refilled_ = absl::Now();
  for (Link& link : links_) {
    link.left_until_reset = fault.bytes;
    if (fault.kind == Kind::kRefuse || (link.robbed && fault.kind != Kind::kSwallow)) {
      if (fault.kind == Kind::kRefuse) ++resets_;
      link.broken = true;
    }
    if (link.broken) Drop(link);
  }
  links_.remove_if([](const Link& link) { return link.broken; });
  if (fault.kind == Kind::kRefuse && listener_ >= 0) {
    close(listener_);
    listener_ = -1;
  }
  if (fault.kind != Kind::kRefuse && listener_ < 0) {
    while (!Listen()) absl::SleepFor(absl::Milliseconds(5));  // whoever took the port is a passer-by
  }
}

void FaultProxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  {
    absl::MutexLock lock(&mutex_);
    ++accepted_;
  }
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = SocketAddress(address_, upstream_port_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(server);
    CloseByReset(client);
    return;
  }
  MakePrompt(client);
  MakePrompt(server);
  Link link;
  link.up.from = link.down.to = client;
  link.up.to = link.down.from = server;
  link.left_until_reset = fault_.bytes;
  links_.push_back(std::move(link));
}

bool FaultProxy::MayRead(const Flow& flow) const { return !flow.ended && flow.queued < kAhead; }

absl::Time FaultProxy::NextWrite(const Flow& flow, bool reply) const {
  if (flow.queue.empty()) return absl::InfiniteFuture();
  if (reply && fault_.kind == Kind::kThrottle && allowance_ < 1) return absl::Now() + kThrottleStep;
  return flow.queue.front().due;
}

void FaultProxy::Read(Flow& flow, Link& link, bool reply) {
  std::string bytes(kPiece, '\0');
  const ssize_t got = recv(flow.from, bytes.data(), bytes.size(), 0);
  if (got < 0) {
    if (errno != EAGAIN && errno != EINTR) link.broken = true;
    return;
  }
  if (got == 0) {
    flow.ended = true;
  } else if (fault_.kind == Kind::kSwallow) {
    link.robbed = true;
  } else {
    bytes.resize(static_cast<size_t>(got));
    flow.queued += bytes.size();
    const bool late = reply && fault_.kind == Kind::kDelay;
    flow.queue.push_back({late ? absl::Now() + fault_.latency : absl::InfinitePast(), std::move(bytes)});
  }
  if (flow.ended && flow.queue.empty() && !flow.closed) {
    shutdown(flow.to, SHUT_WR);
    flow.closed = true;
  }
}

void FaultProxy::Write(Flow& flow, Link& link, bool reply) {
  while (!flow.queue.empty() && !link.broken && flow.queue.front().due <= absl::Now()) {
    if (fault_.kind == Kind::kSwallow) {
      link.robbed = true;
      flow.queue.clear();
      flow.queued = 0;
      break;
    }
    std::string& bytes = flow.queue.front().bytes;
    size_t most = bytes.size();
    if (reply && fault_.kind == Kind::kThrottle) most = std::min(most, static_cast<size_t>(allowance_));
    if (reply && fault_.kind == Kind::kReset) {
      most = std::min(most, static_cast<size_t>(std::max<int64_t>(0, link.left_until_reset)));
    }
    const ssize_t sent = most == 0 ? 0 : send(flow.to, bytes.data(), most, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN && errno != EINTR) link.broken = true;
      return;
    }
    if (reply && fault_.kind == Kind::kThrottle) allowance_ -= static_cast<double>(sent);
    if (reply && fault_.kind == Kind::kReset) {
      link.left_until_reset -= sent;
      if (static_cast<size_t>(sent) == most && most < bytes.size()) {
        absl::MutexLock lock(&mutex_);
        ++resets_;
        link.broken = true;
        return;
      }
    }
    flow.queued -= static_cast<size_t>(sent);
    bytes.erase(0, static_cast<size_t>(sent));
    if (!bytes.empty()) return;  // the other side is slow, or the rate is
    flow.queue.pop_front();
  }
  if (flow.ended && flow.queue.empty() && !flow.closed) {
    shutdown(flow.to, SHUT_WR);
    flow.closed = true;
  }
}

void FaultProxy::Drop(Link& link) {
  if (link.broken) {
    CloseByReset(link.client());
    CloseByReset(link.server());
  } else {
    close(link.client());
    close(link.server());
  }
}

}  // namespace greenroom
