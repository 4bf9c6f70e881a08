#include "services/content/methods.h"

#include "absl/strings/str_cat.h"

namespace greenroom::content {
namespace {

constexpr RoleSet kEveryone = {Role::kLearner, Role::kAuthor, Role::kInstructor, Role::kOperator,
                               Role::kService};
constexpr RoleSet kWrites = {Role::kAuthor, Role::kOperator};
constexpr RoleSet kReadsSources = {Role::kAuthor, Role::kOperator, Role::kInstructor, Role::kService};

MethodPolicy Read(absl::string_view name, RoleSet roles, AdmissionClass admission) {
  MethodPolicy policy;
  policy.full_name = absl::StrCat("greenroom.content.v1.", name);
  policy.roles = roles;
  policy.admission = admission;
  policy.default_deadline = absl::Seconds(5);
  policy.max_deadline = absl::Seconds(10);
  return policy;
}

// Takes a source or grades a whole pack.
MethodPolicy Heavy(absl::string_view name) {
  MethodPolicy policy = Read(name, kWrites, AdmissionClass::kBulk);
  policy.default_deadline = absl::Seconds(30);
  policy.max_deadline = absl::Seconds(60);
  policy.max_request_bytes = kMaxSourceMessageBytes;
  return policy;
}

MethodPolicy Write(absl::string_view name) {
  MethodPolicy policy = Read(name, kWrites, AdmissionClass::kBulk);
  policy.max_deadline = absl::Seconds(30);
  return policy;
}

// As long as a slow line takes for a pack of some MiB; a download that breaks off goes on where it was.
MethodPolicy Download(absl::string_view name) {
  MethodPolicy policy = Read(name, kEveryone, AdmissionClass::kStream);
  policy.default_deadline = absl::Seconds(60);
  policy.max_deadline = absl::Seconds(120);
  return policy;
}

}  // namespace

std::vector<MethodPolicy> ContentMethods() {
  return {
      Read("ContentService/ListPacks", kEveryone, AdmissionClass::kRead),
      Read("ContentService/GetPack", kEveryone, AdmissionClass::kRead),
      Read("ContentService/ListQuestions", kEveryone, AdmissionClass::kRead),
      Read("ContentService/GetQuestion", kEveryone, AdmissionClass::kRead),
      Read("ContentService/SearchQuestions", kEveryone, AdmissionClass::kRead),
      Read("ContentService/ListPackChanges", kEveryone, AdmissionClass::kRead),
      Download("ContentService/DownloadPack"),
      Heavy("ContentAuthoringService/ImportPack"),
      Heavy("ContentAuthoringService/CheckPack"),
      Heavy("ContentAuthoringService/PublishPack"),
      Read("ContentAuthoringService/ListRevisions", kReadsSources, AdmissionClass::kRead),
      Read("ContentAuthoringService/ExportPack", kReadsSources, AdmissionClass::kBulk),
      Write("ContentAuthoringService/UpdatePack"),
      Write("ContentAuthoringService/DeletePack"),
      Write("ContentAuthoringService/UndeletePack"),
  };
}

}  // namespace greenroom::content
