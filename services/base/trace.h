// W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context/): the `traceparent` header, taken, passed on and
// logged. Spans are not recorded.
#ifndef GREENROOM_SERVICES_BASE_TRACE_H_
#define GREENROOM_SERVICES_BASE_TRACE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/base/rng.h"

namespace greenroom {

inline constexpr absl::string_view kTraceparentKey = "traceparent";

struct TraceContext {
  std::string trace_id;  // 32 lower-case hex digits, not all zero; "" when there is no trace.
  std::string span_id;   // 16 lower-case hex digits, not all zero; "" when there is no trace.
  uint8_t flags = 0;     // Bit 0: sampled.

  bool empty() const { return trace_id.empty(); }
  friend bool operator==(const TraceContext& a, const TraceContext& b) {
    return a.trace_id == b.trace_id && a.span_id == b.span_id && a.flags == b.flags;
  }
  // "00-<trace id>-<span id>-<flags>"; "" when empty.
  std::string ToHeader() const;
  // The same trace with a span of its own. Of an empty context: a new trace.
  TraceContext Child(Rng& rng) const;
};

// A new trace, not sampled.
TraceContext NewTrace(Rng& rng);

// nullopt when the header is malformed or of version ff. A later version than 00 is read as far as 00 goes (section
// 4.3 of the recommendation).
std::optional<TraceContext> ParseTraceparent(absl::string_view header);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_TRACE_H_
