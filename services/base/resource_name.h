// Resource names: "tenants/acme/packs/ml-engineer/revisions/r0f.../questions/overfitting".
//
// A pattern is a name with `*` for an id (text.h) and `{uuid}` for a UUID: "tenants/*/learners/*/sessions/{uuid}".
// UUIDs are read in either case and given in lower case. In the place of a tenant "-" also stands for the caller's
// own, and `learners/me` for the caller itself; both are resolved by ResolveName and refused by ParseName.
#ifndef GREENROOM_SERVICES_BASE_RESOURCE_NAME_H_
#define GREENROOM_SERVICES_BASE_RESOURCE_NAME_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/base/caller.h"

namespace greenroom {

// The ids in `name`, in order; nullopt when it does not have the pattern's form.
std::optional<std::vector<std::string>> ParseName(absl::string_view pattern, absl::string_view name);

// The name with `ids` in the places of the pattern; their number must be right (CHECKed).
std::string FormatName(absl::string_view pattern, const std::vector<std::string>& ids);

struct ResolvedName {
  // The ids in order, with the caller's tenant and learner filled in where the name said `-` and `me`.
  std::vector<std::string> ids;
  // The whole name, the same way: what replies carry.
  std::string name;
  // False: the name says another tenant. Answer exactly as if the resource did not exist.
  bool own_tenant = true;
  // False: the name says another learner than the caller. Names without a learner are true.
  bool own_learner = true;

  const std::string& operator[](size_t index) const { return ids[index]; }
};

// Reads `name`, a request's field `field`, as `caller` means it. INVALID_REQUEST naming the field when it does not have
// the pattern's form; LEARNER_REQUIRED when it says `learners/me` and the caller is no learner.
absl::StatusOr<ResolvedName> ResolveName(absl::string_view pattern, absl::string_view name,
                                         absl::string_view field, const Caller& caller);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_RESOURCE_NAME_H_
