// SqlMemoryIndex: the memory index in tables beside the logs' own: memory_heads (the place that each log is reflected up
// to), memory_reviews, memory_items and memory_walk (one row).
#ifndef GREENROOM_SERVICES_SESSION_INDEX_SQL_MEMORY_INDEX_H_
#define GREENROOM_SERVICES_SESSION_INDEX_SQL_MEMORY_INDEX_H_

#include <memory>
#include <string>
#include <vector>

#include "services/base/sql/database.h"
#include "services/base/sql/reader_pool.h"
#include "services/base/sql/writer.h"
#include "services/session/index/memory_index.h"

namespace greenroom::session {

// Tasks resume on a reader's thread (reads) or a completion thread of the database (writes).
class SqlMemoryIndex final : public MemoryIndex {
 public:
  // Starts the threads. `database` is that of an SqlEventLog, which has brought the schema up to date, and must outlive the
  // index. FAILED_PRECONDITION where it has not.
  static absl::StatusOr<std::unique_ptr<SqlMemoryIndex>> Open(sql::Database& database,
                                                              sql::ReaderPoolOptions readers = {});
  ~SqlMemoryIndex() override = default;

  Task<absl::StatusOr<MemoryBacklog>> Backlog(LearnerKey learner, int32_t limit,
                                              absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Review>>> ReviewsAround(LearnerKey learner,
                                                          std::vector<std::string> sessions,
                                                          std::vector<ItemKey> items,
                                                          absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Review>>> ListReviews(LearnerKey learner, std::string pack,
                                                        absl::Time deadline) override;
  Task<absl::StatusOr<std::vector<Review>>> NewestReviews(LearnerKey learner, std::string pack, int32_t limit,
                                                          absl::Time deadline) override;
  Task<absl::StatusOr<KeptMemory>> ReadMemory(LearnerKey learner, absl::Time deadline) override;
  Task<absl::StatusOr<bool>> Take(const MemoryStep& step, absl::Time deadline) override;
  Task<absl::StatusOr<MemoryWalk>> BeginWalk(absl::Time now, absl::Duration quiet, absl::Duration lease,
                                             int32_t limit, absl::Time deadline) override;
  Task<absl::Status> EndWalk(MemoryWalk walk, absl::Time deadline) override;

 private:
  SqlMemoryIndex(std::unique_ptr<sql::ReaderPool> readers, std::unique_ptr<sql::Writer> writer);

  std::unique_ptr<sql::ReaderPool> readers_;
  std::unique_ptr<sql::Writer> writer_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_INDEX_SQL_MEMORY_INDEX_H_
