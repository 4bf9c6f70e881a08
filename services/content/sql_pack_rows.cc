#include "services/content/sql_pack_rows.h"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/task.h"

namespace greenroom::content::sql_rows {
namespace {

using sql::Connection;
using sql::Row;
using sql::Rows;
using Outcome = WriteResult::Outcome;

// The tables as the first release made them.
constexpr char kCreateTenants[] =
    "CREATE TABLE content_tenants (tenant {text} NOT NULL PRIMARY KEY, version {integer} NOT NULL, "
    "change_number {integer} NOT NULL){strict}";
constexpr char kCreatePacks[] =
    "CREATE TABLE content_packs (tenant {text} NOT NULL, pack {text} NOT NULL, version {integer} NOT NULL, "
    "changed_at {integer} NOT NULL, summary {text} NOT NULL, draft {text} NOT NULL, draft_content {text}, "
    "current {text} NOT NULL, publish_time_us {integer}, PRIMARY KEY (tenant, pack)){strict}";
constexpr char kCreateRevisions[] =
    "CREATE TABLE content_revisions (tenant {text} NOT NULL, pack {text} NOT NULL, revision {text} NOT NULL, "
    "content {text} NOT NULL, question_count {integer} NOT NULL, publish_time_us {integer} NOT NULL, "
    "change_number {integer} NOT NULL, PRIMARY KEY (tenant, pack, revision)){strict}";
constexpr char kCreateRequests[] =
    "CREATE TABLE content_requests (tenant {text} NOT NULL, request_id {text} NOT NULL, digest {text} NOT "
    "NULL, "
    "pack {text} NOT NULL, revision {text} NOT NULL, received_time_us {integer} NOT NULL, "
    "PRIMARY KEY (tenant, request_id)){strict}";

constexpr char kPackColumns[] =
    "pack, version, changed_at, summary, draft, current, publish_time_us, delete_time_us, shown_to_learners";

absl::StatusOr<PackRecord> PackOf(const Row& row) {
  PackRecord record;
  std::string summary;
  std::optional<int64_t> publish_time, delete_time;
  int64_t shown = 0;
  RETURN_IF_ERROR(row.Read(record.pack, record.version, record.changed_at, summary, record.draft,
                           record.current, publish_time, delete_time, shown));
  RETURN_IF_ERROR(FromJson(summary, record.summary));
  if (publish_time) record.publish_time = absl::FromUnixMicros(*publish_time);
  if (delete_time) record.delete_time = absl::FromUnixMicros(*delete_time);
  // A process of the release before, which may share the database during an upgrade, publishes without noting it.
  record.shown_to_learners = shown != 0 || IsForLearners(record);
  return record;
}

constexpr char kRevisionColumns[] = "revision, publish_time_us, question_count, change_number";

absl::StatusOr<RevisionRecord> RevisionOf(const Row& row) {
  RevisionRecord record;
  int64_t publish_time = 0;
  RETURN_IF_ERROR(row.Read(record.revision, publish_time, record.question_count, record.change_number));
  record.publish_time = absl::FromUnixMicros(publish_time);
  return record;
}

absl::StatusOr<std::string> Epoch(Connection& c) {
  ASSIGN_OR_RETURN(const Rows rows, c.Query("SELECT epoch FROM content_store"));
  std::string epoch;
  if (rows.size() != 1) return absl::DataLossError("the store has no epoch");
  RETURN_IF_ERROR(rows[0].Read(epoch));
  return epoch;
}

}  // namespace

// `version` of a tenant counts all writes, `change_number` publications of new revisions: the row is the counter that
// a writing transaction locks.
const std::vector<sql::Migration>& Migrations() {
  static const std::vector<sql::Migration>& migrations = *new std::vector<sql::Migration>{
      {1,
       "packs",
       {kCreateTenants, kCreatePacks,
        "CREATE INDEX content_packs_by_change ON content_packs (tenant, changed_at)", kCreateRevisions,
        "CREATE UNIQUE INDEX content_revisions_by_change ON content_revisions (tenant, change_number)",
        kCreateRequests}},
      // Packs that had been for practice before this are not noted as shown: no change token is older than this.
      {2,
       "deletion and changes",
       {"ALTER TABLE content_packs ADD COLUMN delete_time_us {integer}",
        "ALTER TABLE content_packs ADD COLUMN shown_to_learners {integer} NOT NULL DEFAULT 0",
        "CREATE TABLE content_store (epoch {text} NOT NULL PRIMARY KEY){strict}",
        "INSERT INTO content_store (epoch) VALUES ({random_hex})"}}};
  return migrations;
}

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok())
    return absl::InternalError(absl::StrCat("cannot be written as JSON: ", status.ToString()));
  return json;
}

absl::Status FromJson(const std::string& json, google::protobuf::Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message, options);
  if (!status.ok())
    return absl::DataLossError(absl::StrCat("a stored pack is not readable: ", status.ToString()));
  return absl::OkStatus();
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

absl::StatusOr<std::vector<RevisionRecord>> RevisionsBefore(Connection& c, const std::string& tenant,
                                                            const std::string& pack, int64_t before,
                                                            int limit) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      c.Query(absl::StrCat("SELECT ", kRevisionColumns,
                           " FROM content_revisions WHERE tenant = ? AND pack = ? AND change_number < ? "
                           "ORDER BY change_number DESC LIMIT ?"),
              {tenant, pack, before, limit}));
  std::vector<RevisionRecord> records;
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(RevisionRecord record, RevisionOf(row));
    records.push_back(std::move(record));
  }
  return records;
}

absl::StatusOr<int64_t> TenantVersion(Connection& c, const std::string& tenant) {
  ASSIGN_OR_RETURN(const Rows rows,
                   c.Query("SELECT version FROM content_tenants WHERE tenant = ?", {tenant}));
  int64_t version = 0;
  if (!rows.empty()) RETURN_IF_ERROR(rows[0].Read(version));
  return version;
}

absl::StatusOr<PackChanges> ChangesAfter(Connection& c, const std::string& tenant, int64_t after_version,
                                         std::optional<int> limit) {
  PackChanges changes;
  ASSIGN_OR_RETURN(changes.epoch, Epoch(c));
  ASSIGN_OR_RETURN(changes.tenant_version, TenantVersion(c, tenant));
  if (changes.tenant_version <= after_version) return changes;
  const std::string select =
      absl::StrCat("SELECT ", kPackColumns, " FROM content_packs WHERE tenant = ? AND changed_at > ? ");
  const absl::StatusOr<Rows> rows =
      limit ? c.Query(absl::StrCat(select, "ORDER BY changed_at LIMIT ?"), {tenant, after_version, *limit})
            : c.Query(absl::StrCat(select, "ORDER BY pack"), {tenant, after_version});
  if (!rows.ok()) return rows.status();
  for (const Row& row : *rows) {
    ASSIGN_OR_RETURN(PackRecord record, PackOf(row));
    changes.packs.push_back(std::move(record));
  }
  return changes;
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

}  // namespace greenroom::content::sql_rows
