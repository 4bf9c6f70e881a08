// Learner: one person practising over gRPC, who repeats a call under its id until it is answered.
#ifndef GREENROOM_TESTS_E2E_LEARNER_H_
#define GREENROOM_TESTS_E2E_LEARNER_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"

namespace greenroom::e2e {

// A business call is a call with the client's repeats under the same id: 2 s a try, for up to 60 s, after UNAVAILABLE
// and DEADLINE_EXCEEDED (reliability, "Faults to survive").
constexpr absl::Duration kTryTimeout = absl::Seconds(2);
constexpr absl::Duration kBusinessTimeout = absl::Seconds(60);

// Not thread-safe.
class Learner {
 public:
  using Stub = session::v1::SessionService::Stub;

  Learner(const std::string& target, std::string token);

  // What was acknowledged: ids of answers, and of all other writes.
  const std::vector<std::string>& answers() const { return answers_; }
  const std::vector<std::string>& session_names() const { return sessions_; }
  // Tries beyond the first of all calls so far.
  int repeats() const { return repeats_; }

  // Creates a practice session over ml-engineer.
  grpc::Status Create();
  // One turn on the session's next question: draft, hint, answer, reveal, rating or skip, by `turn`; finishes the
  // session and creates a new one when no question is left. The first error that repeats did not cure.
  grpc::Status Turn(int turn);

  // The session as `target` tells it, without drafts.
  grpc::Status GetSession(Stub& stub, const std::string& name, session::v1::Session* session);

  // Calls `method` until it is answered.
  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    return CallOn(*stub_, method, request, response);
  }
  template <typename Request, typename Response>
  grpc::Status CallOn(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, Response* response) {
    const absl::Time end = absl::Now() + kBusinessTimeout;
    while (true) {
      grpc::ClientContext context;
      Prepare(context, kTryTimeout);
      const grpc::Status status = (stub.*method)(&context, request, response);
      const bool again = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
      if (!again || absl::Now() > end) return status;
      ++repeats_;
      absl::SleepFor(absl::Milliseconds(50));  // a client's pause between tries
    }
  }
  // One try, waiting for the server to be there.
  void Prepare(grpc::ClientContext& context, absl::Duration timeout) const;
  Stub& stub() { return *stub_; }

 private:
  grpc::Status Answer(const session::v1::PresentedQuestion& question, int turn);

  std::string token_;
  std::unique_ptr<Stub> stub_;
  std::string session_;
  std::vector<std::string> sessions_;
  std::vector<std::string> answers_;
  int repeats_ = 0;
};

// A stub for the session service at `target`, with connections that come back within a second.
std::unique_ptr<session::v1::SessionService::Stub> SessionStub(const std::string& target);

// A random UUID.
std::string NewId();

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_LEARNER_H_
