// What ProgressService refuses: each invalid field by its path, another's, and who may not call.
#include "services/session/progress_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <set>

#include "services/session/fsrs/fsrs.h"
#include "services/session/methods.h"
#include "services/session/testing/progress_fixture.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : FieldViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}

#define EXPECT_FIELD(result, path)                                                      \
  do {                                                                                  \
    const absl::Status field_status = (result).status();                                \
    EXPECT_EQ(field_status.code(), absl::StatusCode::kInvalidArgument) << field_status; \
    EXPECT_EQ(ReasonOf(field_status), "INVALID_REQUEST") << field_status;               \
    EXPECT_THAT(FieldsOf(field_status), ElementsAre(path));                             \
  } while (false)

class ProgressRequestsTest : public ProgressTest {
 protected:
  absl::Status Refusal(const std::string& field, const std::function<void(v1::LearnerSettings&)>& spoil) {
    v1::LearnerSettings settings;
    spoil(settings);
    return Call(&ProgressStub::UpdateLearner, Update(1, {field}, settings)).status();
  }
  void ExpectBad(const std::string& field, const std::function<void(v1::LearnerSettings&)>& spoil) {
    const absl::Status refusal = Refusal(field, spoil);
    EXPECT_EQ(ReasonOf(refusal), "INVALID_REQUEST") << field << refusal;
    EXPECT_THAT(FieldsOf(refusal), ElementsAre("settings." + field)) << refusal;
  }
};

TEST_F(ProgressRequestsTest, UpdateLearnerNamesEachWrongField) {
  for (const char* zone :
       {"Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe/Berlin\n", "UTC+x y"}) {
    ExpectBad("time_zone", [&](auto& s) { s.set_time_zone(zone); });
  }
  ExpectBad("rollover_hour", [](auto& s) { s.set_rollover_hour(24); });
  ExpectBad("rollover_hour", [](auto& s) { s.set_rollover_hour(-1); });
  ExpectBad("daily_minutes", [](auto& s) { s.set_daily_minutes(1441); });
  ExpectBad("daily_minutes", [](auto& s) { s.set_daily_minutes(-1); });
  for (const double retention : {0.69, 0.98, -1.0, kNaN}) {
    ExpectBad("desired_retention", [&](auto& s) { s.set_desired_retention(retention); });
  }
  for (const char* date :
       {"2026-02-30", "26-02-03", "2026-2-3", "tomorrow", "2026-02-03T00:00:00", "-1-01-01"}) {
    ExpectBad("goal_date", [&](auto& s) { s.set_goal_date(date); });
  }
  for (const char* language : {"d3-x", "de_DE", "-de", "de-", "123456789"}) {
    ExpectBad("language", [&](auto& s) { s.set_language(language); });
  }
  ExpectBad("memory_parameters", [](auto& s) { s.add_memory_parameters(1); });
  for (const double bad : {kNaN, 1000.0, -1.0}) {
    ExpectBad("memory_parameters", [&](auto& s) {
      for (const double weight : fsrs::kDefaultWeights) s.add_memory_parameters(weight);
      s.set_memory_parameters(0, bad);
    });
  }
  ExpectBad("memory_version", [](auto& s) { s.set_memory_version("fsrs-7"); });
  ExpectBad("goal_pack", [](auto& s) { s.set_goal_pack("packs/ml"); });

  v1::UpdateLearnerRequest request = Update(1, {}, {});
  EXPECT_FIELD(Call(&ProgressStub::UpdateLearner, request), "update_mask");
  EXPECT_FIELD(Call(&ProgressStub::UpdateLearner, Update(1, {"name"}, {})), "update_mask");
  EXPECT_FIELD(Call(&ProgressStub::UpdateLearner, Update(1, {"language", "language"}, {})), "update_mask");
  EXPECT_FIELD(Call(&ProgressStub::UpdateLearner, Update(1, {"*", "language"}, {})), "update_mask");
  request = Update(1, {"language"}, {});
  request.set_request_id("1");
  EXPECT_FIELD(Call(&ProgressStub::UpdateLearner, request), "request_id");
  request = Update(1, {"language"}, {});
  request.set_device(std::string(65, 'd'));
  EXPECT_FIELD(Call(&ProgressStub::UpdateLearner, request), "device");
  request = Update(1, {"language"}, {});
  request.set_name("learners/me");
  EXPECT_FIELD(Call(&ProgressStub::UpdateLearner, request), "name");
  EXPECT_TRUE(Events().empty());
}

