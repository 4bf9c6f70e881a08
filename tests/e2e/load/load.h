// Load: learners who practise at once, each on a thread, all told to one ledger.
#ifndef GREENROOM_TESTS_E2E_LOAD_LOAD_H_
#define GREENROOM_TESTS_E2E_LOAD_LOAD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/e2e/load/business_call.h"
#include "tests/e2e/load/call_ledger.h"
#include "tests/e2e/load/learner.h"

namespace greenroom::e2e {

struct LoadOptions {
  std::string target;          // of the session service
  std::string service_config;  // of the learners' connections, as of SessionStub
  int learners = 20;
  std::string name = "learner";  // of which the learners are name-0, name-1 ...
  // A learner's credential.
  std::function<absl::StatusOr<std::string>(const std::string& learner)> token;
  std::string ledger;  // path of a file that does not exist
  double turns_per_second =
      0;  // all learners together; 0: each takes the next turn as soon as the last is over
  CallPolicy policy;
};

// Its methods are called by one thread. Failed business calls are counted in statistics(), the learner goes on with a
// new session then.
class Load {
 public:
  // Makes the ledger and the learners, each with a session, and leaves them waiting for Resume.
  static absl::StatusOr<std::unique_ptr<Load>> Start(LoadOptions options);
  // Ends after the turns under way.
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void Resume();
  // Returns when nobody is in a turn and all that was answered is in the ledger's file.
  void Pause();

  // Waits for that many more turns by all together. DEADLINE_EXCEEDED otherwise.
  absl::Status WaitForTurns(int64_t more, absl::Duration timeout);
  // Waits until every learner has ended a turn that began after this call. DEADLINE_EXCEEDED otherwise.
  absl::Status WaitForEach(absl::Duration timeout);
  int64_t turns() const { return turns_; }

  CallStatistics& statistics() { return statistics_; }
  CallLedger& ledger() { return *ledger_; }
  CallWitness witness() { return {*ledger_, statistics_}; }
  // To be used while paused.
  const std::vector<std::unique_ptr<Learner>>& learners() const { return learners_; }

 private:
  explicit Load(LoadOptions options) : options_(std::move(options)) {}
  void Practise(size_t number);
  // Waits until the learner's next turn may begin; false: there will be none.
  bool BeginTurn(int64_t& round);
  void EndTurn(size_t number, int64_t round);

  const LoadOptions options_;
  CallStatistics statistics_;
  std::unique_ptr<CallLedger> ledger_;
  std::vector<std::unique_ptr<Learner>> learners_;
  std::atomic<int64_t> turns_ = 0;

  absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int in_turn_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time next_turn_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t round_ ABSL_GUARDED_BY(mutex_) = 0;  // counts calls of WaitForEach
  std::vector<int64_t> done_in_
      ABSL_GUARDED_BY(mutex_);  // by learner: the round its last whole turn began in
  std::vector<std::thread> threads_;
};

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_LOAD_LOAD_H_
