// The limit against models of a server, and admission by class.
#include "services/base/adaptive_admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <vector>

#include "services/base/fake_clock.h"
#include "services/base/fake_rng.h"
#include "services/base/status.h"

namespace greenroom {
namespace {

using ::testing::HasSubstr;

// A server with calls arriving at `rate` a second for `length`, in steps of a millisecond; `time_of` says how long a
// call takes that begins as the `in_flight`th.
struct Outcome {
  int answered = 0;
  int shed = 0;
  absl::Duration slowest;  // of the second half
};

class Model {
 public:
  explicit Model(const LatencyLimitOptions& options) : limit(options) {}

  Outcome Run(double rate, absl::Duration length, const std::function<absl::Duration(int)>& time_of) {
    Outcome outcome;
    const absl::Duration began = now;
    double due = 0;
    for (; now < began + length; now += absl::Milliseconds(1)) {
      while (!ends.empty() && ends.top().first <= now) {
        limit.Ended(ends.top().second, ends.top().first);
        ++outcome.answered;
        if (now > began + length / 2) outcome.slowest = std::max(outcome.slowest, ends.top().second);
        ends.pop();
      }
      for (due += rate / 1000; due >= 1; --due) {
        if (static_cast<int>(ends.size()) >= limit.limit()) {
          ++outcome.shed;
          continue;
        }
        const absl::Duration takes = time_of(static_cast<int>(ends.size()) + 1);
        ends.emplace(now + takes, takes);
        limit.Began(static_cast<int>(ends.size()));
      }
    }
    return outcome;
  }

  LatencyLimit limit;
  absl::Duration now = absl::Seconds(100);

 private:
  using End = std::pair<absl::Duration, absl::Duration>;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends;
};

// One worker that does `capacity` calls a second, first come, first served, and 2 ms on the way.
std::function<absl::Duration(int)> Worker(double capacity) {
  return [capacity](int in_flight) { return absl::Milliseconds(2) + absl::Seconds(in_flight / capacity); };
}

TEST(LatencyLimitTest, UnderFiveTimesTheLoadTheWorkerStaysBusyAndAnswersStayInTime) {
  Model model({.min_limit = 4, .initial_limit = 64, .max_limit = 512, .target = absl::Milliseconds(50)});
  const Outcome peak = model.Run(1000, absl::Seconds(10), Worker(1000));
  const Outcome over = model.Run(5000, absl::Seconds(20), Worker(1000));
  EXPECT_GE(over.answered, peak.answered * 2 * 8 / 10) << "goodput of twice the time";
  EXPECT_LE(over.slowest, absl::Milliseconds(80));
  EXPECT_GT(over.shed, 70'000);
}

TEST(LatencyLimitTest, RecoversWithinTenSeconds) {
  Model model({.min_limit = 4, .initial_limit = 64, .max_limit = 512, .target = absl::Milliseconds(50)});
  model.Run(5000, absl::Seconds(20), Worker(400));
  model.Run(900, absl::Seconds(10), Worker(1000));
  const Outcome after = model.Run(900, absl::Seconds(10), Worker(1000));
  EXPECT_EQ(after.shed, 0);
}

TEST(LatencyLimitTest, ASlowDependencyIsNoReasonToShed) {
  Model model({.min_limit = 16, .initial_limit = 64, .max_limit = 512, .target = absl::Milliseconds(50)});
  model.Run(500, absl::Seconds(5), Worker(2000));
  const auto slow = [](int) { return absl::Milliseconds(300); };
  model.Run(500, absl::Seconds(20), slow);  // 150 in flight, when none is shed
  const Outcome settled = model.Run(500, absl::Seconds(10), slow);
  EXPECT_LE(settled.shed, 50) << "of 5000";
}

TEST(LatencyLimitTest, FewCallsChangeNothing) {
  LatencyLimit limit(
      {.min_limit = 4, .initial_limit = 64, .max_limit = 512, .target = absl::Milliseconds(50)});
  absl::Duration now = absl::Seconds(5);
  for (int i = 0; i < LatencyLimit::kMinSamples - 1; ++i) {
    limit.Began(1);
    limit.Ended(absl::Seconds(3), now += absl::Seconds(1));
  }
  EXPECT_EQ(limit.limit(), 64);
  EXPECT_EQ(limit.baseline(), absl::ZeroDuration());
}

RC_GTEST_PROP(LatencyLimitProperty, StaysWithinItsBounds, ()) {
  const int least = *rc::gen::inRange(1, 20);
  const int most = least + *rc::gen::inRange(0, 300);
  LatencyLimit limit(
      {.min_limit = least, .initial_limit = least, .max_limit = most, .target = absl::Milliseconds(10)});
  absl::Duration now;
  const auto calls = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 100), rc::gen::inRange(1, 400)));
  for (const auto& [ms, in_flight] : calls) {
    now += absl::Milliseconds(ms);
    for (int i = 0; i < LatencyLimit::kMinSamples; ++i) {
      limit.Began(in_flight);
      limit.Ended(absl::Milliseconds(ms), now);
    }
    RC_ASSERT(limit.limit() >= least);
    RC_ASSERT(limit.limit() <= most);
  }
}

class AdaptiveAdmissionTest : public testing::Test {
 protected:
  static MethodPolicy Method(AdmissionClass admission) {
    MethodPolicy method;
    method.full_name = "service/Method";
    method.admission = admission;
    return method;
  }
  // Admitted of `calls`.
  int Admit(const MethodPolicy& method, int calls) {
    int admitted = 0;
    for (int i = 0; i < calls; ++i) admitted += admission_.Admit(method).ok() ? 1 : 0;
    return admitted;
  }
  void Done(const MethodPolicy& method, int calls) {
    for (int i = 0; i < calls; ++i) admission_.Done(method, absl::StatusCode::kOk, absl::Milliseconds(1));
  }

