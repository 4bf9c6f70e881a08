#include "tests/servers/network.h"

#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/servers/redis_server.h"

namespace greenroom {
namespace {

// Two servers on hosts of their own, reached by a network that is cut, and by one for the console.
class NetworkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status entered = EnterOwnNetwork();
    ASSERT_TRUE(entered.ok()) << entered;
    for (size_t i = 0; i < kHosts; ++i) hosts_.push_back(Host::Start().value());
    console_ = Network::Make(0).value();
    network_ = Network::Make(1).value();
    for (size_t i = 0; i < kHosts; ++i) {
      RedisServer::Options options;
      options.place.prefix = hosts_[i]->prefix();
      options.place.console = console_->Connect(*hosts_[i]).value();
      options.place.address = network_->Connect(*hosts_[i]).value();
      servers_.push_back(RedisServer::Start(options).value());
    }
  }

  // Whether a client on that host, or in the test itself, gets an answer of that server within as many seconds.
  bool Reaches(const Host* from, size_t to, double seconds = 20) {
    ChildProcess::Options options;
    if (from != nullptr) options.args = from->prefix();
    options.args.insert(options.args.end(),
                        {"timeout", absl::StrCat(seconds), "redis-cli", "-h", servers_[to]->address(), "-p",
                         absl::StrCat(servers_[to]->port()), "PING"});
    auto client = ChildProcess::Start(options).value();
    return client->Wait(absl::Seconds(40)).value() == 0 && client->Output() == "PONG\n";
  }

  static constexpr size_t kHosts = 3;
  static constexpr const Host* kTest = nullptr;
  static constexpr double kSoon = 0.5;  // a hundred times what it takes
  std::vector<std::unique_ptr<Host>> hosts_;
  std::unique_ptr<Network> console_, network_;
  std::vector<std::unique_ptr<RedisServer>> servers_;
};

TEST_F(NetworkTest, CutsOneSideFromTheOtherUntilItHeals) {
  const Host* const first = hosts_[0].get();
  const Host* const second = hosts_[1].get();
  const Host* const third = hosts_[2].get();
  const auto expect_all_reach_all = [&] {
    for (const Host* from : {kTest, first, second, third}) {
      for (size_t to = 0; to < kHosts; ++to) EXPECT_TRUE(Reaches(from, to)) << to;
    }
  };
  expect_all_reach_all();
  ASSERT_TRUE(network_->Cut({second, third}).ok());
  EXPECT_TRUE(Reaches(kTest, 0));
  EXPECT_TRUE(Reaches(third, 1));
  EXPECT_FALSE(Reaches(kTest, 1, kSoon));
  EXPECT_FALSE(Reaches(first, 1, kSoon));
  EXPECT_FALSE(Reaches(second, 0, kSoon));
  EXPECT_TRUE(servers_[1]->Command({"PING"}).ok()) << "the console is cut too";
  ASSERT_TRUE(network_->Cut({first}).ok());
  EXPECT_FALSE(Reaches(kTest, 0, kSoon));
  EXPECT_TRUE(Reaches(kTest, 1));
  ASSERT_TRUE(network_->Heal().ok());
  expect_all_reach_all();
}

// What is sent is neither refused nor lost: it arrives after the cut.
TEST_F(NetworkTest, OpenConnectionsHearNothingOfACut) {
  ChildProcess::Options options;
  options.args = {"redis-cli", "-h", servers_[0]->address(), "-p", absl::StrCat(servers_[0]->port())};
  auto client = ChildProcess::Start(options).value();
  ASSERT_TRUE(client->WriteInput("ECHO before\n").ok());
  ASSERT_TRUE(client->WaitForLine("before", absl::Seconds(20)).ok());
  ASSERT_TRUE(network_->Cut({hosts_[0].get()}).ok());
  ASSERT_TRUE(client->WriteInput("ECHO meanwhile\n").ok());
  EXPECT_EQ(client->WaitForLine("meanwhile", absl::Milliseconds(500)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  ASSERT_TRUE(network_->Heal().ok());
  EXPECT_TRUE(client->WaitForLine("meanwhile", absl::Seconds(20)).ok());
  EXPECT_EQ(client->Output(), "before\nmeanwhile\n");
}

}  // namespace
}  // namespace greenroom
