// ListPackChanges.
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/page_token.h"
#include "services/content/errors.h"
#include "services/content/service.h"

namespace greenroom::content {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 200;

// Up to where a client's copy is.
struct ChangeToken {
  std::string epoch;  // of the store; empty: the client has no copy
  int64_t version = 0;
  std::string audience;
};

std::vector<std::string> Binding(const Target& target) { return {"ListPackChanges", target.tenant}; }

std::string WriteToken(const Target& target, const ChangeToken& token) {
  return EncodePageToken(Binding(target), absl::StrCat(token.epoch, "/", token.version, "/", token.audience));
}

absl::StatusOr<ChangeToken> ReadToken(const Target& target, const std::string& text) {
  ChangeToken token;
  if (text.empty()) return token;
  const absl::StatusOr<std::string> cursor = DecodePageToken(Binding(target), text);
  if (!cursor.ok()) return error::ChangeTokenInvalid();
  const std::vector<std::string> parts = absl::StrSplit(*cursor, '/');
  if (parts.size() != 3 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &token.version) ||
      token.version < 0 || parts[2].find_first_not_of(kAudienceLetters) != std::string::npos) {
    return error::ChangeTokenInvalid();
  }
  token.epoch = parts[0];
  token.audience = parts[2];
  return token;
}

}  // namespace

Task<absl::StatusOr<v1::ListPackChangesResponse>> ContentService::HandleListPackChanges(
    Call& call, const v1::ListPackChangesRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target target, Resolve(kTenantPattern, request.parent(), "parent", caller));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultPage, kMaxPage));
  ASSIGN_OR_CO_RETURN_NOW(const ChangeToken from, ReadToken(target, request.change_token()));
  // One more than is told, to know whether there are more.
  ASSIGN_OR_CO_RETURN(PackChanges changes,
                      catalogue_.NextChanges(caller, from.version, size + 1, call.deadline()));
  const std::string audience = AudienceOf(caller);
  v1::ListPackChangesResponse response;
  if (!from.epoch.empty() &&
      (from.epoch != changes.epoch || from.version > changes.tenant_version || from.audience != audience)) {
    response.set_reset(true);
    ASSIGN_OR_CO_RETURN(changes, catalogue_.NextChanges(caller, 0, size + 1, call.deadline()));
  }
  ChangeToken next{changes.epoch, changes.tenant_version, audience};
  int told = 0;
  for (const PackRecord& pack : changes.packs) {
    if (told == size) {
      response.set_more(true);
      break;
    }
    ++told;
    if (IsListed(caller, pack)) {
      *response.add_upserts() = PackResource(caller, pack);
    } else if (MayHaveSeen(caller, pack)) {
      // Others are not even named.
      response.add_tombstones(Target{target.tenant, pack.pack, "", ""}.PackName());
    }
  }
  if (response.more()) next.version = changes.packs[static_cast<size_t>(size) - 1].changed_at;
  response.set_next_change_token(WriteToken(target, next));
  co_return response;
}

}  // namespace greenroom::content
