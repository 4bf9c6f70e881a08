// watch: follows a session for as long as the person likes.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/draft_keeper.h"
#include "clients/cli/layout.h"
#include "clients/cli/peer.h"
#include "clients/cli/session_text.h"
#include "clients/cli/watch_text.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary

constexpr absl::Duration kStreamTime = absl::Seconds(120);
// Between streams that ended as they should: so that not all watchers of a server come at once.
constexpr absl::Duration kUsualPause = absl::Milliseconds(500);
// After the nth failure in a row: half to the whole of min(kLongestPause, kFirstPause * 2^(n-1)).
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(10);
// How long a server may be away that has never answered.
constexpr absl::Duration kPatience = absl::Seconds(20);

// Whether Ctrl-C was pressed, and the stream that it ends.
class Stop {
 public:
  void Press() {
    absl::MutexLock lock(&mutex_);
    pressed_ = true;
    if (stream_ != nullptr) stream_->TryCancel();
  }
  bool pressed() const {
    absl::MutexLock lock(&mutex_);
    return pressed_;
  }
  // False: it was pressed meanwhile.
  bool Sleep(absl::Duration pause) {
    absl::MutexLock lock(&mutex_);
    return !mutex_.AwaitWithTimeout(absl::Condition(&pressed_), pause);
  }
  // The stream that is read from now; nullptr: none.
  void Reads(grpc::ClientContext* stream) {
    absl::MutexLock lock(&mutex_);
    stream_ = stream;
    if (stream != nullptr && pressed_) stream->TryCancel();
  }

 private:
  mutable absl::Mutex mutex_;
  bool pressed_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

// The newest session that is not finished.
absl::StatusOr<std::string> NewestOpen(Peer& peer, SessionStub& stub) {
  ListSessionsRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_state(SESSION_STATE_ACTIVE);
  request.set_page_size(1);
  std::string found;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    request.set_page_token(token);
    ASSIGN_OR_RETURN(const ListSessionsResponse response,
                     peer.Call(stub, &SessionStub::ListSessions, request));
    if (response.sessions().empty()) return response.next_page_token();
    found = response.sessions(0).name();
    return std::string();
  }));
  if (found.empty()) {
    return absl::FailedPreconditionError("no session is open; `greenroom practice PACK` begins one");
  }
  return found;
}

class Watcher {
 public:
  Watcher(Invocation& invocation, Stop& stop, std::string session)
      : invocation_(invocation), stop_(stop), session_(std::move(session)) {}

  absl::StatusOr<int> Run() {
    const absl::Time began = absl::Now();
    for (int failures = 0;;) {
      const int64_t before = sequence_;
      const absl::Status ended = Follow();
      if (stop_.pressed()) return kExitOk;
      const bool away =
          absl::IsUnavailable(ended) || absl::IsDeadlineExceeded(ended) || absl::IsCancelled(ended);
      if (!ended.ok() && !away) return ended;
      if (!ended.ok() && sequence_ == 0 && absl::Now() - began > kPatience) return ended;
      failures = ended.ok() || sequence_ != before ? 0 : failures + 1;
      if (failures == 1) invocation_.Note("The connection was lost; trying again ...");
      const absl::Duration most =
          failures == 0
              ? kUsualPause
              : std::min(kLongestPause, kFirstPause * static_cast<double>(1 << std::min(failures - 1, 10)));
      if (!stop_.Sleep(most * (0.5 + invocation_.world().rng.Fraction() / 2))) return kExitOk;
    }
  }

 private:
  // One stream, to its end.
  absl::Status Follow() {
    // Each with a credential of its own: one made here is good for an hour.
    ASSIGN_OR_RETURN(const Peer peer, Peer::Connect(invocation_, Peer::Service::kSession, Role::kLearner));
    const std::unique_ptr<SessionStub> stub = SessionService::NewStub(peer.channel());
    WatchSessionRequest request;
    request.set_name(session_);
    request.set_seen_sequence(sequence_);
    grpc::ClientContext context;
    peer.Equip(context, kStreamTime);
    stop_.Reads(&context);
    const auto stream = stub->WatchSession(&context, request);
    WatchSessionResponse message;
    while (stream->Read(&message)) Show(message);
    absl::Status ended = FromGrpc(stream->Finish());
    stop_.Reads(nullptr);
    return ended;
  }

  void Show(const WatchSessionResponse& message) {
    invocation_.Reply(message);
    if (!shown_.has_value()) {
      std::vector<std::string> lines = RenderSession(message.session(), invocation_.page());
      lines.insert(lines.begin(), "Watching (Ctrl-C ends it):");
      invocation_.Say(lines);
    } else if (!message.heartbeat()) {
      const std::string time =
          absl::FormatTime("%H:%M:%S ", invocation_.world().clock.Now(), absl::LocalTimeZone());
      for (const std::string& change : DescribeChanges(*shown_, message.session())) {
        invocation_.Say(Wrap(change, invocation_.page().width, time));
      }
    }
    shown_ = message.session();
    sequence_ = message.sequence();
  }

  Invocation& invocation_;
  Stop& stop_;
  const std::string session_;
  int64_t sequence_ = 0;
  std::optional<Session> shown_;
};

}  // namespace

absl::StatusOr<int> RunWatch(Invocation& invocation, const std::vector<std::string>& words) {
  std::string session;
  invocation.arguments().OptionalWord("SESSION", &session);
  RETURN_IF_ERROR(invocation.Parse(words));
  Stop stop;
  const auto interrupts = invocation.world().terminal.CatchInterrupts([&stop] { stop.Press(); });
  if (session.empty()) {
    ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
    const auto stub = SessionService::NewStub(peer.channel());
    ASSIGN_OR_RETURN(session, NewestOpen(peer, *stub));
  } else if (session.find('/') == std::string::npos) {
    session = absl::StrCat("tenants/-/learners/me/sessions/", session);
  }
  return Watcher(invocation, stop, session).Run();
}

}  // namespace greenroom::cli
