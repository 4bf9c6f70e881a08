#include "services/content/resources.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/base/resource_name.h"
#include "services/content/domain/question_view.h"
#include "services/content/errors.h"

namespace greenroom::content {
namespace {

constexpr RoleSet kStaff = {Role::kAuthor, Role::kInstructor, Role::kOperator};
constexpr RoleSet kSeesExams = {Role::kAuthor, Role::kInstructor, Role::kOperator, Role::kService};
constexpr RoleSet kSeesFull = {Role::kAuthor, Role::kInstructor, Role::kService};
constexpr RoleSet kDownloadsExams = {Role::kAuthor, Role::kService};

void SetTime(absl::Time time, google::protobuf::Timestamp& timestamp) {
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
}

}  // namespace

std::string Target::PackName() const { return FormatName(kPackPattern, {tenant, pack}); }
std::string Target::RevisionName() const { return FormatName(kRevisionPattern, {tenant, pack, revision}); }

absl::StatusOr<Target> Resolve(absl::string_view pattern, absl::string_view name, absl::string_view field,
                               const Caller& caller) {
  absl::StatusOr<ResolvedName> resolved = ResolveName(pattern, name, field, caller);
  if (!resolved.ok()) return resolved.status();
  if (!resolved->own_tenant) return error::PackNotFound(name);
  Target target;
  std::string* const parts[] = {&target.tenant, &target.pack, &target.revision, &target.question};
  for (size_t i = 0; i < resolved->ids.size(); ++i) *parts[i] = resolved->ids[i];
  return target;
}

absl::StatusOr<Target> ResolvePackOrRevision(absl::string_view name, absl::string_view field,
                                             const Caller& caller) {
  const bool revision = ParseName(kRevisionPattern, name).has_value() ||
                        ResolveName(kRevisionPattern, name, field, caller).ok();
  return Resolve(revision ? kRevisionPattern : kPackPattern, name, field, caller);
}

bool MaySee(const Caller& caller, v1::Visibility visibility) {
  return visibility != v1::VISIBILITY_EXAM || caller.roles.Intersects(kSeesExams);
}

bool MaySee(const Caller& caller, const PackRecord& pack) {
  if ((pack.current.empty() || pack.delete_time) && !caller.roles.Intersects(kStaff)) return false;
  return MaySee(caller, pack.summary.visibility());
}

bool MaySeeDeleted(const Caller& caller) { return caller.roles.Intersects(kStaff); }

bool IsListed(const Caller& caller, const PackRecord& pack) {
  return !pack.delete_time && MaySee(caller, pack);
}

bool MayHaveSeen(const Caller& caller, const PackRecord& pack) {
  if (caller.roles.Intersects(kStaff)) return true;
  return caller.roles.Intersects(kSeesExams) ? !pack.current.empty() : pack.shown_to_learners;
}

std::string AudienceOf(const Caller& caller) {
  return absl::StrCat(caller.roles.Intersects(kStaff) ? "s" : "",
                      caller.roles.Intersects(kSeesExams) ? "e" : "",
                      caller.roles.Intersects(kSeesFull) ? "f" : "");
}

bool MaySeeFull(const Caller& caller) { return caller.roles.Intersects(kSeesFull); }

bool MayDownloadExams(const Caller& caller) { return caller.roles.Intersects(kDownloadsExams); }

std::string EtagOf(const PackRecord& pack) { return absl::StrCat("\"", pack.version, "\""); }

int64_t VersionOf(absl::string_view etag) {
  if (etag.empty()) return 0;
  PackRecord pack;
  const bool quoted = absl::ConsumePrefix(&etag, "\"") && absl::ConsumeSuffix(&etag, "\"");
  const bool known = quoted && absl::SimpleAtoi(etag, &pack.version) && pack.version > 0;
  return known ? pack.version : -1;
}

v1::Pack PackResource(const Caller& caller, const PackRecord& pack) {
  v1::Pack resource = pack.summary;
  resource.set_name(FormatName(kPackPattern, {caller.tenant, pack.pack}));
  if (!pack.current.empty()) {
    resource.set_revision(FormatName(kRevisionPattern, {caller.tenant, pack.pack, pack.current}));
    SetTime(pack.publish_time, *resource.mutable_publish_time());
  }
  if (!MaySeeFull(caller)) {
    for (v1::Tip& tip : *resource.mutable_tips()) HideRubric(tip);
  }
  if (caller.roles.Intersects(kStaff)) {
    resource.set_etag(EtagOf(pack));
    resource.set_has_draft(!pack.draft.empty());
    if (pack.delete_time) SetTime(*pack.delete_time, *resource.mutable_delete_time());
  }
  return resource;
}

v1::Question QuestionResource(const v1::PackContent& pack, const v1::Question& question,
                              const std::string& revision, bool full) {
  v1::Question resource = FullQuestion(pack, question);
  resource.set_name(absl::StrCat(revision, "/questions/", question.id()));
  return full ? resource : BasicQuestion(resource);
}

v1::Revision RevisionResource(const Caller& caller, const PackRecord& pack, const RevisionRecord& revision) {
  v1::Revision resource;
  resource.set_name(FormatName(kRevisionPattern, {caller.tenant, pack.pack, revision.revision}));
  SetTime(revision.publish_time, *resource.mutable_publish_time());
  resource.set_current(pack.current == revision.revision);
  resource.set_question_count(revision.question_count);
  resource.set_change_number(revision.change_number);
  return resource;
}

}  // namespace greenroom::content
