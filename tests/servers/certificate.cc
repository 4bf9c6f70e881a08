#include "tests/servers/certificate.h"

#include "absl/strings/str_cat.h"
#include "services/base/task.h"

namespace greenroom {

std::vector<std::string> CertificateCommand(const std::string& directory, const std::string& names) {
  return {"openssl",
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:P-256",
          "-nodes",
          "-days",
          "1",
          "-subj",
          "/CN=greenroom test",
          "-addext",
          absl::StrCat("subjectAltName=", names),
          "-keyout",
          absl::StrCat(directory, "/server.key"),
          "-out",
          absl::StrCat(directory, "/server.crt")};
}

absl::StatusOr<std::unique_ptr<Certificate>> Certificate::Make(const std::string& names) {
  std::unique_ptr<Certificate> certificate(new Certificate());
  RETURN_IF_ERROR(RunToEnd({.args = CertificateCommand(certificate->directory_.path(), names)}));
  return certificate;
}

}  // namespace greenroom
