#include "services/session/assignments/sql_assignment_store.h"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace greenroom::session {
namespace {

using sql::Connection;
using sql::Row;
using sql::Rows;

// The etag is the row's version, and in no body.
absl::StatusOr<std::string> BodyOf(v1::Assignment assignment) {
  assignment.clear_etag();
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(assignment, &json).ok()) {
    return absl::InvalidArgumentError("an assignment cannot be written as JSON");
  }
  return json;
}

absl::StatusOr<v1::Assignment> ReadAssignment(const Row& row) {
  int64_t version = 0;
  std::string body;
  v1::Assignment assignment;
  google::protobuf::util::JsonParseOptions additive;
  additive.ignore_unknown_fields = true;
  const bool read = row.Read(version, body).ok() &&
                    google::protobuf::util::JsonStringToMessage(body, &assignment, additive).ok();
  if (!read) return absl::DataLossError("a stored assignment cannot be read");
  assignment.set_etag(absl::StrCat(version));
  return assignment;
}

int64_t ReleaseColumn(const v1::Assignment& assignment) {
  return assignment.release_time().seconds() * 1000 + assignment.release_time().nanos() / 1000000;
}

// -1 for what the store never gave.
int64_t VersionOf(const std::string& etag) {
  int64_t version = 0;
  return absl::SimpleAtoi(etag, &version) ? version : -1;
}

absl::StatusOr<std::vector<v1::Assignment>> ReadAll(const Rows& rows) {
  std::vector<v1::Assignment> assignments;
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(v1::Assignment assignment, ReadAssignment(row));
    assignments.push_back(std::move(assignment));
  }
  return assignments;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqlAssignmentStore>> SqlAssignmentStore::Open(sql::Database& database) {
  ASSIGN_OR_RETURN(auto readers, sql::ReaderPool::Start(database, {}));
  ASSIGN_OR_RETURN(auto writer, sql::Writer::Start(database));
  return std::unique_ptr<SqlAssignmentStore>(new SqlAssignmentStore(std::move(readers), std::move(writer)));
}

Task<absl::StatusOr<InsertOutcome>> SqlAssignmentStore::Insert(std::string tenant, v1::Assignment assignment,
                                                               std::string content, absl::Time deadline) {
  ASSIGN_OR_CO_RETURN_NOW(const std::string body, BodyOf(assignment));
  const std::string id = AssignmentIdOf(assignment.name());
  const auto write = [&](Connection& connection) -> absl::StatusOr<InsertOutcome> {
    ASSIGN_OR_RETURN(
        const int64_t inserted,
        connection.Execute(
            "INSERT INTO assignments (tenant, assignment, version, release_time, content_sha256, body) "
            "VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING",
            {tenant, id, ReleaseColumn(assignment), content, body}));
    if (inserted == 1) return InsertOutcome::kInserted;
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT content_sha256 FROM assignments WHERE tenant = ? AND assignment = ?",
                         {tenant, id}));
    std::string stored;
    if (rows.size() != 1 || !rows[0].Read(stored).ok()) {
      return absl::DataLossError("a stored assignment cannot be read");
    }
    return stored == content ? InsertOutcome::kSame : InsertOutcome::kOther;
  };
  absl::StatusOr<InsertOutcome> outcome = co_await writer_->Write(write, deadline);
  co_return outcome;
}

Task<absl::StatusOr<std::optional<v1::Assignment>>> SqlAssignmentStore::Get(std::string tenant,
                                                                            std::string assignment,
                                                                            absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::optional<v1::Assignment>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT version, body FROM assignments WHERE tenant = ? AND assignment = ?",
                         {tenant, assignment}));
    if (rows.empty()) return std::optional<v1::Assignment>();
    ASSIGN_OR_RETURN(v1::Assignment found, ReadAssignment(rows[0]));
    return std::optional<v1::Assignment>(std::move(found));
  };
  absl::StatusOr<std::optional<v1::Assignment>> found = co_await readers_->Read(read, deadline);
  co_return found;
}

Task<absl::StatusOr<std::vector<v1::Assignment>>> SqlAssignmentStore::List(std::string tenant,
                                                                           std::string after, int32_t limit,
                                                                           absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<v1::Assignment>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT version, body FROM assignments WHERE tenant = ? AND assignment > ? "
                         "ORDER BY assignment LIMIT ?",
                         {tenant, after, limit}));
    return ReadAll(rows);
  };
  absl::StatusOr<std::vector<v1::Assignment>> listed = co_await readers_->Read(read, deadline);
  co_return listed;
}

Task<absl::StatusOr<bool>> SqlAssignmentStore::Replace(std::string tenant, v1::Assignment assignment,
                                                       std::string etag, absl::Time deadline) {
  ASSIGN_OR_CO_RETURN_NOW(const std::string body, BodyOf(assignment));
  const auto write = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(
        const int64_t replaced,
        connection.Execute(
            "UPDATE assignments SET version = version + 1, release_time = ?, body = ? "
            "WHERE tenant = ? AND assignment = ? AND version = ?",
            {ReleaseColumn(assignment), body, tenant, AssignmentIdOf(assignment.name()), VersionOf(etag)}));
    return replaced == 1;
  };
  absl::StatusOr<bool> replaced = co_await writer_->Write(write, deadline);
  co_return replaced;
}

