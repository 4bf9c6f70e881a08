// The keys that tokens are signed and verified with: EC P-256, as JSON Web Keys (RFC 7517).
#ifndef GREENROOM_SERVICES_BASE_AUTH_KEYS_H_
#define GREENROOM_SERVICES_BASE_AUTH_KEYS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom::auth {

// What the key directory's two files are called.
inline constexpr absl::string_view kSigningKeyFile = "signing.jwk";
inline constexpr absl::string_view kJwksFile = "jwks.json";
// A larger key set file is refused.
inline constexpr size_t kMaxJwksBytes = size_t{256} * 1024;

// A private key. Movable; const methods may be called from several threads. Its key id is the RFC 7638 thumbprint of
// its public half, so the same key has the same id everywhere. Nothing prints or logs it.
class SigningKey {
 public:
  // A new key from the operating system's randomness.
  static absl::StatusOr<SigningKey> Generate();
  // Reads a private JWK (kty EC, crv P-256, x, y, d). INVALID_ARGUMENT for anything else, also where d is not the
  // private half of (x, y).
  static absl::StatusOr<SigningKey> Parse(absl::string_view jwk);
  // As Parse, from a file; NOT_FOUND where there is none.
  static absl::StatusOr<SigningKey> Load(const std::string& path);

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  // Writes the private JWK with permission 0600, all or nothing. ALREADY_EXISTS where the file exists: a key is never
  // overwritten.
  absl::Status Save(const std::string& path) const;

  const std::string& kid() const;
  // The public half: a JWK with alg, kid and use, fit for a key set.
  std::string PublicJwk() const;

  struct Material;
  const Material& material() const { return *material_; }

 private:
  explicit SigningKey(std::unique_ptr<Material> material);
  std::unique_ptr<Material> material_;
};

// A set of public keys by key id (RFC 7517, section 5). Cheap to copy; immutable but for Add.
class Jwks {
 public:
  struct Key;

  // Reads a key set of at most 64 keys. Keys of other types, curves, algorithms or uses are left out, as the RFC asks.
  // INVALID_ARGUMENT: it is no key set, a key of ours lacks a kid or repeats one, is no point of the curve, or the set
  // holds a private or symmetric key, which must never lie where public keys do.
  static absl::StatusOr<Jwks> Parse(absl::string_view json);
  // As Parse, from a file of at most 256 KiB; NOT_FOUND where there is none.
  static absl::StatusOr<Jwks> Load(const std::string& path);

  // The key with this id, valid as long as any copy of this set; null where there is none.
  const Key* Find(absl::string_view kid) const;
  size_t size() const { return keys_.size(); }

  // Adds the public half of `key`; nothing changes where it is there already.
  absl::Status Add(const SigningKey& key);

  std::string ToJson() const;
  // Replaces the file, all or nothing, readable by everyone: readers see the old set or the new one.
  absl::Status Write(const std::string& path) const;

 private:
  std::map<std::string, std::shared_ptr<const Key>, std::less<>> keys_;
};

// Makes sure that `directory` (created with 0700 where it is new) holds a signing key and a key set with its public
// half. What is there is kept: keys are never replaced, other keys of the set stay. Returns whether the signing key is
// new. Safe to repeat, also after a crash in the middle.
absl::StatusOr<bool> CreateKeys(const std::string& directory);

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_KEYS_H_
