#include "tests/bench/rig.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "services/base/auth/token.h"
#include "services/base/task.h"
#include "tests/servers/free_port.h"

namespace greenroom::bench {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(30);
constexpr char kPack[] = "tenants/default/packs/bench";

std::string Loopback(int port) { return absl::StrCat("127.0.0.1:", port); }

// The last lines that a process has logged.
std::string EndOf(const std::string& path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return text.size() > 2000 ? text.substr(text.size() - 2000) : text;
}

// What proc(5) says of the process's user and kernel time: fields 14 and 15 of its line, the 12th and 13th after its
// name, which is in parentheses and may hold anything.
absl::StatusOr<int64_t> TicksOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string line;
  std::getline(file, line);
  const std::vector<absl::string_view> fields = absl::StrSplit(
      absl::string_view(line).substr(std::min(line.size(), line.rfind(')') + 1)), ' ', absl::SkipEmpty());
  int64_t user = 0, kernel = 0;
  if (fields.size() < 13 || !absl::SimpleAtoi(fields[11], &user) || !absl::SimpleAtoi(fields[12], &kernel)) {
    return absl::NotFoundError(absl::StrCat("process ", pid, " has no times"));
  }
  return user + kernel;
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/task/", pid, "/children"));
  return std::vector<pid_t>(std::istream_iterator<pid_t>(file), {});
}

}  // namespace

const char* ProgramName(Program program) {
  switch (program) {
    case Program::kContent:
      return "greenroom-content";
    case Program::kScoring:
      return "greenroom-scoring";
    case Program::kSession:
      return "greenroom-session";
    case Program::kFloorBack:
      return "bench_floor-back";
    case Program::kFloorFront:
      return "bench_floor-front";
  }
  return "";
}

absl::StatusOr<std::unique_ptr<Rig>> Rig::Start(Options options) {
  std::unique_ptr<Rig> rig(new Rig(std::move(options)));
  RedisServer::Options redis;
  redis.args = {"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"};
  ASSIGN_OR_RETURN(rig->redis_, RedisServer::Start(redis));
  if (rig->options_.postgres) {
    ASSIGN_OR_RETURN(rig->postgres_, PostgresServer::Start());
    for (const char* database : {"floor", "content", "log"}) {
      RETURN_IF_ERROR(rig->postgres_->CreateDatabase(database).status());
    }
  }
  ASSIGN_OR_RETURN(const bool created, auth::CreateKeys(rig->Path("keys")));
  if (!created) return absl::InternalError("the folder of the run is not new");
  ASSIGN_OR_RETURN(rig->key_, auth::SigningKey::Load(rig->Path("keys/signing.jwk")));
  for (Process& process : rig->processes_) process.port = FreePort();
  for (const Program program :
       {Program::kScoring, Program::kContent, Program::kSession, Program::kFloorBack, Program::kFloorFront}) {
    RETURN_IF_ERROR(rig->Launch(program));
  }
  RETURN_IF_ERROR(rig->Publish());
  return rig;
}

std::string Rig::target(Program program) const { return Loopback(process(program).port); }

absl::Duration Rig::time_to_ready(Program program) const { return process(program).time_to_ready; }

std::string Rig::Path(absl::string_view file) const { return absl::StrCat(directory_.path(), "/", file); }

std::string Rig::Store(absl::string_view name) const {
  if (postgres_ != nullptr) return postgres_->url(name);
  return absl::StrCat("sqlite:", Path(absl::StrCat(name, ".db")));
}

std::vector<std::string> Rig::Arguments(Program program) const {
  std::vector<std::string> args = {absl::StrCat("--listen=", target(program))};
  if (program == Program::kFloorBack) return args;
  if (program == Program::kFloorFront) {
    args.push_back(absl::StrCat("--redis=", redis_->url()));
    args.push_back(absl::StrCat("--store=", Store("floor")));
    args.push_back(absl::StrCat("--back=", target(Program::kFloorBack)));
    return args;
  }
  args.insert(args.end(), {"--admin=127.0.0.1:0", "--metrics=127.0.0.1:0",
                           absl::StrCat("--jwks=", Path("keys/jwks.json")),
                           absl::StrCat("--key=", Path("keys/signing.jwk"))});
  if (program != Program::kScoring) args.push_back(absl::StrCat("--scoring=", target(Program::kScoring)));
  if (program != Program::kContent) args.push_back(absl::StrCat("--content=", target(Program::kContent)));
  if (program == Program::kContent) args.push_back(absl::StrCat("--store=", Store("content")));
  if (program == Program::kSession) {
    args.push_back(absl::StrCat("--event-log=", Store("log")));
    args.push_back(absl::StrCat("--redis=", redis_->url()));
  }
  return args;
}

