#include "services/session/domain/decide.h"

#include "services/session/domain/fold.h"

namespace greenroom::session {

Ruling Decide(const v1::LiveState& state, absl::string_view question, Act act, int32_t hint_count) {
  const v1::LiveQuestion* planned = FindQuestion(state, question);
  if (planned == nullptr) {
    Ruling ruling;
    ruling.refusal = Refusal::kQuestionNotInSession;
    return ruling;
  }
  Ruling ruling = Rule(SituationOf(state, *planned), act);
  if (ruling.applies() && act == Act::kTakeHint && planned->hints_taken() >= hint_count) {
    ruling.refusal = Refusal::kNoHintsLeft;
    ruling.next = planned->state();
  }
  return ruling;
}

Refusal DecideFinish(const v1::LiveState& state) {
  return state.state() == v1::SESSION_STATE_FINISHED ? Refusal::kSessionFinished : Refusal::kNone;
}

const v1::LiveQuestion* OpenQuestion(const v1::LiveState& state) {
  for (const v1::LiveQuestion& question : state.questions()) {
    if (question.state() == v1::QUESTION_STATE_OPEN) return &question;
  }
  return nullptr;
}

}  // namespace greenroom::session
