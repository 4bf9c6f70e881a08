// One run of the program: what it was given, and how it speaks.
#ifndef GREENROOM_CLIENTS_CLI_INVOCATION_H_
#define GREENROOM_CLIENTS_CLI_INVOCATION_H_

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "clients/cli/arguments.h"
#include "clients/cli/ink.h"
#include "clients/cli/terminal.h"
#include "services/base/clock.h"
#include "services/base/rng.h"

namespace greenroom::cli {

// Exit codes; part of the interface (`greenroom help`).
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed =
      1,  // what was asked about is not so: a check failed, a line of a batch was bad, a call was refused
  kExitUsage = 2,        // the command line or a file named in it is wrong
  kExitUnavailable = 3,  // a server did not answer in time
  kExitRefused = 4,      // no credential, or one that is refused
  kExitInterrupted = 130,
};

// The process around a run. Everything outlives it.
struct World {
  Terminal& terminal;
  const std::map<std::string, std::string>& variables;  // the environment
  const Clock& clock;
  Rng& rng;
};

class Invocation {
 public:
  explicit Invocation(World world) : world_(world) {}

  // Flags that every command has; a command declares its own beside them and then calls Parse.
  Arguments& arguments() { return arguments_; }
  // INVALID_ARGUMENT as Arguments::Parse.
  absl::Status Parse(const std::vector<std::string>& words);

  const World& world() const { return world_; }
  // "" where it is not set.
  std::string Variable(const std::string& name) const;
  bool json() const { return json_; }
  // How wide, and whether in colour: a terminal, without --plain, NO_COLOR (no-color.org) and TERM=dumb.
  Page page() const;

  // For people: nothing with --json. Lines get their newline.
  void Say(absl::string_view text) const;
  void Say(const std::vector<std::string>& lines) const;
  // For programs: one line of protobuf JSON, with --json only.
  void Reply(const google::protobuf::Message& message) const;
  // Standard output whatever the form.
  void Print(absl::string_view text) const { world_.terminal.Out(text); }
  // A note beside the result, on standard error.
  void Note(absl::string_view text) const;

  // Where the servers are and how to enter: flags, then environment, then the home directory.
  struct Connections {
    std::string session, content, scoring;
    std::string token, token_file;
  };
  const Connections& connections() const { return connections_; }

 private:
  World world_;
  Arguments arguments_;
  bool json_ = false;
  bool plain_ = false;
  Connections connections_;
};

// `message` as one line of protobuf JSON.
std::string ToJson(const google::protobuf::Message& message);

// What `status` tells a person, in one or more lines, and the exit code it stands for.
std::vector<std::string> Explain(const absl::Status& status);
ExitCode ExitCodeOf(const absl::Status& status);
// The same as google.rpc.Status in protobuf JSON.
std::string ExplainJson(const absl::Status& status);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_INVOCATION_H_
