// Calls to the servers: one connection each, a credential, patience.
#ifndef GREENROOM_CLIENTS_CLI_PEER_H_
#define GREENROOM_CLIENTS_CLI_PEER_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cli/invocation.h"
#include "services/base/caller.h"
#include "services/base/status_wire.h"

namespace greenroom::cli {

// How long a call is tried. Every write carries an id, so repeating one is harmless; after UNAVAILABLE and
// DEADLINE_EXCEEDED it is repeated until `patience` is over.
struct CallTime {
  absl::Duration one_try = absl::Seconds(5);
  absl::Duration patience = absl::Seconds(20);
};
inline constexpr CallTime kQuickCall = {absl::Seconds(5), absl::Seconds(20)};
inline constexpr CallTime kLongCall = {absl::Seconds(60), absl::Seconds(90)};
// For what may also be left undone.
inline constexpr CallTime kOneShot = {absl::Milliseconds(300), absl::ZeroDuration()};

// A server. Not thread-safe.
class Peer {
 public:
  enum class Service { kContent, kSession, kScoring };

  // Finds address and credential (flags, environment, home directory). Where there is no token but a signing key in the
  // home directory, the credential is made with it, for `role`. FAILED_PRECONDITION or UNAUTHENTICATED says what is
  // missing and how to give it. Connects when it is first used.
  static absl::StatusOr<Peer> Connect(const Invocation& invocation, Service service, Role role);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Calls `attempt` with a context that has credential and deadline until it yields anything but UNAVAILABLE and
  // DEADLINE_EXCEEDED, or patience is over. For what is more than one question and its answer.
  absl::Status Try(CallTime time, const std::function<absl::Status(grpc::ClientContext&)>& attempt);

  // Blocks until there is an answer or patience is over.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request, CallTime time = kQuickCall) {
    Response response;
    const absl::Status status = Try(time, [&](grpc::ClientContext& context) {
      return FromGrpc((stub.*method)(&context, request, &response));
    });
    if (!status.ok()) return status;
    return response;
  }

  // Makes `context` ready for one try of any call that takes `time` at most: credential, deadline, who calls.
  void Equip(grpc::ClientContext& context, absl::Duration time) const;
  // Where it is, for telling.
  const std::string& address() const { return address_; }

 private:
  Peer(const Invocation& invocation, std::string address, std::string bearer);

  const Invocation* invocation_;
  std::string address_;
  std::string bearer_;
  std::shared_ptr<grpc::Channel> channel_;
};

// Calls `fetch` with the token of each page ("" first) until it returns "".
absl::Status ForEachPage(const std::function<absl::StatusOr<std::string>(const std::string& token)>& fetch);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_PEER_H_
