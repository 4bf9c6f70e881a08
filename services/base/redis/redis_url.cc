#include "services/base/redis/redis_url.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/base/task.h"

namespace greenroom {
namespace {

constexpr int kMaxPort = 65535;

absl::Status Bad(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("redis URL: ", what));
}

absl::StatusOr<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() != 2 || !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      return Bad("a % in user or password is not followed by two hexadecimal digits");
    }
    uint32_t byte = 0;
    if (!absl::SimpleHexAtoi(digits, &byte)) return Bad("a percent escape is not hexadecimal");
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

bool ParseNumber(absl::string_view text, int low, int high, int* number) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return absl::SimpleAtoi(text, number) && *number >= low && *number <= high;
}

absl::Status ParseHostAndPort(absl::string_view text, RedisUrl* url) {
  absl::string_view port;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos) return Bad("an IPv6 address lacks its closing bracket");
    url->host = std::string(text.substr(0, end));
    port = text.substr(end + 1);
  } else {
    const size_t colon = text.find(':');
    url->host = std::string(text.substr(0, colon));
    port = colon == absl::string_view::npos ? absl::string_view() : text.substr(colon);
  }
  if (url->host.empty()) return Bad("the host is missing");
  // The name goes to C interfaces, which would read up to a NUL.
  if (url->host.find('\0') != std::string::npos) return Bad("the host holds a NUL");
  if (port.empty()) return absl::OkStatus();
  if (!absl::ConsumePrefix(&port, ":") || !ParseNumber(port, 1, kMaxPort, &url->port)) {
    return Bad("the port must be a number from 1 to 65535 (an IPv6 address stands in brackets)");
  }
  return absl::OkStatus();
}

}  // namespace

std::string RedisUrl::Server() const {
  if (absl::StrContains(host, ':')) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<RedisUrl> ParseRedisUrl(absl::string_view text) {
  if (absl::StartsWith(text, "rediss://")) {
    return Bad(
        "rediss:// needs TLS, which this build has not (hiredis 0.14 offers none); use redis:// on a trusted "
        "network");
  }
  if (!absl::ConsumePrefix(&text, "redis://")) return Bad("it must begin with redis://");
  RedisUrl url;
  const size_t at = text.rfind('@');
  if (at != absl::string_view::npos) {
    const absl::string_view credentials = text.substr(0, at);
    const size_t colon = credentials.find(':');
    url.authenticate = true;
    ASSIGN_OR_RETURN(url.user, PercentDecode(credentials.substr(0, colon)));
    if (colon != absl::string_view::npos) {
      ASSIGN_OR_RETURN(url.password, PercentDecode(credentials.substr(colon + 1)));
    }
    text.remove_prefix(at + 1);
  }
  const size_t slash = text.find('/');
  if (slash != absl::string_view::npos) {
    const absl::string_view database = text.substr(slash + 1);
    if (!database.empty() && !ParseNumber(database, 0, kMaxPort, &url.database)) {
      return Bad("the database must be a number");
    }
    text = text.substr(0, slash);
  }
  RETURN_IF_ERROR(ParseHostAndPort(text, &url));
  return url;
}

}  // namespace greenroom
