// What is told of a learner's memory and progress, and what is kept of settings and imports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <utility>

#include "services/session/testing/progress_fixture.h"

namespace greenroom::session::testing {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST_F(ProgressTest, ALearnerOfWhomNothingIsKnown) {
  auto learner = Learner();
  ASSERT_OK(learner);
  EXPECT_EQ(learner->name(), kLearner);
  EXPECT_EQ(learner->sequence(), 0);
  EXPECT_FALSE(learner->settings().has_rollover_hour());
  auto due = Due();
  ASSERT_OK(due);
  EXPECT_EQ(due->total(), 0);
  EXPECT_FALSE(due->has_next_due_time());
  auto progress = Progress();
  ASSERT_OK(progress);
  EXPECT_EQ(progress->pack(), "");
  EXPECT_EQ(progress->forecast_size(), 30);
  EXPECT_EQ(progress->streak().days(), 0);
  auto calibration = Calibration();
  ASSERT_OK(calibration);
  EXPECT_EQ(calibration->predictions(), 0);
}

TEST_F(ProgressTest, SettingsAreChangedByMask) {
  v1::LearnerSettings settings;
  settings.set_time_zone("Europe/Berlin");
  settings.set_rollover_hour(0);
  settings.set_daily_minutes(25);
  settings.set_goal_pack("tenants/-/packs/ml");
  auto updated =
      Call(&ProgressStub::UpdateLearner, Update(1, {"time_zone", "rollover_hour", "goal_pack"}, settings));
  ASSERT_OK(updated);
  EXPECT_EQ(updated->sequence(), 1);
  EXPECT_FALSE(updated->replayed());
  EXPECT_EQ(updated->learner().settings().time_zone(), "Europe/Berlin");
  EXPECT_TRUE(updated->learner().settings().has_rollover_hour());
  EXPECT_EQ(updated->learner().settings().daily_minutes(), 0) << "not in the mask";
  EXPECT_EQ(updated->learner().settings().goal_pack(), kPack);
  EXPECT_EQ(Events().back().payload.settings_changed().settings().daily_minutes(), 0);
  EXPECT_EQ(Events().back().session, "");

  v1::LearnerSettings only;
  only.set_language("de");
  ASSERT_OK(Call(&ProgressStub::UpdateLearner, Update(2, {"*"}, only)));
  auto learner = Learner();
  ASSERT_OK(learner);
  EXPECT_EQ(learner->settings().time_zone(), "");
  EXPECT_FALSE(learner->settings().has_rollover_hour());
  EXPECT_EQ(learner->settings().language(), "de");
  EXPECT_EQ(learner->sequence(), 2);
}

TEST_F(ProgressTest, ARepeatedUpdateGetsItsFirstReply) {
  v1::LearnerSettings settings;
  settings.set_daily_minutes(25);
  const auto request = Update(1, {"daily_minutes"}, settings);
  auto first = Call(&ProgressStub::UpdateLearner, request);
  ASSERT_OK(first);
  settings.set_daily_minutes(50);
  ASSERT_OK(Call(&ProgressStub::UpdateLearner, Update(2, {"daily_minutes"}, settings)));
  auto again = Call(&ProgressStub::UpdateLearner, request);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->sequence(), 1);
  EXPECT_EQ(again->learner().settings().daily_minutes(), 25) << "as of the change";
  // Fields beside the mask, the device and the name's form are no content.
  auto other_form = request;
  other_form.set_name(kLearner);
  other_form.set_device("phone");
  other_form.mutable_settings()->set_language("fr");
  EXPECT_TRUE(Call(&ProgressStub::UpdateLearner, other_form)->replayed());
  EXPECT_REASON(Call(&ProgressStub::UpdateLearner, Update(1, {"daily_minutes"}, settings)), kAlreadyExists,
                "ID_REUSED");
  EXPECT_REASON(Call(&ProgressStub::UpdateLearner, Update(1, {"daily_minutes", "language"}, settings)),
                kAlreadyExists, "ID_REUSED");
  EXPECT_THAT(Events(), SizeIs(2));
}

TEST_F(ProgressTest, AnIdOfASessionsEventIsNotUsedAgain) {
  Create(1);
  v1::LearnerSettings settings;
  EXPECT_REASON(Call(&ProgressStub::UpdateLearner, Update(1, {"language"}, settings)), kAlreadyExists,
                "ID_REUSED");
}

