#include "services/base/auth/small_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "services/base/task.h"

namespace greenroom::auth {
namespace {

absl::Status SystemError(int error, absl::string_view doing, absl::string_view path) {
  return absl::ErrnoToStatus(error, absl::StrCat("cannot ", doing, " ", path));
}

absl::Status WriteAll(int fd, absl::string_view contents, const std::string& path) {
  while (!contents.empty()) {
    const ssize_t written = write(fd, contents.data(), contents.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, "write", path);
    }
    contents.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(fd) != 0) return SystemError(errno, "write", path);
  return absl::OkStatus();
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A new name in a directory survives a crash only when the directory itself is on disk.
absl::Status SyncDirectory(const std::string& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(errno, "open", directory);
  const absl::Cleanup close_it = [fd] { close(fd); };
  if (fsync(fd) != 0) return SystemError(errno, "write", directory);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError(errno, "read", path);
  const absl::Cleanup close_it = [fd] { close(fd); };
  std::string contents;
  char buffer[4096];
  while (true) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, "read", path);
    }
    if (got == 0) return contents;
    contents.append(buffer, static_cast<size_t>(got));
    if (contents.size() > max_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(path, " is larger than ", max_bytes, " bytes"));
    }
  }
}

absl::Status WriteSmallFile(const std::string& path, absl::string_view contents, mode_t mode,
                            IfPresent if_present) {
  std::string temporary = path + ".XXXXXX";
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // 0600 until it is complete
  if (fd < 0) return SystemError(errno, "write", path);
  const absl::Cleanup remove_it = [&] {
    close(fd);
    unlink(temporary.c_str());
  };
  if (fchmod(fd, mode) != 0) return SystemError(errno, "write", path);
  RETURN_IF_ERROR(WriteAll(fd, contents, path));
  if (if_present == IfPresent::kRefuse) {
    if (link(temporary.c_str(), path.c_str()) != 0) {
      if (errno == EEXIST) return absl::AlreadyExistsError(absl::StrCat(path, " exists already"));
      return SystemError(errno, "write", path);
    }
  } else if (rename(temporary.c_str(), path.c_str()) != 0) {
    return SystemError(errno, "write", path);
  }
  return SyncDirectory(DirectoryOf(path));
}

absl::Status CreateDirectories(const std::string& directory, mode_t mode) {
  for (size_t end = 1; end <= directory.size(); ++end) {
    if (end < directory.size() && directory[end] != '/') continue;
    const std::string prefix = directory.substr(0, end);
    if (mkdir(prefix.c_str(), mode) == 0 || errno == EEXIST) continue;
    return SystemError(errno, "create", prefix);
  }
  struct stat info;
  if (stat(directory.c_str(), &info) != 0) return SystemError(errno, "create", directory);
  if (!S_ISDIR(info.st_mode)) return SystemError(ENOTDIR, "create", directory);
  return absl::OkStatus();
}

}  // namespace greenroom::auth
