#include "clients/cli/commands.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/completion.h"
#include "clients/cli/layout.h"

namespace greenroom::cli {
namespace {

constexpr CommandInfo kCommands[] = {
    {"packs", "[--deleted]", "list the packs", RunPacks},
    {"show", "PACK", "show a pack: tips and questions", RunShow},
    {"search", "WORDS... [--pack PACK]", "find questions that have all of these words", RunSearch},
    {"download", "PACK [-o FILE]", "keep a pack as a file; goes on where it broke off", RunDownload},
    {"practice", "PACK [--count N] [--question Q] [--new]", "practise; goes on with an open session",
     RunPractice},
    {"mock", "PACK [--count N] [--minutes N] [--question-minutes N] [--new]",
     "a mock interview against the server's clock; goes on with an open one", RunMock},
    {"sessions", "[--pack PACK] [--open] [--send]", "list your sessions, or send answers that never arrived",
     RunSessions},
    {"review", "[PACK] [--start]", "list what is due today, the most forgotten first, or be asked it",
     RunReview},
    {"progress", "[PACK]", "how far you are: topics, readiness, and when what is due", RunProgress},
    {"history", "[PACK]", "what each question has come to, and how well recall was predicted", RunHistory},
    {"settings", "[--zone ZONE] [--minutes N] [--goal PACK] [--goal-date DAY]",
     "show or change how you are scheduled", RunSettings},
    {"sync", "[--outbox FILE] [--since TOKEN]", "send what a device did while it was away; tell what changed",
     RunSync},
    {"watch", "[SESSION]", "follow a session as it changes; the newest open one", RunWatch},
    {"grade", "--pack P --question Q [--local]", "grade the answer on standard input", RunGrade},
    {"grade", "--local --batch FILE", "grade JSON lines without a server", RunGrade},
    {"memory", "replay", "what reviews on standard input (JSON lines) leave in memory, without a server",
     RunMemory},
    {"check", "FILE", "check a pack and grade its examples, without a server", RunCheck},
    {"import", "FILE", "store a pack as a draft", RunImport},
    {"publish", "PACK | --shipped", "make a draft the current revision", RunPublish},
    {"export", "PACK", "write a pack as YAML", RunExport},
    {"delete", "PACK", "take a pack out of use; nothing of it is lost", RunDelete},
    {"undelete", "PACK", "bring a deleted pack back", RunUndelete},
    {"queue", "[--pack PACK] [--reason failed|claimed|low]", "list the answers that a person should look at",
     RunQueue},
    {"override", "ANSWER [--item ID=CREDIT]... [--score N] [--comment TEXT]", "decide the grade of an answer",
     RunOverride},
    {"regrade", "create PACK | list [PACK] | show|changes|apply|cancel REGRADE",
     "grade answers anew, and look before it counts", RunRegrade},
    {"stats", "PACK QUESTION", "how a question is answered: mean scores, and which points are made",
     RunStats},
    {"assign", "[--pack PACK --id ID [--mode exam] | --results ID | --release ID | --delete ID]",
     "set learners something to do, see how it went, release an exam's grades", RunAssign},
    {"keygen", "DIR", "make a signing key and its public key set", RunKeygen},
    {"health", "ADDRESS [--seconds N]", "say whether a service takes calls", RunHealth},
    {"completion", "bash | zsh | fish", "print what completes these commands in a shell", RunCompletion},
    {"token", "--role R [--learner NAME] [--tenant T] [--hours H] [--key FILE]", "make a token", RunToken},
};

constexpr char kExitCodes[] =
    "Exit codes: 0 done; 1 checked and found wanting, a line of a batch was bad, or a server refused; 2 "
    "wrong command line "
    "or file; 3 a server did not answer; 4 no credential or one that is refused; 130 interrupted.";

void Append(std::string& text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
}

void AppendUsage(std::string& text, const CommandInfo& command, int width, absl::string_view lead) {
  Append(text,
         Wrap(absl::StrCat(command.name, command.usage.empty() ? "" : " ", command.usage), width, lead));
  Append(text, Wrap(command.summary, width, "      "));
}

std::string Help(int width) {
  std::string text;
  Append(text, Wrap("greenroom " GREENROOM_VERSION ": interview practice in the terminal", width));
  Append(text, Wrap("usage: greenroom COMMAND [flags]; greenroom COMMAND --help", width));
  text += "\n";
  for (const CommandInfo& command : kCommands) AppendUsage(text, command, width, "  ");
  text += "\n";
  Append(text, Wrap(kExitCodes, width));
  return text;
}

bool AsksForHelp(const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), "--help") != words.end();
}

std::string CommandHelp(const CommandInfo& wanted, Invocation& invocation) {
  const int width = invocation.page().width;
  std::string text;
  for (const CommandInfo& command : kCommands) {
    if (command.name == wanted.name) AppendUsage(text, command, width, "greenroom ");
  }
  // Running it with --help declares its flags and stops at the flag it does not know.
  (void)wanted.run(invocation, {"--help"});
  for (const Arguments::FlagHelp& flag : invocation.arguments().Help()) {
    absl::StrAppend(&text, "  ", flag.form, "\n");
    Append(text, Wrap(flag.help, width, "      "));
  }
  return text;
}

}  // namespace

absl::Span<const CommandInfo> Commands() { return kCommands; }

int RunCli(World world, const std::vector<std::string>& arguments) {
  Invocation invocation(world);
  const std::string name = arguments.empty() ? "" : arguments[0];
  if (name.empty() || name == "help" || name == "--help") {
    (name.empty() ? world.terminal.Err(Help(invocation.page().width))
                  : invocation.Print(Help(invocation.page().width)));
    return name.empty() ? kExitUsage : kExitOk;
  }
  if (name == "--version" || name == "version") {
    invocation.Print("greenroom " GREENROOM_VERSION "\n");
    return kExitOk;
  }
  if (name == kCompleteCommand) {
    PrintCandidates(invocation, {arguments.begin() + 1, arguments.end()});
    return kExitOk;
  }
  const auto command = std::find_if(std::begin(kCommands), std::end(kCommands),
                                    [&](const CommandInfo& one) { return one.name == name; });
  if (command == std::end(kCommands)) {
    invocation.Note(
        absl::StrCat("greenroom: there is no command \"", Printable(name), "\"; see greenroom help"));
    return kExitUsage;
  }
  const std::vector<std::string> words(arguments.begin() + 1, arguments.end());
  if (AsksForHelp(words)) {
    invocation.Print(CommandHelp(*command, invocation));
    return kExitOk;
  }
  const absl::StatusOr<int> code = command->run(invocation, words);
  if (code.ok()) return *code;
  if (invocation.json()) {
    invocation.Note(ExplainJson(code.status()));
  } else {
    std::vector<std::string> lines = Explain(code.status());
    lines[0] = absl::StrCat("greenroom ", name, ": ", lines[0]);
    for (const std::string& line : lines) invocation.Note(line);
  }
  return ExitCodeOf(code.status());
}

}  // namespace greenroom::cli
