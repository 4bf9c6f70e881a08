// An exam from before its beginning until its grades are released, with a second session on the same pack; at each stage a
// learner asks everything that the services' descriptors say there is to ask.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "services/session/errors.h"
#include "services/session/testing/learner_walk.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using Gradebook = v1::GradebookService::Stub;
constexpr char kExamPack[] = "tenants/acme/packs/exam";
constexpr char kExamRevision[] = "tenants/acme/packs/exam/revisions/r00000000000000000000000000000002";
// Begins what the secrets of the exam pack's questions end with.
constexpr char kExamsOwn[] = "-exam-";

class ExamWalkTest : public SessionServiceTest {
 protected:
  ExamWalkTest()
      : walk_({{server_.channel, v1::SessionService::service_full_name()},
               {server_.channel, v1::ProgressService::service_full_name()},
               {server_.channel, v1::GradebookService::service_full_name(), false}},
              FakeAuthenticator::Credential("acme", "ada", {Role::kLearner})) {
    server_.catalogue.Publish(kExamPack,
                              {kExamRevision, {MarkedQuestion("exam-one"), MarkedQuestion("exam-two")}},
                              content::v1::VISIBILITY_EXAM, {}, content::v1::OFFLINE_POLICY_FULL);
    // As scoring, which looks questions up: a device may say that it answered one that its pack does not have.
    server_.grader.set_grading([](const std::string& question, const std::string&) {
      const bool exists = absl::StartsWith(question, kExamRevision) == absl::StrContains(question, "/exam-");
      return exists ? absl::StatusOr<scoring::v1::Report>(MarkedReport(question))
                    : error::QuestionNotFound(question);
    });
    Assign("final", kExamPack);
    Assign("open", kPack);  // of a pack that can be practised
  }

  void Assign(const std::string& id, const std::string& pack) {
    v1::CreateAssignmentRequest request;
    request.set_parent("tenants/-");
    request.set_assignment_id(id);
    request.mutable_assignment()->set_revision(pack);
    request.mutable_assignment()->set_mode(v1::SESSION_MODE_EXAM);
    request.mutable_assignment()->mutable_time_limit()->set_seconds(1800);
    const auto made = Call(&Gradebook::CreateAssignment, request);
    EXPECT_TRUE(made.ok()) << made.status();
  }
  void Begin(int number, const std::string& assignment) {
    v1::CreateSessionRequest request;
    request.set_parent(kLearner);
    request.set_session_id(Uuid(number));
    request.set_mode(v1::SESSION_MODE_EXAM);
    request.set_assignment("tenants/-/assignments/" + assignment);
    const auto begun = Call(&Stub::CreateSession, request);
    ASSERT_TRUE(begun.ok()) << begun.status();
    EXPECT_EQ(Tells(*begun, "MARKER"), 0);
  }
  void Release(const std::string& assignment) {
    v1::ReleaseGradesRequest request;
    request.set_name("tenants/-/assignments/" + assignment);
    const auto released = Call(&Gradebook::ReleaseGrades, request);
    ASSERT_TRUE(released.ok()) << released.status();
  }

  // All that there is to ask of these sessions.
  LearnerWalk::Names NamesOf(std::vector<std::string> sessions) {
    LearnerWalk::Names names;
    names.sessions = std::move(sessions);
    names.answers = answers_;
    names.packs = {kPack, kExamPack};
    names.revisions = {kRevision, kExamRevision};
    names.questions = {"q1", "q2", "exam-one", "exam-two"};
    names.offline_session = Uuid(1);
    names.now = server_.clock.Now();
    return names;
  }
  static int TellsOf(const WalkReply& reply) {
    int tells = 0;
    for (const auto& message : reply.messages) tells += Tells(*message, "MARKER");
    return tells;
  }

  LearnerWalk walk_;
  std::vector<std::string> answers_;
};

TEST_F(ExamWalkTest, NoReplyTellsWhatTheExamAsksBeforeItsGradesAreReleased) {
  const std::string practice = Create(1);
  const auto practised = Submit(practice, 2, "q1");
  ASSERT_OK(practised);
  answers_ = {practised->answer().name()};
  LearnerWalk::Names names = NamesOf({practice});
  names.not_to_end = {practice};
  int told = 0;
  for (const WalkReply& reply : walk_.Ask(names)) {
    EXPECT_FALSE(absl::StrContains(reply.Bytes(), kExamsOwn)) << reply.Text();
    told += TellsOf(reply) > 0 ? 1 : 0;
  }
  EXPECT_GT(told, 20) << "practice tells, and the walk sees it";

  ASSERT_NO_FATAL_FAILURE(Begin(3, "final"));
  ASSERT_NO_FATAL_FAILURE(Begin(4, "open"));
  const std::vector<std::string> exams = {SessionPath(Uuid(3)), SessionPath(Uuid(4))};
  const auto first = Submit(exams[0], 5, "exam-one");
  const auto second = Submit(exams[1], 6, "q1");
  ASSERT_OK(first);
  ASSERT_OK(second);
  answers_.push_back(first->answer().name());
  answers_.push_back(second->answer().name());
  names = NamesOf({practice, exams[0], exams[1]});
  names.not_to_end = exams;
  names.assignments = {"tenants/-/assignments/final", "tenants/-/assignments/open"};
  const auto ask_during = [&] {
    for (const WalkReply& reply : walk_.Ask(names)) {
      EXPECT_EQ(TellsOf(reply), 0) << reply.Text();
      EXPECT_FALSE(absl::StrContains(reply.Bytes(), "MARKER")) << reply.Text();
    }
  };
  ask_during();
  // What the device has sent of the practice session is graded meanwhile, and another replica knows who has an exam.
  EXPECT_GT(server_.worker.RunOnce(), 0);
  server_.exam_worker.RunOnce();
  ask_during();
  server_.live.Flush();
  ask_during();

  for (int i = 0; i < 2; ++i) {
    const auto finished = Finish(exams[static_cast<size_t>(i)], 7 + i);
    ASSERT_OK(finished);
    EXPECT_EQ(Tells(*finished, "MARKER"), 0);
  }
  // The pack that can be practised may be again; of the exams themselves still nothing is told.
  names = NamesOf(exams);
  names.answers = {answers_[1], answers_[2]};
  for (const WalkReply& reply : walk_.Ask(names)) {
    EXPECT_FALSE(absl::StrContains(reply.Bytes(), kExamsOwn)) << reply.Text();
    if (reply.IsAbout(exams[0]) || reply.IsAbout(exams[1])) EXPECT_EQ(TellsOf(reply), 0) << reply.Text();
  }

  ASSERT_NO_FATAL_FAILURE(Release("final"));
  ASSERT_NO_FATAL_FAILURE(Release("open"));
  EXPECT_EQ(server_.exam_worker.RunOnce(), 2);
  int shown = 0;
  for (const WalkReply& reply : walk_.Ask(names)) {
    shown += absl::StrContains(reply.Bytes(), kExamsOwn) ? 1 : 0;
  }
  EXPECT_GT(shown, 5);
}

}  // namespace
}  // namespace greenroom::session::testing
