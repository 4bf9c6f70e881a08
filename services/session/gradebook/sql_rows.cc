#include "services/session/gradebook/sql_rows.h"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/task.h"
#include "services/session/log/payload_json.h"

namespace greenroom::session {
namespace {

using sql::Connection;
using sql::Row;
using sql::Rows;
using sql::SqlValue;

template <typename Message>
absl::Status ReadJson(const std::string& json, Message& message) {
  google::protobuf::util::JsonParseOptions additive;
  additive.ignore_unknown_fields = true;
  const bool read = google::protobuf::util::JsonStringToMessage(json, &message, additive).ok();
  return read ? absl::OkStatus() : absl::DataLossError("a stored message of the grade book cannot be read");
}

// "noise=1 variance=0": ids hold neither spaces nor signs of equality.
std::string MadeText(const std::map<std::string, bool>& made) {
  std::string text;
  for (const auto& [item, is_made] : made) {
    absl::StrAppend(&text, text.empty() ? "" : " ", item, is_made ? "=1" : "=0");
  }
  return text;
}

std::map<std::string, bool> MadeOf(const std::string& text) {
  std::map<std::string, bool> made;
  for (const absl::string_view one : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(one, absl::MaxSplits('=', 1));
    made[std::string(parts.first)] = parts.second == "1";
  }
  return made;
}

absl::StatusOr<ReviewRow> ReadNeed(const Row& row, const std::string& tenant, v1::ReviewReason reason) {
  ReviewRow read;
  read.session.learner.tenant = tenant;
  read.need.reason = reason;
  std::optional<int64_t> score;
  int64_t received = 0;
  RETURN_IF_ERROR(row.Read(read.session.learner.learner, read.session.session, read.need.answer, read.pack,
                           read.need.question, read.need.point, score, received, read.claimants));
  if (score.has_value()) read.need.score = static_cast<int32_t>(*score);
  read.need.received_time = absl::FromUnixMillis(received);
  return read;
}

absl::StatusOr<std::vector<ReviewRow>> ReadAll(Connection& connection, const std::string& sql,
                                               const std::vector<SqlValue>& parameters,
                                               const std::string& tenant, v1::ReviewReason reason) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Query(sql, parameters));
  std::vector<ReviewRow> all;
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(ReviewRow read, ReadNeed(row, tenant, reason));
    all.push_back(std::move(read));
  }
  return all;
}

}  // namespace

absl::StatusOr<SessionPlan> ReadPlan(const Row& row) {
  std::string payload;
  RETURN_IF_ERROR(row.Read(payload));
  v1::EventPayload event;
  RETURN_IF_ERROR(ReadJson(payload, event));
  return PlanOf(event.created());
}

absl::StatusOr<std::string> RegradeJson(const v1::Regrade& regrade) {
  std::string json;
  const bool written = google::protobuf::util::MessageToJsonString(regrade, &json).ok();
  if (!written) return absl::InternalError("a regrade cannot be written");
  return json;
}

absl::StatusOr<StoredRegrade> ReadRegrade(const Row& row) {
  StoredRegrade regrade;
  std::string json;
  RETURN_IF_ERROR(row.Read(regrade.tenant, regrade.id, json, regrade.content_sha256, regrade.until,
                           regrade.cursor, regrade.applied.learner, regrade.applied.answer));
  RETURN_IF_ERROR(ReadJson(json, regrade.regrade));
  return regrade;
}

absl::StatusOr<Row> ChangeRow(const StoredRegrade& regrade, const StoredChange& change) {
  v1::EventPayload payload;
  *payload.mutable_graded() = change.grade;
  ASSIGN_OR_RETURN(std::string json, PayloadJson(payload));
  return Row{regrade.tenant,
             regrade.id,
             change.session.learner.learner,
             change.answer,
             change.session.session,
             change.question,
             change.old_score,
             change.new_score,
             change.overridden,
             std::move(json)};
}

absl::StatusOr<StoredChange> ReadChange(const Row& row) {
  StoredChange change;
  std::string regrade, json;
  std::optional<int> old_score, new_score;
  RETURN_IF_ERROR(row.Read(change.session.learner.tenant, regrade, change.session.learner.learner,
                           change.answer, change.session.session, change.question, old_score, new_score,
                           change.overridden, json));
  change.old_score = old_score;
  change.new_score = new_score;
  v1::EventPayload payload;
  RETURN_IF_ERROR(ReadJson(json, payload));
  change.grade = std::move(*payload.mutable_graded());
  return change;
}

