#include "services/session/domain/state_table.h"

#include <cstddef>

namespace greenroom::session {
namespace {

constexpr v1::QuestionState kOpen = v1::QUESTION_STATE_OPEN;
constexpr v1::QuestionState kAnswered = v1::QUESTION_STATE_ANSWERED;
constexpr v1::QuestionState kRevealed = v1::QUESTION_STATE_REVEALED;
constexpr v1::QuestionState kSkipped = v1::QUESTION_STATE_SKIPPED;
constexpr v1::QuestionState kRated = v1::QUESTION_STATE_RATED;

struct Cell {
  enum class Kind {
    kGo,                   // to `next`
    kAgain,                // to `next`; in practice only, elsewhere the attempts are used up
    kRepeat,               // the same reply
    kRefuse,               // by `refusal`
    kAsAnsweredOrRevealed  // as the row that the question was in before it was rated
  };
  Kind kind;
  v1::QuestionState next = kOpen;
  Refusal refusal = Refusal::kNone;
};

constexpr Cell Go(v1::QuestionState next) { return {Cell::Kind::kGo, next}; }
constexpr Cell Again(v1::QuestionState next) { return {Cell::Kind::kAgain, next}; }
constexpr Cell No(Refusal refusal) { return {Cell::Kind::kRefuse, kOpen, refusal}; }
constexpr Cell kRepeat = {Cell::Kind::kRepeat};
constexpr Cell kAsBefore = {Cell::Kind::kAsAnsweredOrRevealed};
constexpr Refusal kRevealedSince = Refusal::kAlreadyRevealed;
constexpr Refusal kNothing = Refusal::kNothingToRate;

// Rows: open, answered, revealed, skipped, rated. Columns: submit, hint, reveal, rate, skip.
constexpr Cell kTable[5][5] = {
    {Go(kAnswered), Go(kOpen), Go(kRevealed), No(kNothing), Go(kSkipped)},
    {Again(kAnswered), Go(kAnswered), Go(kRevealed), Go(kRated), Go(kAnswered)},
    {Again(kRevealed), No(kRevealedSince), kRepeat, Go(kRated), Go(kRevealed)},
    {Go(kAnswered), Go(kOpen), Go(kRevealed), No(kNothing), Go(kSkipped)},
    {kAsBefore, No(Refusal::kNoHintsLeft), kAsBefore, Go(kRated), Go(kRated)},
};

size_t RowOf(v1::QuestionState state) {
  switch (state) {
    case kAnswered:
      return 1;
    case kRevealed:
      return 2;
    case kSkipped:
      return 3;
    case kRated:
      return 4;
    default:
      return 0;
  }
}

// What lies above the table: the session's end and the modes that show nothing before it.
Refusal RuleOfSession(const Situation& situation, Act act) {
  const bool shows = act == Act::kReveal || act == Act::kRate;
  const bool exam = situation.mode == v1::SESSION_MODE_EXAM;
  const bool answers = act == Act::kSubmit || act == Act::kSkip;
  if (situation.finished) {
    if (answers && situation.time_is_up) return Refusal::kTimeIsUp;
    if (!shows) return Refusal::kSessionFinished;
    return exam && !situation.released ? Refusal::kModeForbids : Refusal::kNone;
  }
  if (situation.paused) return Refusal::kSessionPaused;
  if ((exam || situation.mode == v1::SESSION_MODE_MOCK) && (shows || act == Act::kTakeHint)) {
    return Refusal::kModeForbids;
  }
  return answers && situation.time_is_up ? Refusal::kTimeIsUp : Refusal::kNone;
}

}  // namespace

Ruling Rule(const Situation& situation, Act act) {
  Ruling ruling;
  ruling.next = situation.state;
  ruling.refusal = RuleOfSession(situation, act);
  if (ruling.refusal != Refusal::kNone) return ruling;

  Cell cell = kTable[RowOf(situation.state)][static_cast<size_t>(act)];
  if (cell.kind == Cell::Kind::kAsAnsweredOrRevealed) {
    cell = kTable[RowOf(situation.revealed ? kRevealed : kAnswered)][static_cast<size_t>(act)];
  }
  switch (cell.kind) {
    case Cell::Kind::kRefuse:
      ruling.refusal = situation.revealed && act == Act::kTakeHint ? kRevealedSince : cell.refusal;
      return ruling;
    case Cell::Kind::kRepeat:
      ruling.repeats = true;
      return ruling;
    case Cell::Kind::kAgain:
      if (situation.mode != v1::SESSION_MODE_PRACTICE) {
        ruling.refusal = Refusal::kAttemptsExhausted;
        return ruling;
      }
      break;
    default:
      break;
  }
  ruling.next = cell.next;
  ruling.after_reveal = act == Act::kSubmit && situation.revealed;
  return ruling;
}

}  // namespace greenroom::session
