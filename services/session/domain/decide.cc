#include "services/session/domain/decide.h"

#include "services/session/domain/deadlines.h"
#include "services/session/domain/fold.h"

namespace greenroom::session {
namespace {

Ruling Refuse(Refusal refusal) {
  Ruling ruling;
  ruling.refusal = refusal;
  return ruling;
}

Ruling Repeat() {
  Ruling ruling;
  ruling.repeats = true;
  return ruling;
}

}  // namespace

Ruling Decide(const v1::LiveState& state, absl::string_view question, Act act, absl::Time received,
              int32_t hint_count) {
  const v1::LiveQuestion* planned = FindQuestion(state, question);
  if (planned == nullptr) return Refuse(Refusal::kQuestionNotInSession);
  Situation situation = SituationOf(state, *planned);
  situation.time_is_up = situation.time_is_up || IsTimeUp(state, *planned, received);
  Ruling ruling = Rule(situation, act);
  if (ruling.applies() && act == Act::kTakeHint && planned->hints_taken() >= hint_count) {
    ruling.refusal = Refusal::kNoHintsLeft;
    ruling.next = planned->state();
  }
  return ruling;
}

Refusal DecideFinish(const v1::LiveState& state) {
  return state.state() == v1::SESSION_STATE_FINISHED ? Refusal::kSessionFinished : Refusal::kNone;
}

Refusal DecideDraft(const v1::LiveState& state, absl::string_view question, absl::Time received) {
  const v1::LiveQuestion* planned = FindQuestion(state, question);
  if (planned == nullptr) return Refusal::kQuestionNotInSession;
  if (state.out_of_time() || IsTimeUp(state, *planned, received)) return Refusal::kTimeIsUp;
  if (state.state() == v1::SESSION_STATE_PAUSED) return Refusal::kSessionPaused;
  return DecideFinish(state);
}

Ruling DecidePause(const v1::LiveState& state, absl::Time received) {
  if (state.state() == v1::SESSION_STATE_FINISHED) return Refuse(Refusal::kSessionFinished);
  if (state.state() == v1::SESSION_STATE_PAUSED) return Repeat();
  if (state.mode() == v1::SESSION_MODE_EXAM) return Refuse(Refusal::kModeForbids);
  return CanPause(state, received) ? Ruling() : Refuse(Refusal::kTimeIsUp);
}

Ruling DecideResume(const v1::LiveState& state) {
  if (state.state() == v1::SESSION_STATE_FINISHED) return Refuse(Refusal::kSessionFinished);
  return state.state() == v1::SESSION_STATE_PAUSED ? Ruling() : Repeat();
}

Ruling DecideStart(const v1::LiveState& state, absl::string_view question) {
  if (state.state() == v1::SESSION_STATE_PAUSED) return Refuse(Refusal::kSessionPaused);
  const v1::LiveQuestion* planned = FindQuestion(state, question);
  if (planned == nullptr) return Refuse(Refusal::kQuestionNotInSession);
  return StartsWhenShown(state, *planned) ? Ruling() : Repeat();
}

const v1::LiveQuestion* OpenQuestion(const v1::LiveState& state) {
  for (const v1::LiveQuestion& question : state.questions()) {
    if (question.state() == v1::QUESTION_STATE_OPEN) return &question;
  }
  return nullptr;
}

}  // namespace greenroom::session