TEST_F(ProgressRequestsTest, UpdateLearnerTakesWhatIsRight) {
  v1::LearnerSettings settings;
  settings.set_time_zone("America/Argentina/Buenos_Aires");
  settings.set_rollover_hour(23);
  settings.set_daily_minutes(1440);
  settings.set_desired_retention(0.97);
  settings.set_goal_pack(kPack);
  settings.set_goal_date("2028-02-29");
  settings.set_language("zh-Hant-TW");
  for (const double weight : fsrs::kDefaultWeights) settings.add_memory_parameters(weight);
  settings.set_memory_version("fsrs-6");
  auto updated = Call(&ProgressStub::UpdateLearner, Update(1, {"*"}, settings));
  ASSERT_OK(updated);
  EXPECT_EQ(updated->learner().settings().SerializeAsString(), settings.SerializeAsString());
}

TEST_F(ProgressRequestsTest, ImportMemoryNamesEachWrongField) {
  const auto expect_bad = [&](const std::string& path,
                              const std::function<void(v1::ImportMemoryRequest&)>& spoil) {
    v1::ImportMemoryRequest request = Import(1, "q1", 2.5, 10, 0.9);
    spoil(request);
    EXPECT_FIELD(Call(&ProgressStub::ImportMemory, request), path);
  };
  const auto item = [](v1::ImportMemoryRequest& request) { return request.mutable_items(0); };
  expect_bad("items", [](auto& r) { r.clear_items(); });
  expect_bad("items[0].question", [&](auto& r) { item(r)->set_question("Q 1"); });
  expect_bad("items[0].pack", [&](auto& r) { item(r)->clear_pack(); });
  expect_bad("items[0].pack", [&](auto& r) { item(r)->set_pack("packs/ml"); });
  expect_bad("items[0].memory", [&](auto& r) { item(r)->clear_memory(); });
  for (const double ease : {1.29, 10.1, kNaN}) {
    expect_bad("items[0].sm2.ease", [&](auto& r) { item(r)->mutable_sm2()->set_ease(ease); });
  }
  for (const double days : {0.0, 36501.0, kNaN}) {
    expect_bad("items[0].sm2.interval_days",
               [&](auto& r) { item(r)->mutable_sm2()->set_interval_days(days); });
  }
  expect_bad("items[0].sm2.retention", [&](auto& r) { item(r)->mutable_sm2()->set_retention(0.5); });
  expect_bad("items[0].fsrs.stability", [&](auto& r) { item(r)->mutable_fsrs()->set_difficulty(5); });
  expect_bad("items[0].fsrs.difficulty", [&](auto& r) { item(r)->mutable_fsrs()->set_stability(5); });
  expect_bad("items[0].last_review_time", [&](auto& r) { item(r)->clear_last_review_time(); });
  expect_bad("items[0].last_review_time", [&](auto& r) {
    *item(r)->mutable_last_review_time() = ToTimestamp(server_.clock.Now() + absl::Seconds(2));
  });
  expect_bad("items[0].last_review_time",
             [&](auto& r) { item(r)->mutable_last_review_time()->set_seconds(-1); });
  expect_bad("items[0].last_review_time",
             [&](auto& r) { item(r)->mutable_last_review_time()->set_nanos(1000000000); });
  expect_bad("items[0].reviews", [&](auto& r) { item(r)->set_reviews(0); });
  expect_bad("items[0].reviews", [&](auto& r) { item(r)->set_reviews(100001); });
  expect_bad("items[1]", [](auto& r) {
    const v1::MemoryToImport twice = r.items(0);
    *r.add_items() = twice;
  });
  expect_bad("request_id", [](auto& r) { r.clear_request_id(); });
  expect_bad("device", [](auto& r) { r.set_device(std::string(65, 'd')); });
  v1::ImportMemoryRequest many = Import(1, "q1", 2.5, 10, 0.9);
  for (int i = 0; i < 1000; ++i) {
    v1::MemoryToImport* more = many.add_items();
    *more = many.items(0);
    more->set_question(absl::StrCat("q", i + 2));
  }
  EXPECT_FIELD(Call(&ProgressStub::ImportMemory, many), "items");
  EXPECT_TRUE(Events().empty());
}

