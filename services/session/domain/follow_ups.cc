#include "services/session/domain/follow_ups.h"

#include <algorithm>
#include <set>

#include "services/session/domain/deadlines.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/plan.h"

namespace greenroom::session {
namespace {

using content::v1::Question;

// "Made" is credit of at least this (greenroom/scoring/v1/report.proto).
constexpr double kMade = 0.5;

int IndexOf(const v1::LiveState& state, absl::string_view question) {
  for (int i = 0; i < state.questions_size(); ++i) {
    if (state.questions(i).question() == question) return i;
  }
  return -1;
}

bool TakesFollowUps(const v1::LiveState& state) {
  const bool mode = state.mode() == v1::SESSION_MODE_PRACTICE || state.mode() == v1::SESSION_MODE_MOCK;
  return mode && !state.no_follow_ups() && state.state() != v1::SESSION_STATE_FINISHED;
}

void CollectMissed(const google::protobuf::RepeatedPtrField<scoring::v1::ItemResult>& items,
                   std::set<std::string>& missed) {
  for (const scoring::v1::ItemResult& item : items) {
    if (item.credit() < kMade) missed.insert(item.id());
    CollectMissed(item.members(), missed);
  }
}

// Once everything was done with the question: its flags and counts, a reveal's sequence, two devices; and its times.
size_t GrownBytes(const v1::LiveState& state, const std::string& question) {
  return question.size() + 64 + (IsTimed(state.mode()) ? 24 : 0);
}

size_t GrownBytes(const v1::LiveState& state) {
  constexpr size_t kRest = 128;    // times, sequence, seed
  constexpr size_t kPending = 52;  // an answer's id and three numbers
  size_t bytes = kRest + state.revision().size() + state.assignment().size();
  for (const auto& [key, value] : state.labels()) bytes += key.size() + value.size() + 10;
  for (const v1::LiveQuestion& question : state.questions()) bytes += GrownBytes(state, question.question());
  return bytes + kPending * (static_cast<size_t>(state.pending_size()) + 1);
}

}  // namespace

int32_t AddFollowUp(v1::LiveState& state, const v1::FollowUpAdded& added) {
  const int parent = IndexOf(state, added.parent());
  const bool applies = state.state() != v1::SESSION_STATE_FINISHED && parent >= 0 &&
                       !added.question().empty() && IndexOf(state, added.question()) < 0;
  if (!applies) return 0;
  const int32_t depth = state.questions(parent).depth();
  int place = parent + 1;
  while (place < state.questions_size() && state.questions(place).depth() > depth) ++place;
  v1::LiveQuestion* question = state.add_questions();
  question->set_question(added.question());
  question->set_state(v1::QUESTION_STATE_OPEN);
  question->set_depth(depth + 1);
  question->set_variant(added.variant());
  question->set_time_limit_ms(state.questions(parent).time_limit_ms());
  for (int i = state.questions_size() - 1; i > place; --i) state.mutable_questions()->SwapElements(i, i - 1);
  const int32_t number = place + 1;
  for (v1::PendingAnswer& pending : *state.mutable_pending()) {
    if (pending.number() >= number) pending.set_number(pending.number() + 1);
  }
  return number;
}

std::vector<std::string> ParentsOf(const v1::LiveState& state) {
  std::vector<std::string> parents;
  std::vector<const v1::LiveQuestion*> above;  // the last question of each depth
  for (const v1::LiveQuestion& question : state.questions()) {
    const size_t depth = std::min(static_cast<size_t>(std::max(question.depth(), 0)), above.size());
    parents.push_back(depth == 0 ? "" : above[depth - 1]->question());
    above.resize(depth);
    above.push_back(&question);
  }
  return parents;
}

bool MayAddFollowUps(const v1::LiveState& state, absl::string_view question) {
  const v1::LiveQuestion* planned = FindQuestion(state, question);
  return TakesFollowUps(state) && planned != nullptr && planned->attempts() == 0 && !planned->revealed();
}

std::string QuestionOfFirstAnswer(const v1::LiveState& state, absl::string_view answer) {
  if (!TakesFollowUps(state)) return "";
  for (const v1::PendingAnswer& pending : state.pending()) {
    if (pending.answer() == answer && pending.first())
      return state.questions(pending.number() - 1).question();
  }
  return "";
}

bool MissedSomething(const scoring::v1::Report& report) {
  std::set<std::string> missed;
  CollectMissed(report.items(), missed);
  return !missed.empty();
}

std::vector<v1::EventPayload> FollowUpsOf(const v1::LiveState& state, const std::vector<Question>& revision,
                                          absl::string_view question, const v1::Graded& graded) {
  const auto find = [&](absl::string_view id) {
    return std::find_if(revision.begin(), revision.end(),
                        [&](const Question& one) { return one.id() == id; });
  };
  std::vector<v1::EventPayload> follow_ups;
  const auto asked = find(question);
  if (asked == revision.end()) return follow_ups;
  std::set<std::string> missed;
  CollectMissed(graded.report().items(), missed);
  std::set<std::string> planned;
  for (const v1::LiveQuestion& one : state.questions()) planned.insert(one.question());
  size_t bytes = GrownBytes(state);
  for (const content::v1::FollowUp& follow_up : asked->follow_ups()) {
    const auto& named = follow_up.when_missed();
    const bool caused = std::any_of(named.begin(), named.end(),
                                    [&](const std::string& item) { return missed.contains(item); });
    const auto content = find(follow_up.question());
    if (!caused || content == revision.end() || planned.contains(follow_up.question())) continue;
    bytes += GrownBytes(state, follow_up.question());
    if (bytes > kMaxLiveBytes) break;
    planned.insert(follow_up.question());
    v1::FollowUpAdded& added = *follow_ups.emplace_back().mutable_follow_up_added();
    added.set_parent(asked->id());
    added.set_question(follow_up.question());
    added.set_answer(graded.answer());
    if (state.vary_prompts()) {
      added.set_variant(DrawForm(state.seed(), follow_up.question(), content->variants_size()));
    }
  }
  return follow_ups;
}

}  // namespace greenroom::session
