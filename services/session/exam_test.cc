// What a learner is told of an exam before its grades are released: nothing, by any reply of any RPC; and what an open exam
// keeps shut elsewhere.
#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "services/session/domain/deadlines.h"
#include "services/session/testing/learner_walk.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Gradebook = v1::GradebookService::Stub;
constexpr char kExamPack[] = "tenants/acme/packs/exam";
constexpr char kExamRevision[] = "tenants/acme/packs/exam/revisions/r00000000000000000000000000000002";

class ExamTest : public SessionServiceTest {
 protected:
  ExamTest() {
    server_.catalogue.Publish(kExamPack, {kExamRevision, {MarkedQuestion("q1"), MarkedQuestion("q2")}},
                              content::v1::VISIBILITY_EXAM);
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
    const auto created = Call(&Gradebook::CreateAssignment, request);
    EXPECT_TRUE(created.ok()) << created.status();
  }
  static v1::CreateSessionRequest Exam(int number, const std::string& assignment = "final") {
    v1::CreateSessionRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_session_id(Uuid(number));
    request.set_mode(v1::SESSION_MODE_EXAM);
    request.set_assignment("tenants/-/assignments/" + assignment);
    return request;
  }
  absl::StatusOr<v1::Assignment> ReleaseGrades(const std::string& assignment = "final") {
    v1::ReleaseGradesRequest request;
    request.set_name("tenants/-/assignments/" + assignment);
    return Call(&Gradebook::ReleaseGrades, request);
  }
  v1::GetSessionReportRequest ReportOf(const std::string& session) {
    v1::GetSessionReportRequest request;
    request.set_name(session);
    return request;
  }
  v1::ListAnswersRequest AnswersOf(const std::string& session) {
    v1::ListAnswersRequest request;
    request.set_parent(session);
    return request;
  }
  v1::ListSessionsRequest ListOf() {
    v1::ListSessionsRequest request;
    request.set_parent(kLearner);
    return request;
  }

