// log.h and metrics.h: what operators read.
#include "services/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/fake_clock.h"
#include "services/base/method.h"
#include "services/base/metrics.h"
#include "services/base/rpc_metrics.h"
#include "services/base/tenant_calls.h"

namespace greenroom {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class LogTest : public testing::Test {
 protected:
  FakeClock clock_;
  std::vector<std::string> lines_;
  Logger log_{"greenroom-test", "1.2.3", LogLevel::kInfo, clock_,
              [this](absl::string_view line) { lines_.emplace_back(line); }};
};

TEST_F(LogTest, ALineIsOneJsonObject) {
  clock_.Advance(absl::Microseconds(123));
  log_.Info("published",
            {{"pack", "ml"}, {"questions", 9}, {"took", absl::Milliseconds(250)}, {"again", true}});
  EXPECT_THAT(lines_,
              ElementsAre(R"({"time":"2026-01-01T09:00:00.000123Z","level":"info","message":"published",)"
                          R"("service":"greenroom-test","version":"1.2.3","pack":"ml","questions":9,)"
                          R"("took":0.25,"again":true})"));
}

TEST_F(LogTest, NothingBreaksTheLine) {
  log_.Error("a\"b\n", {{"text", absl::string_view("\x00\xff\"\n{}%s", 8)},
                        {"number", std::numeric_limits<double>::quiet_NaN()}});
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], Not(HasSubstr("\n")));
  EXPECT_THAT(lines_[0], HasSubstr(R"("message":"a\"b\n")"));
  EXPECT_THAT(lines_[0], HasSubstr("\"text\":\"\\u0000\xef\xbf\xbd\\\"\\n{}%s\""));
  EXPECT_THAT(lines_[0], HasSubstr("\"number\":null"));
}

TEST_F(LogTest, LinesBelowTheLevelAreDropped) {
  log_.Debug("quiet");
  EXPECT_FALSE(log_.Enabled(LogLevel::kDebug));
  log_.Warning("loud");
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_THAT(lines_[0], HasSubstr("\"level\":\"warning\""));
}

TEST(LogLevelTest, Words) {
  EXPECT_EQ(ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("error"), LogLevel::kError);
  EXPECT_EQ(ParseLogLevel("loud"), std::nullopt);
}

TEST(LoggerTest, WritesToStandardErrorByDefault) {
  FakeClock clock;
  testing::internal::CaptureStderr();
  Logger("s", "v", LogLevel::kInfo, clock).Info("hello");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("\"message\":\"hello\""));
  EXPECT_EQ(text.back(), '\n');
}

TEST(MetricsTest, TheSameNameAndLabelsAreTheSameMetric) {
  MetricsRegistry metrics;
  metrics.GetCounter("events_total", "Events.", {{"kind", "a"}}).Increment();
  metrics.GetCounter("events_total", "Events.", {{"kind", "a"}}).Increment(2);
  metrics.GetCounter("events_total", "Events.", {{"kind", "b"}}).Increment();
  EXPECT_EQ(metrics.GetCounter("events_total", "Events.", {{"kind", "a"}}).Value(), 3);
  Gauge gauge = metrics.GetGauge("depth", "Depth.");
  gauge.Set(5);
  gauge.Add(-2);
  EXPECT_EQ(gauge.Value(), 3);
  metrics.GetHistogram("seconds", "Seconds.", LatencyBuckets()).Observe(0.0002);
  metrics.SetBuildInfo("greenroom-test", "1.2.3");
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("events_total{kind=\"a\"} 3"));
  EXPECT_THAT(text, HasSubstr("events_total{kind=\"b\"} 1"));
  EXPECT_THAT(text, HasSubstr("depth 3"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"0.0001\"} 0"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{le=\"0.00025\"} 1"));
  EXPECT_THAT(text, HasSubstr("build_info{service=\"greenroom-test\",version=\"1.2.3\"} 1"));
}

TEST(MetricsTest, PowersOfTwo) { EXPECT_THAT(PowersOfTwo(3), ElementsAre(1, 2, 4, 8)); }

