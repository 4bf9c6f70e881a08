// Regrades: the preview, what applies it, workers that die, and who may.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "services/base/page_token.h"
#include "services/session/testing/gradebook_test.h"

namespace greenroom::session::testing {
namespace {

class RegradeTest : public GradebookTest {
 protected:
  // Sessions of `learners` learners, each with an answer to q1 and one to q2, graded 55.
  void Practise(int learners) {
    for (int i = 0; i < learners; ++i) {
      const As as{"acme", absl::StrCat("learner-", i)};
      const std::string session = Create(100 + i, as);
      ASSERT_OK(Submit(session, 1000 + 2 * i, "q1", "one", as));
      ASSERT_OK(Submit(session, 1001 + 2 * i, "q2", "two", as));
    }
  }
  int32_t ScoreNow(int learner, int id) {
    const std::string name = absl::StrCat("learner-", learner);
    auto answer = GetAnswer(AnswerPath(SessionPath(Uuid(100 + learner), name), id), {"acme", name});
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->grade().report().score() : -1;
  }
  v1::Regrade Regrade(int id) {
    auto regrade = GetRegrade(id);
    EXPECT_TRUE(regrade.ok()) << regrade.status();
    return regrade.value_or(v1::Regrade());
  }
  // The numbers of the regrades that are listed, in pages of `size`.
  std::string Listed(int32_t size) {
    std::vector<std::string> ids;
    v1::ListRegradesRequest request;
    request.set_page_size(size);
    do {
      auto page = Regrades(request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const v1::Regrade& regrade : page->regrades()) {
        int id = 1;
        while (id < 10 && regrade.name() != "tenants/acme/regrades/" + Uuid(id)) ++id;
        ids.push_back(absl::StrCat(id));
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return absl::StrJoin(ids, " ");
  }
  std::string ChangeText(int id) {
    std::string text;
    std::string token;
    do {
      auto page = Changes(id, 3, token);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return text;
      for (const v1::RegradeChange& change : page->changes()) text += change.ShortDebugString() + "\n";
      token = page->next_page_token();
    } while (!token.empty());
    return text;
  }
};

TEST_F(RegradeTest, PreviewsAndAppliesWhatItPreviewed) {
  Practise(3);
  GradeWith(80);
  auto created = CreateRegrade(RegradeOf(1));
  ASSERT_OK(created);
  EXPECT_EQ(created->regrade().state(), v1::REGRADE_STATE_COMPUTING);
  EXPECT_EQ(created->regrade().name(), "tenants/acme/regrades/" + Uuid(1));
  EXPECT_EQ(created->regrade().pack(), kPack);
  EXPECT_EQ(created->regrade().created_by(), "teacher");
  EXPECT_REASON(Apply(1), kFailedPrecondition, "REGRADE_STATE");
  EXPECT_TRUE(server_.regrades.RunOnce());
  v1::Regrade regrade = Regrade(1);
  EXPECT_EQ(regrade.state(), v1::REGRADE_STATE_READY);
  EXPECT_EQ(regrade.answers(), 6);
  EXPECT_EQ(regrade.changes(), 6);
  EXPECT_EQ(regrade.raised(), 6);
  EXPECT_EQ(ScoreNow(0, 1000), 55);
  auto changes = Changes(1);
  ASSERT_OK(changes);
  ASSERT_EQ(changes->changes_size(), 6);
  EXPECT_EQ(changes->changes(0).old_score(), 55);
  EXPECT_EQ(changes->changes(0).new_score(), 80);
  EXPECT_EQ(changes->changes(0).answer(), AnswerPath(SessionPath(Uuid(100), "learner-0"), 1000));

  GradeWith(10);  // what was previewed is what is applied
  auto applying = Apply(1);
  ASSERT_OK(applying);
  EXPECT_EQ(applying->state(), v1::REGRADE_STATE_APPLYING);
  EXPECT_EQ(applying->number(), 1);
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_FALSE(server_.regrades.RunOnce());
  regrade = Regrade(1);
  EXPECT_EQ(regrade.state(), v1::REGRADE_STATE_APPLIED);
  EXPECT_EQ(regrade.applied(), 6);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ScoreNow(i, 1000 + 2 * i), 80);
  auto again = Apply(1);
  ASSERT_OK(again);
  EXPECT_EQ(again->state(), v1::REGRADE_STATE_APPLIED);
  EXPECT_REASON(Cancel(1), kFailedPrecondition, "REGRADE_STATE");
  EXPECT_EQ(MetadataOf(Cancel(1).status(), "state"), "APPLIED");

  auto staff = GetAnswer(AnswerPath(SessionPath(Uuid(100), "learner-0"), 1000), kTeacher);
  ASSERT_OK(staff);
  EXPECT_EQ(staff->grade().decided_by(), "tenants/acme/regrades/" + Uuid(1));
  ASSERT_EQ(staff->earlier_grades_size(), 1);
  EXPECT_EQ(staff->earlier_grades(0).report().score(), 55);
}

TEST_F(RegradeTest, KeepsWhatAPersonSet) {
  Practise(2);
  const std::string answer = AnswerPath(SessionPath(Uuid(100), "learner-0"), 1000);
  ASSERT_OK(Override(ScoreOf(answer, 10, 33)));
  GradeWith(80);
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Regrade(1).overridden(), 1);
  auto changes = Changes(1);
  ASSERT_OK(changes);
  EXPECT_TRUE(changes->changes(0).overridden());
  EXPECT_EQ(changes->changes(0).old_score(), 55);
  ASSERT_OK(Apply(1));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(ScoreNow(0, 1000), 33);
  EXPECT_EQ(ScoreNow(0, 1001), 80);
  // The next decision is made from the new grade.
  v1::OverrideGradeRequest request = ScoreOf(answer, 11, 0);
  request.clear_score();
  auto confirmed = Override(request);
  ASSERT_OK(confirmed);
  EXPECT_EQ(confirmed->answer().grade().report().score(), 80);
}

TEST_F(RegradeTest, OnlyWhatIsAskedForAndNothingThatSaysTheSame) {
  Practise(3);
  GradeWith(80);
  v1::CreateRegradeRequest one = RegradeOf(1);
  one.add_questions("q2");
  ASSERT_OK(CreateRegrade(one));
  v1::CreateRegradeRequest none = RegradeOf(2);
  none.add_revisions("tenants/-/packs/ml/revisions/r00000000000000000000000000000009");
  ASSERT_OK(CreateRegrade(none));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Regrade(1).answers(), 3);
  EXPECT_EQ(Regrade(2).answers(), 0);
  EXPECT_EQ(Regrade(2).state(), v1::REGRADE_STATE_READY);
  GradeWith(55);
  ASSERT_OK(CreateRegrade(RegradeOf(3)));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Regrade(3).answers(), 6);
  EXPECT_EQ(Regrade(3).changes(), 0);
}

