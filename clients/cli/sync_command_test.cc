// sync: a recorded device, played against a server.
#include <gmock/gmock.h>

#include "absl/strings/str_format.h"
#include "clients/cli/commands_fixture.h"
#include "clients/cli/sync_text.h"

namespace greenroom::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SyncCommandTest : public CommandsTest {
 protected:
  static std::string Line(int number, const std::string& act) {
    return absl::StrFormat(
        R"({"id":"%08x-1111-4111-8111-111111111111","session":"00000001-1111-4111-8111-111111111111",)"
        R"("occurredTime":"2026-01-01T09:00:00Z","deviceSeq":"%d",%s})"
        "\n",
        number, number, act);
  }
};

TEST_F(SyncCommandTest, PlaysAnOutboxInPiecesAndTellsWhatChangedOnce) {
  std::string outbox = Line(14, R"("reveal":{"question":"ml"})") + "\n";
  for (int i = 0; i < 120; ++i) outbox += Line(100 + i, R"("answer":{"question":"q1","text":"text"})");
  EXPECT_EQ(Run({"sync", "--outbox", WriteFile("outbox", outbox), "--device", "phone", "--since", "old"}),
            kExitOk)
      << terminal_.err;
  ASSERT_EQ(session().synced.size(), 3);
  EXPECT_EQ(session().synced[0].items_size(), 100);
  EXPECT_EQ(session().synced[1].items_size(), 21);
  EXPECT_EQ(session().synced[2].items_size(), 0);
  EXPECT_EQ(session().synced[0].device(), "phone");
  EXPECT_EQ(session().synced[0].token(), "old");
  EXPECT_EQ(session().synced[2].token(), "token-2");
  EXPECT_THAT(terminal_.out, HasSubstr("reveal of ml: taken, sequence 1\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("answer to q1: taken, sequence 121\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("begun anew"));
  EXPECT_THAT(terminal_.out, HasSubstr("answer to question-3: its grade is to come\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("p question-3: due on 2026-08-05\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("--since token-3"));
}

TEST_F(SyncCommandTest, LargeItemsGoInCallsOfTheirOwn) {
  std::string outbox;
  const std::string text(30000, 'x');
  for (int i = 0; i < 20; ++i)
    outbox += Line(100 + i, R"("answer":{"question":"q1","text":")" + text + "\"}");
  EXPECT_EQ(Run({"sync", "--outbox", WriteFile("outbox", outbox)}), kExitOk) << terminal_.err;
  int items = 0;
  for (const auto& request : session().synced) {
    EXPECT_LE(request.ByteSizeLong(), size_t{256} * 1024);
    items += request.items_size();
  }
  EXPECT_EQ(items, 20);
}

TEST_F(SyncCommandTest, SaysWhatWasRefused) {
  const std::string file = WriteFile("outbox", Line(13, R"("finish":{})"));
  EXPECT_EQ(Run({"sync", "--outbox", file}), kExitFailed);
  EXPECT_THAT(terminal_.out, HasSubstr("session finished: refused, ID_REUSED"));
  EXPECT_EQ(Run({"sync", "--outbox", file, "--json"}), kExitFailed);
  EXPECT_EQ(JsonLines()[0].fields().at("statuses").list_value().values_size(), 1);
}

TEST_F(SyncCommandTest, ABadLineIsNamedBeforeAnythingIsSent) {
  const std::string file = WriteFile("outbox", Line(1, R"("finish":{})") + "{\"id\": 1, \"unknown\": 2}\n");
  EXPECT_EQ(Run({"sync", "--outbox", file}), kExitUsage);
  EXPECT_THAT(terminal_.err, HasSubstr("line 2"));
  EXPECT_EQ(Run({"sync", "--outbox", home_ + "/none"}), kExitUsage);
  EXPECT_TRUE(session().synced.empty());
}

TEST_F(SyncCommandTest, WithoutAnOutboxItOnlyTells) {
  EXPECT_EQ(Run({"sync"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("What changed:"));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("taken")));
}

TEST(SyncText, SaysWhenAQuestionIsDue) {
  session::v1::LearnerChange change;
  session::v1::DueChange& due = *change.mutable_due();
  due.set_pack("tenants/default/packs/ml-engineer");
  due.set_question("overfitting");
  EXPECT_THAT(RenderChange(change, Page()), ElementsAre("  ml-engineer overfitting: not scheduled"));
  due.mutable_due_time()->set_seconds(1785931200);  // noon UTC
  EXPECT_THAT(RenderChange(change, Page()), ElementsAre("  ml-engineer overfitting: due on 2026-08-05"));
}

TEST(SyncText, SaysWhatBecameOfAnAnswer) {
  session::v1::LearnerChange change;
  session::v1::Answer& answer = *change.mutable_answer();
  answer.set_question("q1");
  answer.mutable_grade()->set_state(session::v1::GRADE_STATE_PENDING);
  EXPECT_THAT(RenderChange(change, Page()), ElementsAre("    answer to q1: kept, but it does not count"));
  answer.set_attempt(2);
  answer.mutable_grade()->set_state(session::v1::GRADE_STATE_GRADED);
  answer.mutable_grade()->mutable_report()->set_score(70);
  EXPECT_THAT(RenderChange(change, Page()), ElementsAre("    answer to q1, attempt 2: score 70"));
}

}  // namespace
}  // namespace greenroom::cli
