#include "services/content/authoring_service.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/page_token.h"
#include "services/base/resource_name.h"
#include "services/base/rpc.h"
#include "services/base/status.h"
#include "services/base/text.h"
#include "services/base/uuid.h"
#include "services/content/domain/digest.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/domain/pack_summary.h"
#include "services/content/domain/pack_writer.h"
#include "services/content/domain/page_reader.h"
#include "services/content/domain/reference_check.h"
#include "services/content/domain/revision.h"
#include "services/content/errors.h"

namespace greenroom::content {
namespace {

using Outcome = WriteResult::Outcome;

constexpr size_t kMaxSourceBytes = 4 << 20;
constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 200;
// How often a publication begins again because the draft has changed under it.
constexpr int kPublishTries = 3;

std::string SourceProblem(const std::string& source) {
  if (source.empty()) return "must not be empty";
  return source.size() > kMaxSourceBytes ? "has more than 4 MiB" : "";
}

absl::Status Validate(const v1::ImportPackRequest& request) {
  FieldErrors errors;
  const bool page = request.format() == v1::PACK_FORMAT_PAGE;
  if (!page && request.format() != v1::PACK_FORMAT_YAML) errors.Check("format", "must be YAML or PAGE");
  errors.Check("source", SourceProblem(request.source()));
  if (page) errors.Check("pack", IdProblem(request.pack()));
  if (!page && !request.pack().empty())
    errors.Check("pack", "belongs to format PAGE: a YAML source names its pack");
  const bool id_needed = !request.validate_only() || !request.request_id().empty();
  if (id_needed) errors.Check("request_id", UuidProblem(request.request_id()));
  return errors.ToStatus();
}

ReadResult ReadSource(const v1::ImportPackRequest& request) {
  return request.format() == v1::PACK_FORMAT_PAGE ? ReadPage(request.source(), request.pack())
                                                  : ReadPack(request.source());
}

void AddIssues(std::vector<v1::Issue> issues, google::protobuf::RepeatedPtrField<v1::Issue>* to) {
  for (v1::Issue& issue : issues) *to->Add() = std::move(issue);
}

}  // namespace

ContentAuthoringService::ContentAuthoringService(const RpcRuntime& runtime, const MethodTable& methods,
                                                 PackStore& store, Catalogue& catalogue, PackGrader& grader,
                                                 const Clock& clock)
    : runtime_(runtime),
      methods_(methods),
      store_(store),
      catalogue_(catalogue),
      grader_(grader),
      clock_(clock) {}

ContentAuthoringService::~ContentAuthoringService() = default;

Task<absl::StatusOr<v1::ImportPackResponse>> ContentAuthoringService::HandleImportPack(
    Call& call, const v1::ImportPackRequest& request) {
  const Caller& caller = call.caller();
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target, Resolve(kTenantPattern, request.parent(), "parent", caller));
  ReadResult read = ReadSource(request);
  v1::ImportPackResponse response;
  if (request.validate_only()) {
    *response.mutable_pack() = PackSummary(read.pack);
    if (IsId(read.pack.pack()))
      response.mutable_pack()->set_name(FormatName(kPackPattern, {target.tenant, read.pack.pack()}));
    AddIssues(std::move(read.issues), response.mutable_issues());
    *response.mutable_content() = std::move(read.pack);
    co_return response;
  }
  if (!read.ok()) co_return error::PackInvalid(read.issues);
  RequestKey key{*CanonicalUuid(request.request_id()),
                 DigestOf({"ImportPack", target.tenant, absl::StrCat(static_cast<int>(request.format())),
                           request.source(), request.pack()})};
  const std::string revision = RevisionId(read.pack);
  ASSIGN_OR_CO_RETURN(const WriteResult saved,
                      store_.SaveDraft(caller, std::move(read.pack), revision, 0, std::move(key),
                                       clock_.Now(), call.deadline()));
  if (saved.outcome == Outcome::kIdReused) co_return error::IdReused(request.request_id());
  if (saved.outcome == Outcome::kPackDeleted) {
    co_return error::PackDeleted(FormatName(kPackPattern, {target.tenant, saved.pack.pack}));
  }
  catalogue_.Apply(caller, saved);
  *response.mutable_pack() = PackResource(caller, saved.pack);
  AddIssues(std::move(read.issues), response.mutable_issues());
  response.set_replayed(saved.outcome == Outcome::kReplayed);
  co_return response;
}

Task<absl::StatusOr<PackRecord>> ContentAuthoringService::FindPack(Call& call, const Target& target) {
  ASSIGN_OR_CO_RETURN(std::optional<PackRecord> pack,
                      store_.GetPack(call.caller(), target.pack, call.deadline()));
  if (!pack) co_return error::PackNotFound(target.PackName());
  co_return *std::move(pack);
}

