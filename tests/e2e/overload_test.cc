// R9: at five times the rate that the services can do, on a core of their own, most of what they can do is still done,
// the rest is refused at once, memory stays flat, and they recover within ten seconds.
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"
#include "tests/e2e/system.h"
#include "tests/servers/process.h"

namespace greenroom::e2e {
namespace {

using session::v1::SubmitAnswerRequest;
using session::v1::SubmitAnswerResponse;
using Stub = session::v1::SessionService::Stub;

constexpr int kServicesCore = 0;
constexpr int kGeneratorCore = 1;
// One learner's answers wait for each other's places in the log: enough of them that this does not decide.
constexpr int kLearners = 400;
// Each with the server's 100 streams.
constexpr int kConnections = 12;
constexpr int kPeakInFlight = 48;

void Pin(pid_t thread, int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  ASSERT_EQ(sched_setaffinity(thread, sizeof set, &set), 0) << "needs two cores";
}

void PinProcess(pid_t pid, int core) {
  for (const auto& entry : std::filesystem::directory_iterator(absl::StrCat("/proc/", pid, "/task"))) {
    int thread = 0;
    ASSERT_TRUE(absl::SimpleAtoi(entry.path().filename().string(), &thread));
    Pin(thread, core);
  }
}

// Within this a client is told that its call was refused.
constexpr absl::Duration kSoon = absl::Milliseconds(5);

struct Counts {
  int64_t ok = 0;
  int64_t shed = 0;
  int64_t shed_soon = 0;  // of them
  int64_t other = 0;
};

class OverloadTest : public testing::Test {
 protected:
  void SetUp() override {
    Pin(0, kGeneratorCore);  // threads to come, of gRPC's too, and children inherit it
    auto system = System::Start({.log_level = "warning"});
    ASSERT_TRUE(system.ok()) << system.status();
    system_ = *std::move(system);
    for (const Service service : kServices) PinProcess(system_->process(service).pid(), kServicesCore);
    PinProcess(system_->redis().pid(), kServicesCore);
    for (int i = 0; i < kConnections; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt("greenroom.connection", i);  // one each
      arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
      stubs_.push_back(session::v1::SessionService::NewStub(grpc::CreateCustomChannel(
          system_->target(Service::kSession), grpc::InsecureChannelCredentials(), arguments)));
    }
    for (int i = 0; i < kLearners; ++i) CreateSession(absl::StrCat("learner-", i));
  }

  void CreateSession(const std::string& learner) {
    auto token = LearnerToken(system_->key(), learner);
    ASSERT_TRUE(token.ok()) << token.status();
    bearers_.push_back(absl::StrCat("Bearer ", *token));
    session::v1::CreateSessionRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_session_id(NewId());
    request.set_source("tenants/-/packs/ml-engineer");
    request.set_mode(session::v1::SESSION_MODE_PRACTICE);
    session::v1::CreateSessionResponse response;
    grpc::ClientContext context;
    context.AddMetadata("authorization", bearers_.back());
    const grpc::Status status = stubs_[0]->CreateSession(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    sessions_.push_back(response.session().name());
  }

  // One answer, without repeats; `then` is called with its status on a thread of gRPC's.
  template <typename Then>
  void Submit(int64_t number, Then then) {
    struct Sent {
      grpc::ClientContext context;
      SubmitAnswerRequest request;
      SubmitAnswerResponse response;
      absl::Time began = absl::Now();
    };
    const auto learner = static_cast<size_t>(number) % bearers_.size();
    auto* sent = new Sent;
    sent->context.AddMetadata("authorization", bearers_[learner]);
    sent->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(2)));
    sent->request.set_session(sessions_[learner]);
    sent->request.set_answer_id(NewId());
    sent->request.set_question("overfitting");
    sent->request.set_text(
        absl::StrCat("Answer ", number, ": the model learns the noise of its training data."));
    ++waiting_;
    stubs_[static_cast<size_t>(number) % stubs_.size()]->async()->SubmitAnswer(
        &sent->context, &sent->request, &sent->response, [this, sent, then](const grpc::Status& status) {
          if (status.ok()) {
            ++ok_;
          } else if (ReasonOf(FromGrpc(status)) == "OVERLOADED") {
            ++shed_;
            if (absl::Now() - sent->began <= kSoon) ++shed_soon_;
          } else {
            ++other_;
          }
          delete sent;
          then();
          --waiting_;
        });
  }

