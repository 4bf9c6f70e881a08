// BusinessCall: a call with its client's repeats under one id, told to the ledger try by try.
#ifndef GREENROOM_TESTS_E2E_LOAD_BUSINESS_CALL_H_
#define GREENROOM_TESTS_E2E_LOAD_BUSINESS_CALL_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/e2e/load/call_ledger.h"

namespace greenroom::e2e {

// How a client repeats (reliability, "Faults to survive"): after UNAVAILABLE, DEADLINE_EXCEEDED and OVERLOADED.
struct CallPolicy {
  absl::Duration try_timeout = absl::Seconds(2);
  absl::Duration business_timeout = absl::Seconds(60);  // no try begins later; zero: no repeats at all
  absl::Duration pause = absl::Milliseconds(50);        // between tries, unless the server says how long
};

// What a load has seen. Thread-safe.
class CallStatistics {
 public:
  struct Counts {
    int64_t calls = 0;     // business calls that are over
    int64_t failed = 0;    // those that were not answered, or by an error that the caller did not expect
    int64_t repeats = 0;   // tries beyond the first, of calls that are over
    int64_t refusals = 0;  // tries so far that were not answered with OK
    std::vector<std::string> failures;  // the first of them, for people
    // Tries that were not answered with OK, by "SubmitAnswer UNAVAILABLE DEPENDENCY_UNAVAILABLE".
    std::map<std::string, int64_t> refused;
    // Tries that were answered with OK, by the address of the replica: "ipv4:127.0.0.2:20001".
    std::map<std::string, int64_t> served_by;
  };
  void Served(const std::string& peer);
  void Refused(absl::string_view method, const absl::Status& status);
  void Add(absl::string_view method, absl::Duration took, int tries, const absl::Status& failure);

  Counts counts() const;
  // Of the business calls of `method` since ForgetTimes; zero where there were none.
  absl::Duration Percentile(absl::string_view method, double share) const;
  int64_t TimesOf(absl::string_view method) const;
  void ForgetTimes();

 private:
  mutable absl::Mutex mutex_;
  Counts counts_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<absl::Duration>> times_ ABSL_GUARDED_BY(mutex_);
};

// Where calls are told.
struct CallWitness {
  CallLedger& ledger;
  CallStatistics& statistics;
};

//   BusinessCall call(witness, policy, learner, token, "SubmitAnswer", id, {});
//   do {
//     grpc::ClientContext context;
//     call.Begin(context);
//     call.Answered(stub.SubmitAnswer(&context, request, &response), response.sequence(), response.replayed());
//   } while (call.Again());
//   return call.Finish();
class BusinessCall {
 public:
  // An error with a reason among `expected` is as good an answer as OK: it is not repeated, and no failure.
  BusinessCall(CallWitness witness, const CallPolicy& policy, absl::string_view learner,
               absl::string_view token, absl::string_view method, absl::string_view id,
               std::initializer_list<absl::string_view> expected);

  // Writes the attempt into the ledger, then sets the try's deadline and credential. The try waits for the server to be
  // there.
  void Begin(grpc::ClientContext& context);
  void Answered(const grpc::Status& status, int64_t sequence, bool replayed);
  // Whether the answer asks for another try and there is time for one. Sleeps for the client's pause then.
  bool Again();
  // Ends the call with its last answer.
  absl::Status Finish();

 private:
  const CallWitness witness_;
  const CallPolicy policy_;
  const std::string token_;
  const std::vector<std::string> expected_;
  CallRecord record_;
  absl::Time begun_;  // when the first try left
  int tries_ = 0;
  absl::Status status_;
  bool answered_ = false;  // with OK or what was expected
};

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_LOAD_BUSINESS_CALL_H_
