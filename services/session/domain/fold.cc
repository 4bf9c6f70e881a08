#include "services/session/domain/fold.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "services/session/domain/deadlines.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/follow_ups.h"

namespace greenroom::session {
namespace {

using Kind = v1::EventPayload::KindCase;

std::optional<Act> ActOf(Kind kind) {
  switch (kind) {
    case Kind::kSubmitted:
      return Act::kSubmit;
    case Kind::kHintTaken:
      return Act::kTakeHint;
    case Kind::kRevealed:
      return Act::kReveal;
    case Kind::kRated:
      return Act::kRate;
    case Kind::kSkipped:
      return Act::kSkip;
    default:
      return std::nullopt;
  }
}

v1::LiveQuestion* MutableQuestion(v1::LiveState& state, absl::string_view question) {
  for (v1::LiveQuestion& candidate : *state.mutable_questions()) {
    if (candidate.question() == question) return &candidate;
  }
  return nullptr;
}

int32_t NumberOf(const v1::LiveState& state, const v1::LiveQuestion& question) {
  for (int i = 0; i < state.questions_size(); ++i) {
    if (&state.questions(i) == &question) return i + 1;
  }
  return 0;
}

// Written by no learner's command.
bool IsTheServers(const Event& event) { return event.content_sha256.empty(); }

uint32_t DeviceNumber(absl::string_view device) {
  const std::string digest = Sha256(device);
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i)
    number |= static_cast<uint32_t>(static_cast<unsigned char>(digest[i])) << (8 * i);
  return number;
}

// Keeps the two devices with the highest sequences, each with its highest. The result is the same in any order.
void MarkDevice(v1::LiveQuestion& question, absl::string_view device, int64_t seq) {
  std::vector<std::pair<int64_t, uint32_t>> marks = {{seq, DeviceNumber(device)}};
  for (const v1::DeviceMark& mark : question.devices()) {
    if (mark.device() == marks[0].second) {
      marks[0].first = std::max(marks[0].first, mark.sequence());
    } else {
      marks.emplace_back(mark.sequence(), mark.device());
    }
  }
  std::sort(marks.rbegin(), marks.rend());
  if (marks.size() > 2) marks.resize(2);
  question.clear_devices();
  for (const auto& [sequence, number] : marks) {
    v1::DeviceMark* mark = question.add_devices();
    mark->set_device(number);
    mark->set_sequence(sequence);
  }
}

// What every event of the learner's log leaves, whether it applies or not and whatever its place.
void Note(v1::LiveState& state, const SessionKey& key, const Event& event) {
  state.set_last_occurred_ms(std::max(state.last_occurred_ms(), absl::ToUnixMillis(event.occurred_time)));
  if (event.session != key.session) return;
  state.set_sequence(std::max(state.sequence(), event.seq));
  const bool of_grading =
      event.payload.has_graded() || event.payload.has_follow_up_added() || event.payload.has_released();
  if (event.payload.kind_case() == Kind::KIND_NOT_SET || of_grading) return;
  state.set_last_use_ms(std::max(state.last_use_ms(), absl::ToUnixMillis(event.received_time)));
  if (IsTheServers(event)) return;  // the clock is no other device
  if (v1::LiveQuestion* question = MutableQuestion(state, QuestionOf(event.payload)); question != nullptr) {
    MarkDevice(*question, event.device, event.seq);
  }
}

void Begin(v1::LiveState& state, const Event& event) {
  const v1::Created& created = event.payload.created();
  state.set_revision(created.revision());
  state.set_mode(created.mode());
  state.set_state(v1::SESSION_STATE_ACTIVE);
  state.set_seed(created.seed());
  for (int i = 0; i < created.questions_size(); ++i) {
    v1::LiveQuestion* planned = state.add_questions();
    planned->set_question(created.questions(i));
    planned->set_state(v1::QUESTION_STATE_OPEN);
    if (i < created.variants_size()) planned->set_variant(created.variants(i));
  }
  state.set_create_time_ms(absl::ToUnixMillis(event.occurred_time));
  state.set_assignment(created.assignment());
  *state.mutable_labels() = created.labels();
  state.set_no_follow_ups(created.no_follow_ups());
  state.set_vary_prompts(created.vary_prompts());
  BeginTimes(state, created, event.received_time);
}

// What an event of the session as a whole does to it. False: it does not apply, or is of no such kind.
bool ApplyToSession(v1::LiveState& state, const Event& event) {
  const bool finished = state.state() == v1::SESSION_STATE_FINISHED;
  switch (event.payload.kind_case()) {
    case Kind::kFinished:
      if (finished) return false;
      state.set_state(v1::SESSION_STATE_FINISHED);
      state.set_finish_time_ms(absl::ToUnixMillis(event.occurred_time));
      state.set_out_of_time(event.payload.finished().out_of_time());
      state.set_pause_time_ms(0);
      return true;
    case Kind::kPaused:
      if (state.state() != v1::SESSION_STATE_ACTIVE || !CanPause(state, event.received_time)) return false;
      StopClocks(state, event.received_time);
      return true;
    case Kind::kResumed:
      if (state.state() != v1::SESSION_STATE_PAUSED) return false;
      RestartClocks(state, event.received_time);
      return true;
    case Kind::kReleased:
      if (state.mode() != v1::SESSION_MODE_EXAM) return false;
      state.set_released(true);
      return true;
    case Kind::kQuestionsAdded: {
      if (finished || IsBehindDeadline(state, event.received_time)) return false;
      const v1::QuestionsAdded& added = event.payload.questions_added();
      for (int i = 0; i < added.questions_size(); ++i) {
        if (added.questions(i).empty() || FindQuestion(state, added.questions(i)) != nullptr) continue;
        v1::LiveQuestion* question = state.add_questions();
        question->set_question(added.questions(i));
        question->set_state(v1::QUESTION_STATE_OPEN);
        if (i < added.variants_size()) question->set_variant(added.variants(i));
      }
      return true;
    }
    default:
      return false;
  }
}

// How the question stood for this act of somebody's. Time is told by when the server got it, so what it got in time
// counts even where the finish at the deadline has an earlier place; what the clock does is never late. An act of a
// device that was offline did not know of a pause.
Situation SituationFor(const v1::LiveState& state, const v1::LiveQuestion& question, const Event& event) {
  Situation situation = SituationOf(state, question);
  situation.time_is_up = !IsTheServers(event) && IsTimeUp(state, question, event.received_time);
  const bool answers = event.payload.has_submitted() || event.payload.has_skipped();
  if (answers && state.out_of_time() && !situation.time_is_up) situation.finished = false;
  if (event.device_seq.has_value()) situation.paused = false;
  return situation;
}

// Applies an event at its place, grades excepted, which have none. nullopt where it does not apply; else the question it
// changed or added (nullptr for events of the session as a whole).
struct Applied {
  v1::LiveQuestion* question = nullptr;
  bool after_reveal = false;
};
std::optional<Applied> Apply(v1::LiveState& state, const Event& event) {
  const v1::EventPayload& payload = event.payload;
  if (ApplyToSession(state, event)) return Applied{};
  if (payload.has_question_started()) {
    v1::LiveQuestion* started = MutableQuestion(state, payload.question_started().question());
    if (started == nullptr || !StartsWhenShown(state, *started)) return std::nullopt;
    StartQuestion(state, *started, event.received_time);
    return Applied{started, false};
  }
  if (payload.has_follow_up_added()) {
    if (IsBehindDeadline(state, event.received_time)) return std::nullopt;
    const int32_t number = AddFollowUp(state, payload.follow_up_added());
    if (number == 0) return std::nullopt;
    return Applied{state.mutable_questions(number - 1), false};
  }
  const std::optional<Act> act = ActOf(payload.kind_case());
  if (!act.has_value()) return std::nullopt;
  v1::LiveQuestion* question = MutableQuestion(state, QuestionOf(payload));
  if (question == nullptr) return std::nullopt;
  const Ruling ruling = Rule(SituationFor(state, *question, event), *act);
  if (!ruling.applies()) return std::nullopt;
  question->set_state(ruling.next);
  switch (*act) {
    case Act::kSubmit: {
      question->set_attempts(question->attempts() + 1);
      v1::PendingAnswer* pending = state.add_pending();
      pending->set_answer(event.event_id);
      pending->set_number(NumberOf(state, *question));
      pending->set_after_reveal(ruling.after_reveal);
      pending->set_first(question->attempts() == 1 && !ruling.after_reveal);
      break;
    }
    case Act::kTakeHint:
      question->set_hints_taken(question->hints_taken() + 1);
      break;
    case Act::kReveal:
      if (!question->revealed()) question->set_reveal_sequence(event.seq);
      question->set_revealed(true);
      break;
    case Act::kRate:
      question->set_rating(payload.rated().rating());
      break;
    case Act::kSkip:
      break;
  }
  return Applied{question, ruling.after_reveal};
}

// Attaches the first grade of an answer. False where the answer is not pending.
bool ApplyGrade(v1::LiveState& state, const v1::Graded& graded) {
  auto& pending = *state.mutable_pending();
  for (auto answer = pending.begin(); answer != pending.end(); ++answer) {
    if (answer->answer() != graded.answer()) continue;
    v1::LiveQuestion& question = *state.mutable_questions(answer->number() - 1);
    if (graded.report().has_score()) {
      const int32_t score = graded.report().score();
      if (!answer->after_reveal()) {
        question.set_best_score(question.has_best_score() ? std::max(question.best_score(), score) : score);
      }
      question.set_best_score_of_all(
          question.has_best_score_of_all() ? std::max(question.best_score_of_all(), score) : score);
    }
    pending.erase(answer);
    return true;
  }
  return false;
}

// Of two grades of one answer, which is current: override, else the highest regrade, else initial. Two of a kind cannot
// be, as their ids are made of it; if they are, the later place decides.
bool GradeWins(const Event& a, const Event& b) {
  const auto rank = [](const Event& event) {
    const v1::Graded& graded = event.payload.graded();
    return std::pair(static_cast<int>(graded.cause()), graded.regrade_number());
  };
  if (rank(a) != rank(b)) return rank(a) > rank(b);
  return CanonicallyBefore(b, a);
}

std::map<std::string, const Event*> CurrentGrades(const std::vector<Event>& events) {
  std::map<std::string, const Event*> current;
  for (const Event& event : events) {
    if (!event.payload.has_graded()) continue;
    const Event*& grade = current[event.payload.graded().answer()];
    if (grade == nullptr || GradeWins(event, *grade)) grade = &event;
  }
  return current;
}

void AddAnswer(SessionFold& fold, const Event& event, const Applied& applied, const Event* grade) {
  FoldedAnswer answer;
  answer.submitted = &event;
  answer.grade = grade;
  answer.number = NumberOf(fold.live, *applied.question);
  answer.attempt = applied.question->attempts();
  answer.after_reveal = applied.after_reveal;
  answer.counting = answer.attempt == 1 && !answer.after_reveal;
  if (grade != nullptr) {
    const v1::Graded& graded = grade->payload.graded();
    if (graded.report().has_score()) answer.score = graded.report().score();
    if (answer.score.has_value() && applied.question->has_best_score_of_all()) {
      answer.gained = *answer.score - applied.question->best_score_of_all();
    }
    ApplyGrade(fold.live, graded);
  }
  fold.questions[static_cast<size_t>(answer.number - 1)].answers.push_back(fold.answers.size());
  fold.answers.push_back(answer);
}

FoldedQuestion& Folded(SessionFold& fold, const v1::LiveQuestion& question) {
  return fold.questions[static_cast<size_t>(NumberOf(fold.live, question) - 1)];
}

// Makes place for a question that has joined the plan.
void AddQuestion(SessionFold& fold, int32_t number) {
  fold.questions.insert(fold.questions.begin() + (number - 1), FoldedQuestion());
  for (FoldedAnswer& answer : fold.answers) {
    if (answer.number >= number) ++answer.number;
  }
}

}  // namespace

