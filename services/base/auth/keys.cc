#include "services/base/auth/keys.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/auth/jose.h"
#include "services/base/auth/key_material.h"
#include "services/base/auth/small_file.h"
#include "services/base/task.h"

namespace greenroom::auth {
namespace {

constexpr size_t kMaxKeyFileBytes = size_t{16} * 1024;

constexpr size_t kMaxKeys = 64;
constexpr size_t kMaxKidBytes = 128;
constexpr size_t kCoordinateBytes = 32;

// Frees what libcrypto gives out, clearing it first: it may be private.
struct CryptoDeleter {
  void operator()(BIGNUM* number) const { BN_clear_free(number); }
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const { EC_POINT_clear_free(point); }
};
template <typename T>
using CryptoHandle = std::unique_ptr<T, CryptoDeleter>;

CryptoHandle<BIGNUM> Number(absl::string_view bytes) {
  return CryptoHandle<BIGNUM>(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                                        static_cast<int>(bytes.size()), nullptr));
}

// Whether d G = (x, y): cjose takes the three numbers as they come.
bool PrivateMatchesPublic(absl::string_view d, absl::string_view x, absl::string_view y) {
  const CryptoHandle<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const CryptoHandle<EC_POINT> point(EC_POINT_new(group.get()));
  const CryptoHandle<BIGNUM> d_number = Number(d), x_number = Number(x), y_number = Number(y);
  const CryptoHandle<BIGNUM> x_found(BN_new()), y_found(BN_new());
  if (BN_is_zero(d_number.get()) || BN_cmp(d_number.get(), EC_GROUP_get0_order(group.get())) >= 0)
    return false;
  return EC_POINT_mul(group.get(), point.get(), d_number.get(), nullptr, nullptr, nullptr) == 1 &&
         EC_POINT_get_affine_coordinates(group.get(), point.get(), x_found.get(), y_found.get(), nullptr) ==
             1 &&
         BN_cmp(x_number.get(), x_found.get()) == 0 && BN_cmp(y_number.get(), y_found.get()) == 0;
}

// A coordinate or private number of P-256: exactly 32 bytes.
std::optional<std::string> CoordinateAt(const json_t* jwk, const char* key) {
  const std::optional<std::string> text = StringAt(jwk, key);
  if (!text.has_value()) return std::nullopt;
  std::optional<std::string> bytes = Base64UrlDecode(*text);
  if (!bytes.has_value() || bytes->size() != kCoordinateBytes) return std::nullopt;
  return bytes;
}

// RFC 7638, section 3: the required members in lexical order, without white space.
std::string Thumbprint(absl::string_view x, absl::string_view y) {
  return Base64UrlEncode(Sha256(absl::StrCat("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"", Base64UrlEncode(x),
                                             "\",\"y\":\"", Base64UrlEncode(y), "\"}")));
}

void SetString(json_t* object, const char* key, const std::string& value) {
  json_object_set_new(object, key, json_stringn(value.data(), value.size()));
}

bool IsEs256(const json_t* jwk) {
  return StringAt(jwk, "kty") == "EC" && StringAt(jwk, "crv") == "P-256" &&
         StringAt(jwk, "alg").value_or("ES256") == "ES256" && StringAt(jwk, "use").value_or("sig") == "sig";
}

absl::Status BadKey(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("signing key: ", why));
}
absl::Status BadSet(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("key set: ", why));
}

absl::Status WithPath(const absl::Status& status, const std::string& path) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

}  // namespace

SigningKey::SigningKey(std::unique_ptr<Material> material) : material_(std::move(material)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

absl::StatusOr<SigningKey> SigningKey::Generate() {
  const JwkHandle jwk(cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, nullptr));
  if (jwk == nullptr) return absl::InternalError("libcrypto made no key");
  char* const json = cjose_jwk_to_json(jwk.get(), /*priv=*/true, nullptr);
  if (json == nullptr) return absl::InternalError("cjose wrote no key");
  const std::string text(json);
  cjose_get_dealloc()(json);
  return Parse(text);
}

absl::StatusOr<SigningKey> SigningKey::Parse(absl::string_view text) {
  const JsonHandle json = ParseObject(text);
  if (json == nullptr) return BadKey("not a JSON object");
  if (!IsEs256(json.get())) return BadKey("not a key for ES256 (kty EC, crv P-256)");
  const std::optional<std::string> x = CoordinateAt(json.get(), "x"), y = CoordinateAt(json.get(), "y"),
                                   d = CoordinateAt(json.get(), "d");
  if (!x || !y || !d) return BadKey("x, y and d must each be 32 bytes in base64url");
  if (!PrivateMatchesPublic(*d, *x, *y)) return BadKey("d is not the private half of x and y");

  auto material = std::make_unique<Material>();
  material->kid = Thumbprint(*x, *y);
  const JsonHandle jwk(json_object());
  SetString(jwk.get(), "alg", "ES256");
  SetString(jwk.get(), "crv", "P-256");
  SetString(jwk.get(), "kid", material->kid);
  SetString(jwk.get(), "kty", "EC");
  SetString(jwk.get(), "use", "sig");
  SetString(jwk.get(), "x", Base64UrlEncode(*x));
  SetString(jwk.get(), "y", Base64UrlEncode(*y));
  material->public_json = DumpJson(jwk.get());
  SetString(jwk.get(), "d", Base64UrlEncode(*d));
  material->private_json = DumpJson(jwk.get());
  material->jwk.reset(
      cjose_jwk_import(material->private_json.data(), material->private_json.size(), nullptr));
  if (material->jwk == nullptr) return BadKey("libcrypto does not accept it");
  return SigningKey(std::move(material));
}

