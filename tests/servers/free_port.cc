#include "tests/servers/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace greenroom {
namespace {

constexpr int kFirstPort = 20000;
constexpr int kLastPort = 31999;

bool CanBind(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = Loopback(port);
  const bool bound =
      bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && listen(fd, 1) == 0;
  close(fd);
  return bound;
}

bool Accepts(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const sockaddr_in address = Loopback(port);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

absl::Status WaitUntil(int port, bool accepts, absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  while (Accepts(port) != accepts) {
    if (absl::Now() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat("port ", port, accepts ? " stays closed" : " stays open"));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return absl::OkStatus();
}

}  // namespace

sockaddr_in SocketAddress(const std::string& address, int port) {
  sockaddr_in told = {};
  told.sin_family = AF_INET;
  told.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, address.c_str(), &told.sin_addr) != 1) std::abort();
  return told;
}

sockaddr_in Loopback(int port) { return SocketAddress("127.0.0.1", port); }

int FreePort() {
  std::random_device entropy;
  std::uniform_int_distribution<int> ports(kFirstPort, kLastPort);
  for (int tries = 0; tries < 1000; ++tries) {
    const int port = ports(entropy);
    if (CanBind(port)) return port;
  }
  std::fprintf(stderr, "no free port between %d and %d\n", kFirstPort, kLastPort);
  std::abort();
}

absl::Status WaitForPort(int port, absl::Duration timeout) { return WaitUntil(port, true, timeout); }
absl::Status WaitForPortClosed(int port, absl::Duration timeout) { return WaitUntil(port, false, timeout); }

}  // namespace greenroom
