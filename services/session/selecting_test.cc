// Which questions a session by criteria asks where more fit than are wanted: what is known of the learner decides.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "services/session/testing/progress_fixture.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kOtherPack[] = "tenants/acme/packs/other";

class SelectingTest : public ProgressTest {
 protected:
  SelectingTest() {
    // Two topics of four questions; all as hard as one another.
    Publish(kPack, kRevision);
    Publish(kOtherPack, "tenants/acme/packs/other/revisions/r1");
  }

  void Publish(const std::string& pack, const std::string& revision) {
    RevisionContent content = {revision, {}};
    for (const char* id : {"a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"}) {
      content::v1::Question& question = content.questions.emplace_back(MarkedQuestion(id));
      question.set_topic(std::string(1, *id));
      question.set_difficulty(3);
    }
    content.questions.emplace_back(MarkedQuestion("follow-up")).set_follow_up_only(true);
    server_.catalogue.Publish(pack, std::move(content));
  }
  static v1::CreateSessionRequest Wanting(int number, int32_t count, int64_t seed = 7) {
    v1::CreateSessionRequest request = CreateRequest(number);
    request.mutable_criteria()->set_count(count);
    request.set_seed(seed);
    return request;
  }
  static std::vector<std::string> PlanOf(const v1::Session& session) {
    std::vector<std::string> plan;
    for (const v1::SessionQuestion& question : session.questions()) plan.push_back(question.question());
    return plan;
  }
  std::vector<std::string> Plan(const v1::CreateSessionRequest& request, const As& as = {}) {
    const auto created = Call(&Stub::CreateSession, request, as);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? PlanOf(created->session()) : std::vector<std::string>();
  }
  std::vector<std::string> Plan(int number, int32_t count, int64_t seed = 7, const As& as = {}) {
    return Plan(Wanting(number, count, seed), as);
  }
  static As Of(const std::string& learner) {
    As as;
    as.learner = learner;
    return as;
  }
  // A session of exactly these.
  std::string Ask(int number, const std::vector<std::string>& questions, const As& as = {},
                  const std::string& pack = kPack) {
    v1::CreateSessionRequest request = CreateRequest(number);
    request.set_source(pack);
    request.mutable_questions()->Assign(questions.begin(), questions.end());
    const auto created = Call(&Stub::CreateSession, request, as);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? created->session().name() : "";
  }
  // The learner reviewed the question long ago elsewhere: it is due.
  void ImportDue(int id, const std::string& question, double interval) {
    v1::ImportMemoryRequest request = Import(id, question, 2.5, interval, 0.9);
    *request.mutable_items(0)->mutable_last_review_time() =
        ToTimestamp(server_.clock.Now() - absl::Hours(24 * 60));
    ASSERT_OK(Call(&ProgressStub::ImportMemory, request));
  }
  std::string Unknown(const std::string& what) {
    return absl::StrCat("selection_unknowns_total{what=\"", what, "\"} 1");
  }
};

TEST_F(SelectingTest, ALearnerWithoutHistoryGetsWhatTheSeedSays) {
  const std::vector<std::string> plan = Plan(1, 4);
  ASSERT_THAT(plan, SizeIs(4));
  // Topics take turns, of equals the seed decides.
  EXPECT_NE(plan[0][0], plan[1][0]);
  EXPECT_EQ(plan[0][0], plan[2][0]);
  EXPECT_EQ(plan[1][0], plan[3][0]);
  EXPECT_EQ(Plan(2, 4, 7, Of("bob")), plan) << "the same seed and the same knowledge, none";
  std::set<std::vector<std::string>> others;
  for (int seed = 1; seed <= 5; ++seed) others.insert(Plan(10 + seed, 4, seed, Of(absl::StrCat("l", seed))));
  EXPECT_GT(others.size(), 1);
  EXPECT_NE(Events()[0].payload.created().seed(), 0);
}

