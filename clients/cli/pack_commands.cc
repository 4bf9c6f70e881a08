// packs, show, import, export, publish: the catalogue.
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/layout.h"
#include "clients/cli/peer.h"
#include "clients/cli/session_text.h"
#include "greenroom/content/v1/authoring_service.grpc.pb.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "services/base/auth/small_file.h"
#include "services/base/status.h"
#include "services/base/task.h"
#include "services/content/domain/issue.h"
#include "services/content/packs/shipped_packs.h"

namespace greenroom::cli {
namespace {

using namespace content::v1;  // NOLINT: the API's messages are this file's vocabulary
using ContentStub = ContentService::StubInterface;
using AuthoringStub = ContentAuthoringService::StubInterface;

constexpr size_t kMaxPackBytes = size_t{4} << 20;

std::string PackName(absl::string_view id) { return absl::StrCat("tenants/-/packs/", id); }

absl::StatusOr<std::vector<Question>> AllQuestions(Peer& peer, ContentStub& stub, const std::string& parent) {
  std::vector<Question> questions;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    ListQuestionsRequest request;
    request.set_parent(parent);
    request.set_page_token(token);
    ASSIGN_OR_RETURN(ListQuestionsResponse response,
                     peer.Call(stub, &ContentStub::ListQuestions, request, kQuickCall));
    for (Question& question : *response.mutable_questions()) questions.push_back(std::move(question));
    return response.next_page_token();
  }));
  return questions;
}

// Issues on standard error, so that they never mix with a result.
void TellIssues(const Invocation& invocation, const google::protobuf::RepeatedPtrField<Issue>& issues) {
  if (invocation.json()) return;
  for (const Issue& issue : issues) {
    invocation.Note(absl::StrCat(issue.severity() == SEVERITY_ERROR ? "error: " : "warning: ",
                                 Printable(content::IssueText(issue))));
  }
}

struct ImportOptions {
  std::string source;
  PackFormat format = PACK_FORMAT_YAML;
  std::string pack;
  bool validate_only = false;
};

absl::StatusOr<ImportPackResponse> Import(const Invocation& invocation, Peer& peer, AuthoringStub& stub,
                                          ImportOptions options) {
  ImportPackRequest request;
  request.set_parent("tenants/-");
  request.set_format(options.format);
  request.set_source(std::move(options.source));
  request.set_pack(options.pack);
  request.set_validate_only(options.validate_only);
  if (!options.validate_only) request.set_request_id(invocation.world().rng.Uuid());
  ASSIGN_OR_RETURN(ImportPackResponse response,
                   peer.Call(stub, &AuthoringStub::ImportPack, request, kLongCall));
  invocation.Reply(response);
  TellIssues(invocation, response.issues());
  return response;
}

absl::Status Publish(const Invocation& invocation, Peer& peer, AuthoringStub& stub, const std::string& pack,
                     const std::string& etag) {
  PublishPackRequest request;
  request.set_name(pack);
  request.set_etag(etag);
  request.set_request_id(invocation.world().rng.Uuid());
  ASSIGN_OR_RETURN(const Revision revision, peer.Call(stub, &AuthoringStub::PublishPack, request, kLongCall));
  invocation.Reply(revision);
  invocation.Say(absl::StrCat("Published ", IdIn(revision.name(), "packs"), " as revision ",
                              IdIn(revision.name(), "revisions"), "."));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> RunPacks(Invocation& invocation, const std::vector<std::string>& words) {
  bool deleted = false;
  invocation.arguments().Switch("deleted", &deleted, "also deleted packs; for authors");
  RETURN_IF_ERROR(invocation.Parse(words));
  const Role role = deleted ? Role::kAuthor : Role::kLearner;
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, role));
  const auto stub = ContentService::NewStub(peer.channel());
  int count = 0;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    ListPacksRequest request;
    request.set_parent("tenants/-");
    request.set_page_token(token);
    request.set_show_deleted(deleted);
    ASSIGN_OR_RETURN(const ListPacksResponse response,
                     peer.Call<ContentStub>(*stub, &ContentStub::ListPacks, request));
    for (const Pack& pack : response.packs()) {
      ++count;
      invocation.Reply(pack);
      invocation.Say(RenderPack(pack, invocation.page()));
    }
    return response.next_page_token();
  }));
  if (count == 0)
    invocation.Say("No packs yet. `greenroom publish --shipped` publishes those that come with the program.");
  return kExitOk;
}

