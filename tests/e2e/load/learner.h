// Learner: one person practising over gRPC, who repeats a call under its id until it is answered.
#ifndef GREENROOM_TESTS_E2E_LOAD_LEARNER_H_
#define GREENROOM_TESTS_E2E_LOAD_LEARNER_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/auth/keys.h"
#include "services/base/task.h"
#include "tests/e2e/load/business_call.h"

namespace greenroom::e2e {

// Not thread-safe; several learners may share what they are given.
class Learner {
 public:
  using Stub = session::v1::SessionService::Stub;

  struct Options {
    std::string target;  // of the session service
    std::string name;    // the learner's id
    std::string token;
    std::string device;  // may be empty
    std::string pack = "tenants/-/packs/ml-engineer";
    std::string service_config;  // as of SessionStub
    CallPolicy policy;
  };
  // What `witness` names must outlive it.
  Learner(Options options, CallWitness witness);

  const std::string& name() const { return options_.name; }
  // All sessions so far, in order; the last one is being practised.
  const std::vector<std::string>& sessions() const { return sessions_; }
  // Ids of the answers acknowledged so far.
  const std::vector<std::string>& answers() const { return answers_; }

  // Creates a practice session and goes on with it. The first error that repeats did not cure, as for all below.
  absl::Status Create();
  // One turn on the session's next question: draft, hint, answer, reveal, rating or skip, and some reading, by `turn`;
  // finishes the session and creates a new one when no question is left.
  absl::Status Turn(int64_t turn);
  // An answer to that question of the session being practised; yields its full name.
  absl::StatusOr<std::string> Submit(const std::string& question, int64_t turn);
  absl::StatusOr<session::v1::PresentedQuestion> Next();
  // The session as `stub` tells it, without drafts.
  absl::StatusOr<session::v1::Session> GetSession(Stub& stub, const std::string& session);
  Stub& stub() { return *stub_; }

  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  // A business call of `id`, on `stub`; errors with a reason among `expected` are answers.
  template <typename Request, typename Response>
  absl::Status Call(Stub& stub, absl::string_view method_name, Method<Request, Response> method,
                    const std::string& id, const Request& request, Response* response,
                    std::initializer_list<absl::string_view> expected = {}) {
    BusinessCall call(witness_, options_.policy, options_.name, options_.token, method_name, id, expected);
    do {
      grpc::ClientContext context;
      call.Begin(context);
      const grpc::Status status = (stub.*method)(&context, request, response);
      if (status.ok()) witness_.statistics.Served(context.peer());
      if constexpr (requires { response->replayed(); }) {
        call.Answered(status, response->sequence(), response->replayed());
      } else {
        call.Answered(status, 0, false);
      }
    } while (call.Again());
    return call.Finish();
  }

 private:
  absl::Status Answer(const session::v1::PresentedQuestion& question, int64_t turn);
  absl::Status RevealAndRate(const std::string& question, const std::string& answer);
  absl::Status Read(const std::string& answer);
  absl::Status Finish();

  // A call that moves the session being practised; Next tells at least of that.
  template <typename Request, typename Response>
  absl::Status Write(absl::string_view method_name, Method<Request, Response> method, const std::string& id,
                     const Request& request, Response* response) {
    RETURN_IF_ERROR(Call(*stub_, method_name, method, id, request, response));
    seen_ = response->sequence();
    return absl::OkStatus();
  }

  const Options options_;
  const CallWitness witness_;
  const std::unique_ptr<Stub> stub_;
  std::vector<std::string> sessions_;
  int64_t seen_ = 0;  // the last sequence that a write to the last of the sessions was acknowledged with
  std::vector<std::string> answers_;
};

// A stub for the session service at `target`, with connections of its own. Without a service config the one of all our
// clients, which repeats nothing: most tests count failures themselves.
std::unique_ptr<session::v1::SessionService::Stub> SessionStub(const std::string& target,
                                                               absl::string_view service_config = "");

// A token of role learner in tenant `default`, for 12 hours from now and without a beginning: it holds on a server whose
// clock is an hour off.
absl::StatusOr<std::string> LearnerToken(const auth::SigningKey& key, const std::string& learner);

// A random UUID.
std::string NewId();

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_LOAD_LEARNER_H_
