#include "services/base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace greenroom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class FlagsTest : public testing::Test {
 protected:
  FlagsTest() : flags_("greenroom-test", "1.2.3", "Tests flags.") {
    flags_.Text("name", &name_, "a name");
    flags_.List("tenants", &tenants_, "whose");
    flags_.Integer("count", &count_, 1, 10, "how many");
    flags_.Switch("reflection", &reflection_, "reflect");
    flags_.Length("drain-delay", &delay_, absl::ZeroDuration(), absl::Minutes(1), "how long");
    flags_.Choice("log-level", &level_, {"debug", "info"}, "how much");
    flags_.Url("redis", &redis_, {"redis", "rediss"}, "where Redis is");
    flags_.Address("listen", &listen_, "where to listen");
    flags_.AllowVariable("GREENROOM_HOME");
  }

  std::string Problem(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment = {}) {
    const auto outcome = flags_.Parse(arguments, environment);
    if (outcome.ok()) return "";
    EXPECT_EQ(outcome.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(outcome.status().message());
  }

  std::string name_ = "default";
  std::vector<std::string> tenants_ = {"acme"};
  int64_t count_ = 3;
  bool reflection_ = false;
  absl::Duration delay_ = absl::Seconds(2);
  std::string level_ = "info";
  std::string redis_ = "redis://127.0.0.1:6379";
  std::string listen_ = "127.0.0.1:0";
  Flags flags_;
};

TEST_F(FlagsTest, NothingGivenLeavesTheDefaults) {
  EXPECT_EQ(Problem({}), "");
  EXPECT_EQ(name_, "default");
  EXPECT_THAT(tenants_, ElementsAre("acme"));
  EXPECT_EQ(count_, 3);
  EXPECT_EQ(delay_, absl::Seconds(2));
}

TEST_F(FlagsTest, ReadsEveryTypeInBothForms) {
  EXPECT_EQ(Problem({"--name", "x=y", "--tenants=a,b", "--count=7", "--reflection", "--drain-delay", "1m",
                     "--log-level=debug", "--redis=redis://:pw@host:1/0", "--listen", "[::1]:80"}),
            "");
  EXPECT_EQ(name_, "x=y");
  EXPECT_THAT(tenants_, ElementsAre("a", "b"));
  EXPECT_EQ(count_, 7);
  EXPECT_TRUE(reflection_);
  EXPECT_EQ(delay_, absl::Minutes(1));
  EXPECT_EQ(level_, "debug");
  EXPECT_EQ(redis_, "redis://:pw@host:1/0");
  EXPECT_EQ(listen_, "[::1]:80");
}

TEST_F(FlagsTest, FlagsWinOverTheEnvironment) {
  EXPECT_EQ(Problem({"--count=7"},
                    {{"GREENROOM_COUNT", "5"}, {"GREENROOM_DRAIN_DELAY", "250ms"}, {"HOME", "/root"}}),
            "");
  EXPECT_EQ(count_, 7);
  EXPECT_EQ(delay_, absl::Milliseconds(250));
}

TEST_F(FlagsTest, AnEmptyTextIsAnEmptyList) {
  EXPECT_EQ(Problem({}, {{"GREENROOM_TENANTS", ""}}), "");
  EXPECT_THAT(tenants_, ElementsAre());
}

