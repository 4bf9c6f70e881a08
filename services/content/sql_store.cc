#include "services/content/sql_store.h"

#include <memory>
#include <utility>

#include "services/base/sql/migrations.h"
#include "services/content/sql_pack_rows.h"
#include "services/content/sql_pack_writes.h"

namespace greenroom::content {
namespace {

using sql::Connection;
using sql::Rows;

// The content that the one row of `rows` holds.
absl::StatusOr<std::optional<v1::PackContent>> ContentOf(const Rows& rows) {
  std::optional<std::string> json;
  if (!rows.empty()) RETURN_IF_ERROR(rows[0].Read(json));
  if (!json) return std::optional<v1::PackContent>();
  v1::PackContent content;
  RETURN_IF_ERROR(sql_rows::FromJson(*json, content));
  return std::optional<v1::PackContent>(std::move(content));
}

}  // namespace

absl::Status PreparePackStore(sql::Database& database) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, database.Connect());
  return sql::Migrate(*connection, "content", sql_rows::Migrations());
}

absl::Status BeginEpoch(sql::Database& database, const std::string& epoch) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, database.Connect());
  return connection->Execute("UPDATE content_store SET epoch = ?", {epoch}).status();
}

Task<absl::StatusOr<PackChanges>> SqlPackStore::ListChanges(const Caller& caller, int64_t after_version,
                                                            absl::Time deadline) {
  auto read = [&](Connection& c) {
    return sql_rows::ChangesAfter(c, caller.tenant, after_version, std::nullopt);
  };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<PackChanges>> SqlPackStore::NextChanges(const Caller& caller, int64_t after_version,
                                                            int limit, absl::Time deadline) {
  auto read = [&](Connection& c) { return sql_rows::ChangesAfter(c, caller.tenant, after_version, limit); };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<std::optional<PackRecord>>> SqlPackStore::GetPack(const Caller& caller, std::string pack,
                                                                      absl::Time deadline) {
  auto read = [&](Connection& c) { return sql_rows::FindPack(c, caller.tenant, pack); };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<std::optional<v1::PackContent>>> SqlPackStore::GetDraft(const Caller& caller,
                                                                            std::string pack,
                                                                            absl::Time deadline) {
  auto read = [&](Connection& c) -> absl::StatusOr<std::optional<v1::PackContent>> {
    ASSIGN_OR_RETURN(const Rows rows,
                     c.Query("SELECT draft_content FROM content_packs WHERE tenant = ? AND pack = ?",
                             {caller.tenant, pack}));
    return ContentOf(rows);
  };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<std::optional<v1::PackContent>>> SqlPackStore::GetRevision(const Caller& caller,
                                                                               std::string pack,
                                                                               std::string revision,
                                                                               absl::Time deadline) {
  auto read = [&](Connection& c) -> absl::StatusOr<std::optional<v1::PackContent>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        c.Query("SELECT content FROM content_revisions WHERE tenant = ? AND pack = ? AND revision = ?",
                {caller.tenant, pack, revision}));
    return ContentOf(rows);
  };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<std::vector<RevisionRecord>>> SqlPackStore::ListRevisions(const Caller& caller,
                                                                              std::string pack,
                                                                              int64_t before, int limit,
                                                                              absl::Time deadline) {
  auto read = [&](Connection& c) { return sql_rows::RevisionsBefore(c, caller.tenant, pack, before, limit); };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<std::optional<WriteResult>>> SqlPackStore::FindRequest(const Caller& caller,
                                                                           RequestKey request,
                                                                           absl::Time deadline) {
  auto read = [&](Connection& c) { return sql_rows::Replayed(c, caller.tenant, request); };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<WriteResult>> SqlPackStore::SaveDraft(const Caller& caller, v1::PackContent content,
                                                          std::string revision, int64_t version,
                                                          RequestKey request, absl::Time now,
                                                          absl::Time deadline) {
  ASSIGN_OR_CO_RETURN_NOW(const std::string json, sql_rows::ToJson(content));
  auto write = [&](Connection& c) {
    return sql_writes::SaveDraft(c, caller.tenant, content, json, revision, version, request, now);
  };
  auto result = co_await writer_.Write(write, deadline);
  co_return result;
}

Task<absl::StatusOr<WriteResult>> SqlPackStore::Publish(const Caller& caller, std::string pack,
                                                        std::string revision, int64_t version,
                                                        RequestKey request, absl::Time now,
                                                        absl::Time deadline) {
  auto write = [&](Connection& c) {
    return sql_writes::Publish(c, caller.tenant, pack, revision, version, request, now);
  };
  auto result = co_await writer_.Write(write, deadline);
  co_return result;
}

Task<absl::StatusOr<WriteResult>> SqlPackStore::SetDeleted(const Caller& caller, std::string pack,
                                                           bool deleted, int64_t version, RequestKey request,
                                                           absl::Time now, absl::Time deadline) {
  auto write = [&](Connection& c) {
    return sql_writes::SetDeleted(c, caller.tenant, pack, deleted, version, request, now);
  };
  auto result = co_await writer_.Write(write, deadline);
  co_return result;
}

}  // namespace greenroom::content
