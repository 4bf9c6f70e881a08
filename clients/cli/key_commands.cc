// keygen and token: credentials of a machine that makes its own.
#include <google/protobuf/struct.pb.h>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/home.h"
#include "clients/cli/tokens.h"
#include "services/base/auth/keys.h"
#include "services/base/task.h"

namespace greenroom::cli {

absl::StatusOr<int> RunKeygen(Invocation& invocation, const std::vector<std::string>& words) {
  std::string directory;
  invocation.arguments().Word("DIR", &directory);
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(const bool created, auth::CreateKeys(directory));
  google::protobuf::Struct result;
  (*result.mutable_fields())["created"].set_bool_value(created);
  (*result.mutable_fields())["signingKey"].set_string_value(
      absl::StrCat(directory, "/", auth::kSigningKeyFile));
  (*result.mutable_fields())["jwks"].set_string_value(absl::StrCat(directory, "/", auth::kJwksFile));
  invocation.Reply(result);
  invocation.Say(absl::StrCat(created ? "Created " : "Kept ", directory, "/", auth::kSigningKeyFile,
                              " (private) and ", directory, "/", auth::kJwksFile));
  return kExitOk;
}

absl::StatusOr<int> RunToken(Invocation& invocation, const std::vector<std::string>& words) {
  std::string role_word;
  std::string key_path = Home(invocation).KeyPath();
  TokenOptions options;
  double hours = 12;
  invocation.arguments().Text("role", "ROLE", &role_word, "learner, author, instructor, operator or service");
  invocation.arguments().Text("learner", "NAME", &options.learner,
                              "who it is for (the subject) [me, or the role's word]");
  invocation.arguments().Text("tenant", "TENANT", &options.tenant, "the tenant [default]");
  invocation.arguments().Number("hours", "H", &hours, "how long it is good for [12]");
  invocation.arguments().Text("key", "FILE", &key_path, "the signing key [GREENROOM_HOME/keys/signing.jwk]");
  RETURN_IF_ERROR(invocation.Parse(words));
  const std::optional<Role> role = ParseRole(role_word);
  if (!role.has_value()) {
    return absl::InvalidArgumentError("--role is one of learner, author, instructor, operator, service");
  }
  options.role = *role;
  options.lifetime = absl::Hours(hours);
  if (options.learner.empty()) options.learner = DefaultLearner(*role);
  absl::StatusOr<std::string> token = MakeToken(key_path, options, invocation.world().clock);
  if (absl::IsNotFound(token.status())) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no signing key at ", key_path, "; greenroom keygen makes one"));
  }
  if (!token.ok()) return token.status();
  if (invocation.json()) {
    google::protobuf::Struct result;
    (*result.mutable_fields())["token"].set_string_value(*token);
    invocation.Reply(result);
  } else {
    invocation.Print(*token + "\n");
  }
  return kExitOk;
}

}  // namespace greenroom::cli
