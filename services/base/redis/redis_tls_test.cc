// The client by TLS: whom it trusts, what it shows, and what it says when it refuses or is refused. That it does by TLS
// all that it does without is shown by the suites in redis_client_test and redis_subscriber_test.
#include "services/base/redis/redis_tls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <netdb.h>
#include <openssl/bio.h>
#include <stdlib.h>

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_test_client.h"
#include "tests/servers/certificate.h"
#include "tests/servers/free_port.h"
#include "tests/servers/process.h"
#include "tests/servers/redis_cluster.h"
#include "tests/servers/redis_replicas.h"
#include "tests/servers/redis_server.h"
#include "tests/servers/scripted_server.h"

// All names below greenroom.test are this machine's: libuv calls this in place of the system's resolver.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  using Resolver = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const Resolver system = reinterpret_cast<Resolver>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const bool ours = node != nullptr && absl::EndsWith(node, ".greenroom.test");
  return system(ours ? "127.0.0.1" : node, service, hints, result);
}

namespace greenroom {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// One for all, which has the names that a server here is connected by.
const Certificate& Right() {
  static const Certificate& certificate = *Certificate::Make().value().release();
  return certificate;
}

// Another one for the same names.
const Certificate& Stranger() {
  static const Certificate& certificate = *Certificate::Make().value().release();
  return certificate;
}

std::string Trusting(const std::string& url, const Certificate& certificate) {
  return absl::StrCat(url.substr(0, url.find('?')), "?ca=", certificate.file());
}

std::string Showing(const std::string& url, const Certificate& certificate) {
  return absl::StrCat(url, "&cert=", certificate.file(), "&key=", certificate.key());
}

// What is first said of the connections of a client that has a subscriber.
class FirstReports {
 public:
  explicit FirstReports(const std::string& url, absl::Duration connect_timeout = kPatience) {
    RedisOptions options = PatientOptions(url);
    options.connect_timeout = connect_timeout;
    options.on_connection = [this](absl::string_view role, const absl::Status& status) {
      absl::MutexLock lock(&mutex_);
      first_.emplace(role, status);
    };
    client_ = MakeRedisClient(options).value();
    client_->Subscribe("c", [](RedisSubscriptionEvent, absl::string_view) {});
  }
  ~FirstReports() { client_.reset(); }

  absl::Status Of(const std::string& role) {
    absl::MutexLock lock(&mutex_);
    auto reported = [this, &role] { return first_.contains(role); };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&reported), kPatience)) return absl::AbortedError("nothing");
    return first_.at(role);
  }
  RedisClient& client() { return *client_; }

 private:
  absl::Mutex mutex_;
  std::map<std::string, absl::Status> first_;
  std::unique_ptr<RedisClient> client_;
};

template <typename Matcher>
void ExpectRefused(FirstReports& reports, const std::string& role, const Matcher& why) {
  const absl::Status status = reports.Of(role);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << role << " " << status;
  EXPECT_THAT(std::string(status.message()), why) << role;
}

// How often a server has been asked to do this.
bool WasAsked(const RedisServer& server, const std::string& command) {
  return absl::StrContains(server.Command({"INFO", "commandstats"}).value(),
                           absl::StrCat("cmdstat_", command, ":"));
}

TEST(RedisTlsTest, AServerIsKnownByItsNameAndByItsAddress) {
  ASSERT_TRUE(RedisHasTls());
  auto server = RedisServer::Start({.certificate = &Right()}).value();
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    FirstReports reports(absl::StrReplaceAll(server->url(), {{"127.0.0.1", host}}));
    EXPECT_TRUE(reports.Of("commands").ok()) << reports.Of("commands");
    EXPECT_TRUE(reports.Of("subscriber").ok()) << reports.Of("subscriber");
    EXPECT_EQ(Call(reports.client(), {"SET", "k", host})->str(), "OK");
  }
}

TEST(RedisTlsTest, AStrangerIsToldNothing) {
  auto server = RedisServer::Start({.certificate = &Stranger()}).value();
  FirstReports reports(absl::StrReplaceAll(Trusting(server->url(), Right()), {{"://", "://:s3cret@"}}));
  ExpectRefused(reports, "commands", HasSubstr("certificate is refused: self-signed certificate"));
  ExpectRefused(reports, "subscriber", HasSubstr("certificate is refused: self-signed certificate"));
  const auto reply = Call(reports.client(), {"SET", "k", "v"});
  EXPECT_EQ(CodeOf(reply), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("is refused"));
  EXPECT_EQ(reports.client().Health().code(), absl::StatusCode::kUnavailable);
  for (const char* command : {"auth", "info|server", "ping", "set", "subscribe"}) {
    EXPECT_FALSE(WasAsked(*server, command)) << command;
  }
}

