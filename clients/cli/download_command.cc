// download: keeping a pack as a file.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/partial_file.h"
#include "clients/cli/peer.h"
#include "clients/cli/session_text.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "services/base/status.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using content::v1::BundleHeader;
using ContentStub = content::v1::ContentService::StubInterface;

// How often a download begins anew because the pack has changed, or because what came is not what was announced.
constexpr int kBeginnings = 3;

// "12 KiB"; a byte more is a KiB more.
std::string Kib(int64_t bytes) { return absl::StrCat((bytes + 1023) / 1024, " KiB"); }

// One line that is written over and over, for a person only.
class Progress {
 public:
  explicit Progress(const Invocation& invocation)
      : terminal_(invocation.world().terminal),
        shown_(!invocation.json() && terminal_.output_is_terminal()) {}
  ~Progress() {
    if (begun_) terminal_.Err("\n");
  }
  void Tell(size_t bytes, int64_t size) {
    if (!shown_) return;
    begun_ = true;
    terminal_.Err(absl::StrCat("\r", Kib(static_cast<int64_t>(bytes)), " of ", Kib(size)));
  }

 private:
  Terminal& terminal_;
  const bool shown_;
  bool begun_ = false;
};

// One call: goes on with `file`, or begins it. FAILED_PRECONDITION with BUNDLE_CHANGED where what was begun is no longer
// what there is.
absl::Status Fetch(ContentStub& stub, grpc::ClientContext& context, const std::string& pack,
                   PartialFile& file, Progress& progress) {
  content::v1::DownloadPackRequest request;
  request.set_name(pack);
  request.set_offset(static_cast<int64_t>(file.bytes().size()));
  request.set_sha256(file.header().sha256());
  const auto reader = stub.DownloadPack(&context, request);
  absl::Status local;
  content::v1::DownloadPackResponse message;
  while (local.ok() && reader->Read(&message)) {
    if (message.has_header()) {
      if (file.header().sha256().empty()) local = file.Begin(message.header());
    } else {
      local = file.Append(message.chunk());
    }
    progress.Tell(file.bytes().size(), file.header().size_bytes());
  }
  if (!local.ok()) context.TryCancel();
  const absl::Status remote = FromGrpc(reader->Finish());
  return local.ok() ? remote : local;
}

// Brings the whole bundle into `file`.
absl::Status FetchAll(const Invocation& invocation, Peer& peer, ContentStub& stub, const std::string& pack,
                      PartialFile& file) {
  Progress progress(invocation);
  for (int beginning = 1;; ++beginning) {
    absl::Status fetched = peer.Try(
        kLongCall, [&](grpc::ClientContext& context) { return Fetch(stub, context, pack, file, progress); });
    const std::string reason = ReasonOf(fetched);
    const bool changed = reason == "BUNDLE_CHANGED";
    // A file with more than the bundle has, too: its offset is refused.
    const bool wrong =
        absl::IsDataLoss(fetched) || static_cast<int64_t>(file.bytes().size()) > file.header().size_bytes();
    if (!fetched.ok() && !changed && !wrong) return fetched;
    if (fetched.ok() && file.IsWhole()) return absl::OkStatus();
    file.Drop();
    if (beginning == kBeginnings) {
      return changed ? fetched
                     : absl::DataLossError("what came is not what the server announced; nothing was written");
    }
    invocation.Note(changed ? "The pack has changed; beginning anew."
                            : "What came is not what was announced; beginning anew.");
  }
}

}  // namespace

absl::StatusOr<int> RunDownload(Invocation& invocation, const std::vector<std::string>& words) {
  std::string id, path;
  invocation.arguments().Word("PACK", &id);
  invocation.arguments().Text("output", "FILE", &path,
                              "write to FILE [PACK.bundle.json]; FILE.part until it is whole");
  invocation.arguments().Letter('o', "output");
  RETURN_IF_ERROR(invocation.Parse(words));
  if (path.empty()) path = id + ".bundle.json";
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kContent, Role::kLearner));
  const auto stub = content::v1::ContentService::NewStub(peer.channel());
  PartialFile file(path);
  RETURN_IF_ERROR(file.Load());
  if (!file.bytes().empty())
    invocation.Note(absl::StrCat("Going on after ", Kib(static_cast<int64_t>(file.bytes().size())), "."));
  RETURN_IF_ERROR(FetchAll(invocation, peer, *stub, absl::StrCat("tenants/-/packs/", id), file));
  const BundleHeader header = file.header();
  RETURN_IF_ERROR(file.Finish());
  invocation.Reply(header);
  const bool full = header.offline() == content::v1::OFFLINE_POLICY_FULL;
  invocation.Say(absl::StrCat("Wrote ", path, ": ", Kib(header.size_bytes()), ", revision ",
                              IdIn(header.revision(), "revisions"),
                              full ? ", with model answers." : ", questions only."));
  return kExitOk;
}

}  // namespace greenroom::cli