TEST_F(RegradeTest, AgainstAnotherRevisionAndAnswersThatCannotBe) {
  Practise(1);
  const std::string second = std::string(kPack) + "/revisions/r00000000000000000000000000000002";
  server_.catalogue.Publish(kPack, {second, {MarkedQuestion("q1")}});
  server_.grader.set_grading(
      [&](const std::string& question, const std::string&) -> absl::StatusOr<scoring::v1::Report> {
        if (question != second + "/questions/q1") {
          return ErrorBuilder(absl::StatusCode::kNotFound, "QUESTION_NOT_FOUND", "none").Build();
        }
        return MarkedReport(question, 20);
      });
  v1::CreateRegradeRequest request = RegradeOf(1);
  request.set_against("tenants/-/packs/ml/revisions/r00000000000000000000000000000002");
  ASSERT_OK(CreateRegrade(request));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Regrade(1).lowered(), 1);
  EXPECT_EQ(Regrade(1).failures(), 1);
  auto changes = Changes(1);
  ASSERT_OK(changes);
  ASSERT_EQ(changes->changes_size(), 2);
  EXPECT_EQ(changes->changes(1).failure(), "QUESTION_NOT_FOUND");
  ASSERT_OK(Apply(1));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Regrade(1).applied(), 1);
  EXPECT_EQ(ScoreNow(0, 1000), 20);
  EXPECT_EQ(ScoreNow(0, 1001), 55);
}

