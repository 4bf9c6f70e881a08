// For tests: commands run in this process, against services that are faked on a real port.
#ifndef GREENROOM_CLIENTS_CLI_COMMANDS_FIXTURE_H_
#define GREENROOM_CLIENTS_CLI_COMMANDS_FIXTURE_H_

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/commands.h"
#include "clients/cli/fake_services.h"
#include "clients/cli/fake_terminal.h"
#include "services/base/fake_clock.h"
#include "services/base/rng.h"

namespace greenroom::cli {

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() {
    std::string directory = testing::TempDir() + "/greenroom-cli-XXXXXX";
    home_ = mkdtemp(directory.data());
    variables_ = {{"GREENROOM_HOME", home_},
                  {"GREENROOM_SESSION", services_.address},
                  {"GREENROOM_CONTENT", services_.address},
                  {"GREENROOM_SCORING", services_.address},
                  {"GREENROOM_TOKEN", "the-token"}};
  }
  ~CommandsTest() override { std::filesystem::remove_all(home_); }

  int Run(const std::vector<std::string>& arguments) {
    terminal_.out.clear();
    terminal_.err.clear();
    return RunCli({terminal_, variables_, clock_, rng_}, arguments);
  }
  std::string WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(home_ + "/" + name) << text;
    return home_ + "/" + name;
  }
  // Every line of the output as JSON.
  std::vector<google::protobuf::Struct> JsonLines() {
    std::vector<google::protobuf::Struct> lines;
    for (const absl::string_view line : absl::StrSplit(terminal_.out, '\n', absl::SkipEmpty())) {
      lines.emplace_back();
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &lines.back()).ok())
          << line;
    }
    return lines;
  }
  // The files in which text is kept.
  std::vector<std::string> Kept() {
    std::vector<std::string> names;
    if (!std::filesystem::exists(home_ + "/practice")) return names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home_ + "/practice")) {
      if (entry.is_regular_file()) names.push_back(entry.path().extension());
    }
    return names;
  }
  FakeSessionService& session() { return services_.session; }

  FakeServices services_;
  FakeTerminal terminal_;
  FakeClock clock_;
  SystemRng rng_;
  std::string home_;
  std::map<std::string, std::string> variables_;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_COMMANDS_FIXTURE_H_
