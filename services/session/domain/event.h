// Event: one entry of a learner's log.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_EVENT_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "greenroom/session/v1/event.pb.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

// The payload_version that this program writes. Additive: readers take any version.
inline constexpr int32_t kPayloadVersion = 1;

struct Event {
  LearnerKey learner;
  int64_t seq = 0;                    // 1, 2, 3 ... within the learner's log, in order of acceptance
  std::string event_id;               // a UUID in lower case; unique within the learner's log
  std::string session;                // empty for learner-wide events
  std::string kind;                   // KindOf(payload); another word where a newer program wrote it
  absl::Time occurred_time;           // whole milliseconds; its place in the canonical order
  absl::Time received_time;           // whole milliseconds, the server's; decides deadlines
  std::string device;                 // at most 64 bytes; may be empty
  std::optional<int64_t> device_seq;  // unique within (learner, device) where there is one
  std::string content_sha256;         // 64 hex digits; empty for events that the server made
  int32_t payload_version = kPayloadVersion;
  v1::EventPayload payload;  // no kind set where a newer program wrote it
  // What the log shall know of when the server must look at the session by itself: nullopt, what it knew; InfinitePast,
  // nothing any more. Given to Append only, where it is the unit's last event's that counts; never read back.
  std::optional<absl::Time> alarm;
};

// The name of the field set in EventPayload, such as "created" or "hint_taken". Empty where none is.
std::string KindOf(const v1::EventPayload& payload);

// The two ends that a log has: how far it goes, and the latest time that any event of it carries.
struct LogHead {
  int64_t seq = 0;                                  // 0: no event
  absl::Time last_occurred = absl::InfinitePast();  // of any event, whatever its seq; InfinitePast: no event

  friend bool operator==(const LogHead&, const LogHead&) = default;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_EVENT_H_
