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
  std::string text = absl::StrCat(cursor.epoch, "/", cursor.from, "/", cursor.to, "/", cursor.given);
  if (cursor.withheld.has_value()) absl::StrAppend(&text, "/", *cursor.withheld);
  const auto& [pack, question] = cursor.after;
  if (!pack.empty()) absl::StrAppend(&text, " ", pack, " ", question);
  return EncodePageToken(Binding(learner), text);
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
  const bool withheld = parts.size() == 5;
  const bool valid = (parts.size() == 4 || withheld) && !parts[0].empty() &&
                     absl::SimpleAtoi(parts[1], &cursor.from) && absl::SimpleAtoi(parts[2], &cursor.to) &&
                     absl::SimpleAtoi(parts[3], &cursor.given) && 0 <= cursor.from &&
                     cursor.from <= cursor.to && cursor.given >= 0;
  if (!valid) return error::SyncTokenInvalid();
  cursor.epoch = parts[0];
  if (withheld) {
    int64_t place = 0;
    if (!absl::SimpleAtoi(parts[4], &place) || place < 0 || place > cursor.from)
      return error::SyncTokenInvalid();
    cursor.withheld = place;
  }
  return cursor;
}

}  // namespace greenroom::session
