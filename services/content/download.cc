// DownloadPack.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/base/status.h"
#include "services/content/domain/bundle.h"
#include "services/content/errors.h"
#include "services/content/service.h"

namespace greenroom::content {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;
constexpr size_t kDigestDigits = 64;

bool IsDigestDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

absl::Status Validate(const v1::DownloadPackRequest& request) {
  FieldErrors errors;
  if (request.offset() < 0) errors.Check("offset", "must not be negative");
  const std::string& digest = request.sha256();
  if (!digest.empty() &&
      (digest.size() != kDigestDigits || !std::all_of(digest.begin(), digest.end(), IsDigestDigit))) {
    errors.Check("sha256", "must be 64 lower-case hex digits");
  }
  return errors.ToStatus();
}

}  // namespace

Task<absl::Status> ContentService::HandleDownloadPack(Call& call, const v1::DownloadPackRequest& request,
                                                      ServerWriter<v1::DownloadPackResponse>& writer) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(Target target, ResolvePackOrRevision(request.name(), "name", caller));
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  if (target.revision.empty()) target.revision = std::string(kCurrentRevision);
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const PackRecord> pack,
                      catalogue_.Find(caller, target.pack, call.deadline()));
  if (pack == nullptr || !IsListed(caller, *pack)) co_return error::PackNotFound(request.name());
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const v1::PackContent> content, FindRevision(call, target));
  const bool exam =
      pack->summary.visibility() == v1::VISIBILITY_EXAM || content->visibility() == v1::VISIBILITY_EXAM;
  if (exam && !MayDownloadExams(caller)) co_return error::ExamDownloadForbidden();

  // An author who has become stricter means what was published before too.
  const v1::OfflinePolicy policy = StricterOf(content->offline(), pack->summary.offline());
  const BundleFile bundle = WriteBundle(MakeBundle(*content, target.RevisionName(), policy));
  if (!request.sha256().empty() && request.sha256() != bundle.sha256) {
    co_return error::BundleChanged(target.RevisionName(), bundle.sha256);
  }
  const size_t offset = static_cast<size_t>(request.offset());
  if (offset > bundle.json.size()) {
    co_return InvalidField("offset", absl::StrCat("is beyond the bundle's ", bundle.json.size(), " bytes"));
  }
  v1::DownloadPackResponse message;
  v1::BundleHeader& header = *message.mutable_header();
  header.set_revision(target.RevisionName());
  header.set_size_bytes(static_cast<int64_t>(bundle.json.size()));
  header.set_sha256(bundle.sha256);
  header.set_offline(policy);
  CO_RETURN_IF_ERROR(writer.Write(message));
  for (size_t at = offset; at < bundle.json.size(); at += kChunkBytes) {
    message.set_chunk(bundle.json.substr(at, kChunkBytes));
    CO_RETURN_IF_ERROR(writer.Write(message));
  }
  co_return absl::OkStatus();
}

}  // namespace greenroom::content
