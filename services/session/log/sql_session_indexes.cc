#include "services/session/log/sql_session_indexes.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "greenroom/session/v1/event.pb.h"
#include "services/base/task.h"
#include "services/session/log/sql_event_rows.h"

namespace greenroom::session {
namespace {

using sql::Connection;
using sql::Row;

// "a" of "tenants/t/assignments/a".
std::string LastId(const std::string& name) { return name.substr(name.rfind('/') + 1); }

absl::Status AddAssigned(Connection& connection, const Row& row) {
  const std::string& json = *row[kPayload].text();
  // Nearly every session is made of no assignment, and a creation is not to be read for that.
  if (!absl::StrContains(json, "\"assignment\":")) return absl::OkStatus();
  v1::EventPayload payload;
  google::protobuf::util::JsonParseOptions additive;
  additive.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(json, &payload, additive).ok()) {
    return absl::DataLossError("a creation that was just written cannot be read");
  }
  const v1::Created& created = payload.created();
  if (created.assignment().empty()) return absl::OkStatus();
  return connection
      .Execute(
          "INSERT INTO assigned_sessions (tenant, learner, session, assignment, pack, seq, exam, open, "
          "released) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0) ON CONFLICT DO NOTHING",
          {row[kTenant], row[kLearner], row[kSession], LastId(created.assignment()),
           created.revision().substr(0, created.revision().rfind("/revisions/")), row[kSeq],
           created.mode() == v1::SESSION_MODE_EXAM})
      .status();
}

}  // namespace

std::vector<std::string> SessionIndexDdl() {
  static constexpr char kAlarms[] =
      "CREATE TABLE alarms ("
      " tenant {text} NOT NULL, learner {text} NOT NULL, session {text} NOT NULL, due {integer} NOT NULL,"
      " owner {text} NOT NULL, lease_until {integer} NOT NULL,"
      " PRIMARY KEY (tenant, learner, session)){strict}";
  static constexpr char kAssignments[] =
      "CREATE TABLE assignments ("
      " tenant {text} NOT NULL, assignment {text} NOT NULL, version {integer} NOT NULL,"
      " release_time {integer} NOT NULL, content_sha256 {text} NOT NULL, body {text} NOT NULL,"
      " PRIMARY KEY (tenant, assignment)){strict}";
  static constexpr char kAssignedSessions[] =
      "CREATE TABLE assigned_sessions ("
      " tenant {text} NOT NULL, learner {text} NOT NULL, session {text} NOT NULL,"
      " assignment {text} NOT NULL, pack {text} NOT NULL, seq {integer} NOT NULL,"
      " exam {integer} NOT NULL, open {integer} NOT NULL, released {integer} NOT NULL,"
      " PRIMARY KEY (tenant, learner, session)){strict}";
  static constexpr char kUnreleasedExams[] =
      "CREATE INDEX unreleased_exams ON assigned_sessions (tenant, assignment)"
      " WHERE exam = 1 AND released = 0";
  return {
      "ALTER TABLE events ADD COLUMN alarm {integer}",
      kAlarms,
      "CREATE INDEX alarms_by_due ON alarms (due)",
      kAssignments,
      kAssignedSessions,
      "CREATE INDEX assigned_sessions_by_assignment ON assigned_sessions (tenant, assignment, learner, seq)",
      "CREATE INDEX open_exams ON assigned_sessions (tenant, learner, pack) WHERE exam = 1 AND open = 1",
      kUnreleasedExams,
  };
}

absl::Status IndexAlarms(Connection& connection, absl::Span<const Row* const> written) {
  std::vector<const Row*> moving;
  for (const Row* row : written) {
    if (!(*row)[kAlarm].is_null()) moving.push_back(row);
  }
  // In the order of keys, so that two transactions do not wait for one another.
  const auto place = [](const Row* row) {
    return std::tie((*row)[kTenant], (*row)[kLearner], (*row)[kSession], (*row)[kSeq]);
  };
  std::sort(moving.begin(), moving.end(),
            [&place](const Row* a, const Row* b) { return place(a) < place(b); });
  for (const Row* row : moving) {
    const Row& r = *row;
    if (r[kAlarm] == sql::SqlValue(0)) {
      RETURN_IF_ERROR(connection
                          .Execute("DELETE FROM alarms WHERE tenant = ? AND learner = ? AND session = ?",
                                   {r[kTenant], r[kLearner], r[kSession]})
                          .status());
    } else {
      RETURN_IF_ERROR(connection
                          .Execute("INSERT INTO alarms (tenant, learner, session, due, owner, lease_until) "
                                   "VALUES (?, ?, ?, ?, '', 0) ON CONFLICT (tenant, learner, session) "
                                   "DO UPDATE SET due = excluded.due, owner = '', lease_until = 0",
                                   {r[kTenant], r[kLearner], r[kSession], r[kAlarm]})
                          .status());
    }
  }
  return absl::OkStatus();
}

absl::Status IndexAssignedSessions(Connection& connection, absl::Span<const Row* const> written) {
  for (const Row* row : written) {
    const Row& r = *row;
    const std::string& kind = *r[kKind].text();
    if (kind == "created") {
      RETURN_IF_ERROR(AddAssigned(connection, r));
    } else if (kind == "finished") {
      RETURN_IF_ERROR(
          connection
              .Execute(
                  "UPDATE assigned_sessions SET open = 0 WHERE tenant = ? AND learner = ? AND session = ?",
                  {r[kTenant], r[kLearner], r[kSession]})
              .status());
    } else if (kind == "released") {
      RETURN_IF_ERROR(connection
                          .Execute("UPDATE assigned_sessions SET released = 1 "
                                   "WHERE tenant = ? AND learner = ? AND session = ?",
                                   {r[kTenant], r[kLearner], r[kSession]})
                          .status());
    }
  }
  return absl::OkStatus();
}

}  // namespace greenroom::session
