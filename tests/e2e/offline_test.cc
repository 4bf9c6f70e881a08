// What two devices did offline, played by the command line against the real services, one of which is killed in between.
#include <google/protobuf/util/json_util.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary

std::string Id(int number) { return absl::StrFormat("%08x-1111-4111-8111-111111111111", number); }

class OfflineTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = System::Start();
    ASSERT_TRUE(started.ok()) << started.status();
    system_ = *std::move(started);
    const auto packs =
        system_->Greenroom({"packs", "--json", "--content", system_->address(Service::kContent), "--token",
                            *system_->Token("learner", "ada")});
    ASSERT_TRUE(packs.ok()) << packs.status();
    for (const absl::string_view line : absl::StrSplit(*packs, '\n', absl::SkipEmpty())) {
      content::v1::Pack pack;
      ASSERT_TRUE(google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &pack).ok())
          << line;
      if (absl::EndsWith(pack.name(), "/ml-engineer")) revision_ = pack.revision();
    }
    ASSERT_FALSE(revision_.empty());
  }

  // One line of an outbox; `second` of the hour before now.
  std::string Line(int number, int second, const std::string& act) const {
    const bool begins = absl::StrContains(act, "begin");
    return absl::StrFormat(
        R"({"id":"%s","session":"%s","occurredTime":"%s","deviceSeq":"%d",%s})"
        "\n",
        Id(begins ? 1 : number), Id(1),
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", began_ + absl::Seconds(second), absl::UTCTimeZone()), number,
        act);
  }
  // What `greenroom sync` said: the replies.
  absl::StatusOr<std::vector<SyncLearnerResponse>> Sync(const std::string& device, const std::string& learner,
                                                        const std::string& lines) {
    const std::string path = absl::StrCat(testing::TempDir(), "/outbox-", device, "-", learner);
    std::ofstream(path) << lines;
    const auto token = system_->Token("learner", learner);
    if (!token.ok()) return token.status();
    const auto said = system_->Greenroom({"sync", "--json", "--outbox", path, "--device", device, "--session",
                                          system_->address(Service::kSession), "--token", *token});
    if (!said.ok()) return said.status();
    std::vector<SyncLearnerResponse> replies;
    for (const absl::string_view line : absl::StrSplit(*said, '\n', absl::SkipEmpty())) {
      EXPECT_TRUE(
          google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &replies.emplace_back())
              .ok());
    }
    return replies;
  }
  static int Count(const std::vector<SyncLearnerResponse>& replies, SyncOutcome outcome) {
    int count = 0;
    for (const SyncLearnerResponse& reply : replies) {
      for (const SyncStatus& status : reply.statuses()) count += status.outcome() == outcome ? 1 : 0;
    }
    return count;
  }
  void Prepare(grpc::ClientContext& context, const std::string& learner) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", *system_->Token("learner", learner)));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  }
  // The session once all of it is graded, without what is the learner's own and the order of arrival's.
  Session Settled(const std::string& learner) {
    const auto stub = SessionService::NewStub(
        grpc::CreateChannel(system_->address(Service::kSession), grpc::InsecureChannelCredentials()));
    Session session;
    for (int i = 0; i < 100; ++i) {
      grpc::ClientContext context;
      Prepare(context, learner);
      GetSessionRequest request;
      request.set_name("tenants/-/learners/me/sessions/" + Id(1));
      const grpc::Status got = stub->GetSession(&context, request, &session);
      EXPECT_TRUE(got.ok()) << got.error_message();
      int pending = 0;
      for (const SessionQuestion& question : session.questions()) pending += question.pending_grades();
      if (!got.ok() || pending == 0) break;
      absl::SleepFor(absl::Milliseconds(200));
    }
    session.clear_name();
    session.clear_sequence();
    session.clear_expire_time();
    return session;
  }

  // When the question is due, as a device knows it that was told everything from the beginning.
  DueChange DueOf(const std::string& learner, const std::string& question) {
    DueChange due;
    const auto replies = Sync("phone", learner, "");
    EXPECT_TRUE(replies.ok()) << replies.status();
    if (!replies.ok()) return due;
    for (const SyncLearnerResponse& reply : *replies) {
      for (const LearnerChange& change : reply.changes()) {
        if (change.due().question() == question) due = change.due();
      }
    }
    return due;
  }
  // As GetProgress tells it.
  QuestionProgress ProgressOf(const std::string& learner, const std::string& question) {
    const auto stub = ProgressService::NewStub(
        grpc::CreateChannel(system_->address(Service::kSession), grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    Prepare(context, learner);
    GetProgressRequest request;
    request.set_name("tenants/-/learners/me/progress");
    request.set_pack(revision_.substr(0, revision_.find("/revisions/")));
    Progress progress;
    const grpc::Status got = stub->GetProgress(&context, request, &progress);
    EXPECT_TRUE(got.ok()) << got.error_message();
    for (const QuestionProgress& one : progress.questions()) {
      if (one.question() == question) return one;
    }
    return {};
  }

  const absl::Time began_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now())) - absl::Hours(1);
  std::unique_ptr<System> system_;
  std::string revision_;
};

