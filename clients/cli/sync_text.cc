#include "clients/cli/sync_text.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary

std::string WhatWasDone(const OutboxItem& item) {
  switch (item.act_case()) {
    case OutboxItem::kBegin:
      return absl::StrCat("session of ", IdIn(item.begin().revision(), "packs"), " begun");
    case OutboxItem::kAnswer:
      return absl::StrCat("answer to ", item.answer().question());
    case OutboxItem::kHint:
      return absl::StrCat("hint for ", item.hint().question());
    case OutboxItem::kReveal:
      return absl::StrCat("reveal of ", item.reveal().question());
    case OutboxItem::kRating:
      return absl::StrCat(item.rating().question(), " rated ", RatingWord(item.rating().rating()));
    case OutboxItem::kSkip:
      return absl::StrCat(item.skip().question(), " skipped");
    case OutboxItem::kFinish:
      return "session finished";
    case OutboxItem::ACT_NOT_SET:
      break;
  }
  return "something";
}

std::string GradeOf(const Answer& answer) {
  if (answer.attempt() == 0) return "kept, but it does not count";
  switch (answer.grade().state()) {
    case GRADE_STATE_PENDING:
      return "its grade is to come";
    case GRADE_STATE_NEEDS_REVIEW:
      return "a person will grade it";
    case GRADE_STATE_UNGRADED_LANGUAGE:
      return "no grader knows its language";
    default:
      break;
  }
  if (!answer.grade().report().has_score()) return "graded";
  return absl::StrCat("score ", answer.grade().report().score());
}

}  // namespace

std::vector<std::string> RenderSyncStatus(const OutboxItem& item, const SyncStatus& status,
                                          const Page& page) {
  std::string outcome;
  Ink ink = Ink::kPlain;
  switch (status.outcome()) {
    case SYNC_OUTCOME_TAKEN:
      outcome = absl::StrCat("taken, sequence ", status.sequence());
      ink = Ink::kGood;
      break;
    case SYNC_OUTCOME_REPLAYED:
      outcome = absl::StrCat("was there before, sequence ", status.sequence());
      break;
    default:
      outcome = absl::StrCat("refused, ", status.reason(), ": ", status.message());
      ink = Ink::kBad;
  }
  std::vector<std::string> lines = Wrap(absl::StrCat(WhatWasDone(item), ": ", outcome), page.width, "  ");
  for (std::string& line : lines) line = Paint(page, ink, line);
  return lines;
}

std::vector<std::string> RenderChange(const LearnerChange& change, const Page& page) {
  if (change.has_session()) return RenderSession(change.session(), page);
  if (change.has_due()) {
    const DueChange& due = change.due();
    const std::string when =
        due.has_due_time() ? absl::StrCat("due on ", DayOf(due.due_time())) : "not scheduled";
    return Wrap(absl::StrCat(IdIn(due.pack(), "packs"), " ", due.question(), ": ", when), page.width, "  ");
  }
  if (change.has_answer()) {
    const Answer& answer = change.answer();
    const std::string attempt = answer.attempt() > 1 ? absl::StrCat(", attempt ", answer.attempt()) : "";
    return Wrap(absl::StrCat("answer to ", answer.question(), attempt, ": ", GradeOf(answer)), page.width,
                "    ");
  }
  return {};
}

}  // namespace greenroom::cli
