#include "services/session/log/sql_event_rows.h"

#include <google/protobuf/util/json_util.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/task.h"
#include "services/session/log/payload_json.h"

namespace greenroom::session {
namespace {

std::optional<int64_t> AlarmColumn(std::optional<absl::Time> alarm) {
  if (!alarm.has_value()) return std::nullopt;
  return *alarm == absl::InfinitePast() ? 0 : absl::ToUnixMillis(*alarm);
}

// Against which question a person decided; empty for all that is no decision.
std::string DecidedColumn(const v1::EventPayload& payload) {
  const bool decided = payload.graded().cause() == v1::GRADE_CAUSE_OVERRIDE;
  return decided ? payload.graded().question_name() : "";
}

}  // namespace

sql::TableSpec EventsTable() {
  return {
      "events",
      {"tenant", "learner", "seq", "event_id", "session", "kind", "occurred_time", "received_time", "device",
       "device_seq", "content_sha256", "payload_version", "payload", "answer", "alarm", "owner", "decided"},
      {{"tenant", "learner", "seq"},
       {"tenant", "learner", "event_id"},
       {"tenant", "learner", "device", "device_seq"}}};
}

absl::StatusOr<sql::Row> EventRow(const Event& event, int64_t owner) {
  ASSIGN_OR_RETURN(std::string payload, PayloadJson(event.payload));
  return sql::Row{event.learner.tenant,
                  event.learner.learner,
                  event.seq,
                  event.event_id,
                  event.session,
                  event.kind,
                  absl::ToUnixMillis(event.occurred_time),
                  absl::ToUnixMillis(event.received_time),
                  event.device,
                  event.device_seq,
                  event.content_sha256,
                  static_cast<int64_t>(event.payload_version),
                  std::move(payload),
                  event.payload.has_graded() ? event.payload.graded().answer() : "",
                  AlarmColumn(event.alarm),
                  owner,
                  DecidedColumn(event.payload)};
}

absl::StatusOr<Event> ReadEvent(const sql::Row& row) {
  Event event;
  int64_t occurred = 0, received = 0, version = 0;
  std::string payload, answer;
  if (!row.Read(event.learner.tenant, event.learner.learner, event.seq, event.event_id, event.session,
                event.kind, occurred, received, event.device, event.device_seq, event.content_sha256, version,
                payload, answer)
           .ok()) {
    return absl::DataLossError("a stored event has a column of another type");
  }
  event.occurred_time = absl::FromUnixMillis(occurred);
  event.received_time = absl::FromUnixMillis(received);
  event.payload_version = static_cast<int32_t>(version);
  google::protobuf::util::JsonParseOptions additive;
  additive.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(payload, &event.payload, additive).ok()) {
    return absl::DataLossError(
        absl::StrCat("the payload of a stored event of kind ", event.kind, " cannot be read"));
  }
  return event;
}

}  // namespace greenroom::session
