// FaultTest: a system under load for the tests of the rows.
#ifndef GREENROOM_TESTS_E2E_FAULTS_FAULT_FIXTURE_H_
#define GREENROOM_TESTS_E2E_FAULTS_FAULT_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <utility>

#include "absl/time/time.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/healed.h"

namespace greenroom::e2e {

class FaultTest : public ::testing::Test {
 protected:
  // A system of these options and a load that has begun.
  void Begin(const SystemOptions& options, int learners = 20, double turns_per_second = 0,
             CallPolicy policy = {}, absl::string_view service_config = "") {
    SystemOptions chosen = options;
    // ctest runs the rows once more like this.
    const char* topology = std::getenv("E2E_TOPOLOGY");
    if (topology != nullptr && absl::string_view(topology) == "postgres") {
      chosen.postgres = true;
      chosen.replicas = 2;
    }
    auto system = System::Start(chosen);
    ASSERT_TRUE(system.ok()) << system.status();
    system_ = *std::move(system);
    LoadOptions load_options = system_->LoadDefaults();
    load_options.learners = learners;
    load_options.turns_per_second = turns_per_second;
    load_options.policy = policy;
    load_options.service_config = std::string(service_config);
    auto load = Load::Start(std::move(load_options));
    ASSERT_TRUE(load.ok()) << load.status();
    load_ = *std::move(load);
    load_->Resume();
    ASSERT_TRUE(load_->WaitForEach(absl::Seconds(30) * kSlowBuild).ok());
  }

  void Strike(absl::Status (*fault)(FaultSite&), absl::Duration hold = absl::Seconds(2)) {
    FaultSite site{*system_, *load_, hold, random_};
    const absl::Status held = fault(site);
    EXPECT_TRUE(held.ok()) << held;
    if (!site.measured.empty()) std::cout << site.measured << "\n";
  }

  // And that no business call has failed so far. The load goes on afterwards.
  void ExpectHealed() {
    const absl::StatusOr<CheckReport> healed = CheckHealed(*system_, *load_);
    EXPECT_TRUE(healed.ok()) << healed.status();
    if (healed.ok()) {
      std::cout << healed->ToString() << "; " << load_->statistics().counts().calls << " business calls, "
                << load_->statistics().counts().repeats << " repeats\n";
      for (const auto& [what, times] : load_->statistics().counts().refused) {
        std::cout << "  " << times << " " << what << "\n";
      }
      EXPECT_GT(healed->answers, 0);
    }
    ExpectNoFailedCall();
    load_->Resume();
  }

  void ExpectNoFailedCall() {
    const CallStatistics::Counts counts = load_->statistics().counts();
    EXPECT_EQ(counts.failed, 0);
    for (const std::string& failure : counts.failures) ADD_FAILURE() << failure;
  }

  std::mt19937_64 random_{::testing::UnitTest::GetInstance()->random_seed() == 0
                              ? std::random_device()()
                              : static_cast<uint64_t>(::testing::UnitTest::GetInstance()->random_seed())};
  std::unique_ptr<System> system_;
  std::unique_ptr<Load> load_;  // ends before the system does
};

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_FAULTS_FAULT_FIXTURE_H_
