#include "services/session/domain/state_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace greenroom::session {
namespace {

constexpr v1::SessionMode kModes[] = {v1::SESSION_MODE_PRACTICE, v1::SESSION_MODE_MOCK, v1::SESSION_MODE_EXAM,
                                      v1::SESSION_MODE_REVIEW};

// conversation.md, row by row, in words. submit hint reveal rate skip; a leading "!" is a refusal, "same" the same reply,
// "+" an answer marked as given after the reveal.
const std::map<std::string, std::string>& Practice() {
  static const auto& kRows = *new std::map<std::string, std::string>{
      {"open", "answered open revealed !NOTHING_TO_RATE skipped"},
      {"answered", "answered answered revealed rated answered"},
      {"revealed", "+revealed !ALREADY_REVEALED same rated revealed"},
      {"skipped", "answered open revealed !NOTHING_TO_RATE skipped"},
      {"rated", "answered !NO_HINTS_LEFT revealed rated rated"},
      {"rated after the reveal", "+revealed !ALREADY_REVEALED same rated rated"},
  };
  return kRows;
}

std::string Expected(v1::SessionMode mode, bool finished, bool released, const std::string& row,
                     size_t column) {
  const bool show = column == 2 || column == 3;
  const bool exam = mode == v1::SESSION_MODE_EXAM;
  if (finished && !show) return "!SESSION_FINISHED";
  if (finished && exam && !released) return "!MODE_FORBIDS";
  if (!finished && (exam || mode == v1::SESSION_MODE_MOCK) && column >= 1 && column <= 3)
    return "!MODE_FORBIDS";
  const std::vector<std::string> cells = absl::StrSplit(Practice().at(row), ' ');
  if (mode != v1::SESSION_MODE_PRACTICE && column == 0 && row != "open" && row != "skipped") {
    return "!ATTEMPTS_EXHAUSTED";
  }
  return cells[column];
}

std::string Word(v1::QuestionState state) {
  switch (state) {
    case v1::QUESTION_STATE_OPEN:
      return "open";
    case v1::QUESTION_STATE_ANSWERED:
      return "answered";
    case v1::QUESTION_STATE_REVEALED:
      return "revealed";
    case v1::QUESTION_STATE_SKIPPED:
      return "skipped";
    case v1::QUESTION_STATE_RATED:
      return "rated";
    default:
      return "?";
  }
}

std::string Word(Refusal refusal) {
  switch (refusal) {
    case Refusal::kNone:
      return "none";
    case Refusal::kSessionFinished:
      return "SESSION_FINISHED";
    case Refusal::kSessionPaused:
      return "SESSION_PAUSED";
    case Refusal::kTimeIsUp:
      return "TIME_IS_UP";
    case Refusal::kQuestionNotInSession:
      return "QUESTION_NOT_IN_SESSION";
    case Refusal::kModeForbids:
      return "MODE_FORBIDS";
    case Refusal::kAttemptsExhausted:
      return "ATTEMPTS_EXHAUSTED";
    case Refusal::kAlreadyRevealed:
      return "ALREADY_REVEALED";
    case Refusal::kNoHintsLeft:
      return "NO_HINTS_LEFT";
    case Refusal::kNothingToRate:
      return "NOTHING_TO_RATE";
  }
  return "?";
}

std::string Word(const Situation& situation, const Ruling& ruling) {
  if (ruling.refusal != Refusal::kNone) {
    EXPECT_EQ(ruling.next, situation.state);
    EXPECT_FALSE(ruling.applies());
    return absl::StrCat("!", Word(ruling.refusal));
  }
  if (ruling.repeats) {
    EXPECT_EQ(ruling.next, situation.state);
    EXPECT_FALSE(ruling.applies());
    return "same";
  }
  EXPECT_TRUE(ruling.applies());
  return absl::StrCat(ruling.after_reveal ? "+" : "", Word(ruling.next));
}

TEST(StateTable, EveryCellInEveryModeIsAsTheConversationSays) {
  struct Row {
    std::string name;
    v1::QuestionState state;
    bool revealed;
  };
  const Row rows[] = {{"open", v1::QUESTION_STATE_OPEN, false},
                      {"answered", v1::QUESTION_STATE_ANSWERED, false},
                      {"revealed", v1::QUESTION_STATE_REVEALED, true},
                      {"skipped", v1::QUESTION_STATE_SKIPPED, false},
                      {"rated", v1::QUESTION_STATE_RATED, false},
                      {"rated after the reveal", v1::QUESTION_STATE_RATED, true}};
  int cells = 0;
  for (v1::SessionMode mode : kModes) {
    for (bool finished : {false, true}) {
      for (bool released : {false, true}) {
        for (const Row& row : rows) {
          for (size_t column = 0; column < 5; ++column) {
            const Situation situation = {mode, finished, released, row.state, row.revealed};
            EXPECT_EQ(Word(situation, Rule(situation, kActs[column])),
                      Expected(mode, finished, released, row.name, column))
                << v1::SessionMode_Name(mode) << (finished ? " finished " : " active ")
                << (released ? "released " : "") << row.name << ", column " << column;
            ++cells;
          }
        }
      }
    }
  }
  EXPECT_EQ(cells, 4 * 2 * 2 * 6 * 5);
}

TEST(StateTable, APauseRefusesAllAndTimeThatIsUpRefusesAnswers) {
  for (v1::SessionMode mode : kModes) {
    for (v1::QuestionState state : {v1::QUESTION_STATE_OPEN, v1::QUESTION_STATE_ANSWERED}) {
      for (Act act : kActs) {
        Situation situation;
        situation.mode = mode;
        situation.state = state;
        const Ruling as_it_is = Rule(situation, act);
        const bool answers = act == Act::kSubmit || act == Act::kSkip;
        situation.time_is_up = true;
        EXPECT_EQ(Rule(situation, act).refusal, answers ? Refusal::kTimeIsUp : as_it_is.refusal);
        situation.paused = true;
        EXPECT_EQ(Rule(situation, act).refusal, Refusal::kSessionPaused);
        situation.finished = true;
        if (answers) EXPECT_EQ(Rule(situation, act).refusal, Refusal::kTimeIsUp);
        situation.time_is_up = false;
        if (answers) EXPECT_EQ(Rule(situation, act).refusal, Refusal::kSessionFinished);
      }
    }
  }
}

}  // namespace
}  // namespace greenroom::session