  static int Tells(const google::protobuf::Message& message) { return testing::Tells(message, "MARKER"); }
  template <typename Response>
  void ExpectSilent(const absl::StatusOr<Response>& reply) {
    if (!reply.ok()) {
      EXPECT_FALSE(absl::StrContains(reply.status().ToString(), "MARKER")) << reply.status();
      return;
    }
    EXPECT_EQ(Tells(*reply), 0) << reply->DebugString();
    ++replies_;
  }
  absl::StatusOr<v1::Progress> Progress(const std::string& pack = "") {
    v1::GetProgressRequest request;
    request.set_name(absl::StrCat(kLearner, "/progress"));
    request.set_pack(pack);
    return Call(&v1::ProgressService::Stub::GetProgress, request);
  }
  absl::StatusOr<v1::Calibration> Calibration(const std::string& pack) {
    v1::GetCalibrationRequest request;
    request.set_parent(kLearner);
    request.set_pack(pack);
    return Call(&v1::ProgressService::Stub::GetCalibration, request);
  }
  // What is told of the learner as such.
  void AskProgress() {
    using Progress = v1::ProgressService::Stub;
    v1::GetProgressRequest progress;
    progress.set_name(absl::StrCat(kLearner, "/progress"));
    ExpectSilent(Call(&Progress::GetProgress, progress));
    progress.set_pack(kExamPack);
    ExpectSilent(Call(&Progress::GetProgress, progress));
    v1::ListDueQuestionsRequest due;
    due.set_parent(kLearner);
    ExpectSilent(Call(&Progress::ListDueQuestions, due));
    v1::GetCalibrationRequest calibration;
    calibration.set_parent(kLearner);
    ExpectSilent(Call(&Progress::GetCalibration, calibration));
    grpc::ClientContext context;
    context.AddMetadata("authorization", FakeAuthenticator::Credential("acme", "ada", {Role::kLearner}));
    v1::ExportLearnerRequest everything;
    everything.set_name(kLearner);
    const auto reader = server_.progress_stub->ExportLearner(&context, everything);
    std::string lines;
    for (v1::ExportLearnerResponse piece; reader->Read(&piece);) lines += piece.lines();
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_THAT(lines, HasSubstr("submitted"));
    for (const char* told : {"MARKER", "score", "report\"", "comment", "memory", "stability"})
      EXPECT_THAT(lines, Not(HasSubstr(told)));
  }
  // Packs and questions of the due times among the changes.
  static std::vector<std::string> DueTold(const v1::SyncLearnerResponse& response) {
    std::vector<std::string> told;
    for (const v1::LearnerChange& change : response.changes()) {
      if (change.has_due()) told.push_back(absl::StrCat(change.due().pack(), " ", change.due().question()));
    }
    return told;
  }
  // Every RPC of the service about the session, whatever comes of it.
  void AskEverything(const std::string& session, const std::string& answer, int id) {
    ExpectSilent(Get(session));
    ExpectSilent(Next(session));
    ExpectSilent(Next(session, "q1"));
    ExpectSilent(SaveDraft(session, "q2", "draft"));
    ExpectSilent(Submit(session, 2, "q1"));
    ExpectSilent(Submit(session, id, "q1"));
    ExpectSilent(Hint(session, id + 1, "q1"));
    ExpectSilent(Hint(session, id + 2, "q2"));
    ExpectSilent(Reveal(session, id + 3, "q1"));
    ExpectSilent(Reveal(session, id + 4, "q2"));
    ExpectSilent(Rate(session, id + 5, "q1"));
    ExpectSilent(Pause(session, id + 6));
    ExpectSilent(Resume(session, id + 7));
    ExpectSilent(GetAnswer(answer));
    ExpectSilent(Call(&Stub::ListAnswers, AnswersOf(session)));
    ExpectSilent(Call(&Stub::GetSessionReport, ReportOf(session)));
    ExpectSilent(Call(&Stub::ListSessions, ListOf()));
    v1::SyncLearnerRequest sync;
    sync.set_parent(kLearner);
    sync.set_device("phone");
    const auto synced = Call(&Stub::SyncLearner, sync);
    ExpectSilent(synced);
    if (synced.ok()) EXPECT_THAT(DueTold(*synced), IsEmpty());
    AskProgress();
    const std::optional<v1::WatchSessionResponse> watched = StartWatch(session)->Next();
    ASSERT_TRUE(watched.has_value());
    ExpectSilent(absl::StatusOr<v1::WatchSessionResponse>(*watched));
    ExpectSilent(Call(&Stub::CreateSession, Exam(1)));
    ExpectSilent(Call(&Stub::CreateSession, Exam(id + 8)));  // a second session
    v1::CreateSessionRequest practice = CreateRequest(id + 9);
    practice.set_source(kExamPack);
    ExpectSilent(Call(&Stub::CreateSession, practice));
    practice.set_source(kExamRevision);
    ExpectSilent(Call(&Stub::CreateSession, practice));
  }

  int replies_ = 0;
};

TEST_F(ExamTest, IsMadeOfAnAssignmentOnly) {
  v1::CreateSessionRequest request = CreateRequest(1, v1::SESSION_MODE_EXAM);
  EXPECT_REASON(Call(&Stub::CreateSession, request), kFailedPrecondition, "MODE_FORBIDS");
  const auto created = Call(&Stub::CreateSession, Exam(1));
  ASSERT_OK(created);
  EXPECT_EQ(created->session().mode(), v1::SESSION_MODE_EXAM);
  EXPECT_EQ(created->session().deadline().seconds(),
            absl::ToUnixSeconds(server_.clock.Now() + absl::Minutes(30)));
  EXPECT_REASON(Pause(created->session().name(), 2), kFailedPrecondition, "MODE_FORBIDS");
}

