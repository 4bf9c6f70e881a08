// PostgresServer: a real PostgreSQL server that a test starts, hurts and ends.
#ifndef GREENROOM_TESTS_SERVERS_POSTGRES_SERVER_H_
#define GREENROOM_TESTS_SERVERS_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/servers/network.h"
#include "tests/servers/process.h"

namespace greenroom {

// Listens on a free port of 127.0.0.1 or of its place, takes user "greenroom" without a password, keeps its files in a temporary
// directory of its own, and dies with the test. Runs as user postgres where the test is root: the server refuses root.
// Its methods wait until what they say is so. Not thread-safe.
class PostgresServer {
 public:
  struct Options {
    std::vector<std::string> settings;  // "name=value", added to the command line, so they win
    std::string directory;  // where it keeps its files: empty, and outlives it; otherwise one of its own
    bool tls = false;  // with a certificate of its own for "localhost", valid for a day; see certificate()
    Place place;
  };

  ~PostgresServer();  // ends it at once, backends too
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Returns once the server accepts connections. NOT_FOUND when there is no PostgreSQL: a test must fail then.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Start() { return Start(Options()); }
  static absl::StatusOr<std::unique_ptr<PostgresServer>> Start(Options options);
  // A standby that streams from `primary`, started from a copy of it; `name` is its application_name there.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> StartStandby(const PostgresServer& primary,
                                                                      const std::string& name);
  // The same, and from now on no commit of the primary's is answered before it is on this one too. Promoted, it waits for
  // nobody.
  static absl::StatusOr<std::unique_ptr<PostgresServer>> StartSynchronousStandby(
      const PostgresServer& primary);

  int port() const { return port_; }
  std::string url(
      absl::string_view database = "postgres") const;  // postgresql://greenroom@address:port/database
  std::string certificate() const { return directory() + "/server.crt"; }
  const std::string& directory() const {
    return options_.directory.empty() ? directory_->path() : options_.directory;
  }
  pid_t pid() const { return process_->pid(); }
  bool Running() const { return process_->Running(); }
  std::string Log() const { return process_->Output(); }

  void Kill9();            // the server and, soon after, all its backends
  absl::Status Restart();  // on the same port, with what is on its disk; kills it first if it runs
  absl::Status Promote();  // of a standby

  // One statement, or several, on a connection of their own; yields the first column of the last one's rows, one a line.
  absl::StatusOr<std::string> Run(const std::string& sql, absl::string_view database = "postgres") const;
  // A new empty database of the default settings; yields its URL.
  absl::StatusOr<std::string> CreateDatabase(const std::string& name) const;

 private:
  PostgresServer() = default;
  static absl::StatusOr<std::unique_ptr<PostgresServer>> StartIn(std::unique_ptr<PostgresServer> server);
  absl::Status Launch();

  Options options_;
  int port_ = 0;
  std::unique_ptr<TemporaryDirectory> directory_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_POSTGRES_SERVER_H_
