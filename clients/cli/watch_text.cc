#include "clients/cli/watch_text.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"

namespace greenroom::cli {
namespace {

using session::v1::Session;
using session::v1::SessionQuestion;

// What happened to one question, the most telling first.
std::vector<std::string> ChangesOf(const SessionQuestion& before, const SessionQuestion& now) {
  std::vector<std::string> changes;
  if (now.hints_taken() > before.hints_taken())
    changes.push_back(absl::StrCat("hint ", now.hints_taken(), " taken"));
  if (now.attempts() > before.attempts()) {
    changes.push_back(now.attempts() == 1 ? "answered" : absl::StrCat("answer ", now.attempts(), " given"));
  }
  if (now.has_score() && (!before.has_score() || before.score() != now.score())) {
    changes.push_back(absl::StrCat("score ", now.score()));
  } else if (now.pending_grades() < before.pending_grades()) {
    changes.push_back(now.has_score() ? absl::StrCat("graded, the best is still ", now.score()) : "graded");
  }
  if (now.pending_grades() > before.pending_grades()) changes.push_back("its grade is to come");
  if (now.revealed() && !before.revealed()) changes.push_back("the model answer was shown");
  if (now.state() == session::v1::QUESTION_STATE_SKIPPED && before.state() != now.state()) {
    changes.push_back("skipped");
  }
  if (now.rating() != before.rating()) changes.push_back(absl::StrCat("rated ", RatingWord(now.rating())));
  return changes;
}

}  // namespace

std::vector<std::string> DescribeChanges(const Session& before, const Session& now) {
  std::vector<std::string> lines;
  std::map<std::string, const SessionQuestion*> known;
  for (const SessionQuestion& question : before.questions()) known[question.question()] = &question;
  for (const SessionQuestion& question : now.questions()) {
    const std::string id = Printable(question.question());
    const auto found = known.find(question.question());
    if (found == known.end()) {
      lines.push_back(absl::StrCat(
          id, " joined as question ", question.number(), " of ", now.questions_size(),
          question.follow_up_of().empty() ? "" : ", a follow-up on ", Printable(question.follow_up_of())));
    }
    SessionQuestion fresh;
    fresh.set_state(session::v1::QUESTION_STATE_OPEN);
    std::string text;
    for (const std::string& change : ChangesOf(found == known.end() ? fresh : *found->second, question)) {
      absl::StrAppend(&text, text.empty() ? "" : ", ", change);
    }
    if (!text.empty()) lines.push_back(absl::StrCat(id, ": ", text));
  }
  if (now.state() == session::v1::SESSION_STATE_FINISHED && before.state() != now.state()) {
    lines.push_back(now.has_score() ? absl::StrCat("The session is finished, score ", now.score(), ".")
                                    : "The session is finished.");
  }
  if (!now.newer_revision().empty() && before.newer_revision() != now.newer_revision()) {
    lines.push_back("The pack has a newer revision; a new session takes it.");
  }
  if (lines.empty()) lines.push_back("Something was added that changes nothing shown here.");
  return lines;
}

}  // namespace greenroom::cli
