// What the program can do: one function a command.
#ifndef GREENROOM_CLIENTS_CLI_COMMANDS_H_
#define GREENROOM_CLIENTS_CLI_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "clients/cli/invocation.h"

namespace greenroom::cli {

struct CommandInfo {
  absl::string_view name;
  absl::string_view usage;    // the words after the name
  absl::string_view summary;  // one line
  // Declares its flags, parses `words`, does its work. The exit code, or the error that ended it.
  absl::StatusOr<int> (*run)(Invocation& invocation, const std::vector<std::string>& words);
};

// In the order of `greenroom help`.
absl::Span<const CommandInfo> Commands();

// Runs the program with main's arguments less the program's name; returns the exit code. Errors are told on standard
// error, with --json as google.rpc.Status.
int RunCli(World world, const std::vector<std::string>& arguments);

absl::StatusOr<int> RunKeygen(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunToken(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunPacks(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunShow(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunSearch(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunDownload(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunDelete(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunUndelete(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunImport(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunExport(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunPublish(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunCheck(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunGrade(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunSessions(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunReview(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunProgress(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunHistory(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunSettings(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunSync(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunWatch(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunMemory(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunOverride(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunRegrade(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunQueue(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunStats(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunHealth(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunCompletion(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunAssign(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunMock(Invocation& invocation, const std::vector<std::string>& words);
absl::StatusOr<int> RunPractice(Invocation& invocation, const std::vector<std::string>& words);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_COMMANDS_H_
