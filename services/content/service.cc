#include "services/content/service.h"

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/page_token.h"
#include "services/base/rpc.h"
#include "services/base/status.h"
#include "services/content/errors.h"

namespace greenroom::content {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPackPage = 200;
constexpr int kMaxQuestionPage = 500;
constexpr size_t kMaxPageBytes = 3 << 20;

// Unknown values are those of a newer client: read as UNSPECIFIED.
bool IsFull(v1::QuestionView view) { return view == v1::QUESTION_VIEW_FULL; }

// Where a page of questions begins: in which revision, at which question.
struct QuestionCursor {
  std::string revision;
  int index = 0;
};

absl::StatusOr<QuestionCursor> ReadCursor(const std::vector<std::string>& binding, const std::string& token) {
  absl::StatusOr<std::string> text = DecodePageToken(binding, token);
  if (!text.ok()) return text.status();
  QuestionCursor cursor;
  if (text->empty()) return cursor;
  const std::vector<std::string> parts = absl::StrSplit(*text, '/');
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &cursor.index) || cursor.index < 0) {
    return error::PageTokenInvalid();
  }
  cursor.revision = parts[0];
  return cursor;
}

}  // namespace

ContentService::ContentService(const RpcRuntime& runtime, const MethodTable& methods, Catalogue& catalogue)
    : runtime_(runtime), methods_(methods), catalogue_(catalogue), indexes_(catalogue) {}

ContentService::~ContentService() = default;

Task<absl::StatusOr<v1::ListPacksResponse>> ContentService::HandleListPacks(
    Call& call, const v1::ListPacksRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target target, Resolve(kTenantPattern, request.parent(), "parent", caller));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultPage, kMaxPackPage));
  const bool deleted_too = request.show_deleted() && MaySeeDeleted(caller);
  std::vector<std::string> binding = {"ListPacks", target.tenant};
  if (deleted_too) binding.emplace_back("deleted too");
  ASSIGN_OR_CO_RETURN_NOW(const std::string after, DecodePageToken(binding, request.page_token()));
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const Catalogue::Packs> packs,
                      catalogue_.List(caller, call.deadline()));
  v1::ListPacksResponse response;
  std::string last;
  for (auto it = packs->upper_bound(after); it != packs->end(); ++it) {
    if (!(deleted_too ? MaySee(caller, *it->second) : IsListed(caller, *it->second))) continue;
    if (response.packs_size() == size) {
      response.set_next_page_token(EncodePageToken(binding, last));
      break;
    }
    *response.add_packs() = PackResource(caller, *it->second);
    last = it->first;
  }
  co_return response;
}

Task<absl::StatusOr<v1::Pack>> ContentService::HandleGetPack(Call& call, const v1::GetPackRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target target, Resolve(kPackPattern, request.name(), "name", caller));
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const PackRecord> pack,
                      catalogue_.Find(caller, target.pack, call.deadline()));
  if (pack == nullptr || !MaySee(caller, *pack)) co_return error::PackNotFound(request.name());
  co_return PackResource(caller, *pack);
}

Task<absl::StatusOr<std::shared_ptr<const v1::PackContent>>> ContentService::FindRevision(Call& call,
                                                                                          Target& target) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const PackRecord> pack,
                      catalogue_.Find(caller, target.pack, call.deadline()));
  if (pack == nullptr) co_return error::PackNotFound(target.PackName());
  // Sessions that run have pinned a revision, and go on.
  const bool pinned = pack->delete_time && target.revision != kCurrentRevision && !pack->current.empty() &&
                      caller.roles.Has(Role::kService);
  if (!pinned && !MaySee(caller, *pack)) co_return error::PackNotFound(target.PackName());
  if (target.revision == kCurrentRevision && !pack->current.empty()) target.revision = pack->current;
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const v1::PackContent> content,
                      catalogue_.Revision(caller, target.pack, target.revision, call.deadline()));
  // A pack may have been for exams once.
  if (content == nullptr || !MaySee(caller, content->visibility())) {
    co_return error::RevisionNotFound(target.RevisionName());
  }
  co_return content;
}