absl::string_view QuestionOf(const v1::EventPayload& payload) {
  switch (payload.kind_case()) {
    case Kind::kSubmitted:
      return payload.submitted().question();
    case Kind::kHintTaken:
      return payload.hint_taken().question();
    case Kind::kRevealed:
      return payload.revealed().question();
    case Kind::kRated:
      return payload.rated().question();
    case Kind::kSkipped:
      return payload.skipped().question();
    default:
      return "";
  }
}

bool CanonicallyBefore(const Event& a, const Event& b) {
  const auto place = [](const Event& event) {
    return std::tuple(absl::ToUnixMillis(event.occurred_time), absl::string_view(event.device),
                      event.device_seq, absl::string_view(event.event_id));
  };
  return place(a) < place(b);
}

const FoldedAnswer* SessionFold::FindAnswer(absl::string_view id) const {
  for (const FoldedAnswer& answer : answers) {
    if (answer.submitted->event_id == id) return &answer;
  }
  return nullptr;
}

std::optional<SessionFold> FoldSession(std::vector<Event> events) {
  SessionFold fold;
  fold.events = std::move(events);
  std::sort(fold.events.begin(), fold.events.end(), CanonicallyBefore);
  fold.events.erase(std::unique(fold.events.begin(), fold.events.end(),
                                [](const Event& a, const Event& b) { return a.event_id == b.event_id; }),
                    fold.events.end());
  const auto created = std::find_if(fold.events.begin(), fold.events.end(),
                                    [](const Event& event) { return event.payload.has_created(); });
  if (created == fold.events.end()) return std::nullopt;
  const SessionKey key = {created->learner, created->session};
  Begin(fold.live, *created);
  fold.questions.resize(static_cast<size_t>(fold.live.questions_size()));
  const std::map<std::string, const Event*> grades = CurrentGrades(fold.events);
  std::map<std::string, std::vector<std::string>> follow_ups;  // by the answer that caused them
  for (const Event& event : fold.events) {
    Note(fold.live, key, event);
    const std::optional<Applied> applied = Apply(fold.live, event);
    if (!applied.has_value()) continue;
    if (event.payload.has_submitted()) {
      const auto grade = grades.find(event.event_id);
      AddAnswer(fold, event, *applied, grade == grades.end() ? nullptr : grade->second);
    } else if (event.payload.has_follow_up_added()) {
      AddQuestion(fold, NumberOf(fold.live, *applied->question));
      const v1::FollowUpAdded& added = event.payload.follow_up_added();
      follow_ups[added.answer()].push_back(added.question());
    } else if (event.payload.has_questions_added()) {
      fold.questions.resize(static_cast<size_t>(fold.live.questions_size()));
    } else if (event.payload.has_hint_taken()) {
      fold.hint_numbers[event.event_id] = applied->question->hints_taken();
    } else if (event.payload.has_rated()) {
      const auto& claimed = event.payload.rated().claimed_points();
      FoldedQuestion& rated = Folded(fold, *applied->question);
      rated.claimed_points.assign(claimed.begin(), claimed.end());
      rated.ratings.push_back(&event);
    } else if (event.payload.has_revealed()) {
      Folded(fold, *applied->question).reveal = &event;
    } else if (event.payload.has_skipped()) {
      FoldedQuestion& skipped = Folded(fold, *applied->question);
      if (skipped.skip == nullptr) skipped.skip = &event;
    }
  }
  for (FoldedAnswer& answer : fold.answers) {
    const auto caused = follow_ups.find(answer.submitted->event_id);
    if (caused != follow_ups.end()) answer.follow_ups = std::move(caused->second);
  }
  return fold;
}

