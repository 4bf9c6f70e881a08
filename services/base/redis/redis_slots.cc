#include "services/base/redis/redis_slots.h"

#include <array>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/task.h"

namespace greenroom {
namespace {

// What eight steps of the polynomial make of each value of the upper byte.
constexpr std::array<uint16_t, 256> MakeCrcTable() {
  std::array<uint16_t, 256> table = {};
  for (unsigned byte = 0; byte < table.size(); ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    table[byte] = static_cast<uint16_t>(crc);
  }
  return table;
}

constexpr std::array<uint16_t, 256> kCrcTable = MakeCrcTable();

constexpr absl::string_view kScriptCommands[] = {"EVAL",       "EVALSHA", "EVAL_RO",
                                                 "EVALSHA_RO", "FCALL",   "FCALL_RO"};

bool IsScriptCommand(absl::string_view name) {
  for (const absl::string_view script : kScriptCommands) {
    if (absl::EqualsIgnoreCase(name, script)) return true;
  }
  return false;
}

absl::Status Unreadable() { return absl::InternalError("the reply to CLUSTER SLOTS cannot be read"); }

bool IsSlot(int64_t slot) { return slot >= 0 && slot < kRedisSlots; }
bool IsPort(int64_t port) { return port > 0 && port <= 65535; }

}  // namespace

uint16_t RedisCrc16(absl::string_view bytes) {
  unsigned crc = 0;
  for (const char c : bytes) {
    crc = ((crc << 8) ^ kCrcTable[(crc >> 8) ^ static_cast<unsigned char>(c)]) & 0xffff;
  }
  return static_cast<uint16_t>(crc);
}

int RedisSlotOfKey(absl::string_view key) {
  const size_t open = key.find('{');
  if (open != absl::string_view::npos) {
    const size_t close = key.find('}', open + 1);
    if (close != absl::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  return RedisCrc16(key) % kRedisSlots;
}

std::optional<int> RedisSlotOfCommand(const std::vector<std::string>& args) {
  if (args.size() < 2) return std::nullopt;
  if (!IsScriptCommand(args[0])) return RedisSlotOfKey(args[1]);
  int keys = 0;
  if (args.size() < 4 || !absl::SimpleAtoi(args[2], &keys) || keys < 1) return std::nullopt;
  return RedisSlotOfKey(args[3]);
}

// Each element: [first, last, [host, port, id, ...] of the primary, the same of each replica].
absl::StatusOr<std::vector<RedisSlotRange>> ParseClusterSlots(const RedisReply& reply,
                                                              const std::string& asked) {
  RETURN_IF_ERROR(reply.Expect(RedisReply::Kind::kArray));
  std::vector<RedisSlotRange> ranges;
  for (const RedisReply& element : reply.elements()) {
    const int64_t first = element[0].integer();
    const int64_t last = element[1].integer();
    const RedisReply& primary = element[2];
    const int64_t port = primary[1].integer();
    if (element.elements().size() < 3 || !IsSlot(first) || !IsSlot(last) || last < first || !IsPort(port)) {
      return Unreadable();
    }
    const std::string& host = primary[0].str();
    if (host == "?") continue;  // the node knows no name of this one that it would tell
    ranges.push_back({static_cast<int>(first), static_cast<int>(last), host.empty() ? asked : host,
                      static_cast<int>(port)});
  }
  if (ranges.empty()) return absl::UnavailableError("the node knows of no slots that are served");
  return ranges;
}

// "MOVED 3999 127.0.0.1:6381"; an IPv6 address has no brackets.
std::optional<RedisRedirection> ParseRedirection(const absl::Status& status) {
  if (!absl::IsInternal(status)) return std::nullopt;
  const std::vector<absl::string_view> words = absl::StrSplit(status.message(), ' ');
  if (words.size() < 3 || (words[0] != "MOVED" && words[0] != "ASK")) return std::nullopt;
  const size_t colon = words[2].rfind(':');
  RedisRedirection redirection = {
      words[0] == "ASK" ? RedisRedirection::Kind::kAsk : RedisRedirection::Kind::kMoved, 0, "", 0};
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(words[1], &redirection.slot) ||
      !absl::SimpleAtoi(words[2].substr(colon + 1), &redirection.port) || !IsSlot(redirection.slot) ||
      !IsPort(redirection.port)) {
    return std::nullopt;
  }
  redirection.host = std::string(words[2].substr(0, colon));
  return redirection;
}

}  // namespace greenroom
