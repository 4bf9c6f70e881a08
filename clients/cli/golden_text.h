// For tests: compares text with a file of clients/cli/golden. With GREENROOM_UPDATE_GOLDEN set the file is written
// instead; look at the difference before it is committed.
#ifndef GREENROOM_CLIENTS_CLI_GOLDEN_TEXT_H_
#define GREENROOM_CLIENTS_CLI_GOLDEN_TEXT_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"

namespace greenroom::cli {

inline void ExpectGolden(const std::vector<std::string>& lines, const std::string& name) {
  const std::string path = "clients/cli/golden/" + name;
  const std::string text = absl::StrJoin(lines, "\n") + "\n";
  if (getenv("GREENROOM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << "there is no " << path;
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()))
      << path;
}

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_GOLDEN_TEXT_H_
