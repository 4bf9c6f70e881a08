#include "services/base/resource_name.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/base/check.h"
#include "services/base/status.h"
#include "services/base/text.h"
#include "services/base/uuid.h"

namespace greenroom {
namespace {

bool IsPlace(absl::string_view segment) { return segment == "*" || segment == "{uuid}"; }

// The ids of `name`; "-" is accepted for a tenant's id where `wildcard`.
std::optional<std::vector<std::string>> Match(absl::string_view pattern, absl::string_view name,
                                              bool wildcard) {
  // A name longer than any valid one is not taken apart.
  if (name.size() > 1024) return std::nullopt;
  const std::vector<absl::string_view> expected = absl::StrSplit(pattern, '/');
  const std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  if (expected.size() != segments.size()) return std::nullopt;
  std::vector<std::string> ids;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!IsPlace(expected[i])) {
      if (segments[i] != expected[i]) return std::nullopt;
      continue;
    }
    if (expected[i] == "{uuid}") {
      std::optional<std::string> uuid = CanonicalUuid(segments[i]);
      if (!uuid.has_value()) return std::nullopt;
      ids.push_back(*std::move(uuid));
      continue;
    }
    const bool own_tenant = wildcard && i > 0 && expected[i - 1] == "tenants" && segments[i] == "-";
    if (!own_tenant && !IsId(segments[i])) return std::nullopt;
    ids.emplace_back(segments[i]);
  }
  return ids;
}

}  // namespace

std::optional<std::vector<std::string>> ParseName(absl::string_view pattern, absl::string_view name) {
  return Match(pattern, name, /*wildcard=*/false);
}

std::string FormatName(absl::string_view pattern, const std::vector<std::string>& ids) {
  std::vector<std::string> segments = absl::StrSplit(pattern, '/');
  size_t next = 0;
  for (std::string& segment : segments) {
    if (!IsPlace(segment)) continue;
    CHECK_THAT(next < ids.size(), std::string(pattern));
    segment = ids[next++];
  }
  CHECK_THAT(next == ids.size(), std::string(pattern));
  return absl::StrJoin(segments, "/");
}

absl::StatusOr<ResolvedName> ResolveName(absl::string_view pattern, absl::string_view name,
                                         absl::string_view field, const Caller& caller) {
  std::optional<std::vector<std::string>> ids = Match(pattern, name, /*wildcard=*/true);
  if (!ids.has_value()) {
    return InvalidField(field, name.empty() ? "must be set" : absl::StrCat("must have the form ", pattern));
  }
  ResolvedName resolved;
  resolved.ids = *std::move(ids);
  size_t place = 0;
  absl::string_view collection;
  for (const absl::string_view segment : absl::StrSplit(pattern, '/')) {
    if (!IsPlace(segment)) {
      collection = segment;
      continue;
    }
    std::string& id = resolved.ids[place++];
    if (collection == "tenants") {
      if (id == "-") id = caller.tenant;
      resolved.own_tenant = id == caller.tenant;
    } else if (collection == "learners") {
      if (id == "me") {
        if (caller.learner.empty()) {
          return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "LEARNER_REQUIRED",
                              "learners/me needs a credential that names a learner")
              .Field(field, "says learners/me, and the credential names no learner")
              .Build();
        }
        id = caller.learner;
      }
      resolved.own_learner = id == caller.learner;
    }
  }
  resolved.name = FormatName(pattern, resolved.ids);
  return resolved;
}

}  // namespace greenroom