  Counts Now() const { return {ok_, shed_, shed_soon_, other_}; }
  static Counts Since(const Counts& before, const Counts& after) {
    return {after.ok - before.ok, after.shed - before.shed, after.shed_soon - before.shed_soon,
            after.other - before.other};
  }

  // As fast as it goes with kPeakInFlight in flight; yields answers a second.
  double Peak(absl::Duration length) {
    std::atomic<bool> stop = false;
    std::function<void()> next = [&] {
      if (!stop) Submit(number_++, next);
    };
    for (int i = 0; i < kPeakInFlight; ++i) next();
    absl::SleepFor(absl::Seconds(1));  // connections, caches
    const Counts before = Now();
    absl::SleepFor(length);
    const Counts during = Since(before, Now());
    stop = true;
    AwaitQuiet();
    return static_cast<double>(during.ok) / absl::ToDoubleSeconds(length);
  }

  // `rate` answers a second whatever becomes of them.
  Counts Open(double rate, absl::Duration length) {
    const Counts before = Now();
    const absl::Time began = absl::Now();
    const auto total = static_cast<int64_t>(rate * absl::ToDoubleSeconds(length));
    for (int64_t sent = 0; sent < total;) {
      const auto due =
          std::min(total, static_cast<int64_t>(rate * absl::ToDoubleSeconds(absl::Now() - began)));
      for (; sent < due; ++sent) Submit(number_++, [] {});
      absl::SleepFor(absl::Milliseconds(1));
    }
    return Since(before, Now());
  }

  void AwaitQuiet() {
    while (waiting_ > 0) absl::SleepFor(absl::Milliseconds(5));
  }

  int64_t ResidentKib() const {
    const auto use = UseOf(system_->process(Service::kSession).pid());
    EXPECT_TRUE(use.ok()) << use.status();
    return use.ok() ? use->resident_kib : 0;
  }

  std::unique_ptr<System> system_;
  std::vector<std::unique_ptr<Stub>> stubs_;
  std::vector<std::string> bearers_;
  std::vector<std::string> sessions_;
  std::atomic<int64_t> number_ = 0;
  std::atomic<int64_t> waiting_ = 0;
  std::atomic<int64_t> ok_ = 0;
  std::atomic<int64_t> shed_ = 0;
  std::atomic<int64_t> shed_soon_ = 0;
  std::atomic<int64_t> other_ = 0;
};

TEST_F(OverloadTest, FiveTimesTheRate) {
  const double peak = Peak(absl::Seconds(4));
  ASSERT_GT(peak, 0);
  Open(5 * peak, absl::Seconds(2));  // until the limit has found its place
  const int64_t resident = ResidentKib();
  const absl::Time began = absl::Now();
  const Counts over = Open(5 * peak, absl::Seconds(6));
  const double goodput = static_cast<double>(over.ok) / absl::ToDoubleSeconds(absl::Now() - began);
  const int64_t resident_after = ResidentKib();
  AwaitQuiet();

  Open(0.7 * peak, absl::Seconds(8));
  const Counts recovered = Open(0.7 * peak, absl::Seconds(3));
  AwaitQuiet();

  std::cout << absl::StrCat(
      "peak ", peak, "/s; at five times that: ", goodput, "/s answered (", 100 * goodput / peak,
      " % of the peak), ", over.shed, " shed, ",
      100.0 * static_cast<double>(over.shed_soon) / static_cast<double>(std::max<int64_t>(over.shed, 1)),
      " % of them within 5 ms, ", over.other, " otherwise; resident ", resident, " KiB, then ",
      resident_after, " KiB; recovered: ", recovered.ok, " answered, ", recovered.shed, " shed, ",
      recovered.other, " otherwise\n");
  EXPECT_GE(goodput, 0.8 * peak);
  EXPECT_GT(over.shed, 0);
  EXPECT_LE(resident_after, resident * 11 / 10 + 4096);
  EXPECT_LE(recovered.shed + recovered.other, recovered.ok / 100);
}

}  // namespace
}  // namespace greenroom::e2e
