#include "tests/fuzz/request_input.h"

#include <algorithm>
#include <cstddef>

namespace greenroom::fuzz {
namespace {

constexpr size_t kHead = 4;
constexpr size_t kMostPayload = 0xffff;

}  // namespace

std::vector<Step> ReadSteps(absl::string_view input) {
  std::vector<Step> steps;
  while (input.size() >= kHead && steps.size() < kMostSteps) {
    Step step;
    step.rpc = static_cast<uint8_t>(input[0]);
    step.manner = static_cast<uint8_t>(input[1]);
    const size_t length = static_cast<uint8_t>(input[2]) + (size_t{static_cast<uint8_t>(input[3])} << 8);
    input.remove_prefix(kHead);
    step.payload = std::string(input.substr(0, length));
    input.remove_prefix(step.payload.size());
    steps.push_back(std::move(step));
  }
  return steps;
}

std::string WriteSteps(const std::vector<Step>& steps) {
  std::string input;
  for (const Step& step : steps) {
    const size_t length = std::min(step.payload.size(), kMostPayload);
    input += static_cast<char>(step.rpc);
    input += static_cast<char>(step.manner);
    input += static_cast<char>(length & 0xff);
    input += static_cast<char>(length >> 8);
    input.append(step.payload, 0, length);
  }
  return input;
}

}  // namespace greenroom::fuzz
