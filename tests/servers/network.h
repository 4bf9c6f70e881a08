// Host and Network: machines of a test's own, each a network namespace, and switches between them, for a test to cut
// apart.
#ifndef GREENROOM_TESTS_SERVERS_NETWORK_H_
#define GREENROOM_TESTS_SERVERS_NETWORK_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/servers/process.h"

namespace greenroom {

// Moves the calling thread, with the threads and processes that it starts afterwards, into a network namespace of the
// test's own, where there is a loopback and nothing else, so that no name or address of the machine's is in the way.
// Once for a process: later calls do nothing. To be called before other threads use the network. Everything in it is
// gone with the test however that ends. PERMISSION_DENIED without root, NOT_FOUND without iproute2: a test must fail
// then.
absl::Status EnterOwnNetwork();

// A machine. It is kept by a process that sleeps.
class Host {
 public:
  static absl::StatusOr<std::unique_ptr<Host>> Start();

  // What makes a command line run there: it comes first. The process id is that of the command.
  std::vector<std::string> prefix() const;
  pid_t pid() const { return keeper_->pid(); }

 private:
  explicit Host(std::unique_ptr<ChildProcess> keeper) : keeper_(std::move(keeper)) {}

  const std::unique_ptr<ChildProcess> keeper_;
};

// Where a server runs and how it is reached. By default in the test's own network.
struct Place {
  std::vector<std::string> prefix;
  std::string address = "127.0.0.1";  // for its peers and its clients
  std::string console = "127.0.0.1";  // for the test, by a network that is never cut

  std::vector<std::string> Listening() const {
    return console == address ? std::vector<std::string>{address}
                              : std::vector<std::string>{address, console};
  }
  std::vector<std::string> Within(std::vector<std::string> args) const {
    args.insert(args.begin(), prefix.begin(), prefix.end());
    return args;
  }
};

// A network of hosts and the test itself, in the test's own network namespace. Its two switches are not connected: all
// are at the first one until a cut puts some at the second. So a cut loses every packet between the two sides, and
// nobody is told: links stay up, connections stay open, names are not asked for (everybody's hardware address is known
// beforehand). Not thread-safe.
class Network {
 public:
  // Addresses are 10.77.`number`.0/24, the test's is .1; `number` is of 0 to 99 and of one network at a time.
  static absl::StatusOr<std::unique_ptr<Network>> Make(int number);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Gives the host an address here, which it yields; at most 30 of them. The host must be gone last.
  absl::StatusOr<std::string> Connect(const Host& host);
  std::string address() const { return Address(1); }  // the test's own

  // From now on these reach one another and nobody else, and nobody else reaches them. Ends the cut before.
  absl::Status Cut(const std::vector<const Host*>& apart);
  // All reach all.
  absl::Status Heal();

 private:
  explicit Network(int number) : number_(number) {}
  std::string Address(size_t host) const;
  std::string Neighbours(absl::string_view device) const;

  const int number_;
  std::vector<const Host*> hosts_;  // at [i] the one with address .(i + 2)
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_NETWORK_H_
