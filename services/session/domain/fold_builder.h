// Builds logs for tests of the fold.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_FOLD_BUILDER_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_FOLD_BUILDER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "services/session/domain/event.h"
#include "services/session/domain/wire_time.h"

namespace greenroom::session {

// Events of one session, each a second after the one before unless told otherwise.
class FoldBuilder {
 public:
  explicit FoldBuilder(v1::SessionMode mode = v1::SESSION_MODE_PRACTICE,
                       std::vector<std::string> questions = {"q1", "q2", "q3"}) {
    v1::EventPayload payload;
    payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
    payload.mutable_created()->set_mode(mode);
    for (std::string& question : questions) payload.mutable_created()->add_questions(std::move(question));
    Add(payload);
  }

  static std::string Id(int64_t number) {
    return absl::StrFormat("%08x-0000-4000-8000-000000000000", number);
  }
  static SessionKey Key() { return {{"acme", "ada"}, Id(1)}; }

  Event& Add(v1::EventPayload payload) {
    Event event;
    event.learner = Key().learner;
    event.seq = static_cast<int64_t>(events_.size()) + 1;
    event.event_id = Id(event.seq);
    event.session = Key().session;
    event.occurred_time = absl::FromUnixMillis(1700000000000 + 1000 * event.seq);
    event.received_time = event.occurred_time;
    event.payload = std::move(payload);
    event.kind = KindOf(event.payload);
    const bool the_servers = event.payload.has_graded() || event.payload.has_follow_up_added() ||
                             event.payload.has_question_started() || event.payload.has_released() ||
                             event.payload.submitted().auto_submitted() ||
                             event.payload.finished().out_of_time() || event.payload.finished().expired();
    if (!the_servers) event.content_sha256 = std::string(64, 'c');
    events_.push_back(std::move(event));
    return events_.back();
  }
  Event& Submit(const std::string& question, const std::string& text = "text") {
    v1::EventPayload payload;
    payload.mutable_submitted()->set_question(question);
    payload.mutable_submitted()->set_text(text);
    return Add(payload);
  }
  Event& Grade(const std::string& answer, int32_t score, v1::GradeCause cause = v1::GRADE_CAUSE_INITIAL,
               int32_t number = 0) {
    v1::EventPayload payload;
    payload.mutable_graded()->set_answer(answer);
    payload.mutable_graded()->set_cause(cause);
    payload.mutable_graded()->set_regrade_number(number);
    payload.mutable_graded()->mutable_report()->set_score(score);
    return Add(payload);
  }
  // Submits and grades; gives the answer's id.
  std::string Answer(const std::string& question, int32_t score) {
    std::string id = Submit(question).event_id;
    Grade(id, score);
    return id;
  }
  Event& Hint(const std::string& question) {
    v1::EventPayload payload;
    payload.mutable_hint_taken()->set_question(question);
    return Add(payload);
  }
  Event& Reveal(const std::string& question) {
    v1::EventPayload payload;
    payload.mutable_revealed()->set_question(question);
    return Add(payload);
  }
  Event& Rate(const std::string& question, v1::Rating rating, std::vector<std::string> claimed = {}) {
    v1::EventPayload payload;
    payload.mutable_rated()->set_question(question);
    payload.mutable_rated()->set_rating(rating);
    for (std::string& point : claimed) payload.mutable_rated()->add_claimed_points(std::move(point));
    return Add(payload);
  }
  Event& Skip(const std::string& question) {
    v1::EventPayload payload;
    payload.mutable_skipped()->set_question(question);
    return Add(payload);
  }
  Event& FollowUp(const std::string& parent, const std::string& question, const std::string& answer = "",
                  int32_t variant = 0) {
    v1::EventPayload payload;
    payload.mutable_follow_up_added()->set_parent(parent);
    payload.mutable_follow_up_added()->set_question(question);
    payload.mutable_follow_up_added()->set_answer(answer);
    payload.mutable_follow_up_added()->set_variant(variant);
    return Add(payload);
  }
  Event& Finish() {
    v1::EventPayload payload;
    payload.mutable_finished();
    return Add(payload);
  }

  Event& Start(const std::string& question) {
    v1::EventPayload payload;
    payload.mutable_question_started()->set_question(question);
    return Add(payload);
  }
  Event& Pause() {
    v1::EventPayload payload;
    payload.mutable_paused();
    return Add(payload);
  }
  Event& Resume() {
    v1::EventPayload payload;
    payload.mutable_resumed();
    return Add(payload);
  }
  Event& Release() {
    v1::EventPayload payload;
    payload.mutable_released();
    return Add(payload);
  }
  Event& AddQuestions(std::vector<std::string> questions) {
    v1::EventPayload payload;
    for (std::string& one : questions) payload.mutable_questions_added()->add_questions(std::move(one));
    return Add(payload);
  }
  // What the clock does: the draft of the question becomes its answer, it is left, the session ends.
  Event& SubmitDraft(const std::string& question) {
    v1::EventPayload payload;
    payload.mutable_submitted()->set_question(question);
    payload.mutable_submitted()->set_text("draft");
    payload.mutable_submitted()->set_auto_submitted(true);
    return Add(payload);
  }
  Event& Leave(const std::string& question) {
    Event& event = Skip(question);
    event.content_sha256.clear();
    return event;
  }
  Event& RunOut() {
    v1::EventPayload payload;
    payload.mutable_finished()->set_out_of_time(true);
    return Add(payload);
  }

  std::vector<Event>& events() { return events_; }
  const std::vector<Event>& events() const { return events_; }

 private:
  std::vector<Event> events_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_FOLD_BUILDER_H_