absl::Status ReplaceIndex(Connection& connection, const SessionIndex& index) {
  const LearnerKey& learner = index.session.learner;
  const std::vector<SqlValue> session = {learner.tenant, learner.learner, index.session.session};
  for (const char* table : {"answer_scores", "review_needs"}) {
    const std::string remove =
        absl::StrCat("DELETE FROM ", table, " WHERE tenant = ? AND learner = ? AND session = ?");
    RETURN_IF_ERROR(connection.Execute(remove, session).status());
  }
  for (const ScoredAnswer& scored : index.scored) {
    RETURN_IF_ERROR(
        connection
            .Execute("INSERT INTO answer_scores (tenant, learner, session, answer, pack, question, attempt, "
                     "score, received_time, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     {learner.tenant, learner.learner, index.session.session, scored.answer, index.pack,
                      scored.question, scored.attempt, scored.score, absl::ToUnixMillis(scored.received_time),
                      MadeText(scored.made)})
            .status());
  }
  for (const ReviewNeed& need : index.needs) {
    RETURN_IF_ERROR(
        connection
            .Execute("INSERT INTO review_needs (tenant, learner, session, answer, reason, point, pack, "
                     "question, score, received_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     {learner.tenant, learner.learner, index.session.session, need.answer,
                      static_cast<int>(need.reason), need.point, index.pack, need.question, need.score,
                      absl::ToUnixMillis(need.received_time)})
            .status());
  }
  return absl::OkStatus();
}

absl::Status ReadScored(const Row& row, std::string& learner, ScoredAnswer& answer) {
  int64_t received = 0;
  std::string made;
  RETURN_IF_ERROR(row.Read(learner, answer.answer, answer.attempt, answer.score, received, made));
  answer.received_time = absl::FromUnixMillis(received);
  answer.made = MadeOf(made);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ReviewRow>> ReadClaims(Connection& connection, const std::string& tenant,
                                                  const std::string& pack, const ReviewPlace& after,
                                                  int32_t limit) {
  const int reason = v1::REVIEW_REASON_CLAIMED;
  const std::string of_pack = pack.empty() ? "" : " AND pack = ?";
  std::vector<SqlValue> parameters = {tenant, reason};
  if (!pack.empty()) parameters.emplace_back(pack);
  parameters.insert(parameters.end(), {tenant, reason});
  if (!pack.empty()) parameters.emplace_back(pack);
  parameters.insert(parameters.end(), {after.claimants, after.claimants, after.pack, after.question,
                                       after.point, after.received_ms, after.learner, after.answer, limit});
  const std::string sql = absl::StrCat(
      "SELECT n.learner, n.session, n.answer, n.pack, n.question, n.point, n.score, n.received_time, "
      "c.claimants FROM (SELECT * FROM review_needs WHERE tenant = ? AND reason = ?",
      of_pack,
      ") n JOIN (SELECT pack, question, point, count(DISTINCT learner) AS claimants FROM review_needs "
      "WHERE tenant = ? AND reason = ?",
      of_pack,
      " GROUP BY pack, question, point) c "
      "ON c.pack = n.pack AND c.question = n.question AND c.point = n.point "
      "WHERE c.claimants < ? OR (c.claimants = ? AND "
      "(n.pack, n.question, n.point, n.received_time, n.learner, n.answer) > (?, ?, ?, ?, ?, ?)) "
      "ORDER BY c.claimants DESC, n.pack, n.question, n.point, n.received_time, n.learner, n.answer LIMIT ?");
  return ReadAll(connection, sql, parameters, tenant, v1::REVIEW_REASON_CLAIMED);
}

absl::StatusOr<std::vector<ReviewRow>> ReadNeeds(Connection& connection, const std::string& tenant,
                                                 const std::string& pack, const ReviewPlace& after,
                                                 int32_t limit) {
  std::vector<SqlValue> parameters = {tenant, static_cast<int>(after.reason), after.received_ms,
                                      after.learner, after.answer};
  if (!pack.empty()) parameters.emplace_back(pack);
  parameters.emplace_back(limit);
  const std::string sql = absl::StrCat(
      "SELECT learner, session, answer, pack, question, point, score, received_time, 0 FROM review_needs "
      "WHERE tenant = ? AND reason = ? AND (received_time, learner, answer) > (?, ?, ?)",
      pack.empty() ? "" : " AND pack = ?", " ORDER BY received_time, learner, answer LIMIT ?");
  return ReadAll(connection, sql, parameters, tenant, after.reason);
}

}  // namespace greenroom::session
