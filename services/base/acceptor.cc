#include "services/base/acceptor.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/config.h"

namespace greenroom {
namespace {

constexpr int kBacklog = 1024;
constexpr int kRetryMs = 50;

bool LacksDescriptors(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

void SetOption(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

// A listening socket, or minus the errno.
int ListenOn(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);  // a port whose last connections are not forgotten yet is free
  if (address.ai_family == AF_INET6) SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(fd, address.ai_addr, address.ai_addrlen) == 0 && listen(fd, kBacklog) == 0) return fd;
  const int error = errno;
  close(fd);
  return -error;
}

int PortOf(int fd) {
  sockaddr_storage name = {};
  socklen_t size = sizeof name;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  return ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&name)->sin6_port
                                          : reinterpret_cast<sockaddr_in*>(&name)->sin_port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Listen(absl::string_view address) {
  const auto refuse = [&](absl::string_view why) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", why));
  };
  const std::optional<HostPort> where = ParseHostPort(address);
  if (!where.has_value()) return refuse("not HOST:PORT");
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(where->host.empty() ? nullptr : where->host.c_str(),
                                std::to_string(where->port).c_str(), &hints, &found);
  if (error != 0) return refuse(gai_strerror(error));
  absl::Cleanup free = [found] { freeaddrinfo(found); };
  int listener = -EADDRNOTAVAIL;
  for (const addrinfo* next = found; next != nullptr && listener < 0; next = next->ai_next) {
    listener = ListenOn(*next);
  }
  if (listener < 0) return refuse(strerror(-listener));
  return std::unique_ptr<Acceptor>(new Acceptor(listener, PortOf(listener)));
}

Acceptor::Acceptor(int listener, int port)
    : listener_(listener), port_(port), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK_THAT(wake_ >= 0, strerror(errno));
  OpenReserve();
}

Acceptor::~Acceptor() {
  Stop();
  if (listener_ >= 0) close(listener_);
  if (reserve_ >= 0) close(reserve_);
  close(wake_);
}

void Acceptor::Start(std::function<void(int)> take) {
  take_ = std::move(take);
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Stop() {
  if (!thread_.joinable()) return;
  eventfd_write(wake_, 1);
  thread_.join();
  close(std::exchange(listener_, -1));
}

void Acceptor::Run() {
  pollfd ready[] = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
  for (;;) {
    // Without a reserve a connection that cannot be taken would wake this thread again and again.
    const bool blind = reserve_ < 0;
    ready[0].fd = blind ? -1 : listener_;
    poll(ready, 2, blind ? kRetryMs : -1);
    if (ready[1].revents != 0) return;
    if (blind) OpenReserve();
    while (reserve_ >= 0 && AcceptOne()) {
    }
  }
}

bool Acceptor::AcceptOne() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0) {
    Keep(fd);
    return true;
  }
  if (LacksDescriptors(errno)) return Shed();
  // Of connections that broke before they were taken there may be more behind.
  return errno == EINTR || errno == ECONNABORTED;
}

void Acceptor::Keep(int fd) {
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  take_(fd);
}

bool Acceptor::Shed() {
  close(std::exchange(reserve_, -1));
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0 && LacksDescriptors(errno))
    return false;  // another thread was faster: Run waits for a new reserve
  OpenReserve();
  if (fd < 0) return false;  // accept4 wants a descriptor before it looks whether anything is waiting
  if (reserve_ >= 0) {
    Keep(fd);  // there are descriptors again
  } else {
    close(fd);
    OpenReserve();
  }
  return reserve_ >= 0;
}

void Acceptor::OpenReserve() {
  if (reserve_ < 0) reserve_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

}  // namespace greenroom
