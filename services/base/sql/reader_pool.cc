#include "services/base/sql/reader_pool.h"

#include "absl/memory/memory.h"

namespace greenroom::sql {

absl::Status ReaderPoolOptions::Validate() const {
  if (threads < 1 || threads > 64) return absl::InvalidArgumentError("reader threads must be 1 to 64");
  if (queue_limit < 1) return absl::InvalidArgumentError("the readers' queue limit must be at least 1");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ReaderPool>> ReaderPool::Start(Database& database, ReaderPoolOptions options) {
  RETURN_IF_ERROR(options.Validate());
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < options.threads; ++i) {
    ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, database.Connect(Access::kRead));
    connections.push_back(std::move(connection));
  }
  return absl::WrapUnique(new ReaderPool(std::move(connections), options.queue_limit, database.options()));
}

ReaderPool::ReaderPool(std::vector<std::unique_ptr<Connection>> connections, size_t queue_limit,
                       const DatabaseOptions& options)
    : threads_("readers", std::move(connections), queue_limit, options.now) {}

}  // namespace greenroom::sql
