// NameServer: the DNS of a test, whose answers it changes while clients run.
#ifndef GREENROOM_TESTS_SERVERS_NAME_SERVER_H_
#define GREENROOM_TESTS_SERVERS_NAME_SERVER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/servers/process.h"

namespace greenroom {

// A real dnsmasq on a free port of 127.0.0.1 that knows what it is told and asks nobody. Dies with the test. Not
// thread-safe.
class NameServer {
 public:
  // NOT_FOUND when there is no dnsmasq: a test must fail then.
  static absl::StatusOr<std::unique_ptr<NameServer>> Start();

  // From when this returns `name` has these IPv4 addresses, and no others. Answers are not to be kept (TTL 0).
  absl::Status Set(const std::string& name, std::vector<std::string> addresses);

  // A gRPC target of `name` at `port` of whatever addresses it has.
  std::string Target(const std::string& name, int port) const;

 private:
  NameServer() = default;
  std::string hosts_path() const;
  absl::Status WriteHosts() const;

  int port_ = 0;
  TemporaryDirectory directory_;
  std::map<std::string, std::vector<std::string>> addresses_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_NAME_SERVER_H_