TEST(RedisTlsTest, ATrustedCertificateForAnotherNameIsRefused) {
  const auto other = Certificate::Make("DNS:other.test,IP:127.0.0.2").value();
  auto server = RedisServer::Start({.certificate = other.get()}).value();
  for (const auto& [host, why] :
       {std::pair("127.0.0.1", "IP address mismatch"), std::pair("localhost", "hostname mismatch")}) {
    FirstReports reports(absl::StrReplaceAll(server->url(), {{"127.0.0.1", host}}));
    ExpectRefused(reports, "commands", HasSubstr(why));
    ExpectRefused(reports, "subscriber", HasSubstr(why));
    EXPECT_FALSE(WasAsked(*server, "ping"));
  }
}

TEST(RedisTlsTest, AStarStandsForOneWholeLabel) {
  const auto star = Certificate::Make("DNS:*.greenroom.test,DNS:node*.a.greenroom.test").value();
  auto server = RedisServer::Start({.certificate = star.get()}).value();
  for (const auto& [host, trusted] :
       {std::pair("redis.greenroom.test", true), std::pair("node1.a.greenroom.test", false),
        std::pair("redis.b.greenroom.test", false)}) {
    FirstReports reports(absl::StrReplaceAll(server->url(), {{"127.0.0.1", host}}));
    EXPECT_EQ(reports.Of("commands").ok(), trusted) << host << " " << reports.Of("commands");
  }
}

TEST(RedisTlsTest, WithoutCaTheSystemSaysWhomToTrust) {
  auto server = RedisServer::Start({.certificate = &Right()}).value();
  const std::string url = absl::StrCat("rediss://127.0.0.1:", server->port());
  {
    FirstReports reports(url);
    ExpectRefused(reports, "commands", HasSubstr("certificate is refused: self-signed certificate"));
  }
  ASSERT_EQ(setenv("SSL_CERT_FILE", Right().file().c_str(), 1), 0);  // OpenSSL's name for the system's file
  FirstReports reports(url);
  EXPECT_TRUE(reports.Of("commands").ok()) << reports.Of("commands");
  ASSERT_EQ(unsetenv("SSL_CERT_FILE"), 0);
}

// TLS 1.2 refuses within the handshake, TLS 1.3 after it.
TEST(RedisTlsTest, AServerThatAsksForACertificateIsShownIt) {
  const auto ours = Certificate::Make("DNS:greenroom.test").value();
  for (const std::string version : {"TLSv1.2", "TLSv1.3"}) {
    RedisServer::Options options;
    options.certificate = &Right();
    options.args = {"--tls-auth-clients", "yes",  "--tls-ca-cert-file", ours->file(),
                    "--tls-protocols",    version};
    auto server = RedisServer::Start(options).value();
    {
      FirstReports reports(server->url());
      // "handshake failure" in TLS 1.2.
      ExpectRefused(reports, "commands",
                    AnyOf(HasSubstr("certificate required"), HasSubstr("handshake failure")));
      ExpectRefused(reports, "subscriber", HasSubstr("alert"));
      EXPECT_FALSE(WasAsked(*server, "ping"));
    }
    {
      FirstReports reports(Showing(server->url(), Stranger()));
      ExpectRefused(reports, "commands", HasSubstr("alert"));
      ExpectRefused(reports, "subscriber", HasSubstr("alert"));
    }
    FirstReports reports(Showing(server->url(), *ours));
    EXPECT_TRUE(reports.Of("commands").ok()) << version << reports.Of("commands");
    EXPECT_TRUE(reports.Of("subscriber").ok()) << version << reports.Of("subscriber");
    EXPECT_EQ(Call(reports.client(), {"PING"})->str(), "PONG");
  }
}