TEST_F(ProgressTest, AnAcknowledgementThatWasLostIsLearntByAskingAgain) {
  v1::LearnerSettings settings;
  settings.set_daily_minutes(25);
  server_.log.LoseNextAcknowledgement(absl::UnavailableError("the connection broke"));
  const auto request = Update(1, {"daily_minutes"}, settings);
  EXPECT_REASON(Call(&ProgressStub::UpdateLearner, request), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_TRUE(Call(&ProgressStub::UpdateLearner, request)->replayed());
  EXPECT_THAT(Events(), SizeIs(1));
}

TEST_F(ProgressTest, APlaceThatIsTakenIsTriedForAgain) {
  bool once = true;
  server_.log.set_before_append([&](const std::vector<Event>& unit) {
    if (!unit[0].payload.has_settings_changed() || !std::exchange(once, false)) return;
    Create(7);
  });
  v1::LearnerSettings settings;
  settings.set_daily_minutes(25);
  auto updated = Call(&ProgressStub::UpdateLearner, Update(1, {"daily_minutes"}, settings));
  ASSERT_OK(updated);
  EXPECT_EQ(updated->sequence(), 2);
  EXPECT_LT(Events()[0].occurred_time, Events()[1].occurred_time) << "cause precedes effect";
}

TEST_F(ProgressTest, ASessionGoesOnAfterAChangeOfSettings) {
  const std::string session = Create();
  v1::LearnerSettings settings;
  ASSERT_OK(Call(&ProgressStub::UpdateLearner, Update(2, {"time_zone"}, settings)));
  auto submitted = Submit(session, 10, "q1");
  ASSERT_OK(submitted);
  EXPECT_EQ(submitted->sequence(), 3);
}

TEST_F(ProgressTest, AGoalIsAPackThatCanBePractised) {
  server_.catalogue.Publish("tenants/acme/packs/exam",
                            {"tenants/acme/packs/exam/revisions/r1", {MarkedQuestion("q1")}},
                            content::v1::VISIBILITY_EXAM);
  for (const char* pack : {"tenants/acme/packs/exam", "tenants/acme/packs/none", "tenants/other/packs/ml"}) {
    v1::LearnerSettings settings;
    settings.set_goal_pack(pack);
    EXPECT_REASON(Call(&ProgressStub::UpdateLearner, Update(1, {"goal_pack"}, settings)), kNotFound,
                  "PACK_NOT_FOUND");
    EXPECT_REASON(Progress(pack), kNotFound, "PACK_NOT_FOUND");
    EXPECT_REASON(Due(0, "", pack), kNotFound, "PACK_NOT_FOUND");
  }
  EXPECT_THAT(Events(), IsEmpty());
}

// fsrs-rs, memory_state_from_sm2: (ease, interval, retention) to (stability, difficulty).
TEST_F(ProgressTest, ImportsWhatSm2Kept) {
  const double goldens[][5] = {{2.5, 10, 0.9, 10, 6.9140563},
                               {2.5, 10, 0.8, 3.01572, 9.393428},
                               {2.5, 10, 0.95, 24.841097, 1.2974405},
                               {1.3, 20, 0.9, 20, 10}};
  int id = 1;
  for (const auto& [ease, interval, retention, stability, difficulty] : goldens) {
    auto imported = Call(&ProgressStub::ImportMemory, Import(id++, "q1", ease, interval, retention));
    ASSERT_OK(imported);
    ASSERT_THAT(imported->items(), SizeIs(1));
    EXPECT_THAT(imported->items(0).stability(), DoubleNear(stability, 1e-5 * stability));
    EXPECT_THAT(imported->items(0).difficulty(), DoubleNear(difficulty, 1e-5 * difficulty));
    EXPECT_EQ(imported->items(0).pack(), kPack);
  }
  auto progress = Progress(kPack);
  ASSERT_OK(progress);
  ASSERT_THAT(progress->questions(), SizeIs(1));
  EXPECT_EQ(progress->questions(0).question(), "q1");
  EXPECT_EQ(progress->questions(0).reviews(), 3);
  EXPECT_EQ(progress->questions(0).sessions(), 0);
  EXPECT_TRUE(progress->questions(0).has_due_time());
}

TEST_F(ProgressTest, ARepeatedImportGetsItsFirstReply) {
  const auto request = Import(1, "q1", 2.5, 10, 0);
  auto first = Call(&ProgressStub::ImportMemory, request);
  ASSERT_OK(first);
  EXPECT_THAT(first->items(0).stability(), DoubleNear(10, 1e-9)) << "0 stands for 0.90";
  server_.clock.Advance(absl::Hours(1));
  auto again = Call(&ProgressStub::ImportMemory, request);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->sequence(), first->sequence());
  EXPECT_EQ(again->items(0).SerializeAsString(), first->items(0).SerializeAsString());
  EXPECT_REASON(Call(&ProgressStub::ImportMemory, Import(1, "q1", 2.6, 10, 0)), kAlreadyExists, "ID_REUSED");
  EXPECT_REASON(Call(&ProgressStub::ImportMemory, Import(2, "q9", 2.6, 10, 0)), kNotFound,
                "QUESTION_NOT_FOUND");
  auto elsewhere = Import(3, "q1", 2.5, 10, 0);
  elsewhere.mutable_items(0)->set_pack("tenants/other/packs/ml");
  EXPECT_REASON(Call(&ProgressStub::ImportMemory, elsewhere), kNotFound, "PACK_NOT_FOUND");
  elsewhere.mutable_items(0)->set_pack("tenants/-/packs/none");
  EXPECT_REASON(Call(&ProgressStub::ImportMemory, elsewhere), kNotFound, "PACK_NOT_FOUND");
  EXPECT_THAT(Events(), SizeIs(1));
}

