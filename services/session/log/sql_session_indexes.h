// Indexes over the log that say of sessions what would take a fold to know. Each is kept in the transaction that writes
// the events.
#ifndef GREENROOM_SERVICES_SESSION_LOG_SQL_SESSION_INDEXES_H_
#define GREENROOM_SERVICES_SESSION_LOG_SQL_SESSION_INDEXES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "services/base/sql/connection.h"
#include "services/base/sql/value.h"

namespace greenroom::session {

// Makes the tables `alarms`, `assigned_sessions` and `assignments`, and the column `alarm` of events.
std::vector<std::string> SessionIndexDdl();

// `alarms`: when the server must look at a session by itself. Of each session the last row that moves its alarm counts.
absl::Status IndexAlarms(sql::Connection& connection, absl::Span<const sql::Row* const> written);

// `assigned_sessions`: the sessions that were made of assignments; whether they are exams, finished and released.
absl::Status IndexAssignedSessions(sql::Connection& connection, absl::Span<const sql::Row* const> written);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_SQL_SESSION_INDEXES_H_
