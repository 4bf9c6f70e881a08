// Configuration from flags and environment, filled once in main.
//
//   Flags flags("greenroom-content", GREENROOM_VERSION, "Serves packs.");
//   flags.Text("store", &options.store, "database URL, e.g. sqlite:PATH");
//   flags.Length("drain-delay", &options.drain_delay, absl::ZeroDuration(), absl::Minutes(5), "...");
//   if (std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
//
// `--name=value` or `--name value`; a switch is also `--name` alone. Each flag can be set by the environment variable
// GREENROOM_<NAME>, upper case with underscores; flags win. Unknown flags, unknown variables with the prefix, bad
// values, a flag given twice and stray arguments are refused with a message that names what is wrong. `--help` and
// `--version` print and end. The defaults are what the targets hold when the flag is declared.
#ifndef GREENROOM_SERVICES_BASE_CONFIG_H_
#define GREENROOM_SERVICES_BASE_CONFIG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace greenroom {

// Exit code of a program that was started wrongly.
inline constexpr int kExitUsage = 2;

class Flags {
 public:
  enum class Outcome { kRun, kHelp, kVersion };

  Flags(absl::string_view program, absl::string_view version, absl::string_view description);

  // `name` is lower case with dashes. The target must outlive this object and is written by Parse only.
  void Text(absl::string_view name, std::string* target, absl::string_view help);
  // Words with commas between them; the empty text is the empty list.
  void List(absl::string_view name, std::vector<std::string>* target, absl::string_view help);
  // Within [min, max].
  void Integer(absl::string_view name, int64_t* target, int64_t min, int64_t max, absl::string_view help);
  // "true" or "false"; --name alone is true.
  void Switch(absl::string_view name, bool* target, absl::string_view help);
  // "250ms", "2s", "1m30s"; within [min, max].
  void Length(absl::string_view name, absl::Duration* target, absl::Duration min, absl::Duration max,
              absl::string_view help);
  // One of `words`.
  void Choice(absl::string_view name, std::string* target, const std::vector<std::string>& words,
              absl::string_view help);
  // "scheme:rest" with one of `schemes`. Never printed by --help: a URL can hold a password.
  void Url(absl::string_view name, std::string* target, const std::vector<std::string>& schemes,
           absl::string_view help);
  // "host:port", "[::1]:port"; port 0 to 65535. The empty string means off, where the default is empty.
  void Address(absl::string_view name, std::string* target, absl::string_view help);

  // Variables with the prefix that belong to other programs and are left alone (GREENROOM_HOME). Where this program has a
  // flag of that name the variable sets it all the same.
  void AllowVariable(absl::string_view name);

  // `arguments` without the program's name. Writes the targets; on an error some may be written already.
  // INVALID_ARGUMENT says what is wrong, naming the flag or variable.
  absl::StatusOr<Outcome> Parse(const std::vector<std::string>& arguments,
                                const std::map<std::string, std::string>& environment);

  // Parse with main's arguments and the process's environment. Prints help or version on standard output, errors on
  // standard error. nullopt: go on; else end with this exit code (0 or kExitUsage).
  std::optional<int> ParseOrExitCode(int argc, const char* const* argv);

  std::string Help() const;

 private:
  struct Flag {
    std::string kind;  // "text", "5s"-like forms for --help
    std::string help;
    std::string default_value;  // as printed by --help; empty: not printed
    bool is_switch = false;
    std::function<std::string(absl::string_view)> set;  // returns what is wrong, or ""
  };

  void Add(absl::string_view name, Flag flag);
  absl::Status Set(const std::string& name, absl::string_view value, absl::string_view source);

  std::string program_;
  std::string version_;
  std::string description_;
  std::map<std::string, Flag> flags_;
  std::vector<std::string> order_;
  std::set<std::string> allowed_variables_;
};

// "host:port" taken apart; nullopt when malformed. The host of "[::1]:80" is "::1".
struct HostPort {
  std::string host;
  int port = 0;
  // For a listener or a gRPC target: brackets where the host has colons.
  std::string ToString() const;
};
std::optional<HostPort> ParseHostPort(absl::string_view text);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_CONFIG_H_
