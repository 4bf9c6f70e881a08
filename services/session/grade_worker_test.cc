#include "services/session/grade_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "services/session/domain/state_hash.h"
#include "services/session/state_hashes.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

class GradeWorkerTest : public SessionServiceTest {
 protected:
  // An answer whose grade is pending.
  void SubmitPending(const std::string& session, int id) {
    server_.grader.gate().Fail("Grade", absl::UnavailableError("down"), 1);
    server_.clock.Advance(absl::Seconds(2));  // the breaker's pause
    auto submitted = Submit(session, id, "q1");
    ASSERT_OK(submitted);
    ASSERT_EQ(submitted->answer().grade().state(), v1::GRADE_STATE_PENDING);
  }
  v1::GradeState StateOf(const std::string& session, int id) {
    auto answer = GetAnswer(session + "/answers/" + Uuid(id));
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->grade().state() : v1::GRADE_STATE_UNSPECIFIED;
  }
};

TEST_F(GradeWorkerTest, GradesWhatIsPendingOnce) {
  const std::string session = Create();
  for (int id = 10; id < 15; ++id) SubmitPending(session, id);
  EXPECT_EQ(server_.worker.RunOnce(), 5);
  EXPECT_EQ(server_.worker.RunOnce(), 0);
  for (int id = 10; id < 15; ++id) EXPECT_EQ(StateOf(session, id), v1::GRADE_STATE_GRADED);
  EXPECT_EQ(Events().size(), 11);
  EXPECT_EQ(server_.log.pending_count(), 0);
  EXPECT_EQ(server_.live.Stored(Key())->seq, 11);  // the live state follows
}

TEST_F(GradeWorkerTest, RetriesWithBackoff) {
  const std::string session = Create();
  SubmitPending(session, 10);
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_EQ(server_.worker.RunOnce(), 0);
  absl::Duration waited;
  std::vector<double> pauses;
  for (int tries = 0; tries < 9; ++tries) {
    waited = absl::ZeroDuration();
    while (server_.worker.RunOnce() == 0) {
      server_.clock.Advance(absl::Milliseconds(100));
      waited += absl::Milliseconds(100);
    }
    pauses.push_back(absl::ToDoubleSeconds(waited));
  }
  for (size_t i = 0; i < pauses.size(); ++i) {
    const double most = std::min(60.0, static_cast<double>(1 << i));
    EXPECT_GE(pauses[i], most / 2 - 0.01) << i;
    EXPECT_LE(pauses[i], most + 0.11) << i;
  }
}

TEST_F(GradeWorkerTest, RecordsAFailureOfTheAnswersOwn) {
  const std::string session = Create();
  SubmitPending(session, 10);
  server_.grader.set_grading(
      [](const std::string&, const std::string&) -> absl::StatusOr<scoring::v1::Report> {
        return ErrorBuilder(absl::StatusCode::kNotFound, "QUESTION_NOT_FOUND", "none").Build();
      });
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_EQ(StateOf(session, 10), v1::GRADE_STATE_NEEDS_REVIEW);
  EXPECT_EQ(Events().back().payload.graded().failure(), "QUESTION_NOT_FOUND");
  EXPECT_EQ(server_.log.pending_count(), 0);
}

TEST_F(GradeWorkerTest, AnInternalErrorThatStaysIsTheAnswersOwnInTheEnd) {
  const std::string session = Create();
  SubmitPending(session, 10);
  server_.grader.gate().Fail("Grade", absl::InternalError("a defect"));
  for (int tries = 1; tries <= 10; ++tries) {
    EXPECT_EQ(StateOf(session, 10), v1::GRADE_STATE_PENDING) << tries;
    EXPECT_EQ(server_.worker.RunOnce(), 1) << tries;
    server_.clock.Advance(absl::Minutes(2));
  }
  EXPECT_EQ(StateOf(session, 10), v1::GRADE_STATE_NEEDS_REVIEW);
  EXPECT_EQ(Events().back().payload.graded().failure(), "INTERNAL");
}

TEST_F(GradeWorkerTest, TwoWorkersThatDoTheSameWriteItOnce) {
  const std::string session = Create();
  SubmitPending(session, 10);
  GradeWorker other(server_.log, server_.ledger, server_.grader, server_.catalogue, server_.clock,
                    server_.rng, server_.metrics, server_.logger);
  bool once = true;
  server_.log.set_before_append([&](const std::vector<Event>& unit) {
    if (!unit[0].payload.has_graded() || !std::exchange(once, false)) return;
    server_.clock.Advance(absl::Seconds(31));  // the first one's lease is over before it writes
    EXPECT_EQ(other.RunOnce(), 1);
  });
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_EQ(Events().size(), 3);
  EXPECT_EQ(StateOf(session, 10), v1::GRADE_STATE_GRADED);
}

TEST_F(GradeWorkerTest, GradesAfterTheFinishToo) {
  const std::string session = Create();
  SubmitPending(session, 10);
  ASSERT_OK(Finish(session, 11));
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  auto got = Get(session);
  ASSERT_OK(got);
  EXPECT_EQ(got->score(), 55);
  EXPECT_EQ(got->state(), v1::SESSION_STATE_FINISHED);
}

TEST_F(GradeWorkerTest, ALogThatIsAwayIsWaitedFor) {
  const std::string session = Create();
  SubmitPending(session, 10);
  server_.log.gate().Fail("TakePending", absl::UnavailableError("down"), 1);
  EXPECT_EQ(server_.worker.RunOnce(), 0);
  server_.log.gate().Fail("Append", absl::UnavailableError("down"), 1);
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_EQ(StateOf(session, 10), v1::GRADE_STATE_PENDING);
  server_.clock.Advance(absl::Minutes(1));
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  EXPECT_EQ(StateOf(session, 10), v1::GRADE_STATE_GRADED);
}

TEST_F(GradeWorkerTest, RunsByItselfAndStops) {
  const std::string session = Create();
  SubmitPending(session, 10);
  GradeWorkerOptions options;
  options.poll = absl::Milliseconds(5);
  GradeWorker worker(server_.log, server_.ledger, server_.grader, server_.catalogue, server_.clock,
                     server_.rng, server_.metrics, server_.logger, options);
  worker.Start();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (server_.log.pending_count() > 0 && absl::Now() < end) std::this_thread::yield();
  EXPECT_EQ(server_.log.pending_count(), 0);
  worker.Stop();
  worker.Stop();
}

TEST(GradeWorkerOptions, AreChecked) {
  EXPECT_TRUE(GradeWorkerOptions().Validate().ok());
  GradeWorkerOptions options;
  options.lease = absl::Seconds(1);
  EXPECT_FALSE(options.Validate().ok());
}

TEST_F(GradeWorkerTest, StateHashesAreOneALearner) {
  ASSERT_OK(Submit(Create(), 2, "q1"));
  Create(1, As{"acme", "bob"});
  std::ostringstream out;
  ASSERT_TRUE(PrintStateHashes(server_.log, out).ok());
  EXPECT_EQ(out.str(), absl::StrCat("acme/ada ", StateHash(Events("ada")), "\nacme/bob ",
                                    StateHash(Events("bob")), "\n"));
  server_.log.gate().Fail("ReadAfter", absl::UnavailableError("down"));
  EXPECT_FALSE(PrintStateHashes(server_.log, out).ok());
}

}  // namespace
}  // namespace greenroom::session::testing
