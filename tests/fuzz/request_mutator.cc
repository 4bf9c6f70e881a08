// A mutator that knows steps: it changes who calls what in which order, and payloads one by one, so that lengths stay
// right and the calls before and after keep their meaning.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/request_input.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace greenroom::fuzz {
namespace {

constexpr size_t kMostPayload = 8192;

using Random = std::minstd_rand;

size_t Below(Random& random, size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random); }

void MutatePayload(Step& step) {
  const size_t size = std::min(step.payload.size(), kMostPayload);
  step.payload.resize(kMostPayload);
  step.payload.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(step.payload.data()), size, kMostPayload));
}

void ChangeSteps(std::vector<Step>& steps, Random& random) {
  const size_t at = Below(random, steps.size());
  const size_t other = Below(random, steps.size());
  switch (Below(random, 10)) {
    case 0:  // another RPC
      steps[at].rpc = static_cast<uint8_t>(random());
      break;
    case 1:  // another caller
      steps[at].manner = static_cast<uint8_t>((steps[at].manner & ~7u) | (random() & 7u));
      break;
    case 2:  // in another manner
      steps[at].manner ^= static_cast<uint8_t>(0x10u << Below(random, 4));
      break;
    case 3:  // once more, later
      steps.insert(steps.begin() + static_cast<ptrdiff_t>(other), Step(steps[at]));
      break;
    case 4:  // not at all
      if (steps.size() > 1) steps.erase(steps.begin() + static_cast<ptrdiff_t>(at));
      break;
    case 5:  // in another order
      std::swap(steps[at], steps[other]);
      break;
    default:
      MutatePayload(steps[at]);
      break;
  }
}

}  // namespace
}  // namespace greenroom::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned int seed) {
  using greenroom::fuzz::Step;
  greenroom::fuzz::Random random(seed);
  std::vector<Step> steps = greenroom::fuzz::ReadSteps({reinterpret_cast<const char*>(data), size});
  if (steps.empty()) steps.emplace_back();
  greenroom::fuzz::ChangeSteps(steps, random);
  const std::string input = greenroom::fuzz::WriteSteps(steps);
  const size_t kept = std::min(input.size(), max_size);
  std::copy_n(input.begin(), kept, data);
  return kept;
}

// The beginning of one sequence, then the end of another.
extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* one, size_t one_size, const uint8_t* two,
                                            size_t two_size, uint8_t* out, size_t max_size,
                                            unsigned int seed) {
  using greenroom::fuzz::Step;
  greenroom::fuzz::Random random(seed);
  std::vector<Step> steps = greenroom::fuzz::ReadSteps({reinterpret_cast<const char*>(one), one_size});
  const std::vector<Step> rest = greenroom::fuzz::ReadSteps({reinterpret_cast<const char*>(two), two_size});
  steps.resize(greenroom::fuzz::Below(random, steps.size() + 1));
  const size_t from = greenroom::fuzz::Below(random, rest.size() + 1);
  steps.insert(steps.end(), rest.begin() + static_cast<ptrdiff_t>(from), rest.end());
  const std::string input = greenroom::fuzz::WriteSteps(steps);
  const size_t kept = std::min(input.size(), max_size);
  std::copy_n(input.begin(), kept, out);
  return kept;
}
