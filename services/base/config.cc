#include "services/base/config.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/base/check.h"
#include "services/base/task.h"

namespace greenroom {
namespace {

constexpr absl::string_view kPrefix = "GREENROOM_";

std::string VariableOf(absl::string_view flag) {
  return absl::StrCat(kPrefix, absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}})));
}

}  // namespace

Flags::Flags(absl::string_view program, absl::string_view version, absl::string_view description)
    : program_(program), version_(version), description_(description) {}

void Flags::Add(absl::string_view name, Flag flag) {
  CHECK_THAT(flags_.emplace(std::string(name), std::move(flag)).second, std::string(name));
  order_.emplace_back(name);
}

void Flags::Text(absl::string_view name, std::string* target, absl::string_view help) {
  Add(name, {"TEXT", std::string(help), *target, false, [target](absl::string_view value) {
               *target = std::string(value);
               return std::string();
             }});
}

void Flags::List(absl::string_view name, std::vector<std::string>* target, absl::string_view help) {
  Add(name,
      {"A,B,...", std::string(help), absl::StrJoin(*target, ","), false, [target](absl::string_view value) {
         std::vector<std::string> words;
         if (!value.empty()) words = absl::StrSplit(value, ',');
         if (std::find(words.begin(), words.end(), "") != words.end()) {
           return std::string("must be words with commas between them");
         }
         *target = std::move(words);
         return std::string();
       }});
}

void Flags::Integer(absl::string_view name, int64_t* target, int64_t min, int64_t max,
                    absl::string_view help) {
  Add(name, {"NUMBER", std::string(help), absl::StrCat(*target), false, [=](absl::string_view value) {
               int64_t number = 0;
               if (!absl::SimpleAtoi(value, &number) || number < min || number > max) {
                 return absl::StrCat("must be a whole number from ", min, " to ", max);
               }
               *target = number;
               return std::string();
             }});
}

void Flags::Switch(absl::string_view name, bool* target, absl::string_view help) {
  Add(name, {"", std::string(help), *target ? "true" : "false", true, [target](absl::string_view value) {
               if (value != "true" && value != "false") return std::string("must be true or false");
               *target = value == "true";
               return std::string();
             }});
}

void Flags::Length(absl::string_view name, absl::Duration* target, absl::Duration min, absl::Duration max,
                   absl::string_view help) {
  Add(name,
      {"DURATION", std::string(help), absl::FormatDuration(*target), false, [=](absl::string_view value) {
         absl::Duration length;
         if (!absl::ParseDuration(value, &length) || length < min || length > max) {
           return absl::StrCat("must be a duration like 250ms or 1m30s from ", absl::FormatDuration(min),
                               " to ", absl::FormatDuration(max));
         }
         *target = length;
         return std::string();
       }});
}

void Flags::Choice(absl::string_view name, std::string* target, const std::vector<std::string>& words,
                   absl::string_view help) {
  const std::string kind = absl::StrJoin(words, "|");
  Add(name, {kind, std::string(help), *target, false, [target, words, kind](absl::string_view value) {
               if (std::find(words.begin(), words.end(), std::string(value)) == words.end()) {
                 return absl::StrCat("must be one of ", kind);
               }
               *target = std::string(value);
               return std::string();
             }});
}

void Flags::Url(absl::string_view name, std::string* target, const std::vector<std::string>& schemes,
                absl::string_view help) {
  Add(name, {"URL", std::string(help), "", false, [target, schemes](absl::string_view value) {
               for (const std::string& scheme : schemes) {
                 if (absl::StartsWith(value, absl::StrCat(scheme, ":")) && value.size() > scheme.size() + 1) {
                   *target = std::string(value);
                   return std::string();
                 }
               }
               return absl::StrCat("must be a URL beginning with ", absl::StrJoin(schemes, ": or "), ":");
             }});
}

void Flags::Address(absl::string_view name, std::string* target, absl::string_view help) {
  const bool optional = target->empty();
  Add(name, {"HOST:PORT", std::string(help), *target, false, [target, optional](absl::string_view value) {
               if (!(optional && value.empty()) && !ParseHostPort(value).has_value()) {
                 return std::string("must be HOST:PORT, with a port from 0 to 65535");
               }
               *target = std::string(value);
               return std::string();
             }});
}

void Flags::AllowVariable(absl::string_view name) { allowed_variables_.emplace(name); }

