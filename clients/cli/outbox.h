// Outbox: sends answers, and sends again what was never acknowledged, whatever session it belongs to.
#ifndef GREENROOM_CLIENTS_CLI_OUTBOX_H_
#define GREENROOM_CLIENTS_CLI_OUTBOX_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/draft_keeper.h"
#include "clients/cli/home.h"
#include "clients/cli/invocation.h"
#include "clients/cli/peer.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"

namespace greenroom::cli {

class Outbox {
 public:
  // All are borrowed.
  Outbox(const Invocation& invocation, Peer& peer, SessionStub& stub)
      : invocation_(invocation), peer_(peer), stub_(stub) {}

  // Sends an answer that BeginSending has kept, and lets go of it once it is known what became of it. After UNAVAILABLE,
  // DEADLINE_EXCEEDED, UNAUTHENTICATED and INTERNAL it is not: then it stays.
  absl::StatusOr<session::v1::SubmitAnswerResponse> Send(KeptText& kept,
                                                         const session::v1::SubmitAnswerRequest& request);

  // Waits a few seconds for a grade that is to come; `seen` is the sequence that reads reflect at least.
  absl::Status AwaitGrade(session::v1::Answer& answer, int64_t seen);

  struct Sent {
    int sent = 0;
    int left = 0;          // kept on: another learner's or another server's, as far as this server can tell
    int64_t sequence = 0;  // the highest of those of `session`; 0: none
  };
  // Sends again, oldest first, what earlier runs could not, and tells what came of each. A refusal is told and the text
  // stays a draft. The error is one after which it is not known whether an answer arrived.
  absl::StatusOr<Sent> SendAgain(absl::string_view session);

 private:
  const Invocation& invocation_;
  Peer& peer_;
  SessionStub& stub_;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_OUTBOX_H_
