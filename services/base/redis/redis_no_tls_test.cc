// A build whose hiredis has no TLS: what asks for it is refused, and nothing goes out in the clear instead.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_error.h"
#include "services/base/redis/redis_test_client.h"
#include "services/base/redis/redis_tls.h"
#include "tests/servers/redis_server.h"

namespace greenroom {
namespace {

using ::testing::HasSubstr;

TEST(RedisNoTlsTest, EveryRedissUrlIsRefusedInTheSameWords) {
  ASSERT_FALSE(RedisHasTls());
  for (const std::string url :
       {"rediss://h", "rediss://:pw@h:1/2?ca=/no/such/file", "rediss+sentinel://h/m", "rediss+cluster://h"}) {
    RedisOptions options;
    options.url = url;
    EXPECT_EQ(options.Validate(), error::RedisTlsMissing()) << url;
    EXPECT_EQ(MakeRedisClient(options).status(), error::RedisTlsMissing()) << url;
  }
  EXPECT_EQ(RedisTls::Make({}).status(), error::RedisTlsMissing());
  EXPECT_EQ(error::RedisTlsMissing().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(error::RedisTlsMissing().message()), HasSubstr("this build's hiredis has no TLS"));
}

TEST(RedisNoTlsTest, AServerInTheClearIsNotConnectedTo) {
  auto server = RedisServer::Start().value();
  for (const std::string scheme : {"rediss://", "rediss+cluster://"}) {
    RedisOptions options = PatientOptions(absl::StrCat(scheme, ":pw@127.0.0.1:", server->port()));
    EXPECT_EQ(MakeRedisClient(options).status(), error::RedisTlsMissing());
  }
  // The test's own connection is the only one.
  EXPECT_THAT(server->Command({"INFO", "stats"}).value(), HasSubstr("total_connections_received:1\r\n"));
}

}  // namespace
}  // namespace greenroom
