// RedisServer: a real redis-server that a test starts, hurts and ends.
#ifndef GREENROOM_TESTS_SERVERS_REDIS_SERVER_H_
#define GREENROOM_TESTS_SERVERS_REDIS_SERVER_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/servers/certificate.h"
#include "tests/servers/network.h"
#include "tests/servers/process.h"

namespace greenroom {

// Listens on a free port of 127.0.0.1 or of its place, keeps its files in a temporary directory of its own, and dies with the
// test. Without options it persists nothing. Its methods wait until what they say is so. Not thread-safe.
class RedisServer {
 public:
  struct Options {
    // Added to the command line, last, so they win: {"--appendonly", "yes", "--appendfsync", "always"},
    // {"--requirepass", "secret"}, {"--maxmemory-policy", "allkeys-lru"}.
    std::vector<std::string> args;
    int port = 0;  // 0: a free one
    // Where it keeps its files; must be there and outlive it. Empty: a temporary directory of its own.
    std::string directory;
    std::map<std::string, std::string> env;  // set on top of this process's environment
    Place place;
    // Not null: port() is one for TLS, with this certificate, which outlives it; so is what servers say to one another.
    // Clients need no certificate, unless args hold {"--tls-auth-clients", "yes", "--tls-ca-cert-file", FILE}.
    const Certificate* certificate = nullptr;
  };
  enum class Data {
    kKeep,   // the append-only file, if there is one, is loaded again
    kEmpty,  // the directory is emptied first
  };

  // Returns once the server accepts connections. NOT_FOUND when there is no redis-server: a test must fail
  // then.
  static absl::StatusOr<std::unique_ptr<RedisServer>> Start() { return Start(Options()); }
  static absl::StatusOr<std::unique_ptr<RedisServer>> Start(Options options);

  int port() const { return port_; }
  const std::string& address() const { return options_.place.address; }  // without the port
  // redis://address:port or rediss://address:port?ca=FILE, without a password.
  std::string url() const;
  pid_t pid() const { return process_->pid(); }
  bool Running() const { return process_->Running(); }
  std::string Log() const { return process_->Output(); }
  const std::string& directory() const {
    return options_.directory.empty() ? directory_->path() : options_.directory;
  }

  void Kill9();                     // SIGKILL
  absl::Status Stop();              // SIGSTOP: the kernel goes on accepting and buffering, nobody answers
  absl::Status Cont();              // SIGCONT
  absl::Status Shutdown();          // SIGTERM: it saves what it is told to save and ends
  absl::Status Restart(Data data);  // on the same port; kills it first if it runs

  // One command on a connection of its own, never by TLS, blocking for 5 s at most; arrays yield their elements, one a
  // line. An error reply is INTERNAL with its text. With a password pass {"AUTH", ...} through `first`.
  absl::StatusOr<std::string> Command(const std::vector<std::string>& args,
                                      const std::vector<std::string>& first = {}) const;

 private:
  RedisServer() = default;
  absl::Status Launch();

  Options options_;
  int port_ = 0;
  int plain_port_ = 0;  // for Command; the same without TLS
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_REDIS_SERVER_H_
