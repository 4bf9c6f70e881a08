// UpdatePack, DeletePack, UndeletePack.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/status.h"
#include "services/base/text.h"
#include "services/base/uuid.h"
#include "services/content/authoring_service.h"
#include "services/content/domain/canonical_json.h"
#include "services/content/domain/digest.h"
#include "services/content/domain/pack_edit.h"
#include "services/content/domain/revision.h"
#include "services/content/errors.h"

namespace greenroom::content {
namespace {

using Outcome = WriteResult::Outcome;

// How often an update without an etag begins again because the pack has changed under it.
constexpr int kUpdateTries = 3;

std::vector<std::string> PathsOf(const v1::UpdatePackRequest& request) {
  return {request.update_mask().paths().begin(), request.update_mask().paths().end()};
}

absl::Status Validate(const v1::UpdatePackRequest& request) {
  FieldErrors errors;
  const absl::Span<const absl::string_view> editable = EditablePaths();
  const std::vector<std::string> paths = PathsOf(request);
  if (paths.empty()) errors.Check("update_mask", "must name what is to be changed");
  for (size_t i = 0; i < paths.size(); ++i) {
    if (std::find(editable.begin(), editable.end(), paths[i]) != editable.end()) continue;
    errors.Check(absl::StrCat("update_mask.paths[", i, "]"),
                 absl::StrCat("must be one of ", absl::StrJoin(editable, ", ")));
  }
  v1::PackContent scratch;
  for (const EditProblem& problem : EditPack(request.pack(), paths, scratch))
    errors.Check(absl::StrCat("pack.", problem.path), problem.message);
  errors.Check("request_id", UuidProblem(request.request_id()));
  return errors.ToStatus();
}

// What an update means: the fields under the mask, whatever its order.
RequestKey KeyOf(const v1::UpdatePackRequest& request, const Target& target) {
  std::vector<std::string> paths = PathsOf(request);
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  v1::PackContent values;
  EditPack(request.pack(), paths, values);
  return {*CanonicalUuid(request.request_id()),
          DigestOf({"UpdatePack", target.PackName(), absl::StrJoin(paths, ","), CanonicalJsonOf(values),
                    request.etag()})};
}

}  // namespace

Task<absl::StatusOr<WriteResult>> ContentAuthoringService::EditDraft(Call& call, const Target& target,
                                                                     const v1::UpdatePackRequest& request,
                                                                     RequestKey key) {
  ASSIGN_OR_CO_RETURN(const PackRecord pack, FindPack(call, target));
  WriteResult refused;
  refused.pack = pack;
  if (pack.delete_time) {
    refused.outcome = Outcome::kPackDeleted;
    co_return refused;
  }
  if (!request.etag().empty() && request.etag() != EtagOf(pack)) {
    refused.outcome = Outcome::kEtagMismatch;
    co_return refused;
  }
  ASSIGN_OR_CO_RETURN(v1::PackContent content, FindContent(call, target));
  EditPack(request.pack(), PathsOf(request), content);
  Canonicalise(content);
  std::string revision = RevisionId(content);
  // If the draft was another one than this record's when it was read, the version is another one too.
  auto saved = co_await store_.SaveDraft(call.caller(), std::move(content), std::move(revision), pack.version,
                                         std::move(key), clock_.Now(), call.deadline());
  co_return saved;
}

Task<absl::StatusOr<v1::Pack>> ContentAuthoringService::HandleUpdatePack(
    Call& call, const v1::UpdatePackRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          Resolve(kPackPattern, request.pack().name(), "pack.name", caller));
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  const RequestKey key = KeyOf(request, target);
  // A request that was carried out is not looked at again: the pack may be deleted by now.
  ASSIGN_OR_CO_RETURN(const std::optional<WriteResult> before,
                      store_.FindRequest(caller, key, call.deadline()));
  WriteResult result;
  if (before) {
    result = *before;
  } else {
    for (int attempt = 0; attempt < kUpdateTries; ++attempt) {
      ASSIGN_OR_CO_RETURN(result, EditDraft(call, target, request, key));
      if (result.outcome != Outcome::kEtagMismatch || !request.etag().empty()) break;
    }
  }
  if (result.outcome == Outcome::kIdReused) co_return error::IdReused(request.request_id());
  if (result.outcome == Outcome::kPackNotFound) co_return error::PackNotFound(request.pack().name());
  if (result.outcome == Outcome::kPackDeleted) co_return error::PackDeleted(target.PackName());
  if (result.outcome == Outcome::kEtagMismatch)
    co_return error::EtagMismatch(target.PackName(), EtagOf(result.pack));
  catalogue_.Apply(caller, result);
  co_return PackResource(caller, result.pack);
}

Task<absl::StatusOr<v1::Pack>> ContentAuthoringService::HandleDeletePack(
    Call& call, const v1::DeletePackRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target target, Resolve(kPackPattern, request.name(), "name", caller));
  if (std::string problem = UuidProblem(request.request_id()); !problem.empty())
    co_return InvalidField("request_id", problem);
  RequestKey key{*CanonicalUuid(request.request_id()),
                 DigestOf({"DeletePack", target.PackName(), request.etag()})};
  ASSIGN_OR_CO_RETURN(const WriteResult result,
                      store_.SetDeleted(caller, target.pack, true, VersionOf(request.etag()), std::move(key),
                                        clock_.Now(), call.deadline()));
  if (result.outcome == Outcome::kIdReused) co_return error::IdReused(request.request_id());
  if (result.outcome == Outcome::kPackNotFound || result.outcome == Outcome::kPackDeleted)
    co_return error::PackNotFound(request.name());
  if (result.outcome == Outcome::kEtagMismatch)
    co_return error::EtagMismatch(target.PackName(), EtagOf(result.pack));
  catalogue_.Apply(caller, result);
  co_return PackResource(caller, result.pack);
}

Task<absl::StatusOr<v1::Pack>> ContentAuthoringService::HandleUndeletePack(
    Call& call, const v1::UndeletePackRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target target, Resolve(kPackPattern, request.name(), "name", caller));
  if (std::string problem = UuidProblem(request.request_id()); !problem.empty())
    co_return InvalidField("request_id", problem);
  RequestKey key{*CanonicalUuid(request.request_id()),
                 DigestOf({"UndeletePack", target.PackName(), request.etag()})};
  ASSIGN_OR_CO_RETURN(const WriteResult result,
                      store_.SetDeleted(caller, target.pack, false, VersionOf(request.etag()), std::move(key),
                                        clock_.Now(), call.deadline()));
  if (result.outcome == Outcome::kIdReused) co_return error::IdReused(request.request_id());
  if (result.outcome == Outcome::kPackNotFound) co_return error::PackNotFound(request.name());
  if (result.outcome == Outcome::kNotDeleted) co_return error::PackNotDeleted(target.PackName());
  if (result.outcome == Outcome::kEtagMismatch)
    co_return error::EtagMismatch(target.PackName(), EtagOf(result.pack));
  catalogue_.Apply(caller, result);
  co_return PackResource(caller, result.pack);
}

}  // namespace greenroom::content
