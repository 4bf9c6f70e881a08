#include "services/content/sql_store.h"

#include <google/protobuf/util/json_util.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/sql/migrations.h"
#include "services/content/domain/pack_summary.h"
#include "services/content/domain/question_view.h"

namespace greenroom::content {
namespace {

using google::protobuf::Message;
using sql::Connection;
using sql::Row;
using sql::Rows;
using Outcome = WriteResult::Outcome;

// `version` of a tenant counts all writes, `change_number` publications of new revisions: the row is the counter that
// a writing transaction locks.
const std::vector<sql::Migration>& Migrations() {
  static const std::vector<sql::Migration>& migrations = *new std::vector<sql::Migration>{
      {1,
       "packs",
       {"CREATE TABLE content_tenants (tenant TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, "
        "change_number INTEGER NOT NULL) STRICT",
        "CREATE TABLE content_packs (tenant TEXT NOT NULL, pack TEXT NOT NULL, version INTEGER NOT NULL, "
        "changed_at INTEGER NOT NULL, summary TEXT NOT NULL, draft TEXT NOT NULL, draft_content TEXT, "
        "current TEXT NOT NULL, publish_time_us INTEGER, PRIMARY KEY (tenant, pack)) STRICT",
        "CREATE INDEX content_packs_by_change ON content_packs (tenant, changed_at)",
        "CREATE TABLE content_revisions (tenant TEXT NOT NULL, pack TEXT NOT NULL, revision TEXT NOT NULL, "
        "content TEXT NOT NULL, question_count INTEGER NOT NULL, publish_time_us INTEGER NOT NULL, "
        "change_number INTEGER NOT NULL, PRIMARY KEY (tenant, pack, revision)) STRICT",
        "CREATE UNIQUE INDEX content_revisions_by_change ON content_revisions (tenant, change_number)",
        "CREATE TABLE content_requests (tenant TEXT NOT NULL, request_id TEXT NOT NULL, digest TEXT NOT "
        "NULL, "
        "pack TEXT NOT NULL, revision TEXT NOT NULL, received_time_us INTEGER NOT NULL, "
        "PRIMARY KEY (tenant, request_id)) STRICT"}}};
  return migrations;
}

absl::StatusOr<std::string> ToJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok())
    return absl::InternalError(absl::StrCat("cannot be written as JSON: ", status.ToString()));
  return json;
}

// What a newer release has added is passed over.
template <typename T>
absl::StatusOr<T> FromJson(const std::string& json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  T message;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message, options);
  if (!status.ok())
    return absl::DataLossError(absl::StrCat("a stored pack is not readable: ", status.ToString()));
  return message;
}

constexpr char kPackColumns[] = "pack, version, summary, draft, current, publish_time_us";

absl::StatusOr<PackRecord> PackOf(const Row& row) {
  PackRecord record;
  std::string summary;
  std::optional<int64_t> publish_time;
  RETURN_IF_ERROR(row.Read(record.pack, record.version, summary, record.draft, record.current, publish_time));
  ASSIGN_OR_RETURN(record.summary, FromJson<v1::Pack>(summary));
  if (publish_time) record.publish_time = absl::FromUnixMicros(*publish_time);
  return record;
}

absl::StatusOr<std::optional<PackRecord>> FindPack(Connection& c, const std::string& tenant,
                                                   const std::string& pack) {
  ASSIGN_OR_RETURN(const Rows rows, c.Query(absl::StrCat("SELECT ", kPackColumns,
                                                         " FROM content_packs WHERE tenant = ? AND pack = ?"),
                                            {tenant, pack}));
  if (rows.empty()) return std::optional<PackRecord>();
  ASSIGN_OR_RETURN(PackRecord record, PackOf(rows[0]));
  return std::optional<PackRecord>(std::move(record));
}

constexpr char kRevisionColumns[] = "revision, publish_time_us, question_count, change_number";

absl::StatusOr<RevisionRecord> RevisionOf(const Row& row) {
  RevisionRecord record;
  int64_t publish_time = 0;
  RETURN_IF_ERROR(row.Read(record.revision, publish_time, record.question_count, record.change_number));
  record.publish_time = absl::FromUnixMicros(publish_time);
  return record;
}

