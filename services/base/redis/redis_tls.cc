#include "services/base/redis/redis_tls.h"

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/base/redis/redis_error.h"
#include "services/base/task.h"

namespace greenroom {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using OwnedContext = std::unique_ptr<SSL_CTX, Free>;
using OwnedSsl = std::unique_ptr<SSL, Free>;

// The first error in this thread's queue, the cause of the others, in OpenSSL's words without its numbers:
// "error:0A000086:SSL routines::certificate verify failed". Empty where there is none.
std::string FirstError() {
  const auto code = ERR_peek_error();
  if (code == 0) return "";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  const absl::string_view whole = text;
  return std::string(whole.substr(whole.rfind(':') + 1));
}

class OpenSslSession final : public RedisTlsSession {
 public:
  OpenSslSession(OwnedSsl ssl, std::string host) : ssl_(std::move(ssl)), host_(std::move(host)) {}

  bool Begin(redisContext& connected) override {
    ERR_clear_error();
    if (!Expect()) return false;
    SSL_up_ref(ssl_.get());  // for hiredis, unless it fails
    if (redisInitiateSSL(&connected, ssl_.get()) == REDIS_OK) return true;
    SSL_free(ssl_.get());
    return false;
  }

  bool Established() const override { return SSL_is_init_finished(ssl_.get()) == 1; }

  void BeforeIo() override { ERR_clear_error(); }

  bool HoldsData() override {
    ERR_clear_error();
    char byte;
    return SSL_peek(ssl_.get(), &byte, 1) > 0;
  }

  std::string Failure() override {
    const auto verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) {
      return absl::StrCat("its certificate is refused: ", X509_verify_cert_error_string(verified));
    }
    if (ERR_peek_error() != 0 && !ERR_SYSTEM_ERROR(ERR_peek_error())) return FirstError();
    // The socket has failed. The server may have said why before it closed, and nobody has read that.
    ERR_clear_error();
    char byte;
    const bool alert =
        SSL_peek(ssl_.get(), &byte, 1) <= 0 && ERR_GET_REASON(ERR_peek_error()) > SSL_AD_REASON_OFFSET;
    return alert ? FirstError() : "";
  }

 private:
  // An empty name would switch the check off. A name is also sent (RFC 6066, section 3), an address is not.
  bool Expect() {
    if (host_.empty()) return false;
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host_.c_str()) == 1) return true;
    SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl_.get(), host_.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl_.get(), host_.c_str()) == 1;
  }

  const OwnedSsl ssl_;  // hiredis holds another reference
  const std::string host_;
};

class OpenSslTls final : public RedisTls {
 public:
  explicit OpenSslTls(OwnedContext context) : context_(std::move(context)) {}

  std::unique_ptr<RedisTlsSession> MakeSession(std::string host) const override {
    OwnedSsl ssl(SSL_new(context_.get()));
    if (ssl == nullptr) return nullptr;
    return std::make_unique<OpenSslSession>(std::move(ssl), std::move(host));
  }

 private:
  const OwnedContext context_;
};

}  // namespace

bool RedisHasTls() { return true; }

absl::StatusOr<std::unique_ptr<const RedisTls>> RedisTls::Make(const RedisTlsFiles& files) {
  ERR_clear_error();
  OwnedContext context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return absl::InternalError(absl::StrCat("OpenSSL: ", FirstError()));
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (files.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr) != 1) {
    return error::RedisTlsFile("ca", files.ca, FirstError());
  }
  if (!files.certificate.empty()) {
    if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
      return error::RedisTlsFile("cert", files.certificate, FirstError());
    }
    // Otherwise it would ask for a passphrase on the terminal.
    SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return -1; });
    if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
      return error::RedisTlsFile("key", files.key, FirstError());
    }
  }
  return std::make_unique<OpenSslTls>(std::move(context));
}

}  // namespace greenroom
