#include "clients/cli/peer.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/home.h"
#include "clients/cli/tokens.h"
#include "services/base/auth/metadata.h"
#include "services/base/auth/small_file.h"
#include "services/base/auth/token.h"
#include "services/base/rpc_client.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(1);

absl::StatusOr<std::string> FindToken(const Invocation& invocation, const Home& home, Role role) {
  const Invocation::Connections& given = invocation.connections();
  if (!given.token.empty()) return std::string(absl::StripAsciiWhitespace(given.token));
  if (!given.token_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, auth::ReadSmallFile(given.token_file, 2 * auth::kMaxTokenBytes));
    return std::string(absl::StripAsciiWhitespace(text));
  }
  absl::StatusOr<std::string> token =
      MakeToken(home.KeyPath(), {.role = role, .learner = DefaultLearner(role)}, invocation.world().clock);
  if (absl::IsNotFound(token.status())) {
    return absl::UnauthenticatedError(
        absl::StrCat("no credential: give --token, --token-file, GREENROOM_TOKEN, or a signing key at ",
                     home.KeyPath(), " (greenroom keygen)"));
  }
  return token;
}

}  // namespace

absl::StatusOr<Peer> Peer::Connect(const Invocation& invocation, Service service, Role role) {
  const Home home(invocation);
  const Invocation::Connections& given = invocation.connections();
  const absl::string_view name = service == Service::kContent   ? "content"
                                 : service == Service::kSession ? "session"
                                                                : "scoring";
  std::string address = service == Service::kContent   ? given.content
                        : service == Service::kSession ? given.session
                                                       : given.scoring;
  if (address.empty()) address = home.Address(name);
  if (address.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("where is the ", name, " service? Give --", name,
                                                   " HOST:PORT or ", "GREENROOM_",
                                                   absl::AsciiStrToUpper(name), "; deploy/run starts one"));
  }
  ASSIGN_OR_RETURN(const std::string token, FindToken(invocation, home, role));
  return Peer(invocation, std::move(address), absl::StrCat("Bearer ", token));
}

Peer::Peer(const Invocation& invocation, std::string address, std::string bearer)
    : invocation_(&invocation), address_(std::move(address)), bearer_(std::move(bearer)) {
  ChannelOptions options;
  options.compressed_replies = true;
  grpc::ChannelArguments arguments = ClientArguments(options);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // one layer only repeats calls: this one
  channel_ = grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

void Peer::Equip(grpc::ClientContext& context, absl::Duration time) const {
  context.set_deadline(absl::ToChronoTime(absl::Now() + time));
  context.AddMetadata(std::string(auth::kAuthorizationKey), bearer_);
  context.AddMetadata("x-greenroom-client", "cli/" GREENROOM_VERSION);
}

absl::Status Peer::Try(CallTime time, const std::function<absl::Status(grpc::ClientContext&)>& attempt) {
  const absl::Time end = absl::Now() + time.patience;
  absl::Duration pause = kFirstPause;
  for (bool told = false;;) {
    grpc::ClientContext context;
    Equip(context, time.one_try);
    absl::Status status = attempt(context);
    const bool again = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
    if (!again) return status;
    if (absl::Now() + pause >= end) {
      if (time.patience == absl::ZeroDuration()) return status;
      absl::Status explained(status.code(),
                             absl::StrCat("no answer from ", address_, ": ", status.message()));
      status.ForEachPayload(
          [&](absl::string_view type, const absl::Cord& payload) { explained.SetPayload(type, payload); });
      return explained;
    }
    if (!std::exchange(told, true))
      invocation_->Note(absl::StrCat("No answer from ", address_, "; trying again ..."));
    absl::SleepFor(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

absl::Status ForEachPage(const std::function<absl::StatusOr<std::string>(const std::string& token)>& fetch) {
  std::string token;
  do {
    ASSIGN_OR_RETURN(token, fetch(token));
  } while (!token.empty());
  return absl::OkStatus();
}

}  // namespace greenroom::cli
