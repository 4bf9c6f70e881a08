// search: finding questions.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cli/peer.h"
#include "clients/cli/search_text.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using ContentStub = content::v1::ContentService::StubInterface;

}  // namespace

absl::StatusOr<int> RunSearch(Invocation& invocation, const std::vector<std::string>& words) {
  std::vector<std::string> query;
  std::string pack;
  invocation.arguments().Words("WORDS", &query);
  invocation.arguments().Text("pack", "PACK", &pack, "in this pack only");
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, Role::kLearner));
  const auto stub = content::v1::ContentService::NewStub(peer.channel());
  int count = 0;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    content::v1::SearchQuestionsRequest request;
    request.set_parent("tenants/-");
    request.set_query(absl::StrJoin(query, " "));
    if (!pack.empty()) request.set_pack(absl::StrCat("tenants/-/packs/", pack));
    request.set_page_token(token);
    ASSIGN_OR_RETURN(const content::v1::SearchQuestionsResponse response,
                     peer.Call<ContentStub>(*stub, &ContentStub::SearchQuestions, request));
    for (const content::v1::SearchResult& result : response.results()) {
      ++count;
      invocation.Reply(result);
      invocation.Say(RenderSearchResult(result, invocation.page()));
    }
    return response.next_page_token();
  }));
  if (count == 0) invocation.Say("No question has all of these words.");
  return kExitOk;
}

}  // namespace greenroom::cli
