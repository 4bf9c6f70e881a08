// SyncCursor: how far a device knows a learner's log, and the token that it is given for it.
#ifndef GREENROOM_SERVICES_SESSION_SYNC_CURSOR_H_
#define GREENROOM_SERVICES_SESSION_SYNC_CURSOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/session/domain/keys.h"
#include "services/session/memory/memory_item.h"

namespace greenroom::session {

// All changes up to seq `from` were given, and of those from there to `to` the first `given`, in the order of a function of
// the log. Where these are all, the due times follow, in the order of their items: those up to `after` were given.
struct SyncCursor {
  std::string epoch;  // empty: the device knows nothing
  int64_t from = 0;
  int64_t to = 0;  // at least `from`
  int64_t given = 0;
  ItemKey after;  // both empty: none was
  // Changes from there on were given without what an open exam keeps shut: they are given again when it is over.
  std::optional<int64_t> withheld = std::nullopt;  // at most `from`

  friend bool operator==(const SyncCursor&, const SyncCursor&) = default;
};

// URL-safe text that is good for this learner only.
std::string EncodeSyncToken(const LearnerKey& learner, const SyncCursor& cursor);

// The beginning where `token` is empty. SYNC_TOKEN_INVALID where it is not one of this learner's.
absl::StatusOr<SyncCursor> DecodeSyncToken(const LearnerKey& learner, absl::string_view token);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_SYNC_CURSOR_H_
