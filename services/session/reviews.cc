// What waits for a person, and how questions are answered.
#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/base/page_token.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"
#include "services/session/domain/views.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/gradebook_handlers.h"
#include "services/session/gradebook_requests.h"

namespace greenroom::session {
namespace {

constexpr int kDefaultItems = 50;
constexpr int kMaxItems = 200;
constexpr size_t kFewestLearners = 5;
constexpr v1::ReviewReason kReasons[] = {v1::REVIEW_REASON_FAILED, v1::REVIEW_REASON_CLAIMED,
                                         v1::REVIEW_REASON_LOW_CONFIDENCE};

v1::ReviewItem ItemView(const ReviewRow& row) {
  v1::ReviewItem view;
  view.set_answer(AnswerName(row.session, row.need.answer));
  view.set_pack(row.pack);
  view.set_question(row.need.question);
  view.set_reason(row.need.reason);
  view.set_point(row.need.point);
  view.set_claimants(row.claimants);
  if (row.need.score.has_value()) view.set_score(*row.need.score);
  *view.mutable_receive_time() = ToTimestamp(row.need.received_time);
  return view;
}

ReviewPlace PlaceOf(const ReviewRow& row) {
  return {row.need.reason,
          row.claimants,
          row.pack,
          row.need.question,
          row.need.point,
          absl::ToUnixMillis(row.need.received_time),
          row.session.learner.learner,
          row.need.answer};
}

std::string CursorOf(const ReviewPlace& place) {
  return absl::StrJoin(
      {absl::StrCat(static_cast<int>(place.reason)), absl::StrCat(place.claimants),
       absl::StrCat(place.received_ms), place.pack, place.question, place.point, place.learner, place.answer},
      "\n");
}

absl::StatusOr<ReviewPlace> PlaceOf(const std::string& cursor) {
  ReviewPlace place;
  const std::vector<std::string> parts = absl::StrSplit(cursor, '\n');
  int reason = 0;
  if (parts.size() != 8 || !absl::SimpleAtoi(parts[0], &reason) || !v1::ReviewReason_IsValid(reason) ||
      !absl::SimpleAtoi(parts[1], &place.claimants) || !absl::SimpleAtoi(parts[2], &place.received_ms)) {
    return error::PageTokenInvalid();
  }
  place.reason = static_cast<v1::ReviewReason>(reason);
  place.pack = parts[3];
  place.question = parts[4];
  place.point = parts[5];
  place.learner = parts[6];
  place.answer = parts[7];
  return place;
}

}  // namespace

Task<absl::StatusOr<v1::ListReviewQueueResponse>> GradebookHandlers::ListReviewQueue(
    Call& call, const v1::ListReviewQueueRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const std::string tenant, ResolveTenant(request.parent(), "parent", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const std::string pack, ResolvePack(request.pack(), "pack", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultItems, kMaxItems));
  const std::vector<std::string> binding = {"review_queue", tenant, pack,
                                            absl::StrCat(static_cast<int>(request.reason()))};
  ASSIGN_OR_CO_RETURN_NOW(const std::string cursor, DecodePageToken(binding, request.page_token()));
  ReviewPlace begin;
  if (!cursor.empty()) {
    ASSIGN_OR_CO_RETURN_NOW(begin, PlaceOf(cursor));
  }

  v1::ListReviewQueueResponse response;
  ReviewPlace last;
  for (const v1::ReviewReason reason : kReasons) {
    if (request.reason() != v1::REVIEW_REASON_UNSPECIFIED && request.reason() != reason) continue;
    if (reason < begin.reason) continue;  // of pages before
    ReviewPlace after = reason == begin.reason ? begin : ReviewPlace();
    after.reason = reason;
    // One more than is wanted tells whether there is another page.
    const int wanted = size - response.items_size() + 1;
    absl::StatusOr<std::vector<ReviewRow>> rows =
        co_await parts_.store.ListReview(tenant, pack, std::move(after), wanted, call.deadline());
    if (!rows.ok()) co_return error::OfLog(rows.status());
    for (const ReviewRow& row : *rows) {
      if (response.items_size() == size) {
        response.set_next_page_token(EncodePageToken(binding, CursorOf(last)));
        co_return response;
      }
      last = PlaceOf(row);
      *response.add_items() = ItemView(row);
    }
  }
  co_return response;
}

Task<absl::StatusOr<v1::QuestionStats>> GradebookHandlers::GetQuestionStats(
    Call& call, const v1::GetQuestionStatsRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const std::string pack, ResolvePack(request.pack(), "pack", call.caller()));
  absl::StatusOr<std::vector<std::pair<std::string, ScoredAnswer>>> scored =
      co_await parts_.store.ListScored(call.caller().tenant, pack, request.question(), call.deadline());
  if (!scored.ok()) co_return error::OfLog(scored.status());

  v1::QuestionStats stats;
  stats.set_pack(pack);
  stats.set_question(request.question());
  std::set<std::string> learners;
  std::map<std::string, std::pair<int64_t, int64_t>> points;  // made, of how many
  int64_t sum = 0, first_sum = 0, firsts = 0;
  for (const auto& [learner, answer] : *scored) {
    learners.insert(learner);
    sum += answer.score;
    if (answer.attempt == 1) {
      first_sum += answer.score;
      ++firsts;
    }
    for (const auto& [item, made] : answer.made) {
      points[item].first += made ? 1 : 0;
      ++points[item].second;
    }
  }
  if (learners.size() < kFewestLearners) {
    stats.set_withheld(true);
    co_return stats;
  }
  stats.set_learners(static_cast<int32_t>(learners.size()));
  stats.set_attempts(static_cast<int32_t>(scored->size()));
  stats.set_mean_score(static_cast<double>(sum) / static_cast<double>(scored->size()));
  if (firsts > 0) stats.set_mean_first_score(static_cast<double>(first_sum) / static_cast<double>(firsts));
  for (const auto& [item, counts] : points) {
    v1::PointRate* rate = stats.add_points();
    rate->set_item(item);
    rate->set_made(static_cast<double>(counts.first) / static_cast<double>(counts.second));
  }
  co_return stats;
}

}  // namespace greenroom::session
