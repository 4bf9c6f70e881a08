// health: whether a service takes calls, for scripts and probes.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/commands.h"
#include "services/base/rpc_client.h"
#include "services/base/task.h"

namespace greenroom::cli {

absl::StatusOr<int> RunHealth(Invocation& invocation, const std::vector<std::string>& words) {
  std::string address;
  double seconds = 2;
  invocation.arguments().Word("ADDRESS", &address);
  invocation.arguments().Number("seconds", "N", &seconds, "how long to wait for it, 2 by default");
  RETURN_IF_ERROR(invocation.Parse(words));
  // Our channels watch health, so one that is connected leads to a server that says it is ready.
  const std::shared_ptr<grpc::Channel> channel = grpc::CreateCustomChannel(
      address, grpc::InsecureChannelCredentials(), ClientArguments(ChannelOptions()));
  if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(seconds)))) {
    return absl::UnavailableError(absl::StrCat(address, " takes no calls"));
  }
  invocation.Say(absl::StrCat(address, " takes calls"));
  return kExitOk;
}

}  // namespace greenroom::cli
