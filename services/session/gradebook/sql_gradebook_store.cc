#include "services/session/gradebook/sql_gradebook_store.h"

#include "absl/strings/str_cat.h"
#include "services/session/domain/wire_time.h"
#include "services/session/gradebook/sql_rows.h"
#include "services/session/log/event_log.h"
#include "services/session/log/sql_erasure.h"

namespace greenroom::session {
namespace {

using sql::Connection;
using sql::Row;
using sql::Rows;
using sql::SqlValue;

// What ReadRegrade reads.
constexpr char kRegradeColumns[] =
    "SELECT tenant, id, regrade, content_sha256, until_seq, done_seq, applied_learner, applied_answer "
    "FROM regrades WHERE tenant = ?";

absl::StatusOr<std::optional<StoredRegrade>> Find(Connection& connection, const std::string& tenant,
                                                  const std::string& id) {
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query(absl::StrCat(kRegradeColumns, " AND id = ?"), {tenant, id}));
  if (rows.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(StoredRegrade regrade, ReadRegrade(rows[0]));
  return regrade;
}

absl::StatusOr<int64_t> Number(Connection& connection, absl::string_view sql,
                               const std::vector<SqlValue>& parameters = {}) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Query(sql, parameters));
  std::optional<int64_t> number;
  if (rows.size() != 1 || !rows[0].Read(number).ok()) return absl::DataLossError("a number cannot be read");
  return number.value_or(0);
}

// Writes what may change of a regrade.
absl::StatusOr<int64_t> Update(Connection& connection, const StoredRegrade& regrade,
                               const std::string& held_by, const std::string& owner, int64_t lease_until) {
  ASSIGN_OR_RETURN(std::string json, RegradeJson(regrade.regrade));
  return connection.Execute(
      "UPDATE regrades SET state = ?, number = ?, regrade = ?, done_seq = ?, applied_learner = ?, "
      "applied_answer = ?, owner = ?, lease_until = ? WHERE tenant = ? AND id = ? AND owner = ?",
      {static_cast<int64_t>(regrade.regrade.state()), static_cast<int64_t>(regrade.regrade.number()),
       std::move(json), regrade.cursor, regrade.applied.learner, regrade.applied.answer, owner, lease_until,
       regrade.tenant, regrade.id, held_by});
}

bool IsAtWork(const v1::Regrade& regrade) {
  return regrade.state() == v1::REGRADE_STATE_COMPUTING || regrade.state() == v1::REGRADE_STATE_APPLYING;
}

// The oldest that is at work (states 1 and 3) and free.
constexpr char kFreeRegrade[] =
    "SELECT tenant, id FROM regrades WHERE state IN (1, 3) AND (lease_until <= ? OR lease_until > ?) "
    "ORDER BY create_time, tenant, id LIMIT 1";

}  // namespace

SqlGradebookStore::SqlGradebookStore(std::unique_ptr<sql::ReaderPool> readers,
                                     std::unique_ptr<sql::Writer> writer)
    : readers_(std::move(readers)), writer_(std::move(writer)) {}

absl::StatusOr<std::unique_ptr<SqlGradebookStore>> SqlGradebookStore::Open(sql::Database& database) {
  sql::ReaderPoolOptions reading;
  reading.threads = 1;
  ASSIGN_OR_RETURN(auto readers, sql::ReaderPool::Start(database, reading));
  ASSIGN_OR_RETURN(auto writer, sql::Writer::Start(database));
  return std::unique_ptr<SqlGradebookStore>(new SqlGradebookStore(std::move(readers), std::move(writer)));
}

Task<absl::StatusOr<bool>> SqlGradebookStore::CreateRegrade(StoredRegrade regrade, absl::Time deadline) {
  const auto create = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(std::string json, RegradeJson(regrade.regrade));
    ASSIGN_OR_RETURN(const int64_t until, Number(connection, "SELECT max(commit_seq) FROM events"));
    ASSIGN_OR_RETURN(
        const int64_t made,
        connection.Execute(
            "INSERT INTO regrades (tenant, id, pack, state, number, content_sha256, regrade, until_seq, "
            "done_seq, applied_learner, applied_answer, create_time, owner, lease_until) "
            "VALUES (?, ?, ?, ?, 0, ?, ?, ?, 0, '', '', ?, '', 0) ON CONFLICT DO NOTHING",
            {regrade.tenant, regrade.id, regrade.regrade.pack(),
             static_cast<int64_t>(regrade.regrade.state()), regrade.content_sha256, std::move(json), until,
             absl::ToUnixMillis(FromTimestamp(regrade.regrade.create_time()))}));
    return made == 1;
  };
  absl::StatusOr<bool> created = co_await writer_->Write(create, deadline);
  co_return created;
}

