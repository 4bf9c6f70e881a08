#include "tests/servers/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/servers/scripted_server.h"

namespace greenroom {
namespace {

constexpr int kPatienceMs = 20000;

// Answers each command with a bulk string of its second word.
void Echo(ScriptedServer::Peer& peer, int) {
  while (auto command = peer.ReadCommand()) {
    if (!peer.Write(RedisBulk(command->at(1)))) return;
  }
}

class Client {
 public:
  explicit Client(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    error_ = errno;
  }
  ~Client() { close(fd_); }
  bool connected() const { return connected_; }
  int error() const { return error_; }

  void Ask(const std::string& word) {
    const std::string command = absl::StrCat("*2\r\n$4\r\nECHO\r\n$", word.size(), "\r\n", word, "\r\n");
    send(fd_, command.data(), command.size(), MSG_NOSIGNAL);
  }
  // Up to `size` bytes; fewer where the connection ends, which error() says how: 0 orderly, else an errno.
  std::string Read(size_t size) {
    std::string bytes;
    error_ = 0;
    while (bytes.size() < size && Readable(kPatienceMs)) {
      char byte;
      const ssize_t got = recv(fd_, &byte, 1, 0);
      if (got < 0) error_ = errno;
      if (got <= 0) break;
      bytes += byte;
    }
    return bytes;
  }
  bool Readable(int timeout_ms) {
    pollfd ready = {fd_, POLLIN, 0};
    return poll(&ready, 1, timeout_ms) > 0;
  }
  std::string Call(const std::string& word) {
    Ask(word);
    return Read(RedisBulk(word).size());
  }

 private:
  const int fd_;
  bool connected_ = false;
  int error_ = 0;
};

class FaultProxyTest : public testing::Test {
 protected:
  ScriptedServer server_{Echo};
  std::unique_ptr<FaultProxy> proxy_ = FaultProxy::Start(server_.port()).value();
};

TEST_F(FaultProxyTest, PassesBothWays) {
  Client client(proxy_->port());
  EXPECT_EQ(client.Call("hello"), RedisBulk("hello"));
  const std::string long_word(300000, 'x');
  EXPECT_EQ(client.Call(long_word), RedisBulk(long_word));
  EXPECT_EQ(proxy_->accepted(), 1);
}

TEST_F(FaultProxyTest, PassesAnOrderlyEndOn) {
  ScriptedServer short_spoken([](ScriptedServer::Peer& peer, int) { peer.Write("bye"); });
  auto proxy = FaultProxy::Start(short_spoken.port()).value();
  Client client(proxy->port());
  EXPECT_EQ(client.Read(10), "bye");
  EXPECT_EQ(client.error(), 0);
}

TEST_F(FaultProxyTest, DelaysRepliesWithoutParting) {
  Client client(proxy_->port());
  client.Call("warm");
  proxy_->Delay(absl::Milliseconds(150));
  const absl::Time begun = absl::Now();
  client.Ask("one");
  client.Ask("two");
  EXPECT_EQ(client.Read(18), RedisBulk("one") + RedisBulk("two"));
  EXPECT_GE(absl::Now() - begun, absl::Milliseconds(150));
  EXPECT_LT(absl::Now() - begun, absl::Milliseconds(290)) << "pipelined commands wait for one another";
  proxy_->Pass();
  EXPECT_EQ(client.Call("three"), RedisBulk("three"));
}

TEST_F(FaultProxyTest, ResetsInMidReply) {
  Client open(proxy_->port());
  open.Call("warm");
  proxy_->ResetReplies(6);
  EXPECT_EQ(open.Call("hello"), RedisBulk("hello").substr(0, 6));
  EXPECT_EQ(open.error(), ECONNRESET);
  Client fresh(proxy_->port());
  EXPECT_EQ(fresh.Call("hello"), RedisBulk("hello").substr(0, 6));
  EXPECT_EQ(fresh.error(), ECONNRESET);
  EXPECT_EQ(proxy_->resets(), 2);
  proxy_->Pass();
  EXPECT_EQ(Client(proxy_->port()).Call("hello"), RedisBulk("hello"));
}

TEST_F(FaultProxyTest, SwallowsWithoutAnAnswerAndResetsTheRobbed) {
  Client robbed(proxy_->port()), quiet(proxy_->port());
  robbed.Call("warm");
  quiet.Call("warm");
  proxy_->Swallow();
  robbed.Ask("lost");
  Client fresh(proxy_->port());
  EXPECT_TRUE(fresh.connected());
  fresh.Ask("lost");
  EXPECT_FALSE(robbed.Readable(100));
  EXPECT_FALSE(fresh.Readable(1));
  proxy_->Pass();
  EXPECT_EQ(robbed.Read(1), "");
  EXPECT_EQ(robbed.error(), ECONNRESET);
  EXPECT_EQ(quiet.Call("again"), RedisBulk("again"));
}

TEST_F(FaultProxyTest, ThrottlesReplies) {
  Client client(proxy_->port());
  client.Call("warm");
  proxy_->Throttle(10000);
  const absl::Time begun = absl::Now();
  const std::string word(3000, 'x');
  EXPECT_EQ(client.Call(word), RedisBulk(word));
  EXPECT_GE(absl::Now() - begun, absl::Milliseconds(200));
  proxy_->Pass();
  EXPECT_EQ(client.Call(word), RedisBulk(word));
}

TEST_F(FaultProxyTest, RefusesAndComesBackOnItsPort) {
  Client open(proxy_->port());
  open.Call("warm");
  const int port = proxy_->port();
  proxy_->Refuse();
  EXPECT_EQ(open.Read(1), "");
  EXPECT_EQ(open.error(), ECONNRESET);
  Client refused(port);
  EXPECT_FALSE(refused.connected());
  EXPECT_EQ(refused.error(), ECONNREFUSED);
  proxy_->Pass();
  EXPECT_EQ(Client(port).Call("hello"), RedisBulk("hello"));
}

TEST_F(FaultProxyTest, ResetsWhileNothingListensBehindIt) {
  int dead_port = 0;
  {
    ScriptedServer gone(Echo);
    dead_port = gone.port();
  }
  auto proxy = FaultProxy::Start(dead_port).value();
  Client client(proxy->port());
  EXPECT_TRUE(client.connected());
  EXPECT_EQ(client.Read(1), "");
}

}  // namespace
}  // namespace greenroom