TEST_F(SelectingTest, TheServerDrawsASeedAndAReplayTellsThePlan) {
  const v1::CreateSessionRequest request = Wanting(1, 3, 0);
  const auto created = Call(&Stub::CreateSession, request);
  ASSERT_OK(created);
  EXPECT_NE(created->session().seed(), 0);
  ASSERT_OK(Submit(created->session().name(), 50, PlanOf(created->session())[0]));
  server_.clock.Advance(absl::Hours(24 * 5));
  for (const char* operation : {"Backlog", "ReadMemory", "NewestReviews"}) {
    server_.memory_index.gate().Fail(operation, absl::UnavailableError("away"));
  }
  const auto again = Call(&Stub::CreateSession, request);
  ASSERT_OK(again);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->session().SerializeAsString(), created->session().SerializeAsString());
  EXPECT_EQ(again->sequence(), created->sequence());
}

TEST_F(SelectingTest, WhatIsDueComesFirst) {
  ImportDue(100, "b3", 10);
  ImportDue(101, "a4", 2);  // forgotten more
  std::vector<std::string> plan = Plan(1, 4);
  ASSERT_THAT(plan, SizeIs(4));
  EXPECT_EQ(plan[0], "a4");
  EXPECT_EQ(plan[1], "b3");
  EXPECT_THAT(Plan(2, 1), ElementsAre("a4")) << "due, though the session before asked it";
  EXPECT_THAT(Plan(3, 4, 7, Of("bob")), Not(ElementsAre("a4", "b3", plan[2], plan[3]))) << "is another's";
  // Criteria come before all: what does not meet them is not asked, however due.
  v1::CreateSessionRequest request = Wanting(4, 2);
  request.mutable_criteria()->add_topics("b");
  plan = Plan(request);
  EXPECT_EQ(plan[0], "b3");
  EXPECT_EQ(plan[1][0], 'b');
}

TEST_F(SelectingTest, AnAnswerCountsInTheNextSession) {
  const std::string session = Ask(1, {"a1", "b1"});
  ASSERT_OK(Submit(session, 50, "a1"));
  server_.clock.Advance(absl::Hours(24 * 10));  // what scored 55 is due
  Ask(2, {"a2"});
  Ask(3, {"a2"});
  EXPECT_EQ(Plan(4, 3)[0], "a1");
}

TEST_F(SelectingTest, NothingIsRepeatedFromTheLastTwoSessions) {
  std::vector<std::vector<std::string>> plans;
  for (int i = 1; i <= 4; ++i) {
    plans.push_back(Plan(i, 2, i));
    Ask(100 + i, {"a1", "b1"}, {}, kOtherPack);  // of another pack: says nothing
  }
  for (size_t i = 1; i < plans.size(); ++i) {
    std::set<std::string> asked(plans[i].begin(), plans[i].end());
    for (size_t before = i >= 2 ? i - 2 : 0; before < i; ++before) {
      for (const std::string& question : plans[before]) EXPECT_FALSE(asked.contains(question)) << question;
    }
  }
  // Where there is nothing else, what was asked longest ago comes again.
  Ask(20, {"a1", "a2", "a3", "b1", "b2"});
  Ask(21, {"a4", "b3", "b4"});
  const std::vector<std::string> plan = Plan(22, 6);
  EXPECT_THAT(std::vector<std::string>(plan.begin(), plan.begin() + 5),
              UnorderedElementsAre("a1", "a2", "a3", "b1", "b2"));
}

TEST_F(SelectingTest, OtherLearnersHistoryIsNotMixedIn) {
  const std::vector<std::string> fresh = Plan(1, 4);
  const std::string session = Ask(2, {fresh[0], fresh[1]}, Of("bob"));
  ASSERT_OK(Submit(session, 50, fresh[0], "words of the learner", Of("bob")));
  EXPECT_EQ(Plan(3, 4, 7, Of("cyd")), fresh);
  EXPECT_NE(Plan(4, 4, 7, Of("bob")), fresh);
  As rival = Of("bob");
  rival.tenant = "rival";
  EXPECT_FALSE(Call(&Stub::CreateSession, Wanting(5, 4), rival).ok());
}

