// sync: plays a device that was away.
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/draft_keeper.h"
#include "clients/cli/layout.h"
#include "clients/cli/peer.h"
#include "clients/cli/session_text.h"
#include "clients/cli/sync_text.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary

// What one call may carry (sync.proto), with room for what is around the items.
constexpr int kMostItems = 100;
constexpr size_t kMostBytes = size_t{250} * 1024;

// One OutboxItem a line; empty lines are passed over.
absl::StatusOr<std::vector<OutboxItem>> ReadOutbox(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  std::vector<OutboxItem> items;
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const auto parsed = google::protobuf::util::JsonStringToMessage(line, &items.emplace_back());
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ", line ", number, ": not an OutboxItem: ", std::string(parsed.message())));
    }
  }
  return items;
}

class Syncer {
 public:
  Syncer(Invocation& invocation, Peer& peer, std::string device, std::string token)
      : invocation_(invocation), peer_(peer), stub_(SessionService::NewStub(peer.channel())) {
    request_.set_parent("tenants/-/learners/me");
    request_.set_device(std::move(device));
    request_.set_token(std::move(token));
  }

  // In pieces; then what changed, page by page.
  absl::StatusOr<int> Run(const std::vector<OutboxItem>& items) {
    bool more = true;
    for (size_t sent = 0; more || sent < items.size();) {
      request_.clear_items();
      for (size_t bytes = 0; sent < items.size() && request_.items_size() < kMostItems; ++sent) {
        bytes += items[sent].ByteSizeLong() + 8;
        if (bytes > kMostBytes && request_.items_size() > 0) break;
        *request_.add_items() = items[sent];
      }
      ASSIGN_OR_RETURN(const SyncLearnerResponse response,
                       peer_.Call<SessionStub>(*stub_, &SessionStub::SyncLearner, request_, kLongCall));
      Tell(response);
      request_.set_token(response.token());
      more = response.more();
    }
    if (changes_ == 0) invocation_.Say("Nothing changed.");
    invocation_.Say(Wrap(absl::StrCat("--since ", request_.token()), invocation_.page().width,
                         "What changes after this: "));
    return refused_ == 0 ? kExitOk : kExitFailed;
  }

 private:
  void Tell(const SyncLearnerResponse& response) {
    invocation_.Reply(response);
    for (int i = 0; i < response.statuses_size(); ++i) {
      refused_ += response.statuses(i).outcome() == SYNC_OUTCOME_REFUSED ? 1 : 0;
      invocation_.Say(RenderSyncStatus(request_.items(i), response.statuses(i), invocation_.page()));
    }
    if (response.reset()) {
      invocation_.Say(
          Wrap("The learner's log has begun anew: a device drops its copy and keeps what follows.",
               invocation_.page().width));
    }
    for (const LearnerChange& change : response.changes()) {
      if (changes_++ == 0) invocation_.Say("What changed:");
      invocation_.Say(RenderChange(change, invocation_.page()));
    }
  }

  Invocation& invocation_;
  Peer& peer_;
  std::unique_ptr<SessionStub> stub_;
  SyncLearnerRequest request_;
  int refused_ = 0;
  int changes_ = 0;
};

}  // namespace

absl::StatusOr<int> RunSync(Invocation& invocation, const std::vector<std::string>& words) {
  std::string outbox, since;
  std::string device = "cli";
  invocation.arguments().Text("outbox", "FILE", &outbox,
                              "what the device did: one OutboxItem a line, as JSON");
  invocation.arguments().Text("device", "ID", &device, "the device's id [cli]");
  invocation.arguments().Text("since", "TOKEN", &since,
                              "tell only what changed since the sync that gave this");
  RETURN_IF_ERROR(invocation.Parse(words));
  std::vector<OutboxItem> items;
  if (!outbox.empty()) {
    ASSIGN_OR_RETURN(items, ReadOutbox(outbox));
  }
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
  return Syncer(invocation, peer, std::move(device), std::move(since)).Run(items);
}

}  // namespace greenroom::cli
