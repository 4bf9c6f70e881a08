#include "services/base/auth/token.h"

#include <optional>
#include <utility>

#include "absl/strings/str_split.h"
#include "services/base/auth/jose.h"
#include "services/base/auth/key_material.h"
#include "services/base/task.h"

namespace greenroom::auth {
namespace {

constexpr size_t kMaxNameBytes = 255;  // OpenID Connect Core, section 2: sub has at most 255 characters
constexpr size_t kMaxIdBytes = 63;
constexpr size_t kMaxRoles = 8;
constexpr double kMaxUnixSeconds = 253402300799;  // the end of year 9999

// The algorithms we verify. Another (RS256) is another row, and keys of its type in Jwks::Parse.
struct Algorithm {
  absl::string_view name;
  cjose_jwk_kty_t key_type;
  size_t signature_bytes;
};
constexpr Algorithm kAlgorithms[] = {{"ES256", CJOSE_JWK_KTY_EC, 64}};

absl::Status Refused(absl::string_view why) { return absl::InvalidArgumentError(why); }

const Algorithm* FindAlgorithm(const std::optional<std::string>& name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (name == algorithm.name) return &algorithm;
  }
  return nullptr;
}

void SetString(json_t* object, const char* key, absl::string_view value) {
  json_object_set_new(object, key, json_stringn(value.data(), value.size()));
}

void SetTime(json_t* object, const char* key, absl::Time time) {
  if (time == absl::InfinitePast()) return;
  json_object_set_new(object, key, json_integer(absl::ToUnixSeconds(time)));
}

absl::Status ReadName(const json_t* payload, const char* key, size_t max_bytes, std::string& name) {
  std::optional<std::string> value = StringAt(payload, key);
  if (!value.has_value() || value->empty() || value->size() > max_bytes) {
    return Refused("a claim is missing or not a string of the right length");
  }
  name = *std::move(value);
  return absl::OkStatus();
}

// A NumericDate (RFC 7519, section 2), which may have a fraction. Absent leaves `time` as it is.
absl::Status ReadTime(const json_t* payload, const char* key, absl::Time& time) {
  const json_t* const value = json_object_get(payload, key);
  if (value == nullptr) return absl::OkStatus();
  const double seconds = json_is_number(value) ? json_number_value(value) : -1;
  if (seconds < 0 || seconds > kMaxUnixSeconds) return Refused("a time claim is not a number of seconds");
  time = absl::UnixEpoch() + absl::Seconds(seconds);
  return absl::OkStatus();
}

bool IsForUs(const json_t* payload) {
  const json_t* const audience = json_object_get(payload, "aud");
  if (json_is_string(audience)) return StringAt(payload, "aud") == kAudience;
  for (size_t i = 0; i < json_array_size(audience); ++i) {  // 0 for what is no array
    const json_t* const one = json_array_get(audience, i);
    if (json_is_string(one) &&
        absl::string_view(json_string_value(one), json_string_length(one)) == kAudience) {
      return true;
    }
  }
  return false;
}

absl::StatusOr<std::vector<std::string>> ReadRoles(const json_t* payload) {
  const json_t* const array = json_object_get(payload, "roles");
  const size_t count = json_array_size(array);
  if (count == 0 || count > kMaxRoles) return Refused("claim roles is not an array of 1 to 8 roles");
  std::vector<std::string> roles;
  for (size_t i = 0; i < count; ++i) {
    const json_t* const role = json_array_get(array, i);
    if (!json_is_string(role)) return Refused("claim roles is not an array of 1 to 8 roles");
    roles.emplace_back(json_string_value(role), json_string_length(role));
  }
  return roles;
}

absl::StatusOr<Claims> ReadClaims(absl::string_view text) {
  const JsonHandle payload = ParseObject(text);
  if (payload == nullptr) return Refused("the payload is not a JSON object of valid text");
  if (!IsForUs(payload.get())) return Refused("it is for another audience");
  Claims claims;
  RETURN_IF_ERROR(ReadName(payload.get(), "iss", kMaxNameBytes, claims.issuer));
  RETURN_IF_ERROR(ReadName(payload.get(), "sub", kMaxNameBytes, claims.subject));
  RETURN_IF_ERROR(ReadName(payload.get(), "tenant", kMaxIdBytes, claims.tenant));
  ASSIGN_OR_RETURN(claims.roles, ReadRoles(payload.get()));
  if (json_object_get(payload.get(), "exp") == nullptr) return Refused("claim exp is missing");
  RETURN_IF_ERROR(ReadTime(payload.get(), "exp", claims.expires));
  RETURN_IF_ERROR(ReadTime(payload.get(), "nbf", claims.not_before));
  RETURN_IF_ERROR(ReadTime(payload.get(), "iat", claims.issued_at));
  return claims;
}

bool SignatureHolds(absl::string_view token, const cjose_jwk_t* jwk) {
  const JwsHandle jws(cjose_jws_import(token.data(), token.size(), nullptr));
  return jws != nullptr && cjose_jws_verify(jws.get(), jwk, nullptr);
}

}  // namespace

