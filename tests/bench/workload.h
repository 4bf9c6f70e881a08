// Workload: the calls that are measured, and the sessions that they are about.
#ifndef GREENROOM_TESTS_BENCH_WORKLOAD_H_
#define GREENROOM_TESTS_BENCH_WORKLOAD_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/answers.h"
#include "tests/bench/load.h"
#include "tests/bench/rig.h"

namespace greenroom::bench {

enum class Operation {
  kEcho,
  kEchoRedis,
  kPipeline,
  kGradeAnswer,
  kGradeAnswerDecided,  // the same beside ten answers to the question that people decided about
  kGetSession,
  kNextQuestion,
  kSubmitAnswer
};

const char* OperationName(Operation operation);
// What the operation is compared with; itself for a floor.
Operation FloorOf(Operation operation);

struct BenchSession {
  std::string name;
  std::string bearer;  // its learner's
};

// Thread-safe.
class Workload {
 public:
  // Makes practice sessions over the bench pack, each of a learner of its own: `sessions` to read, of which half of the
  // questions are answered, and as many to answer in.
  static absl::StatusOr<std::unique_ptr<Workload>> Prepare(const Rig& rig, size_t sessions);

  // Calls of an operation over connections of their own, 32 in flight at most on one. Slots never share a session, so
  // answers collide with none: `in_flight` divides the number of sessions.
  StartCall Calls(Operation operation, size_t in_flight);
  // The same about other sessions than the workload's: one session a slot.
  StartCall CallsAbout(Operation operation, std::vector<BenchSession> sessions);
  // Submits one answer to the question (a place in the answers' questions) in each of the sessions.
  absl::Status AnswerEach(const std::vector<BenchSession>& sessions, size_t question);

  // Of the answers submitted by Calls and CallsAbout, the share whose reply had no grade: figures of those are figures
  // of less work.
  double UngradedShare() const {
    return submitted_ == 0 ? 0 : static_cast<double>(ungraded_) / static_cast<double>(submitted_);
  }

 private:
  Workload(const Rig& rig, std::string service_bearer)
      : rig_(rig), service_bearer_(std::move(service_bearer)) {}

  StartCall FloorCalls(Operation operation, size_t in_flight);
  StartCall GradeCalls(Operation operation, size_t in_flight);
  StartCall SessionCalls(Operation operation, std::vector<BenchSession> sessions, size_t in_flight);

  const Rig& rig_;
  const Answers answers_;
  const std::string service_bearer_;
  std::vector<BenchSession> read_;
  std::vector<BenchSession> written_;
  std::atomic<int64_t> submitted_ = 0;
  std::atomic<int64_t> ungraded_ = 0;
  std::atomic<int64_t> next_number_ = 0;  // no answer is told twice
};

// Credentials of learners "name-0", "name-1" ...
absl::StatusOr<std::vector<std::string>> Learners(const Rig& rig, absl::string_view name, size_t count);

// Creates practice sessions of the learners whose credentials are given, one each, in this order, 64 at a time.
absl::StatusOr<std::vector<BenchSession>> CreateSessions(const Rig& rig,
                                                         const std::vector<std::string>& bearers);

}  // namespace greenroom::bench

#endif  // GREENROOM_TESTS_BENCH_WORKLOAD_H_