Task<absl::StatusOr<v1::PackContent>> ContentAuthoringService::FindContent(Call& call, const Target& target) {
  ASSIGN_OR_CO_RETURN(const PackRecord pack, FindPack(call, target));
  if (target.revision.empty() && !pack.draft.empty()) {
    ASSIGN_OR_CO_RETURN(std::optional<v1::PackContent> draft,
                        store_.GetDraft(call.caller(), target.pack, call.deadline()));
    if (draft) co_return *std::move(draft);  // else it has just been published
  }
  const bool current = target.revision.empty() || target.revision == kCurrentRevision;
  Target revision = target;
  if (current) revision.revision = pack.current.empty() ? pack.draft : pack.current;
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const v1::PackContent> content,
                      catalogue_.Revision(call.caller(), target.pack, revision.revision, call.deadline()));
  if (content == nullptr) co_return error::RevisionNotFound(revision.RevisionName());
  co_return *content;
}

Task<absl::StatusOr<v1::CheckPackResponse>> ContentAuthoringService::Check(Call& call,
                                                                           const v1::PackContent& pack,
                                                                           const PlaceMap& places,
                                                                           std::vector<v1::Issue> issues) {
  const CheckPlan plan = PlanCheck(pack);
  absl::StatusOr<Grading> grading = co_await grader_.Grade(call.caller(), plan, call.Outgoing());
  if (!grading.ok()) co_return error::OfScoring(grading.status());
  if (grading->rejected_question < 0) co_return EvaluateCheck(pack, plan, grading->reports, places, issues);
  IssueList rejected;
  const std::string path = absl::StrCat("questions[", grading->rejected_question, "]");
  rejected.Error("not-gradable", places.Find(path), path,
                 absl::StrCat("the grader refuses this: ", grading->rejection));
  v1::CheckPackResponse response;
  AddIssues(std::move(issues), response.mutable_issues());
  AddIssues(rejected.TakeSorted(), response.mutable_issues());
  co_return response;
}

Task<absl::StatusOr<v1::CheckPackResponse>> ContentAuthoringService::HandleCheckPack(
    Call& call, const v1::CheckPackRequest& request) {
  if (!request.source().empty()) {
    ASSIGN_OR_CO_RETURN_NOW(const Target target,
                            Resolve(kTenantPattern, request.name(), "name", call.caller()));
    if (std::string problem = SourceProblem(request.source()); !problem.empty())
      co_return InvalidField("source", problem);
    ReadResult read = ReadPack(request.source());
    if (read.ok()) {
      auto checked = co_await Check(call, read.pack, read.places, std::move(read.issues));
      co_return checked;
    }
    v1::CheckPackResponse response;
    AddIssues(std::move(read.issues), response.mutable_issues());
    co_return response;
  }
  ASSIGN_OR_CO_RETURN_NOW(const Target target, ResolvePackOrRevision(request.name(), "name", call.caller()));
  ASSIGN_OR_CO_RETURN(const v1::PackContent content, FindContent(call, target));
  // What the reader would warn of; the author's lines are not known any more.
  IssueList warnings;
  CheckReferences(content, {}, warnings);
  auto checked = co_await Check(call, content, {}, warnings.TakeSorted());
  co_return checked;
}

Task<absl::StatusOr<WriteResult>> ContentAuthoringService::PublishDraft(Call& call, const Target& target,
                                                                        const std::string& etag,
                                                                        RequestKey key) {
  ASSIGN_OR_CO_RETURN(const PackRecord pack, FindPack(call, target));
  WriteResult refused;
  refused.pack = pack;
  if (pack.delete_time) {
    refused.outcome = Outcome::kPackDeleted;
    co_return refused;
  }
  if (!etag.empty() && etag != EtagOf(pack)) {
    refused.outcome = Outcome::kEtagMismatch;
    co_return refused;
  }
  if (pack.draft.empty()) {
    refused.outcome = Outcome::kNothingToPublish;
    co_return refused;
  }
  ASSIGN_OR_CO_RETURN(const std::optional<v1::PackContent> draft,
                      store_.GetDraft(call.caller(), target.pack, call.deadline()));
  if (!draft || RevisionId(*draft) != pack.draft) {
    refused.outcome = Outcome::kDraftChanged;
    co_return refused;
  }
  ASSIGN_OR_CO_RETURN(const v1::CheckPackResponse checked, Check(call, *draft, {}, {}));
  if (!checked.passed()) co_return error::PackCheckFailed(target.PackName(), checked);
  auto published =
      co_await store_.Publish(call.caller(), target.pack, pack.draft, etag.empty() ? 0 : pack.version,
                              std::move(key), clock_.Now(), call.deadline());
  co_return published;
}

