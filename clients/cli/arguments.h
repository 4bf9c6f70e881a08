// The words after a command's name.
#ifndef GREENROOM_CLIENTS_CLI_ARGUMENTS_H_
#define GREENROOM_CLIENTS_CLI_ARGUMENTS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace greenroom::cli {

// Flags (`--name value`, `--name=value`, switches `--name`, for some also `-n value`) and positional words in any order;
// `--` ends the flags.
// Targets are written by Parse only and keep what they held where a flag is absent.
class Arguments {
 public:
  // `name` without dashes; `value` is what --help calls it.
  void Text(absl::string_view name, absl::string_view value, std::string* target, absl::string_view help);
  // As Text, but the flag may come several times.
  void Texts(absl::string_view name, absl::string_view value, std::vector<std::string>* target,
             absl::string_view help);
  void Number(absl::string_view name, absl::string_view value, double* target, absl::string_view help);
  void Switch(absl::string_view name, bool* target, absl::string_view help);
  // Positional words are filled in the order of declaration; all that are not optional must be there.
  void Word(absl::string_view name, std::string* target);
  void OptionalWord(absl::string_view name, std::string* target);
  // All positional words that are left, at least one; declared last.
  void Words(absl::string_view name, std::vector<std::string>* target);
  // `-letter` for a flag that is declared already.
  void Letter(char letter, absl::string_view name);

  // INVALID_ARGUMENT that names what is wrong: an unknown flag, one given twice or without its value, a number that is
  // none, a word too many or too few.
  absl::Status Parse(const std::vector<std::string>& arguments);

  struct FlagHelp {
    std::string form;  // "--name VALUE", or "-n, --name VALUE"
    std::string help;
    std::string name;       // without dashes
    std::string value;      // what --help calls it; empty: a switch
    bool repeated = false;  // may come several times
  };
  // In the order of declaration.
  std::vector<FlagHelp> Help() const;
  // What the positional words are called, in their order.
  std::vector<std::string> WordNames() const;

 private:
  struct Flag {
    std::string name;
    std::string value;  // empty: a switch
    std::string help;
    bool repeated = false;
    bool given = false;
    std::function<absl::Status(const std::string&)> set;
    char letter = 0;  // 0: none
  };
  struct Positional {
    std::string name;
    std::string* target;
    bool required;
  };

  // The flag's name in "-n"; empty where that is no flag's letter.
  std::string NameOfLetter(absl::string_view argument) const;
  absl::Status SetFlag(const std::string& name, std::optional<std::string> inline_value,
                       const std::vector<std::string>& arguments, size_t& next);

  std::vector<Flag> flags_;
  std::vector<Positional> words_;
  std::string rest_name_;
  std::vector<std::string>* rest_ = nullptr;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_ARGUMENTS_H_
