#include "clients/cli/local_packs.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/layout.h"
#include "services/base/auth/small_file.h"
#include "services/base/task.h"
#include "services/content/domain/question_view.h"
#include "services/content/packs/shipped_packs.h"

namespace greenroom::cli {
namespace {

constexpr size_t kMaxPackBytes = size_t{4} << 20;
constexpr int kMaxErrorsTold = 5;

bool IsDirectory(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool IsYaml(absl::string_view name) { return absl::EndsWith(name, ".yaml") || absl::EndsWith(name, ".yml"); }

// Names in a directory, sorted, without hidden ones.
absl::StatusOr<std::vector<std::string>> Entries(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), &closedir);
  if (open == nullptr)
    return absl::InvalidArgumentError(absl::StrCat("cannot read the directory ", directory));
  std::vector<std::string> names;
  while (const dirent* const entry = readdir(open.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status FirstErrors(const std::string& path, const content::ReadResult& result) {
  std::string text = absl::StrCat(path, " is not a valid pack");
  int told = 0;
  for (const auto& issue : result.issues) {
    if (issue.severity() != content::v1::SEVERITY_ERROR || ++told > kMaxErrorsTold) continue;
    absl::StrAppend(&text, "; ", Printable(content::IssueText(issue)));
  }
  return absl::InvalidArgumentError(text);
}

}  // namespace

absl::StatusOr<content::ReadResult> ReadPackAt(const std::string& path) {
  if (!IsDirectory(path)) {
    ASSIGN_OR_RETURN(const std::string text, auth::ReadSmallFile(path, kMaxPackBytes));
    return content::ReadPack(text);
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, Entries(path));
  std::vector<content::PackSource> sources;
  for (const std::string& name : names) {
    if (!IsYaml(name)) continue;
    ASSIGN_OR_RETURN(std::string text, auth::ReadSmallFile(absl::StrCat(path, "/", name), kMaxPackBytes));
    sources.push_back({name, std::move(text)});
  }
  if (sources.empty()) return absl::InvalidArgumentError(absl::StrCat(path, " holds no .yaml file"));
  return content::ReadPack(sources);
}

absl::Status LocalPacks::Add(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, Entries(directory));
  for (const std::string& name : names) {
    const std::string path = absl::StrCat(directory, "/", name);
    if (!IsYaml(name) && !IsDirectory(path)) continue;
    ASSIGN_OR_RETURN(content::ReadResult result, ReadPackAt(path));
    if (!result.ok()) return FirstErrors(path, result);
    const std::string id = result.pack.pack();
    packs_[id] = std::move(result.pack);
  }
  return absl::OkStatus();
}

absl::StatusOr<const content::v1::PackContent*> LocalPacks::FindPack(const std::string& id) {
  const auto found = packs_.find(id);
  if (found != packs_.end()) return &found->second;
  for (const content::ShippedPack& shipped : content::ShippedPacks()) {
    if (shipped.id != id) continue;
    content::ReadResult result = content::ReadPack(shipped.yaml);
    if (!result.ok()) return FirstErrors(id, result);
    return &(packs_[id] = std::move(result.pack));
  }
  return absl::NotFoundError(absl::StrCat("no pack \"", Printable(id), "\""));
}

absl::StatusOr<const scoring::CompiledQuestion*> LocalPacks::Find(const std::string& pack_id,
                                                                  const std::string& question_id) {
  const std::pair<std::string, std::string> key(pack_id, question_id);
  if (const auto found = compiled_.find(key); found != compiled_.end()) return &found->second;
  ASSIGN_OR_RETURN(const content::v1::PackContent* const pack, FindPack(pack_id));
  for (const content::v1::Question& question : pack->questions()) {
    if (question.id() != question_id) continue;
    ASSIGN_OR_RETURN(scoring::CompiledQuestion compiled,
                     scoring::Compile(content::FullQuestion(*pack, question)));
    return &compiled_.emplace(key, std::move(compiled)).first->second;
  }
  return absl::NotFoundError(
      absl::StrCat("pack ", pack_id, " has no question \"", Printable(question_id), "\""));
}

}  // namespace greenroom::cli