  FakeClock clock_;
  FakeRng rng_;
  MetricsRegistry metrics_;
  static AdaptiveAdmissionOptions Options() {
    AdaptiveAdmissionOptions options;
    options.submit.initial_limit = 64;
    options.read.initial_limit = 64;
    return options;
  }

  const AdaptiveAdmissionOptions options_ = Options();
  AdaptiveAdmission admission_{options_, clock_, rng_, metrics_};
  const MethodPolicy submit_ = Method(AdmissionClass::kSubmit);
  const MethodPolicy read_ = Method(AdmissionClass::kRead);
  const MethodPolicy bulk_ = Method(AdmissionClass::kBulk);
  const MethodPolicy stream_ = Method(AdmissionClass::kStream);
};

TEST_F(AdaptiveAdmissionTest, ShedsAboveTheLimitAndSaysWhenToComeBack) {
  EXPECT_EQ(Admit(submit_, 64), 64);
  const absl::Status shed = admission_.Admit(submit_);
  EXPECT_TRUE(absl::IsUnavailable(shed));
  EXPECT_EQ(ReasonOf(shed), "OVERLOADED");
  EXPECT_GE(*RetryDelayOf(shed), options_.min_pushback);
  EXPECT_LE(*RetryDelayOf(shed), options_.max_pushback);
  Done(submit_, 1);
  EXPECT_EQ(Admit(submit_, 2), 1);
  Done(submit_, 64);
  EXPECT_EQ(admission_.in_flight(AdmissionClass::kSubmit), 0);
  const std::string text = metrics_.Text();
  EXPECT_THAT(text, HasSubstr("shed_total{class=\"submit\"} 2"));
  EXPECT_THAT(text, HasSubstr("inflight{class=\"submit\"} 0"));
  EXPECT_THAT(text, HasSubstr("inflight_limit{class=\"read\"} 64"));
}

TEST_F(AdaptiveAdmissionTest, WhileAnswersAreShedTheRestKeepsItsLeast) {
  EXPECT_EQ(Admit(bulk_, 10), 10);
  EXPECT_EQ(Admit(submit_, 65), 64);
  EXPECT_EQ(Admit(read_, 64), options_.read.min_limit);
  EXPECT_EQ(Admit(bulk_, 1), 0);
  clock_.Advance(absl::Seconds(2));
  // The reads that were shed meanwhile are forgotten too.
  EXPECT_EQ(Admit(read_, 64), 64 - options_.read.min_limit);
}

TEST_F(AdaptiveAdmissionTest, BulkDoesNotHoldUpAnswers) {
  EXPECT_EQ(Admit(bulk_, 20), options_.bulk.initial_limit);
  EXPECT_EQ(Admit(submit_, 64), 64);
  EXPECT_EQ(Admit(read_, 64), 64);
}

TEST_F(AdaptiveAdmissionTest, StreamsAreBoundedInNumberAlone) {
  EXPECT_EQ(Admit(stream_, options_.max_streams + 1), options_.max_streams);
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(absl::Seconds(100));
    admission_.Done(stream_, absl::StatusCode::kOk, absl::Seconds(100));
  }
  EXPECT_EQ(admission_.limit(AdmissionClass::kStream), options_.max_streams);
}

TEST_F(AdaptiveAdmissionTest, CancelledCallsSayNothingOfTheServer) {
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(absl::Milliseconds(20));
    ASSERT_EQ(Admit(submit_, 1), 1);
    admission_.Done(submit_, absl::StatusCode::kCancelled, absl::Seconds(8));
  }
  EXPECT_EQ(admission_.limit(AdmissionClass::kSubmit), 64);
}

TEST_F(AdaptiveAdmissionTest, CallersWithoutACredentialDoNotMakeTheRestLookLate) {
  const auto answer = [&](absl::Duration took) {
    clock_.Advance(absl::Milliseconds(5));
    ASSERT_EQ(Admit(submit_, 1), 1);
    admission_.Done(submit_, absl::StatusCode::kOk, took);
  };
  for (int i = 0; i < 50; ++i) answer(absl::Milliseconds(20));
  // Refusals at the door take no time: that is not what calls take where there is no crowd.
  for (int i = 0; i < 400; ++i) {
    ASSERT_EQ(Admit(submit_, 4), 4);
    for (int j = 0; j < 4; ++j)
      admission_.Done(submit_, absl::StatusCode::kUnauthenticated, absl::Microseconds(20));
    answer(absl::Milliseconds(60));
  }
  EXPECT_EQ(admission_.limit(AdmissionClass::kSubmit), 64);
}

TEST(AdaptiveAdmissionOptionsTest, LetABurstInThatIsAnsweredInTime) {
  FakeClock clock;
  FakeRng rng;
  MetricsRegistry metrics;
  AdaptiveAdmission admission({}, clock, rng, metrics);
  for (const AdmissionClass of : {AdmissionClass::kSubmit, AdmissionClass::kRead}) {
    MethodPolicy method;
    method.full_name = "service/Method";
    method.admission = of;
    for (int i = 0; i < 128; ++i) ASSERT_TRUE(admission.Admit(method).ok()) << i;
  }
}

TEST(AdaptiveAdmissionOptionsTest, AreChecked) {
  AdaptiveAdmissionOptions options;
  EXPECT_TRUE(options.Validate().ok());
  options.read.min_limit = 0;
  EXPECT_FALSE(options.Validate().ok());
  options = {};
  options.max_pushback = absl::ZeroDuration();
  EXPECT_FALSE(options.Validate().ok());
  options = {};
  options.max_streams = 0;
  EXPECT_FALSE(options.Validate().ok());
}

}  // namespace
}  // namespace greenroom
