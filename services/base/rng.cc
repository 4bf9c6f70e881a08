#include "services/base/rng.h"

#include <errno.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "services/base/check.h"

namespace greenroom {
namespace {

void Fetch(absl::Span<uint8_t> bytes) {
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    CHECK_THAT(got > 0, "getrandom failed");
    filled += static_cast<size_t>(got);
  }
}

}  // namespace

std::string Rng::Bytes(size_t count) {
  std::string bytes(count, '\0');
  Fill(absl::MakeSpan(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()));
  return bytes;
}

uint64_t Rng::Uint64() {
  std::array<uint8_t, 8> bytes;
  Fill(absl::MakeSpan(bytes));
  uint64_t value = 0;
  for (uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

double Rng::Fraction() { return static_cast<double>(Uint64() >> 11) * 0x1p-53; }

std::string Rng::Uuid() {
  static constexpr char kHex[] = "0123456789abcdef";
  std::array<uint8_t, 16> bytes;
  Fill(absl::MakeSpan(bytes));
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kHex[bytes[i] >> 4]);
    text.push_back(kHex[bytes[i] & 0xf]);
  }
  return text;
}

void SystemRng::Fill(absl::Span<uint8_t> bytes) {
  // Fetched some ids ahead: asking the kernel costs more than all else that an id needs.
  thread_local std::array<uint8_t, 1024> ahead;
  thread_local size_t left = 0;
  if (bytes.size() > ahead.size()) return Fetch(bytes);
  if (left < bytes.size()) {
    Fetch(absl::MakeSpan(ahead));
    left = ahead.size();
  }
  left -= bytes.size();
  std::copy_n(ahead.begin() + left, bytes.size(), bytes.begin());
  std::fill_n(ahead.begin() + left, bytes.size(), uint8_t{0});  // nobody finds later what was given out
}

}  // namespace greenroom
