// Times as the messages carry them.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_WIRE_TIME_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_WIRE_TIME_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace greenroom::session {

// `time` to the millisecond, towards the past: the resolution of the log.
inline absl::Time ToWholeMillis(absl::Time time) { return absl::FromUnixMillis(absl::ToUnixMillis(time)); }

inline google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return timestamp;
}

inline absl::Time FromTimestamp(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

inline google::protobuf::Timestamp MillisToTimestamp(int64_t ms) {
  return ToTimestamp(absl::FromUnixMillis(ms));
}

inline google::protobuf::Duration MillisToDuration(int64_t ms) {
  google::protobuf::Duration duration;
  duration.set_seconds(ms / 1000);
  duration.set_nanos(static_cast<int32_t>(ms % 1000) * 1000000);
  return duration;
}

// What an event of this moment is stamped with: later than every event known of in the learner's log, whatever the
// clocks say. `last_occurred` is InfinitePast where none is known.
inline absl::Time Stamp(absl::Time now, absl::Time last_occurred) {
  return std::max(ToWholeMillis(now), last_occurred + absl::Milliseconds(1));
}

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_WIRE_TIME_H_
