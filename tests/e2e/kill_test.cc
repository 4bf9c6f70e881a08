// Twenty learners practise at once while processes are killed: nothing acknowledged is lost or doubled, what a session
// tells equals the replay of its log, and the sessions go on.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/e2e/learner.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {
namespace {

using google::protobuf::util::MessageDifferencer;
using session::v1::Session;

constexpr int kLearners = 20;

class KillTest : public testing::Test {
 protected:
  void SetUp() override {
    auto system = System::Start();
    ASSERT_TRUE(system.ok()) << system.status();
    system_ = *std::move(system);
    for (int i = 0; i < kLearners; ++i) {
      const auto token = system_->Token("learner", "learner-" + std::to_string(i));
      ASSERT_TRUE(token.ok()) << token.status();
      learners_.push_back(std::make_unique<Learner>(system_->target(Service::kSession), *token));
      const grpc::Status created = learners_.back()->Create();
      ASSERT_TRUE(created.ok()) << created.error_message();
    }
  }

  // Every learner takes turns on a thread of its own until StopPractice.
  void StartPractice() {
    stop_ = false;
    for (auto& learner : learners_) {
      threads_.emplace_back([this, &learner] {
        while (!stop_) {
          const int turn = turns_++;
          const grpc::Status status = learner->Turn(turn);
          if (!status.ok()) {
            ++failures_;
            ADD_FAILURE() << "a business call failed: " << status.error_code() << " "
                          << status.error_message();
            return;
          }
        }
      });
    }
  }
  void StopPractice() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  void WaitForTurns(int more) {
    const int target = turns_ + more;
    const absl::Time end = absl::Now() + absl::Seconds(90);
    while (turns_ < target && failures_ == 0 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(20));
    ASSERT_GE(turns_, target) << "the sessions do not go on";
  }

  void ExpectEveryAcknowledgedAnswerOnce() {
    int acknowledged = 0;
    for (auto& learner : learners_) {
      const auto rows = system_->LogRows(learner->answers());
      ASSERT_TRUE(rows.ok()) << rows.status();
      for (size_t i = 0; i < rows->size(); ++i) {
        EXPECT_EQ((*rows)[i], 1) << "answer " << learner->answers()[i];
      }
      acknowledged += static_cast<int>(rows->size());
    }
    EXPECT_GT(acknowledged, 0);
    const absl::Status contiguous = system_->SequencesContiguous();
    EXPECT_TRUE(contiguous.ok()) << contiguous;
  }

  // Within 2 s, and without any write of ours, each session tells the same as a replay of its log.
  void ExpectSessionsEqualReplay() {
    const absl::Status started = system_->StartWitness();
    ASSERT_TRUE(started.ok()) << started;
    auto witness = SessionStub(system_->witness_target());
    for (auto& learner : learners_) {
      const std::string& name = learner->session_names().back();
      Session told, replayed;
      const absl::Time end = absl::Now() + absl::Seconds(2);
      bool same = false;
      std::string difference;
      do {
        ASSERT_TRUE(learner->GetSession(learner->stub(), name, &told).ok());
        ASSERT_TRUE(learner->GetSession(*witness, name, &replayed).ok());
        difference.clear();
        MessageDifferencer differencer;
        differencer.ReportDifferencesToString(&difference);
        same = differencer.Compare(told, replayed);
      } while (!same && absl::Now() < end);
      EXPECT_TRUE(same) << name << " tells not what its log holds:\n" << difference;
      EXPECT_GT(told.sequence(), 0);
    }
    system_->StopWitness();
  }

  void CheckAll() {
    StopPractice();
    ExpectEveryAcknowledgedAnswerOnce();
    ExpectSessionsEqualReplay();
  }

  // The same where scoring was away: the witness would take grades that are still to come, so they come first.
  void CheckAllOnceGraded() {
    StopPractice();
    ExpectGradesComplete();
    ExpectEveryAcknowledgedAnswerOnce();
    ExpectSessionsEqualReplay();
  }

  // Every answer of the log gets its grade without a client's doing.
  void ExpectGradesComplete() {
    const absl::Time end =
        absl::Now() + absl::Seconds(60);  // longer than the lease of a worker that was killed
    int submitted = 0, graded = -1;
    while (absl::Now() < end && submitted != graded) {
      const auto answers = system_->CountRows("submitted");
      const auto grades = system_->CountRows("graded");
      ASSERT_TRUE(answers.ok() && grades.ok());
      submitted = *answers;
      graded = *grades;
      if (submitted != graded) absl::SleepFor(absl::Milliseconds(100));
    }
    EXPECT_EQ(submitted, graded) << "answers without exactly one grade";
  }

  std::unique_ptr<System> system_;
  std::vector<std::unique_ptr<Learner>> learners_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> turns_ = 0;
  std::atomic<int> failures_ = 0;
};

TEST_F(KillTest, SessionServiceKilledInMidSession) {
  for (int round = 0; round < 3; ++round) {
    StartPractice();
    WaitForTurns(60);
    system_->Kill9(Service::kSession);
    const absl::Status restarted = system_->StartService(Service::kSession);
    ASSERT_TRUE(restarted.ok()) << restarted;
    WaitForTurns(60);
    system_->Kill9(Service::kSession);
    stop_ = true;  // the last calls are repeated against the restarted service, then nothing more is written
    ASSERT_TRUE(system_->StartService(Service::kSession).ok());
    CheckAll();
  }
  ExpectGradesComplete();
}

TEST_F(KillTest, RedisKilledAndRestartedWithItsData) {
  StartPractice();
  WaitForTurns(60);
  const absl::Status restarted = system_->redis().Restart(RedisServer::Data::kKeep);
  ASSERT_TRUE(restarted.ok()) << restarted;
  WaitForTurns(60);
  ASSERT_TRUE(system_->redis().Restart(RedisServer::Data::kKeep).ok());
  CheckAll();
  ExpectGradesComplete();
}

TEST_F(KillTest, RedisRestartedEmpty) {
  StartPractice();
  WaitForTurns(60);
  const absl::Status restarted = system_->redis().Restart(RedisServer::Data::kEmpty);
  ASSERT_TRUE(restarted.ok()) << restarted;
  WaitForTurns(60);
  ASSERT_TRUE(system_->redis().Restart(RedisServer::Data::kEmpty).ok());
  CheckAll();
  ExpectGradesComplete();
}

TEST_F(KillTest, ScoringKilledAndAway) {
  StartPractice();
  WaitForTurns(40);
  system_->Kill9(Service::kScoring);
  WaitForTurns(60);  // answers are accepted, their grades pending
  const absl::Status restarted = system_->StartService(Service::kScoring);
  ASSERT_TRUE(restarted.ok()) << restarted;
  WaitForTurns(40);
  CheckAllOnceGraded();
}

TEST_F(KillTest, AllKilledInTurn) {
  StartPractice();
  for (const Service service : {Service::kSession, Service::kScoring, Service::kContent}) {
    WaitForTurns(40);
    system_->Kill9(service);
    const absl::Status restarted = system_->StartService(service);
    ASSERT_TRUE(restarted.ok()) << restarted;
    WaitForTurns(20);
    ASSERT_TRUE(system_->redis().Restart(RedisServer::Data::kEmpty).ok());
  }
  WaitForTurns(40);
  CheckAllOnceGraded();
}

}  // namespace
}  // namespace greenroom::e2e
