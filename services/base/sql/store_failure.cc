#include "services/base/sql/store_failure.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace greenroom::sql {
namespace {

constexpr absl::string_view kStoreIoErrorMark = "greenroom/sql/store-io-error";

}  // namespace

absl::Status StoreIoError(absl::string_view message) {
  absl::Status status = absl::UnavailableError(absl::StrCat("store I/O error: ", message));
  status.SetPayload(kStoreIoErrorMark, absl::Cord());
  return status;
}

bool IsStoreIoError(const absl::Status& status) { return status.GetPayload(kStoreIoErrorMark).has_value(); }

void ExitOnStoreIoError(const absl::Status& status) {
  const std::string message(status.message());
  std::fprintf(stderr, "%s while committing; ending the process with code %d, restart it to recover\n",
               message.c_str(), kExitStoreIoError);
  std::fflush(stderr);
  _exit(kExitStoreIoError);
}

}  // namespace greenroom::sql
