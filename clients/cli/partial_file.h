// A download that may break off: FILE.part until FILE is whole.
#ifndef GREENROOM_CLIENTS_CLI_PARTIAL_FILE_H_
#define GREENROOM_CLIENTS_CLI_PARTIAL_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "greenroom/content/v1/content_service.pb.h"

namespace greenroom::cli {

// FILE.part is the bundle's header as one line of protobuf JSON, and then what has come of the bundle, so that another
// run knows what it goes on with. Every piece is with the system when Append returns. Not thread-safe; two processes
// that download to one FILE at once get in each other's way, which the digest finds.
class PartialFile {
 public:
  explicit PartialFile(std::string path);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  // Takes up what an earlier run has left; nothing is not an error. INVALID_ARGUMENT where FILE.part is something else,
  // which is not touched; so is every file that cannot be read or written.
  absl::Status Load();

  // What the bytes are a part of; without a sha256 where there is nothing yet.
  const content::v1::BundleHeader& header() const { return header_; }
  const std::string& bytes() const { return bytes_; }

  // Begins anew with nothing. DATA_LOSS where the header announces more than a bundle can have.
  absl::Status Begin(const content::v1::BundleHeader& header);
  // DATA_LOSS where that is more than the header announces.
  absl::Status Append(absl::string_view bytes);
  // Forgets everything and removes FILE.part.
  void Drop();

  // Whether the bytes are the whole bundle that the header announces.
  bool IsWhole() const;
  // Puts FILE there, whole or not at all, and removes FILE.part. Only where IsWhole.
  absl::Status Finish();

 private:
  std::string path_, part_path_;
  int fd_ = -1;
  content::v1::BundleHeader header_;
  std::string bytes_;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_PARTIAL_FILE_H_
