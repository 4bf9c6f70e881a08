// Small files that matter: keys, key sets, a client's own state. Read whole, written all or nothing.
#ifndef GREENROOM_SERVICES_BASE_AUTH_SMALL_FILE_H_
#define GREENROOM_SERVICES_BASE_AUTH_SMALL_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace greenroom::auth {

// The whole file. NOT_FOUND where there is none; RESOURCE_EXHAUSTED above `max_bytes`; else FAILED_PRECONDITION or
// UNAVAILABLE with the system's reason. Messages name the path and never what is in it.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t max_bytes);

enum class IfPresent { kReplace, kRefuse };

// Writes `contents` with permission bits `mode` (not widened by what was there before) so that, whatever crashes,
// `path` holds what it held or all of `contents`; on disk before this returns. With kRefuse an existing `path` is kept
// and the answer is ALREADY_EXISTS, also when two processes race. The directory must exist.
absl::Status WriteSmallFile(const std::string& path, absl::string_view contents, mode_t mode,
                            IfPresent if_present);

// Creates `directory` and its parents, each with permission bits `mode`; existing ones are left as they are.
absl::Status CreateDirectories(const std::string& directory, mode_t mode);

}  // namespace greenroom::auth

#endif  // GREENROOM_SERVICES_BASE_AUTH_SMALL_FILE_H_
