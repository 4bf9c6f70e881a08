#include "clients/cli/arguments.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/task.h"

namespace greenroom::cli {

void Arguments::Text(absl::string_view name, absl::string_view value, std::string* target,
                     absl::string_view help) {
  flags_.push_back({std::string(name), std::string(value), std::string(help), false, false,
                    [target](const std::string& text) {
                      *target = text;
                      return absl::OkStatus();
                    }});
}

void Arguments::Texts(absl::string_view name, absl::string_view value, std::vector<std::string>* target,
                      absl::string_view help) {
  flags_.push_back({std::string(name), std::string(value), std::string(help), true, false,
                    [target](const std::string& text) {
                      target->push_back(text);
                      return absl::OkStatus();
                    }});
}

void Arguments::Number(absl::string_view name, absl::string_view value, double* target,
                       absl::string_view help) {
  const std::string flag(name);
  flags_.push_back(
      {flag, std::string(value), std::string(help), false, false, [flag, target](const std::string& text) {
         if (absl::SimpleAtod(text, target) && std::isfinite(*target)) return absl::OkStatus();
         return absl::InvalidArgumentError(absl::StrCat("--", flag, ": \"", text, "\" is not a number"));
       }});
}

void Arguments::Switch(absl::string_view name, bool* target, absl::string_view help) {
  flags_.push_back({std::string(name), "", std::string(help), false, false, [target](const std::string&) {
                      *target = true;
                      return absl::OkStatus();
                    }});
}

void Arguments::Word(absl::string_view name, std::string* target) {
  words_.push_back({std::string(name), target, true});
}

void Arguments::OptionalWord(absl::string_view name, std::string* target) {
  words_.push_back({std::string(name), target, false});
}

void Arguments::Words(absl::string_view name, std::vector<std::string>* target) {
  rest_name_ = std::string(name);
  rest_ = target;
}

void Arguments::Letter(char letter, absl::string_view name) {
  for (Flag& flag : flags_) {
    if (flag.name == name) flag.letter = letter;
  }
}

std::string Arguments::NameOfLetter(absl::string_view argument) const {
  if (argument.size() != 2 || argument[0] != '-') return "";
  for (const Flag& flag : flags_) {
    if (flag.letter != 0 && flag.letter == argument[1]) return flag.name;
  }
  return "";
}

absl::Status Arguments::SetFlag(const std::string& name, std::optional<std::string> inline_value,
                                const std::vector<std::string>& arguments, size_t& next) {
  const auto flag =
      std::find_if(flags_.begin(), flags_.end(), [&](const Flag& one) { return one.name == name; });
  if (flag == flags_.end()) return absl::InvalidArgumentError(absl::StrCat("unknown flag --", name));
  if (flag->given && !flag->repeated)
    return absl::InvalidArgumentError(absl::StrCat("--", name, " is given twice"));
  flag->given = true;
  if (flag->value.empty()) {
    if (inline_value.has_value())
      return absl::InvalidArgumentError(absl::StrCat("--", name, " takes no value"));
    return flag->set("");
  }
  if (!inline_value.has_value()) {
    if (next >= arguments.size()) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " needs its value: ", flag->value));
    }
    inline_value = arguments[next++];
  }
  return flag->set(*inline_value);
}

absl::Status Arguments::Parse(const std::vector<std::string>& arguments) {
  size_t words = 0;
  bool flags_ended = false;
  for (size_t next = 0; next < arguments.size();) {
    const std::string& argument = arguments[next++];
    if (!flags_ended && argument == "--") {
      flags_ended = true;
    } else if (!flags_ended && absl::StartsWith(argument, "--")) {
      const size_t equals = argument.find('=');
      std::optional<std::string> value;
      if (equals != std::string::npos) value = argument.substr(equals + 1);
      RETURN_IF_ERROR(SetFlag(argument.substr(2, equals == std::string::npos ? equals : equals - 2),
                              std::move(value), arguments, next));
    } else if (const std::string name = flags_ended ? "" : NameOfLetter(argument); !name.empty()) {
      RETURN_IF_ERROR(SetFlag(name, std::nullopt, arguments, next));
    } else if (words < words_.size()) {
      *words_[words++].target = argument;
    } else if (rest_ != nullptr) {
      rest_->push_back(argument);
    } else {
      return absl::InvalidArgumentError(absl::StrCat("\"", argument, "\" is one word too many"));
    }
  }
  if (words < words_.size() && words_[words].required) {
    return absl::InvalidArgumentError(absl::StrCat(words_[words].name, " is missing"));
  }
  if (rest_ != nullptr && rest_->empty())
    return absl::InvalidArgumentError(absl::StrCat(rest_name_, " is missing"));
  return absl::OkStatus();
}

std::vector<Arguments::FlagHelp> Arguments::Help() const {
  std::vector<FlagHelp> help;
  help.reserve(flags_.size());
  for (const Flag& flag : flags_) {
    const std::string letter = flag.letter == 0 ? "" : absl::StrCat("-", std::string(1, flag.letter), ", ");
    help.push_back({absl::StrCat(letter, "--", flag.name, flag.value.empty() ? "" : " ", flag.value),
                    flag.help, flag.name, flag.value, flag.repeated});
  }
  return help;
}

std::vector<std::string> Arguments::WordNames() const {
  std::vector<std::string> names;
  names.reserve(words_.size());
  for (const Positional& word : words_) names.push_back(word.name);
  return names;
}

}  // namespace greenroom::cli
