// bench_floor: the least that calls like ours cost. It serves FloorService with nothing around it: no credential, no
// metrics, no log, no deadline of its own.
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/base/config.h"
#include "services/base/redis/redis_client.h"
#include "services/base/server.h"
#include "services/base/sql/database.h"
#include "services/base/sql/group_committer.h"
#include "services/base/sql/spelling.h"
#include "services/base/task.h"
#include "tests/bench/floor_service.grpc.pb.h"

namespace greenroom::bench {
namespace {

constexpr absl::Duration kBound = absl::Seconds(5);

struct Options {
  std::string listen;
  std::string redis;  // empty: only Echo is served
  std::string store;
  std::string back;  // where Pipeline's second hop is

  void AddFlags(Flags& flags) {
    flags.Address("listen", &listen, "where to serve");
    flags.Text("redis", &redis, "URL of the Redis that EchoRedis and Pipeline use");
    flags.Text("store", &store, "URL of the database that Pipeline commits to");
    flags.Text("back", &back, "gRPC target of the process that Pipeline calls");
  }
};

const RedisScript& ReadScript() {
  static const RedisScript& script = *new RedisScript("return redis.call('HGET', KEYS[1], 'state')");
  return script;
}

const RedisScript& WriteScript() {
  static const RedisScript& script = *new RedisScript("return redis.call('HSET', KEYS[1], 'state', ARGV[1])");
  return script;
}

// The stores of the front process; both null in the back one.
struct Stores {
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<sql::GroupCommitter> committer;
  std::unique_ptr<RedisClient> redis;
};

absl::StatusOr<Stores> OpenStores(const Options& options) {
  Stores stores;
  if (options.redis.empty()) return stores;
  RedisOptions redis;
  redis.url = options.redis;
  redis.command_timeout = kBound;
  ASSIGN_OR_RETURN(stores.redis, MakeRedisClient(redis));
  ASSIGN_OR_RETURN(stores.database, sql::Database::Open(options.store));
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<sql::Connection> connection, stores.database->Connect());
    RETURN_IF_ERROR(connection
                        ->Execute(sql::Ddl(connection->dialect(),
                                           "CREATE TABLE rows (commit_seq {identity}, key {text} NOT NULL, "
                                           "number {integer} NOT NULL, payload {text} NOT NULL, "
                                           "UNIQUE (key, number)){strict}"))
                        .status());
  }
  const sql::TableSpec table = {"rows", {"key", "number", "payload"}, {{"key", "number"}}};
  ASSIGN_OR_RETURN(stores.committer, sql::GroupCommitter::Start(*stores.database, table));
  return stores;
}

class Floor final : public FloorService::CallbackService {
 public:
  Floor(const Stores& stores, std::unique_ptr<FloorService::Stub> back)
      : stores_(stores), back_(std::move(back)) {}

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const FloorRequest* request,
                                 FloorReply* reply) override {
    reply->set_text(request->text());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerUnaryReactor* EchoRedis(grpc::CallbackServerContext* context, const FloorRequest* request,
                                      FloorReply* reply) override {
    return Serve(context, ReadOnce(*request, *reply));
  }

  grpc::ServerUnaryReactor* Pipeline(grpc::CallbackServerContext* context, const FloorRequest* request,
                                     FloorReply* reply) override {
    return Serve(context, Carry(*request, *reply));
  }

 private:
  static grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, Task<absl::Status> task) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    StartTask(std::move(task), [reactor](const absl::Status& status) {
      reactor->Finish(status.ok() ? grpc::Status::OK
                                  : grpc::Status(grpc::StatusCode::INTERNAL, std::string(status.message())));
    });
    return reactor;
  }

  Task<absl::Status> ReadOnce(const FloorRequest& request, FloorReply& reply) {
    std::vector<std::string> keys = {request.key()};
    absl::StatusOr<RedisReply> read =
        co_await stores_.redis->Eval(ReadScript(), std::move(keys), {}, absl::Now() + kBound);
    reply.set_text(request.text());
    co_return read.status();
  }

  Task<absl::Status> Carry(const FloorRequest& request, FloorReply& reply) {
    const absl::Time deadline = absl::Now() + kBound;
    std::vector<std::string> get = {"HGET", request.key(), "state"};
    absl::StatusOr<RedisReply> state = co_await stores_.redis->Command(std::move(get), deadline);
    if (!state.ok()) co_return state.status();

    grpc::ClientContext context;
    grpc::Status echoed = co_await AwaitCallback<grpc::Status>([&](auto done) {
      back_->async()->Echo(&context, &request, &reply,
                           [done](grpc::Status status) mutable { done(std::move(status)); });
    });
    if (!echoed.ok()) co_return absl::InternalError(echoed.error_message());

    sql::Unit unit = {{sql::Row{request.key(), request.number(), request.text()}}};
    absl::StatusOr<sql::CommitOutcome> committed =
        co_await stores_.committer->Commit(std::move(unit), deadline);
    if (!committed.ok()) co_return committed.status();
    if (*committed != sql::CommitOutcome::kWritten) co_return absl::InternalError("the row is there already");

    std::vector<std::string> keys = {request.key()};
    std::vector<std::string> args = {reply.text()};
    absl::StatusOr<RedisReply> written =
        co_await stores_.redis->Eval(WriteScript(), std::move(keys), std::move(args), deadline);
    co_return written.status();
  }

  const Stores& stores_;
  const std::unique_ptr<FloorService::Stub> back_;
};

int Fail(absl::string_view why) {
  std::cerr << "bench_floor: " << why << "\n";
  return kExitUsage;
}

int Run(int argc, char** argv) {
  TerminationSignal signal;
  Options options;
  Flags flags("bench_floor", "0", "Serves the least that calls like ours cost.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  absl::StatusOr<Stores> stores = OpenStores(options);
  if (!stores.ok()) return Fail(stores.status().message());
  std::unique_ptr<FloorService::Stub> back;
  if (!options.back.empty()) {
    back = FloorService::NewStub(grpc::CreateChannel(options.back, grpc::InsecureChannelCredentials()));
  }
  Floor floor(*stores, std::move(back));
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials());
  builder.RegisterService(&floor);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return Fail("cannot listen on " + options.listen);
  signal.Wait();
  server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace greenroom::bench

int main(int argc, char** argv) { return greenroom::bench::Run(argc, argv); }