TEST_F(ProgressRequestsTest, ReadsNameEachWrongField) {
  EXPECT_FIELD(Due(-1), "page_size");
  EXPECT_FIELD(Due(0, "", "ml"), "pack");
  v1::GetProgressRequest progress;
  progress.set_name(absl::StrCat(kLearner, "/progress"));
  progress.set_forecast_days(-1);
  EXPECT_FIELD(Call(&ProgressStub::GetProgress, progress), "forecast_days");
  progress.set_forecast_days(1000);
  EXPECT_EQ(Call(&ProgressStub::GetProgress, progress)->forecast_size(), 366);
  progress.set_name(kLearner);
  EXPECT_FIELD(Call(&ProgressStub::GetProgress, progress), "name");
  v1::GetLearnerRequest learner;
  EXPECT_FIELD(Call(&ProgressStub::GetLearner, learner), "name");
  v1::GetCalibrationRequest calibration;
  calibration.set_parent(kLearner);
  calibration.set_pack("ml");
  EXPECT_FIELD(Call(&ProgressStub::GetCalibration, calibration), "pack");
}

TEST_F(ProgressRequestsTest, AnothersIsToldExactlyAsWhatIsNotThere) {
  for (const auto& statuses :
       {CallAll(As{"acme", "bob"}), CallAll(As{"other", "ada"}), CallAll({}, "tenants/other/learners/ada")}) {
    EXPECT_EQ(statuses.size(), 6);
    for (const auto& [rpc, status] : statuses) {
      EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << rpc << status;
      EXPECT_EQ(ReasonOf(status), "SESSION_NOT_FOUND") << rpc;
    }
  }
  EXPECT_TRUE(Events().empty());
}

TEST_F(ProgressRequestsTest, TheTableOfRolesHoldsBothWays) {
  const std::set<std::string> reads = {"GetProgress", "ListDueQuestions", "GetLearner", "GetCalibration"};
  for (const Role role : {Role::kAuthor, Role::kOperator, Role::kInstructor}) {
    for (const auto& [rpc, status] : CallAll(As{"acme", "teacher", {role}})) {
      if (role == Role::kInstructor && reads.contains(rpc)) {
        EXPECT_TRUE(status.ok()) << rpc << status;
      } else {
        EXPECT_EQ(ReasonOf(status), "ROLE_FORBIDS") << rpc << status;
      }
    }
  }
  for (const char* name : {kLearner, "tenants/-/learners/me"}) {
    for (const auto& [rpc, status] : CallAll(As{"acme", "", {Role::kService}}, name)) {
      EXPECT_EQ(ReasonOf(status), "LEARNER_REQUIRED") << rpc << status;
    }
  }
  EXPECT_TRUE(Events().empty());
  for (const auto& [rpc, status] : CallAll(As{"acme", "ada", {Role::kService}})) {
    EXPECT_TRUE(status.ok()) << rpc << status;
  }
}

TEST(ProgressMethods, EveryRpcHasAPolicyAndNoOther) {
  const auto* service = v1::GetProgressRequest::descriptor()->file()->FindServiceByName("ProgressService");
  std::set<std::string> rpcs;
  for (int i = 0; i < service->method_count(); ++i) {
    rpcs.insert(absl::StrCat(service->full_name(), "/", service->method(i)->name()));
  }
  std::set<std::string> policies;
  for (const MethodPolicy& policy : ProgressMethods()) policies.insert(policy.full_name);
  EXPECT_EQ(policies, rpcs);
}

}  // namespace
}  // namespace greenroom::session::testing