absl::StatusOr<std::optional<RevisionRecord>> FindRevision(Connection& c, const std::string& tenant,
                                                           const std::string& pack,
                                                           const std::string& revision) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      c.Query(absl::StrCat("SELECT ", kRevisionColumns,
                           " FROM content_revisions WHERE tenant = ? AND pack = ? AND revision = ?"),
              {tenant, pack, revision}));
  if (rows.empty()) return std::optional<RevisionRecord>();
  ASSIGN_OR_RETURN(RevisionRecord record, RevisionOf(rows[0]));
  return std::optional<RevisionRecord>(std::move(record));
}

absl::StatusOr<int64_t> TenantVersion(Connection& c, const std::string& tenant) {
  ASSIGN_OR_RETURN(const Rows rows,
                   c.Query("SELECT version FROM content_tenants WHERE tenant = ?", {tenant}));
  int64_t version = 0;
  if (!rows.empty()) RETURN_IF_ERROR(rows[0].Read(version));
  return version;
}

absl::StatusOr<std::optional<WriteResult>> Replayed(Connection& c, const std::string& tenant,
                                                    const RequestKey& request) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      c.Query("SELECT digest, pack, revision FROM content_requests WHERE tenant = ? AND request_id = ?",
              {tenant, request.id}));
  if (rows.empty()) return std::optional<WriteResult>();
  std::string digest, pack, revision;
  RETURN_IF_ERROR(rows[0].Read(digest, pack, revision));
  WriteResult result;
  ASSIGN_OR_RETURN(result.tenant_version, TenantVersion(c, tenant));
  result.outcome = digest == request.digest ? Outcome::kReplayed : Outcome::kIdReused;
  if (result.outcome == Outcome::kIdReused) return std::optional<WriteResult>(std::move(result));
  ASSIGN_OR_RETURN(std::optional<PackRecord> record, FindPack(c, tenant, pack));
  if (!record) return absl::DataLossError("a request names a pack that is not there");
  result.pack = *std::move(record);
  if (!revision.empty()) {
    ASSIGN_OR_RETURN(std::optional<RevisionRecord> published, FindRevision(c, tenant, pack, revision));
    if (!published) return absl::DataLossError("a request names a revision that is not there");
    result.revision = *std::move(published);
  }
  return std::optional<WriteResult>(std::move(result));
}

absl::Status Remember(Connection& c, const std::string& tenant, const RequestKey& request,
                      const std::string& pack, const std::string& revision, absl::Time now) {
  return c
      .Execute(
          "INSERT INTO content_requests (tenant, request_id, digest, pack, revision, received_time_us) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          {tenant, request.id, request.digest, pack, revision, absl::ToUnixMicros(now)})
      .status();
}

// Counts a write of the tenant and keeps its row locked until the transaction ends.
absl::StatusOr<int64_t> NextTenantVersion(Connection& c, const std::string& tenant) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      c.Query("INSERT INTO content_tenants (tenant, version, change_number) VALUES (?, 1, 0) "
              "ON CONFLICT (tenant) DO UPDATE SET version = content_tenants.version + 1 RETURNING version",
              {tenant}));
  int64_t version = 0;
  if (rows.size() != 1) return absl::InternalError("the tenant's counter is not there");
  RETURN_IF_ERROR(rows[0].Read(version));
  return version;
}

absl::StatusOr<WriteResult> SaveDraftIn(Connection& c, const std::string& tenant,
                                        const v1::PackContent& content, const std::string& json,
                                        const std::string& revision, const RequestKey& request,
                                        absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<WriteResult> before, Replayed(c, tenant, request));
  if (before) return *std::move(before);
  WriteResult result;
  ASSIGN_OR_RETURN(result.tenant_version, NextTenantVersion(c, tenant));
  ASSIGN_OR_RETURN(std::optional<PackRecord> known, FindPack(c, tenant, content.pack()));
  PackRecord record = known ? *std::move(known) : PackRecord{};
  record.pack = content.pack();
  ++record.version;
  if (record.current.empty()) record.summary = PackSummary(content);
  record.draft = record.current == revision ? "" : revision;
  ASSIGN_OR_RETURN(const std::string summary, ToJson(record.summary));
  const std::optional<std::string> draft =
      record.draft.empty() ? std::nullopt : std::optional<std::string>(json);
  RETURN_IF_ERROR(
      c.Execute("INSERT INTO content_packs (tenant, pack, version, changed_at, summary, draft, "
                "draft_content, current) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (tenant, pack) DO UPDATE SET version = "
                "excluded.version, "
                "changed_at = excluded.changed_at, summary = excluded.summary, draft = excluded.draft, "
                "draft_content = excluded.draft_content",
                {tenant, record.pack, record.version, result.tenant_version, summary, record.draft, draft})
          .status());
  RETURN_IF_ERROR(Remember(c, tenant, request, record.pack, "", now));
  result.pack = std::move(record);
  return result;
}