TEST_F(ProgressTest, AnAnswerIsDueInItsTimeAndTellsOfProgress) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 10, "q1"));
  auto due = Due();
  ASSERT_OK(due);
  EXPECT_EQ(due->total(), 0) << "no same-day steps";
  ASSERT_TRUE(due->has_next_due_time());
  EXPECT_EQ(due->done_minutes(), 4);
  EXPECT_EQ(due->sequence(), 3);
  server_.clock.Advance(absl::Hours(24 * 60));
  due = Due();
  ASSERT_OK(due);
  ASSERT_THAT(due->questions(), SizeIs(1));
  EXPECT_EQ(due->questions(0).question(), "q1");
  EXPECT_EQ(due->questions(0).pack(), kPack);
  EXPECT_EQ(due->questions(0).reason(), v1::DUE_REASON_FORGETTING);
  EXPECT_EQ(due->questions(0).minutes(), 4);
  EXPECT_GT(due->questions(0).recall(), 0);
  EXPECT_LT(due->questions(0).recall(), 0.9);
  EXPECT_EQ(due->total_minutes(), 4);
  EXPECT_FALSE(due->has_next_due_time());

  auto progress = Progress();
  ASSERT_OK(progress);
  EXPECT_EQ(progress->name(), absl::StrCat(kLearner, "/progress"));
  EXPECT_EQ(progress->pack(), kPack) << "the one that was reviewed last";
  EXPECT_EQ(progress->due(), 1);
  ASSERT_THAT(progress->topics(), SizeIs(1));
  const v1::TopicMastery& topic = progress->topics(0);
  EXPECT_EQ(topic.topic(), "topic");
  EXPECT_EQ(topic.questions(), 3);
  EXPECT_EQ(topic.seen(), 1);
  EXPECT_EQ(topic.attempts(), 1);
  EXPECT_EQ(topic.due(), 1);
  EXPECT_NEAR(topic.mastery(), topic.recall() * topic.credit(), 1e-12);
  EXPECT_LT(topic.low(), topic.mastery());
  EXPECT_GT(topic.high(), topic.mastery());
  EXPECT_FALSE(topic.reasons().empty());
  EXPECT_FALSE(progress->readiness().has_expected()) << "one attempt is not enough";
  EXPECT_THAT(progress->readiness().answer_next(), ::testing::Contains("q2"));
  ASSERT_THAT(progress->questions(), SizeIs(1));
  const v1::QuestionProgress& question = progress->questions(0);
  EXPECT_EQ(question.attempts(), 1);
  EXPECT_EQ(question.first_score(), 55);
  EXPECT_EQ(question.reviews(), 1);
  EXPECT_EQ(progress->forecast(0).questions(), 1) << "overdue counts for today";
  EXPECT_EQ(progress->sequence(), 3);
}

