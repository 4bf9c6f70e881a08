#include "services/base/sql/store_failure.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace greenroom::sql {
namespace {

constexpr absl::string_view kStoreIoErrorMark = "greenroom/sql/store-io-error";
constexpr absl::string_view kCommitUnknownMark = "greenroom/sql/commit-unknown";

absl::Status Unavailable(absl::string_view message, absl::string_view mark) {
  absl::Status status = absl::UnavailableError(message);
  status.SetPayload(mark, absl::Cord());
  return status;
}

}  // namespace

absl::Status StoreIoError(absl::string_view message) {
  return Unavailable(absl::StrCat("store I/O error: ", message), kStoreIoErrorMark);
}

bool IsStoreIoError(const absl::Status& status) { return status.GetPayload(kStoreIoErrorMark).has_value(); }

absl::Status CommitUnknown(const absl::Status& cause) {
  return Unavailable(absl::StrCat("it is not known whether it was committed: ", cause.message()),
                     kCommitUnknownMark);
}

bool IsCommitUnknown(const absl::Status& status) { return status.GetPayload(kCommitUnknownMark).has_value(); }

void ExitOnStoreIoError(const absl::Status& status) {
  const std::string message(status.message());
  std::fprintf(stderr, "%s while committing; ending the process with code %d, restart it to recover\n",
               message.c_str(), kExitStoreIoError);
  std::fflush(stderr);
  _exit(kExitStoreIoError);
}

}  // namespace greenroom::sql
