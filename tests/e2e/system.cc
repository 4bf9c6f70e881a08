#include "tests/e2e/system.h"

#include <sqlite3.h>

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/base/task.h"
#include "tests/servers/free_port.h"

namespace greenroom::e2e {
namespace {

// Sanitizer builds start slowly on a busy machine.
constexpr absl::Duration kStartTimeout = absl::Seconds(30);

const char* ProgramName(Service service) {
  switch (service) {
    case Service::kContent:
      return "greenroom-content";
    case Service::kScoring:
      return "greenroom-scoring";
    case Service::kSession:
      return "greenroom-session";
  }
  return "";
}

std::string Program(absl::string_view name) { return absl::StrCat(GREENROOM_BIN_DIR, "/", name); }

std::string Loopback(int port) { return absl::StrCat("127.0.0.1:", port); }

}  // namespace

absl::StatusOr<std::unique_ptr<System>> System::Start() {
  std::unique_ptr<System> system(new System());
  RedisServer::Options redis;
  redis.args = {"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"};
  ASSIGN_OR_RETURN(system->redis_, RedisServer::Start(redis));
  for (Process& process : system->processes_) process.port = FreePort();
  ASSIGN_OR_RETURN(const std::string keys, system->Greenroom({"keygen", system->store_path("keys")}));
  for (Service service : {Service::kScoring, Service::kContent, Service::kSession}) {
    RETURN_IF_ERROR(system->StartService(service));
  }
  ASSIGN_OR_RETURN(const std::string author, system->Token("author", "author"));
  ASSIGN_OR_RETURN(const std::string published,
                   system->Greenroom({"publish", "--shipped", "--content", system->target(Service::kContent),
                                      "--token", author}));
  return system;
}

std::string System::target(Service service) const {
  return Loopback(processes_[static_cast<size_t>(service)].port);
}

std::string System::witness_target() const { return Loopback(witness_.port); }

std::string System::store_path(absl::string_view file) const {
  return absl::StrCat(directory_.path(), "/", file);
}

absl::StatusOr<std::unique_ptr<ChildProcess>> System::Launch(Service service, int port,
                                                             absl::string_view redis_url) {
  ChildProcess::Options options;
  options.args = {Program(ProgramName(service)),
                  absl::StrCat("--listen=", Loopback(port)),
                  "--admin=127.0.0.1:0",
                  "--metrics=127.0.0.1:0",
                  "--drain-delay=100ms",
                  absl::StrCat("--jwks=", store_path("keys/jwks.json")),
                  absl::StrCat("--key=", store_path("keys/signing.jwk"))};
  if (service != Service::kScoring) {
    options.args.push_back(absl::StrCat("--scoring=", target(Service::kScoring)));
  }
  if (service != Service::kContent) {
    options.args.push_back(absl::StrCat("--content=", target(Service::kContent)));
  }
  if (service == Service::kContent) {
    options.args.push_back(absl::StrCat("--store=sqlite:", store_path("content.db")));
  }
  if (service == Service::kSession) {
    options.args.push_back(absl::StrCat("--event-log=sqlite:", store_path("log.db")));
    options.args.push_back(absl::StrCat("--redis=", redis_url));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> child, ChildProcess::Start(std::move(options)));
  if (absl::Status up = WaitForPort(port, kStartTimeout); !up.ok()) {
    return absl::Status(up.code(),
                        absl::StrCat(ProgramName(service), ": ", up.message(), "\n", child->Output()));
  }
  return child;
}

absl::Status System::StartService(Service service) {
  ASSIGN_OR_RETURN(process(service).child, Launch(service, process(service).port, redis_->url()));
  return absl::OkStatus();
}

void System::Kill9(Service service) { process(service).child->Kill9(); }

absl::StatusOr<int> System::Terminate(Service service) {
  return process(service).child->Terminate(absl::Seconds(40));
}

absl::Status System::StartWitness() {
  ASSIGN_OR_RETURN(witness_redis_, RedisServer::Start());
  witness_.port = FreePort();
  ASSIGN_OR_RETURN(witness_.child, Launch(Service::kSession, witness_.port, witness_redis_->url()));
  return absl::OkStatus();
}

void System::StopWitness() {
  witness_.child->Kill9();
  witness_redis_->Kill9();
}

absl::StatusOr<std::string> System::Token(absl::string_view role, absl::string_view learner) {
  ASSIGN_OR_RETURN(const std::string token,
                   Greenroom({"token", "--role", std::string(role), "--learner", std::string(learner),
                              "--hours", "1", "--key", store_path("keys/signing.jwk")}));
  return std::string(absl::StripAsciiWhitespace(token));
}

absl::StatusOr<std::string> System::Greenroom(std::vector<std::string> args) {
  ChildProcess::Options options;
  options.args = {Program("greenroom")};
  options.keep_stderr = true;  // its notes are for people
  for (std::string& arg : args) options.args.push_back(std::move(arg));
  ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> child, ChildProcess::Start(std::move(options)));
  child->CloseInput();
  ASSIGN_OR_RETURN(const int code, child->Wait(absl::Seconds(60)));
  if (code != 0)
    return absl::InternalError(absl::StrCat("greenroom exited with ", code, ":\n", child->Output()));
  return child->Output();
}

