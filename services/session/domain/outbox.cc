#include "services/session/domain/outbox.h"

#include <algorithm>

#include "services/session/domain/content_hash.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/wire_time.h"

namespace greenroom::session {
namespace {

using ItemAct = v1::OutboxItem::ActCase;

// The device's time to the millisecond, towards the past: the resolution of the log.
absl::Time OccurredTime(const google::protobuf::Timestamp& time) {
  return ToWholeMillis(absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos()));
}

void FillBegin(const v1::OfflineSession& begin, Event& event) {
  v1::Created& created = *event.payload.mutable_created();
  created.set_revision(begin.revision());
  created.set_mode(begin.mode());
  *created.mutable_questions() = begin.questions();
  const bool varied =
      std::any_of(begin.variants().begin(), begin.variants().end(), [](int32_t form) { return form != 0; });
  if (varied) *created.mutable_variants() = begin.variants();

  v1::CreateSessionRequest online;
  online.set_mode(begin.mode());
  *online.mutable_questions() = begin.questions();
  event.content_sha256 = ContentOfBegin(online, begin.revision(), created.variants());
}

void FillAnswer(const v1::OfflineAnswer& answer, Event& event) {
  v1::Submitted& submitted = *event.payload.mutable_submitted();
  submitted.set_question(answer.question());
  submitted.set_text(answer.text());
  // Values that a newer client knows are unspecified here.
  if (v1::Confidence_IsValid(answer.confidence())) submitted.set_confidence(answer.confidence());
  if (v1::InputMethod_IsValid(answer.input())) submitted.set_input(answer.input());
  if (answer.has_active_duration()) *submitted.mutable_active_duration() = answer.active_duration();
  if (answer.has_shown_time()) *submitted.mutable_shown_time() = answer.shown_time();

  v1::SubmitAnswerRequest online;
  online.set_question(answer.question());
  online.set_text(answer.text());
  online.set_confidence(answer.confidence());
  online.set_input(answer.input());
  if (answer.has_active_duration()) *online.mutable_active_duration() = answer.active_duration();
  if (answer.has_shown_time()) *online.mutable_shown_time() = answer.shown_time();
  event.content_sha256 = ContentOfSubmit(online, event.session);
}

void FillRating(const v1::OfflineRating& rating, Event& event) {
  v1::Rated& rated = *event.payload.mutable_rated();
  rated.set_question(rating.question());
  rated.set_answer(rating.answer());
  rated.set_rating(rating.rating());
  *rated.mutable_claimed_points() = rating.claimed_points();

  v1::RateAnswerRequest online;
  online.set_question(rating.question());
  online.set_rating(rating.rating());
  *online.mutable_claimed_points() = rating.claimed_points();
  event.content_sha256 = ContentOfRate(online, event.session, rating.answer());
}

}  // namespace

Event EventOf(const LearnerKey& learner, const std::string& device, const v1::OutboxItem& item) {
  Event event;
  event.learner = learner;
  event.event_id = item.id();
  event.session = item.session();
  event.occurred_time = OccurredTime(item.occurred_time());
  event.device = device;
  event.device_seq = item.device_seq();
  switch (item.act_case()) {
    case ItemAct::kBegin:
      FillBegin(item.begin(), event);
      break;
    case ItemAct::kAnswer:
      FillAnswer(item.answer(), event);
      break;
    case ItemAct::kHint: {
      event.payload.mutable_hint_taken()->set_question(item.hint().question());
      v1::TakeHintRequest online;
      online.set_question(item.hint().question());
      event.content_sha256 = ContentOfHint(online, event.session);
      break;
    }
    case ItemAct::kReveal: {
      event.payload.mutable_revealed()->set_question(item.reveal().question());
      v1::RevealAnswerRequest online;
      online.set_question(item.reveal().question());
      event.content_sha256 = ContentOfReveal(online, event.session);
      break;
    }
    case ItemAct::kRating:
      FillRating(item.rating(), event);
      break;
    case ItemAct::kSkip: {
      event.payload.mutable_skipped()->set_question(item.skip().question());
      v1::SkipQuestionRequest online;
      online.set_question(item.skip().question());
      event.content_sha256 = ContentOfSkip(online, event.session);
      break;
    }
    case ItemAct::kFinish:
      event.payload.mutable_finished();
      event.content_sha256 = ContentOfFinish(event.session);
      break;
    case ItemAct::ACT_NOT_SET:
      break;
  }
  event.kind = KindOf(event.payload);
  return event;
}

bool IsOutOfTime(const v1::LiveState& state, absl::string_view question, absl::Time now) {
  if (!IsTimed(state.mode())) return false;
  if (state.state() == v1::SESSION_STATE_FINISHED || IsTimeUp(state, now)) return true;
  const v1::LiveQuestion* planned = FindQuestion(state, question);
  return planned != nullptr && IsTimeUp(state, *planned, now);
}

}  // namespace greenroom::session
