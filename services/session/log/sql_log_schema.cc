#include "services/session/log/sql_log_schema.h"

#include "absl/strings/str_cat.h"
#include "services/session/log/sql_erasure.h"
#include "services/session/log/sql_session_indexes.h"

namespace greenroom::session {

std::vector<sql::Migration> LogMigrations(sql::DialectName dialect) {
  return {
      {1,
       "events",
       {
           "CREATE TABLE events ("
           " commit_seq {identity},"
           " tenant {text} NOT NULL, learner {text} NOT NULL, seq {integer} NOT NULL, event_id {text} NOT "
           "NULL,"
           " session {text} NOT NULL, kind {text} NOT NULL, occurred_time {integer} NOT NULL, received_time "
           "{integer} NOT NULL,"
           " device {text} NOT NULL, device_seq {integer}, content_sha256 {text} NOT NULL, payload_version "
           "{integer} "
           "NOT NULL,"
           " payload {text} NOT NULL, answer {text} NOT NULL,"
           " UNIQUE (tenant, learner, seq), UNIQUE (tenant, learner, event_id),"
           " UNIQUE (tenant, learner, device, device_seq)){strict}",
           "CREATE INDEX events_by_session ON events (tenant, learner, session, seq)",
           "CREATE INDEX events_by_occurred_time ON events (tenant, learner, occurred_time)",
           "CREATE INDEX events_created ON events (tenant, learner, seq) WHERE kind = 'created'",
           "CREATE TABLE pending_grades ("
           " tenant {text} NOT NULL, learner {text} NOT NULL, answer {text} NOT NULL, session {text} NOT "
           "NULL,"
           " received_time {integer} NOT NULL,"
           " tries {integer} NOT NULL, next_try {integer} NOT NULL, owner {text} NOT NULL, lease_until "
           "{integer} NOT "
           "NULL,"
           " PRIMARY KEY (tenant, learner, answer)){strict}",
           "CREATE INDEX pending_grades_by_next_try ON pending_grades (next_try, received_time)",
       }},
      // What memory_index.h is kept in. An index that begins empty reflects nothing of any log: all is taken in anew.
      {2,
       "memory index",
       {
           R"(CREATE TABLE memory_heads (tenant {text} NOT NULL, learner {text} NOT NULL, seq
              {integer} NOT NULL, settings {text} NOT NULL, PRIMARY KEY (tenant, learner)){strict})",
           "CREATE TABLE memory_reviews ("
           " tenant {text} NOT NULL, learner {text} NOT NULL, pack {text} NOT NULL, question {text} NOT NULL,"
           " session {text} NOT NULL, event_id {text} NOT NULL, occurred_time {integer} NOT NULL,"
           " kind {integer} NOT NULL, mode {integer} NOT NULL, score {integer}, critical {integer} NOT NULL,"
           " recited {integer} NOT NULL, hints_before {integer} NOT NULL, confidence {integer} NOT NULL,"
           " self_rating {integer} NOT NULL, attempts {integer} NOT NULL, best_score {integer},"
           " PRIMARY KEY (tenant, learner, pack, question, session)){strict}",
           "CREATE INDEX memory_reviews_by_session ON memory_reviews (tenant, learner, session)",
           "CREATE TABLE memory_items ("
           " tenant {text} NOT NULL, learner {text} NOT NULL, pack {text} NOT NULL, question {text} NOT NULL,"
           " stability {real} NOT NULL, difficulty {real} NOT NULL, last_review_time {integer} NOT NULL,"
           " last_review_day {integer} NOT NULL, due_day {integer} NOT NULL, due_time {integer} NOT NULL,"
           " reviews {integer} NOT NULL, lapses {integer} NOT NULL, last_rating {integer} NOT NULL,"
           " sure_failure {integer} NOT NULL, seq {integer} NOT NULL,"
           " PRIMARY KEY (tenant, learner, pack, question)){strict}",
           R"(CREATE TABLE memory_walk (id {integer} PRIMARY KEY, commit_seq {integer} NOT NULL,
              lease_until {integer} NOT NULL){strict})",
           "INSERT INTO memory_walk (id, commit_seq, lease_until) VALUES (1, 0, 0)",
       }},
      {3,
       "epoch",
       {
           "CREATE TABLE log_store (epoch {text} NOT NULL PRIMARY KEY){strict}",
           "INSERT INTO log_store (epoch) VALUES ({random_hex})",
       }},
      // gradebook/sql_gradebook_store.h
      {4,
       "grade book",
       {
           "CREATE INDEX events_created_by_commit ON events (tenant, commit_seq) WHERE kind = 'created'",
           "CREATE TABLE regrades ("
           " tenant {text} NOT NULL, id {text} NOT NULL, state {integer} NOT NULL, number {integer} NOT NULL,"
           " content_sha256 {text} NOT NULL, regrade {text} NOT NULL, until_seq {integer} NOT NULL,"
           " done_seq {integer} NOT NULL, applied_learner {text} NOT NULL, applied_answer {text} NOT NULL,"
           " create_time {integer} NOT NULL, owner {text} NOT NULL, lease_until {integer} NOT NULL,"
           " PRIMARY KEY (tenant, id)){strict}",
           "CREATE INDEX regrades_at_work ON regrades (create_time) WHERE state IN (1, 3)",
           "CREATE TABLE regrade_changes ("
           " tenant {text} NOT NULL, regrade {text} NOT NULL, learner {text} NOT NULL, answer {text} NOT "
           "NULL,"
           " session {text} NOT NULL, question {text} NOT NULL, old_score {integer}, new_score {integer},"
           " overridden {integer} NOT NULL, graded {text} NOT NULL,"
           " PRIMARY KEY (tenant, regrade, learner, answer)){strict}",
           "CREATE TABLE answer_scores ("
           " tenant {text} NOT NULL, learner {text} NOT NULL, session {text} NOT NULL, answer {text} NOT "
           "NULL,"
           " pack {text} NOT NULL, question {text} NOT NULL, attempt {integer} NOT NULL,"
           " score {integer} NOT NULL, received_time {integer} NOT NULL, made {text} NOT NULL,"
           " PRIMARY KEY (tenant, learner, answer)){strict}",
           "CREATE INDEX answer_scores_by_question ON answer_scores (tenant, pack, question, received_time)",
           "CREATE INDEX answer_scores_by_session ON answer_scores (tenant, learner, session)",
           "CREATE TABLE review_needs ("
           " tenant {text} NOT NULL, learner {text} NOT NULL, session {text} NOT NULL, answer {text} NOT "
           "NULL,"
           " reason {integer} NOT NULL, point {text} NOT NULL, pack {text} NOT NULL, question {text} NOT "
           "NULL,"
           " score {integer}, received_time {integer} NOT NULL,"
           " PRIMARY KEY (tenant, learner, answer, reason, point)){strict}",
           R"(CREATE INDEX review_needs_by_reason ON review_needs (tenant, reason, received_time,
              learner, answer))",
           "CREATE INDEX review_needs_by_session ON review_needs (tenant, learner, session)",
           R"(CREATE TABLE gradebook_index (done_seq {integer} NOT NULL, owner {text} NOT NULL,
              lease_until {integer} NOT NULL){strict})",
           "INSERT INTO gradebook_index (done_seq, owner, lease_until) VALUES (0, '', 0)",
       }},
      {5, "tombstones", TombstoneSchema(dialect)},
      {6, "alarms and assignments", SessionIndexDdl()},
      {7,
       "regrades by time",
       {
           "ALTER TABLE regrades ADD COLUMN pack {text} NOT NULL DEFAULT ''",
           dialect == sql::DialectName::kSqlite
               ? "UPDATE regrades SET pack = json_extract(regrade, '$.pack')"
               : "UPDATE regrades SET pack = CAST(regrade AS json) ->> 'pack'",
           "CREATE INDEX regrades_by_time ON regrades (tenant, create_time, id)",
       }},
      // What people decided about answers, of a tenant: grades that have content.
      {8,
       "decisions",
       {"CREATE INDEX events_decided ON events (tenant, commit_seq) WHERE kind = 'graded' AND "
        "content_sha256 <> ''"}},
      // The same by the question that they were made against.
      {9,
       "decisions by question",
       {
           "ALTER TABLE events ADD COLUMN decided {text} NOT NULL DEFAULT ''",
           absl::StrCat("UPDATE events SET decided = coalesce(",
                        dialect == sql::DialectName::kSqlite
                            ? "json_extract(payload, '$.graded.questionName')"
                            // By its text: CAST AS json refuses what the answer of a report may quote.
                            : R"sql(substring(payload from '"questionName":"([^"]*)"'))sql",
                        ", '') WHERE kind = 'graded' AND content_sha256 <> ''"),
           "CREATE INDEX events_decided_by_question ON events (tenant, decided, commit_seq) WHERE decided <> "
           "''",
       }},
  };
}

}  // namespace greenroom::session
