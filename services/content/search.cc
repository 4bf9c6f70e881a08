// SearchQuestions.
#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/page_token.h"
#include "services/base/status.h"
#include "services/base/text.h"
#include "services/content/domain/search_words.h"
#include "services/content/errors.h"
#include "services/content/service.h"

namespace greenroom::content {
namespace {

constexpr int kDefaultPage = 20;
constexpr int kMaxPage = 100;
constexpr size_t kMaxPageBytes = 3 << 20;
constexpr size_t kMaxQueryBytes = 256;

std::string QueryProblem(absl::string_view query) {
  if (std::string problem = RequiredTextProblem(query, kMaxQueryBytes); !problem.empty()) return problem;
  return SearchWords(query).empty() ? "has no letter and no digit" : "";
}

// The last hit of a page: what comes after it in the order of hits is on the next one, whatever was published meanwhile.
struct HitCursor {
  double score = 0;
  std::string name;  // empty: before all hits
};

std::string WriteCursor(const SearchHit& hit) {
  return absl::StrCat(absl::Hex(std::bit_cast<uint64_t>(hit.score)), "/", hit.name);
}

absl::StatusOr<HitCursor> ReadCursor(const std::vector<std::string>& binding, const std::string& token) {
  absl::StatusOr<std::string> text = DecodePageToken(binding, token);
  if (!text.ok()) return text.status();
  HitCursor cursor;
  if (text->empty()) return cursor;
  const size_t slash = text->find('/');
  uint64_t bits = 0;
  if (slash == std::string::npos || !absl::SimpleHexAtoi(text->substr(0, slash), &bits)) {
    return error::PageTokenInvalid();
  }
  cursor.score = std::bit_cast<double>(bits);
  cursor.name = text->substr(slash + 1);
  return cursor;
}

bool IsAfter(const SearchHit& hit, const HitCursor& cursor) {
  if (cursor.name.empty()) return true;
  return hit.score != cursor.score ? hit.score < cursor.score : hit.name > cursor.name;
}

}  // namespace

Task<absl::StatusOr<std::vector<std::shared_ptr<const PackRecord>>>> ContentService::PacksToSearch(
    Call& call, const Target& only) {
  const Caller& caller = call.caller();
  std::vector<std::shared_ptr<const PackRecord>> packs;
  if (!only.pack.empty()) {
    ASSIGN_OR_CO_RETURN(const std::shared_ptr<const PackRecord> pack,
                        catalogue_.Find(caller, only.pack, call.deadline()));
    if (pack == nullptr || !IsListed(caller, *pack)) co_return error::PackNotFound(only.PackName());
    if (!pack->current.empty()) packs.push_back(pack);
    co_return packs;
  }
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const Catalogue::Packs> all,
                      catalogue_.List(caller, call.deadline()));
  for (const auto& [id, pack] : *all) {
    if (IsListed(caller, *pack) && !pack->current.empty()) packs.push_back(pack);
  }
  co_return packs;
}

Task<absl::StatusOr<v1::SearchQuestionsResponse>> ContentService::HandleSearchQuestions(
    Call& call, const v1::SearchQuestionsRequest& request) {
  const Caller& caller = call.caller();
  ASSIGN_OR_CO_RETURN_NOW(const Target tenant, Resolve(kTenantPattern, request.parent(), "parent", caller));
  const std::string query(absl::StripAsciiWhitespace(request.query()));
  if (std::string problem = QueryProblem(query); !problem.empty()) co_return InvalidField("query", problem);
  Target only;
  if (!request.pack().empty()) {
    ASSIGN_OR_CO_RETURN_NOW(only, Resolve(kPackPattern, request.pack(), "pack", caller));
  }
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultPage, kMaxPage));
  const std::vector<std::string> binding = {"SearchQuestions", tenant.tenant, query, only.pack};
  ASSIGN_OR_CO_RETURN_NOW(const HitCursor cursor, ReadCursor(binding, request.page_token()));

  ASSIGN_OR_CO_RETURN(const std::vector<std::shared_ptr<const PackRecord>> packs, PacksToSearch(call, only));
  std::vector<std::shared_ptr<const PackIndex>> indexes;
  std::vector<const PackIndex*> searched;
  for (const std::shared_ptr<const PackRecord>& pack : packs) {
    ASSIGN_OR_CO_RETURN(std::shared_ptr<const PackIndex> index,
                        indexes_.Get(caller, pack->pack, pack->current, call.deadline()));
    searched.push_back(index.get());
    indexes.push_back(std::move(index));
  }

  v1::SearchQuestionsResponse response;
  size_t bytes = 0;
  std::string last;
  for (SearchHit& hit : SearchPacks(searched, query)) {
    if (!IsAfter(hit, cursor)) continue;
    if (response.results_size() == size || bytes > kMaxPageBytes) {
      response.set_next_page_token(EncodePageToken(binding, last));
      break;
    }
    const PackRecord& pack = *packs[hit.index];
    ASSIGN_OR_CO_RETURN(const std::shared_ptr<const v1::PackContent> content,
                        catalogue_.Revision(caller, pack.pack, pack.current, call.deadline()));
    if (content == nullptr) co_return absl::InternalError("a current revision is not there");
    const Target revision{tenant.tenant, pack.pack, pack.current, ""};
    v1::SearchResult& result = *response.add_results();
    *result.mutable_question() =
        QuestionResource(*content, content->questions(hit.question), revision.RevisionName(), false);
    result.mutable_matches()->Assign(hit.matches.begin(), hit.matches.end());
    bytes += result.ByteSizeLong();
    last = WriteCursor(hit);
  }
  co_return response;
}

}  // namespace greenroom::content
