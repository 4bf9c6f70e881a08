// The resources that replies carry, as a certain caller may see them, and the names of requests.
#ifndef GREENROOM_SERVICES_CONTENT_RESOURCES_H_
#define GREENROOM_SERVICES_CONTENT_RESOURCES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"
#include "services/base/caller.h"
#include "services/content/store.h"

namespace greenroom::content {

inline constexpr absl::string_view kTenantPattern = "tenants/*";
inline constexpr absl::string_view kPackPattern = "tenants/*/packs/*";
inline constexpr absl::string_view kRevisionPattern = "tenants/*/packs/*/revisions/*";
inline constexpr absl::string_view kQuestionPattern = "tenants/*/packs/*/revisions/*/questions/*";

// In the place of a revision: the published one.
inline constexpr absl::string_view kCurrentRevision = "current";

// What a name of a request means. Parts that the name does not have are empty.
struct Target {
  std::string tenant;
  std::string pack;
  std::string revision;
  std::string question;

  std::string PackName() const;
  // `revision` filled in.
  std::string RevisionName() const;
};

// Reads `name`, the request's `field`, by one of the patterns above. INVALID_REQUEST where it has not the form;
// PACK_NOT_FOUND where it is another tenant's: told exactly as if there were no such pack.
absl::StatusOr<Target> Resolve(absl::string_view pattern, absl::string_view name, absl::string_view field,
                               const Caller& caller);
// A pack's name or a revision's.
absl::StatusOr<Target> ResolvePackOrRevision(absl::string_view name, absl::string_view field,
                                             const Caller& caller);

// Whether the caller may know of packs with this visibility: learners only of those for practice.
bool MaySee(const Caller& caller, v1::Visibility visibility);
// The same for a pack with all it has: one that has only a draft, or is deleted, is seen by author, instructor and
// operator.
bool MaySee(const Caller& caller, const PackRecord& pack);
// Author, instructor, operator.
bool MaySeeDeleted(const Caller& caller);
// Whether the pack is in use for the caller: it is seen and not deleted.
bool IsListed(const Caller& caller, const PackRecord& pack);
// Whether a caller who may see what this one may can have seen the pack at some time.
bool MayHaveSeen(const Caller& caller, const PackRecord& pack);
// Equal for callers who see the same of every pack: some of the letters, perhaps none.
std::string AudienceOf(const Caller& caller);
inline constexpr char kAudienceLetters[] = "sef";
// View FULL: author, instructor, service.
bool MaySeeFull(const Caller& caller);

// Author, service: what a pack for exams may be downloaded by.
bool MayDownloadExams(const Caller& caller);

// The pack as the caller may see it: rubrics of tips for those who may see FULL, etag and draft for author, instructor
// and operator.
v1::Pack PackResource(const Caller& caller, const PackRecord& pack);

std::string EtagOf(const PackRecord& pack);
// The version that EtagOf made `etag` of; 0 for the empty one (any); -1, which no pack has, for anything else.
int64_t VersionOf(absl::string_view etag);

// `question` of `pack`, whose full name as a revision is `revision`, in view FULL or BASIC.
v1::Question QuestionResource(const v1::PackContent& pack, const v1::Question& question,
                              const std::string& revision, bool full);

v1::Revision RevisionResource(const Caller& caller, const PackRecord& pack, const RevisionRecord& revision);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_RESOURCES_H_