TEST_F(SelectingTest, AbilityDecidesWhatTellsMost) {
  RevisionContent content = {"tenants/acme/packs/ml/revisions/r2", {}};
  for (const auto& [id, difficulty] :
       std::vector<std::pair<std::string, int>>{{"d1", 1}, {"d2", 2}, {"d3", 3}, {"d4", 4}, {"d5", 5}}) {
    content.questions.emplace_back(MarkedQuestion(id)).set_difficulty(difficulty);
  }
  server_.catalogue.Publish(kPack, std::move(content));
  EXPECT_THAT(Plan(1, 1, 7, Of("bob")), ElementsAre("d3"));
  server_.grader.set_grading(
      [](const std::string& question, const std::string&) { return MarkedReport(question, 98); });
  for (int i = 0; i < 4; ++i) {
    const std::string session = Ask(10 + i, {"d3", "d4"});
    ASSERT_OK(Submit(session, 50 + 2 * i, "d3"));
    ASSERT_OK(Submit(session, 51 + 2 * i, "d4"));
  }
  EXPECT_THAT(Plan(2, 1), ElementsAre("d5")) << "who is able is asked what is hard";
}

TEST_F(SelectingTest, WhatEverybodyIsAskedIsLeftOut) {
  const std::vector<std::string> fresh = Plan(1, 2, 7, Of("first"));
  for (int i = 0; i < 20; ++i) Ask(10 + i, {fresh[0]}, Of(absl::StrCat("learner-", i)));
  EXPECT_EQ(Plan(2, 2, 7, Of("second")), fresh) << "looked at a moment ago";
  server_.clock.Advance(absl::Minutes(2));
  const std::vector<std::string> plan = Plan(3, 4, 7, Of("third"));
  EXPECT_THAT(plan, Not(::testing::Contains(fresh[0])));
  EXPECT_THAT(Plan(4, 7, 7, Of("fourth")), Not(::testing::Contains(fresh[0])));
  EXPECT_THAT(Plan(5, 7, 7, Of("fifth")), SizeIs(7));
}

TEST_F(SelectingTest, WhereAllFitTheAuthorOrdersOrTheSeed) {
  const std::vector<std::string> all = {"a1", "a2", "a3", "a4", "b1", "b2", "b3", "b4"};
  ImportDue(100, "b3", 10);
  EXPECT_EQ(Plan(1, 8), all);
  EXPECT_EQ(Plan(2, 100), all);
  EXPECT_EQ(Plan(3, 0), all);
  EXPECT_EQ(server_.memory_index.gate().calls("ReadMemory"), 0) << "nothing to select";
  v1::CreateSessionRequest request = Wanting(4, 8);
  request.mutable_criteria()->set_shuffle(true);
  const std::vector<std::string> shuffled = Plan(request);
  EXPECT_NE(shuffled, all);
  EXPECT_THAT(shuffled, ::testing::UnorderedElementsAreArray(all));
  Ask(5, {"a1"});
  EXPECT_EQ(server_.memory_index.gate().calls("ReadMemory"), 0);
  EXPECT_EQ(server_.log.gate().calls("ListSessions"), 0);
}

TEST_F(SelectingTest, ShufflingIsTheOrderOfWhatIsSelected) {
  const std::vector<std::string> selected = Plan(1, 5, 7, Of("ann"));
  v1::CreateSessionRequest request = Wanting(2, 5);
  request.mutable_criteria()->set_shuffle(true);
  const std::vector<std::string> shuffled = Plan(request, Of("bob"));
  EXPECT_NE(shuffled, selected);
  EXPECT_THAT(shuffled, ::testing::UnorderedElementsAreArray(selected));
}

TEST_F(SelectingTest, AMockIsSelectedLikewise) {
  ImportDue(100, "b3", 10);
  v1::CreateSessionRequest request = CreateRequest(1, v1::SESSION_MODE_MOCK);
  request.mutable_criteria()->set_count(3);
  EXPECT_EQ(Plan(request)[0], "b3");
}

