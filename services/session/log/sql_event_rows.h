// An event as a row of `events`.
#ifndef GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_ROWS_H_
#define GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_ROWS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "services/base/sql/append_table.h"
#include "services/base/sql/value.h"
#include "services/session/domain/event.h"

namespace greenroom::session {

// Where the columns of a row that is written are.
inline constexpr size_t kTenant = 0, kLearner = 1, kSeq = 2, kEventId = 3, kSession = 4, kKind = 5,
                        kReceivedTime = 7, kDeviceSeq = 9, kPayload = 12, kAnswer = 13, kAlarm = 14;

// What ReadEvent reads, in its order; commit_seq is the table's own. A row that is written has three columns more: the
// alarm, which is for the index alone, the owner, which is for the tombstones, and what was decided.
inline constexpr char kEventColumns[] =
    "tenant, learner, seq, event_id, session, kind, occurred_time, received_time, device, device_seq, "
    "content_sha256, payload_version, payload, answer";

sql::TableSpec EventsTable();

// `owner`: sql_erasure.h. INVALID_ARGUMENT: PayloadJson's.
absl::StatusOr<sql::Row> EventRow(const Event& event, int64_t owner);

// DATA_LOSS: a column has another type, or the payload cannot be read.
absl::StatusOr<Event> ReadEvent(const sql::Row& row);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_ROWS_H_