Task<absl::StatusOr<v1::Revision>> ContentAuthoringService::HandlePublishPack(
    Call& call, const v1::PublishPackRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target target, Resolve(kPackPattern, request.name(), "name", caller));
  if (std::string problem = UuidProblem(request.request_id()); !problem.empty()) {
    co_return InvalidField("request_id", problem);
  }
  const RequestKey key{*CanonicalUuid(request.request_id()),
                       DigestOf({"PublishPack", target.PackName(), request.etag()})};
  // A request that was carried out is not checked again: its draft is gone.
  ASSIGN_OR_CO_RETURN(const std::optional<WriteResult> before,
                      store_.FindRequest(caller, key, call.deadline()));
  WriteResult result;
  if (before) {
    result = *before;
  } else {
    for (int attempt = 0; attempt < kPublishTries; ++attempt) {
      ASSIGN_OR_CO_RETURN(result, PublishDraft(call, target, request.etag(), key));
      if (result.outcome != Outcome::kDraftChanged) break;
    }
  }
  switch (result.outcome) {
    case Outcome::kWritten:
    case Outcome::kReplayed:
      catalogue_.Apply(caller, result);
      co_return RevisionResource(caller, result.pack, result.revision);
    case Outcome::kIdReused:
      co_return error::IdReused(request.request_id());
    case Outcome::kPackNotFound:
      co_return error::PackNotFound(request.name());
    case Outcome::kPackDeleted:
      co_return error::PackDeleted(target.PackName());
    case Outcome::kNothingToPublish:
      co_return error::NothingToPublish(target.PackName());
    case Outcome::kEtagMismatch:
    case Outcome::kDraftChanged:
    case Outcome::kNotDeleted:
      break;
  }
  co_return error::EtagMismatch(target.PackName(), EtagOf(result.pack));
}

Task<absl::StatusOr<v1::ListRevisionsResponse>> ContentAuthoringService::HandleListRevisions(
    Call& call, const v1::ListRevisionsRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target target, Resolve(kPackPattern, request.parent(), "parent", caller));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultPage, kMaxPage));
  const std::vector<std::string> binding = {"ListRevisions", target.PackName()};
  ASSIGN_OR_CO_RETURN_NOW(const std::string cursor, DecodePageToken(binding, request.page_token()));
  int64_t before = std::numeric_limits<int64_t>::max();
  if (!cursor.empty() && !absl::SimpleAtoi(cursor, &before)) co_return error::PageTokenInvalid();
  ASSIGN_OR_CO_RETURN(const PackRecord pack, FindPack(call, target));
  // One more than is shown, to know whether there is a next page.
  ASSIGN_OR_CO_RETURN(const std::vector<RevisionRecord> revisions,
                      store_.ListRevisions(caller, target.pack, before, size + 1, call.deadline()));
  v1::ListRevisionsResponse response;
  for (const RevisionRecord& revision : revisions) {
    if (response.revisions_size() == size) {
      const int64_t last = response.revisions(size - 1).change_number();
      response.set_next_page_token(EncodePageToken(binding, absl::StrCat(last)));
      break;
    }
    *response.add_revisions() = RevisionResource(caller, pack, revision);
  }
  co_return response;
}

Task<absl::StatusOr<v1::ExportPackResponse>> ContentAuthoringService::HandleExportPack(
    Call& call, const v1::ExportPackRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const Target target, ResolvePackOrRevision(request.name(), "name", call.caller()));
  ASSIGN_OR_CO_RETURN(const v1::PackContent content, FindContent(call, target));
  v1::ExportPackResponse response;
  response.set_source(WritePack(content));
  response.set_revision(RevisionId(content));
  co_return response;
}

#define GREENROOM_AUTHORING_RPC(Method, Request, Response)                                             \
  grpc::ServerUnaryReactor* ContentAuthoringService::Method(                                           \
      grpc::CallbackServerContext* context, const v1::Request* request, v1::Response* response) {      \
    return ServeUnary(runtime_, methods_.Get("greenroom.content.v1.ContentAuthoringService/" #Method), \
                      context, request, response,                                                      \
                      [this, request](Call& call) { return Handle##Method(call, *request); });         \
  }
GREENROOM_AUTHORING_RPC(ImportPack, ImportPackRequest, ImportPackResponse)
GREENROOM_AUTHORING_RPC(CheckPack, CheckPackRequest, CheckPackResponse)
GREENROOM_AUTHORING_RPC(PublishPack, PublishPackRequest, Revision)
GREENROOM_AUTHORING_RPC(ListRevisions, ListRevisionsRequest, ListRevisionsResponse)
GREENROOM_AUTHORING_RPC(ExportPack, ExportPackRequest, ExportPackResponse)
GREENROOM_AUTHORING_RPC(UpdatePack, UpdatePackRequest, Pack)
GREENROOM_AUTHORING_RPC(DeletePack, DeletePackRequest, Pack)
GREENROOM_AUTHORING_RPC(UndeletePack, UndeletePackRequest, Pack)
#undef GREENROOM_AUTHORING_RPC

}  // namespace greenroom::content
