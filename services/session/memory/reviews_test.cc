#include "services/session/memory/reviews.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/domain/fold.h"
#include "services/session/memory/learner_log.h"
#include "services/session/memory/rating.h"

namespace greenroom::session {
namespace {

using fsrs::Rating;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Review> Reviews(const LearnerLog& log) { return ReviewsOf(*FoldSession(log.events())); }

TEST(Reviews, TheCountingAnswerIsTheReview) {
  LearnerLog log;
  const std::string session = log.Begin({"q1", "q2"});
  log.Hint(session, "q1");
  const absl::Time at = log.now();
  const std::string answer = log.Answer(session, "q1", 40, v1::CONFIDENCE_SURE);
  log.Hint(session, "q1");
  log.Answer(session, "q1", 90);
  log.Reveal(session, "q1");
  log.Answer(session, "q1", 100);
  const std::vector<Review> reviews = Reviews(log);
  ASSERT_THAT(reviews, SizeIs(1));
  Review expected;
  expected.pack = "tenants/acme/packs/p";
  expected.question = "q1";
  expected.session = session;
  expected.event_id = answer;
  expected.occurred_time = at;
  expected.kind = ReviewKind::kAnswer;
  expected.mode = v1::SESSION_MODE_PRACTICE;
  expected.score = 40;
  expected.hints_before = 1;
  expected.confidence = v1::CONFIDENCE_SURE;
  expected.attempts = 3;
  expected.best_score = 90;
  EXPECT_EQ(reviews[0], expected);
}

TEST(Reviews, AnUngradedAnswerIsNoneYet) {
  LearnerLog log;
  const std::string session = log.Begin({"q1"});
  const std::string answer = log.Submit(session, "q1");
  ASSERT_THAT(Reviews(log), SizeIs(1));
  EXPECT_EQ(RatingOf(Reviews(log)[0]), std::nullopt);
  v1::Graded& failed = log.Grade(session, answer, 0);
  failed.clear_report();
  failed.set_failure("GRADING_FAILED");
  EXPECT_EQ(RatingOf(Reviews(log)[0]), std::nullopt);
  log.Grade(session, answer, 70, v1::GRADE_CAUSE_OVERRIDE);
  EXPECT_EQ(RatingOf(Reviews(log)[0]), Rating::kGood);
}

TEST(Reviews, TheCurrentGradeCounts) {
  LearnerLog log;
  const std::string session = log.Begin({"q1"});
  const std::string answer = log.Answer(session, "q1", 70);
  log.Grade(session, answer, 20, v1::GRADE_CAUSE_REGRADE, 1);
  EXPECT_EQ(RatingOf(Reviews(log)[0]), Rating::kAgain);
  v1::Graded& decided = log.Grade(session, answer, 95, v1::GRADE_CAUSE_OVERRIDE);
  EXPECT_EQ(Reviews(log)[0].score, 95);
  decided.mutable_report()->set_recited(true);
  decided.mutable_report()->add_flags()->set_critical(true);
  EXPECT_TRUE(Reviews(log)[0].recited);
  EXPECT_TRUE(Reviews(log)[0].critical);
  EXPECT_EQ(RatingOf(Reviews(log)[0]), Rating::kAgain);
}

TEST(Reviews, AnAnswerInALanguageWithoutAGraderIsSelfRated) {
  LearnerLog log;
  const std::string session = log.Begin({"q1"});
  const std::string answer = log.Submit(session, "q1");
  v1::Graded& graded = log.Grade(session, answer, 0);
  graded.mutable_report()->clear_score();
  graded.mutable_report()->set_ungraded_language(true);
  EXPECT_EQ(Reviews(log)[0].event_id, answer);
  EXPECT_EQ(RatingOf(Reviews(log)[0]), std::nullopt);
  log.Rate(session, "q1", v1::RATING_HARD, answer);
  EXPECT_EQ(Reviews(log)[0].kind, ReviewKind::kSelfRated);
  EXPECT_EQ(RatingOf(Reviews(log)[0]), Rating::kHard);
}

TEST(Reviews, ARevealCountsByItsSelfRating) {
  LearnerLog log;
  const std::string session = log.Begin({"q1"});
  const absl::Time at = log.now();
  const std::string reveal = log.Reveal(session, "q1");
  log.Reveal(session, "q1");
  EXPECT_EQ(RatingOf(Reviews(log)[0]), std::nullopt);
  log.Rate(session, "q1", v1::RATING_EASY);
  log.Rate(session, "q1", v1::RATING_GOOD);
  const std::vector<Review> reviews = Reviews(log);
  EXPECT_EQ(reviews[0].kind, ReviewKind::kSelfRated);
  EXPECT_EQ(reviews[0].event_id, reveal);
  EXPECT_EQ(reviews[0].occurred_time, at);
  EXPECT_EQ(RatingOf(reviews[0]), Rating::kGood);
  // Practice after the reveal does not make it an answer.
  log.Answer(session, "q1", 100);
  EXPECT_EQ(Reviews(log)[0].kind, ReviewKind::kSelfRated);
}

TEST(Reviews, OnlyRatingsOfTheAnswerItselfCount) {
  LearnerLog log;
  const std::string session = log.Begin({"q1"});
  const std::string first = log.Answer(session, "q1", 90);
  const std::string second = log.Answer(session, "q1", 95);
  log.Rate(session, "q1", v1::RATING_HARD, first);
  log.Rate(session, "q1", v1::RATING_EASY, second);
  EXPECT_EQ(Reviews(log)[0].self_rating, v1::RATING_HARD);
  log.Rate(session, "q1", v1::RATING_GOOD);
  EXPECT_EQ(Reviews(log)[0].self_rating, v1::RATING_GOOD);
}

TEST(Reviews, ASkipIsOneInModeReviewOnly) {
  for (const v1::SessionMode mode : {v1::SESSION_MODE_PRACTICE, v1::SESSION_MODE_MOCK}) {
    LearnerLog log;
    log.Skip(log.Begin({"q1"}, mode), "q1");
    EXPECT_THAT(Reviews(log), IsEmpty());
  }
  LearnerLog log;
  const std::string session = log.Begin({"q1"}, v1::SESSION_MODE_REVIEW);
  const std::string skip = log.Skip(session, "q1");
  log.Skip(session, "q1");
  log.Reveal(session, "q1");
  EXPECT_EQ(Reviews(log)[0].event_id, skip);
  EXPECT_EQ(RatingOf(Reviews(log)[0]), Rating::kAgain);
  log.Rate(session, "q1", v1::RATING_GOOD);
  EXPECT_EQ(RatingOf(Reviews(log)[0]), Rating::kGood);
}

TEST(Reviews, AnExamHasNoneUntilItIsFinishedAndReleased) {
  LearnerLog log;
  const std::string session = log.Begin({"q1"}, v1::SESSION_MODE_EXAM);
  log.Answer(session, "q1", 90);
  SessionFold fold = *FoldSession(log.events());
  EXPECT_THAT(ReviewsOf(fold), IsEmpty());
  fold.live.set_released(true);
  EXPECT_THAT(ReviewsOf(fold), IsEmpty());
  fold.live.set_state(v1::SESSION_STATE_FINISHED);
  EXPECT_THAT(ReviewsOf(fold), SizeIs(1));
  fold.live.set_released(false);
  EXPECT_THAT(ReviewsOf(fold), IsEmpty());
}

TEST(Reviews, WhatDoesNotApplyIsNone) {
  LearnerLog log;
  const std::string session = log.Begin({"q1"}, v1::SESSION_MODE_MOCK);
  log.Reveal(session, "q1");  // a mock shows nothing before its end
  log.Rate(session, "q1", v1::RATING_EASY);
  log.Submit(session, "elsewhere");
  EXPECT_THAT(Reviews(log), IsEmpty());
}

Review Answered(int32_t score, v1::Rating self = v1::RATING_UNSPECIFIED, int32_t hints = 0) {
  Review review;
  review.score = score;
  review.self_rating = self;
  review.hints_before = hints;
  return review;
}

TEST(RatingOf, Table) {
  const struct {
    Review review;
    Rating rating;
  } cases[] = {
      {Answered(0), Rating::kAgain},
      {Answered(kAgainBelow - 1), Rating::kAgain},
      {Answered(kAgainBelow), Rating::kHard},
      {Answered(kHardBelow - 1), Rating::kHard},
      {Answered(kHardBelow), Rating::kGood},
      {Answered(100), Rating::kGood},
      {Answered(kEasyFrom, v1::RATING_EASY), Rating::kEasy},
      {Answered(kEasyFrom - 1, v1::RATING_EASY), Rating::kGood},
      {Answered(100, v1::RATING_HARD), Rating::kHard},
      {Answered(100, v1::RATING_AGAIN), Rating::kAgain},
      {Answered(34, v1::RATING_EASY), Rating::kAgain},
      {Answered(100, v1::RATING_EASY, 1), Rating::kHard},
      {Answered(70, v1::RATING_UNSPECIFIED, 2), Rating::kHard},
      {Answered(10, v1::RATING_UNSPECIFIED, 2), Rating::kAgain},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(RatingOf(c.review), c.rating)
        << *c.review.score << " " << c.review.self_rating << " " << c.review.hints_before;
  }
  Review critical = Answered(100, v1::RATING_EASY);
  critical.critical = true;
  EXPECT_EQ(RatingOf(critical), Rating::kAgain);
  Review rated;
  rated.kind = ReviewKind::kSelfRated;
  rated.self_rating = v1::RATING_EASY;
  EXPECT_EQ(RatingOf(rated), Rating::kEasy);
  rated.hints_before = 1;
  EXPECT_EQ(RatingOf(rated), Rating::kHard);
}

TEST(RatingOf, SureAndWrong) {
  Review review = Answered(10);
  EXPECT_FALSE(IsSureFailure(review));
  review.confidence = v1::CONFIDENCE_SURE;
  EXPECT_TRUE(IsSureFailure(review));
  review.score = 60;
  EXPECT_FALSE(IsSureFailure(review));
  review.score.reset();
  EXPECT_FALSE(IsSureFailure(review));
}

}  // namespace
}  // namespace greenroom::session
