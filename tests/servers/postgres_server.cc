#include "tests/servers/postgres_server.h"

#include <libpq-fe.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/base/task.h"
#include "tests/servers/certificate.h"
#include "tests/servers/free_port.h"

namespace greenroom {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);  // a loaded machine, recovering
constexpr int kTries = 5;                                // another process can take the port first
constexpr char kVersions[] = "/usr/lib/postgresql";      // where Debian keeps one folder for each

// The folder of the newest version's programs.
absl::StatusOr<std::string> Programs() {
  int newest = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(kVersions, none)) {
    const int version = atoi(entry.path().filename().c_str());
    if (std::filesystem::exists(entry.path() / "bin/postgres")) newest = std::max(newest, version);
  }
  if (newest == 0) return absl::NotFoundError(absl::StrCat("no PostgreSQL server in ", kVersions));
  return absl::StrCat(kVersions, "/", newest, "/bin/");
}

// `args` as a process that is not root, and still dies with its parent.
std::vector<std::string> Unprivileged(std::vector<std::string> args) {
  if (geteuid() != 0) return args;
  std::vector<std::string> wrapped = {"setpriv",        "--reuid=postgres", "--regid=postgres",
                                      "--clear-groups", "--pdeathsig=KILL", "--"};
  wrapped.insert(wrapped.end(), args.begin(), args.end());
  return wrapped;
}

absl::Status RunProgram(std::vector<std::string> args) {
  return ::greenroom::RunToEnd({.args = std::move(args), .env = {{"LC_ALL", "C"}}, .working_directory = "/"});
}

absl::Status GiveToServer(const std::string& directory) {
  if (geteuid() != 0) return absl::OkStatus();
  RETURN_IF_ERROR(RunProgram({"chown", "postgres:postgres", directory}));
  return RunProgram({"chmod", "700", directory});
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::Start(Options options) {
  std::unique_ptr<PostgresServer> server(new PostgresServer());
  server->options_ = std::move(options);
  ASSIGN_OR_RETURN(const std::string programs, Programs());
  server->directory_ = std::make_unique<TemporaryDirectory>();
  RETURN_IF_ERROR(GiveToServer(server->directory()));
  // What initdb writes need not survive a power cut; what the server writes must.
  RETURN_IF_ERROR(
      RunProgram(Unprivileged({absl::StrCat(programs, "initdb"), "-D", server->directory(), "-U", "greenroom",
                               "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"})));
  // initdb lets in whoever comes from the machine itself.
  std::ofstream(server->directory() + "/pg_hba.conf", std::ios::app) << "host all all samenet trust\n";
  if (server->options_.tls) {
    RETURN_IF_ERROR(RunProgram(Unprivileged(CertificateCommand(server->directory(), kLoopbackNames))));
  }
  return StartIn(std::move(server));
}

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::StartStandby(const PostgresServer& primary,
                                                                             const std::string& name) {
  std::unique_ptr<PostgresServer> server(new PostgresServer());
  ASSIGN_OR_RETURN(const std::string programs, Programs());
  server->directory_ = std::make_unique<TemporaryDirectory>();
  RETURN_IF_ERROR(GiveToServer(server->directory()));
  RETURN_IF_ERROR(RunProgram(Unprivileged({absl::StrCat(programs, "pg_basebackup"), "-D", server->directory(),
                                           "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "-d",
                                           absl::StrCat(primary.url(), "?application_name=", name)})));
  return StartIn(std::move(server));
}

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::StartSynchronousStandby(
    const PostgresServer& primary) {
  ASSIGN_OR_RETURN(std::unique_ptr<PostgresServer> standby, StartStandby(primary, "standby"));
  // After the copy, so that it is not in it.
  RETURN_IF_ERROR(primary.Run("ALTER SYSTEM SET synchronous_standby_names = 'standby'").status());
  RETURN_IF_ERROR(primary.Run("SELECT pg_reload_conf()").status());
  const absl::Time end = absl::Now() + kPatience;
  for (;;) {
    ASSIGN_OR_RETURN(const std::string state, primary.Run("SELECT sync_state FROM pg_stat_replication"));
    if (state == "sync\n") return standby;
    if (absl::Now() > end) return absl::DeadlineExceededError("the standby does not become synchronous");
    absl::SleepFor(absl::Milliseconds(20));
  }
}

PostgresServer::~PostgresServer() {
  // "Immediate shutdown" of the server's manual, section 19.5: backends end without saying goodbye.
  if (process_ == nullptr || !process_->Signal(SIGQUIT).ok()) return;
  process_->Wait(kPatience).status().IgnoreError();
}

absl::StatusOr<std::unique_ptr<PostgresServer>> PostgresServer::StartIn(
    std::unique_ptr<PostgresServer> server) {
  absl::Status status;
  for (int tries = 0; tries < kTries; ++tries) {
    server->port_ = FreePort();
    status = server->Launch();
    if (status.ok()) return server;
  }
  return status;
}

absl::Status PostgresServer::Launch() {
  ASSIGN_OR_RETURN(const std::string programs, Programs());
  std::vector<std::string> settings = {
      absl::StrCat("port=", port_),
      absl::StrCat("listen_addresses=", absl::StrJoin(options_.place.Listening(), ",")),
      "unix_socket_directories=",
      "shared_buffers=32MB",
      "max_connections=100",
      "logging_collector=off",
      "log_destination=stderr",
      absl::StrCat("ssl=", options_.tls ? "on" : "off")};
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  std::vector<std::string> args = {absl::StrCat(programs, "postgres"), "-D", directory()};
  for (const std::string& setting : settings) {
    args.push_back("-c");
    args.push_back(setting);
  }
  ChildProcess::Options options;
  options.args = options_.place.Within(Unprivileged(std::move(args)));
  options.env = {{"LC_ALL", "C"}};
  options.working_directory = "/";
  ASSIGN_OR_RETURN(process_, ChildProcess::Start(std::move(options)));
  return process_->WaitForLine("ready to accept", kPatience).status();
}

std::string PostgresServer::url(absl::string_view database) const {
  return absl::StrCat("postgresql://greenroom@", options_.place.address, ":", port_, "/", database);
}

void PostgresServer::Kill9() {
  process_->Kill9();
  // The next server on this directory waits for the last one's backends; they end when they see that it is gone.
  absl::SleepFor(absl::Milliseconds(50));
}

absl::Status PostgresServer::Restart() {
  Kill9();
  // A backend that has not yet noticed makes the new server refuse to start.
  absl::Status status;
  for (int tries = 0; tries < 100; ++tries) {
    status = Launch();
    if (status.ok()) return status;
    absl::SleepFor(absl::Milliseconds(50));
  }
  return status;
}

absl::Status PostgresServer::Promote() { return Run("SELECT pg_promote()").status(); }

absl::StatusOr<std::string> PostgresServer::Run(const std::string& sql, absl::string_view database) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url(database).c_str()),
                                                                &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return absl::UnavailableError(PQerrorMessage(connection.get()));
  }
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    return absl::InternalError(PQresultErrorMessage(result.get()));
  }
  std::string text;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    absl::StrAppend(&text, PQgetvalue(result.get(), row, 0), "\n");
  }
  return text;
}

absl::StatusOr<std::string> PostgresServer::CreateDatabase(const std::string& name) const {
  RETURN_IF_ERROR(Run(absl::StrCat("CREATE DATABASE ", name)).status());
  return url(name);
}

}  // namespace greenroom
