// An exam through three real services: set by an instructor on the command line, taken by a learner who practises on one of
// the two packs as well, over two deaths of the session service, until the instructor releases the grades. At each stage
// the learner asks everything that there is to ask of sessions, progress and content, and the replies are searched.
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "greenroom/content/v1/authoring_service.pb.h"
#include "greenroom/content/v1/content_service.pb.h"
#include "greenroom/scoring/v1/scoring_service.pb.h"
#include "greenroom/session/v1/gradebook_service.pb.h"
#include "greenroom/session/v1/progress_service.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/rng.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "services/session/testing/learner_walk.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary
using session::testing::LearnerWalk;
using session::testing::Tells;
using session::testing::WalkReply;
using testing::HasSubstr;

// In all that only a reveal or a released report may show. NAME is the pack's.
constexpr char kPack[] = R"(format: greenroom-pack/1
pack: NAME
language: en
role: Examiner
VISIBILITY
questions:
  - id: NAME-one
    kind: concept
    difficulty: 2
    prompt: What does the prompt of the first ask?
    hints: [zqsecretNAME hint]
    model_answer: One follows the steepest descent, and zqsecretNAME.
    guidance: zqsecretNAME guidance
    notes: zqsecretNAME notes
    rubric:
      - {id: descent, point: Follows the steepest descent zqsecretNAME, accept: [steepest descent, zqsecretNAME]}
      - {id: rate, point: Names the zqsecretNAME rate, accept: [zqsecretNAME rate], cue: How fast zqsecretNAME}
    red_flags: [{id: exact, point: It is exact zqsecretNAME, match: [is exact], say: Not so zqsecretNAME}]
  - id: NAME-two
    kind: concept
    difficulty: 2
    prompt: What does the prompt of the second ask?
    model_answer: It is zqsecretNAME.
    rubric: [{id: that, point: It is zqsecretNAME, accept: [zqsecretNAME]}]
)";
constexpr char kWord[] = "zqsecret";
constexpr char kFinalsWord[] = "zqsecretfinal";
constexpr char kAnswer[] = "One follows the steepest descent, but it is exact.";

class ExamTest : public testing::Test {
 protected:
  using Stub = SessionService::Stub;

  void SetUp() override {
    auto started = System::Start();
    ASSERT_TRUE(started.ok()) << started.status();
    system_ = *std::move(started);
    learner_ = *system_->Token("learner", "ada");
    author_ = *system_->Token("author", "author");
    teacher_ = *system_->Token("instructor", "grace");
    channel_ = Connect(Service::kSession);
    stub_ = SessionService::NewStub(channel_);
    walk_ = std::make_unique<LearnerWalk>(
        std::vector<LearnerWalk::Service>{
            {channel_, ServiceOf<CreateSessionRequest>()},
            {channel_, ServiceOf<GetProgressRequest>()},
            {Connect(Service::kContent), ServiceOf<content::v1::GetPackRequest>()},
            {channel_, ServiceOf<OverrideGradeRequest>(), false},
            {Connect(Service::kContent), ServiceOf<content::v1::ImportPackRequest>(), false},
            {Connect(Service::kScoring), ServiceOf<scoring::v1::GradeAnswerRequest>(), false}},
        absl::StrCat("Bearer ", learner_));
  }

