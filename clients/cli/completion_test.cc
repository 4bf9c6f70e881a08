#include "clients/cli/completion.h"

#include <gmock/gmock.h>
#include <stdio.h>
#include <unistd.h>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "clients/cli/commands_fixture.h"

namespace greenroom::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CompletionTest : public CommandsTest {
 protected:
  std::vector<std::string> Candidates(std::vector<std::string> words) {
    words.insert(words.begin(), std::string(kCompleteCommand));
    EXPECT_EQ(Run(words), kExitOk);
    EXPECT_EQ(terminal_.err, "") << absl::StrJoin(words, " ");
    return absl::StrSplit(terminal_.out, '\n', absl::SkipEmpty());
  }
};

TEST_F(CompletionTest, OfCommands) {
  EXPECT_THAT(Candidates({"pra"}), ElementsAre("practice"));
  EXPECT_THAT(Candidates({"e"}), ElementsAre("export"));
  EXPECT_THAT(Candidates({""}).size(), testing::Ge(Commands().size() - 1));  // grade stands there twice
  EXPECT_THAT(Candidates({}), Contains("help"));
  EXPECT_THAT(Candidates({"nothing-begins-so"}), IsEmpty());
  EXPECT_THAT(Candidates({""}), Not(Contains(std::string(kCompleteCommand))));
  EXPECT_EQ(Run({"help"}), kExitOk);
  EXPECT_THAT(terminal_.out, Not(HasSubstr(std::string(kCompleteCommand))));
}

TEST_F(CompletionTest, OfFlags) {
  EXPECT_THAT(Candidates({"sessions", "--op"}), ElementsAre("--open"));
  EXPECT_THAT(Candidates({"sessions", "--open", "--op"}), IsEmpty()) << "it is given already";
  EXPECT_THAT(Candidates({"sessions", "--p"}), ElementsAre("--pack", "--plain"));
  EXPECT_THAT(Candidates({"sessions", ""}), Contains("--json")) << "it has no words";
  EXPECT_THAT(Candidates({"grade", "--packs", "d", "--pack"}), ElementsAre("--pack", "--packs"));
  EXPECT_THAT(Candidates({"practice", "--help"}), ElementsAre("--help"));
  EXPECT_THAT(Candidates({"frobnicate", ""}), IsEmpty());
}

TEST_F(CompletionTest, OfIdsThatTheServersHave) {
  EXPECT_THAT(Candidates({"practice", ""}), ElementsAre("alpha", "beta")) << "both pages";
  EXPECT_THAT(Candidates({"practice", "--new", "b"}), ElementsAre("beta"));
  EXPECT_THAT(Candidates({"sessions", "--pack", "a"}), ElementsAre("alpha"));
  EXPECT_THAT(Candidates({"sessions", "--pack=a"}), ElementsAre("--pack=alpha"));
  EXPECT_THAT(Candidates({"sessions", "--pack", "="}), ElementsAre("alpha", "beta"))
      << "as bash takes it apart";
  EXPECT_THAT(Candidates({"sessions", "--pack", "=", "b"}), ElementsAre("beta"));
  services_.content.current_revision = true;
  EXPECT_THAT(Candidates({"practice", "alpha", "--question", ""}), ElementsAre("first", "second"));
  EXPECT_THAT(Candidates({"practice", "--question", "s"}), IsEmpty()) << "of which pack?";
  EXPECT_THAT(Candidates({"grade", "--pack", "alpha", "--question=s"}), ElementsAre("--question=second"));
  EXPECT_THAT(Candidates({"practice", "unknown", "--question", ""}), IsEmpty());
  session().sessions["0e6f1a52-0000-4000-8000-000000000000"].set_name(
      "tenants/default/learners/me/sessions/0e6f1a52-0000-4000-8000-000000000000");
  EXPECT_THAT(Candidates({"watch", "0"}), ElementsAre("0e6f1a52-0000-4000-8000-000000000000"));
  EXPECT_THAT(Candidates({"stats", "b"}), ElementsAre("beta"));
  EXPECT_THAT(Candidates({"stats", "alpha", ""}), ElementsAre("first", "second"));
  EXPECT_THAT(Candidates({"regrade", "create", ""}), ElementsAre("alpha", "beta"));
  EXPECT_THAT(Candidates({"regrade", "list", "a"}), ElementsAre("alpha"));
  EXPECT_THAT(Candidates({"regrade", "show", ""}), ElementsAre("0e6f1a52-1", "0e6f1a52-2"));
}

