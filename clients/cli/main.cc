// greenroom: the command line of Greenroom.
#include <map>
#include <string>
#include <vector>

#include "clients/cli/commands.h"
#include "clients/cli/terminal.h"
#include "services/base/clock.h"
#include "services/base/rng.h"

extern char** environ;

int main(int argc, char** argv) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (const size_t equals = text.find('='); equals != std::string::npos) {
      variables[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  greenroom::cli::ProcessTerminal terminal;
  const greenroom::RealClock clock;
  greenroom::SystemRng rng;
  return greenroom::cli::RunCli({terminal, variables, clock, rng},
                                std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
