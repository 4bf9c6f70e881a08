#include "clients/cli/partial_file.h"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/invocation.h"
#include "services/base/auth/small_file.h"
#include "services/base/task.h"
#include "services/content/domain/digest.h"

namespace greenroom::cli {
namespace {

// A bundle is made of a pack of at most 4 MiB; what is escaped in JSON grows.
constexpr size_t kMaxBundleBytes = size_t{64} << 20;
constexpr size_t kMaxHeaderBytes = 4096;
constexpr mode_t kMode = 0644;

absl::Status Failed(int error, absl::string_view path) {
  return absl::InvalidArgumentError(absl::StrCat("cannot write ", path, ": ", std::strerror(error)));
}

absl::Status WriteAll(int fd, absl::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed(errno, path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

PartialFile::PartialFile(std::string path) : path_(std::move(path)), part_path_(path_ + ".part") {}

PartialFile::~PartialFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status PartialFile::Load() {
  const absl::StatusOr<std::string> text = auth::ReadSmallFile(part_path_, kMaxHeaderBytes + kMaxBundleBytes);
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  if (!text.ok()) return absl::InvalidArgumentError(text.status().message());
  const size_t line = text->find('\n');
  // A first write that was cut off.
  if (line == std::string::npos &&
      (text->empty() || (text->front() == '{' && text->size() < kMaxHeaderBytes)))
    return absl::OkStatus();
  content::v1::BundleHeader header;
  if (line == std::string::npos ||
      !google::protobuf::util::JsonStringToMessage(text->substr(0, line), &header).ok() ||
      header.sha256().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(part_path_, " is not a download that broke off; move it away"));
  }
  fd_ = open(part_path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd_ < 0) return Failed(errno, part_path_);
  header_ = std::move(header);
  bytes_ = text->substr(line + 1);
  return absl::OkStatus();
}

absl::Status PartialFile::Begin(const content::v1::BundleHeader& header) {
  if (header.size_bytes() < 0 || header.size_bytes() > static_cast<int64_t>(kMaxBundleBytes))
    return absl::DataLossError("the server announces more than a pack can have");
  if (fd_ >= 0) close(fd_);
  fd_ = open(part_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, kMode);
  if (fd_ < 0) return Failed(errno, part_path_);
  header_ = header;
  bytes_.clear();
  return WriteAll(fd_, ToJson(header) + "\n", part_path_);
}

absl::Status PartialFile::Append(absl::string_view bytes) {
  if (bytes_.size() + bytes.size() > static_cast<size_t>(header_.size_bytes()))
    return absl::DataLossError("more came than the server announced");
  RETURN_IF_ERROR(WriteAll(fd_, bytes, part_path_));
  absl::StrAppend(&bytes_, bytes);
  return absl::OkStatus();
}

void PartialFile::Drop() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
  unlink(part_path_.c_str());
  header_.Clear();
  bytes_.clear();
}

bool PartialFile::IsWhole() const {
  return static_cast<int64_t>(bytes_.size()) == header_.size_bytes() &&
         content::Sha256Hex(bytes_) == header_.sha256();
}

absl::Status PartialFile::Finish() {
  RETURN_IF_ERROR(auth::WriteSmallFile(path_, bytes_, kMode, auth::IfPresent::kReplace));
  Drop();
  return absl::OkStatus();
}

}  // namespace greenroom::cli
