#include "services/session/domain/views.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/follow_ups.h"
#include "services/session/domain/override.h"
#include "services/session/domain/wire_time.h"

namespace greenroom::session {
namespace {

bool IsSeen(const v1::LiveState& state, Reader reader) {
  const bool shown = state.released() && state.state() == v1::SESSION_STATE_FINISHED;
  return reader == Reader::kStaff || state.mode() != v1::SESSION_MODE_EXAM || shown;
}

// Where there is a time to beat, nobody reads a question before its time runs.
bool IsPromptSeen(const v1::LiveState& state, const v1::LiveQuestion& question, Reader reader) {
  return reader == Reader::kStaff || !StartsWhenShown(state, question);
}

// Deadlines are told while they run.
void AddTimes(const v1::LiveState& state, v1::Session& session) {
  session.set_out_of_time(state.out_of_time());
  session.set_released(state.released());
  const int64_t deadline = state.deadline_ms();
  if (state.state() == v1::SESSION_STATE_PAUSED && deadline != 0) {
    *session.mutable_time_left() = MillisToDuration(std::max<int64_t>(deadline - state.pause_time_ms(), 0));
  }
  if (state.state() != v1::SESSION_STATE_ACTIVE) return;
  if (deadline != 0) *session.mutable_deadline() = MillisToTimestamp(deadline);
  for (int i = 0; i < state.questions_size(); ++i) {
    const int64_t its = state.questions(i).deadline_ms();
    if (its != 0) *session.mutable_questions(i)->mutable_deadline() = MillisToTimestamp(its);
  }
}

int32_t PendingOf(const v1::LiveState& state, int32_t number) {
  int32_t count = 0;
  for (const v1::PendingAnswer& pending : state.pending()) count += pending.number() == number ? 1 : 0;
  return count;
}

v1::GradeState GradeStateOf(const v1::Graded& graded) {
  if (graded.cause() == v1::GRADE_CAUSE_OVERRIDE) return v1::GRADE_STATE_OVERRIDDEN;
  if (!graded.failure().empty() || !graded.has_report()) return v1::GRADE_STATE_NEEDS_REVIEW;
  if (graded.report().ungraded_language()) return v1::GRADE_STATE_UNGRADED_LANGUAGE;
  return v1::GRADE_STATE_GRADED;
}

v1::QuestionReport QuestionReportOf(const SessionKey& key, const SessionFold& fold, int32_t number,
                                    Reader reader) {
  const v1::LiveQuestion& question = fold.live.questions(number - 1);
  const FoldedQuestion& folded = fold.questions[static_cast<size_t>(number - 1)];
  v1::QuestionReport report;
  report.set_question(question.question());
  report.set_number(number);
  report.set_state(question.state());
  if (question.has_best_score() && IsSeen(fold.live, reader)) report.set_score(question.best_score());
  for (size_t index : folded.answers) {
    *report.add_answers() = AnswerView(key, fold.answers[index], SightOf(fold.live, number, reader), true);
  }
  report.set_hints_taken(question.hints_taken());
  report.set_rating(question.rating());
  for (const std::string& point : folded.claimed_points) report.add_claimed_points(point);
  report.set_variant(question.variant());
  return report;
}

}  // namespace

std::string LearnerName(const LearnerKey& learner) {
  return absl::StrCat("tenants/", learner.tenant, "/learners/", learner.learner);
}

std::string PackOfRevision(absl::string_view revision) {
  return std::string(revision.substr(0, revision.rfind("/revisions/")));
}

std::string SessionName(const SessionKey& session) {
  return absl::StrCat(LearnerName(session.learner), "/sessions/", session.session);
}

std::string AnswerName(const SessionKey& session, absl::string_view answer) {
  return absl::StrCat(SessionName(session), "/answers/", answer);
}

std::string RegradeName(absl::string_view tenant, absl::string_view regrade) {
  return absl::StrCat("tenants/", tenant, "/regrades/", regrade);
}

std::optional<int32_t> SessionScore(const v1::LiveState& state) {
  const bool all_count = state.state() == v1::SESSION_STATE_FINISHED &&
                         (state.mode() == v1::SESSION_MODE_MOCK || state.mode() == v1::SESSION_MODE_EXAM);
  int64_t sum = 0;
  int64_t count = 0;
  bool graded = false;
  for (const v1::LiveQuestion& question : state.questions()) {
    if (question.has_best_score()) {
      sum += question.best_score();
      ++count;
      graded = true;
    } else if (all_count && question.attempts() == 0) {
      ++count;
    }
  }
  if (!graded) return std::nullopt;
  return static_cast<int32_t>((2 * sum + count) / (2 * count));
}

v1::Session SessionView(const SessionKey& key, const v1::LiveState& state, Reader reader) {
  v1::Session session;
  session.set_name(SessionName(key));
  session.set_revision(state.revision());
  session.set_mode(state.mode());
  session.set_state(state.state());
  const std::vector<std::string> parents = ParentsOf(state);
  for (int32_t number = 1; number <= state.questions_size(); ++number) {
    const v1::LiveQuestion& question = state.questions(number - 1);
    v1::SessionQuestion* seen = session.add_questions();
    seen->set_question(question.question());
    seen->set_number(number);
    seen->set_state(question.state());
    seen->set_attempts(question.attempts());
    if (question.has_best_score() && IsSeen(state, reader)) seen->set_score(question.best_score());
    seen->set_pending_grades(PendingOf(state, number));
    seen->set_hints_taken(question.hints_taken());
    seen->set_revealed(question.revealed());
    seen->set_rating(question.rating());
    seen->set_follow_up_of(parents[static_cast<size_t>(number - 1)]);
    seen->set_variant(question.variant());
  }
  session.set_seed(state.seed());
  *session.mutable_create_time() = MillisToTimestamp(state.create_time_ms());
  if (state.finish_time_ms() != 0) *session.mutable_finish_time() = MillisToTimestamp(state.finish_time_ms());
  if (const auto expiry = ExpiryOf(state); expiry.has_value())
    *session.mutable_expire_time() = ToTimestamp(*expiry);
  session.set_sequence(state.sequence());
  if (const auto score = SessionScore(state); score.has_value() && IsSeen(state, reader))
    session.set_score(*score);
  session.set_assignment(state.assignment());
  *session.mutable_labels() = state.labels();
  session.set_no_follow_ups(state.no_follow_ups());
  session.set_vary_prompts(state.vary_prompts());
  AddTimes(state, session);
  return session;
}

v1::Grade GradeView(const Event* graded, std::optional<int32_t> gained, Sight sight) {
  v1::Grade grade;
  if (graded == nullptr) {
    grade.set_state(v1::GRADE_STATE_PENDING);
    return grade;
  }
  const v1::Graded& payload = graded->payload.graded();
  grade.set_state(GradeStateOf(payload));
  *grade.mutable_grade_time() = ToTimestamp(graded->received_time);
  if (sight == Sight::kNothing) return grade;
  if (payload.has_report()) *grade.mutable_report() = ViewOf(payload.report(), sight);
  grade.set_comment(payload.comment());
  if (sight == Sight::kStaff) {
    grade.set_note(payload.note());
    const bool regraded = payload.cause() == v1::GRADE_CAUSE_REGRADE;
    grade.set_decided_by(regraded ? RegradeName(graded->learner.tenant, payload.decided_by())
                                  : payload.decided_by());
  }
  if (gained.has_value()) grade.set_gained(*gained);
  return grade;
}

v1::Answer AnswerView(const SessionKey& key, const FoldedAnswer& answer, Sight sight, bool with_text) {
  const Event& event = *answer.submitted;
  const v1::Submitted& submitted = event.payload.submitted();
  v1::Answer view;
  view.set_name(AnswerName(key, event.event_id));
  view.set_question(submitted.question());
  view.set_attempt(answer.attempt);
  if (with_text) view.set_text(submitted.text());
  view.set_confidence(submitted.confidence());
  if (submitted.has_active_duration()) *view.mutable_active_duration() = submitted.active_duration();
  view.set_input(submitted.input());
  if (submitted.has_shown_time()) *view.mutable_shown_time() = submitted.shown_time();
  *view.mutable_receive_time() = ToTimestamp(event.received_time);
  *view.mutable_occurred_time() = ToTimestamp(event.occurred_time);
  view.set_sequence(event.seq);
  view.set_after_reveal(answer.after_reveal);
  view.set_counting(answer.counting);
  view.set_auto_submitted(submitted.auto_submitted());
  *view.mutable_grade() = GradeView(answer.grade, answer.gained, sight);
  for (const std::string& question : answer.follow_ups) view.add_follow_ups(question);
  return view;
}

void AddEarlierGrades(const SessionFold& fold, const FoldedAnswer& answer, Sight sight, v1::Answer& view) {
  if (sight == Sight::kNothing) return;
  for (const Event* grade : EarlierGrades(fold, answer)) {
    *view.add_earlier_grades() = GradeView(grade, std::nullopt, sight);
  }
}

Sight SightOf(const v1::LiveState& state, int32_t number, Reader reader) {
  if (reader == Reader::kStaff) return Sight::kStaff;
  return SightOfLearner(SituationOf(state, state.questions(number - 1)));
}

v1::SessionReport ReportView(const SessionKey& key, const SessionFold& fold, Reader reader,
                             const std::function<std::string(const std::string&, int32_t)>& prompt_of) {
  v1::SessionReport report;
  report.set_session(SessionName(key));
  report.set_revision(fold.live.revision());
  report.set_mode(fold.live.mode());
  report.set_state(fold.live.state());
  if (const auto score = SessionScore(fold.live); score.has_value() && IsSeen(fold.live, reader)) {
    report.set_score(*score);
    report.set_band(BandOf(*score));
  }
  const std::vector<std::string> parents = ParentsOf(fold.live);
  for (int32_t number = 1; number <= fold.live.questions_size(); ++number) {
    v1::QuestionReport question = QuestionReportOf(key, fold, number, reader);
    if (IsPromptSeen(fold.live, fold.live.questions(number - 1), reader)) {
      question.set_prompt(prompt_of(question.question(), question.variant()));
    }
    question.set_follow_up_of(parents[static_cast<size_t>(number - 1)]);
    report.set_answered(report.answered() + (question.answers().empty() ? 0 : 1));
    report.set_skipped(report.skipped() + (question.state() == v1::QUESTION_STATE_SKIPPED ? 1 : 0));
    *report.add_questions() = std::move(question);
  }
  report.set_pending_grades(fold.live.pending_size());
  *report.mutable_create_time() = MillisToTimestamp(fold.live.create_time_ms());
  if (fold.live.finish_time_ms() != 0)
    *report.mutable_finish_time() = MillisToTimestamp(fold.live.finish_time_ms());
  report.set_sequence(fold.live.sequence());
  return report;
}

}  // namespace greenroom::session
