// For tests: how a fake service refuses a call.
#ifndef GREENROOM_CLIENTS_CLI_FAKE_REFUSAL_H_
#define GREENROOM_CLIENTS_CLI_FAKE_REFUSAL_H_

#include <grpcpp/grpcpp.h>

#include <string>

#include "services/base/status.h"
#include "services/base/status_wire.h"

namespace greenroom::cli {

inline grpc::Status Refuse(absl::StatusCode code, const std::string& reason) {
  return ToGrpc(ErrorBuilder(code, reason, "refused by the fake").Build());
}

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_FAKE_REFUSAL_H_
