// The review queue and the statistics of questions: what the indexer makes of the logs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/testing/gradebook_test.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReviewTest : public GradebookTest {
 protected:
  void Index() {
    server_.clock.Advance(absl::Seconds(30));
    while (server_.reviews.RunOnce()) {
    }
  }
  // "REASON question learner point claimants"
  std::vector<std::string> Read(v1::ListReviewQueueRequest request = {}) {
    std::vector<std::string> rows;
    do {
      auto page = Queue(request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return rows;
      for (const v1::ReviewItem& item : page->items()) {
        const std::string learner = item.answer().substr(22, item.answer().find('/', 22) - 22);
        std::string row =
            absl::StrCat(v1::ReviewReason_Name(item.reason()).substr(14), " ", item.question(), " ", learner);
        if (!item.point().empty()) absl::StrAppend(&row, " ", item.point(), " ", item.claimants());
        rows.push_back(std::move(row));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return rows;
  }
  void Claim(const std::string& learner, const std::string& question,
             const std::vector<std::string>& points) {
    const As as{"acme", learner};
    const std::string session = Create(++ids_, as);
    ASSERT_OK(Submit(session, ++ids_, question, "words", as));
    auto request = Act<v1::RateAnswerRequest>(session, ++ids_, question);
    request.set_rating(v1::RATING_GOOD);
    for (const std::string& point : points) request.add_claimed_points(point);
    ASSERT_OK(Call(&Stub::RateAnswer, request, as));
    server_.clock.Advance(absl::Seconds(1));
  }
  // Points that IdProblem allows.
  static scoring::v1::Report Report(const std::string& question, double made) {
    scoring::v1::Report report = MarkedReport(question, static_cast<int32_t>(100 * made));
    report.mutable_items(0)->set_id("noise");
    report.mutable_items(0)->set_credit(made);
    report.mutable_items(1)->set_id("unseen");
    return report;
  }
  int ids_ = 100;
};

TEST_F(ReviewTest, FailuresFirstThenClaimsByHowManyMakeThemThenDoubts) {
  server_.grader.set_grading(
      [](const std::string& question, const std::string& answer) -> absl::StatusOr<scoring::v1::Report> {
        if (answer == "fails") {
          return ErrorBuilder(absl::StatusCode::kNotFound, "QUESTION_NOT_FOUND", "none").Build();
        }
        scoring::v1::Report report = Report(question, 0);
        if (answer == "doubt") report.set_confidence(scoring::v1::GRADE_CONFIDENCE_LOW);
        return report;
      });
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1", "doubt"));
  ASSERT_OK(Submit(session, 3, "q2", "fails"));
  Claim("bob", "q3", {"noise"});
  Claim("cyd", "q3", {"unseen", "noise"});
  Claim("dan", "q1", {"unseen"});
  EXPECT_THAT(Read(), IsEmpty());  // not looked at yet
  Index();
  const std::vector<std::string> all = {"FAILED q2 ada",           "CLAIMED q3 bob noise 2",
                                        "CLAIMED q3 cyd noise 2",  "CLAIMED q1 dan unseen 1",
                                        "CLAIMED q3 cyd unseen 1", "LOW_CONFIDENCE q1 ada"};
  EXPECT_EQ(Read(), all);
  for (const int size : {1, 2, 3, 5}) {
    v1::ListReviewQueueRequest paged;
    paged.set_page_size(size);
    EXPECT_EQ(Read(paged), all) << size;
  }
  v1::ListReviewQueueRequest doubts;
  doubts.set_reason(v1::REVIEW_REASON_LOW_CONFIDENCE);
  EXPECT_THAT(Read(doubts), ElementsAre("LOW_CONFIDENCE q1 ada"));
  v1::ListReviewQueueRequest elsewhere;
  elsewhere.set_pack("tenants/-/packs/other");
  EXPECT_THAT(Read(elsewhere), IsEmpty());

  // A person decides, and it is gone.
  ASSERT_OK(Override(ScoreOf(AnswerPath(session, 3), 10, 50)));
  ASSERT_OK(Override(ScoreOf(AnswerPath(session, 2), 11, 50)));
  Index();
  EXPECT_EQ(Read(), std::vector<std::string>(all.begin() + 1, all.end() - 1));
}

TEST_F(ReviewTest, StatisticsNeedFiveLearners) {
  server_.grader.set_grading([](const std::string& question, const std::string& answer) {
    return Report(question, answer == "good" ? 1 : 0);
  });
  const auto practise = [&](int learner) {
    const As as{"acme", absl::StrCat("learner-", learner)};
    const std::string session = Create(++ids_, as);
    ASSERT_OK(Submit(session, ++ids_, "q1", "poor", as));
    ASSERT_OK(Submit(session, ++ids_, "q1", "good", as));
  };
  for (int i = 0; i < 4; ++i) practise(i);
  practise(0);
  Index();
  auto stats = Stats("q1");
  ASSERT_OK(stats);
  EXPECT_TRUE(stats->withheld());
  EXPECT_EQ(stats->attempts(), 0);
  EXPECT_EQ(stats->points_size(), 0);
  practise(4);
  Index();
  stats = Stats("q1");
  ASSERT_OK(stats);
  EXPECT_FALSE(stats->withheld());
  EXPECT_EQ(stats->learners(), 5);
  EXPECT_EQ(stats->attempts(), 12);
  EXPECT_EQ(stats->mean_score(), 50);
  EXPECT_EQ(stats->mean_first_score(), 0);
  ASSERT_EQ(stats->points_size(), 2);
  EXPECT_EQ(stats->points(0).item(), "noise");
  EXPECT_EQ(stats->points(0).made(), 0.5);
  EXPECT_EQ(stats->points(1).made(), 0);
  EXPECT_TRUE(Stats("q2")->withheld());
}

TEST_F(ReviewTest, TheIndexFollowsWhateverFails) {
  Claim("bob", "q1", {"unseen"});
  server_.grader.set_grading(
      [](const std::string& question, const std::string&) { return Report(question, 0); });
  Claim("cyd", "q1", {"unseen"});
  EXPECT_FALSE(server_.reviews.RunOnce());  // too young
  server_.clock.Advance(absl::Seconds(30));
  server_.log.gate().Fail("ReadSession", absl::UnavailableError("down"), 1);
  EXPECT_FALSE(server_.reviews.RunOnce());
  server_.gradebook_store.gate().Fail("SaveIndex", absl::UnavailableError("down"), 1);
  EXPECT_FALSE(server_.reviews.RunOnce());
  ReviewIndexer other(server_.gradebook_store, server_.log, server_.clock, server_.rng, server_.logger);
  EXPECT_FALSE(other.RunOnce());  // the first one holds it
  EXPECT_THAT(Read(), IsEmpty());
  server_.clock.Advance(absl::Seconds(61));
  EXPECT_FALSE(other.RunOnce());
  EXPECT_THAT(Read(), ElementsAre("CLAIMED q1 cyd unseen 1"));
}

TEST_F(ReviewTest, NeverALearnersAndNeverAnotherTenants) {
  const As learner{"acme", "ada"};
  EXPECT_REASON(Queue({}, learner), kPermissionDenied, "ROLE_FORBIDS");
  EXPECT_REASON(Stats("q1", learner), kPermissionDenied, "ROLE_FORBIDS");
  v1::ListReviewQueueRequest theirs;
  theirs.set_parent("tenants/rival");
  EXPECT_REASON(Queue(theirs), kNotFound, "PACK_NOT_FOUND");
  theirs.set_parent("tenants/-");
  theirs.set_pack("tenants/rival/packs/ml");
  EXPECT_REASON(Queue(theirs), kNotFound, "PACK_NOT_FOUND");
}

TEST_F(ReviewTest, EveryFieldIsChecked) {
  v1::ListReviewQueueRequest request;
  request.set_parent("x");
  EXPECT_REASON(Queue(request), kInvalidArgument, "INVALID_REQUEST");
  request.set_parent("tenants/-");
  request.set_page_size(-1);
  EXPECT_REASON(Queue(request), kInvalidArgument, "INVALID_REQUEST");
  request.set_page_size(0);
  request.set_pack("x");
  EXPECT_REASON(Queue(request), kInvalidArgument, "INVALID_REQUEST");
  request.clear_pack();
  request.set_reason(static_cast<v1::ReviewReason>(9));
  EXPECT_REASON(Queue(request), kInvalidArgument, "INVALID_REQUEST");
  request.set_reason(v1::REVIEW_REASON_UNSPECIFIED);
  request.set_page_token("x");
  EXPECT_REASON(Queue(request), kInvalidArgument, "PAGE_TOKEN_INVALID");
  EXPECT_REASON(Stats("Q 1"), kInvalidArgument, "INVALID_REQUEST");
  EXPECT_REASON(CallGrades(&Grades::GetQuestionStats, v1::GetQuestionStatsRequest()), kInvalidArgument,
                "INVALID_REQUEST");
}

TEST_F(ReviewTest, AStoreThatIsAwayIsSaid) {
  server_.gradebook_store.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_REASON(Queue(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_REASON(Stats("q1"), kUnavailable, "DEPENDENCY_UNAVAILABLE");
}

}  // namespace
}  // namespace greenroom::session::testing