TEST(RedisTlsTest, FilesThatCannotBeUsedAreNamedAtStart) {
  const TemporaryDirectory directory;
  const std::string junk = directory.path() + "/junk", locked = directory.path() + "/locked";
  std::ofstream(junk) << "not PEM\n";
  ASSERT_TRUE(RunToEnd({.args = {"openssl", "ec", "-in", Right().key(), "-aes256", "-passout", "pass:word",
                                 "-out", locked}})
                  .ok());
  const std::string cert = Right().file(), key = Right().key(), none = directory.path() + "/none";
  const auto refusal = [](const std::string& options) {
    const absl::Status status =
        MakeRedisClient(PatientOptions(absl::StrCat("rediss://:s3cret@127.0.0.1?", options))).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << options << " " << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal("ca=" + none), AllOf(HasSubstr("ca=" + none), HasSubstr("No such file")));
  EXPECT_THAT(refusal("ca=" + junk), HasSubstr("ca=" + junk));
  EXPECT_THAT(refusal(absl::StrCat("cert=", none, "&key=", key)), HasSubstr("cert=" + none));
  EXPECT_THAT(refusal(absl::StrCat("cert=", junk, "&key=", key)), HasSubstr("cert=" + junk));
  EXPECT_THAT(refusal(absl::StrCat("cert=", cert, "&key=", none)), HasSubstr("key=" + none));
  EXPECT_THAT(refusal(absl::StrCat("cert=", cert, "&key=", locked)), HasSubstr("key=" + locked));
  EXPECT_THAT(refusal(absl::StrCat("cert=", cert, "&key=", Stranger().key())),
              AllOf(HasSubstr("key=" + Stranger().key()), HasSubstr("mismatch"), Not(HasSubstr("s3cret"))));
}

TEST(RedisTlsTest, AServerThatDoesNotSpeakTlsIsNotSpokenToWithout) {
  ScriptedServer answers([](ScriptedServer::Peer& peer, int) {
    peer.Write("-ERR unknown command\r\n");
    peer.WaitForClose();
  });
  ScriptedServer silent([](ScriptedServer::Peer& peer, int) { peer.WaitForClose(); });
  ScriptedServer closes([](ScriptedServer::Peer&, int) {});
  const auto url = [](const ScriptedServer& server) {
    return absl::StrCat("rediss://:s3cret@127.0.0.1:", server.port());
  };
  FirstReports answered(url(answers));
  ExpectRefused(answered, "commands", AllOf(HasSubstr("is not connected"), Not(HasSubstr("timed out"))));
  FirstReports unanswered(url(silent), absl::Seconds(1));
  ExpectRefused(unanswered, "commands", HasSubstr("the TLS handshake timed out"));
  ExpectRefused(unanswered, "subscriber", HasSubstr("the TLS handshake timed out"));
  FirstReports closed(url(closes));
  ExpectRefused(closed, "commands", HasSubstr("is not connected"));

  auto server = RedisServer::Start().value();
  FirstReports real(absl::StrCat("rediss://:s3cret@127.0.0.1:", server->port()), absl::Milliseconds(100));
  ExpectRefused(real, "commands", HasSubstr("is not connected"));
  EXPECT_FALSE(WasAsked(*server, "auth"));
}

TEST(RedisTlsTest, WhatIsInTheClearIsNoAnswerToAServerOfTls) {
  auto server = RedisServer::Start({.certificate = &Right()}).value();
  FirstReports reports(absl::StrCat("redis://127.0.0.1:", server->port()));
  ExpectRefused(reports, "commands", HasSubstr("connection lost"));
}

// Sentinels are asked, listened to and believed by TLS alone, and so is the primary that they name.
TEST(RedisTlsTest, SentinelsAndPrimariesAreVerified) {
  auto replicas = RedisReplicas::Start({.certificate = &Right()}).value();
  {
    FirstReports reports(Trusting(replicas->url(), Stranger()));
    ExpectRefused(reports, "commands", HasSubstr("certificate is refused"));
    ExpectRefused(reports, "sentinel", HasSubstr("certificate is refused"));
  }
  FirstReports reports(replicas->url());
  for (const char* role : {"commands", "sentinel", "subscriber"}) {
    EXPECT_TRUE(reports.Of(role).ok()) << role << " " << reports.Of(role);
  }
  const std::string first_run(CallUntilAnswered(reports.client(), {"SET", "k", "v"}).run_id());
  ASSERT_TRUE(replicas->FailOver().ok());
  const absl::Time end = absl::Now() + kPatience;
  while (CallUntilAnswered(reports.client(), {"GET", "k"}).run_id() == first_run && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(2));
  }
  EXPECT_NE(CallUntilAnswered(reports.client(), {"GET", "k"}).run_id(), first_run);
}

