#include "services/content/sql_pack_writes.h"

#include <optional>
#include <utility>

#include "services/base/task.h"
#include "services/content/domain/pack_summary.h"
#include "services/content/domain/question_view.h"
#include "services/content/sql_pack_rows.h"

namespace greenroom::content::sql_writes {
namespace {

using sql::Connection;
using sql::Rows;
using Outcome = WriteResult::Outcome;

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

// Counts a write of `record`, which from now on is a part of `result`.
absl::Status Count(Connection& c, const std::string& tenant, PackRecord& record, WriteResult& result) {
  ASSIGN_OR_RETURN(result.tenant_version, NextTenantVersion(c, tenant));
  ++record.version;
  record.changed_at = result.tenant_version;
  return absl::OkStatus();
}

WriteResult Refused(Outcome outcome, PackRecord record) {
  WriteResult result;
  result.outcome = outcome;
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
  v1::PackContent content;
  RETURN_IF_ERROR(sql_rows::FromJson(json, content));
  summary = PackSummary(content);
  ASSIGN_OR_RETURN(std::optional<RevisionRecord> known, sql_rows::FindRevision(c, tenant, pack, revision));
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

}  // namespace

absl::StatusOr<WriteResult> SaveDraft(Connection& c, const std::string& tenant,
                                      const v1::PackContent& content, const std::string& json,
                                      const std::string& revision, int64_t version, const RequestKey& request,
                                      absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<WriteResult> before, sql_rows::Replayed(c, tenant, request));
  if (before) return *std::move(before);
  ASSIGN_OR_RETURN(std::optional<PackRecord> known, sql_rows::FindPack(c, tenant, content.pack()));
  if (!known && version != 0) return Refused(Outcome::kPackNotFound, {});
  PackRecord record = known ? *std::move(known) : PackRecord{};
  if (record.delete_time) return Refused(Outcome::kPackDeleted, std::move(record));
  if (version != 0 && record.version != version) return Refused(Outcome::kEtagMismatch, std::move(record));
  WriteResult result;
  RETURN_IF_ERROR(Count(c, tenant, record, result));
  record.pack = content.pack();
  if (record.current.empty()) record.summary = PackSummary(content);
  record.draft = record.current == revision ? "" : revision;
  ASSIGN_OR_RETURN(const std::string summary, sql_rows::ToJson(record.summary));
  const std::optional<std::string> draft =
      record.draft.empty() ? std::nullopt : std::optional<std::string>(json);
  RETURN_IF_ERROR(
      c.Execute("INSERT INTO content_packs (tenant, pack, version, changed_at, summary, draft, "
                "draft_content, current) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, '') ON CONFLICT (tenant, pack) DO UPDATE SET version = "
                "excluded.version, "
                "changed_at = excluded.changed_at, summary = excluded.summary, draft = excluded.draft, "
                "draft_content = excluded.draft_content",
                {tenant, record.pack, record.version, record.changed_at, summary, record.draft, draft})
          .status());
  RETURN_IF_ERROR(Remember(c, tenant, request, record.pack, "", now));
  result.pack = std::move(record);
  return result;
}

absl::StatusOr<WriteResult> Publish(Connection& c, const std::string& tenant, const std::string& pack,
                                    const std::string& revision, int64_t version, const RequestKey& request,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<WriteResult> before, sql_rows::Replayed(c, tenant, request));
  if (before) return *std::move(before);
  ASSIGN_OR_RETURN(std::optional<PackRecord> known, sql_rows::FindPack(c, tenant, pack));
  if (!known) return Refused(Outcome::kPackNotFound, {});
  PackRecord record = *std::move(known);
  if (record.delete_time) return Refused(Outcome::kPackDeleted, std::move(record));
  if (version != 0 && record.version != version) return Refused(Outcome::kEtagMismatch, std::move(record));
  if (record.draft.empty()) return Refused(Outcome::kNothingToPublish, std::move(record));
  if (record.draft != revision) return Refused(Outcome::kDraftChanged, std::move(record));
  WriteResult result;
  RETURN_IF_ERROR(Count(c, tenant, record, result));
  ASSIGN_OR_RETURN(result.revision, RevisionFromDraft(c, tenant, pack, revision, now, record.summary));
  record.current = revision;
  record.publish_time = result.revision.publish_time;
  record.draft.clear();
  record.shown_to_learners = record.shown_to_learners || IsForLearners(record);
  ASSIGN_OR_RETURN(const std::string summary, sql_rows::ToJson(record.summary));
  RETURN_IF_ERROR(c.Execute("UPDATE content_packs SET version = ?, changed_at = ?, summary = ?, draft = '', "
                            "draft_content = NULL, current = ?, publish_time_us = ?, shown_to_learners = ? "
                            "WHERE tenant = ? AND pack = ?",
                            {record.version, record.changed_at, summary, record.current,
                             absl::ToUnixMicros(record.publish_time), record.shown_to_learners, tenant, pack})
                      .status());
  RETURN_IF_ERROR(Remember(c, tenant, request, pack, revision, now));
  result.pack = std::move(record);
  return result;
}

absl::StatusOr<WriteResult> SetDeleted(Connection& c, const std::string& tenant, const std::string& pack,
                                       bool deleted, int64_t version, const RequestKey& request,
                                       absl::Time now) {
  ASSIGN_OR_RETURN(std::optional<WriteResult> before, sql_rows::Replayed(c, tenant, request));
  if (before) return *std::move(before);
  ASSIGN_OR_RETURN(std::optional<PackRecord> known, sql_rows::FindPack(c, tenant, pack));
  if (!known) return Refused(Outcome::kPackNotFound, {});
  PackRecord record = *std::move(known);
  if (record.delete_time.has_value() == deleted) {
    return Refused(deleted ? Outcome::kPackDeleted : Outcome::kNotDeleted, std::move(record));
  }
  if (version != 0 && record.version != version) return Refused(Outcome::kEtagMismatch, std::move(record));
  WriteResult result;
  RETURN_IF_ERROR(Count(c, tenant, record, result));
  std::optional<int64_t> delete_time;
  if (deleted) delete_time = absl::ToUnixMicros(now);
  record.delete_time = deleted ? std::optional(absl::FromUnixMicros(*delete_time)) : std::nullopt;
  RETURN_IF_ERROR(
      c.Execute("UPDATE content_packs SET version = ?, changed_at = ?, delete_time_us = ?, "
                "shown_to_learners = ? WHERE tenant = ? AND pack = ?",
                {record.version, record.changed_at, delete_time, record.shown_to_learners, tenant, pack})
          .status());
  RETURN_IF_ERROR(Remember(c, tenant, request, pack, "", now));
  result.pack = std::move(record);
  return result;
}

}  // namespace greenroom::content::sql_writes
