#include "tests/servers/name_server.h"

#include <signal.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/task.h"
#include "tests/servers/free_port.h"

namespace greenroom {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

}  // namespace

absl::StatusOr<std::unique_ptr<NameServer>> NameServer::Start() {
  std::unique_ptr<NameServer> server(new NameServer());
  server->port_ = FreePort();
  RETURN_IF_ERROR(server->WriteHosts());
  ChildProcess::Options options;
  options.args = {"dnsmasq",
                  "--keep-in-foreground",
                  "--conf-file=/dev/null",
                  "--pid-file=",
                  "--user=root",  // or it could not read the test's directory
                  "--log-facility=-",
                  "--no-resolv",
                  "--no-hosts",
                  "--bind-interfaces",
                  "--listen-address=127.0.0.1",
                  absl::StrCat("--port=", server->port_),
                  absl::StrCat("--addn-hosts=", server->hosts_path())};
  ASSIGN_OR_RETURN(server->process_, ChildProcess::Start(std::move(options)));
  RETURN_IF_ERROR(server->process_->WaitForLine("read ", kPatience).status());
  return server;
}

absl::Status NameServer::Set(const std::string& name, std::vector<std::string> addresses) {
  addresses_[name] = std::move(addresses);
  RETURN_IF_ERROR(WriteHosts());
  const size_t from = process_->Output().size();
  RETURN_IF_ERROR(process_->Signal(SIGHUP));
  return process_->WaitForLine("read ", kPatience, from).status();
}

std::string NameServer::Target(const std::string& name, int port) const {
  return absl::StrCat("dns://127.0.0.1:", port_, "/", name, ":", port);
}

std::string NameServer::hosts_path() const { return absl::StrCat(directory_.path(), "/hosts"); }

absl::Status NameServer::WriteHosts() const {
  std::ofstream hosts(hosts_path());
  for (const auto& [name, addresses] : addresses_) {
    for (const std::string& address : addresses) hosts << address << ' ' << name << '\n';
  }
  hosts.close();
  return hosts ? absl::OkStatus() : absl::InternalError(absl::StrCat("cannot write ", hosts_path()));
}

}  // namespace greenroom