TEST(RedisTlsTest, ASentinelInTheClearIsNotAsked) {
  auto replicas = RedisReplicas::Start().value();
  const std::string url = absl::StrReplaceAll(replicas->url(), {{"redis+", "rediss+"}});
  FirstReports reports(url, absl::Milliseconds(100));
  ExpectRefused(reports, "commands", HasSubstr("is not connected"));
  ExpectRefused(reports, "sentinel", HasSubstr("is not connected"));
}

TEST(RedisTlsTest, NodesOfAClusterAreVerified) {
  auto cluster = RedisCluster::Start({.certificate = &Right()}).value();
  FirstReports refused(Trusting(cluster->url(), Stranger()));
  ExpectRefused(refused, "commands", HasSubstr("certificate is refused"));
  FirstReports reports(cluster->url());
  EXPECT_TRUE(reports.Of("commands").ok()) << reports.Of("commands");
  EXPECT_TRUE(reports.Of("subscriber").ok()) << reports.Of("subscriber");
}

// OpenSSL's queue of errors belongs to the thread, on which callers go on with whatever they do. It is looked at where a
// socket holds no whole record or takes no more, as happens with what is large.
TEST(RedisTlsTest, ErrorsThatOthersLeaveOnTheLoopThreadDoNoHarm) {
  auto server = RedisServer::Start({.certificate = &Right()}).value();
  auto client = MakeRedisClient(PatientOptions(server->url())).value();
  const std::string large(4 << 20, 'x');
  const auto leave_an_error = [&] {
    absl::Notification done;
    StartTask(client->Command({"PING"}, absl::InfiniteFuture()),
              [&](const absl::StatusOr<RedisReply>& reply) {
                EXPECT_TRUE(reply.ok()) << reply.status();
                EXPECT_EQ(BIO_new_file("/no/such/file", "r"), nullptr);
                done.Notify();
              });
    done.WaitForNotification();
  };
  for (int i = 0; i < 10; ++i) {
    leave_an_error();
    const auto written = Call(*client, {"SET", "large", large});
    ASSERT_TRUE(written.ok()) << written.status();
    leave_an_error();
    const auto read = Call(*client, {"GET", "large"});
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_TRUE(read->str() == large);
  }
}

// Without the check hiredis would abort the process.
TEST(RedisTlsTest, AServerThatSpeaksUnaskedLosesTheConnection) {
  const int port = FreePort();
  auto server = ChildProcess::Start(
                    {.args = {"openssl", "s_server", "-quiet", "-accept", absl::StrCat("127.0.0.1:", port),
                              "-cert", Right().file(), "-key", Right().key()}})
                    .value();
  ASSERT_TRUE(WaitForPort(port, kPatience).ok());  // it takes the next connection when this one has ended
  ConnectionLog log;
  RedisOptions options = PatientOptions(absl::StrCat("rediss://127.0.0.1:", port, "?ca=", Right().file()));
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  ASSERT_TRUE(server->WaitForLine("memory", kPatience).ok());  // INFO server and INFO memory have come
  ASSERT_TRUE(server
                  ->WriteInput(absl::StrCat(RedisBulk("run_id:scripted\r\n"),
                                            RedisBulk("maxmemory_policy:noeviction\r\n")))
                  .ok());
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kOk));
  ASSERT_TRUE(server->WriteInput("+unasked\r\n").ok());
  ASSERT_TRUE(log.WaitForCommands(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(log.last().message()), HasSubstr("nobody asked for"));
}

int OpenDescriptors() {
  DIR* directory = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

TEST(RedisTlsTest, LeaksNoDescriptors) {
  auto server = RedisServer::Start({.certificate = &Right()}).value();
  const auto once = [&] {
    FirstReports good(server->url());
    EXPECT_TRUE(good.Of("subscriber").ok());
    FirstReports refused(Trusting(server->url(), Stranger()));
    EXPECT_FALSE(refused.Of("commands").ok());
  };
  once();
  const int before = OpenDescriptors();
  for (int i = 0; i < 10; ++i) once();
  EXPECT_EQ(OpenDescriptors(), before);
}

}  // namespace
}  // namespace greenroom
