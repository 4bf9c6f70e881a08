// Builds a learner's log of many sessions, for tests and benchmarks of what is folded from it.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_LEARNER_LOG_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_LEARNER_LOG_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/session/domain/event.h"
#include "services/session/domain/wire_time.h"

namespace greenroom::session {

class LearnerLog {
 public:
  static LearnerKey Learner() { return {"acme", "ada"}; }
  static std::string Pack(const std::string& id = "p") { return "tenants/acme/packs/" + id; }

  // Every event is a minute after the one before, unless At says otherwise.
  LearnerLog& At(absl::Time time) {
    now_ = time;
    return *this;
  }
  absl::Time now() const { return now_; }

  Event& Add(std::string session, v1::EventPayload payload) {
    Event event;
    event.learner = Learner();
    event.seq = static_cast<int64_t>(events_.size()) + 1;
    event.event_id = absl::StrFormat("%08x-0000-4000-8000-000000000000", event.seq);
    event.session = payload.has_created() ? event.event_id : std::move(session);
    event.occurred_time = now_;
    event.received_time = now_;
    event.kind = KindOf(payload);
    event.payload = std::move(payload);
    events_.push_back(std::move(event));
    now_ += absl::Minutes(1);
    return events_.back();
  }

  // The session's id.
  std::string Begin(std::vector<std::string> questions, v1::SessionMode mode = v1::SESSION_MODE_PRACTICE,
                    const std::string& pack = "p") {
    v1::EventPayload payload;
    payload.mutable_created()->set_revision(Pack(pack) + "/revisions/r1");
    payload.mutable_created()->set_mode(mode);
    for (std::string& question : questions) payload.mutable_created()->add_questions(std::move(question));
    return Add("", std::move(payload)).event_id;
  }
  // The answer's id.
  std::string Submit(const std::string& session, const std::string& question,
                     v1::Confidence confidence = v1::CONFIDENCE_UNSPECIFIED) {
    v1::EventPayload payload;
    payload.mutable_submitted()->set_question(question);
    payload.mutable_submitted()->set_text("text");
    payload.mutable_submitted()->set_confidence(confidence);
    return Add(session, std::move(payload)).event_id;
  }
  // The report may still be changed until the next call.
  v1::Graded& Grade(const std::string& session, const std::string& answer, int32_t score,
                    v1::GradeCause cause = v1::GRADE_CAUSE_INITIAL, int32_t number = 0) {
    v1::EventPayload payload;
    payload.mutable_graded()->set_answer(answer);
    payload.mutable_graded()->set_cause(cause);
    payload.mutable_graded()->set_regrade_number(number);
    payload.mutable_graded()->mutable_report()->set_score(score);
    return *Add(session, std::move(payload)).payload.mutable_graded();
  }
  std::string Answer(const std::string& session, const std::string& question, int32_t score,
                     v1::Confidence confidence = v1::CONFIDENCE_UNSPECIFIED) {
    std::string answer = Submit(session, question, confidence);
    Grade(session, answer, score);
    return answer;
  }
  // A session with one answer of that score.
  void Practise(const std::string& question, int32_t score,
                v1::Confidence confidence = v1::CONFIDENCE_UNSPECIFIED, const std::string& pack = "p") {
    Answer(Begin({question}, v1::SESSION_MODE_PRACTICE, pack), question, score, confidence);
  }
  // A session that only reveals and rates: the rating is the review's.
  void RevealAndRate(const std::string& question, int rating) {
    const std::string session = Begin({question});
    Reveal(session, question);
    Rate(session, question, static_cast<v1::Rating>(rating));
  }
  void Hint(const std::string& session, const std::string& question) {
    v1::EventPayload payload;
    payload.mutable_hint_taken()->set_question(question);
    Add(session, std::move(payload));
  }
  // The event's id, as of Skip.
  std::string Reveal(const std::string& session, const std::string& question) {
    v1::EventPayload payload;
    payload.mutable_revealed()->set_question(question);
    return Add(session, std::move(payload)).event_id;
  }
  void Rate(const std::string& session, const std::string& question, v1::Rating rating,
            const std::string& answer = "") {
    v1::EventPayload payload;
    payload.mutable_rated()->set_question(question);
    payload.mutable_rated()->set_rating(rating);
    payload.mutable_rated()->set_answer(answer);
    Add(session, std::move(payload));
  }
  std::string Skip(const std::string& session, const std::string& question) {
    v1::EventPayload payload;
    payload.mutable_skipped()->set_question(question);
    return Add(session, std::move(payload)).event_id;
  }
  void Set(const v1::LearnerSettings& settings, const std::vector<std::string>& mask) {
    v1::EventPayload payload;
    *payload.mutable_settings_changed()->mutable_settings() = settings;
    for (const std::string& path : mask)
      payload.mutable_settings_changed()->mutable_update_mask()->add_paths(path);
    Add("", std::move(payload));
  }
  void Import(const std::string& question, double stability, double difficulty, absl::Time last_review,
              int32_t reviews = 1) {
    v1::EventPayload payload;
    v1::ImportedMemory& item = *payload.mutable_memory_imported()->add_items();
    item.set_pack(Pack());
    item.set_question(question);
    item.set_stability(stability);
    item.set_difficulty(difficulty);
    *item.mutable_last_review_time() = ToTimestamp(last_review);
    item.set_reviews(reviews);
    Add("", std::move(payload));
  }

  std::vector<Event>& events() { return events_; }
  const std::vector<Event>& events() const { return events_; }

 private:
  absl::Time now_ = absl::FromUnixMillis(1700042400000);  // 2023-11-15 10:00 UTC
  std::vector<Event> events_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_LEARNER_LOG_H_
