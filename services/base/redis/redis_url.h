// RedisUrl: which Redis servers a URL names, how they stand to one another, and as whom and how to talk to them.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_URL_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_URL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom {

class RedisTls;

// Names of PEM files; empty: none.
struct RedisTlsFiles {
  std::string ca;  // who is trusted to vouch for servers; none: whom the system trusts
  std::string
      certificate;  // ours, its chain after it, for servers that ask for one; with `key` or not at all
  std::string key;
};

// Where one server is, and as whom to talk to it.
struct RedisEndpoint {
  std::string host;  // a name or address, without brackets
  int port = 6379;
  bool authenticate = false;  // whether the URL had a user part
  std::string user;           // empty: the default user
  std::string password;
  int database = 0;
  // Whether the server may have no use for the credentials: it is then talked to without. True of sentinels,
  // whose passwords are apart from those of the servers that they watch.
  bool login_optional = false;
  const RedisTls* tls =
      nullptr;  // of the client, which outlives all connections; null: none, all is sent in the clear

  // "host:port", with brackets round an IPv6 address: for messages, never with credentials.
  std::string Server() const;

  // The same credentials, database and TLS on another server.
  RedisEndpoint At(std::string other_host, int other_port) const;

  // Whether both are one server, whoever talks to it.
  bool IsSameServer(const RedisEndpoint& other) const { return host == other.host && port == other.port; }
};

struct RedisUrl {
  enum class Topology { kStandalone, kSentinel, kCluster };

  Topology topology = Topology::kStandalone;
  std::vector<RedisEndpoint> servers;  // at least one: the server, the sentinels, or nodes of the cluster
  std::string primary_name;            // as the sentinels know it; empty in other topologies
  std::optional<RedisTlsFiles> tls;  // of a rediss URL: for all servers; their `tls` is for the client to set
};

// Parses RedisOptions::url. INVALID_ARGUMENT says what is wrong and never repeats the URL, which can hold a
// password.
absl::StatusOr<RedisUrl> ParseRedisUrl(absl::string_view url);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_URL_H_
