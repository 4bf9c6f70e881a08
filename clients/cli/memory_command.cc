// memory replay: FSRS on this machine.
#include <iostream>

#include "absl/strings/ascii.h"
#include "clients/cli/commands.h"
#include "clients/cli/memory_replay.h"
#include "services/base/task.h"

namespace greenroom::cli {

absl::StatusOr<int> RunMemory(Invocation& invocation, const std::vector<std::string>& words) {
  std::string what;
  invocation.arguments().Word("replay", &what);
  RETURN_IF_ERROR(invocation.Parse(words));
  if (what != "replay") return absl::InvalidArgumentError("what memory can do is replay");
  bool all_replayed = true;
  std::string line;
  for (size_t number = 1; std::getline(std::cin, line); ++number) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const ReplayReply reply = ReplayReviews(line, number);
    all_replayed = all_replayed && reply.replayed;
    invocation.Print(reply.json + "\n");
  }
  return all_replayed ? kExitOk : kExitFailed;
}

}  // namespace greenroom::cli
