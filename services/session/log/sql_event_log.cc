#include "services/session/log/sql_event_log.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/base/sql/checkpoint.h"
#include "services/base/sql/migrations.h"
#include "services/base/sql/spelling.h"
#include "services/session/log/sql_erasure.h"
#include "services/session/log/sql_event_rows.h"
#include "services/session/log/sql_log_schema.h"
#include "services/session/log/sql_session_indexes.h"

namespace greenroom::session {
namespace {

using sql::Connection;
using sql::Row;
using sql::Rows;
using sql::SqlValue;

// Keeps the index of pending grades, in the transaction that wrote the rows.
absl::Status IndexPendingGrades(Connection& connection, absl::Span<const Row* const> written) {
  absl::flat_hash_set<std::string> graded;     // tenant, learner, answer
  absl::flat_hash_set<std::string> submitted;  // of these rows: an answer that is new was never pending
  const auto key = [](const Row& row, size_t id) {
    return absl::StrCat(*row[kTenant].text(), "/", *row[kLearner].text(), "/", *row[id].text());
  };
  for (const Row* row : written) {
    if (!row->values()[kAnswer].text()->empty()) graded.insert(key(*row, kAnswer));
    if (*row->values()[kKind].text() == "submitted") submitted.insert(key(*row, kEventId));
  }
  for (const Row* row : written) {
    const Row& r = *row;
    if (!r[kAnswer].text()->empty()) {
      if (submitted.contains(key(r, kAnswer))) continue;
      RETURN_IF_ERROR(
          connection
              .Execute("DELETE FROM pending_grades WHERE tenant = ? AND learner = ? AND answer = ?",
                       {r[kTenant], r[kLearner], r[kAnswer]})
              .status());
    } else if (*r[kKind].text() == "created" && !r[kDeviceSeq].is_null()) {
      // Its answers may have arrived before it, and wait.
      RETURN_IF_ERROR(
          connection
              .Execute(
                  "UPDATE pending_grades SET next_try = 0 WHERE tenant = ? AND learner = ? AND session = ?",
                  {r[kTenant], r[kLearner], r[kSession]})
              .status());
    } else if (*r[kKind].text() == "submitted" && !graded.contains(key(r, kEventId))) {
      RETURN_IF_ERROR(
          connection
              .Execute("INSERT INTO pending_grades (tenant, learner, answer, session, received_time, tries, "
                       "next_try, "
                       "owner, lease_until) VALUES (?, ?, ?, ?, ?, 0, 0, '', 0) ON CONFLICT DO NOTHING",
                       {r[kTenant], r[kLearner], r[kEventId], r[kSession], r[kReceivedTime]})
              .status());
    }
  }
  return absl::OkStatus();
}

absl::Status CheckUnit(const std::vector<Event>& unit) {
  if (unit.empty()) return absl::InvalidArgumentError("a unit needs an event");
  for (size_t i = 0; i < unit.size(); ++i) {
    if (unit[i].learner != unit[0].learner) return absl::InvalidArgumentError("a unit is of one learner");
    if (unit[i].seq != unit[0].seq + static_cast<int64_t>(i) || unit[i].seq < 1) {
      return absl::InvalidArgumentError("the sequences of a unit are consecutive");
    }
  }
  return absl::OkStatus();
}

// "(?, ?, ...)" for `values`, which join `parameters`. The last one is repeated up to the next power of two, so that there
// are few statements to prepare.
std::string AnyOf(std::vector<SqlValue> values, std::vector<SqlValue>& parameters) {
  values.resize(std::bit_ceil(values.size()), SqlValue(values.back()));
  std::string list(3 * values.size(), ' ');
  for (size_t i = 0; i < values.size(); ++i) {
    list[3 * i] = i == 0 ? '(' : ',';
    list[3 * i + 1] = '?';
  }
  list.back() = ')';
  std::move(values.begin(), values.end(), std::back_inserter(parameters));
  return list;
}

constexpr char kDueGrades[] =
    "SELECT tenant, learner, answer, session, tries FROM pending_grades "
    "WHERE (next_try <= ? OR next_try > ?) AND (lease_until <= ? OR lease_until > ?) "
    "ORDER BY next_try, received_time LIMIT ?";

constexpr char kDueAlarms[] =
    "SELECT tenant, learner, session FROM alarms WHERE due < ? AND (lease_until <= ? OR lease_until > ?) "
    "ORDER BY due LIMIT ?";

absl::StatusOr<SessionKey> ReadSessionKey(const Row& row) {
  SessionKey session;
  if (!row.Read(session.learner.tenant, session.learner.learner, session.session).ok()) {
    return absl::DataLossError("an alarm cannot be read");
  }
  return session;
}

}  // namespace

SqlEventLog::SqlEventLog(sql::Database& database, std::unique_ptr<sql::ReaderPool> readers,
                         std::unique_ptr<sql::Writer> writer, std::unique_ptr<sql::GroupCommitter> committer)
    : database_(database),
      readers_(std::move(readers)),
      writer_(std::move(writer)),
      committer_(std::move(committer)) {}

absl::Status BeginEpoch(sql::Database& database, const std::string& epoch) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, database.Connect());
  RETURN_IF_ERROR(sql::Migrate(*connection, "log", LogMigrations(database.dialect())));
  return connection->Execute("UPDATE log_store SET epoch = ?", {epoch}).status();
}