TEST_F(ProgressTest, TheDaysMinutesLeaveTheRestOut) {
  for (const char* question : {"q1", "q2", "q3"}) {
    auto request = Import(question[1], question, 2.5, question[1] - '0', 0.9);
    *request.mutable_items(0)->mutable_last_review_time() =
        ToTimestamp(server_.clock.Now() - absl::Hours(24 * 90));
    ASSERT_OK(Call(&ProgressStub::ImportMemory, request));
  }
  auto due = Due();
  ASSERT_OK(due);
  EXPECT_THAT(Questions(*due), ElementsAre("q1", "q2", "q3")) << "the least stable is forgotten most";
  v1::LearnerSettings settings;
  settings.set_daily_minutes(9);
  ASSERT_OK(Call(&ProgressStub::UpdateLearner, Update(9, {"daily_minutes"}, settings)));
  due = Due();
  ASSERT_OK(due);
  EXPECT_THAT(Questions(*due), ElementsAre("q1", "q2"));
  EXPECT_EQ(due->total(), 2);
  EXPECT_EQ(due->total_minutes(), 8);
  EXPECT_EQ(due->left_out(), 1);
  EXPECT_EQ(due->left_out_minutes(), 4);
  ASSERT_OK(Submit(Create(), 10, "q1"));
  due = Due();
  ASSERT_OK(due);
  EXPECT_THAT(Questions(*due), ElementsAre("q2")) << "four of the nine minutes are done";
  EXPECT_EQ(due->done_minutes(), 4);
}

TEST_F(ProgressTest, PagesAreOfOneListWhateverIsReviewedMeanwhile) {
  for (const char* question : {"q1", "q2", "q3"}) {
    auto request = Import(question[1], question, 2.5, 1, 0.9);
    *request.mutable_items(0)->mutable_last_review_time() =
        ToTimestamp(server_.clock.Now() - absl::Hours(24 * 90));
    ASSERT_OK(Call(&ProgressStub::ImportMemory, request));
  }
  auto first = Due(1);
  ASSERT_OK(first);
  EXPECT_THAT(Questions(*first), ElementsAre("q1"));
  ASSERT_FALSE(first->next_page_token().empty());
  server_.clock.Advance(absl::Minutes(1));
  ASSERT_OK(Submit(Create(), 10, "q1"));
  auto second = Due(1, first->next_page_token());
  ASSERT_OK(second);
  EXPECT_THAT(Questions(*second), ElementsAre("q2"));
  auto third = Due(1, second->next_page_token());
  ASSERT_OK(third);
  EXPECT_THAT(Questions(*third), ElementsAre("q3"));
  EXPECT_EQ(third->next_page_token(), "");
  EXPECT_REASON(Due(1, "nonsense"), kInvalidArgument, "PAGE_TOKEN_INVALID");
  EXPECT_REASON(Due(1, first->next_page_token(), kPack), kInvalidArgument, "PAGE_TOKEN_INVALID");
  EXPECT_THAT(Questions(*Due(0, "", "tenants/-/packs/ml")), ElementsAre("q2", "q3"));
  server_.clock.Advance(absl::Hours(25));
  EXPECT_REASON(Due(1, first->next_page_token()), kInvalidArgument, "PAGE_TOKEN_INVALID");
}

TEST_F(ProgressTest, WhatCannotBeAskedIsNotDue) {
  constexpr char kOther[] = "tenants/acme/packs/other";
  const std::string revision = absl::StrCat(kOther, "/revisions/r1");
  server_.catalogue.Publish(kOther, {revision, {MarkedQuestion("o1"), MarkedQuestion("o2")}});
  for (const char* question : {"o1", "o2"}) {
    auto request = Import(question[1], question, 2.5, 1, 0.9);
    request.mutable_items(0)->set_pack(kOther);
    *request.mutable_items(0)->mutable_last_review_time() =
        ToTimestamp(server_.clock.Now() - absl::Hours(24 * 90));
    ASSERT_OK(Call(&ProgressStub::ImportMemory, request));
  }
  EXPECT_THAT(Questions(*Due()), UnorderedElementsAre("o1", "o2"));
  EXPECT_THAT(Questions(*Due(0, "", kPack)), IsEmpty());
  // A question leaves the pack; then the pack becomes an exam's.
  server_.catalogue.Publish(kOther, {revision + "2", {MarkedQuestion("o2")}});
  server_.clock.Advance(absl::Minutes(1));
  EXPECT_THAT(Questions(*Due()), ElementsAre("o2"));
  server_.catalogue.Publish(kOther, {revision + "2", {MarkedQuestion("o2")}}, content::v1::VISIBILITY_EXAM);
  server_.clock.Advance(absl::Minutes(1));
  EXPECT_THAT(Questions(*Due()), IsEmpty());
  EXPECT_EQ(Progress()->pack(), "");
}

