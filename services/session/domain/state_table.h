// The state table: what a learner may do with a question, and where it leaves the question. Both the decision about a
// command and the fold of the log read it, so an event applies exactly where its command would have been accepted.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_STATE_TABLE_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_STATE_TABLE_H_

#include "greenroom/session/v1/session.pb.h"

namespace greenroom::session {

// What is done with a question.
enum class Act { kSubmit, kTakeHint, kReveal, kRate, kSkip };
inline constexpr Act kActs[] = {Act::kSubmit, Act::kTakeHint, Act::kReveal, Act::kRate, Act::kSkip};

enum class Refusal {
  kNone,
  kSessionFinished,
  kSessionPaused,
  kTimeIsUp,
  kQuestionNotInSession,
  kModeForbids,
  kAttemptsExhausted,
  kAlreadyRevealed,
  kNoHintsLeft,
  kNothingToRate,
};

// What the table is read by.
struct Situation {
  v1::SessionMode mode = v1::SESSION_MODE_PRACTICE;
  bool finished = false;
  bool released = false;  // the grades of an exam
  v1::QuestionState state = v1::QUESTION_STATE_OPEN;
  bool revealed = false;  // also of a question that has been rated since
  bool paused = false;
  bool time_is_up =
      false;  // of the question, or of the session, whether it has been finished for that yet or not
};

struct Ruling {
  Refusal refusal = Refusal::kNone;
  // Accepted without an event: the model answer is shown again.
  bool repeats = false;
  // Where it leaves the question; its own state when refused or repeated.
  v1::QuestionState next = v1::QUESTION_STATE_OPEN;
  // A submitted answer comes after the reveal.
  bool after_reveal = false;

  bool applies() const { return refusal == Refusal::kNone && !repeats; }
};

Ruling Rule(const Situation& situation, Act act);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_STATE_TABLE_H_
