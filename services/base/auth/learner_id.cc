#include "services/base/auth/learner_id.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/base/auth/jose.h"
#include "services/base/text.h"

namespace greenroom::auth {
namespace {

constexpr size_t kDigestBytes = 20;  // 160 bits: 32 base32 characters, no padding

// RFC 4648, section 6, lower case; `bytes` come in fives.
std::string Base32(absl::string_view bytes) {
  constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 5) {
    uint64_t group = 0;
    for (size_t j = 0; j < 5; ++j) group = group << 8 | static_cast<unsigned char>(bytes[i + j]);
    for (int shift = 35; shift >= 0; shift -= 5) text += kAlphabet[group >> shift & 31];
  }
  return text;
}

}  // namespace

std::string LearnerId(absl::string_view issuer, absl::string_view subject) {
  if (IsId(subject) && !absl::StartsWith(subject, "u-")) return std::string(subject);
  const std::string digest = Sha256(absl::StrCat(issuer, absl::string_view("\0", 1), subject));
  return absl::StrCat("u-", Base32(absl::string_view(digest).substr(0, kDigestBytes)));
}

}  // namespace greenroom::auth
