#include "services/session/domain/sync_changes.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "services/session/domain/digest.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/views.h"

namespace greenroom::session {
namespace {

struct Seen {
  std::optional<v1::Session> session;
  std::vector<v1::Answer> answers;  // those that count in canonical order, then those that do not
};

// What does not count is shown as it was acknowledged: before any reveal, and without a grade.
v1::Answer UncountedView(const SessionKey& key, const v1::LiveState& state, const Event& event) {
  FoldedAnswer answer;
  answer.submitted = &event;
  Situation situation;
  situation.mode = state.mode();
  situation.released = state.released();
  return AnswerView(key, answer, SightOfLearner(situation), true);
}

Seen SeenAt(const SessionKey& key, const std::vector<Event>& events, int64_t seq) {
  std::vector<Event> known;
  for (const Event& event : events) {
    if (event.seq <= seq) known.push_back(event);
  }
  const std::optional<SessionFold> fold = FoldSession(std::move(known));
  Seen seen;
  if (!fold.has_value()) return seen;
  seen.session = SessionView(key, fold->live, Reader::kLearner);
  for (const FoldedAnswer& answer : fold->answers) {
    const Sight sight = SightOf(fold->live, answer.number, Reader::kLearner);
    seen.answers.push_back(AnswerView(key, answer, sight, true));
  }
  for (const Event& event : fold->events) {
    if (!event.payload.has_submitted() || fold->FindAnswer(event.event_id) != nullptr) continue;
    seen.answers.push_back(UncountedView(key, fold->live, event));
  }
  return seen;
}

// Of those that the event names; empty where it names none. `answered` are questions by their answers' ids.
std::string QuestionNamed(const v1::EventPayload& payload,
                          const std::map<std::string, std::string>& answered) {
  if (payload.has_question_started()) return payload.question_started().question();
  if (!payload.has_graded()) return std::string(QuestionOf(payload));
  const auto answer = answered.find(payload.graded().answer());
  return answer == answered.end() ? "" : answer->second;
}

}  // namespace

TouchedQuestions QuestionsTouched(const std::vector<Event>& events, int64_t from, int64_t to) {
  TouchedQuestions touched;
  const auto created = std::find_if(events.begin(), events.end(), [&](const Event& event) {
    return event.payload.has_created() && event.seq <= to;
  });
  if (created == events.end()) return touched;
  const v1::Created& begun = created->payload.created();
  touched.pack = PackOfRevision(begun.revision());
  touched.examined = begun.mode() == v1::SESSION_MODE_EXAM;

  bool released = false;
  std::map<std::string, std::string> answered;
  std::set<std::string> reviewed;
  for (const Event& event : events) {
    if (event.seq > to) continue;
    const v1::EventPayload& payload = event.payload;
    released = released || payload.has_released();
    if (payload.has_submitted()) answered[event.event_id] = payload.submitted().question();
    const bool skipped = payload.has_skipped() && begun.mode() == v1::SESSION_MODE_REVIEW;
    if (payload.has_submitted() || payload.has_revealed() || skipped) reviewed.emplace(QuestionOf(payload));
  }
  if (touched.examined && !released) return touched;
  for (const Event& event : events) {
    if (event.seq <= from || event.seq > to) continue;
    const std::string question = QuestionNamed(event.payload, answered);
    if (question.empty()) {
      touched.questions = std::move(reviewed);
      return touched;
    }
    if (reviewed.contains(question)) touched.questions.insert(question);
  }
  return touched;
}

std::vector<v1::LearnerChange> ChangesOf(const SessionKey& key, const std::vector<Event>& events,
                                         int64_t from, int64_t to) {
  std::map<std::string, std::string> before;  // by name
  for (const v1::Answer& answer : SeenAt(key, events, from).answers) {
    before[answer.name()] = DeterministicBytes(answer);
  }
  Seen now = SeenAt(key, events, to);
  std::vector<v1::LearnerChange> changes;
  if (!now.session.has_value()) return changes;
  *changes.emplace_back().mutable_session() = *std::move(now.session);
  for (v1::Answer& answer : now.answers) {
    const auto old = before.find(answer.name());
    if (old != before.end() && old->second == DeterministicBytes(answer)) continue;
    *changes.emplace_back().mutable_answer() = std::move(answer);
  }
  return changes;
}

}  // namespace greenroom::session
