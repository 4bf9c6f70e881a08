#include "services/session/domain/review_index.h"

#include <set>
#include <utility>

#include "services/session/domain/views.h"

namespace greenroom::session {
namespace {

constexpr double kMade = 0.5;

void NoteMade(const scoring::v1::ItemResult& item, std::map<std::string, bool>& made) {
  if (!item.id().empty()) made[item.id()] = item.credit() >= kMade;
  for (const scoring::v1::ItemResult& member : item.members()) NoteMade(member, made);
}

std::map<std::string, bool> MadeIn(const scoring::v1::Report& report) {
  std::map<std::string, bool> made;
  for (const scoring::v1::ItemResult& item : report.items()) NoteMade(item, made);
  for (const scoring::v1::ItemResult& tip : report.tips()) NoteMade(tip, made);
  return made;
}

ReviewNeed NeedOf(const FoldedAnswer& answer, v1::ReviewReason reason, std::string point = "") {
  ReviewNeed need;
  need.answer = answer.submitted->event_id;
  need.question = answer.submitted->payload.submitted().question();
  need.reason = reason;
  need.point = std::move(point);
  need.score = answer.score;
  need.received_time = answer.submitted->received_time;
  return need;
}

// The question's last answer before the reveal; nullptr where there is none.
const FoldedAnswer* ClaimedAnswer(const SessionFold& fold, const FoldedQuestion& question) {
  const FoldedAnswer* last = nullptr;
  for (size_t index : question.answers) {
    if (!fold.answers[index].after_reveal) last = &fold.answers[index];
  }
  return last;
}

bool IsDecided(const FoldedAnswer& answer) {
  return answer.grade->payload.graded().cause() == v1::GRADE_CAUSE_OVERRIDE;
}

}  // namespace

SessionIndex IndexOf(const SessionKey& session, const SessionFold& fold) {
  SessionIndex index;
  index.session = session;
  index.pack = PackOfRevision(fold.live.revision());
  for (const FoldedAnswer& answer : fold.answers) {
    if (answer.after_reveal || answer.grade == nullptr) continue;
    const v1::Graded& graded = answer.grade->payload.graded();
    if (answer.score.has_value()) {
      index.scored.push_back({answer.submitted->event_id, answer.submitted->payload.submitted().question(),
                              answer.attempt, *answer.score, answer.submitted->received_time,
                              MadeIn(graded.report())});
    }
    if (IsDecided(answer)) continue;
    if (!graded.has_report()) {
      index.needs.push_back(NeedOf(answer, v1::REVIEW_REASON_FAILED));
    } else if (graded.report().confidence() == scoring::v1::GRADE_CONFIDENCE_LOW) {
      index.needs.push_back(NeedOf(answer, v1::REVIEW_REASON_LOW_CONFIDENCE));
    }
  }
  for (const FoldedQuestion& question : fold.questions) {
    const FoldedAnswer* answer = ClaimedAnswer(fold, question);
    if (answer == nullptr || answer->grade == nullptr || IsDecided(*answer)) continue;
    const std::map<std::string, bool> made = MadeIn(answer->grade->payload.graded().report());
    const std::set<std::string> claimed(question.claimed_points.begin(), question.claimed_points.end());
    for (const std::string& point : claimed) {
      const auto found = made.find(point);
      if (found == made.end() || found->second) continue;  // no point of the rubric, or found
      index.needs.push_back(NeedOf(*answer, v1::REVIEW_REASON_CLAIMED, point));
    }
  }
  return index;
}

}  // namespace greenroom::session
