#include "services/base/redis/redis_url.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/base/task.h"

namespace greenroom {
namespace {

constexpr int kMaxPort = 65535;
constexpr int kSentinelPort = 26379;

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
      return Bad("a % is not followed by two hexadecimal digits");
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

absl::Status ParseHostAndPort(absl::string_view text, RedisEndpoint* server) {
  absl::string_view port;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos) return Bad("an IPv6 address lacks its closing bracket");
    server->host = std::string(text.substr(0, end));
    port = text.substr(end + 1);
  } else {
    const size_t colon = text.find(':');
    server->host = std::string(text.substr(0, colon));
    port = colon == absl::string_view::npos ? absl::string_view() : text.substr(colon);
  }
  if (server->host.empty()) return Bad("the host is missing");
  // The name goes to C interfaces, which would read up to a NUL.
  if (server->host.find('\0') != std::string::npos) return Bad("the host holds a NUL");
  if (port.empty()) return absl::OkStatus();
  if (!absl::ConsumePrefix(&port, ":") || !ParseNumber(port, 1, kMaxPort, &server->port)) {
    return Bad("the port must be a number from 1 to 65535 (an IPv6 address stands in brackets)");
  }
  return absl::OkStatus();
}

absl::Status ParseCredentials(absl::string_view text, RedisEndpoint* server) {
  const size_t colon = text.find(':');
  server->authenticate = true;
  ASSIGN_OR_RETURN(server->user, PercentDecode(text.substr(0, colon)));
  if (colon != absl::string_view::npos) {
    ASSIGN_OR_RETURN(server->password, PercentDecode(text.substr(colon + 1)));
  }
  return absl::OkStatus();
}

absl::Status ParseDatabase(absl::string_view text, int* database) {
  if (text.empty() || ParseNumber(text, 0, kMaxPort, database)) return absl::OkStatus();
  return Bad("the database must be a number");
}

bool ConsumeScheme(absl::string_view* text, RedisUrl* url) {
  constexpr std::pair<absl::string_view, RedisUrl::Topology> kSchemes[] = {
      {"://", RedisUrl::Topology::kStandalone},
      {"+sentinel://", RedisUrl::Topology::kSentinel},
      {"+cluster://", RedisUrl::Topology::kCluster}};
  if (!absl::ConsumePrefix(text, "redis")) return false;
  if (absl::ConsumePrefix(text, "s")) url->tls.emplace();
  for (const auto& [rest, topology] : kSchemes) {
    url->topology = topology;
    if (absl::ConsumePrefix(text, rest)) return true;
  }
  return false;
}

// ca=FILE&cert=FILE&key=FILE, all of which may be left out. What is wrong is not repeated: where a ? in a password is
// not percent-encoded it is part of that.
absl::Status ParseTlsOptions(absl::string_view options, RedisTlsFiles* files) {
  const std::pair<absl::string_view, std::string*> known[] = {
      {"ca", &files->ca}, {"cert", &files->certificate}, {"key", &files->key}};
  for (const absl::string_view option : absl::StrSplit(options, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(option, absl::MaxSplits('=', 1));
    std::string* target = nullptr;
    for (const auto& [name, file] : known) {
      if (parts.first == name && file->empty()) target = file;
    }
    if (target == nullptr) return Bad("the options after ? are ca, cert and key, each once");
    ASSIGN_OR_RETURN(*target, PercentDecode(parts.second));
    if (target->empty() || target->find('\0') != std::string::npos) {
      return Bad("ca, cert and key are names of files");
    }
  }
  if (files->certificate.empty() != files->key.empty()) return Bad("cert and key go together");
  return absl::OkStatus();
}

// What follows the servers, without its slash: [db], master-name[/db], or nothing.
absl::Status ParsePath(absl::string_view path, RedisUrl* url, int* database) {
  switch (url->topology) {
    case RedisUrl::Topology::kStandalone:
      return ParseDatabase(path, database);
    case RedisUrl::Topology::kSentinel: {
      const std::pair<absl::string_view, absl::string_view> parts =
          absl::StrSplit(path, absl::MaxSplits('/', 1));
      url->primary_name = std::string(parts.first);
      if (parts.first.empty()) return Bad("the master-name after the sentinels is missing");
      return ParseDatabase(parts.second, database);
    }
    case RedisUrl::Topology::kCluster:
      if (!path.empty()) return Bad("a cluster has no database but 0, so nothing may follow its servers");
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

std::string RedisEndpoint::Server() const {
  if (absl::StrContains(host, ':')) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

RedisEndpoint RedisEndpoint::At(std::string other_host, int other_port) const {
  RedisEndpoint other = *this;
  other.host = std::move(other_host);
  other.port = other_port;
  return other;
}

absl::StatusOr<RedisUrl> ParseRedisUrl(absl::string_view text) {
  RedisUrl url;
  if (!ConsumeScheme(&text, &url)) {
    return Bad(
        "it must begin with redis://, redis+sentinel:// or redis+cluster://, or with rediss in place of "
        "redis");
  }
  if (url.tls.has_value()) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(text, absl::MaxSplits('?', 1));
    RETURN_IF_ERROR(ParseTlsOptions(parts.second, &*url.tls));
    text = parts.first;
  }
  RedisEndpoint any;  // what all servers have in common
  const size_t at = text.rfind('@');
  if (at != absl::string_view::npos) {
    RETURN_IF_ERROR(ParseCredentials(text.substr(0, at), &any));
    text.remove_prefix(at + 1);
  }
  if (absl::StrContains(text, '?')) return Bad("options after ? are those of TLS, so of rediss URLs only");
  const size_t slash = text.find('/');
  const absl::string_view path = slash == absl::string_view::npos ? "" : text.substr(slash + 1);
  RETURN_IF_ERROR(ParsePath(path, &url, &any.database));
  if (url.topology == RedisUrl::Topology::kSentinel) {
    any.port = kSentinelPort;
    any.login_optional = true;
  }
  const absl::string_view servers = text.substr(0, slash);
  if (url.topology == RedisUrl::Topology::kStandalone && absl::StrContains(servers, ',')) {
    return Bad("redis:// names one server; several are redis+sentinel:// or redis+cluster://");
  }
  for (const absl::string_view server : absl::StrSplit(servers, ',')) {
    url.servers.push_back(any);
    RETURN_IF_ERROR(ParseHostAndPort(server, &url.servers.back()));
  }
  return url;
}

}  // namespace greenroom
