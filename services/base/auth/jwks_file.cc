#include "services/base/auth/jwks_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/auth/small_file.h"
#include "services/base/task.h"

namespace greenroom::auth {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(1);
// Covers what a stat does not show: two versions of one size within one tick of the file system's clock.
constexpr absl::Duration kReadEvery = absl::Seconds(30);

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

JwksFile::JwksFile(std::string path, const Clock& clock, Listener listener)
    : path_(std::move(path)), clock_(clock), listener_(std::move(listener)) {}

absl::StatusOr<std::unique_ptr<JwksFile>> JwksFile::Open(std::string path, const Clock& clock,
                                                         Listener listener) {
  std::unique_ptr<JwksFile> file(new JwksFile(std::move(path), clock, std::move(listener)));
  absl::MutexLock refreshing(&file->refresh_mutex_);
  stat(file->path_.c_str(), &file->seen_);
  RETURN_IF_ERROR(file->Read());
  const absl::Duration now = clock.Monotonic();
  file->next_read_ = now + kReadEvery;
  absl::MutexLock lock(&file->mutex_);
  file->next_look_ = now + kLookEvery;
  return file;
}

std::shared_ptr<const Jwks> JwksFile::Current() {
  const absl::Duration now = clock_.Monotonic();
  {
    absl::MutexLock lock(&mutex_);
    if (now < next_look_) return keys_;
    next_look_ = now + kLookEvery;
  }
  {
    absl::MutexLock refreshing(&refresh_mutex_);
    Refresh(now);
  }
  absl::MutexLock lock(&mutex_);
  return keys_;
}

void JwksFile::Refresh(absl::Duration now) {
  struct stat found = {};
  stat(path_.c_str(), &found);  // of a missing file all zero, which is a change too
  if (SameFile(found, seen_) && now < next_read_) return;
  seen_ = found;
  next_read_ = now + kReadEvery;
  const std::optional<std::string> text_before = text_;
  const absl::Status status = Read();
  if (listener_ != nullptr && (status != told_ || text_ != text_before)) listener_(status);
  told_ = status;
}

absl::Status JwksFile::Read() {
  ASSIGN_OR_RETURN(std::string text, ReadSmallFile(path_, kMaxJwksBytes));
  if (text == text_) return absl::OkStatus();
  absl::StatusOr<Jwks> keys = Jwks::Parse(text);
  if (!keys.ok())
    return absl::Status(keys.status().code(), absl::StrCat(path_, ": ", keys.status().message()));
  if (keys->size() == 0) return absl::InvalidArgumentError(absl::StrCat(path_, ": no key for ES256 in it"));
  text_ = std::move(text);
  absl::MutexLock lock(&mutex_);
  keys_ = std::make_shared<const Jwks>(*std::move(keys));
  return absl::OkStatus();
}

}  // namespace greenroom::auth
