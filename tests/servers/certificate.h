// Certificate: a TLS certificate with its key that a test makes.
#ifndef GREENROOM_TESTS_SERVERS_CERTIFICATE_H_
#define GREENROOM_TESTS_SERVERS_CERTIFICATE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/servers/process.h"

namespace greenroom {

// What a server on this machine is connected by, as openssl has subjectAltName.
constexpr char kLoopbackNames[] = "DNS:localhost,IP:127.0.0.1";

// The openssl command that makes a self-signed certificate for these names, its own authority and valid for a day, as
// server.crt and server.key in `directory`. For whoever is to own the files to run.
std::vector<std::string> CertificateCommand(const std::string& directory, const std::string& names);

// One in a directory of its own, which goes with it.
class Certificate {
 public:
  static absl::StatusOr<std::unique_ptr<Certificate>> Make(const std::string& names = kLoopbackNames);

  std::string file() const { return directory_.path() + "/server.crt"; }
  std::string key() const { return directory_.path() + "/server.key"; }

 private:
  Certificate() = default;

  TemporaryDirectory directory_;
};

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_CERTIFICATE_H_
