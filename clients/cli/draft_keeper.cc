#include "clients/cli/draft_keeper.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/status.h"

namespace greenroom::cli {
namespace {

constexpr absl::Duration kSaveEvery = absl::Seconds(3);
// A server that did not take a draft is left alone for a while: the local file has it.
constexpr absl::Duration kSaveAfterFailure = absl::Seconds(15);
// The server's clock and this one's differ a little.
constexpr absl::Duration kClockTolerance = absl::Seconds(5);
constexpr size_t kMaxDraftBytes = size_t{32} * 1024;

}  // namespace

DraftKeeper::DraftKeeper(const Invocation& invocation, Peer& peer, SessionStub& stub, KeptText& kept,
                         std::string session, std::string question)
    : invocation_(invocation),
      peer_(peer),
      stub_(stub),
      kept_(kept),
      session_(std::move(session)),
      question_(std::move(question)) {}

std::string DraftKeeper::Load(const session::v1::Draft& saved) const {
  const std::optional<KeptText::Draft> local = kept_.LoadDraft(question_);
  if (!local.has_value()) return saved.text();
  const absl::Time saved_time =
      absl::FromUnixSeconds(saved.save_time().seconds()) + absl::Nanoseconds(saved.save_time().nanos());
  return saved.text().empty() || local->time + kClockTolerance >= saved_time ? local->text : saved.text();
}

void DraftKeeper::Changed(const std::string& text) {
  if (invocation_.world().terminal.InputWaits()) return;
  SaveLocally(text);
  const absl::Duration now = invocation_.world().clock.Monotonic();
  if (now < next_save_) return;
  absl::Duration retry_after;
  next_save_ = now + (SaveAtServer(text, kOneShot, &retry_after) ? kSaveEvery : kSaveAfterFailure);
}

void DraftKeeper::Leave(const std::string& text) {
  SaveLocally(text);
  if (text == at_server_) return;
  absl::Duration retry_after = absl::ZeroDuration();
  if (SaveAtServer(text, kOneShot, &retry_after) || retry_after <= absl::ZeroDuration()) return;
  absl::SleepFor(std::min(retry_after, kSaveEvery));
  SaveAtServer(text, kOneShot, &retry_after);
}

void DraftKeeper::Sent() { SaveLocally(""); }

void DraftKeeper::SaveLocally(const std::string& text) {
  const absl::Status status = kept_.SaveDraft(question_, text);
  if (!status.ok() && !std::exchange(told_, true)) {
    invocation_.Note(absl::StrCat("What you type cannot be kept on this machine: ", status.message()));
  }
}

bool DraftKeeper::SaveAtServer(const std::string& text, CallTime time, absl::Duration* retry_after) {
  if (text == at_server_) return true;
  if (text.size() > kMaxDraftBytes) return false;
  session::v1::SaveDraftRequest request;
  request.set_session(session_);
  request.set_question(question_);
  request.set_text(text);
  const absl::Status status = peer_.Call(stub_, &SessionStub::SaveDraft, request, time).status();
  if (status.ok()) at_server_ = text;
  *retry_after = RetryDelayOf(status).value_or(absl::ZeroDuration());
  return status.ok();
}

}  // namespace greenroom::cli