TEST_F(CompletionTest, OfWordsAndFiles) {
  EXPECT_THAT(Candidates({"completion", ""}), ElementsAre("bash", "fish", "zsh"));
  EXPECT_THAT(Candidates({"token", "--role", "l"}), ElementsAre("learner"));
  EXPECT_THAT(Candidates({"regrade", "c"}), ElementsAre("cancel", "changes", "create"));
  EXPECT_THAT(Candidates({"check", ""}), ElementsAre(std::string(kFilesWanted)));
  EXPECT_THAT(Candidates({"grade", "--batch", "/tm"}), ElementsAre(std::string(kFilesWanted)));
  EXPECT_THAT(Candidates({"token", "--hours", ""}), IsEmpty());
}

TEST_F(CompletionTest, StaysSilentWhereNoServerAnswers) {
  const absl::Time began = absl::Now();
  variables_["GREENROOM_CONTENT"] = "127.0.0.1:1";
  EXPECT_THAT(Candidates({"practice", ""}), IsEmpty());
  variables_.erase("GREENROOM_CONTENT");
  EXPECT_THAT(Candidates({"practice", ""}), IsEmpty()) << "it is not known where it is";
  variables_.erase("GREENROOM_TOKEN");
  EXPECT_THAT(Candidates({"practice", "--content", services_.address, ""}), IsEmpty()) << "no credential";
  EXPECT_THAT(Candidates({"practice", "--content", services_.address, "--token", "t", "a"}),
              ElementsAre("alpha"));
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
}

TEST_F(CompletionTest, WaitsAThirdOfASecondForAServerThatSaysNothing) {
  services_.content.silent = true;
  const absl::Time began = absl::Now();
  EXPECT_THAT(Candidates({"practice", ""}), IsEmpty());
  EXPECT_LT(absl::Now() - began, absl::Seconds(2));
  EXPECT_GE(absl::Now() - began, absl::Milliseconds(200));
}

TEST_F(CompletionTest, HasAScriptForEachShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(Run({"completion", shell}), kExitOk);
    EXPECT_EQ(terminal_.out, std::string(CompletionScript(shell)));
    EXPECT_THAT(terminal_.out, HasSubstr(std::string(kCompleteCommand)));
    EXPECT_THAT(terminal_.out, HasSubstr(std::string(kFilesWanted)));
  }
  EXPECT_EQ(Run({"completion", "csh"}), kExitUsage);
  EXPECT_THAT(terminal_.err, HasSubstr("bash, zsh or fish"));
}

// In a real shell, with the real program, which stands beside the tests.
class ShellTest : public CompletionTest {
 protected:
  // What `script`, run by `shell`, prints, less the last newline.
  std::string RunShell(const std::string& shell, const std::string& script) {
    const std::string bin =
        std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "bin";
    EXPECT_TRUE(std::filesystem::exists(bin + "/greenroom"));
    std::string command = absl::StrCat("env -i PATH=", bin, ":/usr/bin:/bin TERM=dumb HOME=", home_);
    for (const auto& [name, value] : variables_) absl::StrAppend(&command, " ", name, "=", value);
    absl::StrAppend(&command, " ", shell, " ", WriteFile("script", script), " 2>&1");
    std::string output;
    FILE* const pipe = popen(command.c_str(), "r");
    char buffer[1024];
    size_t got = 0;
    while ((got = fread(buffer, 1, sizeof(buffer), pipe)) > 0) output.append(buffer, got);
    EXPECT_EQ(pclose(pipe), 0) << output;
    if (absl::EndsWith(output, "\n")) output.pop_back();
    return output;
  }
  // What bash completes the last of `words` to; as it does when Tab is pressed.
  std::string Bash(const std::vector<std::string>& words) {
    return RunShell("bash --norc --noprofile",
                    absl::StrCat("set -u\nsource <(greenroom completion bash)\n", "COMP_WORDS=('",
                                 absl::StrJoin(words, "' '"), "')\nCOMP_CWORD=", words.size() - 1, R"(
compopt() { echo "files by $*"; }
_greenroom
(( ${#COMPREPLY[@]} == 0 )) || printf '%s\n' "${COMPREPLY[@]}"
complete -p greenroom
)"));
  }
};

TEST_F(ShellTest, BashCompletes) {
  const std::string registered = "complete -F _greenroom greenroom";
  EXPECT_EQ(Bash({"greenroom", "prac"}), "practice\n" + registered);
  EXPECT_EQ(Bash({"greenroom", "practice", ""}), "alpha\nbeta\n" + registered);
  EXPECT_EQ(Bash({"greenroom", "practice", "alpha", "--no-c"}), "--no-confidence\n" + registered);
  EXPECT_EQ(Bash({"greenroom", "check", ""}), "files by -o default\n" + registered);
  variables_["GREENROOM_CONTENT"] = "127.0.0.1:1";
  EXPECT_EQ(Bash({"greenroom", "practice", ""}), registered);
}

}  // namespace
}  // namespace greenroom::cli
