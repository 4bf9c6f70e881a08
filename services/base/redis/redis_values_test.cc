// What the client is made of and needs no server: replies, errors, scripts, URLs, backoff, the wire form of
// commands.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_backoff.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_connection.h"
#include "services/base/redis/redis_error.h"
#include "services/base/redis/redis_reply.h"
#include "services/base/redis/redis_script.h"
#include "services/base/redis/redis_slots.h"
#include "services/base/redis/redis_url.h"

namespace greenroom {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RedisReplyTest, HoldsOneKindAndAnswersEmptyForOthers) {
  EXPECT_TRUE(RedisReply().is_nil());
  const RedisReply number = RedisReply::Integer(-7);
  EXPECT_EQ(number.integer(), -7);
  EXPECT_EQ(number.str(), "");
  const RedisReply list =
      RedisReply::Array({RedisReply::String(std::string("a\0b", 3)), RedisReply::Error("ERR x")});
  EXPECT_EQ(list.elements().size(), 2u);
  EXPECT_EQ(list[0].str(), std::string("a\0b", 3));
  EXPECT_EQ(list[1].kind(), RedisReply::Kind::kError);
  EXPECT_TRUE(list[2].is_nil());
  EXPECT_TRUE(number[0].is_nil());
}

TEST(RedisReplyTest, ExpectNamesBothKinds) {
  EXPECT_TRUE(RedisReply::Nil().Expect(RedisReply::Kind::kNil).ok());
  const absl::Status status = RedisReply::String("secret").Expect(RedisReply::Kind::kArray);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("string"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("array"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
}

TEST(RedisReplyTest, EqualityLeavesOutTheRunId) {
  const RedisReply here = RedisReply::Integer(1).WithRunId(std::make_shared<const std::string>("abc"));
  EXPECT_EQ(here.run_id(), "abc");
  EXPECT_EQ(here, RedisReply::Integer(1));
  EXPECT_FALSE(here == RedisReply::Integer(2));
  EXPECT_FALSE(RedisReply::String("1") == RedisReply::Error("1"));
}

TEST(RedisErrorTest, TheFirstWordDecidesTheCode) {
  EXPECT_EQ(RedisErrorToStatus("WRONGTYPE Operation").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(RedisErrorToStatus("LOADING Redis is loading").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RedisErrorToStatus("READONLY You can't").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RedisErrorToStatus("OOM command").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RedisErrorToStatus("NOAUTH Authentication").code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(RedisErrorToStatus("NOPERM this user").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(RedisErrorToStatus("ERR unknown").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(RedisErrorToStatus("BUSYKEY exists").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(RedisErrorToStatus("").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(RedisErrorToStatus("LOADING").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RedisErrorToStatus("ERR some text").message(), "ERR some text");
}

TEST(RedisErrorTest, NoScriptIsToldFromOtherAbsence) {
  EXPECT_TRUE(IsNoScript(RedisErrorToStatus("NOSCRIPT No matching script.")));
  EXPECT_FALSE(IsNoScript(absl::NotFoundError("elsewhere")));
  EXPECT_FALSE(IsNoScript(absl::OkStatus()));
}

TEST(RedisScriptTest, NamesItsBodyBySha1) {
  EXPECT_EQ(RedisScript("return 1").sha1(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  EXPECT_EQ(RedisScript("").sha1(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

// The server of a URL that names one.
RedisEndpoint ServerOf(absl::string_view url) { return ParseRedisUrl(url).value().servers.at(0); }

TEST(RedisUrlTest, Parses) {
  const RedisEndpoint plain = ServerOf("redis://cache.example");
  EXPECT_EQ(plain.host, "cache.example");
  EXPECT_EQ(plain.port, 6379);
  EXPECT_EQ(plain.database, 0);
  EXPECT_FALSE(plain.authenticate);

  const RedisEndpoint full = ServerOf("redis://ann:p%40ss%3aw%2Ford@10.0.0.1:7000/3");
  EXPECT_TRUE(full.authenticate);
  EXPECT_EQ(full.user, "ann");
  EXPECT_EQ(full.password, "p@ss:w/ord");
  EXPECT_EQ(full.host, "10.0.0.1");
  EXPECT_EQ(full.port, 7000);
  EXPECT_EQ(full.database, 3);

  const RedisEndpoint six = ServerOf("redis://:secret@[::1]:7001/");
  EXPECT_EQ(six.user, "");
  EXPECT_EQ(six.password, "secret");
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.Server(), "[::1]:7001");

  EXPECT_EQ(ServerOf("redis://:p@ss@h").password, "p@ss");
}

TEST(RedisUrlTest, ParsesSentinelsAndThePrimaryTheyKnow) {
  const RedisUrl url =
      ParseRedisUrl("redis+sentinel://ann:p%2cw@s1,s2:7001,[::1]:7002/my-master.1/2").value();
  EXPECT_EQ(url.topology, RedisUrl::Topology::kSentinel);
  EXPECT_EQ(url.primary_name, "my-master.1");
  ASSERT_EQ(url.servers.size(), 3u);
  EXPECT_EQ(url.servers[0].Server(), "s1:26379");
  EXPECT_EQ(url.servers[1].Server(), "s2:7001");
  EXPECT_EQ(url.servers[2].Server(), "[::1]:7002");
  for (const RedisEndpoint& sentinel : url.servers) {
    EXPECT_EQ(sentinel.user, "ann");
    EXPECT_EQ(sentinel.password, "p,w");
    EXPECT_EQ(sentinel.database, 2);
  }
  EXPECT_FALSE(ParseRedisUrl("redis+sentinel://s1/m").value().servers[0].authenticate);
}

TEST(RedisUrlTest, ParsesNodesOfACluster) {
  const RedisUrl url = ParseRedisUrl("redis+cluster://:pw@n1:7000,n2/").value();
  EXPECT_EQ(url.topology, RedisUrl::Topology::kCluster);
  ASSERT_EQ(url.servers.size(), 2u);
  EXPECT_EQ(url.servers[0].Server(), "n1:7000");
  EXPECT_EQ(url.servers[1].Server(), "n2:6379");
  EXPECT_EQ(url.servers[1].password, "pw");
}

TEST(RedisUrlTest, RefusesWithAReasonAndWithoutThePassword) {
  for (const std::string url : {"",
                                "localhost",
                                "http://h",
                                "redis://",
                                "redis://:secret@",
                                "redis://:secret@h:0",
                                "redis://:secret@h:65536",
                                "redis://:secret@h:+1",
                                "redis://:secret@h:",
                                "redis://:secret@h/x",
                                "redis://:secret@h/-1",
                                "redis://:secret%2@h",
                                "redis://:secret%zz@h",
                                "redis://:secret@[::1",
                                "redis://:secret@::1",
                                "redis://:secret@[::1]7000",
                                "redis://:secret@a,b",
                                "redis+sentinel://:secret@a:1,b:2",
                                "redis+sentinel://:secret@a:1,b:2/",
                                "redis+sentinel://:secret@/m",
                                "redis+sentinel://:secret@a,,b/m",
                                "redis+sentinel://:secret@a/m/x",
                                "redis+cluster://:secret@a,b:0",
                                "redis+cluster://:secret@",
                                "redis+cluster://:secret@a/1",
                                "redis://:secret@h?ca=f",
                                "redis+sentinel://:secret@a/m?ca=f",
                                "redis+cluster://:secret@a?",
                                "rediss:/h",
                                "redissentinel://h/m",
                                "rediss://?ca=f",
                                "rediss://:se?secret@h",
                                "rediss://h?secret",
                                "rediss://h?ca",
                                "rediss://h?ca=",
                                "rediss://h?ca=a&ca=b",
                                "rediss://h?ca=%00",
                                "rediss://h?ca=%2",
                                "rediss://h?cert=secret",
                                "rediss://h?key=secret",
                                "rediss://h?verify=none",
                                "rediss+cluster://a/1?ca=f"}) {
    const absl::Status status = ParseRedisUrl(url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret"))) << url;
  }
}

TEST(RedisUrlTest, RedissIsTheSameByTls) {
  const RedisUrl plain = ParseRedisUrl("rediss://ann:p%3fw@h:7000/3").value();
  EXPECT_EQ(plain.topology, RedisUrl::Topology::kStandalone);
  ASSERT_TRUE(plain.tls.has_value());
  EXPECT_EQ(plain.tls->ca + plain.tls->certificate + plain.tls->key, "");
  EXPECT_EQ(plain.servers[0].password, "p?w");
  EXPECT_EQ(plain.servers[0].database, 3);

  const RedisUrl sentinel = ParseRedisUrl("rediss+sentinel://:p@s1,s2/m/2?ca=/etc/a%20b@c%26d.pem").value();
  EXPECT_EQ(sentinel.topology, RedisUrl::Topology::kSentinel);
  EXPECT_EQ(sentinel.primary_name, "m");
  EXPECT_EQ(sentinel.servers[1].Server(), "s2:26379");
  EXPECT_EQ(sentinel.servers[1].database, 2);
  EXPECT_EQ(sentinel.tls->ca, "/etc/a b@c&d.pem");

  const RedisUrl cluster = ParseRedisUrl("rediss+cluster://n1,n2?key=k.pem&ca=a.pem&cert=c.pem").value();
  EXPECT_EQ(cluster.topology, RedisUrl::Topology::kCluster);
  EXPECT_EQ(cluster.servers[1].Server(), "n2:6379");
  EXPECT_EQ(cluster.tls->ca, "a.pem");
  EXPECT_EQ(cluster.tls->certificate, "c.pem");
  EXPECT_EQ(cluster.tls->key, "k.pem");

  EXPECT_FALSE(ParseRedisUrl("redis://:p?w@h").value().tls.has_value());
}

TEST(RedisUrlTest, AnotherServerOfTheSameUrlIsTalkedToInTheSameWay) {
  RedisEndpoint sentinel = ServerOf("redis+sentinel://ann:pw@s1/m/2");
  const auto* tls = reinterpret_cast<const RedisTls*>(&sentinel);  // any address
  sentinel.tls = tls;
  const RedisEndpoint primary = sentinel.At("h", 7000);
  EXPECT_EQ(primary.Server(), "h:7000");
  EXPECT_EQ(primary.user + primary.password, "annpw");
  EXPECT_EQ(primary.database, 2);
  EXPECT_EQ(primary.tls, tls);
}

TEST(RedisSlotsTest, CrcAndHashTagsAreThoseOfTheSpecification) {
  EXPECT_EQ(RedisCrc16("123456789"), 0x31C3);
  EXPECT_EQ(RedisCrc16(""), 0);
  EXPECT_EQ(RedisSlotOfKey("{user1000}.following"), RedisSlotOfKey("{user1000}.followers"));
  EXPECT_EQ(RedisSlotOfKey("{user1000}.following"), RedisSlotOfKey("user1000"));
  EXPECT_EQ(RedisSlotOfKey("foo{}{bar}"), RedisCrc16("foo{}{bar}") % kRedisSlots);  // an empty tag is none
  EXPECT_EQ(RedisSlotOfKey("foo{{bar}}zap"), RedisSlotOfKey("{bar"));
  EXPECT_EQ(RedisSlotOfKey("foo{bar}{zap}"), RedisSlotOfKey("bar"));
  EXPECT_EQ(RedisSlotOfKey("foo{bar"), RedisCrc16("foo{bar") % kRedisSlots);
}

TEST(RedisSlotsTest, ACommandGoesByItsFirstKey) {
  EXPECT_EQ(RedisSlotOfCommand({"GET", "k"}), RedisSlotOfKey("k"));
  EXPECT_EQ(RedisSlotOfCommand({"evalsha", "sha", "1", "k", "arg"}), RedisSlotOfKey("k"));
  EXPECT_EQ(RedisSlotOfCommand({"EVAL", "return 1", "0"}), std::nullopt);
  EXPECT_EQ(RedisSlotOfCommand({"EVAL", "return 1", "0", "arg"}), std::nullopt);
  EXPECT_EQ(RedisSlotOfCommand({"EVAL", "return 1", "many", "arg"}), std::nullopt);
  EXPECT_EQ(RedisSlotOfCommand({"PING"}), std::nullopt);
  EXPECT_EQ(RedisSlotOfCommand({}), std::nullopt);
}

RedisReply SlotsOf(int64_t first, int64_t last, RedisReply host, int64_t port) {
  return RedisReply::Array(
      {RedisReply::Integer(first), RedisReply::Integer(last),
       RedisReply::Array({std::move(host), RedisReply::Integer(port), RedisReply::String("id")})});
}

TEST(RedisSlotsTest, ReadsClusterSlots) {
  const auto ranges = ParseClusterSlots(
      RedisReply::Array({SlotsOf(0, 5, RedisReply::String("10.0.0.1"), 7000),
                         SlotsOf(6, 6, RedisReply::Nil(), 7001), SlotsOf(7, 8, RedisReply::String(""), 7002),
                         SlotsOf(9, 16383, RedisReply::String("?"), 7003)}),
      "asked");
  ASSERT_TRUE(ranges.ok()) << ranges.status();
  ASSERT_EQ(ranges->size(), 3u);
  EXPECT_EQ((*ranges)[0].host, "10.0.0.1");
  EXPECT_EQ((*ranges)[0].port, 7000);
  EXPECT_EQ((*ranges)[0].last, 5);
  EXPECT_EQ((*ranges)[1].host, "asked");
  EXPECT_EQ((*ranges)[2].host, "asked");
  EXPECT_EQ(ParseClusterSlots(RedisReply::Array({}), "").status().code(), absl::StatusCode::kUnavailable);
  for (const RedisReply& bad : {RedisReply::String("OK"), RedisReply::Array({RedisReply::Integer(1)}),
                                RedisReply::Array({SlotsOf(-1, 5, RedisReply::String("h"), 1)}),
                                RedisReply::Array({SlotsOf(5, 4, RedisReply::String("h"), 1)}),
                                RedisReply::Array({SlotsOf(0, 16384, RedisReply::String("h"), 1)}),
                                RedisReply::Array({SlotsOf(0, 1, RedisReply::String("h"), 0)}),
                                RedisReply::Array({SlotsOf(0, 1, RedisReply::String("h"), 65536)})}) {
    EXPECT_EQ(ParseClusterSlots(bad, "").status().code(), absl::StatusCode::kInternal);
  }
}

TEST(RedisSlotsTest, ReadsRedirections) {
  const auto moved = ParseRedirection(RedisErrorToStatus("MOVED 3999 127.0.0.1:6381"));
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->kind, RedisRedirection::Kind::kMoved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->host, "127.0.0.1");
  EXPECT_EQ(moved->port, 6381);
  const auto ask = ParseRedirection(RedisErrorToStatus("ASK 1 ::1:6381"));
  ASSERT_TRUE(ask.has_value());
  EXPECT_EQ(ask->kind, RedisRedirection::Kind::kAsk);
  EXPECT_EQ(ask->host, "::1");
  EXPECT_EQ(ParseRedirection(RedisErrorToStatus("MOVED 1 :6381"))->host, "");
  for (const std::string text : {"MOVED", "MOVED 1", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h",
                                 "MOVED 1 h:0", "MOVED -1 h:1", "ERR MOVED 1 h:1", "MOVEDX 1 h:1"}) {
    EXPECT_FALSE(ParseRedirection(RedisErrorToStatus(text)).has_value()) << text;
  }
  EXPECT_FALSE(ParseRedirection(absl::OkStatus()).has_value());
}

TEST(RedisOptionsTest, NamesTheFieldThatIsWrong) {
  EXPECT_TRUE(RedisOptions().Validate().ok());
  auto message = [](auto change) {
    RedisOptions options;
    change(options);
    const absl::Status status = options.Validate();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_THAT(message([](RedisOptions& o) { o.command_timeout = absl::ZeroDuration(); }),
              HasSubstr("command_timeout"));
  EXPECT_THAT(message([](RedisOptions& o) { o.connect_timeout = -absl::Seconds(1); }),
              HasSubstr("connect_timeout"));
  EXPECT_THAT(message([](RedisOptions& o) { o.max_in_flight = 0; }), HasSubstr("max_in_flight"));
  EXPECT_THAT(message([](RedisOptions& o) { o.backoff_max = absl::Milliseconds(1); }),
              HasSubstr("backoff_max"));
  EXPECT_THAT(message([](RedisOptions& o) { o.dead_peer_timeout = absl::InfiniteDuration(); }),
              HasSubstr("dead_peer_timeout"));
}

TEST(RedisBackoffTest, DoublesUpToItsMaximumWithJitterAndResets) {
  double uniform = 0;
  RedisBackoff backoff(absl::Milliseconds(20), absl::Milliseconds(100), [&] { return uniform; });
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(10));
  uniform = 0.5;
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(30));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(60));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(75));
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(75));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(15));
}

TEST(EncodeRedisCommandTest, IsBinarySafe) {
  EXPECT_EQ(EncodeRedisCommand({"SET", std::string("k\r\n\0", 4), ""}),
            std::string("*3\r\n$3\r\nSET\r\n$4\r\nk\r\n\0\r\n$0\r\n\r\n", 29));
}

}  // namespace
}  // namespace greenroom