Task<absl::StatusOr<v1::ListQuestionsResponse>> ContentService::HandleListQuestions(
    Call& call, const v1::ListQuestionsRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(Target target,
                          Resolve(kRevisionPattern, request.parent(), "parent", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultPage, kMaxQuestionPage));
  const bool full = IsFull(request.view());
  if (full && !MaySeeFull(call.caller())) co_return error::ViewForbidden();
  const std::vector<std::string> binding = {"ListQuestions", target.RevisionName(), full ? "FULL" : "BASIC"};
  ASSIGN_OR_CO_RETURN_NOW(const QuestionCursor cursor, ReadCursor(binding, request.page_token()));
  // The pages of one listing are of one revision, also where `current` moves meanwhile.
  if (!cursor.revision.empty()) target.revision = cursor.revision;
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const v1::PackContent> content, FindRevision(call, target));
  v1::ListQuestionsResponse response;
  response.set_revision(target.RevisionName());
  size_t bytes = 0;
  for (int i = cursor.index; i < content->questions_size(); ++i) {
    const v1::Question& question = content->questions(i);
    if (question.follow_up_only() && !full) continue;
    v1::Question resource = QuestionResource(*content, question, response.revision(), full);
    bytes += resource.ByteSizeLong();
    if (response.questions_size() == size || (bytes > kMaxPageBytes && response.questions_size() > 0)) {
      response.set_next_page_token(EncodePageToken(binding, absl::StrCat(target.revision, "/", i)));
      break;
    }
    *response.add_questions() = std::move(resource);
  }
  co_return response;
}

Task<absl::StatusOr<v1::Question>> ContentService::HandleGetQuestion(Call& call,
                                                                     const v1::GetQuestionRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(Target target, Resolve(kQuestionPattern, request.name(), "name", call.caller()));
  const bool full = IsFull(request.view());
  if (full && !MaySeeFull(call.caller())) co_return error::ViewForbidden();
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const v1::PackContent> content, FindRevision(call, target));
  for (const v1::Question& question : content->questions()) {
    if (question.id() == target.question)
      co_return QuestionResource(*content, question, target.RevisionName(), full);
  }
  co_return error::QuestionNotFound(request.name());
}

#define GREENROOM_CONTENT_RPC(Method, Request, Response)                                                 \
  grpc::ServerUnaryReactor* ContentService::Method(grpc::CallbackServerContext* context,                 \
                                                   const v1::Request* request, v1::Response* response) { \
    return ServeUnary(runtime_, methods_.Get("greenroom.content.v1.ContentService/" #Method), context,   \
                      request, response,                                                                 \
                      [this, request](Call& call) { return Handle##Method(call, *request); });           \
  }
GREENROOM_CONTENT_RPC(ListPacks, ListPacksRequest, ListPacksResponse)
GREENROOM_CONTENT_RPC(GetPack, GetPackRequest, Pack)
GREENROOM_CONTENT_RPC(ListQuestions, ListQuestionsRequest, ListQuestionsResponse)
GREENROOM_CONTENT_RPC(GetQuestion, GetQuestionRequest, Question)
GREENROOM_CONTENT_RPC(SearchQuestions, SearchQuestionsRequest, SearchQuestionsResponse)
GREENROOM_CONTENT_RPC(ListPackChanges, ListPackChangesRequest, ListPackChangesResponse)
#undef GREENROOM_CONTENT_RPC

grpc::ServerWriteReactor<v1::DownloadPackResponse>* ContentService::DownloadPack(
    grpc::CallbackServerContext* context, const v1::DownloadPackRequest* request) {
  return ServeServerStream<v1::DownloadPackResponse>(
      runtime_, methods_.Get("greenroom.content.v1.ContentService/DownloadPack"), context, request,
      [this, request](Call& call, ServerWriter<v1::DownloadPackResponse>& writer) {
        return HandleDownloadPack(call, *request, writer);
      });
}

}  // namespace greenroom::content
