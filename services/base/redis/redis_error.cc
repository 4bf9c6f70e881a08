#include "services/base/redis/redis_error.h"

#include <cstddef>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace greenroom {
namespace {

struct CodeOfError {
  absl::string_view word;
  absl::StatusCode code;
};

constexpr CodeOfError kCodes[] = {
    {"LOADING", absl::StatusCode::kUnavailable},          {"READONLY", absl::StatusCode::kUnavailable},
    {"MASTERDOWN", absl::StatusCode::kUnavailable},       {"CLUSTERDOWN", absl::StatusCode::kUnavailable},
    {"TRYAGAIN", absl::StatusCode::kUnavailable},         {"BUSY", absl::StatusCode::kUnavailable},
    {"MISCONF", absl::StatusCode::kUnavailable},          {"NOREPLICAS", absl::StatusCode::kUnavailable},
    {"OOM", absl::StatusCode::kResourceExhausted},        {"NOAUTH", absl::StatusCode::kUnauthenticated},
    {"WRONGPASS", absl::StatusCode::kUnauthenticated},    {"NOPERM", absl::StatusCode::kPermissionDenied},
    {"WRONGTYPE", absl::StatusCode::kFailedPrecondition}, {"NOSCRIPT", absl::StatusCode::kNotFound},
    {"CROSSSLOT", absl::StatusCode::kInvalidArgument},
};

}  // namespace

absl::Status RedisErrorToStatus(absl::string_view text) {
  const absl::string_view word = text.substr(0, text.find(' '));
  for (const CodeOfError& entry : kCodes) {
    if (word == entry.word) return absl::Status(entry.code, text);
  }
  return absl::InternalError(text);
}

bool IsNoScript(const absl::Status& status) {
  return absl::IsNotFound(status) && absl::StartsWith(status.message(), "NOSCRIPT");
}

bool IsReadOnly(const absl::Status& status) {
  return absl::IsUnavailable(status) && absl::StartsWith(status.message(), "READONLY");
}

namespace error {

absl::Status RedisEmptyCommand() { return absl::InvalidArgumentError("an empty redis command"); }

absl::Status RedisCommandRefused(absl::string_view command) {
  return absl::InvalidArgumentError(absl::StrCat(command, " would break the shared redis connection"));
}

absl::Status RedisTooManyInFlight(size_t limit) {
  return absl::ResourceExhaustedError(absl::StrCat(limit, " redis commands are under way"));
}

absl::Status RedisTimedOut(absl::string_view command, bool sent) {
  return absl::DeadlineExceededError(absl::StrCat(
      "redis ", command, sent ? ": no reply in time; it may still take effect" : ": not sent in time"));
}

absl::Status RedisNotConnected(absl::string_view server, absl::string_view reason) {
  return absl::UnavailableError(absl::StrCat("redis ", server, " is not connected: ", reason));
}

absl::Status RedisConnectionLost(absl::string_view server, absl::string_view reason) {
  return absl::UnavailableError(
      absl::StrCat("redis ", server, ": connection lost, outcome unknown: ", reason));
}

absl::Status RedisSilent(absl::string_view server) {
  return absl::UnavailableError(
      absl::StrCat("redis ", server, ": connection dropped, outcome unknown: no replies"));
}

absl::Status RedisShuttingDown() { return absl::CancelledError("the redis client is shutting down"); }

absl::Status RedisNotPrimary(absl::string_view role) {
  return absl::UnavailableError(absl::StrCat("it is no primary, its role is ", role));
}

absl::Status RedisUnknownPrimary(absl::string_view name) {
  return absl::UnavailableError(absl::StrCat("the sentinel knows no primary of the name ", name));
}

absl::Status RedisPrimaryMoved(absl::string_view from, absl::string_view to) {
  return absl::UnavailableError(
      absl::StrCat("redis ", from, ": connection dropped, outcome unknown: the primary is now ", to));
}

absl::Status RedisSlotsUnserved(size_t slots) {
  return absl::UnavailableError(absl::StrCat("redis cluster: ", slots, " slots are served by no node"));
}

absl::Status RedisTooManyRedirections(int limit) {
  return absl::UnavailableError(
      absl::StrCat("redis cluster: redirected more than ", limit, " times, nothing was done"));
}

absl::Status RedisEvicts(absl::string_view server, absl::string_view policy) {
  return absl::FailedPreconditionError(absl::StrCat("redis ", server, ": maxmemory-policy is ", policy,
                                                    ", must be noeviction: live state can be dropped"));
}

absl::Status RedisTlsMissing() {
  return absl::InvalidArgumentError(
      "redis URL: rediss is refused, this build's hiredis has no TLS (hiredis 1.0 and later with "
      "libhiredis_ssl has)");
}

absl::Status RedisTlsFile(absl::string_view option, absl::string_view file, absl::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat("redis URL: ", option, "=", file, " cannot be used: ", reason));
}

}  // namespace error
}  // namespace greenroom
