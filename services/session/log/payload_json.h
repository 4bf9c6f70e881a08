// The payload of an event as the log keeps it: protobuf JSON.
#ifndef GREENROOM_SERVICES_SESSION_LOG_PAYLOAD_JSON_H_
#define GREENROOM_SERVICES_SESSION_LOG_PAYLOAD_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "greenroom/session/v1/event.pb.h"

namespace greenroom::session {

// JSON of the payload, from which any reader of protobuf JSON makes the same message. In a fraction of the time of
// protobuf's own writer, which goes over the wire format; whatever this one does not know (a type that no event has had
// yet, text that is no UTF-8) is left to that. Entries of maps are sorted by key. INVALID_ARGUMENT where neither can.
absl::StatusOr<std::string> PayloadJson(const v1::EventPayload& payload);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_PAYLOAD_JSON_H_