TEST(RpcMetricsTest, HaveTheNamesOfGoGrpcPrometheus) {
  MetricsRegistry registry;
  RpcMetrics metrics(registry);
  RpcMethodMetrics& method = metrics.Of(RpcSide::kServer, RpcType::kUnary, "a.b.C/D");
  EXPECT_EQ(&metrics.Of(RpcSide::kServer, RpcType::kUnary, "a.b.C/D"), &method);
  method.Started();
  method.Handled(absl::StatusCode::kNotFound, absl::Milliseconds(1));
  metrics.Of(RpcSide::kClient, RpcType::kBidiStream, "a.b.C/D").Started();
  const std::string text = registry.Text();
  EXPECT_THAT(
      text,
      HasSubstr(R"(grpc_server_started_total{grpc_method="D",grpc_service="a.b.C",grpc_type="unary"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(grpc_server_handled_total{grpc_code="NotFound",grpc_method="D",grpc_service="a.b.C",grpc_type="unary"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(grpc_server_handled_total{grpc_code="OK",grpc_method="D",grpc_service="a.b.C",grpc_type="unary"} 0)"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_bucket"));
  EXPECT_THAT(text, HasSubstr("grpc_type=\"bidi_stream\""));
}

TEST(TenantCallsTest, CallersDoNotDecideHowManySeriesThereAre) {
  MetricsRegistry registry;
  TenantCalls calls(registry, {"acme", "other", "acme"});
  const std::string before = registry.Text();
  for (int i = 0; i < 1000; ++i) calls.Handled(absl::StrCat("tenant-", i), absl::StatusCode::kOk);
  calls.Handled("acme", absl::StatusCode::kNotFound);
  const std::string text = registry.Text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::count(before.begin(), before.end(), '\n'));
  EXPECT_THAT(text, HasSubstr(R"(tenant_calls_total{outcome="ok",tenant="other"} 1000)"));
  EXPECT_THAT(text, HasSubstr(R"(tenant_calls_total{outcome="client_error",tenant="acme"} 1)"));
}

TEST(TenantCallsTest, TellsWhoseFaultItWas) {
  for (int code = 0; code <= 16; ++code) {
    MetricsRegistry registry;
    TenantCalls(registry, {}).Handled("acme", static_cast<absl::StatusCode>(code));
    const bool ours = code == 2 || code == 4 || code == 13 || code == 14 || code == 15;
    const std::string outcome = code == 0 ? "ok" : ours ? "server_error" : "client_error";
    EXPECT_THAT(registry.Text(), HasSubstr(absl::StrCat("{outcome=\"", outcome, "\",tenant=\"other\"} 1")))
        << code;
  }
}

TEST(MethodTableTest, FindsByFullName) {
  const MethodTable table({{"a.b.C/D", {Role::kLearner}}, {"a.b.C/A", {Role::kAuthor}}});
  EXPECT_EQ(table.Get("a.b.C/D").service(), "a.b.C");
  EXPECT_EQ(table.Get("a.b.C/D").method(), "D");
  EXPECT_EQ(table.Find("a.b.C/X"), nullptr);
  ASSERT_EQ(table.All().size(), 2u);
  EXPECT_EQ(table.All()[0]->full_name, "a.b.C/A");
}

TEST(MethodTableDeathTest, RefusesABadTable) {
  EXPECT_DEATH(MethodTable({{"a.b.C/D", {}}, {"a.b.C/D", {}}}), "twice");
  EXPECT_DEATH(MethodTable({MethodPolicy{"/a.b.C/D", {}}}), "service/method");
  EXPECT_DEATH(MethodTable({MethodPolicy{"a/b", {}, AdmissionClass::kRead, absl::Seconds(20)}}), "deadline");
  EXPECT_DEATH(MethodTable(std::vector<MethodPolicy>()).Get("a/b"), "not in the method table");
}

}  // namespace
}  // namespace greenroom