absl::StatusOr<bool> LiftErasure(sql::Database& database, const LearnerKey& learner) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, database.Connect());
  RETURN_IF_ERROR(sql::Migrate(*connection, "log", LogMigrations(database.dialect())));
  return LiftTombstone(*connection, learner);
}

absl::StatusOr<std::unique_ptr<SqlEventLog>> SqlEventLog::Open(sql::Database& database,
                                                               SqlEventLogOptions options) {
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, database.Connect());
    RETURN_IF_ERROR(sql::Migrate(*connection, "log", LogMigrations(database.dialect())));
  }
  sql::GroupCommitterOptions committing;
  committing.after_write = [](Connection& connection, absl::Span<const Row* const> written) -> absl::Status {
    RETURN_IF_ERROR(IndexPendingGrades(connection, written));
    RETURN_IF_ERROR(IndexAlarms(connection, written));
    return IndexAssignedSessions(connection, written);
  };
  committing.on_batch = std::move(options.on_batch);
  ASSIGN_OR_RETURN(auto readers, sql::ReaderPool::Start(database, options.readers));
  ASSIGN_OR_RETURN(auto writer, sql::Writer::Start(database));
  ASSIGN_OR_RETURN(auto committer,
                   sql::GroupCommitter::Start(database, EventsTable(), std::move(committing)));
  return std::unique_ptr<SqlEventLog>(
      new SqlEventLog(database, std::move(readers), std::move(writer), std::move(committer)));
}

Task<absl::StatusOr<AppendOutcome>> SqlEventLog::Append(const std::vector<Event>& events,
                                                        absl::Time deadline) {
  CO_RETURN_IF_ERROR_NOW(CheckUnit(events));
  sql::Unit unit;
  const int64_t owner = OwnerNumber(events[0].learner);
  for (const Event& event : events) {
    ASSIGN_OR_CO_RETURN_NOW(Row row, EventRow(event, owner));
    unit.rows.push_back(std::move(row));
  }
  ASSIGN_OR_CO_RETURN(const sql::CommitOutcome outcome, committer_->Commit(std::move(unit), deadline));
  if (outcome == sql::CommitOutcome::kWritten) co_return AppendOutcome::kWritten;
  // The database passes over rows of those who were erased as if their place were taken.
  ASSIGN_OR_CO_RETURN(const bool erased, IsErased(events[0].learner, deadline));
  co_return erased ? AppendOutcome::kErased : AppendOutcome::kConflict;
}

Task<absl::StatusOr<std::vector<Event>>> SqlEventLog::ReadEvents(std::string sql,
                                                                 std::vector<SqlValue> parameters,
                                                                 absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<Event>> {
    ASSIGN_OR_RETURN(const Rows rows, connection.Query(sql, parameters));
    std::vector<Event> events;
    events.reserve(rows.size());
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(Event event, ReadEvent(row));
      events.push_back(std::move(event));
    }
    return events;
  };
  absl::StatusOr<std::vector<Event>> events = co_await readers_->Read(read, deadline);
  co_return events;
}

Task<absl::StatusOr<std::optional<Event>>> SqlEventLog::FindEvent(LearnerKey learner, std::string event_id,
                                                                  absl::Time deadline) {
  std::string sql = absl::StrCat("SELECT ", kEventColumns,
                                 " FROM events WHERE tenant = ? AND learner = ? AND event_id = ?");
  std::vector<SqlValue> parameters = {learner.tenant, learner.learner, event_id};
  ASSIGN_OR_CO_RETURN(std::vector<Event> events, ReadEvents(std::move(sql), std::move(parameters), deadline));
  if (events.empty()) co_return std::nullopt;
  co_return std::optional<Event>(std::move(events.front()));
}

