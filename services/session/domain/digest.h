// SHA-256, and bytes that are the same for equal messages.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_DIGEST_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_DIGEST_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message_lite.h"

namespace greenroom::session {

// 32 bytes.
std::string Sha256(absl::string_view bytes);

// 64 lower-case hex digits.
std::string Sha256Hex(absl::string_view bytes);

// The message with map entries in order of their keys: the same for equal messages of this program. Another version of
// the program or of protobuf may write other bytes.
std::string DeterministicBytes(const google::protobuf::MessageLite& message);

// A list of fields as bytes that no other list has: each field with its length before it.
class FieldBytes {
 public:
  FieldBytes& Add(absl::string_view field);
  FieldBytes& Add(int64_t field);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_DIGEST_H_
