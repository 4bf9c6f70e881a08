#include "tests/servers/network.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "services/base/task.h"

namespace greenroom {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);  // a loaded machine
constexpr size_t kMost = 31;                             // hosts of a network, with the test

// The commands of ip, one a line, in the calling thread's network or in that of `within`.
absl::Status Ip(absl::string_view commands, std::vector<std::string> within = {}) {
  ChildProcess::Options options;
  options.args = std::move(within);
  options.args.insert(options.args.end(), {"ip", "-batch", "-"});
  ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> ip, ChildProcess::Start(std::move(options)));
  RETURN_IF_ERROR(ip->WriteInput(commands));
  ip->CloseInput();
  ASSIGN_OR_RETURN(const int code, ip->Wait(kPatience));
  if (code == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("ip exited with ", code, ": ", ip->Output(), "\nof:\n", commands));
}

absl::Status UnshareOnce() {
  if (unshare(CLONE_NEWNET) != 0) return absl::ErrnoToStatus(errno, "a network namespace (needs root)");
  return Ip("link set lo up\n");
}

// An Ethernet address of those that are nobody's.
std::string Hardware(int network, size_t host) {
  return absl::StrFormat("02:00:00:00:%02x:%02x", network, host);
}

std::string Near(int network) { return absl::StrCat("near", network); }
std::string Far(int network) { return absl::StrCat("far", network); }
// The switches' end of a host's cable.
std::string Port(int network, size_t host) { return absl::StrCat("port", network, "-", host); }
std::string Device(int network) { return absl::StrCat("net", network); }

}  // namespace

absl::Status EnterOwnNetwork() {
  static const absl::Status& entered = *new absl::Status(UnshareOnce());
  return entered;
}

absl::StatusOr<std::unique_ptr<Host>> Host::Start() {
  ChildProcess::Options options;
  options.args = {"unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"};
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> keeper, ChildProcess::Start(std::move(options)));
  RETURN_IF_ERROR(keeper->WaitForLine("up", kPatience).status());
  return std::unique_ptr<Host>(new Host(std::move(keeper)));
}

std::vector<std::string> Host::prefix() const {
  return {"nsenter", absl::StrCat("--net=/proc/", pid(), "/ns/net"), "--"};
}

absl::StatusOr<std::unique_ptr<Network>> Network::Make(int number) {
  std::unique_ptr<Network> network(new Network(number));
  const std::string near = Near(number);
  RETURN_IF_ERROR(Ip(absl::StrCat("link add ", near, " address ", Hardware(number, 1),
                                  " type bridge\nlink add ", Far(number), " type bridge\naddr add ",
                                  network->address(), "/24 dev ", near, "\nlink set ", near, " up\nlink set ",
                                  Far(number), " up\n", network->Neighbours(near))));
  return network;
}

Network::~Network() {
  std::string commands;
  for (size_t i = 0; i < hosts_.size(); ++i)
    absl::StrAppend(&commands, "link del ", Port(number_, i + 2), "\n");
  Ip(absl::StrCat(commands, "link del ", Near(number_), "\nlink del ", Far(number_), "\n")).IgnoreError();
}

std::string Network::Address(size_t host) const { return absl::StrCat("10.77.", number_, ".", host); }

std::string Network::Neighbours(absl::string_view device) const {
  std::string commands;
  for (size_t host = 1; host <= kMost; ++host) {
    absl::StrAppend(&commands, "neigh replace ", Address(host), " lladdr ", Hardware(number_, host),
                    " nud permanent dev ", device, "\n");
  }
  return commands;
}

absl::StatusOr<std::string> Network::Connect(const Host& host) {
  const size_t number = hosts_.size() + 2;
  if (number > kMost) return absl::ResourceExhaustedError("the network is full");
  const std::string port = Port(number_, number);
  const std::string device = Device(number_);
  RETURN_IF_ERROR(Ip(absl::StrCat("link add ", port, " master ", Near(number_), " type veth peer name ",
                                  device, " address ", Hardware(number_, number), " netns ", host.pid(),
                                  "\nlink set ", port, " up\n")));
  hosts_.push_back(&host);
  RETURN_IF_ERROR(Ip(absl::StrCat("addr add ", Address(number), "/24 dev ", device, "\nlink set ", device,
                                  " up\n", Neighbours(device)),
                     host.prefix()));
  return Address(number);
}

absl::Status Network::Cut(const std::vector<const Host*>& apart) {
  std::string commands;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    const bool far = std::find(apart.begin(), apart.end(), hosts_[i]) != apart.end();
    absl::StrAppend(&commands, "link set ", Port(number_, i + 2), " master ",
                    far ? Far(number_) : Near(number_), "\n");
  }
  return Ip(commands);
}

absl::Status Network::Heal() { return Cut({}); }

}  // namespace greenroom
