// Inputs of request_fuzz: a sequence of calls.
#ifndef GREENROOM_TESTS_FUZZ_REQUEST_INPUT_H_
#define GREENROOM_TESTS_FUZZ_REQUEST_INPUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace greenroom::fuzz {

// Who calls: the low three bits of a step's second byte.
enum class Who : uint8_t { kAda, kBob, kAuthor, kInstructor, kOperator, kServiceForAda, kRival, kNobody };

// One call. In bytes: `rpc`, `manner`, the payload's length (two bytes, little-endian), the payload. A length beyond the
// input's end means its end.
struct Step {
  static constexpr uint8_t kText = 1 << 3;       // the payload is protobuf's text format, not its wire format
  static constexpr uint8_t kTwice = 1 << 4;      // the call is made a second time, as a client repeats it
  static constexpr uint8_t kLater = 1 << 5;      // 40 s pass before it
  static constexpr uint8_t kMuchLater = 1 << 6;  // 3 h pass, and work in the background is done
  static constexpr uint8_t kGraderDown = 1 << 7;  // no answer is graded meanwhile

  uint8_t rpc = 0;  // index among the RPCs (rpc_table.h), modulo their number
  uint8_t manner = 0;
  std::string payload;

  Who who() const { return static_cast<Who>(manner & 7); }
  bool has(uint8_t bit) const { return (manner & bit) != 0; }
};

// Steps of one input that are looked at; the rest is ignored.
inline constexpr size_t kMostSteps = 16;

// Total: any bytes are steps.
std::vector<Step> ReadSteps(absl::string_view input);
// Payloads are cut to 65535 bytes.
std::string WriteSteps(const std::vector<Step>& steps);

}  // namespace greenroom::fuzz

#endif  // GREENROOM_TESTS_FUZZ_REQUEST_INPUT_H_
