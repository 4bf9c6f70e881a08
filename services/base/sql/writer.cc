#include "services/base/sql/writer.h"

#include "absl/memory/memory.h"

namespace greenroom::sql {

absl::Status WriterOptions::Validate() const {
  if (queue_limit < 1) return absl::InvalidArgumentError("the writer's queue limit must be at least 1");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Writer>> Writer::Start(Database& database, WriterOptions options) {
  RETURN_IF_ERROR(options.Validate());
  std::vector<std::unique_ptr<Connection>> connections;
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, database.Connect(Access::kWrite));
  connections.push_back(std::move(connection));
  return absl::WrapUnique(new Writer(std::move(connections), options.queue_limit, database));
}

Writer::Writer(std::vector<std::unique_ptr<Connection>> connections, size_t queue_limit, Database& database)
    : completions_(database.completions()),
      threads_("writer", std::move(connections), queue_limit, database.options().now) {}

}  // namespace greenroom::sql