std::vector<const Event*> EarlierGrades(const SessionFold& fold, const FoldedAnswer& answer) {
  std::vector<const Event*> earlier;
  const Event* current = nullptr;
  for (const Event& event : fold.events) {
    if (!event.payload.has_graded() || event.payload.graded().answer() != answer.submitted->event_id)
      continue;
    if (current != nullptr && !GradeWins(event, *current)) continue;
    if (current != nullptr) earlier.push_back(current);
    current = &event;
  }
  std::reverse(earlier.begin(), earlier.end());
  return earlier;
}

const Event* GradersGrade(const SessionFold& fold, const FoldedAnswer& answer) {
  const Event* best = nullptr;
  for (const Event& event : fold.events) {
    const v1::Graded& graded = event.payload.graded();
    if (!event.payload.has_graded() || graded.answer() != answer.submitted->event_id) continue;
    if (graded.cause() == v1::GRADE_CAUSE_OVERRIDE) continue;
    if (best == nullptr || GradeWins(event, *best)) best = &event;
  }
  return best;
}

bool Advance(v1::LiveState& state, const SessionKey& key, const Event& event) {
  const bool at_the_end = absl::ToUnixMillis(event.occurred_time) > state.last_occurred_ms();
  Note(state, key, event);
  if (event.session != key.session) return true;
  if (event.payload.has_created()) return false;
  if (event.payload.has_graded()) {
    // A later grade may lower a best score, which the state alone cannot; a grade may also precede its answer.
    return event.payload.graded().cause() == v1::GRADE_CAUSE_INITIAL &&
           ApplyGrade(state, event.payload.graded());
  }
  if (event.payload.kind_case() == Kind::KIND_NOT_SET) return true;
  if (!at_the_end) return false;
  Apply(state, event);
  return true;
}

