#include "clients/cli/home.h"

#include <dirent.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/base/auth/keys.h"
#include "services/base/auth/small_file.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 20;
constexpr char kDraftSuffix[] = ".draft";
constexpr char kSendingSuffix[] = ".sending";

// What is in a directory; nothing where there is none.
std::vector<std::string> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()), &closedir);
  if (directory == nullptr) return names;
  while (const dirent* const entry = readdir(directory.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace

Home::Home(const Invocation& invocation) : path_(invocation.Variable("GREENROOM_HOME")) {
  if (!path_.empty()) return;
  const std::string user_home = invocation.Variable("HOME");
  path_ = user_home.empty() ? ".greenroom" : absl::StrCat(user_home, "/.greenroom");
}

std::string Home::KeyPath() const { return absl::StrCat(path_, "/keys/", auth::kSigningKeyFile); }

std::string Home::Address(absl::string_view service) const {
  const absl::StatusOr<std::string> text =
      auth::ReadSmallFile(absl::StrCat(path_, "/", service, ".ports"), 4096);
  google::protobuf::Struct ports;
  if (!text.ok() || !google::protobuf::util::JsonStringToMessage(*text, &ports).ok()) return "";
  const auto port = ports.fields().find("port");
  if (port == ports.fields().end()) return "";
  return absl::StrCat("127.0.0.1:", static_cast<int>(port->second.number_value()));
}

KeptText::KeptText(const Home& home, absl::string_view session_id)
    : directory_(absl::StrCat(home.path(), "/practice/", session_id)) {}

std::optional<KeptText::Draft> KeptText::LoadDraft(absl::string_view question) const {
  const std::string path = absl::StrCat(directory_, "/", question, kDraftSuffix);
  absl::StatusOr<std::string> text = auth::ReadSmallFile(path, kMaxFileBytes);
  struct stat info = {};
  if (!text.ok() || text->empty() || stat(path.c_str(), &info) != 0) return std::nullopt;
  return Draft{.text = *std::move(text), .time = absl::TimeFromTimespec(info.st_mtim)};
}

absl::Status KeptText::SaveDraft(absl::string_view question, absl::string_view text) {
  const std::string path = absl::StrCat(directory_, "/", question, kDraftSuffix);
  if (text.empty()) {
    unlink(path.c_str());
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(auth::CreateDirectories(directory_, 0700));
  return auth::WriteSmallFile(path, text, 0600, auth::IfPresent::kReplace);
}

absl::Status KeptText::BeginSending(const session::v1::SubmitAnswerRequest& request) {
  RETURN_IF_ERROR(auth::CreateDirectories(directory_, 0700));
  return auth::WriteSmallFile(absl::StrCat(directory_, "/", request.answer_id(), kSendingSuffix),
                              request.SerializeAsString(), 0600, auth::IfPresent::kReplace);
}

void KeptText::EndSending(const session::v1::SubmitAnswerRequest& request) {
  unlink(absl::StrCat(directory_, "/", request.answer_id(), kSendingSuffix).c_str());
  rmdir(directory_.c_str());  // does nothing while there is something in it
}

std::vector<UnsentAnswer> UnsentAnswers(const Home& home) {
  std::vector<std::pair<absl::Time, UnsentAnswer>> found;
  const std::string practice = absl::StrCat(home.path(), "/practice");
  for (const std::string& session : NamesIn(practice)) {
    const std::string directory = absl::StrCat(practice, "/", session);
    for (const std::string& name : NamesIn(directory)) {
      if (!absl::EndsWith(name, kSendingSuffix)) continue;
      const std::string path = absl::StrCat(directory, "/", name);
      const absl::StatusOr<std::string> bytes = auth::ReadSmallFile(path, kMaxFileBytes);
      struct stat info = {};
      UnsentAnswer unsent{session, {}};
      if (!bytes.ok() || stat(path.c_str(), &info) != 0 || !unsent.request.ParseFromString(*bytes)) continue;
      found.emplace_back(absl::TimeFromTimespec(info.st_mtim), std::move(unsent));
    }
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first, a.second.request.answer_id()) <
           std::pair(b.first, b.second.request.answer_id());
  });
  std::vector<UnsentAnswer> unsent;
  unsent.reserve(found.size());
  for (auto& [time, answer] : found) unsent.push_back(std::move(answer));
  return unsent;
}

}  // namespace greenroom::cli
