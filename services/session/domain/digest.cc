#include "services/session/domain/digest.h"

#include <openssl/sha.h>

#include <array>

#include "absl/strings/escaping.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace greenroom::session {

std::string Sha256(absl::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return std::string(digest.begin(), digest.end());
}

std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)); }

std::string DeterministicBytes(const google::protobuf::MessageLite& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

FieldBytes& FieldBytes::Add(absl::string_view field) {
  for (uint64_t size = field.size(), i = 0; i < 8; ++i, size >>= 8) bytes_ += static_cast<char>(size & 0xff);
  bytes_.append(field.data(), field.size());
  return *this;
}

FieldBytes& FieldBytes::Add(int64_t field) { return Add(absl::string_view(std::to_string(field))); }

}  // namespace greenroom::session