TEST_F(RegradeTest, PendingAnswersAreLeftToTheirFirstGrade) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  ASSERT_OK(Submit(session, 2, "q1"));
  server_.grader.gate().Heal();
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Regrade(1).answers(), 0);
  EXPECT_EQ(Regrade(1).state(), v1::REGRADE_STATE_READY);
}

// A worker dies at every call that it makes, in turn; others go on, and the changes are the same.
TEST_F(RegradeTest, WorkersThatDieAnywhereEndWithTheSameChanges) {
  Practise(5);
  server_.grader.set_grading([](const std::string& question, const std::string& answer) {
    return MarkedReport(question, answer == "one" ? 80 : 20);
  });
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  EXPECT_TRUE(server_.regrades.RunOnce());
  std::string expected = ChangeText(1);
  ASSERT_EQ(Regrade(1).changes(), 10);

  ASSERT_OK(CreateRegrade(RegradeOf(2)));
  RegradeWorkerOptions options;
  options.batch = 2;
  int graded = 0;
  for (int life = 0; Regrade(2).state() == v1::REGRADE_STATE_COMPUTING && life < 100; ++life) {
    int left = life % 5;
    server_.grader.set_grading(
        [&](const std::string& question, const std::string& answer) -> absl::StatusOr<scoring::v1::Report> {
          if (left-- == 0) return absl::UnavailableError("the process is gone");
          ++graded;
          return MarkedReport(question, answer == "one" ? 80 : 20);
        });
    if (life % 3 == 2) server_.gradebook_store.gate().Fail("SavePiece", absl::UnavailableError("gone"), 1);
    RegradeWorker worker(server_.gradebook_store, server_.log, server_.ledger, server_.grader, server_.clock,
                         server_.rng, server_.logger, options);
    worker.RunOnce();
    server_.gradebook_store.gate().Heal();
    EXPECT_FALSE(server_.regrades.RunOnce());  // nobody gets it before the lease is over
    server_.clock.Advance(absl::Seconds(31));
  }
  EXPECT_GT(graded, 10);  // some was done twice
  EXPECT_EQ(Regrade(2).state(), v1::REGRADE_STATE_READY);
  EXPECT_EQ(ChangeText(2), expected);
  v1::Regrade first = Regrade(1), second = Regrade(2);
  for (v1::Regrade* regrade : {&first, &second}) {
    regrade->clear_name();
    regrade->clear_create_time();
  }
  EXPECT_EQ(first.ShortDebugString(), second.ShortDebugString());

  // The same while it is applied.
  ASSERT_OK(Apply(2));
  for (int life = 0; Regrade(2).state() == v1::REGRADE_STATE_APPLYING && life < 100; ++life) {
    if (life % 2 == 0) server_.log.gate().Fail("Append", absl::UnavailableError("gone"), 1);
    if (life % 3 == 2) server_.gradebook_store.gate().Fail("SavePiece", absl::UnavailableError("gone"), 1);
    RegradeWorker worker(server_.gradebook_store, server_.log, server_.ledger, server_.grader, server_.clock,
                         server_.rng, server_.logger, options);
    worker.RunOnce();
    server_.log.gate().Heal();
    server_.gradebook_store.gate().Heal();
    server_.clock.Advance(absl::Seconds(31));
  }
  EXPECT_EQ(Regrade(2).state(), v1::REGRADE_STATE_APPLIED);
  EXPECT_EQ(Regrade(2).applied(), 10);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Events(absl::StrCat("learner-", i)).size(), 7) << "each new grade is there once";
    EXPECT_EQ(ScoreNow(i, 1000 + 2 * i), 80);
  }
}

TEST_F(RegradeTest, OfTwoRegradesTheOneAppliedLaterCounts) {
  Practise(1);
  GradeWith(70);
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  EXPECT_TRUE(server_.regrades.RunOnce());
  GradeWith(90);
  ASSERT_OK(CreateRegrade(RegradeOf(2)));
  EXPECT_TRUE(server_.regrades.RunOnce());
  ASSERT_OK(Apply(2));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(ScoreNow(0, 1000), 90);
  auto second = Apply(1);
  ASSERT_OK(second);
  EXPECT_EQ(second->number(), 2);
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(ScoreNow(0, 1000), 70);
}

