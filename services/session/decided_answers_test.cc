#include "services/session/decided_answers.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/session/log/fake_event_log.h"

namespace greenroom::session {
namespace {

constexpr char kQuestion[] = "tenants/acme/packs/p/revisions/r/questions/q";

class DecidedAnswersTest : public testing::Test {
 protected:
  void Append(const std::string& learner, std::string id, v1::EventPayload payload) {
    Event event;
    event.learner = {"acme", learner};
    event.seq = SyncWait(log_.Head(event.learner, Soon()))->seq + 1;
    event.event_id = std::move(id);
    event.session = "s";
    event.payload = std::move(payload);
    event.kind = KindOf(event.payload);
    ASSERT_EQ(SyncWait(log_.Append({event}, Soon())).value(), AppendOutcome::kWritten);
  }
  // The learner's answer, whose id is its text.
  void Answer(const std::string& learner, const std::string& text) {
    v1::EventPayload payload;
    payload.mutable_submitted()->set_question("q");
    payload.mutable_submitted()->set_text(text);
    Append(learner, text, std::move(payload));
  }
  void Decide(const std::string& learner, const std::string& text, int32_t score) {
    v1::EventPayload payload;
    payload.mutable_graded()->set_answer(text);
    payload.mutable_graded()->set_cause(v1::GRADE_CAUSE_OVERRIDE);
    payload.mutable_graded()->set_question_name(kQuestion);
    payload.mutable_graded()->mutable_report()->set_score(score);
    Append(learner, absl::StrCat("decision-", ++decisions_), std::move(payload));
  }
  // "text=score" of each, in their order; or the code.
  std::string About(const std::string& tenant = "acme") {
    const auto examples = SyncWait(decided_.About({tenant, "whoever"}, kQuestion, Soon()));
    if (!examples.ok()) return absl::StatusCodeToString(examples.status().code());
    std::string all;
    for (const scoring::v1::GradedAnswer& one : (*examples)->Of(kQuestion)) {
      absl::StrAppend(&all, one.answer(), "=", one.score(), " ");
    }
    return all;
  }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

  FakeClock clock_;
  FakeEventLog log_;
  DecidedAnswers decided_{log_, clock_};
  int decisions_ = 0;
};

TEST_F(DecidedAnswersTest, TheLatestOfEachAnswerAndOfTheTenNewestAnswers) {
  EXPECT_EQ(About(), "");
  for (int i = 0; i < 12; ++i) Answer("ada", absl::StrCat("a", i));
  Answer("bob", "b");
  for (int i = 0; i < 12; ++i) Decide("ada", absl::StrCat("a", i), i);
  Decide("bob", "b", 90);
  Decide("ada", "a5", 55);
  clock_.Advance(DecidedAnswers::kFresh);
  EXPECT_EQ(About(), "a5=55 b=90 a11=11 a10=10 a9=9 a8=8 a7=7 a6=6 a4=4 a3=3 ");
  EXPECT_EQ(About("other"), "");
}

TEST_F(DecidedAnswersTest, ReadsAgainWhenWhatItKnowsIsOld) {
  Answer("ada", "a");
  Decide("ada", "a", 40);
  EXPECT_EQ(About(), "a=40 ");
  Decide("ada", "a", 70);
  clock_.Advance(DecidedAnswers::kFresh - absl::Milliseconds(1));
  EXPECT_EQ(About(), "a=40 ");
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(About(), "a=70 ");
}

TEST_F(DecidedAnswersTest, OfTheErasedNothingIsLeft) {
  Answer("ada", "a");
  Decide("ada", "a", 40);
  Answer("bob", "b");
  Decide("bob", "b", 80);
  EXPECT_EQ(About(), "b=80 a=40 ");
  ASSERT_TRUE(SyncWait(log_.Erase({"acme", "ada"}, absl::Now(), Soon())).ok());
  clock_.Advance(DecidedAnswers::kFresh);
  EXPECT_EQ(About(), "b=80 ");
}

TEST_F(DecidedAnswersTest, SaysSoWhereTheLogDoesNotAnswer) {
  Answer("ada", "a");
  Decide("ada", "a", 40);
  log_.gate().Fail("ListDecisions", absl::UnavailableError("down"), 1);
  EXPECT_EQ(About(), "UNAVAILABLE");
  log_.gate().Fail("FindEvent", absl::DeadlineExceededError("slow"), 1);
  EXPECT_EQ(About(), "DEADLINE_EXCEEDED") << "and remembers no part of it";
  EXPECT_EQ(About(), "a=40 ");
}

TEST_F(DecidedAnswersTest, WhatNobodyCanReadCountsAsNotDecided) {
  Answer("ada", "a");
  Decide("ada", "a", 40);
  Answer("bob", "b");
  Decide("bob", "b", 80);
  log_.gate().Fail("FindEvent", absl::DataLossError("bytes"), 1);
  EXPECT_EQ(About(), "a=40 ");
  clock_.Advance(DecidedAnswers::kFresh);
  log_.gate().Fail("ListDecisions", absl::DataLossError("bytes"), 1);
  EXPECT_EQ(About(), "");
}

// A decision made while a read is under way is not hidden by what that read found, however long it took.
TEST_F(DecidedAnswersTest, IsAsOldAsTheBeginningOfItsRead) {
  Answer("ada", "a");
  Decide("ada", "a", 40);
  log_.gate().Stall("FindEvent");
  std::thread reader([&] { EXPECT_EQ(About(), "a=40 "); });
  while (log_.gate().waiting() == 0) absl::SleepFor(absl::Milliseconds(1));
  Decide("ada", "a", 70);
  clock_.Advance(DecidedAnswers::kFresh);
  log_.gate().Heal();
  reader.join();
  EXPECT_EQ(About(), "a=70 ");
}

TEST_F(DecidedAnswersTest, ReadsAgainAfterAReadThatFailed) {
  Answer("ada", "a");
  Decide("ada", "a", 40);
  EXPECT_EQ(About(), "a=40 ");
  Decide("ada", "a", 70);
  clock_.Advance(DecidedAnswers::kFresh);
  log_.gate().Fail("ListDecisions", absl::UnavailableError("down"), 1);
  EXPECT_EQ(About(), "UNAVAILABLE");
  EXPECT_EQ(About(), "a=70 ");
}

}  // namespace
}  // namespace greenroom::session
