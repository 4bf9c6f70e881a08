// Name resolution, with a resolver of the test's own in place of the system's: libuv calls this getaddrinfo.
#include <dlfcn.h>
#include <netdb.h>

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/redis/redis_client.h"
#include "services/base/redis/redis_test_client.h"
#include "tests/servers/redis_server.h"

namespace {

absl::Mutex lookup_mutex(absl::kConstInit);
bool stuck ABSL_GUARDED_BY(lookup_mutex) = false;
int lookups ABSL_GUARDED_BY(lookup_mutex) = 0;

using Resolver = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  static const Resolver system = reinterpret_cast<Resolver>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string name = node == nullptr ? "" : node;
  if (name == "stuck.test") {
    absl::MutexLock lock(&lookup_mutex);
    ++lookups;
    auto released = []() ABSL_SHARED_LOCKS_REQUIRED(lookup_mutex) { return !stuck; };
    lookup_mutex.Await(absl::Condition(&released));
    return EAI_NONAME;
  }
  if (name != "two.test") return system(node, service, hints, result);
  // Nobody listens on the first of the two.
  addrinfo* first = nullptr;
  addrinfo* second = nullptr;
  if (const int error = system("127.0.0.2", service, hints, &first); error != 0) return error;
  if (const int error = system("127.0.0.1", service, hints, &second); error != 0) return error;
  first->ai_next = second;
  *result = first;
  return 0;
}

namespace greenroom {
namespace {

using ::testing::HasSubstr;

TEST(RedisLookupTest, TriesAllAddressesInOneAttempt) {
  auto server = RedisServer::Start().value();
  ConnectionLog log;
  RedisOptions options = PatientOptions(absl::StrCat("redis://two.test:", server->port()));
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  EXPECT_TRUE(Call(*client, {"PING"}).ok());
  EXPECT_TRUE(log.last().ok());
}

TEST(RedisLookupTest, ALookupThatHangsBlocksNobodyAndIsNotRepeated) {
  {
    absl::MutexLock lock(&lookup_mutex);
    stuck = true;
  }
  RedisOptions options = PatientOptions("redis://stuck.test:6379");
  options.command_timeout = absl::Milliseconds(20);
  options.connect_timeout = absl::Milliseconds(20);
  ConnectionLog log;
  log.Attach(options);
  auto client = MakeRedisClient(options).value();
  for (int i = 0; i < 5; ++i) {
    const auto reply = Call(*client, {"PING"});
    EXPECT_EQ(CodeOf(reply), absl::StatusCode::kDeadlineExceeded);
    EXPECT_THAT(std::string(reply.status().message()), HasSubstr("not sent"));
  }
  {
    absl::MutexLock lock(&lookup_mutex);
    EXPECT_EQ(lookups, 1);
    stuck = false;
  }
  EXPECT_TRUE(log.WaitForCommands(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(client->Health().message()), HasSubstr("stuck.test"));
}

TEST(RedisLookupTest, DestructionAnswersAtOnceAndWaitsForTheLookup) {
  {
    absl::MutexLock lock(&lookup_mutex);
    stuck = true;
  }
  auto client = MakeRedisClient(PatientOptions("redis://stuck.test:6379")).value();
  absl::Notification answered;
  StartTask(client->Command({"PING"}, absl::InfiniteFuture()), [&](const absl::StatusOr<RedisReply>& reply) {
    EXPECT_EQ(CodeOf(reply), absl::StatusCode::kCancelled);
    answered.Notify();
  });
  std::thread destroyer([&] { client.reset(); });
  answered.WaitForNotification();
  {
    absl::MutexLock lock(&lookup_mutex);
    stuck = false;
  }
  destroyer.join();
}

}  // namespace
}  // namespace greenroom