namespace {

// One statement on a connection of its own; yields the first column of every row.
absl::StatusOr<std::vector<int>> QueryInts(const std::string& path, const std::string& sql,
                                           absl::string_view parameter) {
  sqlite3* db = nullptr;
  absl::Cleanup close = [&db] { sqlite3_close(db); };
  if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    return absl::InternalError(absl::StrCat("cannot open ", path, ": ", sqlite3_errmsg(db)));
  }
  sqlite3_busy_timeout(db, 5000);
  sqlite3_stmt* statement = nullptr;
  absl::Cleanup finalize = [&statement] { sqlite3_finalize(statement); };
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    return absl::InternalError(absl::StrCat(sql, ": ", sqlite3_errmsg(db)));
  }
  if (sqlite3_bind_parameter_count(statement) == 1) {
    sqlite3_bind_text(statement, 1, parameter.data(), static_cast<int>(parameter.size()), SQLITE_TRANSIENT);
  }
  std::vector<int> values;
  while (true) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return values;
    if (code != SQLITE_ROW) return absl::InternalError(absl::StrCat(sql, ": ", sqlite3_errmsg(db)));
    values.push_back(sqlite3_column_int(statement, 0));
  }
}

}  // namespace

absl::StatusOr<std::vector<int>> System::LogRows(const std::vector<std::string>& event_ids) {
  std::vector<int> rows;
  for (const std::string& id : event_ids) {
    ASSIGN_OR_RETURN(const std::vector<int> count,
                     QueryInts(store_path("log.db"), "SELECT count(*) FROM events WHERE event_id = ?", id));
    rows.push_back(count.at(0));
  }
  return rows;
}

absl::Status System::SequencesContiguous() {
  ASSIGN_OR_RETURN(const std::vector<int> holes,
                   QueryInts(store_path("log.db"),
                             "SELECT count(*) FROM (SELECT 1 FROM events GROUP BY tenant, learner "
                             "HAVING min(seq) <> 1 OR max(seq) <> count(*))",
                             ""));
  if (holes.at(0) != 0)
    return absl::InternalError(absl::StrCat(holes.at(0), " learners have holes in their log"));
  return absl::OkStatus();
}

absl::StatusOr<int> System::CountRows(absl::string_view kind) {
  ASSIGN_OR_RETURN(const std::vector<int> count,
                   QueryInts(store_path("log.db"), "SELECT count(*) FROM events WHERE kind = ?", kind));
  return count.at(0);
}

}  // namespace greenroom::e2e
