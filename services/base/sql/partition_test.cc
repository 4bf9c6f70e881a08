// A database behind a network that is cut: neither side is told, and both must find out. Needs root.
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/sql/event_table_fixture.h"
#include "tests/servers/network.h"
#include "tests/servers/postgres_server.h"

namespace greenroom::sql {
namespace {

using ::testing::ElementsAre;

// What either side takes to notice, with room for a busy machine; far below statement_timeout.
constexpr absl::Duration kNotice = absl::Seconds(12);

class PartitionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status entered = EnterOwnNetwork();
    ASSERT_TRUE(entered.ok()) << entered;
    host_ = Host::Start().value();
    console_ = Network::Make(0).value();
    network_ = Network::Make(1).value();
    PostgresServer::Options options;
    options.place.prefix = host_->prefix();
    options.place.address = network_->Connect(*host_).value();
    options.place.console = console_->Connect(*host_).value();
    const std::string other_way = options.place.console;
    auto server = PostgresServer::Start(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    cut_off_ = OpenOrDie(server_->url());
    near_ = OpenOrDie(absl::StrCat("postgresql://greenroom@", other_way, ":", server_->port(), "/postgres"),
                      {.busy_timeout = kNotice});
    ASSERT_THAT(ConnectOrDie(*near_)->Execute("CREATE TABLE t (id BIGINT PRIMARY KEY)"), IsOk());
  }

  std::unique_ptr<Host> host_;
  std::unique_ptr<Network> console_, network_;
  std::unique_ptr<PostgresServer> server_;
  std::unique_ptr<Database> cut_off_, near_;  // the same, by the network that is cut and by the other one
};

TEST_F(PartitionTest, LocksOfAClientThatVanishedAreSoonAnothers) {
  const std::unique_ptr<Connection> vanished = ConnectOrDie(*cut_off_);
  ASSERT_THAT(vanished->BeginAppend(), IsOk());
  ASSERT_THAT(vanished->Execute("INSERT INTO t VALUES (1)"), IsOk());
  ASSERT_THAT(network_->Cut({host_.get()}), IsOk());
  EXPECT_THAT(ConnectOrDie(*near_)->Execute("INSERT INTO t VALUES (1)"), IsOk());
  ASSERT_THAT(network_->Heal(), IsOk());
  EXPECT_THAT(vanished->Commit(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(vanished->Query("SELECT id FROM t").value(), ElementsAre(Row{1}));
}

TEST_F(PartitionTest, AServerThatVanishedIsUnavailableAndTriedByOneAtATime) {
  const std::unique_ptr<Connection> one = ConnectOrDie(*cut_off_);
  const std::unique_ptr<Connection> other = ConnectOrDie(*cut_off_);
  const auto ask = [](Connection& connection) { return connection.Query("SELECT id FROM t").status(); };
  ASSERT_THAT(ask(*one), IsOk());
  ASSERT_THAT(ask(*other), IsOk());
  ASSERT_THAT(network_->Cut({host_.get()}), IsOk());
  // Both had a connection, whose end they notice.
  std::thread beside([&] { EXPECT_THAT(ask(*other), StatusIs(absl::StatusCode::kUnavailable)); });
  const absl::Time cut = absl::Now();
  EXPECT_THAT(ask(*one), StatusIs(absl::StatusCode::kUnavailable));
  beside.join();
  EXPECT_LT(absl::Now() - cut, kNotice);
  EXPECT_THAT(ask(*one), StatusIs(absl::StatusCode::kUnavailable));  // a first try to make another one
  std::thread trying([&] { EXPECT_THAT(ask(*one), StatusIs(absl::StatusCode::kUnavailable)); });
  absl::SleepFor(absl::Milliseconds(500));  // the try takes three seconds
  const absl::Time begun = absl::Now();
  EXPECT_THAT(ask(*other), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(1));
  trying.join();
  ASSERT_THAT(network_->Heal(), IsOk());
  EXPECT_THAT(ask(*one), IsOk());
  EXPECT_THAT(ask(*other), IsOk());
}

}  // namespace
}  // namespace greenroom::sql
