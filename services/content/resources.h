// The resources that replies carry, as a certain caller may see them, and the names of requests.
#ifndef GREENROOM_SERVICES_CONTENT_RESOURCES_H_
#define GREENROOM_SERVICES_CONTENT_RESOURCES_H_

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
// The same for a pack with all it has: one that has only a draft is seen by author, instructor and operator.
bool MaySee(const Caller& caller, const PackRecord& pack);
// View FULL: author, instructor, service.
bool MaySeeFull(const Caller& caller);

// The pack as the caller may see it: rubrics of tips for those who may see FULL, etag and draft for author, instructor
// and operator.
v1::Pack PackResource(const Caller& caller, const PackRecord& pack);

std::string EtagOf(const PackRecord& pack);

v1::Revision RevisionResource(const Caller& caller, const PackRecord& pack, const RevisionRecord& revision);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_RESOURCES_H_
