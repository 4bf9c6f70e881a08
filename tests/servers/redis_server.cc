#include "tests/servers/redis_server.h"

#include <hiredis/hiredis.h>
#include <signal.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/base/task.h"
#include "tests/servers/free_port.h"

namespace greenroom {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);  // a loaded machine under a sanitizer
constexpr int kTries = 5;                                // another process can take the port first

using Connection = std::unique_ptr<redisContext, decltype(&redisFree)>;
using Reply = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

std::string Text(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return absl::StrCat(reply.integer);
    case REDIS_REPLY_ARRAY: {
      std::string text;
      for (size_t i = 0; i < reply.elements; ++i) absl::StrAppend(&text, Text(*reply.element[i]), "\n");
      return text;
    }
    case REDIS_REPLY_NIL:
      return "";
    default:
      return std::string(reply.str, static_cast<size_t>(reply.len));
  }
}

absl::StatusOr<std::string> Call(redisContext* connection, const std::vector<std::string>& args) {
  std::vector<const char*> data;
  std::vector<size_t> sizes;
  for (const std::string& arg : args) {
    data.push_back(arg.data());
    sizes.push_back(arg.size());
  }
  void* raw = redisCommandArgv(connection, static_cast<int>(args.size()), data.data(), sizes.data());
  const Reply reply(static_cast<redisReply*>(raw), freeReplyObject);
  if (reply == nullptr) return absl::UnavailableError(connection->errstr);
  if (reply->type == REDIS_REPLY_ERROR) return absl::InternalError(Text(*reply));
  return Text(*reply);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisServer>> RedisServer::Start(Options options) {
  std::unique_ptr<RedisServer> server(new RedisServer());
  server->options_ = std::move(options);
  server->directory_ = std::make_unique<TemporaryDirectory>();
  absl::Status status;
  for (int tries = 0; tries < kTries; ++tries) {
    server->port_ = server->options_.port != 0 ? server->options_.port : FreePort();
    server->plain_port_ = server->options_.certificate == nullptr ? server->port_ : FreePort();
    status = server->Launch();
    if (status.ok()) return server;
    if (absl::IsNotFound(status)) break;
  }
  return status;
}

absl::Status RedisServer::Launch() {
  ChildProcess::Options options;
  options.args =
      options_.place.Within({"redis-server", "--port", absl::StrCat(plain_port_), "--protected-mode", "no",
                             "--dir", directory(), "--save", "", "--daemonize", "no", "--logfile", "",
                             "--loglevel", "notice", "--maxmemory-policy", "noeviction"});
  options.args.push_back("--bind");
  for (std::string& address : options_.place.Listening()) options.args.push_back(std::move(address));
  if (options_.certificate != nullptr) {
    options.args.insert(
        options.args.end(),
        {"--tls-port", absl::StrCat(port_), "--tls-cert-file", options_.certificate->file(), "--tls-key-file",
         options_.certificate->key(), "--tls-ca-cert-file", options_.certificate->file(),
         "--tls-auth-clients", "no", "--tls-replication", "yes", "--tls-cluster", "yes"});
  }
  options.args.insert(options.args.end(), options_.args.begin(), options_.args.end());
  options.env = options_.env;
  ASSIGN_OR_RETURN(process_, ChildProcess::Start(std::move(options)));
  return process_->WaitForLine("Ready to accept connections", kPatience).status();
}

std::string RedisServer::url() const {
  const std::string server = absl::StrCat(address(), ":", port_);
  if (options_.certificate == nullptr) return absl::StrCat("redis://", server);
  return absl::StrCat("rediss://", server, "?ca=", options_.certificate->file());
}

void RedisServer::Kill9() { process_->Kill9(); }

absl::Status RedisServer::Stop() {
  RETURN_IF_ERROR(process_->Signal(SIGSTOP));
  // The signal is delivered once the state says so; a command sent now must not be answered.
  const std::string path = absl::StrCat("/proc/", pid(), "/stat");
  for (;;) {
    ASSIGN_OR_RETURN(const std::string stat, WaitForFile(path, kPatience));
    const size_t name_end = stat.rfind(')');
    if (name_end != std::string::npos && stat.compare(name_end, 3, ") T") == 0) return absl::OkStatus();
  }
}

absl::Status RedisServer::Cont() { return process_->Signal(SIGCONT); }

absl::Status RedisServer::Shutdown() { return process_->Terminate(kPatience).status(); }

absl::Status RedisServer::Restart(Data data) {
  Kill9();
  if (data == Data::kEmpty) EmptyDirectory(directory());
  return Launch();
}

absl::StatusOr<std::string> RedisServer::Command(const std::vector<std::string>& args,
                                                 const std::vector<std::string>& first) const {
  const timeval timeout = {5, 0};
  const Connection connection(redisConnectWithTimeout(options_.place.console.c_str(), plain_port_, timeout),
                              redisFree);
  if (connection == nullptr) return absl::UnavailableError("out of memory");
  if (connection->err != 0) return absl::UnavailableError(connection->errstr);
  redisSetTimeout(connection.get(), timeout);
  if (!first.empty()) RETURN_IF_ERROR(Call(connection.get(), first).status());
  return Call(connection.get(), args);
}

}  // namespace greenroom
