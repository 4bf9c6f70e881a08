// The one bridge between absl::Status and grpc::Status. No other file builds a grpc::Status.
//
// On the wire an error is google.rpc.Status in `grpc-status-details-bin`, always with ErrorInfo of domain
// "greenroom.dev" (https://google.aip.dev/193).
#ifndef GREENROOM_SERVICES_BASE_STATUS_WIRE_H_
#define GREENROOM_SERVICES_BASE_STATUS_WIRE_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace greenroom {

// What may be told of `status` to a client, still as an absl::Status:
//  - OK, and any code but INTERNAL and UNKNOWN with a reason: as it is, except that a message above 512 bytes and
//    violations beyond 4 KiB of details are cut (the trailers have 8 KiB in all);
//  - DEADLINE_EXCEEDED, CANCELLED and UNAVAILABLE without a reason: that code with reason DEADLINE, CANCELLED or
//    DEPENDENCY_UNAVAILABLE and a fixed message;
//  - everything else: INTERNAL with reason INTERNAL, metadata error_id = `error_id`, and nothing of the status.
absl::Status ForClient(const absl::Status& status, absl::string_view error_id);

// Encodes `status` (which ForClient has passed) for the wire.
grpc::Status ToGrpc(const absl::Status& status);

// What a peer answered: code, message, and details of domain "greenroom.dev" where there are any. A status that gRPC
// itself made (connection refused, deadline) has no reason.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_STATUS_WIRE_H_
