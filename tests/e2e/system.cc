#include "tests/e2e/system.h"

#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/base/sql/database.h"
#include "services/base/task.h"
#include "tests/servers/free_port.h"

namespace greenroom::e2e {
namespace {

// Sanitizer builds start slowly on a busy machine.
constexpr absl::Duration kStartTimeout = absl::Seconds(30);
// What is written is kept in memory only as it comes.
constexpr int64_t kDiskBytes = int64_t{1} << 30;

constexpr int kTries = 3;  // another process can take a port first

bool IsPortTaken(const absl::Status& status) {
  return absl::StrContains(status.message(), "cannot listen on");
}

std::string Program(absl::string_view name) { return absl::StrCat(GREENROOM_BIN_DIR, "/", name); }

// A gRPC target of these.
std::string TargetOf(const std::vector<std::string>& addresses) {
  return addresses.size() == 1 ? addresses[0] : absl::StrCat("ipv4:", absl::StrJoin(addresses, ","));
}

// What a name server knows a service by.
std::string DomainOf(Service service) { return absl::StrCat(NameOf(service), ".greenroom.test"); }

}  // namespace

absl::string_view NameOf(Service service) {
  switch (service) {
    case Service::kContent:
      return "content";
    case Service::kScoring:
      return "scoring";
    case Service::kSession:
      return "session";
  }
  return "";
}

absl::StatusOr<std::unique_ptr<System>> System::Start(const SystemOptions& options) {
  absl::StatusOr<std::unique_ptr<System>> system = StartOnce(options);
  for (int tries = 1; tries < kTries && IsPortTaken(system.status()); ++tries) system = StartOnce(options);
  return system;
}

absl::StatusOr<std::unique_ptr<System>> System::StartOnce(const SystemOptions& options) {
  std::unique_ptr<System> system(new System(options));
  if (options.networks) RETURN_IF_ERROR(system->StartNetworks());
  for (std::vector<Slot>& slots : system->slots_) {
    for (int i = 0; i < options.replicas; ++i) slots.push_back(system->NewSlot(slots));
  }
  if (options.networks) RETURN_IF_ERROR(system->MoveSessions());
  RETURN_IF_ERROR(system->StartStores());
  ASSIGN_OR_RETURN(const std::string keys, system->Greenroom({"keygen", system->store_path("keys")}));
  ASSIGN_OR_RETURN(auth::SigningKey key, auth::SigningKey::Load(system->store_path("keys/signing.jwk")));
  system->key_ = std::make_unique<auth::SigningKey>(std::move(key));
  for (Service service : {Service::kScoring, Service::kContent, Service::kSession}) {
    for (int replica = 0; replica < options.replicas; ++replica) {
      RETURN_IF_ERROR(system->StartService(service, replica));
    }
    if (options.named) RETURN_IF_ERROR(system->Announce(service));
  }
  ASSIGN_OR_RETURN(const std::string author, system->Token("author", "author"));
  ASSIGN_OR_RETURN(const std::string published,
                   system->Greenroom({"publish", "--shipped", "--content", system->address(Service::kContent),
                                      "--token", author}));
  return system;
}

System::Slot System::NewSlot(const std::vector<Slot>& before) const {
  Slot slot;
  slot.place = Here();
  // A name leads to addresses; the port is the same at all of them.
  if (options_.named) slot.place.address = absl::StrCat("127.0.0.", 2 + before.size());
  slot.port = options_.named && !before.empty() ? before[0].port : FreePort();
  return slot;
}

absl::Status System::StartNetworks() {
  RETURN_IF_ERROR(EnterOwnNetwork());
  ASSIGN_OR_RETURN(networks_.services, Network::Make(0));
  ASSIGN_OR_RETURN(networks_.redis, Network::Make(1));
  ASSIGN_OR_RETURN(networks_.database, Network::Make(2));
  return absl::OkStatus();
}

absl::StatusOr<Place> System::PlaceOn(const Host& host, Network& network) {
  Place place;
  place.prefix = host.prefix();
  ASSIGN_OR_RETURN(place.console, networks_.services->Connect(host));
  ASSIGN_OR_RETURN(place.address, network.Connect(host));
  return place;
}

absl::Status System::MoveSessions() {
  for (Slot& slot : slots_[static_cast<size_t>(Service::kSession)]) {
    ASSIGN_OR_RETURN(std::unique_ptr<Host> host, Host::Start());
    ASSIGN_OR_RETURN(slot.place.address, networks_.services->Connect(*host));
    RETURN_IF_ERROR(networks_.redis->Connect(*host).status());
    RETURN_IF_ERROR(networks_.database->Connect(*host).status());
    slot.place.prefix = host->prefix();
    networks_.session_hosts.push_back(std::move(host));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Place>> System::RedisPlaces(size_t count) {
  std::vector<Place> places;
  for (size_t i = 0; options_.networks && i < count; ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<Host> host, Host::Start());
    ASSIGN_OR_RETURN(Place place, PlaceOn(*host, *networks_.redis));
    places.push_back(std::move(place));
    networks_.redis_hosts.push_back(std::move(host));
  }
  return places;
}

Place System::Here() const {
  Place place;
  if (networks_.services != nullptr) place.address = place.console = networks_.services->address();
  return place;
}

absl::Status System::StartStores() {
  if (options_.named) {
    ASSIGN_OR_RETURN(names_, NameServer::Start());
  }
  if (options_.small_disks) {
    ASSIGN_OR_RETURN(log_disk_, SmallDisk::Mount(kDiskBytes));
    ASSIGN_OR_RETURN(redis_disk_, SmallDisk::Mount(kDiskBytes));
  }
  if (options_.preloaded) preloaded_ = std::make_unique<Preloaded>(log_path());
  RETURN_IF_ERROR(StartRedis());
  if (options_.postgres) {
    PostgresServer::Options postgres;
    if (log_disk_ != nullptr) postgres.directory = log_disk_->path();
    if (options_.networks) {
      ASSIGN_OR_RETURN(networks_.postgres_host, Host::Start());
      ASSIGN_OR_RETURN(postgres.place, PlaceOn(*networks_.postgres_host, *networks_.database));
    }
    ASSIGN_OR_RETURN(postgres_, PostgresServer::Start(std::move(postgres)));
    RETURN_IF_ERROR(postgres_->CreateDatabase("greenroom").status());
    if (options_.standby) {
      ASSIGN_OR_RETURN(standby_, PostgresServer::StartSynchronousStandby(*postgres_));
    }
  }
  if (options_.proxies) {
    for (const Slot& scoring : slots_[static_cast<size_t>(Service::kScoring)]) {
      ASSIGN_OR_RETURN(std::unique_ptr<FaultProxy> proxy, FaultProxy::Start(scoring.port, Here().address));
      scoring_proxies_.push_back(std::move(proxy));
    }
  }
  return absl::OkStatus();
}

absl::Status System::StartRedis() {
  if (options_.redis == Redis::kSentinel) {
    RedisReplicas::Options replicas;
    replicas.prompt = options_.networks;
    ASSIGN_OR_RETURN(replicas.places, RedisPlaces(RedisReplicas::kServers + RedisReplicas::kSentinels));
    ASSIGN_OR_RETURN(redis_replicas_, RedisReplicas::Start(std::move(replicas)));
    return absl::OkStatus();
  }
  if (options_.redis == Redis::kCluster) {
    RedisCluster::Options cluster;
    ASSIGN_OR_RETURN(cluster.places, RedisPlaces(RedisCluster::kServers));
    ASSIGN_OR_RETURN(redis_cluster_, RedisCluster::Start(std::move(cluster)));
    return absl::OkStatus();
  }
  RedisServer::Options redis;
  redis.args = {"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"};
  redis.place = Here();
  if (redis_disk_ != nullptr) redis.directory = redis_disk_->path();
  if (preloaded_ != nullptr) redis.env = preloaded_->Environment();
  ASSIGN_OR_RETURN(redis_, RedisServer::Start(redis));
  if (options_.proxies) {
    ASSIGN_OR_RETURN(redis_proxy_, FaultProxy::Start(redis_->port(), Here().address));
  }
  return absl::OkStatus();
}

std::string System::redis_url() const {
  if (redis_replicas_ != nullptr) return redis_replicas_->url();
  if (redis_cluster_ != nullptr) return redis_cluster_->url();
  return redis_proxy_ == nullptr ? redis_->url()
                                 : absl::StrCat("redis://", Here().address, ":", redis_proxy_->port());
}

std::string System::target(Service service) const {
  const std::vector<Slot>& slots = slots_[static_cast<size_t>(service)];
  if (names_ != nullptr) return names_->Target(DomainOf(service), slots[0].port);
  std::vector<std::string> addresses;
  addresses.reserve(slots.size());
  for (const Slot& slot : slots) addresses.push_back(slot.address());
  return TargetOf(addresses);
}

std::string System::address(Service service, int replica) const {
  return slots_[static_cast<size_t>(service)][static_cast<size_t>(replica)].address();
}

std::string System::scoring_target() const {
  std::vector<std::string> addresses;
  addresses.reserve(scoring_proxies_.size());
  for (const auto& proxy : scoring_proxies_)
    addresses.push_back(absl::StrCat(Here().address, ":", proxy->port()));
  return addresses.empty() ? target(Service::kScoring) : TargetOf(addresses);
}

std::string System::witness_target() const { return witness_.address(); }

std::string System::store_path(absl::string_view file) const {
  return absl::StrCat(directory_.path(), "/", file);
}

std::string System::log_url() const {
  return postgres_ == nullptr ? absl::StrCat("sqlite:", log_path()) : database_url();
}

std::string System::database_url() const {
  if (standby_ == nullptr) return postgres_->url("greenroom");
  return absl::StrCat("postgresql://greenroom@127.0.0.1:", postgres_->port(), ",127.0.0.1:", standby_->port(),
                      "/greenroom");
}

std::string System::log_path() const {
  return log_disk_ == nullptr ? store_path("log.db") : absl::StrCat(log_disk_->path(), "/log.db");
}

absl::Status System::Launch(Service service, Slot& slot, absl::string_view redis_url) {
  ChildProcess::Options options;
  options.args = {Program(absl::StrCat("greenroom-", NameOf(service))),
                  absl::StrCat("--listen=", slot.address()),
                  "--admin=127.0.0.1:0",
                  "--metrics=127.0.0.1:0",
                  absl::StrCat("--drain-delay=", options_.drain_delay),
                  absl::StrCat("--max-connection-age=", options_.max_connection_age),
                  absl::StrCat("--log-level=", options_.log_level),
                  absl::StrCat("--jwks=", store_path("keys/jwks.json")),
                  absl::StrCat("--key=", store_path("keys/signing.jwk"))};
  if (preloaded_ != nullptr) options.env = preloaded_->Environment();
  if (service == Service::kContent) {
    options.args.push_back(absl::StrCat("--scoring=", target(Service::kScoring)));
    options.args.push_back(absl::StrCat("--store=", postgres_ == nullptr
                                                        ? absl::StrCat("sqlite:", store_path("content.db"))
                                                        : database_url()));
  }
  if (service == Service::kScoring) {
    options.args.push_back(absl::StrCat("--content=", target(Service::kContent)));
  }
  if (service == Service::kSession) {
    options.args.push_back(absl::StrCat("--content=", target(Service::kContent)));
    options.args.push_back(absl::StrCat("--scoring=", scoring_target()));
    options.args.push_back(absl::StrCat("--event-log=", log_url()));
    options.args.push_back(absl::StrCat("--redis=", redis_url));
  }
  // That something accepts on the port says little: another test's server may have been given it.
  const std::string ports = store_path(absl::StrCat(NameOf(service), "-", slot.address(), ".ports"));
  std::filesystem::remove(ports);
  options.args.push_back(absl::StrCat("--ports-file=", ports));
  options.args = slot.place.Within(std::move(options.args));
  ASSIGN_OR_RETURN(slot.child, ChildProcess::Start(std::move(options)));
  const absl::Time end = absl::Now() + kStartTimeout;
  while (slot.child->Running() && absl::Now() < end) {
    if (std::filesystem::exists(ports)) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(5));
  }
  slot.child->Kill9();
  return absl::UnavailableError(absl::StrCat(NameOf(service), " does not serve:\n", slot.child->Output()));
}

absl::Status System::StartService(Service service, int replica) {
  return Launch(service, slot(service, replica), redis_url());
}

void System::Kill9(Service service, int replica) { process(service, replica).Kill9(); }

absl::StatusOr<int> System::Terminate(Service service, int replica) {
  return process(service, replica).Terminate(absl::Seconds(40));
}

absl::StatusOr<int> System::AddReplica(Service service) {
  std::vector<Slot>& slots = slots_[static_cast<size_t>(service)];
  slots.push_back(NewSlot(slots));
  const int replica = static_cast<int>(slots.size()) - 1;
  RETURN_IF_ERROR(StartService(service, replica));
  RETURN_IF_ERROR(Announce(service));
  return replica;
}

absl::StatusOr<int> System::Retire(Service service, int replica) {
  slot(service, replica).retired = true;
  RETURN_IF_ERROR(Announce(service));
  return Terminate(service, replica);
}

absl::Status System::Announce(Service service) {
  std::vector<std::string> hosts;
  for (const Slot& slot : slots_[static_cast<size_t>(service)]) {
    if (!slot.retired) hosts.push_back(slot.place.address);
  }
  return names_->Set(DomainOf(service), std::move(hosts));
}

absl::Status System::StartWitness() {
  ASSIGN_OR_RETURN(witness_redis_, RedisServer::Start());
  witness_.place = Here();
  witness_.port = FreePort();
  return Launch(Service::kSession, witness_, witness_redis_->url());
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

LoadOptions System::LoadDefaults(absl::string_view name) {
  LoadOptions options;
  options.target = target(Service::kSession);
  options.name = std::string(name);
  options.token = [this](const std::string& learner) { return LearnerToken(*key_, learner); };
  options.ledger = store_path(absl::StrCat(name, ".ledger"));
  return options;
}

absl::StatusOr<std::string> System::Greenroom(std::vector<std::string> args) {
  ChildProcess::Options options;
  options.args = {Program("greenroom")};
  options.keep_stderr = true;  // its notes are for people
  options.env = {{"GREENROOM_HOME", store_path("home")}};
  for (std::string& arg : args) options.args.push_back(std::move(arg));
  ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> child, ChildProcess::Start(std::move(options)));
  child->CloseInput();
  ASSIGN_OR_RETURN(const int code, child->Wait(absl::Seconds(60)));
  if (code != 0)
    return absl::InternalError(absl::StrCat("greenroom exited with ", code, ":\n", child->Output()));
  return child->Output();
}

absl::StatusOr<int64_t> System::PendingGrades() const {
  ASSIGN_OR_RETURN(const std::unique_ptr<sql::Database> database, sql::Database::Open(log_url()));
  ASSIGN_OR_RETURN(const std::unique_ptr<sql::Connection> connection, database->Connect(sql::Access::kRead));
  ASSIGN_OR_RETURN(const sql::Rows rows, connection->Query("SELECT count(*) FROM pending_grades"));
  int64_t pending = 0;
  RETURN_IF_ERROR(rows.at(0).Read(pending));
  return pending;
}

}  // namespace greenroom::e2e