absl::StatusOr<std::string> SignToken(const SigningKey& key, const Claims& claims) {
  if (claims.expires == absl::InfinitePast() || claims.expires == absl::InfiniteFuture()) {
    return absl::InvalidArgumentError("a token must expire");
  }
  const JsonHandle payload(json_object());
  SetString(payload.get(), "iss", claims.issuer);
  SetString(payload.get(), "sub", claims.subject);
  SetString(payload.get(), "aud", kAudience);
  SetString(payload.get(), "tenant", claims.tenant);
  const JsonHandle roles(json_array());
  for (const std::string& role : claims.roles) {
    json_array_append_new(roles.get(), json_stringn(role.data(), role.size()));
  }
  json_object_set(payload.get(), "roles", roles.get());
  SetTime(payload.get(), "exp", claims.expires);
  SetTime(payload.get(), "nbf", claims.not_before);
  SetTime(payload.get(), "iat", claims.issued_at);
  for (const char* name : {"iss", "sub", "tenant"}) {  // jansson sets nothing that is no UTF-8
    if (json_object_get(payload.get(), name) == nullptr)
      return absl::InvalidArgumentError("a claim is no UTF-8");
  }
  if (json_array_size(roles.get()) != claims.roles.size())
    return absl::InvalidArgumentError("a role is no UTF-8");

  const JsonHandle header(json_object());
  SetString(header.get(), "alg", "ES256");
  SetString(header.get(), "kid", key.kid());
  SetString(header.get(), "typ", "JWT");
  const std::string text = DumpJson(payload.get());
  const JwsHandle jws(cjose_jws_sign(key.material().jwk.get(), header.get(),
                                     reinterpret_cast<const uint8_t*>(text.data()), text.size(), nullptr));
  const char* compact = nullptr;  // belongs to jws
  if (jws == nullptr || !cjose_jws_export(jws.get(), &compact, nullptr)) {
    return absl::InternalError("libcrypto did not sign");
  }
  return std::string(compact);
}

absl::StatusOr<Claims> VerifyToken(const Jwks& keys, absl::string_view token) {
  if (token.size() > kMaxTokenBytes) return Refused("it is longer than 8 KiB");
  const std::vector<absl::string_view> segments = absl::StrSplit(token, '.');
  if (segments.size() != 3) return Refused("it is not a JWT in compact form");
  const std::optional<std::string> header_text = Base64UrlDecode(segments[0]);
  const std::optional<std::string> payload_text = Base64UrlDecode(segments[1]);
  const std::optional<std::string> signature = Base64UrlDecode(segments[2]);
  if (!header_text || !payload_text || !signature) return Refused("it is not base64url");

  const JsonHandle header = ParseObject(*header_text);
  if (header == nullptr) return Refused("the header is not a JSON object of valid text");
  const Algorithm* const algorithm = FindAlgorithm(StringAt(header.get(), "alg"));
  if (algorithm == nullptr) return Refused("its algorithm is not accepted");
  if (signature->size() != algorithm->signature_bytes) return Refused("its signature has the wrong length");
  if (json_object_get(header.get(), "crit") != nullptr) return Refused("it has critical header fields");
  const std::optional<std::string> kid = StringAt(header.get(), "kid");
  const Jwks::Key* const key = kid.has_value() ? keys.Find(*kid) : nullptr;
  if (key == nullptr) return Refused("it is signed with an unknown key");
  if (cjose_jwk_get_kty(key->jwk.get(), nullptr) != algorithm->key_type)
    return Refused("its key is of another type");
  if (!SignatureHolds(token, key->jwk.get())) return Refused("its signature is wrong");
  return ReadClaims(*payload_text);
}

absl::Status CheckTimes(const Claims& claims, absl::Time now, absl::Duration leeway) {
  if (now >= claims.expires + leeway) return absl::FailedPreconditionError("it has expired");
  if (now < claims.not_before - leeway) return absl::FailedPreconditionError("its time has not begun");
  return absl::OkStatus();
}

}  // namespace greenroom::auth
