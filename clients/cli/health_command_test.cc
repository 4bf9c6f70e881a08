#include <gmock/gmock.h>

#include "clients/cli/commands_fixture.h"
#include "services/base/testing/echo_server.h"
#include "tests/servers/free_port.h"

namespace greenroom::cli {
namespace {

using ::testing::HasSubstr;

TEST_F(CommandsTest, SaysWhetherAServiceTakesCalls) {
  OpenAdmission open;
  const greenroom::testing::EchoServer server(open);
  EXPECT_EQ(Run({"health", server.target(), "--seconds", "10"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("takes calls"));

  // It listens, and says that it is not ready.
  server.server->SetReady(false);
  EXPECT_EQ(Run({"health", server.target(), "--seconds", "0.3"}), kExitUnavailable);
  EXPECT_THAT(terminal_.err, HasSubstr("takes no calls"));
  EXPECT_EQ(Run({"health", absl::StrCat("127.0.0.1:", FreePort()), "--seconds", "0.3"}), kExitUnavailable);
  EXPECT_EQ(Run({"health"}), kExitUsage);
}

}  // namespace
}  // namespace greenroom::cli