Task<absl::StatusOr<std::optional<StoredRegrade>>> SqlGradebookStore::GetRegrade(std::string tenant,
                                                                                 std::string id,
                                                                                 absl::Time deadline) {
  const auto read = [&](Connection& connection) { return Find(connection, tenant, id); };
  absl::StatusOr<std::optional<StoredRegrade>> found = co_await readers_->Read(read, deadline);
  co_return found;
}

Task<absl::StatusOr<std::vector<StoredRegrade>>> SqlGradebookStore::ListRegrades(
    std::string tenant, std::string pack, RegradePlace after, int32_t limit, absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<StoredRegrade>> {
    std::vector<SqlValue> parameters = {tenant};
    if (!pack.empty()) parameters.emplace_back(pack);
    parameters.insert(parameters.end(), {after.created_ms, after.id, limit});
    const std::string sql =
        absl::StrCat(kRegradeColumns, pack.empty() ? "" : " AND pack = ?",
                     " AND (create_time, id) < (?, ?) ORDER BY create_time DESC, id DESC LIMIT ?");
    ASSIGN_OR_RETURN(const Rows rows, connection.Query(sql, parameters));
    std::vector<StoredRegrade> regrades;
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(StoredRegrade regrade, ReadRegrade(row));
      regrades.push_back(std::move(regrade));
    }
    return regrades;
  };
  absl::StatusOr<std::vector<StoredRegrade>> regrades = co_await readers_->Read(read, deadline);
  co_return regrades;
}

Task<absl::StatusOr<std::optional<StoredRegrade>>> SqlGradebookStore::MoveRegrade(
    std::string tenant, std::string id, v1::RegradeState from, v1::RegradeState to, absl::Time deadline) {
  const auto move = [&](Connection& connection) -> absl::StatusOr<std::optional<StoredRegrade>> {
    ASSIGN_OR_RETURN(std::optional<StoredRegrade> found, Find(connection, tenant, id));
    if (!found.has_value() || found->regrade.state() != from) return found;
    found->regrade.set_state(to);
    if (to == v1::REGRADE_STATE_APPLYING) {
      ASSIGN_OR_RETURN(const int64_t last,
                       Number(connection, "SELECT max(number) FROM regrades WHERE tenant = ?", {tenant}));
      found->regrade.set_number(static_cast<int32_t>(last + 1));
    }
    RETURN_IF_ERROR(
        connection.Execute("UPDATE regrades SET owner = '' WHERE tenant = ? AND id = ?", {tenant, id})
            .status());
    RETURN_IF_ERROR(Update(connection, *found, "", "", 0).status());
    return found;
  };
  absl::StatusOr<std::optional<StoredRegrade>> moved = co_await writer_->Write(move, deadline);
  co_return moved;
}

Task<absl::StatusOr<std::optional<StoredRegrade>>> SqlGradebookStore::TakeRegrade(std::string owner,
                                                                                  absl::Time now,
                                                                                  absl::Duration lease,
                                                                                  absl::Time deadline) {
  const std::vector<SqlValue> free = {absl::ToUnixMillis(now), absl::ToUnixMillis(now + kFarthestTry)};
  // A look without the write lock first: mostly there is none.
  const auto look = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const Rows rows, connection.Query(kFreeRegrade, free));
    return !rows.empty();
  };
  ASSIGN_OR_CO_RETURN(const bool any, readers_->Read(look, deadline));
  if (!any) co_return std::optional<StoredRegrade>();

  const auto take = [&](Connection& connection) -> absl::StatusOr<std::optional<StoredRegrade>> {
    ASSIGN_OR_RETURN(const Rows rows, connection.Query(kFreeRegrade, free));
    if (rows.empty()) return std::nullopt;
    std::string tenant, id;
    RETURN_IF_ERROR(rows[0].Read(tenant, id));
    RETURN_IF_ERROR(connection
                        .Execute("UPDATE regrades SET owner = ?, lease_until = ? WHERE tenant = ? AND id = ?",
                                 {owner, absl::ToUnixMillis(now + lease), tenant, id})
                        .status());
    return Find(connection, tenant, id);
  };
  absl::StatusOr<std::optional<StoredRegrade>> taken = co_await writer_->Write(take, deadline);
  co_return taken;
}