TEST_F(OfflineTest, TheOrderInWhichDevicesComeBackDoesNotMatterNorThatTheServiceDies) {
  const std::string begin =
      Line(1, 0,
           absl::StrCat(R"("begin":{"revision":")", revision_,
                        R"(","mode":"SESSION_MODE_PRACTICE","questions":["overfitting","bias-variance"]})"));
  const std::string answer = Line(
      2, 10,
      R"("answer":{"question":"overfitting","text":"It learns the noise of its training data, so validation loss rises."})");
  const std::string reveal = Line(3, 30, R"("reveal":{"question":"overfitting"})");
  const std::string finish = Line(4, 90, R"("finish":{})");
  const std::string other = Line(21, 20, R"("answer":{"question":"overfitting","text":"Use dropout."})");
  const std::string skip = Line(22, 40, R"("skip":{"question":"bias-variance"})");
  const std::string late =
      Line(23, 95, R"("answer":{"question":"bias-variance","text":"After the finish."})");

  // ada's phone comes first, and again after the service was killed; then her tablet.
  const auto phone = Sync("phone", "ada", begin + answer + reveal + finish);
  ASSERT_TRUE(phone.ok()) << phone.status();
  EXPECT_EQ(Count(*phone, SYNC_OUTCOME_TAKEN), 4);
  system_->Kill9(Service::kSession);
  ASSERT_TRUE(system_->StartService(Service::kSession).ok());
  const auto again = Sync("phone", "ada", finish + begin + answer + reveal);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Count(*again, SYNC_OUTCOME_REPLAYED), 4);
  const auto tablet = Sync("tablet", "ada", other + skip + late);
  ASSERT_TRUE(tablet.ok()) << tablet.status();
  EXPECT_EQ(Count(*tablet, SYNC_OUTCOME_TAKEN), 3);
  // Of bob the same comes the other way round, item by item.
  for (const std::string& line : {late, skip, other}) ASSERT_TRUE(Sync("tablet", "bob", line).ok());
  for (const std::string& line : {finish, reveal, answer, begin})
    ASSERT_TRUE(Sync("phone", "bob", line).ok());

  const Session adas = Settled("ada");
  EXPECT_EQ(adas.state(), SESSION_STATE_FINISHED);
  EXPECT_EQ(adas.questions(0).attempts(), 2);
  EXPECT_TRUE(adas.questions(0).has_score());
  EXPECT_EQ(adas.questions(1).state(), QUESTION_STATE_SKIPPED);
  EXPECT_EQ(adas.questions(1).attempts(), 0);
  EXPECT_EQ(adas.ShortDebugString(), Settled("bob").ShortDebugString());

  // What the phones scheduled for themselves gives way to what the grades say.
  const DueChange due = DueOf("ada", "overfitting");
  EXPECT_EQ(due.pack(), revision_.substr(0, revision_.find("/revisions/")));
  EXPECT_EQ(due.last_review_time().seconds(), absl::ToUnixSeconds(began_) + 10);
  EXPECT_GT(due.due_time().seconds(), due.last_review_time().seconds());
  EXPECT_EQ(due.reviews(), 1);
  const QuestionProgress progress = ProgressOf("ada", "overfitting");
  EXPECT_EQ(due.due_time().ShortDebugString(), progress.due_time().ShortDebugString());
  EXPECT_EQ(due.last_review_time().ShortDebugString(), progress.last_review_time().ShortDebugString());
  const DueChange bobs = DueOf("bob", "overfitting");
  EXPECT_EQ(due.stability(), bobs.stability());
  EXPECT_EQ(due.difficulty(), bobs.difficulty());
  EXPECT_FALSE(DueOf("ada", "bias-variance").has_due_time());  // skipped; its answer came after the finish
  const auto said = system_->Greenroom({"sync", "--session", system_->address(Service::kSession), "--token",
                                        *system_->Token("learner", "ada")});
  ASSERT_TRUE(said.ok()) << said.status();
  EXPECT_TRUE(absl::StrContains(*said, "ml-engineer overfitting: due on 20")) << *said;
}

TEST_F(OfflineTest, AnErasedLearnersDeviceIsRefused) {
  const std::string begin =
      Line(1, 0,
           absl::StrCat(R"("begin":{"revision":")", revision_,
                        R"(","mode":"SESSION_MODE_PRACTICE","questions":["overfitting"]})"));
  ASSERT_TRUE(Sync("phone", "ada", begin).ok());
  const auto stub = ProgressService::NewStub(
      grpc::CreateChannel(system_->address(Service::kSession), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  Prepare(context, "ada");
  EraseLearnerRequest request;
  request.set_name("tenants/-/learners/me");
  EraseLearnerResponse response;
  const grpc::Status erased = stub->EraseLearner(&context, request, &response);
  ASSERT_TRUE(erased.ok()) << erased.error_message();
  SyncLearnerRequest sync;
  sync.set_parent("tenants/-/learners/me");
  sync.set_device("phone");
  OutboxItem& item = *sync.add_items();
  item.set_id(Id(2));
  item.set_session(Id(1));
  item.set_device_seq(2);
  item.mutable_occurred_time()->set_seconds(absl::ToUnixSeconds(began_));
  item.mutable_skip()->set_question("overfitting");
  grpc::ClientContext later;
  Prepare(later, "ada");
  SyncLearnerResponse reply;
  const auto sessions = SessionService::NewStub(
      grpc::CreateChannel(system_->address(Service::kSession), grpc::InsecureChannelCredentials()));
  const absl::Status refused = FromGrpc(sessions->SyncLearner(&later, sync, &reply));
  EXPECT_EQ(ReasonOf(refused), "LEARNER_ERASED") << refused;
}

}  // namespace
}  // namespace greenroom::e2e
