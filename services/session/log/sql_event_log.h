// SqlEventLog: the learners' logs in one SQL table, `events`, and beside it the indexes of pending grades and of alarms.
//
// The payload is protobuf JSON. Times are ms since 1970. `answer` repeats a grade's answer id, so that the index of
// pending grades can be kept in the committing transaction without reading a payload; so does `alarm`, in ms, for the index
// of alarms: null where the event moves none, 0 where there is none any more.
#ifndef GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_LOG_H_
#define GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_LOG_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/base/sql/database.h"
#include "services/base/sql/group_committer.h"
#include "services/base/sql/reader_pool.h"
#include "services/base/sql/writer.h"
#include "services/session/log/event_log.h"

namespace greenroom::session {

struct SqlEventLogOptions {
  sql::ReaderPoolOptions readers;
  // Sees each batch, on the committer's thread: for metrics. Must not block.
  std::function<void(const sql::BatchStats&)> on_batch;
};

// Gives every log of the store another epoch. After a backup was restored: events that devices know of may be gone, and
// their seqs given to others. Brings the schema up to date first. Errors as sql::Migrate.
absl::Status BeginEpoch(sql::Database& database, const std::string& epoch);

// Lets a learner who was erased begin anew; false where they are not. An operator's decision. Brings the schema up to date
// first. Errors as sql::Migrate.
absl::StatusOr<bool> LiftErasure(sql::Database& database, const LearnerKey& learner);

// Tasks resume on a reader's thread (reads) or a completion thread of the database (writes).
class SqlEventLog final : public EventLog {
 public:
  // Brings the schema up to date and starts the threads. `database` must outlive the log. Errors as sql::Migrate.
  static absl::StatusOr<std::unique_ptr<SqlEventLog>> Open(sql::Database& database,
                                                           SqlEventLogOptions options = {});
  // Commits what is queued. No call may begin meanwhile.
  ~SqlEventLog() override = default;

  Task<absl::StatusOr<AppendOutcome>> Append(const std::vector<Event>& unit, absl::Time deadline) override;
  Task<absl::StatusOr<std::optional<Event>>> FindEvent(LearnerKey learner, std::string event_id,
                                                       absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> FindEvents(LearnerKey learner, EventNames names,
                                                      absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> ReadSession(SessionKey session, int64_t after_seq,
                                                       absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> ReadAfter(LearnerKey learner, int64_t after_seq, int32_t limit,
                                                     absl::Time deadline) override;
  Task<absl::StatusOr<LogHead>> Head(LearnerKey learner, absl::Time deadline) override;
  Task<absl::StatusOr<std::string>> Epoch(LearnerKey learner, absl::Time deadline) override;
  Task<absl::StatusOr<absl::Time>> Erase(LearnerKey learner, absl::Time now, absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> ListSessions(LearnerKey learner, int64_t before_seq, int32_t limit,
                                                        absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Event>>> ListDecisions(std::string tenant, std::string question_name,
                                                         int32_t limit, absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<LearnerKey>>> ListLearners(LearnerKey after, int32_t limit,
                                                             absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<PendingGrade>>> TakePending(std::string owner, absl::Time now,
                                                              absl::Duration lease, int32_t limit,
                                                              absl::Time deadline) override;
  Task<absl::Status> Postpone(std::string owner, PendingGrade pending, absl::Time next_try,
                              absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<SessionKey>>> TakeAlarms(std::string owner, absl::Time now,
                                                           absl::Duration lease, int32_t limit,
                                                           absl::Time deadline) override;
  Task<absl::Status> SetAlarm(std::string owner, SessionKey session, absl::Time next,
                              absl::Time deadline) override;

 private:
  SqlEventLog(sql::Database& database, std::unique_ptr<sql::ReaderPool> readers,
              std::unique_ptr<sql::Writer> writer, std::unique_ptr<sql::GroupCommitter> committer);

  // Whether the learner was erased.
  Task<absl::StatusOr<bool>> IsErased(LearnerKey learner, absl::Time deadline);
  // The events that a query of kEventColumns yields.
  Task<absl::StatusOr<std::vector<Event>>> ReadEvents(std::string sql, std::vector<sql::SqlValue> parameters,
                                                      absl::Time deadline);

  sql::Database& database_;
  std::unique_ptr<sql::ReaderPool> readers_;
  std::unique_ptr<sql::Writer> writer_;
  std::unique_ptr<sql::GroupCommitter> committer_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_LOG_H_
