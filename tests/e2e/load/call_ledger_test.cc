#include "tests/e2e/load/call_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/servers/process.h"

namespace greenroom::e2e {
namespace {

CallRecord Attempt(const std::string& id) {
  CallRecord record;
  record.time = absl::FromUnixMicros(1700000000123456);
  record.learner = "ada";
  record.method = "SubmitAnswer";
  record.id = id;
  return record;
}

CallRecord Answered(const std::string& id, absl::StatusCode code, const std::string& reason,
                    int64_t sequence) {
  CallRecord record = Attempt(id);
  record.answered = true;
  record.code = code;
  record.reason = reason;
  record.sequence = sequence;
  record.replayed = sequence > 0;
  return record;
}

class CallLedgerTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/ledger";
};

TEST_F(CallLedgerTest, GivesBackWhatItWasTold) {
  {
    auto ledger = CallLedger::Create(path_).value();
    ledger->Attempt(Attempt("a"));
    ledger->Answered(Answered("a", absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE", 0));
    ledger->Attempt(Attempt("a"));
    ledger->Answered(Answered("a", absl::StatusCode::kOk, "", 7));
  }
  const auto records = ReadCallLedger(path_);
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 4u);
  const CallRecord& attempt = records->at(0);
  EXPECT_FALSE(attempt.answered);
  EXPECT_EQ(attempt.time, absl::FromUnixMicros(1700000000123456));
  EXPECT_EQ(attempt.learner, "ada");
  EXPECT_EQ(attempt.method, "SubmitAnswer");
  EXPECT_EQ(attempt.id, "a");
  const CallRecord& refused = records->at(1);
  EXPECT_TRUE(refused.answered);
  EXPECT_EQ(refused.code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(refused.reason, "DEPENDENCY_UNAVAILABLE");
  EXPECT_FALSE(refused.replayed);
  const CallRecord& last = records->at(3);
  EXPECT_EQ(last.code, absl::StatusCode::kOk);
  EXPECT_EQ(last.sequence, 7);
  EXPECT_TRUE(last.replayed);
}

TEST_F(CallLedgerTest, AnAttemptIsInTheFileWhenItReturns) {
  auto ledger = CallLedger::Create(path_).value();
  ledger->Answered(Answered("before", absl::StatusCode::kOk, "", 1));
  constexpr int kThreads = 8;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i) {
        const std::string id = absl::StrCat(thread, "-", i);
        ledger->Attempt(Attempt(id));
        const auto records = ReadCallLedger(path_);
        ASSERT_TRUE(records.ok()) << records.status();
        EXPECT_EQ(records->front().id, "before");
        EXPECT_EQ(std::count_if(records->begin(), records->end(),
                                [&](const CallRecord& record) { return record.id == id; }),
                  1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ReadCallLedger(path_)->size(), 201u);
}

TEST_F(CallLedgerTest, IsNeverContinued) {
  CallLedger::Create(path_).value()->Attempt(Attempt("a"));
  EXPECT_EQ(CallLedger::Create(path_).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(CallLedgerTest, ATornLastLineIsLeftOutAndAnyOtherIsRefused) {
  CallLedger::Create(path_).value()->Attempt(Attempt("a"));
  std::ofstream(path_, std::ios::app) << "R\t17000";
  EXPECT_EQ(ReadCallLedger(path_)->size(), 1u);
  std::ofstream(path_, std::ios::app) << "\n";
  EXPECT_EQ(ReadCallLedger(path_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReadCallLedger(path_ + "-absent").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace greenroom::e2e