Task<absl::StatusOr<bool>> SqlAssignmentStore::Remove(std::string tenant, std::string assignment,
                                                      std::string etag, absl::Time deadline) {
  const auto write = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(
        const int64_t removed,
        connection.Execute("DELETE FROM assignments WHERE tenant = ? AND assignment = ? AND version = ?",
                           {tenant, assignment, VersionOf(etag)}));
    return removed == 1;
  };
  absl::StatusOr<bool> removed = co_await writer_->Write(write, deadline);
  co_return removed;
}

Task<absl::StatusOr<int32_t>> SqlAssignmentStore::CountSessions(LearnerKey learner, std::string assignment,
                                                                absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<int32_t> {
    ASSIGN_OR_RETURN(const Rows rows, connection.Query("SELECT count(*) FROM assigned_sessions "
                                                       "WHERE tenant = ? AND learner = ? AND assignment = ?",
                                                       {learner.tenant, learner.learner, assignment}));
    int64_t count = 0;
    if (rows.size() != 1 || !rows[0].Read(count).ok())
      return absl::DataLossError("sessions cannot be counted");
    return static_cast<int32_t>(count);
  };
  absl::StatusOr<int32_t> count = co_await readers_->Read(read, deadline);
  co_return count;
}

Task<absl::StatusOr<std::vector<AssignedSession>>> SqlAssignmentStore::ListSessions(
    std::string tenant, std::string assignment, AssignedSession after, int32_t limit, absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<AssignedSession>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT learner, session, seq FROM assigned_sessions WHERE tenant = ? AND "
                         "assignment = ? AND (learner, seq) > (?, ?) ORDER BY learner, seq LIMIT ?",
                         {tenant, assignment, after.session.learner.learner, after.seq, limit}));
    std::vector<AssignedSession> sessions;
    for (const Row& row : rows) {
      AssignedSession session;
      session.session.learner.tenant = tenant;
      if (!row.Read(session.session.learner.learner, session.session.session, session.seq).ok()) {
        return absl::DataLossError("an assigned session cannot be read");
      }
      sessions.push_back(std::move(session));
    }
    return sessions;
  };
  absl::StatusOr<std::vector<AssignedSession>> sessions = co_await readers_->Read(read, deadline);
  co_return sessions;
}

Task<absl::StatusOr<std::vector<OpenExam>>> SqlAssignmentStore::ListOpenExams(LearnerKey learner,
                                                                              absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<OpenExam>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT session, pack FROM assigned_sessions WHERE tenant = ? AND learner = ? "
                         "AND exam = 1 AND open = 1 ORDER BY seq",
                         {learner.tenant, learner.learner}));
    std::vector<OpenExam> exams;
    for (const Row& row : rows) {
      OpenExam exam;
      if (!row.Read(exam.session, exam.pack).ok()) {
        return absl::DataLossError("an assigned session cannot be read");
      }
      exams.push_back(std::move(exam));
    }
    return exams;
  };
  absl::StatusOr<std::vector<OpenExam>> exams = co_await readers_->Read(read, deadline);
  co_return exams;
}

Task<absl::StatusOr<std::vector<LearnerKey>>> SqlAssignmentStore::ListLearnersInExams(int32_t limit,
                                                                                      absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<LearnerKey>> {
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query("SELECT DISTINCT tenant, learner FROM assigned_sessions "
                                      "WHERE exam = 1 AND open = 1 LIMIT ?",
                                      {limit}));
    std::vector<LearnerKey> learners;
    for (const Row& row : rows) {
      LearnerKey learner;
      if (!row.Read(learner.tenant, learner.learner).ok()) {
        return absl::DataLossError("an assigned session cannot be read");
      }
      learners.push_back(std::move(learner));
    }
    return learners;
  };
  absl::StatusOr<std::vector<LearnerKey>> learners = co_await readers_->Read(read, deadline);
  co_return learners;
}

Task<absl::StatusOr<std::vector<SessionKey>>> SqlAssignmentStore::ListUnreleased(int32_t limit,
                                                                                 absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<SessionKey>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT s.tenant, s.learner, s.session FROM assignments a JOIN assigned_sessions s "
                         "ON s.tenant = a.tenant AND s.assignment = a.assignment "
                         "WHERE a.release_time > 0 AND s.exam = 1 AND s.released = 0 LIMIT ?",
                         {limit}));
    std::vector<SessionKey> sessions;
    for (const Row& row : rows) {
      SessionKey session;
      if (!row.Read(session.learner.tenant, session.learner.learner, session.session).ok()) {
        return absl::DataLossError("an assigned session cannot be read");
      }
      sessions.push_back(std::move(session));
    }
    return sessions;
  };
  absl::StatusOr<std::vector<SessionKey>> sessions = co_await readers_->Read(read, deadline);
  co_return sessions;
}

}  // namespace greenroom::session
