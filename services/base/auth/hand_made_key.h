// For tests: an ES256 signer of its own, straight on libcrypto, sharing no code with what it tests.
#ifndef GREENROOM_SERVICES_BASE_AUTH_HAND_MADE_KEY_H_
#define GREENROOM_SERVICES_BASE_AUTH_HAND_MADE_KEY_H_

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <string>
#include <vector>

namespace greenroom::auth {

inline std::string HandMadeBase64Url(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(length));
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

// HS256 over `signed_part` with any bytes as the secret.
inline std::string HandMadeHmac(const std::string& secret, const std::string& signed_part) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), mac, &length);
  return std::string(reinterpret_cast<char*>(mac), length);
}

class HandMadeKey {
 public:
  HandMadeKey() : key_(EVP_EC_gen("P-256")) {}
  HandMadeKey(const HandMadeKey&) = delete;
  HandMadeKey& operator=(const HandMadeKey&) = delete;
  ~HandMadeKey() { EVP_PKEY_free(key_); }

  std::string PublicJwk(const std::string& kid) const {
    unsigned char point[65];  // 4, x, y
    size_t length = 0;
    EVP_PKEY_get_octet_string_param(key_, "pub", point, sizeof(point), &length);
    const std::string bytes(reinterpret_cast<char*>(point), length);
    return R"({"kty":"EC","crv":"P-256","kid":")" + kid + R"(","x":")" +
           HandMadeBase64Url(bytes.substr(1, 32)) + R"(","y":")" + HandMadeBase64Url(bytes.substr(33)) +
           R"("})";
  }

  std::string PublicPem() const {
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(memory, key_);
    char* data = nullptr;
    const long length = BIO_get_mem_data(memory, &data);
    std::string pem(data, static_cast<size_t>(length));
    BIO_free(memory);
    return pem;
  }

  // r and s, 32 bytes each.
  std::string Signature(const std::string& signed_part) const {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    unsigned char der[128];
    size_t length = sizeof(der);
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_);
    EVP_DigestSign(context, der, &length, reinterpret_cast<const unsigned char*>(signed_part.data()),
                   signed_part.size());
    EVP_MD_CTX_free(context);
    const unsigned char* cursor = der;
    ECDSA_SIG* const signature = d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(length));
    unsigned char raw[64];
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + 32, 32);
    ECDSA_SIG_free(signature);
    return std::string(reinterpret_cast<char*>(raw), sizeof(raw));
  }

  // A token of exactly these texts.
  std::string Token(const std::string& header, const std::string& payload) const {
    const std::string signed_part = HandMadeBase64Url(header) + "." + HandMadeBase64Url(payload);
    return signed_part + "." + HandMadeBase64Url(Signature(signed_part));
  }

 private:
  EVP_PKEY* key_;
};

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_HAND_MADE_KEY_H_