Task<absl::StatusOr<bool>> SqlGradebookStore::SavePiece(std::string owner, StoredRegrade regrade,
                                                        std::vector<StoredChange> changes,
                                                        absl::Time lease_until, absl::Time deadline) {
  const bool on = IsAtWork(regrade.regrade);
  const auto save = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const int64_t held, Update(connection, regrade, owner, on ? owner : "",
                                                on ? absl::ToUnixMillis(lease_until) : 0));
    if (held == 0) return false;
    for (const StoredChange& change : changes) {
      ASSIGN_OR_RETURN(const bool erased, HasTombstone(connection, change.session.learner));
      if (erased) continue;
      ASSIGN_OR_RETURN(const Row row, ChangeRow(regrade, change));
      RETURN_IF_ERROR(
          connection
              .Execute("INSERT INTO regrade_changes (tenant, regrade, learner, answer, session, question, "
                       "old_score, new_score, overridden, graded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                       "ON CONFLICT DO NOTHING",
                       row.values())
              .status());
    }
    return true;
  };
  absl::StatusOr<bool> saved = co_await writer_->Write(save, deadline);
  co_return saved;
}

Task<absl::StatusOr<bool>> SqlGradebookStore::RestartRegrade(std::string owner, StoredRegrade regrade,
                                                             absl::Time lease_until, absl::Time deadline) {
  const auto restart = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const int64_t held,
                     Update(connection, regrade, owner, owner, absl::ToUnixMillis(lease_until)));
    if (held == 0) return false;
    RETURN_IF_ERROR(connection
                        .Execute("DELETE FROM regrade_changes WHERE tenant = ? AND regrade = ?",
                                 {regrade.tenant, regrade.id})
                        .status());
    return true;
  };
  absl::StatusOr<bool> restarted = co_await writer_->Write(restart, deadline);
  co_return restarted;
}

Task<absl::StatusOr<std::vector<StoredChange>>> SqlGradebookStore::ListChanges(std::string tenant,
                                                                               std::string id,
                                                                               ChangeKey after, int32_t limit,
                                                                               absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<StoredChange>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT tenant, regrade, learner, answer, session, question, old_score, new_score, "
                         "overridden, graded FROM regrade_changes "
                         "WHERE tenant = ? AND regrade = ? AND (learner, answer) > (?, ?) "
                         "ORDER BY learner, answer LIMIT ?",
                         {tenant, id, after.learner, after.answer, limit}));
    std::vector<StoredChange> changes;
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(StoredChange change, ReadChange(row));
      changes.push_back(std::move(change));
    }
    return changes;
  };
  absl::StatusOr<std::vector<StoredChange>> changes = co_await readers_->Read(read, deadline);
  co_return changes;
}

Task<absl::StatusOr<std::vector<CreatedSession>>> SqlGradebookStore::SessionsAfter(
    std::string tenant, int64_t after, int64_t until, int32_t limit, absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<CreatedSession>> {
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query("SELECT commit_seq, learner, session FROM events WHERE tenant = ? AND "
                                      "kind = 'created' AND commit_seq > ? AND commit_seq <= ? "
                                      "ORDER BY commit_seq LIMIT ?",
                                      {tenant, after, until, limit}));
    std::vector<CreatedSession> sessions;
    for (const Row& row : rows) {
      CreatedSession& created = sessions.emplace_back();
      created.session.learner.tenant = tenant;
      RETURN_IF_ERROR(row.Read(created.commit_seq, created.session.learner.learner, created.session.session));
    }
    return sessions;
  };
  absl::StatusOr<std::vector<CreatedSession>> sessions = co_await readers_->Read(read, deadline);
  co_return sessions;
}

Task<absl::StatusOr<std::vector<SessionPlan>>> SqlGradebookStore::NewestPlans(std::string tenant,
                                                                              int32_t limit,
                                                                              absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<SessionPlan>> {
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query("SELECT payload FROM events WHERE tenant = ? AND kind = 'created' "
                                      "ORDER BY commit_seq DESC LIMIT ?",
                                      {tenant, limit}));
    std::vector<SessionPlan> plans;
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(SessionPlan plan, ReadPlan(row));
      plans.push_back(std::move(plan));
    }
    return plans;
  };
  absl::StatusOr<std::vector<SessionPlan>> plans = co_await readers_->Read(read, deadline);
  co_return plans;
}

Task<absl::StatusOr<std::vector<Decision>>> SqlGradebookStore::DecisionsBefore(std::string tenant,
                                                                               int64_t before, int32_t limit,
                                                                               absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<Decision>> {
    // Grades that the server made have no content; the index events_decided has the others alone.
    ASSIGN_OR_RETURN(
        const Rows rows,
        connection.Query("SELECT commit_seq, learner, session, answer, event_id FROM events WHERE tenant = ? "
                         "AND kind = 'graded' AND content_sha256 <> '' AND commit_seq < ? "
                         "ORDER BY commit_seq DESC LIMIT ?",
                         {tenant, before, limit}));
    std::vector<Decision> decisions;
    for (const Row& row : rows) {
      Decision& decision = decisions.emplace_back();
      decision.session.learner.tenant = tenant;
      RETURN_IF_ERROR(row.Read(decision.commit_seq, decision.session.learner.learner,
                               decision.session.session, decision.answer, decision.grade));
    }
    return decisions;
  };
  absl::StatusOr<std::vector<Decision>> decisions = co_await readers_->Read(read, deadline);
  co_return decisions;
}

