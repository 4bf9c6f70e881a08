// SyncLearner while an exam is open: what a device did is taken, and what the exam keeps shut comes when it is over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "services/session/testing/learner_walk.h"
#include "services/session/testing/sync_fixture.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ExamSyncTest : public SyncTest {
 protected:
  ExamSyncTest() {
    v1::CreateAssignmentRequest request;
    request.set_parent("tenants/-");
    request.set_assignment_id("open");
    request.mutable_assignment()->set_revision(kPack);
    request.mutable_assignment()->set_mode(v1::SESSION_MODE_EXAM);
    request.mutable_assignment()->mutable_time_limit()->set_seconds(1800);
    request.mutable_assignment()->set_max_sessions(3);
    const auto made = Call(&v1::GradebookService::Stub::CreateAssignment, request);
    EXPECT_TRUE(made.ok()) << made.status();
  }
  void BeginExam(int number) {
    v1::CreateSessionRequest request;
    request.set_parent(kLearner);
    request.set_session_id(Uuid(number));
    request.set_mode(v1::SESSION_MODE_EXAM);
    request.set_assignment("tenants/-/assignments/open");
    const auto begun = Call(&Stub::CreateSession, request);
    ASSERT_TRUE(begun.ok()) << begun.status();
  }
  static int TellsOf(const v1::SyncLearnerResponse& response) { return Tells(response, "MARKER"); }

  // Keeps what it is told, as a device does; pages of `size`.
  struct Device {
    std::string token;
    std::map<std::string, std::string> kept;  // by name, as text
  };
  void Catch(Device& device, int size = 0) {
    for (bool more = true; more;) {
      v1::SyncLearnerRequest request = Request({}, device.token);
      request.set_page_size(size);
      const auto page = Call(&Stub::SyncLearner, request);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const v1::LearnerChange& change : page->changes()) {
        if (change.has_session()) device.kept[change.session().name()] = change.session().DebugString();
        if (change.has_answer()) device.kept[change.answer().name()] = change.answer().DebugString();
      }
      device.token = page->token();
      more = page->more();
    }
  }
};

TEST_F(ExamSyncTest, TakesWhatADeviceDidAndTellsOfItWhenTheExamIsOver) {
  const auto before = Sync({Begin(1, -60), Answer(2, 1, -50)});
  ASSERT_OK(before);
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  BeginExam(3);
  // What was done elsewhere is acknowledged, and graded.
  const auto during = Sync({Answer(4, 1, -40, "q2"), RevealOf(5, 1, -30)}, before->token());
  EXPECT_THAT(Outcomes(during), ElementsAre("TAKEN", "TAKEN"));
  EXPECT_THAT(Changed(*during), ElementsAre("session 1", "answer 2", "answer 4", "session 3"));
  EXPECT_EQ(TellsOf(*during), 0) << during->DebugString();
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  const auto graded = Sync({}, during->token());
  EXPECT_THAT(Changed(*graded), ElementsAre("session 1", "answer 4"));
  EXPECT_EQ(TellsOf(*graded), 0) << graded->DebugString();
  EXPECT_EQ(graded->changes(1).answer().grade().state(), v1::GRADE_STATE_GRADED);
  EXPECT_EQ(graded->changes(1).answer().text(), "words of the learner");
  EXPECT_THAT(Changed(*Sync({}, graded->token())), IsEmpty());
  // A device that begins anew learns no more.
  const auto anew = Sync({});
  EXPECT_EQ(TellsOf(*anew), 0) << anew->DebugString();
  // Nor does one that comes again with the token of before.
  EXPECT_EQ(TellsOf(*Sync({}, before->token())), 0);

  ASSERT_OK(Finish(SessionPath(Uuid(3)), 6));
  const auto after = Sync({}, graded->token());
  EXPECT_THAT(Changed(*after), ElementsAre("session 1", "answer 2", "answer 4", "session 3"));
  EXPECT_EQ(after->changes(0).session().score(), 55);
  EXPECT_EQ(after->changes(1).answer().grade().report().items(1).point(), "MARKER-POINT-missed-q1");
  EXPECT_EQ(after->changes(2).answer().grade().report().score(), 55);
  EXPECT_THAT(Changed(*Sync({}, after->token())), IsEmpty());
}

TEST_F(ExamSyncTest, ADeviceEndsWithTheSameWhereverTheExamFell) {
  for (const int size : {1, 2, 100}) {
    const int base = 100 * size;
    ASSERT_OK(Sync({Begin(base + 1, -60), Answer(base + 2, base + 1, -50)}));
    Device device;
    Catch(device, size);
    server_.worker.RunOnce();
    BeginExam(base + 3);
    Catch(device, size);
    ASSERT_OK(Sync({Answer(base + 4, base + 1, -40, "q2"), RevealOf(base + 5, base + 1, -30)}));
    server_.worker.RunOnce();
    Catch(device, size);
    // Within a page.
    v1::SyncLearnerRequest request = Request({Answer(base + 6, base + 1, -20, "q3")}, device.token);
    request.set_page_size(1);
    const auto begun = Call(&Stub::SyncLearner, request);
    ASSERT_OK(begun);
    device.token = begun->token();
    ASSERT_OK(Finish(SessionPath(Uuid(base + 3)), base + 7));
    server_.worker.RunOnce();
    Catch(device, size);
    Device fresh;
    Catch(fresh);
    EXPECT_EQ(device.kept, fresh.kept) << size;
    EXPECT_THAT(fresh.kept, ::testing::Contains(
                                ::testing::Pair(SessionPath(Uuid(base + 1)) + "/answers/" + Uuid(base + 2),
                                                ::testing::HasSubstr("MARKER-POINT-missed-q1"))));
  }
}

}  // namespace
}  // namespace greenroom::session::testing
