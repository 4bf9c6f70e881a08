// SIGTERM under load: RPCs in flight finish OK, new ones wait for the successor within their deadline; none fails, and
// no client repeats anything.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/e2e/learner.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {
namespace {

using session::v1::CreateSessionRequest;
using session::v1::CreateSessionResponse;
using session::v1::GetSessionRequest;
using session::v1::Session;
using session::v1::SessionService;
using session::v1::SubmitAnswerRequest;
using session::v1::SubmitAnswerResponse;

class DrainTest : public testing::TestWithParam<Service> {};

TEST_P(DrainTest, SigtermUnderLoadFailsNoRpc) {
  auto started = System::Start();
  ASSERT_TRUE(started.ok()) << started.status();
  System& system = **started;

  constexpr int kThreads = 8;
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<Learner>> learners;
  for (int i = 0; i < kThreads; ++i) {
    const auto token = system.Token("learner", "learner-" + std::to_string(i));
    ASSERT_TRUE(token.ok()) << token.status();
    learners.push_back(std::make_unique<Learner>(system.target(Service::kSession), *token));
    ASSERT_TRUE(learners.back()->Create().ok());
  }
  for (auto& learner : learners) {
    threads.emplace_back([&, learner = learner.get()] {
      while (!stop) {
        SubmitAnswerRequest submit;
        submit.set_session(learner->session_names().back());
        submit.set_answer_id(NewId());
        submit.set_question("overfitting");
        submit.set_text("It memorises noise of the training data and fails on new data.");
        SubmitAnswerResponse submitted;
        grpc::ClientContext context;
        learner->Prepare(context, absl::Seconds(30));
        const grpc::Status status = learner->stub().SubmitAnswer(&context, submit, &submitted);
        EXPECT_TRUE(status.ok()) << status.error_code() << " " << status.error_message();
        GetSessionRequest get;
        get.set_name(learner->session_names().back());
        Session session;
        grpc::ClientContext read;
        learner->Prepare(read, absl::Seconds(30));
        const grpc::Status got = learner->stub().GetSession(&read, get, &session);
        EXPECT_TRUE(got.ok()) << got.error_code() << " " << got.error_message();
        calls += 2;
      }
    });
  }
  const auto wait_for_calls = [&](int more) {
    const int target = calls + more;
    const absl::Time end = absl::Now() + absl::Seconds(60);
    while (calls < target && absl::Now() < end) absl::SleepFor(absl::Milliseconds(10));
    EXPECT_GE(calls, target);
  };
  for (int round = 0; round < 3; ++round) {
    wait_for_calls(100);
    const auto code = system.Terminate(GetParam());
    ASSERT_TRUE(code.ok()) << code.status();
    EXPECT_EQ(*code, 0);
    const absl::Status restarted = system.StartService(GetParam());
    ASSERT_TRUE(restarted.ok()) << restarted;
  }
  wait_for_calls(100);
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(EveryService, DrainTest,
                         testing::Values(Service::kSession, Service::kScoring, Service::kContent),
                         [](const testing::TestParamInfo<Service>& info) {
                           switch (info.param) {
                             case Service::kSession:
                               return "Session";
                             case Service::kScoring:
                               return "Scoring";
                             case Service::kContent:
                               return "Content";
                           }
                           return "";
                         });

}  // namespace
}  // namespace greenroom::e2e