Task<absl::StatusOr<std::vector<Event>>> SqlEventLog::FindEvents(LearnerKey learner, EventNames names,
                                                                 absl::Time deadline) {
  std::vector<SqlValue> numbers(names.device_seqs.begin(), names.device_seqs.end());
  std::vector<SqlValue> ids(names.event_ids.begin(), names.event_ids.end());
  std::vector<Event> events;
  if (!ids.empty()) {
    std::vector<SqlValue> parameters = {learner.tenant, learner.learner};
    std::string sql = absl::StrCat("SELECT ", kEventColumns,
                                   " FROM events WHERE tenant = ? AND learner = ? AND event_id IN ",
                                   AnyOf(std::move(ids), parameters));
    ASSIGN_OR_CO_RETURN(events, ReadEvents(std::move(sql), std::move(parameters), deadline));
  }
  if (!numbers.empty()) {
    std::vector<SqlValue> parameters = {learner.tenant, learner.learner, names.device};
    std::string sql =
        absl::StrCat("SELECT ", kEventColumns,
                     " FROM events WHERE tenant = ? AND learner = ? AND device = ? AND device_seq IN ",
                     AnyOf(std::move(numbers), parameters));
    ASSIGN_OR_CO_RETURN(std::vector<Event> numbered,
                        ReadEvents(std::move(sql), std::move(parameters), deadline));
    std::move(numbered.begin(), numbered.end(), std::back_inserter(events));
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.seq < b.seq; });
  const auto same = [](const Event& a, const Event& b) { return a.seq == b.seq; };
  events.erase(std::unique(events.begin(), events.end(), same), events.end());
  co_return events;
}

Task<absl::StatusOr<std::vector<Event>>> SqlEventLog::ReadSession(SessionKey session, int64_t after_seq,
                                                                  absl::Time deadline) {
  std::string sql =
      absl::StrCat("SELECT ", kEventColumns,
                   " FROM events WHERE tenant = ? AND learner = ? AND session = ? AND seq > ? ORDER BY seq");
  std::vector<SqlValue> parameters = {session.learner.tenant, session.learner.learner, session.session,
                                      after_seq};
  return ReadEvents(std::move(sql), std::move(parameters), deadline);
}

Task<absl::StatusOr<std::vector<Event>>> SqlEventLog::ReadAfter(LearnerKey learner, int64_t after_seq,
                                                                int32_t limit, absl::Time deadline) {
  std::string sql =
      absl::StrCat("SELECT ", kEventColumns,
                   " FROM events WHERE tenant = ? AND learner = ? AND seq > ? ORDER BY seq LIMIT ?");
  std::vector<SqlValue> parameters = {learner.tenant, learner.learner, after_seq, limit};
  return ReadEvents(std::move(sql), std::move(parameters), deadline);
}

Task<absl::StatusOr<LogHead>> SqlEventLog::Head(LearnerKey learner, absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<LogHead> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT (SELECT max(seq) FROM events WHERE tenant = ? AND learner = ?), "
                         "(SELECT max(occurred_time) FROM events WHERE tenant = ? AND learner = ?)",
                         {learner.tenant, learner.learner, learner.tenant, learner.learner}));
    std::optional<int64_t> seq, occurred;
    if (rows.size() != 1 || !rows[0].Read(seq, occurred).ok()) {
      return absl::DataLossError("the head of a log cannot be read");
    }
    LogHead head;
    if (seq.has_value()) head.seq = *seq;
    if (occurred.has_value()) head.last_occurred = absl::FromUnixMillis(*occurred);
    return head;
  };
  absl::StatusOr<LogHead> head = co_await readers_->Read(read, deadline);
  co_return head;
}

Task<absl::StatusOr<bool>> SqlEventLog::IsErased(LearnerKey learner, absl::Time deadline) {
  const auto read = [&](Connection& connection) { return HasTombstone(connection, learner); };
  absl::StatusOr<bool> erased = co_await readers_->Read(read, deadline);
  co_return erased;
}

