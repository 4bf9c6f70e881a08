#include "services/base/acceptor.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace greenroom {
namespace {

constexpr int kPatienceMs = 20000;

class Connection {
 public:
  explicit Connection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) { Connect(port); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(fd_); }
  bool connected() const { return connected_; }
  void Connect(int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

 private:
  const int fd_;
  bool connected_ = false;
};

class Taken {
 public:
  ~Taken() {
    for (const int fd : fds_) close(fd);
  }
  std::function<void(int)> Take() {
    return [this](int fd) {
      absl::MutexLock lock(&mutex_);
      fds_.push_back(fd);
    };
  }
  bool Reaches(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return fds_.size() >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Milliseconds(kPatienceMs));
  }

 private:
  absl::Mutex mutex_;
  std::vector<int> fds_ ABSL_GUARDED_BY(mutex_);
};

TEST(AcceptorTest, HandsOverWhatConnectsAlsoBeforeItsStart) {
  Taken taken;
  auto acceptor = Acceptor::Listen("127.0.0.1:0").value();
  Connection early(acceptor->port());
  acceptor->Start(taken.Take());
  Connection late(acceptor->port());
  EXPECT_TRUE(taken.Reaches(2));
}

TEST(AcceptorTest, RefusesWhatIsTakenAndWhatIsNoAddress) {
  auto first = Acceptor::Listen("127.0.0.1:0").value();
  const auto second = Acceptor::Listen(absl::StrCat("127.0.0.1:", first->port()));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Acceptor::Listen("no-such-host.invalid:0").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Acceptor::Listen("nonsense").status().code(), absl::StatusCode::kUnavailable);
}

TEST(AcceptorTest, ListensOnIpv6AndNames) {
  EXPECT_GT(Acceptor::Listen("localhost:0").value()->port(), 0);
  const auto six = Acceptor::Listen("[::1]:0");
  // A machine may have no IPv6; then it must say so.
  EXPECT_TRUE(six.ok() || absl::IsUnavailable(six.status())) << six.status();
}

TEST(AcceptorTest, ClosesThePortWhenItStops) {
  Taken taken;
  auto acceptor = Acceptor::Listen("127.0.0.1:0").value();
  acceptor->Start(taken.Take());
  acceptor->Stop();
  EXPECT_FALSE(Connection(acceptor->port()).connected());
}

TEST(AcceptorTest, TellsThoseItHasNoDescriptorsForAndRecovers) {
  Taken taken;
  auto acceptor = Acceptor::Listen("127.0.0.1:0").value();
  acceptor->Start(taken.Take());
  Connection before(acceptor->port());
  ASSERT_TRUE(taken.Reaches(1));

  // The clients' sockets first: these count for the same process.
  const int first = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int second = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  // Every number below the limit is taken, the reserve's among them.
  std::vector<int> fill;
  rlimit tight = limit;
  tight.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  for (int fd = 0; (fd = dup(0)) >= 0;) fill.push_back(fd);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(acceptor->port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (const int fd : {first, second}) {
    ASSERT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    pollfd ready = {fd, POLLIN, 0};
    char byte;
    EXPECT_EQ(poll(&ready, 1, kPatienceMs), 1);
    EXPECT_LE(recv(fd, &byte, 1, 0), 0) << "nobody has anything to say on it";
  }
  // It waits meanwhile. The clock is of all threads, of which only the acceptor's has anything to do.
  const std::clock_t begin = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 20);
  for (const int fd : fill) close(fd);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  close(first);
  close(second);
  Connection after(acceptor->port());
  EXPECT_TRUE(taken.Reaches(2));
}

}  // namespace
}  // namespace greenroom