TEST_F(RegradeTest, IsCancelledWhileNothingHasChanged) {
  Practise(1);
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  auto cancelled = Cancel(1);
  ASSERT_OK(cancelled);
  EXPECT_EQ(cancelled->state(), v1::REGRADE_STATE_CANCELLED);
  EXPECT_FALSE(server_.regrades.RunOnce());
  ASSERT_OK(Cancel(1));
  EXPECT_REASON(Apply(1), kFailedPrecondition, "REGRADE_STATE");
  GradeWith(90);
  ASSERT_OK(CreateRegrade(RegradeOf(2)));
  EXPECT_TRUE(server_.regrades.RunOnce());
  ASSERT_OK(Cancel(2));
  EXPECT_EQ(Regrade(2).state(), v1::REGRADE_STATE_CANCELLED);
  EXPECT_EQ(ScoreNow(0, 1000), 55);
}

// The worker has its piece in hand when somebody cancels.
TEST_F(RegradeTest, ACancelledRegradeIsTakenFromItsWorker) {
  Practise(1);
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  server_.grader.set_grading([&](const std::string& question, const std::string&) {
    EXPECT_TRUE(Cancel(1).ok());
    return MarkedReport(question, 99);
  });
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Regrade(1).state(), v1::REGRADE_STATE_CANCELLED);
  EXPECT_EQ(ChangeText(1), "");
}

TEST_F(RegradeTest, TheSameRequestIsCarriedOutOnce) {
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  auto again = CreateRegrade(RegradeOf(1));
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  v1::CreateRegradeRequest other = RegradeOf(1);
  other.add_questions("q1");
  EXPECT_REASON(CreateRegrade(other), kAlreadyExists, "ID_REUSED");
}

TEST_F(RegradeTest, AreListedTheNewestFirst) {
  Practise(1);
  GradeWith(80);
  for (int id = 1; id <= 5; ++id) {
    v1::CreateRegradeRequest request = RegradeOf(id);
    if (id == 2) request.add_questions("q2");
    ASSERT_OK(CreateRegrade(request));
    server_.clock.Advance(absl::Milliseconds(id == 3 ? 0 : 1));  // 3 and 4 are of the same
  }
  ASSERT_OK(Cancel(5));
  EXPECT_TRUE(server_.regrades.RunOnce());
  EXPECT_EQ(Listed(0), "5 4 3 2 1");
  EXPECT_EQ(Listed(2), "5 4 3 2 1");
  EXPECT_EQ(Listed(5), "5 4 3 2 1");
  const As operating{"acme", "", {Role::kOperator}};
  auto page = Regrades({}, operating);
  ASSERT_OK(page);
  EXPECT_EQ(page->next_page_token(), "");
  EXPECT_EQ(page->regrades(0).state(), v1::REGRADE_STATE_CANCELLED);
  EXPECT_EQ(page->regrades(1).state(), v1::REGRADE_STATE_COMPUTING);
  EXPECT_EQ(page->regrades(3).questions(0), "q2");
  EXPECT_EQ(page->regrades(4).ShortDebugString(), Regrade(1).ShortDebugString()) << "as GetRegrade tells it";
  EXPECT_EQ(page->regrades(4).changes(), 2);

  v1::ListRegradesRequest request;
  request.set_pack("tenants/-/packs/ml");
  request.set_page_size(1);
  auto of_pack = Regrades(request);
  ASSERT_OK(of_pack);
  EXPECT_EQ(of_pack->regrades_size(), 1);
  v1::ListRegradesRequest of_all;
  of_all.set_page_token(of_pack->next_page_token());
  EXPECT_REASON(Regrades(of_all), kInvalidArgument, "PAGE_TOKEN_INVALID");
  request.set_pack("tenants/-/packs/other");
  request.clear_page_size();
  auto of_other = Regrades(request);
  ASSERT_OK(of_other);
  EXPECT_EQ(of_other->regrades_size(), 0);
  const As rival{"rival", "teacher", {Role::kInstructor}};
  auto theirs = Regrades({}, rival);
  ASSERT_OK(theirs);
  EXPECT_EQ(theirs->regrades_size(), 0);
}