TEST_F(ExamTest, NothingIsToldBeforeTheRelease) {
  const std::string session = SessionPath(Uuid(1));
  ExpectSilent(Call(&Stub::CreateSession, Exam(1)));
  ExpectSilent(Next(session));
  const auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  ExpectSilent(submitted);
  EXPECT_EQ(submitted->answer().grade().state(), v1::GRADE_STATE_GRADED);
  AskEverything(session, submitted->answer().name(), 100);
  // A grade that comes late.
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  ExpectSilent(Submit(session, 3, "q2"));
  server_.grader.gate().Heal();
  server_.worker.RunOnce();
  AskEverything(session, session + "/answers/" + Uuid(3), 200);
  ExpectSilent(Finish(session, 4));
  ExpectSilent(Finish(session, 4));
  AskEverything(session, submitted->answer().name(), 300);
  server_.live.Flush();
  AskEverything(session, submitted->answer().name(), 400);
  EXPECT_GT(replies_, 40);
  // Staff see it.
  EXPECT_GT(Tells(*Call(&Stub::GetSessionReport, ReportOf(session), Teacher())), 3);
}

TEST_F(ExamTest, TheReleaseTellsEverythingOfWhatIsFinished) {
  const std::string session = SessionPath(Uuid(1));
  ASSERT_OK(Call(&Stub::CreateSession, Exam(1)));
  const auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  ASSERT_OK(Finish(session, 3));
  ASSERT_OK(Call(&Stub::CreateSession, Exam(4), {.learner = "bob"}));
  EXPECT_EQ(server_.exam_worker.RunOnce(), 0);
  const auto released = ReleaseGrades();
  ASSERT_OK(released);
  EXPECT_TRUE(released->has_release_time());
  EXPECT_EQ(ReleaseGrades()->SerializeAsString(), released->SerializeAsString());
  EXPECT_FALSE(Get(session)->released());
  EXPECT_EQ(server_.exam_worker.RunOnce(), 2);
  EXPECT_EQ(server_.exam_worker.RunOnce(), 0);
  EXPECT_TRUE(Get(session)->released());
  EXPECT_EQ(Get(session)->score(), 28);
  EXPECT_EQ(GetAnswer(submitted->answer().name())->grade().report().score(), 55);
  EXPECT_EQ(Reveal(session, 5, "q2")->reveal().model_answer(), "MARKER-MODEL-q2");
  ASSERT_OK(Rate(session, 6, "q1"));
  EXPECT_GT(Tells(*Call(&Stub::GetSessionReport, ReportOf(session))), 3);

  // Bob's goes on, and is shown when it ends.
  const As bob = {.learner = "bob"};
  const std::string bobs = SessionPath(Uuid(4), "bob");
  const auto his = Submit(bobs, 7, "q1", "words of the learner", bob);
  ASSERT_OK(his);
  EXPECT_EQ(Tells(*his), 0);
  EXPECT_EQ(Tells(*Call(&Stub::GetSessionReport, ReportOf(bobs), bob)), 0);
  server_.clock.Advance(absl::Hours(1));
  EXPECT_EQ(server_.deadline_worker.RunOnce(), 1);
  EXPECT_GT(Tells(*Call(&Stub::GetSessionReport, ReportOf(bobs), bob)), 3);
}

TEST_F(ExamTest, DueTimesAreToldWhenItIsReleasedAndOfPacksThatMayBePractised) {
  v1::SyncLearnerRequest sync;
  sync.set_parent(kLearner);
  sync.set_device("phone");
  const auto told = [&] {
    const auto synced = Call(&Stub::SyncLearner, sync);
    EXPECT_TRUE(synced.ok()) << synced.status();
    sync.set_token(synced->token());
    return DueTold(*synced);
  };
  for (const auto& [number, assignment] : {std::pair(1, "final"), std::pair(11, "open")}) {
    ASSERT_OK(Call(&Stub::CreateSession, Exam(number, assignment)));
    ASSERT_OK(Submit(SessionPath(Uuid(number)), number + 1, "q1"));
  }
  ASSERT_OK(Finish(SessionPath(Uuid(1)), 3));
  ASSERT_OK(ReleaseGrades("final"));
  ASSERT_OK(ReleaseGrades("open"));
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(server_.exam_worker.RunOnce(), 2);
  // Of the exam's pack nothing; and the other exam is not over.
  EXPECT_THAT(told(), IsEmpty());
  v1::GetProgressRequest progress;
  progress.set_name(absl::StrCat(kLearner, "/progress"));
  progress.set_pack(kPack);
  EXPECT_REASON(Call(&v1::ProgressService::Stub::GetProgress, progress), kFailedPrecondition, "EXAM_OPEN");
  ASSERT_OK(Finish(SessionPath(Uuid(11)), 13));
  EXPECT_THAT(told(), ElementsAre(absl::StrCat(kPack, " q1")));
  EXPECT_EQ(Call(&v1::ProgressService::Stub::GetProgress, progress)->questions(0).reviews(), 1);
}

