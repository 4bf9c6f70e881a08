// Keeps what is typed until it is sent: in a local file at once, at the session service every three seconds.
#ifndef GREENROOM_CLIENTS_CLI_DRAFT_KEEPER_H_
#define GREENROOM_CLIENTS_CLI_DRAFT_KEEPER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cli/home.h"
#include "clients/cli/invocation.h"
#include "clients/cli/peer.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"

namespace greenroom::cli {

using SessionStub = session::v1::SessionService::StubInterface;

// For one question of one session. Failures to keep are told once and never stop the typing.
class DraftKeeper {
 public:
  // All are borrowed.
  DraftKeeper(const Invocation& invocation, Peer& peer, SessionStub& stub, KeptText& kept,
              std::string session, std::string question);

  // The text to begin with: the later of the local draft and `saved`, the server's.
  std::string Load(const session::v1::Draft& saved) const;

  // The text is now this. Cheap while more input waits (a paste): then only the last is kept.
  void Changed(const std::string& text);
  // The person leaves: keep it everywhere, also where it was kept less than three seconds ago.
  void Leave(const std::string& text);
  // It was sent.
  void Sent();

 private:
  void SaveLocally(const std::string& text);
  // Whether the server has it now.
  bool SaveAtServer(const std::string& text, CallTime time, absl::Duration* retry_after);

  const Invocation& invocation_;
  Peer& peer_;
  SessionStub& stub_;
  KeptText& kept_;
  const std::string session_;
  const std::string question_;
  std::string at_server_;
  absl::Duration next_save_ = -absl::InfiniteDuration();  // on the monotonic clock
  bool told_ = false;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_DRAFT_KEEPER_H_
