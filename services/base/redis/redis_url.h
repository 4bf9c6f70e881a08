// RedisUrl: where a Redis server is, and as whom to talk to it.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_URL_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom {

struct RedisUrl {
  std::string host;  // a name or address, without brackets
  int port = 6379;
  bool authenticate = false;  // whether the URL had a user part
  std::string user;           // empty: the default user
  std::string password;
  int database = 0;

  // "host:port", with brackets round an IPv6 address: for messages, never with credentials.
  std::string Server() const;
};

// Parses RedisOptions::url. INVALID_ARGUMENT says what is wrong and never repeats the URL, which can hold a
// password.
absl::StatusOr<RedisUrl> ParseRedisUrl(absl::string_view url);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_URL_H_