TEST_F(SelectingTest, WhatIsAssignedIsDrawnAlikeForAll) {
  ImportDue(100, "b3", 10);
  for (const auto mode : {v1::SESSION_MODE_PRACTICE, v1::SESSION_MODE_EXAM}) {
    const std::string id = mode == v1::SESSION_MODE_EXAM ? "exam" : "week-1";
    v1::CreateAssignmentRequest set;
    set.set_parent("tenants/-");
    set.set_assignment_id(id);
    set.mutable_assignment()->set_revision(kPack);
    set.mutable_assignment()->set_mode(mode);
    set.mutable_assignment()->mutable_criteria()->set_count(2);
    ASSERT_OK(Call(&v1::GradebookService::Stub::CreateAssignment, set));
    v1::CreateSessionRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_mode(mode);
    request.set_assignment("tenants/-/assignments/" + id);
    request.set_session_id(Uuid(static_cast<int>(mode)));
    EXPECT_THAT(Plan(request), ElementsAre("a1", "a2"));
    request.set_session_id(Uuid(10 + static_cast<int>(mode)));
    EXPECT_THAT(Plan(request, Of("bob")), ElementsAre("a1", "a2"));
  }
  EXPECT_EQ(server_.memory_index.gate().calls("ReadMemory"), 0);
}

TEST_F(SelectingTest, WhatCannotBeReadIsAsIfThereWereNothing) {
  const std::vector<std::string> fresh = Plan(1, 4, 7, Of("bob"));
  ImportDue(100, "b3", 10);
  server_.clock.Advance(absl::Minutes(2));
  for (const char* operation : {"Backlog", "ReadMemory", "NewestReviews"}) {
    server_.memory_index.gate().Fail(operation, absl::DataLossError("a damaged row"));
  }
  server_.log.gate().Fail("ListSessions", absl::UnavailableError("away"));
  EXPECT_EQ(Plan(2, 4), fresh);
  for (const char* what : {"latest", "memory", "reviews", "sessions"}) {
    EXPECT_THAT(server_.Metrics(), HasSubstr(Unknown(what)));
  }
  EXPECT_THAT(server_.Metrics(), Not(HasSubstr(Unknown("exposure")))) << "what is remembered stands";
  server_.memory_index.gate().Heal();
  server_.log.gate().Heal();
  EXPECT_EQ(Plan(3, 4)[0], "b3");
}

TEST_F(SelectingTest, ExposureThatCannotBeReadIsNone) {
  server_.gradebook_store.gate().Fail("NewestPlans", absl::UnavailableError("away"));
  EXPECT_THAT(Plan(1, 4), SizeIs(4));
  EXPECT_THAT(server_.Metrics(), HasSubstr(Unknown("exposure")));
}

TEST_F(SelectingTest, AnIndexThatLagsIsReadAsItStands) {
  ImportDue(100, "b3", 10);
  EXPECT_EQ(Plan(1, 2)[0], "b3");
  ImportDue(101, "a4", 2);
  server_.memory_index.gate().Fail("Backlog", absl::UnavailableError("away"));
  EXPECT_EQ(Plan(2, 2)[0], "b3");
  EXPECT_THAT(server_.Metrics(), HasSubstr(Unknown("latest")));
  server_.memory_index.gate().Heal();
  EXPECT_EQ(Plan(3, 2)[0], "a4");
}

TEST_F(SelectingTest, WhatIsLateIsNotWaitedForLongerThanHalfOfTheTime) {
  for (const char* operation : {"Backlog", "ReadMemory", "NewestReviews"}) {
    server_.memory_index.gate().Stall(operation);
  }
  server_.gradebook_store.gate().Stall("NewestPlans");
  As hurried;
  hurried.deadline = absl::Seconds(4);
  const absl::Time before = absl::Now();
  EXPECT_THAT(Plan(1, 4, 7, hurried), SizeIs(4));
  EXPECT_LT(absl::Now() - before, absl::Seconds(4));
  for (const char* what : {"latest", "memory", "reviews", "exposure"}) {
    EXPECT_THAT(server_.Metrics(), HasSubstr(Unknown(what)));
  }
}

}  // namespace
}  // namespace greenroom::session::testing