absl::StatusOr<int> RunShow(Invocation& invocation, const std::vector<std::string>& words) {
  std::string id;
  invocation.arguments().Word("PACK", &id);
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, Role::kLearner));
  const auto stub = ContentService::NewStub(peer.channel());
  GetPackRequest request;
  request.set_name(PackName(id));
  ASSIGN_OR_RETURN(const Pack pack, peer.Call<ContentStub>(*stub, &ContentStub::GetPack, request));
  std::vector<Question> questions;
  if (!pack.revision().empty()) {
    ASSIGN_OR_RETURN(questions, AllQuestions(peer, *stub, pack.revision()));
  }
  invocation.Reply(pack);
  for (const Question& question : questions) invocation.Reply(question);
  invocation.Say(RenderPackInFull(pack, questions, invocation.page()));
  return kExitOk;
}

absl::StatusOr<int> RunImport(Invocation& invocation, const std::vector<std::string>& words) {
  std::string file, page_pack;
  bool validate_only = false;
  invocation.arguments().Word("FILE", &file);
  invocation.arguments().Text("page", "PACK", &page_pack, "FILE is a plain page; read it as this pack");
  invocation.arguments().Switch("validate-only", &validate_only, "read and report, store nothing");
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(std::string source, auth::ReadSmallFile(file, kMaxPackBytes));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, Role::kAuthor));
  const auto stub = ContentAuthoringService::NewStub(peer.channel());
  ASSIGN_OR_RETURN(const ImportPackResponse response,
                   Import(invocation, peer, *stub,
                          {.source = std::move(source),
                           .format = page_pack.empty() ? PACK_FORMAT_YAML : PACK_FORMAT_PAGE,
                           .pack = page_pack,
                           .validate_only = validate_only}));
  const std::vector<Issue> issues(response.issues().begin(), response.issues().end());
  if (content::HasErrors(issues)) return kExitFailed;
  const std::string id = IdIn(response.pack().name(), "packs");
  invocation.Say(validate_only
                     ? absl::StrCat(id, ": ", response.pack().question_count(), " questions, nothing stored.")
                     : absl::StrCat("Imported ", id, " as a draft with ", response.pack().question_count(),
                                    " questions. `greenroom publish ", id, "` makes it current."));
  return kExitOk;
}

absl::StatusOr<int> RunExport(Invocation& invocation, const std::vector<std::string>& words) {
  std::string id, revision;
  invocation.arguments().Word("PACK", &id);
  invocation.arguments().Text("revision", "ID", &revision, "this revision [the draft, else the current one]");
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, Role::kAuthor));
  const auto stub = ContentAuthoringService::NewStub(peer.channel());
  ExportPackRequest request;
  request.set_name(revision.empty() ? PackName(id) : absl::StrCat(PackName(id), "/revisions/", revision));
  ASSIGN_OR_RETURN(const ExportPackResponse response,
                   peer.Call<AuthoringStub>(*stub, &AuthoringStub::ExportPack, request, kLongCall));
  invocation.Reply(response);
  if (!invocation.json()) invocation.Print(response.source());
  return kExitOk;
}

absl::StatusOr<int> RunPublish(Invocation& invocation, const std::vector<std::string>& words) {
  std::string id;
  bool shipped = false;
  invocation.arguments().OptionalWord("PACK", &id);
  invocation.arguments().Switch("shipped", &shipped,
                                "import and publish the packs that come with the program");
  RETURN_IF_ERROR(invocation.Parse(words));
  if (shipped != id.empty()) return absl::InvalidArgumentError("name a PACK, or give --shipped");
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, Role::kAuthor));
  const auto stub = ContentAuthoringService::NewStub(peer.channel());
  if (!shipped) {
    RETURN_IF_ERROR(Publish(invocation, peer, *stub, PackName(id), ""));
    return kExitOk;
  }
  for (const content::ShippedPack& pack : content::ShippedPacks()) {
    const absl::StatusOr<ImportPackResponse> imported =
        Import(invocation, peer, *stub, {.source = std::string(pack.yaml), .pack = ""});
    if (ReasonOf(imported.status()) == "PACK_DELETED") {
      // Somebody's decision, which a start of the services does not undo.
      invocation.Say(
          absl::StrCat(pack.id, " is deleted; `greenroom undelete ", pack.id, "` brings it back."));
      continue;
    }
    if (!imported.ok()) return imported.status();
    const absl::Status published =
        Publish(invocation, peer, *stub, imported->pack().name(), imported->pack().etag());
    if (ReasonOf(published) == "NOTHING_TO_PUBLISH") {
      invocation.Say(absl::StrCat(pack.id, " is current already."));
    } else if (!published.ok()) {
      return published;
    }
  }
  return kExitOk;
}

}  // namespace greenroom::cli