absl::Status Flags::Set(const std::string& name, absl::string_view value, absl::string_view source) {
  const std::string problem = flags_.at(name).set(value);
  if (problem.empty()) return absl::OkStatus();
  // The value of a URL or a text may hold a password: it is not repeated.
  return absl::InvalidArgumentError(absl::StrCat(source, " ", problem));
}

absl::StatusOr<Flags::Outcome> Flags::Parse(const std::vector<std::string>& arguments,
                                            const std::map<std::string, std::string>& environment) {
  std::map<std::string, std::string> given;
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") return Outcome::kHelp;
    if (argument == "--version") return Outcome::kVersion;
    if (!absl::ConsumePrefix(&argument, "--")) {
      return absl::InvalidArgumentError(absl::StrCat("unexpected argument \"", arguments[i], "\""));
    }
    const size_t equals = argument.find('=');
    const std::string name(argument.substr(0, equals));
    const auto flag = flags_.find(name);
    if (flag == flags_.end()) return absl::InvalidArgumentError(absl::StrCat("unknown flag --", name));
    std::string value;
    if (equals != absl::string_view::npos) {
      value = std::string(argument.substr(equals + 1));
    } else if (flag->second.is_switch) {
      value = "true";
    } else if (++i < arguments.size()) {
      value = arguments[i];
    } else {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " needs a value"));
    }
    if (!given.emplace(name, std::move(value)).second) {
      return absl::InvalidArgumentError(absl::StrCat("--", name, " is given twice"));
    }
  }

  std::map<std::string, std::string> flag_of;
  for (const std::string& name : order_) flag_of[VariableOf(name)] = name;
  for (const auto& [variable, value] : environment) {
    if (!absl::StartsWith(variable, kPrefix)) continue;
    const auto flag = flag_of.find(variable);
    if (flag == flag_of.end()) {
      if (allowed_variables_.count(variable) > 0) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("unknown environment variable ", variable, " (", program_, " has no such flag)"));
    }
    if (given.count(flag->second) > 0) continue;
    RETURN_IF_ERROR(Set(flag->second, value, variable));
  }
  for (const auto& [name, value] : given) RETURN_IF_ERROR(Set(name, value, absl::StrCat("--", name)));
  return Outcome::kRun;
}

std::optional<int> Flags::ParseOrExitCode(int argc, const char* const* argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  std::map<std::string, std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const absl::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == absl::string_view::npos) continue;
    environment.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  const absl::StatusOr<Outcome> outcome = Parse(arguments, environment);
  if (!outcome.ok()) {
    std::fprintf(stderr, "%s: %s\nTry %s --help.\n", program_.c_str(),
                 std::string(outcome.status().message()).c_str(), program_.c_str());
    return kExitUsage;
  }
  if (*outcome == Outcome::kRun) return std::nullopt;
  const std::string text = *outcome == Outcome::kHelp ? Help() : absl::StrCat(program_, " ", version_, "\n");
  std::fputs(text.c_str(), stdout);
  return 0;
}

std::string Flags::Help() const {
  std::string text = absl::StrCat(program_, " ", version_, "\n", description_, "\n\nFlags, each also as ",
                                  kPrefix, "<NAME> in the environment (flags win):\n");
  for (const std::string& name : order_) {
    const Flag& flag = flags_.at(name);
    absl::StrAppend(&text, "  --", name, flag.is_switch ? "" : " ", flag.kind, "\n      ", flag.help);
    if (!flag.default_value.empty()) absl::StrAppend(&text, " (default ", flag.default_value, ")");
    absl::StrAppend(&text, "\n");
  }
  absl::StrAppend(&text, "  --help\n      prints this\n  --version\n      prints the version\n");
  return text;
}

std::string HostPort::ToString() const {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

std::optional<HostPort> ParseHostPort(absl::string_view text) {
  HostPort result;
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port = text.substr(colon + 1);
  if (absl::ConsumePrefix(&host, "[")) {
    if (!absl::ConsumeSuffix(&host, "]")) return std::nullopt;
  } else if (absl::StrContains(host, ':')) {
    return std::nullopt;
  }
  if (host.empty() || port.empty() || port.size() > 5) return std::nullopt;
  if (!std::all_of(port.begin(), port.end(), absl::ascii_isdigit)) return std::nullopt;
  if (!absl::SimpleAtoi(port, &result.port) || result.port > 65535) return std::nullopt;
  result.host = std::string(host);
  return result;
}

}  // namespace greenroom
