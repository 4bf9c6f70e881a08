// Who is calling: the outcome of authentication, and the port that makes it.
//
// A Caller is made by an Authenticator and by nothing else; it is the first parameter of every store call. Names in
// requests are never a source of identity: what a request says about tenant and learner is compared with the Caller.
#ifndef GREENROOM_SERVICES_BASE_CALLER_H_
#define GREENROOM_SERVICES_BASE_CALLER_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom {

enum class Role : uint8_t { kLearner, kAuthor, kInstructor, kOperator, kService };

inline constexpr Role kAllRoles[] = {Role::kLearner, Role::kAuthor, Role::kInstructor, Role::kOperator,
                                     Role::kService};

// The role's word in tokens and logs: "learner", "author", "instructor", "operator", "service".
absl::string_view RoleName(Role role);
// nullopt for any other word; words are matched exactly.
std::optional<Role> ParseRole(absl::string_view word);

// A set of roles. Empty by default.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (Role role : roles) Add(role);
  }

  constexpr void Add(Role role) { bits_ = static_cast<uint8_t>(bits_ | Bit(role)); }
  constexpr bool Has(Role role) const { return (bits_ & Bit(role)) != 0; }
  constexpr bool Intersects(RoleSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(RoleSet a, RoleSet b) { return a.bits_ == b.bits_; }

  // "learner,author", in the order of the enum; "" when empty.
  std::string ToString() const;

 private:
  static constexpr uint8_t Bit(Role role) { return static_cast<uint8_t>(1u << static_cast<unsigned>(role)); }
  uint8_t bits_ = 0;
};

struct Caller {
  // A valid id (text.h), never empty: everything the caller can see lies in this tenant.
  std::string tenant;
  // The token's subject, as it is in the token.
  std::string subject;
  // The learner `learners/me` means: a valid id, derived from the subject as api.md says. Empty for a service that
  // names no learner.
  std::string learner;
  RoleSet roles;
};

// Metadata that came with a call. Keys are lower case (gRPC guarantees it on the wire).
class RequestMetadata {
 public:
  RequestMetadata() = default;
  explicit RequestMetadata(std::vector<std::pair<std::string, std::string>> entries)
      : entries_(std::move(entries)) {}

  void Add(absl::string_view key, absl::string_view value) {
    entries_.emplace_back(std::string(key), std::string(value));
  }

  // The value of `key`; nullopt when it is absent, or there more than once (an ambiguous credential is none).
  // The view lives as long as this object is unchanged.
  std::optional<absl::string_view> Find(absl::string_view key) const;

  // How often `key` is there.
  int Count(absl::string_view key) const;

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

// Verifies the credential of a call. Implementations are thread-safe and do not block: keys are in memory.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // The caller, or UNAUTHENTICATED with one of the reasons CREDENTIAL_MISSING, CREDENTIAL_INVALID,
  // CREDENTIAL_EXPIRED. The message never repeats any part of the credential.
  virtual absl::StatusOr<Caller> Authenticate(const RequestMetadata& metadata) const = 0;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_CALLER_H_