Task<absl::StatusOr<std::vector<UnseenEvent>>> SqlGradebookStore::TakeUnseen(
    std::string owner, absl::Time now, absl::Time settled, absl::Duration lease, int32_t limit,
    absl::Time deadline) {
  int64_t before = 0;
  const auto look = [&](Connection& connection) -> absl::StatusOr<std::vector<UnseenEvent>> {
    ASSIGN_OR_RETURN(before, Number(connection, "SELECT done_seq FROM gradebook_index"));
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query("SELECT commit_seq, tenant, learner, session, seq, received_time FROM "
                                      "events WHERE commit_seq > ? ORDER BY commit_seq LIMIT ?",
                                      {before, limit}));
    std::vector<UnseenEvent> events;
    for (const Row& row : rows) {
      UnseenEvent event;
      int64_t received = 0;
      RETURN_IF_ERROR(row.Read(event.commit_seq, event.session.learner.tenant, event.session.learner.learner,
                               event.session.session, event.seq, received));
      // A time far ahead is of a clock that was set back since.
      if (received > absl::ToUnixMillis(settled) && received <= absl::ToUnixMillis(now + kFarthestTry)) break;
      events.push_back(std::move(event));
    }
    return events;
  };
  ASSIGN_OR_CO_RETURN(std::vector<UnseenEvent> events, readers_->Read(look, deadline));
  if (events.empty()) co_return events;

  const auto take = [&](Connection& connection) {
    return connection.Execute(
        "UPDATE gradebook_index SET owner = ?, lease_until = ? "
        "WHERE done_seq = ? AND (owner = ? OR lease_until <= ? OR lease_until > ?)",
        {owner, absl::ToUnixMillis(now + lease), before, owner, absl::ToUnixMillis(now),
         absl::ToUnixMillis(now + kFarthestTry)});
  };
  ASSIGN_OR_CO_RETURN(const int64_t held, writer_->Write(take, deadline));
  if (held == 0) events.clear();
  co_return events;
}

Task<absl::StatusOr<bool>> SqlGradebookStore::SaveIndex(std::string owner, std::vector<SessionIndex> sessions,
                                                        int64_t cursor, absl::Time deadline) {
  const auto save = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(
        const int64_t held,
        connection.Execute("UPDATE gradebook_index SET done_seq = ? WHERE owner = ?", {cursor, owner}));
    if (held == 0) return false;
    for (const SessionIndex& index : sessions) {
      ASSIGN_OR_RETURN(const bool erased, HasTombstone(connection, index.session.learner));
      if (!erased) RETURN_IF_ERROR(ReplaceIndex(connection, index));
    }
    return true;
  };
  absl::StatusOr<bool> saved = co_await writer_->Write(save, deadline);
  co_return saved;
}

Task<absl::StatusOr<std::vector<ReviewRow>>> SqlGradebookStore::ListReview(std::string tenant,
                                                                           std::string pack,
                                                                           ReviewPlace after, int32_t limit,
                                                                           absl::Time deadline) {
  const auto read = [&](Connection& connection) {
    return after.reason == v1::REVIEW_REASON_CLAIMED ? ReadClaims(connection, tenant, pack, after, limit)
                                                     : ReadNeeds(connection, tenant, pack, after, limit);
  };
  absl::StatusOr<std::vector<ReviewRow>> rows = co_await readers_->Read(read, deadline);
  co_return rows;
}

Task<absl::StatusOr<std::vector<std::pair<std::string, ScoredAnswer>>>> SqlGradebookStore::ListScored(
    std::string tenant, std::string pack, std::string question, absl::Time deadline) {
  using Scored = std::vector<std::pair<std::string, ScoredAnswer>>;
  const auto read = [&](Connection& connection) -> absl::StatusOr<Scored> {
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query("SELECT learner, answer, attempt, score, received_time, made "
                                      "FROM answer_scores WHERE tenant = ? AND pack = ? AND question = ? "
                                      "ORDER BY received_time DESC LIMIT ?",
                                      {tenant, pack, question, kStatsAnswers}));
    Scored scored;
    scored.reserve(rows.size());
    for (const Row& row : rows) {
      auto& [learner, answer] = scored.emplace_back();
      answer.question = question;
      RETURN_IF_ERROR(ReadScored(row, learner, answer));
    }
    return scored;
  };
  absl::StatusOr<Scored> scored = co_await readers_->Read(read, deadline);
  co_return scored;
}

}  // namespace greenroom::session
