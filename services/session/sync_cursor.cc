#include "services/session/sync_cursor.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/page_token.h"
#include "services/session/domain/views.h"
#include "services/session/errors.h"

namespace greenroom::session {
namespace {

std::vector<std::string> Binding(const LearnerKey& learner) { return {"sync", LearnerName(learner)}; }

}  // namespace

std::string EncodeSyncToken(const LearnerKey& learner, const SyncCursor& cursor) {
  const std::string place = absl::StrCat(cursor.epoch, "/", cursor.from, "/", cursor.to, "/", cursor.given);
  const auto& [pack, question] = cursor.after;
  return EncodePageToken(Binding(learner),
                         pack.empty() ? place : absl::StrCat(place, " ", pack, " ", question));
}

absl::StatusOr<SyncCursor> DecodeSyncToken(const LearnerKey& learner, absl::string_view token) {
  const absl::StatusOr<std::string> text = DecodePageToken(Binding(learner), token);
  if (!text.ok()) return error::SyncTokenInvalid();
  SyncCursor cursor;
  if (text->empty()) return cursor;
  const std::vector<std::string> words = absl::StrSplit(*text, ' ');
  if (words.size() != 1 && words.size() != 3) return error::SyncTokenInvalid();
  if (words.size() == 3) cursor.after = {words[1], words[2]};
  const std::vector<std::string> parts = absl::StrSplit(words[0], '/');
  const bool valid = parts.size() == 4 && !parts[0].empty() && absl::SimpleAtoi(parts[1], &cursor.from) &&
                     absl::SimpleAtoi(parts[2], &cursor.to) && absl::SimpleAtoi(parts[3], &cursor.given) &&
                     0 <= cursor.from && cursor.from <= cursor.to && cursor.given >= 0;
  if (!valid) return error::SyncTokenInvalid();
  cursor.epoch = parts[0];
  return cursor;
}

}  // namespace greenroom::session
