// delete, undelete: taking a pack out of use, and bringing it back.
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/peer.h"
#include "greenroom/content/v1/authoring_service.grpc.pb.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using AuthoringStub = content::v1::ContentAuthoringService::StubInterface;

}  // namespace

absl::StatusOr<int> RunDelete(Invocation& invocation, const std::vector<std::string>& words) {
  std::string id;
  invocation.arguments().Word("PACK", &id);
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, Role::kAuthor));
  const auto stub = content::v1::ContentAuthoringService::NewStub(peer.channel());
  content::v1::DeletePackRequest request;
  request.set_name(absl::StrCat("tenants/-/packs/", id));
  request.set_request_id(invocation.world().rng.Uuid());
  ASSIGN_OR_RETURN(const content::v1::Pack pack,
                   peer.Call<AuthoringStub>(*stub, &AuthoringStub::DeletePack, request));
  invocation.Reply(pack);
  invocation.Say(absl::StrCat("Deleted ", id, ". Sessions that run go on; `greenroom undelete ", id,
                              "` brings it back."));
  return kExitOk;
}

absl::StatusOr<int> RunUndelete(Invocation& invocation, const std::vector<std::string>& words) {
  std::string id;
  invocation.arguments().Word("PACK", &id);
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, Role::kAuthor));
  const auto stub = content::v1::ContentAuthoringService::NewStub(peer.channel());
  content::v1::UndeletePackRequest request;
  request.set_name(absl::StrCat("tenants/-/packs/", id));
  request.set_request_id(invocation.world().rng.Uuid());
  ASSIGN_OR_RETURN(const content::v1::Pack pack,
                   peer.Call<AuthoringStub>(*stub, &AuthoringStub::UndeletePack, request));
  invocation.Reply(pack);
  invocation.Say(absl::StrCat(id, " is back as it was."));
  return kExitOk;
}

}  // namespace greenroom::cli