TEST_F(ProgressTest, AGoalMakesItsQuestionsDueInTheLastWeek) {
  const absl::CivilDay today = absl::ToCivilDay(server_.clock.Now(), absl::UTCTimeZone());
  v1::LearnerSettings settings;
  settings.set_goal_pack(kPack);
  settings.set_goal_date(absl::FormatCivilTime(today + 1));
  ASSERT_OK(Call(&ProgressStub::UpdateLearner, Update(1, {"goal_pack", "goal_date"}, settings)));
  auto due = Due();
  ASSERT_OK(due);
  // Each has its day in the week, and today is the last but one of it.
  EXPECT_GE(due->total(), 1);
  for (const v1::DueQuestion& question : due->questions()) EXPECT_EQ(question.reason(), v1::DUE_REASON_GOAL);
  EXPECT_EQ(Progress()->pack(), kPack);
  EXPECT_THAT(Progress()->topics(), SizeIs(1));
}

TEST_F(ProgressTest, CalibrationIsOfLaterReviews) {
  ASSERT_OK(Submit(Create(1), 10, "q1"));
  EXPECT_EQ(Calibration()->predictions(), 0);
  server_.clock.Advance(absl::Hours(24 * 5));
  ASSERT_OK(Submit(Create(2), 20, "q1"));
  auto calibration = Calibration();
  ASSERT_OK(calibration);
  EXPECT_EQ(calibration->predictions(), 1);
  EXPECT_EQ(calibration->recalled(), 1);
  EXPECT_GT(calibration->memory().log_loss(), 0);
  EXPECT_NEAR(calibration->moving_average().log_loss(), -std::log(0.9), 1e-9);
  EXPECT_FALSE(calibration->memory().has_auc()) << "nothing was forgotten";
  EXPECT_EQ(calibration->sequence(), 6);
}

TEST_F(ProgressTest, EveryRpcKeepsItsDeadlineWhileAStoreStalls) {
  As as;
  as.deadline = absl::Milliseconds(300);
  for (FaultGate* gate : {&server_.log.gate(), &server_.memory_index.gate(), &server_.catalogue.gate()}) {
    gate->Stall("");
    for (const auto& [rpc, status] : CallAll(as)) {
      // Some need nothing of what stalls.
      if (!status.ok()) {
        EXPECT_TRUE(absl::IsDeadlineExceeded(status) || absl::IsUnavailable(status)) << rpc << status;
      }
    }
    gate->Heal();
  }
  for (const auto& [rpc, status] : CallAll({})) EXPECT_TRUE(status.ok()) << rpc << status;
}

TEST_F(ProgressTest, WhatIsAwayIsSaid) {
  server_.memory_index.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_REASON(Due(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_REASON(Progress(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_REASON(Calibration(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  ASSERT_OK(Learner());
  server_.memory_index.gate().Heal();
  ASSERT_OK(Submit(Create(), 10, "q1"));
  server_.log.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_REASON(Due(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  server_.log.gate().Heal();
  ASSERT_OK(Due());
}

TEST_F(ProgressTest, ACallThatWasCancelledLeavesNothingHalfDone) {
  server_.log.gate().Stall("Append");
  grpc::ClientContext context;
  context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}));
  v1::LearnerSettings settings;
  settings.set_daily_minutes(25);
  const auto request = Update(1, {"daily_minutes"}, settings);
  std::thread canceller([&] {
    while (server_.log.gate().waiting() == 0) std::this_thread::yield();
    context.TryCancel();
  });
  v1::UpdateLearnerResponse response;
  EXPECT_EQ(server_.progress_stub->UpdateLearner(&context, request, &response).error_code(),
            grpc::StatusCode::CANCELLED);
  canceller.join();
  server_.log.gate().Heal();
  ASSERT_OK(Call(&ProgressStub::UpdateLearner, request));
  EXPECT_THAT(Events(), SizeIs(1));
}

}  // namespace
}  // namespace greenroom::session::testing