TEST_F(RegradeTest, NeverALearnersAndNeverAnotherTenants) {
  const As learner{"acme", "ada"};
  EXPECT_REASON(CreateRegrade(RegradeOf(1), learner), kPermissionDenied, "ROLE_FORBIDS");
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  EXPECT_REASON(GetRegrade(1, learner), kPermissionDenied, "ROLE_FORBIDS");
  EXPECT_REASON(Changes(1, 0, "", learner), kPermissionDenied, "ROLE_FORBIDS");
  EXPECT_REASON(Regrades({}, learner), kPermissionDenied, "ROLE_FORBIDS");
  const As operating{"acme", "", {Role::kOperator}};
  ASSERT_OK(GetRegrade(1, operating));
  EXPECT_REASON(Apply(1, operating), kPermissionDenied, "ROLE_FORBIDS");
  EXPECT_REASON(Cancel(1, operating), kPermissionDenied, "ROLE_FORBIDS");
  const As rival{"rival", "teacher", {Role::kInstructor}};
  EXPECT_REASON(GetRegrade(1, rival), kNotFound, "REGRADE_NOT_FOUND");
  EXPECT_REASON(CallGrades(&Grades::GetRegrade,
                           Named<v1::GetRegradeRequest>("tenants/acme/regrades/" + Uuid(1)), rival),
                kNotFound, "REGRADE_NOT_FOUND");
  EXPECT_REASON(GetRegrade(9), kNotFound, "REGRADE_NOT_FOUND");
  v1::ListRegradesRequest list;
  list.set_parent("tenants/acme");
  EXPECT_REASON(Regrades(list, rival), kNotFound, "PACK_NOT_FOUND");
  list.set_parent("tenants/-");
  list.set_pack("tenants/acme/packs/ml");
  EXPECT_REASON(Regrades(list, rival), kNotFound, "PACK_NOT_FOUND");
  v1::CreateRegradeRequest theirs = RegradeOf(2);
  theirs.set_pack("tenants/rival/packs/ml");
  EXPECT_REASON(CreateRegrade(theirs), kNotFound, "PACK_NOT_FOUND");
  theirs = RegradeOf(2);
  theirs.set_pack("tenants/-/packs/absent");
  EXPECT_REASON(CreateRegrade(theirs), kNotFound, "PACK_NOT_FOUND");
  theirs = RegradeOf(2);
  theirs.set_against("tenants/-/packs/ml/revisions/r00000000000000000000000000000009");
  EXPECT_REASON(CreateRegrade(theirs), kNotFound, "REVISION_NOT_FOUND");
}

TEST_F(RegradeTest, EveryFieldIsChecked) {
  const auto field_of = [&](const std::function<void(v1::CreateRegradeRequest&)>& spoil) {
    v1::CreateRegradeRequest request = RegradeOf(1);
    spoil(request);
    auto result = CreateRegrade(request);
    EXPECT_EQ(ReasonOf(result.status()), "INVALID_REQUEST") << result.status();
    const auto violations = FieldViolationsOf(result.status());
    return violations.empty() ? std::string() : violations[0].field;
  };
  EXPECT_EQ(field_of([](auto& r) { r.set_regrade_id("x"); }), "regrade_id");
  EXPECT_EQ(field_of([](auto& r) { r.set_parent("x"); }), "parent");
  EXPECT_EQ(field_of([](auto& r) { r.clear_pack(); }), "pack");
  EXPECT_EQ(field_of([](auto& r) { r.add_questions("Q 1"); }), "questions[0]");
  EXPECT_EQ(field_of([](auto& r) { r.add_revisions("tenants/-/packs/other/revisions/r1"); }), "revisions[0]");
  EXPECT_EQ(field_of([](auto& r) { r.set_against("tenants/-/packs/other/revisions/r1"); }), "against");
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  EXPECT_REASON(Changes(1, -1), kInvalidArgument, "INVALID_REQUEST");
  EXPECT_REASON(Changes(1, 0, "nonsense"), kInvalidArgument, "PAGE_TOKEN_INVALID");
  const auto list_field_of = [&](const std::function<void(v1::ListRegradesRequest&)>& spoil) {
    v1::ListRegradesRequest request;
    spoil(request);
    auto result = Regrades(request);
    EXPECT_EQ(ReasonOf(result.status()), "INVALID_REQUEST") << result.status();
    const auto violations = FieldViolationsOf(result.status());
    return violations.empty() ? std::string() : violations[0].field;
  };
  EXPECT_EQ(list_field_of([](auto& r) { r.set_parent("x"); }), "parent");
  EXPECT_EQ(list_field_of([](auto& r) { r.set_pack("x"); }), "pack");
  EXPECT_EQ(list_field_of([](auto& r) { r.set_page_size(-1); }), "page_size");
  v1::ListRegradesRequest list;
  list.set_page_token("nonsense");
  EXPECT_REASON(Regrades(list), kInvalidArgument, "PAGE_TOKEN_INVALID");
  list.set_page_token(EncodePageToken({"regrades", "acme", ""}, "nonsense"));
  EXPECT_REASON(Regrades(list), kInvalidArgument, "PAGE_TOKEN_INVALID");
}

