// progress, history, review and settings.
#include <gmock/gmock.h>

#include "clients/cli/commands_fixture.h"

namespace greenroom::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ProgressCommandsTest : public CommandsTest {
 protected:
  FakeProgressService& progress() { return services_.progress; }
};

TEST_F(ProgressCommandsTest, ShowsProgress) {
  EXPECT_EQ(Run({"progress"}), kExitOk) << terminal_.err;
  EXPECT_EQ(progress().asked.name(), "tenants/-/learners/me/progress");
  EXPECT_EQ(progress().asked.pack(), "");
  EXPECT_THAT(terminal_.out, HasSubstr("alpha"));
  EXPECT_THAT(terminal_.out, HasSubstr("##########.......... "));
  EXPECT_THAT(terminal_.out, HasSubstr("28:3"));
  EXPECT_EQ(Run({"progress", "beta", "--json"}), kExitOk);
  EXPECT_EQ(progress().asked.pack(), "tenants/-/packs/beta");
  EXPECT_THAT(JsonLines(), SizeIs(1));
}

TEST_F(ProgressCommandsTest, ShowsHistory) {
  EXPECT_EQ(Run({"history", "alpha"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("first\n  2 answers in 1 session, score 40, best 70 (30 gained)"));
  EXPECT_THAT(terminal_.out, HasSubstr("12 reviews, 75 % recalled"));
  EXPECT_EQ(Run({"history", "--json"}), kExitOk);
  EXPECT_THAT(JsonLines(), SizeIs(2));
}

TEST_F(ProgressCommandsTest, AsksWhatIsDue) {
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"review", "p", "--start"}), kExitOk) << terminal_.err;
  ASSERT_EQ(services_.session.created.size(), 1u);
  EXPECT_EQ(services_.session.created[0].mode(), session::v1::SESSION_MODE_REVIEW);
  EXPECT_EQ(services_.session.created[0].questions_size(), 0);
  EXPECT_EQ(Run({"review", "--start"}), kExitUsage);
}

TEST_F(ProgressCommandsTest, ListsWhatIsDueOnAllPages) {
  EXPECT_EQ(Run({"review"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("alpha first  recall 60 %"));
  EXPECT_THAT(terminal_.out, HasSubstr("alpha second"));
  EXPECT_THAT(terminal_.out,
              HasSubstr("2 questions, about 8 minutes. Beyond your daily minutes: 1 question"));
}

TEST_F(ProgressCommandsTest, ShowsAndChangesSettings) {
  EXPECT_EQ(Run({"settings"}), kExitOk) << terminal_.err;
  EXPECT_THAT(progress().updated, IsEmpty());
  EXPECT_THAT(terminal_.out, HasSubstr("time zone      UTC\n"));
  EXPECT_EQ(
      Run({"settings", "--zone", "Europe/Berlin", "--rollover", "0", "--goal=alpha", "--goal-date", ""}),
      kExitOk)
      << terminal_.err;
  ASSERT_THAT(progress().updated, SizeIs(1));
  const session::v1::UpdateLearnerRequest& request = progress().updated[0];
  EXPECT_THAT(request.update_mask().paths(),
              ElementsAre("time_zone", "rollover_hour", "goal_pack", "goal_date"));
  EXPECT_TRUE(request.settings().has_rollover_hour());
  EXPECT_EQ(request.settings().goal_pack(), "tenants/-/packs/alpha");
  EXPECT_EQ(request.request_id().size(), 36);
  EXPECT_THAT(terminal_.out, HasSubstr("time zone      Europe/Berlin\nnew day at     0:00\n"));
  EXPECT_EQ(Run({"settings", "--minutes", "2.5"}), kExitUsage);
  EXPECT_THAT(progress().updated, SizeIs(1));
}

}  // namespace
}  // namespace greenroom::cli