Task<absl::StatusOr<absl::Time>> SqlEventLog::Erase(LearnerKey learner, absl::Time now, absl::Time deadline) {
  const auto write = [&](Connection& connection) { return EraseRows(connection, learner, now); };
  absl::StatusOr<absl::Time> erased = co_await writer_->Write(write, deadline);
  if (!erased.ok()) co_return erased;
  // On a connection of its own: a checkpoint is none of a transaction's.
  const auto empty = [&](Connection&) -> absl::Status {
    ASSIGN_OR_RETURN(const std::unique_ptr<Connection> own, database_.Connect());
    return sql::EmptyWriteAheadLog(*own);
  };
  const absl::Status emptied = co_await readers_->Read(empty, deadline);
  if (!emptied.ok()) co_return emptied;
  co_return erased;
}

Task<absl::StatusOr<std::string>> SqlEventLog::Epoch(LearnerKey learner, absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const Rows rows, connection.Query("SELECT epoch FROM log_store"));
    std::string epoch;
    if (rows.size() != 1 || !rows[0].Read(epoch).ok()) {
      return absl::DataLossError("the epoch of the log cannot be read");
    }
    ASSIGN_OR_RETURN(const int64_t erasures, Erasures(connection, learner));
    if (erasures > 0) absl::StrAppend(&epoch, ".", erasures);
    return epoch;
  };
  absl::StatusOr<std::string> epoch = co_await readers_->Read(read, deadline);
  co_return epoch;
}

Task<absl::StatusOr<std::vector<Event>>> SqlEventLog::ListSessions(LearnerKey learner, int64_t before_seq,
                                                                   int32_t limit, absl::Time deadline) {
  std::string sql =
      absl::StrCat("SELECT ", kEventColumns,
                   " FROM events WHERE tenant = ? AND learner = ? AND kind = 'created' AND seq < ? "
                   "ORDER BY seq DESC LIMIT ?");
  const int64_t before = before_seq == 0 ? std::numeric_limits<int64_t>::max() : before_seq;
  std::vector<SqlValue> parameters = {learner.tenant, learner.learner, before, limit};
  return ReadEvents(std::move(sql), std::move(parameters), deadline);
}

Task<absl::StatusOr<std::vector<Event>>> SqlEventLog::ListDecisions(std::string tenant,
                                                                    std::string question_name, int32_t limit,
                                                                    absl::Time deadline) {
  // With the index's own condition, or the database would not see that it serves.
  std::string sql = absl::StrCat("SELECT ", kEventColumns,
                                 " FROM events WHERE tenant = ? AND decided = ? AND decided <> '' "
                                 "ORDER BY commit_seq DESC LIMIT ?");
  std::vector<SqlValue> parameters = {std::move(tenant), std::move(question_name), limit};
  return ReadEvents(std::move(sql), std::move(parameters), deadline);
}

Task<absl::StatusOr<std::vector<LearnerKey>>> SqlEventLog::ListLearners(LearnerKey after, int32_t limit,
                                                                        absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<LearnerKey>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT DISTINCT tenant, learner FROM events WHERE (tenant, learner) > (?, ?) "
                         "ORDER BY tenant, learner LIMIT ?",
                         {after.tenant, after.learner, limit}));
    std::vector<LearnerKey> learners;
    for (const Row& row : rows) {
      LearnerKey learner;
      if (!row.Read(learner.tenant, learner.learner).ok()) {
        return absl::DataLossError("the key of a log cannot be read");
      }
      learners.push_back(std::move(learner));
    }
    return learners;
  };
  absl::StatusOr<std::vector<LearnerKey>> learners = co_await readers_->Read(read, deadline);
  co_return learners;
}