// The record of `revision`, which is made from the draft's content where it is new.
absl::StatusOr<RevisionRecord> RevisionFromDraft(Connection& c, const std::string& tenant,
                                                 const std::string& pack, const std::string& revision,
                                                 absl::Time now, v1::Pack& summary) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      c.Query("SELECT draft_content FROM content_packs WHERE tenant = ? AND pack = ?", {tenant, pack}));
  std::string json;
  if (rows.size() != 1) return absl::DataLossError("a pack with a draft has no content");
  RETURN_IF_ERROR(rows[0].Read(json));
  ASSIGN_OR_RETURN(const v1::PackContent content, FromJson<v1::PackContent>(json));
  summary = PackSummary(content);
  ASSIGN_OR_RETURN(std::optional<RevisionRecord> known, FindRevision(c, tenant, pack, revision));
  if (known) return *std::move(known);
  RevisionRecord record{revision, absl::FromUnixMicros(absl::ToUnixMicros(now)), QuestionCount(content), 0};
  ASSIGN_OR_RETURN(const Rows counted,
                   c.Query("UPDATE content_tenants SET change_number = change_number + 1 WHERE tenant = ? "
                           "RETURNING change_number",
                           {tenant}));
  if (counted.size() != 1) return absl::InternalError("the tenant's counter is not there");
  RETURN_IF_ERROR(counted[0].Read(record.change_number));
  RETURN_IF_ERROR(c.Execute("INSERT INTO content_revisions (tenant, pack, revision, content, question_count, "
                            "publish_time_us, change_number) VALUES (?, ?, ?, ?, ?, ?, ?)",
                            {tenant, pack, revision, json, record.question_count,
                             absl::ToUnixMicros(record.publish_time), record.change_number})
                      .status());
  return record;
}

absl::StatusOr<WriteResult> PublishIn(Connection& c, const std::string& tenant, const std::string& pack,
                                      const std::string& revision, int64_t version, const RequestKey& request,
                                      absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<WriteResult> before, Replayed(c, tenant, request));
  if (before) return *std::move(before);
  WriteResult result;
  ASSIGN_OR_RETURN(std::optional<PackRecord> known, FindPack(c, tenant, pack));
  if (!known) {
    result.outcome = Outcome::kPackNotFound;
    return result;
  }
  PackRecord record = *std::move(known);
  if (version != 0 && record.version != version) {
    result.outcome = Outcome::kEtagMismatch;
  } else if (record.draft.empty()) {
    result.outcome = Outcome::kNothingToPublish;
  } else if (record.draft != revision) {
    result.outcome = Outcome::kDraftChanged;
  }
  if (result.outcome != Outcome::kWritten) {
    result.pack = std::move(record);
    return result;
  }
  ASSIGN_OR_RETURN(result.tenant_version, NextTenantVersion(c, tenant));
  ASSIGN_OR_RETURN(result.revision, RevisionFromDraft(c, tenant, pack, revision, now, record.summary));
  record.current = revision;
  record.publish_time = result.revision.publish_time;
  record.draft.clear();
  ++record.version;
  ASSIGN_OR_RETURN(const std::string summary, ToJson(record.summary));
  RETURN_IF_ERROR(
      c.Execute("UPDATE content_packs SET version = ?, changed_at = ?, summary = ?, draft = '', "
                "draft_content = NULL, current = ?, publish_time_us = ? WHERE tenant = ? AND pack = ?",
                {record.version, result.tenant_version, summary, record.current,
                 absl::ToUnixMicros(record.publish_time), tenant, pack})
          .status());
  RETURN_IF_ERROR(Remember(c, tenant, request, pack, revision, now));
  result.pack = std::move(record);
  return result;
}

}  // namespace

