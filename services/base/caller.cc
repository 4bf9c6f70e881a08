#include "services/base/caller.h"

#include "absl/strings/str_cat.h"

namespace greenroom {

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kLearner:
      return "learner";
    case Role::kAuthor:
      return "author";
    case Role::kInstructor:
      return "instructor";
    case Role::kOperator:
      return "operator";
    case Role::kService:
      return "service";
  }
  return "";
}

std::optional<Role> ParseRole(absl::string_view word) {
  for (Role role : kAllRoles) {
    if (word == RoleName(role)) return role;
  }
  return std::nullopt;
}

std::string RoleSet::ToString() const {
  std::string words;
  for (Role role : kAllRoles) {
    if (Has(role)) absl::StrAppend(&words, words.empty() ? "" : ",", RoleName(role));
  }
  return words;
}

std::optional<absl::string_view> RequestMetadata::Find(absl::string_view key) const {
  std::optional<absl::string_view> found;
  for (const auto& [name, value] : entries_) {
    if (name != key) continue;
    if (found.has_value()) return std::nullopt;
    found = value;
  }
  return found;
}

int RequestMetadata::Count(absl::string_view key) const {
  int count = 0;
  for (const auto& entry : entries_) {
    if (entry.first == key) ++count;
  }
  return count;
}

}  // namespace greenroom
