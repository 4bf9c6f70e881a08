// Packs and grading on this machine, without a server: the services' own code.
#ifndef GREENROOM_CLIENTS_CLI_LOCAL_PACKS_H_
#define GREENROOM_CLIENTS_CLI_LOCAL_PACKS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"
#include "services/content/domain/pack_reader.h"
#include "services/scoring/domain/compile.h"

namespace greenroom::cli {

// Reads a pack from a file, or from a directory whose *.yaml files are merged by id. An error only where the file cannot
// be read; what is wrong with the pack is in the result.
absl::StatusOr<content::ReadResult> ReadPackAt(const std::string& path);

// The packs that come with the program and those of more directories; questions are compiled once. Not thread-safe.
class LocalPacks {
 public:
  // Each *.yaml file of `directory` is a pack, each directory in it one pack of several files. A pack here hides a
  // shipped one of its id. INVALID_ARGUMENT with the first errors of a pack that has any.
  absl::Status Add(const std::string& directory);

  // NOT_FOUND where there is no such pack or question; INVALID_ARGUMENT where it cannot be graded. Valid as long as this.
  absl::StatusOr<const scoring::CompiledQuestion*> Find(const std::string& pack, const std::string& question);

 private:
  absl::StatusOr<const content::v1::PackContent*> FindPack(const std::string& id);

  std::map<std::string, content::v1::PackContent> packs_;
  std::map<std::pair<std::string, std::string>, scoring::CompiledQuestion> compiled_;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_LOCAL_PACKS_H_
