#include "services/base/trace.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace greenroom {
namespace {

bool IsLowerHex(absl::string_view text) {
  for (const char c : text) {
    if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return false;
  }
  return true;
}

bool IsZero(absl::string_view text) { return text.find_first_not_of('0') == absl::string_view::npos; }

std::string RandomHex(Rng& rng, size_t bytes) {
  for (;;) {
    std::string hex = absl::BytesToHexString(rng.Bytes(bytes));
    if (!IsZero(hex)) return hex;
  }
}

}  // namespace

std::string TraceContext::ToHeader() const {
  if (empty()) return "";
  return absl::StrCat("00-", trace_id, "-", span_id, "-", absl::Hex(flags, absl::kZeroPad2));
}

TraceContext TraceContext::Child(Rng& rng) const {
  if (empty()) return NewTrace(rng);
  return {trace_id, RandomHex(rng, 8), flags};
}

TraceContext NewTrace(Rng& rng) { return {RandomHex(rng, 16), RandomHex(rng, 8), 0}; }

std::optional<TraceContext> ParseTraceparent(absl::string_view header) {
  // 00-<32>-<16>-<2>
  if (header.size() < 55 || header[2] != '-' || header[35] != '-' || header[52] != '-') return std::nullopt;
  const absl::string_view version = header.substr(0, 2);
  const absl::string_view trace_id = header.substr(3, 32);
  const absl::string_view span_id = header.substr(36, 16);
  const absl::string_view flags = header.substr(53, 2);
  if (!IsLowerHex(version) || !IsLowerHex(trace_id) || !IsLowerHex(span_id) || !IsLowerHex(flags)) {
    return std::nullopt;
  }
  if (version == "ff" || IsZero(trace_id) || IsZero(span_id)) return std::nullopt;
  if (version == "00" ? header.size() != 55 : header.size() > 55 && header[55] != '-') return std::nullopt;
  uint32_t bits = 0;
  (void)absl::SimpleHexAtoi(flags, &bits);
  return TraceContext{std::string(trace_id), std::string(span_id), static_cast<uint8_t>(bits)};
}

}  // namespace greenroom