  std::shared_ptr<grpc::Channel> Connect(Service service) {
    return grpc::CreateChannel(system_->target(service), grpc::InsecureChannelCredentials());
  }
  // The one that the message's file declares.
  template <typename Message>
  static std::string ServiceOf() {
    return Message::descriptor()->file()->service(0)->full_name();
  }

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", absl::StrCat("Bearer ", learner_));
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10 * kSlowBuild));
    Response response;
    const grpc::Status status = (*stub_.*method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }
  absl::StatusOr<std::string> Teach(std::vector<std::string> words) {
    words.insert(words.end(), {"--session", system_->address(Service::kSession), "--token", teacher_});
    return system_->Greenroom(std::move(words));
  }

  // Imports and publishes the pack on the command line.
  void Publish(const std::string& pack, const std::string& visibility) {
    const std::string path = absl::StrCat(testing::TempDir(), "/", pack, ".pack.yaml");
    std::ofstream(path) << absl::StrReplaceAll(kPack, {{"NAME", pack}, {"VISIBILITY", visibility}});
    for (const auto& words : {std::vector<std::string>{"import", path}, {"publish", pack}}) {
      std::vector<std::string> args = words;
      args.insert(args.end(), {"--content", system_->address(Service::kContent), "--token", author_});
      const auto done = system_->Greenroom(args);
      ASSERT_TRUE(done.ok()) << done.status();
    }
  }
  absl::StatusOr<std::string> Assign(const std::string& pack) {
    return Teach({"assign", "--pack", pack, "--id", pack, "--mode", "exam", "--minutes", "30"});
  }
  Session Create(SessionMode mode, const std::string& pack) {
    CreateSessionRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_session_id(rng_.Uuid());
    request.set_mode(mode);
    if (mode == SESSION_MODE_EXAM) {
      request.set_assignment("tenants/-/assignments/" + pack);
    } else {
      request.set_source("tenants/-/packs/" + pack);
    }
    const auto created = Call(&Stub::CreateSession, request);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.ok() ? created->session() : Session();
  }
  // Answers what NextQuestion asks; the answer's name. Of an exam neither reply tells anything.
  std::string AnswerNext(const std::string& session, bool exam) {
    NextQuestionRequest next;
    next.set_session(session);
    const auto asked = Call(&Stub::NextQuestion, next);
    EXPECT_TRUE(asked.ok()) << asked.status();
    SubmitAnswerRequest submit;
    submit.set_session(session);
    submit.set_answer_id(rng_.Uuid());
    submit.set_question(asked.ok() ? asked->question() : "");
    submit.set_text(kAnswer);
    const auto answered = Call(&Stub::SubmitAnswer, submit);
    EXPECT_TRUE(answered.ok()) << answered.status();
    if (!asked.ok() || !answered.ok()) return "";
    EXPECT_EQ(Tells(*asked, kWord), 0);
    if (exam) EXPECT_EQ(Tells(*answered, kWord), 0) << answered->DebugString();
    return answered->answer().name();
  }
  void FinishExam(const std::string& session) {
    FinishSessionRequest request;
    request.set_name(session);
    request.set_request_id(rng_.Uuid());
    const auto finished = Call(&Stub::FinishSession, request);
    ASSERT_TRUE(finished.ok()) << finished.status();
    EXPECT_EQ(Tells(*finished, kWord), 0) << finished->DebugString();
  }
  void DieAndComeBack() {
    system_->Kill9(Service::kSession);
    ASSERT_TRUE(system_->StartService(Service::kSession).ok());
  }
  // Once `done` of the session as the learner is shown it; fails where it does not come.
  void Await(const std::string& session, const std::function<bool(const Session&)>& done) {
    GetSessionRequest request;
    request.set_name(session);
    const absl::Time patience = absl::Now() + absl::Seconds(60) * kSlowBuild;
    absl::StatusOr<Session> seen = Call(&Stub::GetSession, request);
    while (seen.ok() && !done(*seen) && absl::Now() < patience) {
      absl::SleepFor(absl::Milliseconds(100));
      seen = Call(&Stub::GetSession, request);
    }
    ASSERT_TRUE(seen.ok()) << seen.status();
    EXPECT_TRUE(done(*seen)) << seen->DebugString();
  }
  static int TellsOf(const WalkReply& reply) {
    int tells = 0;
    for (const auto& message : reply.messages) tells += Tells(*message, kWord);
    return tells;
  }

  SystemRng rng_;
  std::unique_ptr<System> system_;
  std::string learner_, author_, teacher_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Stub> stub_;
  std::unique_ptr<LearnerWalk> walk_;
};