Task<absl::StatusOr<std::vector<PendingGrade>>> SqlEventLog::TakePending(std::string owner, absl::Time now,
                                                                         absl::Duration lease, int32_t limit,
                                                                         absl::Time deadline) {
  const int64_t now_ms = absl::ToUnixMillis(now);
  const int64_t farthest = absl::ToUnixMillis(now + kFarthestTry);
  // A look without the write lock first: mostly nothing is due, and the committer must not wait for that.
  const auto look = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const Rows rows, connection.Query(kDueGrades, {now_ms, farthest, now_ms, farthest, 1}));
    return !rows.empty();
  };
  ASSIGN_OR_CO_RETURN(const bool due, readers_->Read(look, deadline));
  if (!due) co_return std::vector<PendingGrade>();

  const auto take = [&](Connection& connection) -> absl::StatusOr<std::vector<PendingGrade>> {
    // Rows that a commit elsewhere has in hand are left alone: they are being graded.
    const std::string due_and_free = absl::StrCat(kDueGrades, sql::ForUpdateSkipLocked(connection.dialect()));
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query(due_and_free, {now_ms, farthest, now_ms, farthest, limit}));
    std::vector<PendingGrade> taken;
    for (const Row& row : rows) {
      PendingGrade pending;
      int64_t tries = 0;
      LearnerKey& learner = pending.session.learner;
      if (!row.Read(learner.tenant, learner.learner, pending.answer, pending.session.session, tries).ok()) {
        return absl::DataLossError("a pending grade cannot be read");
      }
      pending.tries = static_cast<int32_t>(tries);
      RETURN_IF_ERROR(connection
                          .Execute("UPDATE pending_grades SET owner = ?, lease_until = ? "
                                   "WHERE tenant = ? AND learner = ? AND answer = ?",
                                   {owner, absl::ToUnixMillis(now + lease), learner.tenant, learner.learner,
                                    pending.answer})
                          .status());
      taken.push_back(std::move(pending));
    }
    return taken;
  };
  absl::StatusOr<std::vector<PendingGrade>> taken = co_await writer_->Write(take, deadline);
  co_return taken;
}

Task<absl::Status> SqlEventLog::Postpone(std::string owner, PendingGrade pending, absl::Time next_try,
                                         absl::Time deadline) {
  const auto write = [&](Connection& connection) -> absl::Status {
    return connection
        .Execute(
            "UPDATE pending_grades SET owner = '', lease_until = 0, tries = tries + 1, next_try = ? "
            "WHERE tenant = ? AND learner = ? AND answer = ? AND owner = ?",
            {absl::ToUnixMillis(next_try), pending.session.learner.tenant, pending.session.learner.learner,
             pending.answer, owner})
        .status();
  };
  const absl::Status status = co_await writer_->Write(write, deadline);
  co_return status;
}

Task<absl::StatusOr<std::vector<SessionKey>>> SqlEventLog::TakeAlarms(std::string owner, absl::Time now,
                                                                      absl::Duration lease, int32_t limit,
                                                                      absl::Time deadline) {
  const int64_t now_ms = absl::ToUnixMillis(now);
  const int64_t farthest = absl::ToUnixMillis(now + kFarthestTry);
  // As with pending grades: mostly nothing is due, and looking needs no lock.
  const auto look = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const Rows rows, connection.Query(kDueAlarms, {now_ms, now_ms, farthest, 1}));
    return !rows.empty();
  };
  ASSIGN_OR_CO_RETURN(const bool due, readers_->Read(look, deadline));
  if (!due) co_return std::vector<SessionKey>();

  const auto take = [&](Connection& connection) -> absl::StatusOr<std::vector<SessionKey>> {
    const std::string due_and_free = absl::StrCat(kDueAlarms, sql::ForUpdateSkipLocked(connection.dialect()));
    ASSIGN_OR_RETURN(const Rows rows, connection.Query(due_and_free, {now_ms, now_ms, farthest, limit}));
    std::vector<SessionKey> taken;
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(SessionKey session, ReadSessionKey(row));
      RETURN_IF_ERROR(connection
                          .Execute("UPDATE alarms SET owner = ?, lease_until = ? "
                                   "WHERE tenant = ? AND learner = ? AND session = ?",
                                   {owner, absl::ToUnixMillis(now + lease), session.learner.tenant,
                                    session.learner.learner, session.session})
                          .status());
      taken.push_back(std::move(session));
    }
    return taken;
  };
  absl::StatusOr<std::vector<SessionKey>> taken = co_await writer_->Write(take, deadline);
  co_return taken;
}

Task<absl::Status> SqlEventLog::SetAlarm(std::string owner, SessionKey session, absl::Time next,
                                         absl::Time deadline) {
  const LearnerKey& learner = session.learner;
  const auto write = [&](Connection& connection) -> absl::Status {
    if (next == absl::InfinitePast()) {
      return connection
          .Execute("DELETE FROM alarms WHERE tenant = ? AND learner = ? AND session = ? AND owner = ?",
                   {learner.tenant, learner.learner, session.session, owner})
          .status();
    }
    return connection
        .Execute(
            "UPDATE alarms SET owner = '', lease_until = 0, due = ? "
            "WHERE tenant = ? AND learner = ? AND session = ? AND owner = ?",
            {absl::ToUnixMillis(next), learner.tenant, learner.learner, session.session, owner})
        .status();
  };
  const absl::Status status = co_await writer_->Write(write, deadline);
  co_return status;
}

}  // namespace greenroom::session
