// Completion of the command line in a shell: the shell's part is a few lines that ask the program, which knows its own
// commands and flags, and asks the servers for ids.
#ifndef GREENROOM_CLIENTS_CLI_COMPLETION_H_
#define GREENROOM_CLIENTS_CLI_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cli/invocation.h"

namespace greenroom::cli {

// The command that the scripts call, with the words typed so far, the last being the one to complete. Not listed.
inline constexpr absl::string_view kCompleteCommand = "__complete";
// What it prints where the shell shall complete the names of files; else one candidate a line.
inline constexpr absl::string_view kFilesWanted = ":files";

// What a shell ("bash", "zsh", "fish") reads to complete `greenroom`; "" for others.
absl::string_view CompletionScript(absl::string_view shell);

// Prints what can stand for the last of `words`. Asks servers for 0.3 s at most in all; where they do not answer there
// are no ids, and nothing is said.
void PrintCandidates(Invocation& invocation, std::vector<std::string> words);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_COMPLETION_H_
