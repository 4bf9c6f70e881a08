// A mutator for texts that are made of lines: besides libFuzzer's own mutations of bytes, lines are doubled, dropped,
// moved and indented, which keeps YAML and pages in a shape that readers look into.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

using Lines = std::vector<std::string>;

void ChangeLines(Lines& lines, std::minstd_rand& random) {
  const auto below = [&random](size_t end) {
    return std::uniform_int_distribution<size_t>(0, end - 1)(random);
  };
  const size_t from = below(lines.size());
  const size_t to = below(lines.size());
  const size_t many = std::min(lines.size() - from, 1 + below(6));
  const auto first = lines.begin() + static_cast<ptrdiff_t>(from);
  const Lines block(first, first + static_cast<ptrdiff_t>(many));
  switch (below(6)) {
    case 0:  // twice
      lines.insert(lines.begin() + static_cast<ptrdiff_t>(to), block.begin(), block.end());
      break;
    case 1:  // gone
      lines.erase(first, first + static_cast<ptrdiff_t>(many));
      break;
    case 2:  // elsewhere
      std::swap(lines[from], lines[to]);
      break;
    case 3:  // deeper
      for (size_t i = from; i < from + many; ++i) lines[i].insert(0, 1 + below(4), ' ');
      break;
    case 4:  // less deep
      for (size_t i = from; i < from + many; ++i) {
        const size_t indent = std::min(lines[i].find_first_not_of(' '), lines[i].size());
        lines[i].erase(0, std::min(indent, 1 + below(4)));
      }
      break;
    default:  // the end of one behind the beginning of another
      lines[to] = lines[to].substr(0, below(lines[to].size() + 1)) +
                  lines[from].substr(std::min(lines[from].size(), below(lines[from].size() + 1)));
      break;
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed) {
  std::minstd_rand random(seed);
  if (size == 0 || random() % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
  Lines lines = absl::StrSplit(absl::string_view(reinterpret_cast<const char*>(data), size), '\n');
  ChangeLines(lines, random);
  const std::string text = absl::StrJoin(lines, "\n");
  const size_t kept = std::min(text.size(), max_size);
  std::copy_n(text.begin(), kept, data);
  return kept;
}