absl::StatusOr<SigningKey> SigningKey::Load(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(path, kMaxKeyFileBytes));
  absl::StatusOr<SigningKey> key = Parse(text);
  if (!key.ok()) return WithPath(key.status(), path);
  return key;
}

absl::Status SigningKey::Save(const std::string& path) const {
  return WriteSmallFile(path, material_->private_json + "\n", 0600, IfPresent::kRefuse);
}

const std::string& SigningKey::kid() const { return material_->kid; }
std::string SigningKey::PublicJwk() const { return material_->public_json; }

absl::StatusOr<Jwks> Jwks::Parse(absl::string_view text) {
  const JsonHandle json = ParseObject(text);
  const json_t* const keys = json == nullptr ? nullptr : json_object_get(json.get(), "keys");
  if (!json_is_array(keys)) return BadSet("not a JSON object with an array `keys`");
  if (json_array_size(keys) > kMaxKeys) return BadSet(absl::StrCat("more than ", kMaxKeys, " keys"));
  Jwks set;
  for (size_t i = 0; i < json_array_size(keys); ++i) {
    json_t* const jwk = json_array_get(keys, i);
    if (!json_is_object(jwk)) return BadSet(absl::StrCat("keys[", i, "] is not an object"));
    if (json_object_get(jwk, "d") != nullptr || json_object_get(jwk, "k") != nullptr) {
      return BadSet(absl::StrCat("keys[", i, "] is a private or symmetric key"));
    }
    if (!IsEs256(jwk)) continue;
    const std::optional<std::string> kid = StringAt(jwk, "kid");
    if (!kid.has_value() || kid->empty() || kid->size() > kMaxKidBytes) {
      return BadSet(absl::StrCat("keys[", i, "] has no kid of 1 to ", kMaxKidBytes, " bytes"));
    }
    if (set.Find(*kid) != nullptr) return BadSet(absl::StrCat("keys[", i, "] repeats a kid"));
    auto key = std::make_shared<Key>();
    key->json = DumpJson(jwk);
    if (CoordinateAt(jwk, "x").has_value() && CoordinateAt(jwk, "y").has_value()) {
      key->jwk.reset(cjose_jwk_import(key->json.data(), key->json.size(), nullptr));
    }
    if (key->jwk == nullptr) return BadSet(absl::StrCat("keys[", i, "] is not a point of P-256"));
    set.keys_.emplace(*kid, std::move(key));
  }
  return set;
}

absl::StatusOr<Jwks> Jwks::Load(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(path, kMaxJwksBytes));
  absl::StatusOr<Jwks> set = Parse(text);
  if (!set.ok()) return WithPath(set.status(), path);
  return set;
}

const Jwks::Key* Jwks::Find(absl::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : found->second.get();
}

absl::Status Jwks::Add(const SigningKey& key) {
  ASSIGN_OR_RETURN(const Jwks one, Parse(absl::StrCat("{\"keys\":[", key.PublicJwk(), "]}")));
  keys_.insert(one.keys_.begin(), one.keys_.end());
  return absl::OkStatus();
}

std::string Jwks::ToJson() const {
  return absl::StrCat(
      "{\"keys\":[",
      absl::StrJoin(keys_, ",", [](std::string* out, const auto& key) { out->append(key.second->json); }),
      "]}");
}

absl::Status Jwks::Write(const std::string& path) const {
  return WriteSmallFile(path, ToJson() + "\n", 0644, IfPresent::kReplace);
}

absl::StatusOr<bool> CreateKeys(const std::string& directory) {
  RETURN_IF_ERROR(CreateDirectories(directory, 0700));
  const std::string key_path = absl::StrCat(directory, "/", kSigningKeyFile);
  const std::string set_path = absl::StrCat(directory, "/", kJwksFile);

  absl::StatusOr<SigningKey> key = SigningKey::Load(key_path);
  bool created = false;
  if (absl::IsNotFound(key.status())) {
    ASSIGN_OR_RETURN(const SigningKey fresh, SigningKey::Generate());
    const absl::Status saved = fresh.Save(key_path);
    if (!saved.ok() && !absl::IsAlreadyExists(saved)) return saved;
    created = saved.ok();
    key = SigningKey::Load(key_path);  // another process may have been first: its key counts
  }
  if (!key.ok()) return key.status();

  absl::StatusOr<Jwks> set = Jwks::Load(set_path);
  if (absl::IsNotFound(set.status())) set = Jwks();
  if (!set.ok()) return set.status();
  if (set->Find(key->kid()) == nullptr) {
    RETURN_IF_ERROR(set->Add(*key));
    RETURN_IF_ERROR(set->Write(set_path));
  }
  return created;
}

}  // namespace greenroom::auth