TEST_F(ExamTest, NothingIsToldUntilTheGradesAreReleased) {
  ASSERT_NO_FATAL_FAILURE(Publish("final", "visibility: exam\noffline: full"));
  ASSERT_NO_FATAL_FAILURE(Publish("open", "visibility: practice\noffline: none"));
  for (const char* pack : {"final", "open"}) {
    const auto set = Assign(pack);
    ASSERT_TRUE(set.ok()) << set.status();
    EXPECT_THAT(*set, HasSubstr(absl::StrCat("exam on ", pack)));
  }
  const auto refused = Assign("ml-engineer");  // learners may have its answers on their devices
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.status().ToString(), HasSubstr("exited with 1"));

  const Session practice = Create(SESSION_MODE_PRACTICE, "open");
  LearnerWalk::Names names;
  names.sessions = {practice.name()};
  names.answers = {AnswerNext(practice.name(), false)};
  names.packs = {"tenants/-/packs/final", "tenants/-/packs/open"};
  names.questions = {"final-one", "final-two", "open-one", "open-two"};
  names.revisions = {practice.revision()};
  names.not_to_end = {practice.name()};
  names.offline_session = practice.name().substr(practice.name().rfind('/') + 1);
  names.now = absl::Now();
  int told = 0;
  for (const WalkReply& reply : walk_->Ask(names)) {
    EXPECT_FALSE(absl::StrContains(reply.Bytes(), kFinalsWord)) << reply.Text();
    told += TellsOf(reply) > 0 ? 1 : 0;
  }
  EXPECT_GT(told, 15) << "practice tells, and the walk sees it";

  const Session closed = Create(SESSION_MODE_EXAM, "final");
  const Session open = Create(SESSION_MODE_EXAM, "open");
  names.answers.push_back(AnswerNext(closed.name(), true));
  names.answers.push_back(AnswerNext(open.name(), true));
  names.sessions = {practice.name(), closed.name(), open.name()};
  names.revisions = {open.revision(), closed.revision()};
  names.not_to_end = {closed.name(), open.name()};
  names.assignments = {"tenants/-/assignments/final", "tenants/-/assignments/open"};
  const auto ask_during = [&] {
    names.now = absl::Now();
    for (const WalkReply& reply : walk_->Ask(names)) {
      EXPECT_EQ(TellsOf(reply), 0) << reply.Text();
      EXPECT_FALSE(absl::StrContains(reply.Bytes(), kWord)) << reply.Text();
    }
  };
  ask_during();
  ASSERT_NO_FATAL_FAILURE(DieAndComeBack());
  ask_during();
  // What the device has sent for the practice session is graded meanwhile.
  Await(practice.name(), [](const Session& session) {
    int pending = 0;
    for (const SessionQuestion& question : session.questions()) pending += question.pending_grades();
    return pending == 0 && session.questions(0).attempts() > 1;
  });
  ask_during();

  ASSERT_NO_FATAL_FAILURE(FinishExam(closed.name()));
  ASSERT_NO_FATAL_FAILURE(FinishExam(open.name()));
  // The other pack may be practised again; of the exams themselves nothing is told.
  names.sessions = {closed.name(), open.name()};
  names.answers.erase(names.answers.begin());
  const auto ask_after = [&] {
    for (const WalkReply& reply : walk_->Ask(names)) {
      EXPECT_FALSE(absl::StrContains(reply.Bytes(), kFinalsWord)) << reply.Text();
      const bool about_them = reply.IsAbout(closed.name()) || reply.IsAbout(open.name());
      if (about_them) EXPECT_EQ(TellsOf(reply), 0) << reply.Text();
    }
  };
  ask_after();
  ASSERT_NO_FATAL_FAILURE(DieAndComeBack());
  ask_after();
  const auto results = Teach({"assign", "--results", "final"});
  ASSERT_TRUE(results.ok()) << results.status();
  EXPECT_THAT(*results, HasSubstr("ada: 2 of 2 answered, score ")) << "the teacher sees it";

  for (const char* assignment : {"final", "open"}) {
    const auto released = Teach({"assign", "--release", assignment});
    ASSERT_TRUE(released.ok()) << released.status();
  }
  Await(closed.name(), [](const Session& session) { return session.released() && session.has_score(); });
  Await(open.name(), [](const Session& session) { return session.released() && session.has_score(); });
  int shown = 0;
  for (const WalkReply& reply : walk_->Ask(names)) {
    shown += absl::StrContains(reply.Bytes(), kFinalsWord) ? 1 : 0;
    const bool content_tells =
        absl::StartsWith(reply.rpc, "ContentService") && absl::StrContains(reply.Bytes(), kWord);
    EXPECT_FALSE(content_tells) << reply.Text();
  }
  EXPECT_GT(shown, 5);
}

}  // namespace
}  // namespace greenroom::e2e