TEST_F(ExamTest, OnlyExamsAreReleased) {
  v1::CreateAssignmentRequest request;
  request.set_parent("tenants/-");
  request.set_assignment_id("mock");
  request.mutable_assignment()->set_revision(kPack);
  request.mutable_assignment()->set_mode(v1::SESSION_MODE_MOCK);
  ASSERT_OK(Call(&Gradebook::CreateAssignment, request));
  EXPECT_REASON(ReleaseGrades("mock"), kFailedPrecondition, "MODE_FORBIDS");
  EXPECT_REASON(ReleaseGrades("none"), kNotFound, "ASSIGNMENT_NOT_FOUND");
  v1::ReleaseGradesRequest release;
  release.set_name("tenants/-/assignments/final");
  EXPECT_REASON(Call(&Gradebook::ReleaseGrades, release, As()), kPermissionDenied, "ROLE_FORBIDS");
}

TEST_F(ExamTest, AReleaseThatFailsIsDoneInTheNextRound) {
  ASSERT_OK(Call(&Stub::CreateSession, Exam(1)));
  ASSERT_OK(ReleaseGrades());
  server_.log.gate().Fail("Append", absl::UnavailableError("away"), 1);
  EXPECT_EQ(server_.exam_worker.RunOnce(), 0);
  EXPECT_EQ(server_.exam_worker.RunOnce(), 1);
  int released = 0;
  for (const Event& event : Events()) released += event.payload.has_released() ? 1 : 0;
  EXPECT_EQ(released, 1);
}