absl::Status PreparePackStore(sql::Database& database) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, database.Connect());
  return sql::Migrate(*connection, Migrations());
}

Task<absl::StatusOr<PackChanges>> SqlPackStore::ListChanges(const Caller& caller, int64_t after_version,
                                                            absl::Time deadline) {
  auto read = [&](Connection& c) -> absl::StatusOr<PackChanges> {
    PackChanges changes;
    ASSIGN_OR_RETURN(changes.tenant_version, TenantVersion(c, caller.tenant));
    if (changes.tenant_version <= after_version) return changes;
    ASSIGN_OR_RETURN(
        const Rows rows,
        c.Query(absl::StrCat("SELECT ", kPackColumns,
                             " FROM content_packs WHERE tenant = ? AND changed_at > ? ORDER BY pack"),
                {caller.tenant, after_version}));
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(PackRecord record, PackOf(row));
      changes.packs.push_back(std::move(record));
    }
    return changes;
  };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<std::optional<PackRecord>>> SqlPackStore::GetPack(const Caller& caller, std::string pack,
                                                                      absl::Time deadline) {
  auto read = [&](Connection& c) { return FindPack(c, caller.tenant, pack); };
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
    std::optional<std::string> json;
    if (!rows.empty()) RETURN_IF_ERROR(rows[0].Read(json));
    if (!json) return std::optional<v1::PackContent>();
    ASSIGN_OR_RETURN(v1::PackContent content, FromJson<v1::PackContent>(*json));
    return std::optional<v1::PackContent>(std::move(content));
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
    if (rows.empty()) return std::optional<v1::PackContent>();
    std::string json;
    RETURN_IF_ERROR(rows[0].Read(json));
    ASSIGN_OR_RETURN(v1::PackContent content, FromJson<v1::PackContent>(json));
    return std::optional<v1::PackContent>(std::move(content));
  };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<std::vector<RevisionRecord>>> SqlPackStore::ListRevisions(const Caller& caller,
                                                                              std::string pack,
                                                                              int64_t before, int limit,
                                                                              absl::Time deadline) {
  auto read = [&](Connection& c) -> absl::StatusOr<std::vector<RevisionRecord>> {
    ASSIGN_OR_RETURN(
        const Rows rows,
        c.Query(absl::StrCat("SELECT ", kRevisionColumns,
                             " FROM content_revisions WHERE tenant = ? AND pack = ? AND change_number < ? "
                             "ORDER BY change_number DESC LIMIT ?"),
                {caller.tenant, pack, before, limit}));
    std::vector<RevisionRecord> records;
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(RevisionRecord record, RevisionOf(row));
      records.push_back(std::move(record));
    }
    return records;
  };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<std::optional<WriteResult>>> SqlPackStore::FindRequest(const Caller& caller,
                                                                           RequestKey request,
                                                                           absl::Time deadline) {
  auto read = [&](Connection& c) { return Replayed(c, caller.tenant, request); };
  auto result = co_await readers_.Read(read, deadline);
  co_return result;
}

Task<absl::StatusOr<WriteResult>> SqlPackStore::SaveDraft(const Caller& caller, v1::PackContent content,
                                                          std::string revision, RequestKey request,
                                                          absl::Time now, absl::Time deadline) {
  ASSIGN_OR_CO_RETURN_NOW(const std::string json, ToJson(content));
  auto write = [&](Connection& c) {
    return SaveDraftIn(c, caller.tenant, content, json, revision, request, now);
  };
  auto result = co_await writer_.Write(write, deadline);
  co_return result;
}

Task<absl::StatusOr<WriteResult>> SqlPackStore::Publish(const Caller& caller, std::string pack,
                                                        std::string revision, int64_t version,
                                                        RequestKey request, absl::Time now,
                                                        absl::Time deadline) {
  auto write = [&](Connection& c) {
    return PublishIn(c, caller.tenant, pack, revision, version, request, now);
  };
  auto result = co_await writer_.Write(write, deadline);
  co_return result;
}

}  // namespace greenroom::content