TEST_F(FlagsTest, RefusalsNameTheFlag) {
  EXPECT_THAT(Problem({"--nmae=x"}), HasSubstr("--nmae"));
  EXPECT_THAT(Problem({"stray"}), HasSubstr("stray"));
  EXPECT_THAT(Problem({"--name"}), HasSubstr("--name needs a value"));
  EXPECT_THAT(Problem({"--name=a", "--name=b"}), HasSubstr("--name is given twice"));
  for (const char* bad : {"--count=0", "--count=11", "--count=x", "--count=", "--count=1.5"}) {
    EXPECT_THAT(Problem({bad}), HasSubstr("--count must be a whole number from 1 to 10")) << bad;
  }
  for (const char* bad : {"--tenants=,", "--tenants=a,", "--tenants=,a", "--tenants=a,,b"}) {
    EXPECT_THAT(Problem({bad}), HasSubstr("--tenants must be words with commas between them")) << bad;
  }
  EXPECT_THAT(tenants_, ElementsAre("acme"));
  EXPECT_THAT(Problem({"--reflection=yes"}), HasSubstr("--reflection must be true or false"));
  EXPECT_THAT(Problem({"--drain-delay=5"}), HasSubstr("--drain-delay must be a duration"));
  EXPECT_THAT(Problem({"--drain-delay=-5s"}), HasSubstr("--drain-delay"));
  EXPECT_THAT(Problem({"--drain-delay=inf"}), HasSubstr("--drain-delay"));
  EXPECT_THAT(Problem({"--log-level=loud"}), HasSubstr("--log-level must be one of debug|info"));
  EXPECT_THAT(Problem({"--listen=80"}), HasSubstr("--listen must be HOST:PORT"));
  EXPECT_THAT(Problem({"--listen=a:b:80"}), HasSubstr("--listen"));
  EXPECT_THAT(Problem({"--listen="}), HasSubstr("--listen"));
}

TEST_F(FlagsTest, ABadUrlIsNotRepeated) {
  const std::string problem = Problem({"--redis=http://:hunter2@host"});
  EXPECT_THAT(problem, HasSubstr("--redis must be a URL beginning with redis: or rediss:"));
  EXPECT_THAT(problem, Not(HasSubstr("hunter2")));
}

TEST_F(FlagsTest, UnknownVariablesAreRefusedUnlessAllowed) {
  EXPECT_EQ(Problem({}, {{"GREENROOM_HOME", "/x"}}), "");
  flags_.AllowVariable("GREENROOM_COUNT");  // another program's too
  EXPECT_EQ(Problem({}, {{"GREENROOM_COUNT", "7"}}), "");
  EXPECT_EQ(count_, 7);
  EXPECT_THAT(Problem({}, {{"GREENROOM_CUONT", "5"}}), HasSubstr("GREENROOM_CUONT"));
  EXPECT_THAT(Problem({}, {{"GREENROOM_COUNT", "x"}}), HasSubstr("GREENROOM_COUNT must be"));
}

TEST_F(FlagsTest, HelpAndVersion) {
  EXPECT_EQ(*flags_.Parse({"--count=7", "--help"}, {}), Flags::Outcome::kHelp);
  EXPECT_EQ(*flags_.Parse({"--version"}, {{"GREENROOM_CUONT", "5"}}), Flags::Outcome::kVersion);
  EXPECT_THAT(flags_.Help(), HasSubstr("--drain-delay DURATION\n      how long (default 2s)"));
  EXPECT_THAT(flags_.Help(), HasSubstr("--redis URL"));
  EXPECT_THAT(flags_.Help(), Not(HasSubstr("6379")));
}

TEST_F(FlagsTest, ExitCodes) {
  const char* bad[] = {"greenroom-test", "--nmae=x"};
  testing::internal::CaptureStderr();
  EXPECT_EQ(flags_.ParseOrExitCode(2, bad), kExitUsage);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("greenroom-test: unknown flag --nmae"));
  const char* version[] = {"greenroom-test", "--version"};
  testing::internal::CaptureStdout();
  EXPECT_EQ(flags_.ParseOrExitCode(2, version), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "greenroom-test 1.2.3\n");
  const char* good[] = {"greenroom-test", "--count=2"};
  EXPECT_EQ(flags_.ParseOrExitCode(2, good), std::nullopt);
}

TEST(HostPortTest, RoundTrips) {
  for (const char* text : {"127.0.0.1:80", "localhost:0", "[::1]:65535"}) {
    const auto parsed = ParseHostPort(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->ToString(), text);
  }
  EXPECT_EQ(ParseHostPort("[::1]:1")->host, "::1");
  for (const char* bad :
       {"", "host", "host:", ":80", "host:65536", "host:-1", "host:+1", "::1:80", "[::1:80", "h:8x"}) {
    EXPECT_EQ(ParseHostPort(bad).has_value(), false) << bad;
  }
}

}  // namespace
}  // namespace greenroom
