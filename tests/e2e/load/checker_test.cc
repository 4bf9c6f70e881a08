// The checker must find what it is there for: every kind of damage is done to a log that was right.
#include "tests/e2e/load/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

#include "tests/servers/process.h"

namespace greenroom::e2e {
namespace {

using ::testing::HasSubstr;

// A log as the session service keeps it, less the constraints that make damage impossible there.
class CheckerTest : public testing::Test {
 protected:
  CheckerTest() {
    Execute(
        "CREATE TABLE events (learner TEXT, seq INTEGER, event_id TEXT, kind TEXT, answer TEXT, payload "
        "TEXT)");
    Row("ada", 1, "session-1", "created");
    Row("ada", 2, "answer-1", "submitted");
    Grade("ada", 3, "grade-1", "answer-1");
    Row("ada", 4, "reveal-1", "revealed");
    Row("ada", 5, "answer-2", "submitted");
    Grade("ada", 6, "grade-2", "answer-2");
    Row("eve", 1, "session-1", "created");
    Acknowledge("ada", "CreateSession", "session-1", 1);
    Acknowledge("ada", "SubmitAnswer", "answer-1", 2);
    Acknowledge("ada", "RevealAnswer", "reveal-1", 4);
    Acknowledge("ada", "RevealAnswer", "reveal-2", 4, true);  // of a question revealed before
    Acknowledge("ada", "GetSession", "read-1", 0);
    Acknowledge("ada", "SubmitAnswer", "answer-2", 5);
    Acknowledge("ada", "SubmitAnswer", "answer-2", 5, true);
    Acknowledge("eve", "CreateSession", "session-1", 1);
  }

  std::string Url() const { return "sqlite:" + path_; }
  void Execute(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
    sqlite3_close(db);
  }
  void Row(const std::string& learner, int sequence, const std::string& id, const std::string& kind) {
    Execute("INSERT INTO events VALUES ('" + learner + "', " + std::to_string(sequence) + ", '" + id +
            "', '" + kind + "', '', '{}')");
  }
  void Grade(const std::string& learner, int sequence, const std::string& id, const std::string& answer,
             const std::string& cause = "GRADE_CAUSE_INITIAL") {
    Execute("INSERT INTO events VALUES ('" + learner + "', " + std::to_string(sequence) + ", '" + id +
            "', 'graded', '" + answer + "', '{\"graded\":{\"cause\":\"" + cause + "\"}}')");
  }
  void Acknowledge(const std::string& learner, const std::string& method, const std::string& id,
                   int64_t sequence, bool replayed = false) {
    CallRecord record;
    record.learner = learner;
    record.method = method;
    record.id = id;
    records_.push_back(record);
    record.answered = true;
    record.sequence = sequence;
    record.replayed = replayed;
    records_.push_back(record);
  }
  CheckReport Check() {
    const auto report = CheckLog(records_, Url(), true);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : CheckReport();
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/log.db";
  std::vector<CallRecord> records_;
};

TEST_F(CheckerTest, FindsNothingInARightLog) {
  const CheckReport report = Check();
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_EQ(report.acknowledged, 6);
  EXPECT_EQ(report.answers, 2);
}

TEST_F(CheckerTest, AnAttemptWithoutAnAnswerMayBeInTheLogOrNot) {
  CallRecord attempt;
  attempt.learner = "ada";
  attempt.method = "SubmitAnswer";
  attempt.id = "answer-3";
  records_.push_back(attempt);
  EXPECT_TRUE(Check().ok());
  Row("ada", 7, "answer-3", "submitted");
  Grade("ada", 8, "grade-3", "answer-3");
  EXPECT_TRUE(Check().ok());
}

TEST_F(CheckerTest, FindsALostRow) {
  Execute("DELETE FROM events WHERE event_id = 'answer-2'");
  const CheckReport report = Check();
  EXPECT_EQ(report.lost, 1);
  EXPECT_EQ(report.holes, 1);
  EXPECT_THAT(report.ToString(), HasSubstr("ada/answer-2"));
}

TEST_F(CheckerTest, FindsALostReveal) {
  Execute("DELETE FROM events WHERE event_id = 'reveal-1'");
  EXPECT_EQ(Check().lost, 2) << "also the later one, which was told its sequence";
}

TEST_F(CheckerTest, FindsADoubledRow) {
  Row("ada", 7, "answer-2", "submitted");
  EXPECT_EQ(Check().doubled, 1);
}

TEST_F(CheckerTest, FindsAnIdThatWasToldTwoSequences) {
  Acknowledge("ada", "SubmitAnswer", "answer-2", 6);
  EXPECT_EQ(Check().doubled, 1);
}

TEST_F(CheckerTest, FindsAHole) {
  Execute("UPDATE events SET seq = seq + 1 WHERE learner = 'ada' AND seq >= 6");
  const CheckReport report = Check();
  EXPECT_EQ(report.holes, 1);
  EXPECT_EQ(report.lost + report.doubled + report.misplaced, 0);
}

TEST_F(CheckerTest, FindsASequenceTakenTwice) {
  Execute("UPDATE events SET seq = 5 WHERE event_id = 'grade-2'");
  EXPECT_EQ(Check().holes, 1);
}

TEST_F(CheckerTest, FindsAnotherSequenceThanWasTold) {
  Execute("UPDATE events SET seq = 9 - seq WHERE event_id IN ('answer-2', 'reveal-1')");
  EXPECT_EQ(Check().misplaced, 2);
}

TEST_F(CheckerTest, FindsAnotherKindThanWasAskedFor) {
  Execute("UPDATE events SET kind = 'skipped' WHERE event_id = 'answer-2'");
  EXPECT_EQ(Check().misplaced, 1);
}

TEST_F(CheckerTest, FindsARowThatNobodyAsked) {
  Row("ada", 7, "answer-9", "hint_taken");
  EXPECT_EQ(Check().unasked, 1);
}

TEST_F(CheckerTest, FindsAnAnswerGradedTwiceAndOneNeverGraded) {
  Grade("ada", 7, "grade-3", "answer-1", "GRADE_CAUSE_REGRADE");
  EXPECT_TRUE(Check().ok()) << "a regrade is none";
  Grade("ada", 8, "grade-4", "answer-1");
  EXPECT_EQ(Check().doubled, 1);
  Execute("DELETE FROM events WHERE event_id IN ('grade-3', 'grade-4')");
  Execute("UPDATE events SET kind = 'rated', event_id = 'rate-1' WHERE event_id = 'grade-2'");
  Acknowledge("ada", "RateAnswer", "rate-1", 6);
  EXPECT_EQ(Check().ungraded, 1);
  EXPECT_TRUE(CheckLog(records_, Url(), false)->ok());
}

TEST_F(CheckerTest, FailsWithoutALog) { EXPECT_FALSE(CheckLog(records_, Url() + "-absent", true).ok()); }

}  // namespace
}  // namespace greenroom::e2e