TEST_F(RegradeTest, AStoreThatIsAwayIsSaid) {
  server_.gradebook_store.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_REASON(CreateRegrade(RegradeOf(1)), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_REASON(GetRegrade(1), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_REASON(Regrades(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_FALSE(server_.regrades.RunOnce());
  server_.gradebook_store.gate().Heal();
  server_.gradebook_store.gate().Stall("GetRegrade");
  As hasty = kTeacher;
  hasty.deadline = absl::Milliseconds(300);
  EXPECT_EQ(GetRegrade(1, hasty).status().code(), absl::StatusCode::kDeadlineExceeded);
  server_.gradebook_store.gate().Stall("ListRegrades");
  EXPECT_EQ(Regrades({}, hasty).status().code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(RegradeTest, RestsAfterEachAnswerAndNotOnlyAfterASession) {
  Practise(1);
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  std::vector<absl::Time> graded;
  server_.grader.set_grading([&](const std::string& question, const std::string&) {
    graded.push_back(absl::Now());
    server_.clock.Advance(absl::Milliseconds(10));  // what grading takes
    return MarkedReport(question, 70);
  });
  RegradeWorkerOptions options;
  options.share = 0.2;
  RegradeWorker worker(server_.gradebook_store, server_.log, server_.ledger, server_.grader, server_.clock,
                       server_.rng, server_.logger, options);
  EXPECT_TRUE(worker.RunOnce());
  ASSERT_EQ(graded.size(), 2);
  EXPECT_GE(graded[1] - graded[0], absl::Milliseconds(39)) << "four times what the first took";
}

TEST_F(RegradeTest, APieceEndsWithTheSessionThatHasTheLastOfItsChanges) {
  Practise(6);  // two answers each
  GradeWith(70);
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  RegradeWorkerOptions options;
  options.batch = 4;
  RegradeWorker worker(server_.gradebook_store, server_.log, server_.ledger, server_.grader, server_.clock,
                       server_.rng, server_.logger, options);
  EXPECT_TRUE(worker.RunOnce());
  EXPECT_EQ(Regrade(1).changes(), 12);
  EXPECT_EQ(server_.gradebook_store.gate().calls("SavePiece"), 3) << "of two sessions each";
}

TEST_F(RegradeTest, RunsByItselfAndStops) {
  Practise(1);
  GradeWith(80);
  ASSERT_OK(CreateRegrade(RegradeOf(1)));
  RegradeWorkerOptions options;
  options.poll = absl::Milliseconds(5);
  RegradeWorker worker(server_.gradebook_store, server_.log, server_.ledger, server_.grader, server_.clock,
                       server_.rng, server_.logger, options);
  worker.Start();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (Regrade(1).state() != v1::REGRADE_STATE_READY && absl::Now() < end)
    absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(Regrade(1).state(), v1::REGRADE_STATE_READY);
  worker.Stop();
  worker.Stop();
}

}  // namespace
}  // namespace greenroom::session::testing
