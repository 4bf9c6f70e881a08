// OverrideGrade: what a person decides, what the learner sees of it, and who may.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "services/session/testing/gradebook_test.h"

namespace greenroom::session::testing {
namespace {

class OverrideTest : public GradebookTest {
 protected:
  void SetUp() override {
    session_ = Create();
    ASSERT_OK(Submit(session_, 2, "q1"));
    answer_ = AnswerPath(session_, 2);
  }
  std::string session_, answer_;
};

TEST_F(OverrideTest, TheLearnerSeesTheGradeAndTheCommentButNoNote) {
  v1::OverrideGradeRequest request = ScoreOf(answer_, 10, 90);
  request.set_comment("Well argued.");
  request.set_note("SECRET-NOTE");
  auto decided = Override(request);
  ASSERT_OK(decided);
  EXPECT_FALSE(decided->replayed());
  EXPECT_EQ(decided->sequence(), 4);
  EXPECT_EQ(decided->answer().grade().state(), v1::GRADE_STATE_OVERRIDDEN);
  EXPECT_EQ(decided->answer().grade().note(), "SECRET-NOTE");
  EXPECT_EQ(decided->answer().grade().decided_by(), "teacher");
  EXPECT_EQ(decided->answer().grade().report().items(1).point(), "MARKER-POINT-missed-q1");
  ASSERT_EQ(decided->answer().earlier_grades_size(), 1);
  EXPECT_EQ(decided->answer().earlier_grades(0).report().score(), 55);

  auto seen = GetAnswer(answer_);
  ASSERT_OK(seen);
  EXPECT_EQ(seen->grade().state(), v1::GRADE_STATE_OVERRIDDEN);
  EXPECT_EQ(seen->grade().report().score(), 90);
  EXPECT_EQ(seen->grade().comment(), "Well argued.");
  EXPECT_FALSE(absl::StrContains(seen->SerializeAsString(), "SECRET-NOTE"));
  EXPECT_FALSE(absl::StrContains(seen->SerializeAsString(), "teacher"));
  EXPECT_FALSE(absl::StrContains(seen->SerializeAsString(), "MARKER-POINT-missed"));  // not revealed yet
  ASSERT_EQ(seen->earlier_grades_size(), 1);
  EXPECT_EQ(seen->earlier_grades(0).report().score(), 55);

  auto session = Get(session_);
  ASSERT_OK(session);
  EXPECT_EQ(session->score(), 90);
  auto report = Finish(session_, 11);
  ASSERT_OK(report);
  EXPECT_EQ(report->report().questions(0).score(), 90);
  EXPECT_FALSE(absl::StrContains(report->SerializeAsString(), "SECRET-NOTE"));
}

TEST_F(OverrideTest, AnotherOverrideIsMadeFromTheGradersGradeAndTheLatestCounts) {
  v1::OverrideGradeRequest first;
  first.set_answer(answer_);
  first.set_request_id(Uuid(10));
  first.add_items()->set_item("MARKER-ID-missed");
  first.mutable_items(0)->set_credit(1);
  auto one = Override(first);
  ASSERT_OK(one);
  EXPECT_EQ(one->answer().grade().report().items(1).credit(), 1);
  EXPECT_EQ(one->answer().grade().report().caps_size(), 0);
  EXPECT_EQ(one->answer().grade().report().score(), 100);
  auto other = Override(ScoreOf(answer_, 11, 20));
  ASSERT_OK(other);
  EXPECT_EQ(other->answer().grade().report().items(1).credit(), 0);
  EXPECT_EQ(other->answer().grade().report().score(), 20);
  EXPECT_EQ(other->answer().earlier_grades_size(), 2);
  auto session = Get(session_);
  ASSERT_OK(session);
  EXPECT_EQ(session->score(), 20);  // the best of them is gone with it
}

TEST_F(OverrideTest, TheSameRequestIsCarriedOutOnce) {
  ASSERT_OK(Override(ScoreOf(answer_, 10, 90)));
  auto again = Override(ScoreOf(answer_, 10, 90));
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->sequence(), 4);
  EXPECT_EQ(Events().size(), 4);
  EXPECT_REASON(Override(ScoreOf(answer_, 10, 91)), kAlreadyExists, "ID_REUSED");
  // A replay shows what has become of it, even where it could not be made now.
  ASSERT_OK(Override(ScoreOf(answer_, 11, 30)));
  server_.catalogue.gate().Fail("GetRevision", absl::UnavailableError("down"));
  again = Override(ScoreOf(answer_, 10, 90));
  ASSERT_OK(again);
  EXPECT_EQ(again->answer().grade().report().score(), 30);
}

TEST_F(OverrideTest, APendingAnswerIsDecidedToo) {
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  ASSERT_OK(Submit(session_, 3, "q2"));
  v1::OverrideGradeRequest request = ScoreOf(AnswerPath(session_, 3), 10, 70);
  request.clear_score();
  auto nothing = Override(request);
  EXPECT_REASON(nothing, kInvalidArgument, "INVALID_REQUEST");
  EXPECT_EQ(FieldViolationsOf(nothing.status())[0].field, "score");
  request.set_score(70);
  auto decided = Override(request);
  ASSERT_OK(decided);
  EXPECT_EQ(decided->answer().grade().report().items_size(), 2);
  EXPECT_EQ(decided->answer().grade().report().tips_size(), 1);
  EXPECT_EQ(server_.log.pending_count(), 0);
  server_.grader.gate().Heal();
  EXPECT_EQ(server_.worker.RunOnce(), 0);
  auto seen = GetAnswer(AnswerPath(session_, 3));
  ASSERT_OK(seen);
  EXPECT_EQ(seen->grade().report().score(), 70);
}

// A device does not name the revision that its session was begun with.
TEST_F(OverrideTest, APendingAnswerThatWasGivenOfflineIsDecidedToo) {
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  v1::SyncLearnerRequest sync;
  sync.set_parent(kLearner);
  sync.set_device("phone");
  v1::OutboxItem& item = *sync.add_items();
  item.set_id(Uuid(3));
  item.set_session(Uuid(1));
  item.set_device_seq(1);
  item.mutable_occurred_time()->set_seconds(absl::ToUnixSeconds(server_.clock.Now()));
  item.mutable_answer()->set_question("q2");
  item.mutable_answer()->set_text("what I know");
  const auto synced = Call(&v1::SessionService::Stub::SyncLearner, sync);
  ASSERT_OK(synced);
  ASSERT_EQ(synced->statuses(0).outcome(), v1::SYNC_OUTCOME_TAKEN) << synced->ShortDebugString();
  auto decided = Override(ScoreOf(AnswerPath(session_, 3), 10, 70));
  ASSERT_OK(decided);
  EXPECT_EQ(decided->answer().grade().report().score(), 70);
}

TEST_F(OverrideTest, FlagsAreDecided) {
  v1::OverrideGradeRequest request;
  request.set_answer(answer_);
  request.set_request_id(Uuid(10));
  request.add_flags()->set_flag("flag");
  request.mutable_flags(0)->set_raised(false);
  auto decided = Override(request);
  ASSERT_OK(decided);
  EXPECT_EQ(decided->answer().grade().report().flags_size(), 0);
  EXPECT_EQ(decided->answer().grade().report().score(), 50);  // one of two, without cap and penalty
}

TEST_F(OverrideTest, LiveStateFollows) {
  ASSERT_OK(Override(ScoreOf(answer_, 10, 90)));
  EXPECT_EQ(server_.live.Stored(Key())->seq, 4);
}

TEST_F(OverrideTest, NeverALearnersAndNeverAnotherTenants) {
  for (const RoleSet roles : {RoleSet{Role::kLearner}, RoleSet{Role::kAuthor}, RoleSet{Role::kOperator}}) {
    EXPECT_REASON(Override(ScoreOf(answer_, 10, 90), {"acme", "ada", roles}), kPermissionDenied,
                  "ROLE_FORBIDS");
  }
  EXPECT_REASON(Override(ScoreOf(answer_, 10, 90), {"rival", "teacher", {Role::kInstructor}}), kNotFound,
                "SESSION_NOT_FOUND");
  EXPECT_EQ(Events().size(), 3);
  ASSERT_OK(Override(ScoreOf(answer_, 10, 90), {"acme", "ada", {Role::kService}}));
  EXPECT_REASON(Override(ScoreOf(answer_, 11, 90), {"acme", "bob", {Role::kService}}), kNotFound,
                "SESSION_NOT_FOUND");
  EXPECT_REASON(Override(ScoreOf(answer_, 11, 90), {"acme", "", {Role::kService}}), kFailedPrecondition,
                "LEARNER_REQUIRED");
}

TEST_F(OverrideTest, WhatIsNotThereIsNotFound) {
  EXPECT_REASON(Override(ScoreOf(AnswerPath(session_, 9), 10, 90)), kNotFound, "ANSWER_NOT_FOUND");
  EXPECT_REASON(Override(ScoreOf(AnswerPath(SessionPath(Uuid(9)), 2), 10, 90)), kNotFound,
                "SESSION_NOT_FOUND");
}

TEST_F(OverrideTest, EveryFieldIsChecked) {
  const auto field_of = [&](const std::function<void(v1::OverrideGradeRequest&)>& spoil) {
    v1::OverrideGradeRequest request = ScoreOf(answer_, 10, 90);
    spoil(request);
    auto result = Override(request);
    EXPECT_EQ(ReasonOf(result.status()), "INVALID_REQUEST") << result.status();
    const auto violations = FieldViolationsOf(result.status());
    return violations.empty() ? std::string() : violations[0].field;
  };
  EXPECT_EQ(field_of([](auto& r) { r.set_request_id("x"); }), "request_id");
  EXPECT_EQ(field_of([](auto& r) { r.set_answer("x"); }), "answer");
  EXPECT_EQ(field_of([](auto& r) { r.set_score(101); }), "score");
  EXPECT_EQ(field_of([](auto& r) { r.set_comment(std::string(4097, 'x')); }), "comment");
  EXPECT_EQ(field_of([](auto& r) { r.set_note(std::string("\0", 1)); }), "note");
  EXPECT_EQ(field_of([](auto& r) { r.add_items(); }), "items[0].item");
  EXPECT_EQ(field_of([](auto& r) {
              r.add_items()->set_item("MARKER-ID-made");
              r.mutable_items(0)->set_credit(1.5);
            }),
            "items[0].credit");
  EXPECT_EQ(field_of([](auto& r) {
              r.add_items()->set_item("MARKER-ID-made");
              r.add_items()->set_item("MARKER-ID-made");
            }),
            "items[1].item");
  EXPECT_EQ(field_of([](auto& r) { r.add_items()->set_item("absent"); }), "items[0].item");
  EXPECT_EQ(field_of([](auto& r) { r.add_flags()->set_flag("absent"); }), "flags[0].flag");
  EXPECT_EQ(field_of([](auto& r) {
              for (int i = 0; i < 101; ++i) r.add_items()->set_item(absl::StrCat("i", i));
            }),
            "items");
  EXPECT_EQ(Events().size(), 3);
}

TEST_F(OverrideTest, WaitsForNothingLongerThanItsDeadline) {
  server_.log.gate().Stall("ReadSession");
  As hasty = kTeacher;
  hasty.deadline = absl::Milliseconds(300);
  EXPECT_EQ(Override(ScoreOf(answer_, 10, 90), hasty).status().code(), absl::StatusCode::kDeadlineExceeded);
  // The server may notice a little later than its caller; healed before, it would go on to the log and meet the next fault.
  while (server_.log.gate().waiting() > 0) absl::SleepFor(absl::Milliseconds(1));
  server_.log.gate().Heal();
  server_.log.gate().Fail("Append", absl::UnavailableError("down"), 1);
  EXPECT_REASON(Override(ScoreOf(answer_, 11, 90)), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_EQ(Events().size(), 3);
}

TEST(GradebookMethods, EveryRpcHasAPolicyAndNoneIsALearners) {
  const auto* service = v1::OverrideGradeRequest::descriptor()->file()->FindServiceByName("GradebookService");
  std::set<std::string> rpcs;
  for (int i = 0; i < service->method_count(); ++i) {
    rpcs.insert(absl::StrCat(service->full_name(), "/", service->method(i)->name()));
  }
  std::set<std::string> policies;
  for (const MethodPolicy& policy : GradebookMethods()) {
    policies.insert(policy.full_name);
    EXPECT_FALSE(policy.roles.Has(Role::kLearner)) << policy.full_name;
    EXPECT_FALSE(policy.roles.Has(Role::kAuthor)) << policy.full_name;
  }
  EXPECT_EQ(policies, rpcs);
}

}  // namespace
}  // namespace greenroom::session::testing