TEST_F(ExamTest, AnOpenExamShutsWhatWouldHelpOnItsPack) {
  const std::string before = Create(1);  // practice on the pack, begun before
  const auto answered = Submit(before, 2, "q1");
  ASSERT_OK(answered);
  const std::string exam = SessionPath(Uuid(3));
  ASSERT_OK(Call(&Stub::CreateSession, Exam(3, "open")));
  EXPECT_REASON(Call(&Stub::CreateSession, CreateRequest(4)), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Hint(before, 5, "q1"), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Reveal(before, 6, "q1"), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Call(&Stub::GetSessionReport, ReportOf(before)), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Finish(before, 7), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(GetAnswer(answered->answer().name()), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Call(&Stub::ListAnswers, AnswersOf(before)), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Submit(before, 8, "q2"), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Submit(before, 2, "q1"), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Next(before), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Progress(kPack), kFailedPrecondition, "EXAM_OPEN");
  EXPECT_REASON(Calibration(kPack), kFailedPrecondition, "EXAM_OPEN");
  // Of another learner, and of another pack, nothing is shut; nor is the exam itself, nor are its staff.
  Create(9, {.learner = "bob"});
  ASSERT_OK(Call(&Stub::GetSessionReport, ReportOf(exam)));
  ASSERT_OK(Submit(exam, 10, "q1"));
  ASSERT_OK(Call(&Stub::GetSessionReport, ReportOf(before), Teacher()));
  ASSERT_OK(Call(&Stub::CreateSession, Exam(11)));
  ASSERT_OK(Finish(exam, 12));
  ASSERT_OK(Reveal(before, 6, "q1"));
  ASSERT_OK(Submit(before, 8, "q2"));
  Create(13);
}

TEST_F(ExamTest, WhatTellsOfMoreLeavesOutWhatIsShut) {
  const std::string before = Create(1);
  ASSERT_OK(Submit(before, 2, "q1"));
  ASSERT_OK(Reveal(before, 3, "q1"));
  EXPECT_EQ(Get(before)->score(), 55);
  ASSERT_OK(Progress());
  EXPECT_EQ(Progress()->pack(), kPack);
  const auto watch = StartWatch(before);
  EXPECT_TRUE(watch->Next()->session().has_score());
  ASSERT_OK(Call(&Stub::CreateSession, Exam(4, "open")));

  const auto shown = [](const v1::Session& session) {
    return session.has_score() || session.questions(0).has_score();
  };
  EXPECT_FALSE(shown(*Get(before)));
  EXPECT_EQ(Get(before)->questions(0).attempts(), 1);
  EXPECT_TRUE(shown(*Get(before, 0, Teacher())));
  EXPECT_FALSE(shown(StartWatch(before)->Next()->session()));
  const auto listed = Call(&Stub::ListSessions, ListOf());
  ASSERT_OK(listed);
  for (const v1::Session& session : listed->sessions()) EXPECT_FALSE(shown(session)) << session.DebugString();
  EXPECT_EQ(Progress()->pack(), "");
  EXPECT_EQ(Progress()->due(), 0);
  v1::GetProgressRequest by_teacher;
  by_teacher.set_name(absl::StrCat(kLearner, "/progress"));
  EXPECT_EQ(Call(&v1::ProgressService::Stub::GetProgress, by_teacher, Teacher())->pack(), kPack);
  const auto paused = Pause(before, 5);
  ASSERT_OK(paused);
  EXPECT_FALSE(shown(paused->session()));
  EXPECT_FALSE(shown(Pause(before, 5)->session())) << "nor does its replay";

  ASSERT_OK(Finish(SessionPath(Uuid(4)), 6));
  EXPECT_TRUE(shown(*Get(before)));
  EXPECT_TRUE(shown(Pause(before, 5)->session()));
  EXPECT_EQ(Progress()->pack(), kPack);
}

TEST_F(ExamTest, IsNotMadeOfAPackThatHandsOutItsAnswers) {
  const auto made = [&](const std::string& pack, v1::SessionMode mode) {
    v1::CreateAssignmentRequest request;
    request.set_parent("tenants/-");
    request.set_assignment_id(absl::StrCat("a", static_cast<int>(mode)));
    request.mutable_assignment()->set_revision(pack);
    request.mutable_assignment()->set_mode(mode);
    return Call(&Gradebook::CreateAssignment, request);
  };
  const RevisionContent content = {kRevision, {MarkedQuestion("q1")}};
  server_.catalogue.Publish(kPack, content, content::v1::VISIBILITY_PRACTICE, {},
                            content::v1::OFFLINE_POLICY_FULL);
  for (const char* name : {kPack, kRevision}) {
    const auto refused = made(name, v1::SESSION_MODE_EXAM);
    EXPECT_REASON(refused, kInvalidArgument, "INVALID_REQUEST");
    EXPECT_THAT(refused.status().ToString(), HasSubstr("visibility: exam"));
  }
  ASSERT_OK(made(kPack, v1::SESSION_MODE_MOCK));
  server_.catalogue.Publish(kPack, content, content::v1::VISIBILITY_EXAM, {},
                            content::v1::OFFLINE_POLICY_FULL);
  ASSERT_OK(made(kRevision, v1::SESSION_MODE_EXAM));
}

TEST_F(ExamTest, NobodyHasTwoExamsOfOneAssignment) {
  ASSERT_OK(Call(&Stub::CreateSession, Exam(1)));
  EXPECT_REASON(Call(&Stub::CreateSession, Exam(2)), kFailedPrecondition, "EXAM_OPEN");
  ASSERT_OK(Finish(SessionPath(Uuid(1)), 3));
  EXPECT_REASON(Call(&Stub::CreateSession, Exam(2)), kFailedPrecondition, "ATTEMPTS_EXHAUSTED");
}

}  // namespace
}  // namespace greenroom::session::testing
