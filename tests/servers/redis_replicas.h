// RedisReplicas: a real primary with two replicas and three sentinels that watch them, for a test to hurt.
#ifndef GREENROOM_TESTS_SERVERS_REDIS_REPLICAS_H_
#define GREENROOM_TESTS_SERVERS_REDIS_REPLICAS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/servers/certificate.h"
#include "tests/servers/process.h"
#include "tests/servers/redis_server.h"

namespace greenroom {

// All on free ports of 127.0.0.1 or of their places, with directories of their own; they die with the test. Its methods wait until
// what they say is so. Not thread-safe.
class RedisReplicas {
 public:
  static constexpr char kName[] = "greenroom";  // as the sentinels know the primary
  static constexpr size_t kServers = 3;
  static constexpr size_t kSentinels = 3;

  struct Options {
    std::string password;                                  // of the servers; the sentinels have none
    absl::Duration down_after = absl::Milliseconds(1000);  // until a sentinel holds a server for down
    absl::Duration failover_timeout =
        absl::Milliseconds(3000);  // until a failover that failed is tried again
    // Sentinels look at roles and tell of themselves every half second, not every ten and two: a primary that is
    // back is made a replica two or three seconds later instead of ten.
    bool prompt = false;
    std::vector<Place> places;  // of the servers, then of the sentinels; or none
    const Certificate* certificate =
        nullptr;  // not null: all speak TLS, as RedisServer has it; sentinels too
  };

  // Returns once the replicas are in step and the sentinels could fail over.
  static absl::StatusOr<std::unique_ptr<RedisReplicas>> Start() { return Start(Options()); }
  static absl::StatusOr<std::unique_ptr<RedisReplicas>> Start(Options options);

  // redis+sentinel://sentinel,sentinel,sentinel/kName, or rediss+sentinel://...?ca=FILE; `credentials` stands before
  // an @.
  std::string url(const std::string& credentials = "") const;

  RedisServer& server(size_t i) { return *servers_[i]; }  // 0 is the first primary
  ChildProcess& sentinel(size_t i) { return *sentinels_[i]; }
  // The server which the first sentinel that answers names; NOT_FOUND where none does.
  absl::StatusOr<size_t> Primary() const;
  // Waits until Primary() is another than `old`.
  absl::Status WaitForAnotherPrimary(size_t old) const;
  // Has the sentinels make a replica the primary, without anything being down.
  absl::Status FailOver();

 private:
  explicit RedisReplicas(Options options) : options_(std::move(options)) {}
  absl::Status StartServers();
  absl::Status StartSentinels();
  std::string Configuration(size_t sentinel) const;
  Place PlaceOf(size_t i) const { return options_.places.empty() ? Place() : options_.places[i]; }
  bool CanFailOver(size_t sentinel) const;
  // What redis-cli prints, with an exit code other than 0 as an error.
  absl::StatusOr<std::string> AskSentinel(size_t i, std::vector<std::string> command) const;
  absl::StatusOr<std::string> AskServer(size_t i, const std::vector<std::string>& command) const;

  const Options options_;
  std::vector<std::unique_ptr<RedisServer>> servers_;
  std::vector<int> ports_;        // of the sentinels
  std::vector<int> plain_ports_;  // for AskSentinel; the same without TLS
  std::vector<std::unique_ptr<TemporaryDirectory>> directories_;
  std::vector<std::unique_ptr<ChildProcess>> sentinels_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_REDIS_REPLICAS_H_