absl::Status Rig::Launch(Program program) {
  const bool floor = program == Program::kFloorBack || program == Program::kFloorFront;
  const std::string log = Path(absl::StrCat(ProgramName(program), ".log"));
  ChildProcess::Options options;
  // Logs go to a file, as a service manager has it: no pipe that the generator would have to empty meanwhile. The shell
  // becomes the program, so the process id is the program's.
  options.args = {"/bin/sh", "-c", "exec \"$@\" 2>>\"$0\"", log,
                  floor ? options_.floor : absl::StrCat(options_.programs, "/", ProgramName(program))};
  for (std::string& arg : Arguments(program)) options.args.push_back(std::move(arg));
  const absl::Time begun = absl::Now();
  ASSIGN_OR_RETURN(process(program).child, ChildProcess::Start(std::move(options)));
  if (const absl::Status up = WaitForPort(process(program).port, kStartTimeout); !up.ok()) {
    return absl::Status(up.code(), absl::StrCat(ProgramName(program), ": ", up.message(), "\n", EndOf(log)));
  }
  process(program).time_to_ready = absl::Now() - begun;
  return absl::OkStatus();
}

absl::Status Rig::Greenroom(std::vector<std::string> args) const {
  ChildProcess::Options options;
  options.args = {absl::StrCat(options_.programs, "/greenroom")};
  for (std::string& arg : args) options.args.push_back(std::move(arg));
  ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> child, ChildProcess::Start(std::move(options)));
  child->CloseInput();
  ASSIGN_OR_RETURN(const int code, child->Wait(absl::Seconds(60)));
  if (code == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("greenroom exited with ", code, ":\n", child->Output()));
}

absl::Status Rig::Publish() {
  ASSIGN_OR_RETURN(const std::string bearer, Bearer(Role::kAuthor, "author"));
  const std::vector<std::string> where = {"--content", target(Program::kContent), "--token",
                                          bearer.substr(absl::string_view("Bearer ").size())};
  std::vector<std::string> import = {"import", options_.pack};
  import.insert(import.end(), where.begin(), where.end());
  RETURN_IF_ERROR(Greenroom(std::move(import)));
  std::vector<std::string> publish = {"publish", "bench"};
  publish.insert(publish.end(), where.begin(), where.end());
  RETURN_IF_ERROR(Greenroom(std::move(publish)));

  const auto stub = content::v1::ContentService::NewStub(
      grpc::CreateChannel(target(Program::kContent), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.AddMetadata("authorization", bearer);
  content::v1::GetPackRequest request;
  request.set_name(kPack);
  content::v1::Pack pack;
  const grpc::Status status = stub->GetPack(&context, request, &pack);
  if (!status.ok()) return absl::InternalError(absl::StrCat("GetPack: ", status.error_message()));
  revision_ = pack.revision();
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Rig::ResidentBytes(Program program) const {
  std::ifstream file(absl::StrCat("/proc/", process(program).child->pid(), "/status"));
  for (std::string line; std::getline(file, line);) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    int64_t kibibytes = 0;
    if (words.size() == 3 && words[0] == "VmRSS:" && absl::SimpleAtoi(words[1], &kibibytes)) {
      return kibibytes * 1024;
    }
  }
  return absl::NotFoundError(absl::StrCat(ProgramName(program), " has no VmRSS"));
}

absl::StatusOr<absl::Duration> Rig::CpuTime() const {
  std::vector<pid_t> pids = {redis_->pid()};
  for (const Process& process : processes_) pids.push_back(process.child->pid());
  if (postgres_ != nullptr) pids.push_back(postgres_->pid());
  int64_t ticks = 0;
  for (const pid_t backend : postgres_ == nullptr ? std::vector<pid_t>() : ChildrenOf(postgres_->pid())) {
    ticks += TicksOf(backend).value_or(0);  // it may have ended meanwhile
  }
  for (const pid_t pid : pids) {
    ASSIGN_OR_RETURN(const int64_t its, TicksOf(pid));
    ticks += its;
  }
  return absl::Seconds(1) * ticks / sysconf(_SC_CLK_TCK);
}

absl::StatusOr<std::string> Rig::Bearer(Role role, absl::string_view subject) const {
  const absl::Time now = absl::Now();
  const auth::Claims claims{.issuer = "bench",
                            .subject = std::string(subject),
                            .tenant = "default",
                            .roles = {std::string(RoleName(role))},
                            .expires = now + absl::Hours(24),
                            .not_before = now,
                            .issued_at = now};
  ASSIGN_OR_RETURN(const std::string token, auth::SignToken(*key_, claims));
  return absl::StrCat("Bearer ", token);
}

}  // namespace greenroom::bench