const v1::LiveQuestion* FindQuestion(const v1::LiveState& state, absl::string_view question) {
  for (const v1::LiveQuestion& candidate : state.questions()) {
    if (candidate.question() == question) return &candidate;
  }
  return nullptr;
}

Situation SituationOf(const v1::LiveState& state, const v1::LiveQuestion& question) {
  Situation situation;
  situation.mode = state.mode();
  situation.finished = state.state() == v1::SESSION_STATE_FINISHED;
  situation.paused = state.state() == v1::SESSION_STATE_PAUSED;
  situation.released = state.released();
  situation.time_is_up = state.out_of_time();
  situation.state = question.state();
  situation.revealed = question.revealed();
  return situation;
}

int64_t MovedByOthers(const v1::LiveQuestion& question, absl::string_view device, int64_t seen) {
  const uint32_t own = DeviceNumber(device);
  int64_t highest = 0;
  for (const v1::DeviceMark& mark : question.devices()) {
    if (mark.device() != own && mark.sequence() > seen) highest = std::max(highest, mark.sequence());
  }
  return highest;
}

std::optional<absl::Time> ExpiryOf(const v1::LiveState& state) {
  const bool time_runs = state.state() == v1::SESSION_STATE_ACTIVE && state.deadline_ms() != 0;
  if (state.state() == v1::SESSION_STATE_FINISHED || time_runs) return std::nullopt;
  return absl::FromUnixMillis(state.last_use_ms()) + kIdleExpiry;
}

}  // namespace greenroom::session
