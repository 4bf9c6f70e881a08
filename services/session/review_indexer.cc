#include "services/session/review_indexer.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "services/base/task.h"
#include "services/session/domain/fold.h"

namespace greenroom::session {
namespace {

constexpr size_t kRemembered = 100000;  // sessions

}  // namespace

absl::Status ReviewIndexerOptions::Validate() const {
  if (poll <= absl::ZeroDuration()) return absl::InvalidArgumentError("poll must be positive");
  if (batch < 1) return absl::InvalidArgumentError("batch must be at least 1");
  if (share <= 0 || share > 1) return absl::InvalidArgumentError("share must be in (0, 1]");
  if (settle < absl::ZeroDuration()) return absl::InvalidArgumentError("settle must not be negative");
  if (lease <= piece + 3 * deadline) return absl::InvalidArgumentError("lease is shorter than a piece");
  if (lease > kFarthestTry) return absl::InvalidArgumentError("lease is at most kFarthestTry");
  return absl::OkStatus();
}

ReviewIndexer::ReviewIndexer(GradebookStore& store, EventLog& log, const Clock& clock, Rng& rng,
                             Logger& logger, ReviewIndexerOptions options)
    : store_(store),
      log_(log),
      clock_(clock),
      logger_(logger),
      options_(options),
      owner_(rng.Uuid()),
      pacer_(options.share, clock) {}

void ReviewIndexer::Start() {
  thread_ = std::thread([this] {
    bool more = false;
    while (pacer_.Wait(more ? absl::ZeroDuration() : options_.poll)) {
      more = RunOnce();
    }
  });
}

void ReviewIndexer::Stop() {
  if (!thread_.joinable()) return;
  pacer_.Stop();
  thread_.join();
}

absl::Time ReviewIndexer::Soon() const { return absl::Now() + options_.deadline; }

bool ReviewIndexer::RunOnce() {
  pacer_.Begin();
  const absl::StatusOr<bool> more = IndexPiece();
  pacer_.Rest();
  if (!more.ok()) {
    logger_.Warning("the review index waits", {{"code", absl::StatusCodeToString(more.status().code())}});
  }
  return more.value_or(false);
}

absl::StatusOr<bool> ReviewIndexer::IndexPiece() {
  const absl::Time now = clock_.Now();
  const absl::Duration began = clock_.Monotonic();
  ASSIGN_OR_RETURN(const std::vector<UnseenEvent> unseen,
                   SyncWait(store_.TakeUnseen(owner_, now, now - options_.settle, options_.lease,
                                              options_.batch, Soon())));
  std::vector<SessionIndex> indexes;
  absl::flat_hash_map<SessionKey, int64_t> read;
  int64_t cursor = 0;
  bool all = true;
  for (const UnseenEvent& event : unseen) {
    const auto known = reflects_.find(event.session);
    const bool seen = known != reflects_.end() && known->second >= event.seq;
    if (!seen && !event.session.session.empty() && !read.contains(event.session)) {
      all = clock_.Monotonic() - began < options_.piece;
      if (!all) break;
      RETURN_IF_ERROR(Read(event.session, indexes, read[event.session]));
      if (!pacer_.Rest()) return false;
    }
    cursor = event.commit_seq;
  }
  if (cursor == 0) return false;
  ASSIGN_OR_RETURN(const bool saved, SyncWait(store_.SaveIndex(owner_, std::move(indexes), cursor, Soon())));
  if (!saved) return false;
  if (reflects_.size() > kRemembered) reflects_.clear();
  for (const auto& [session, seq] : read) reflects_[session] = seq;
  return !all || unseen.size() == static_cast<size_t>(options_.batch);
}

absl::Status ReviewIndexer::Read(const SessionKey& session, std::vector<SessionIndex>& indexes,
                                 int64_t& reflects) {
  absl::StatusOr<std::vector<Event>> events = SyncWait(log_.ReadSession(session, 0, Soon()));
  if (absl::IsDataLoss(events.status())) {  // nobody can read it, now or later
    logger_.Warning("a session cannot be indexed", {{"code", "DATA_LOSS"}});
    return absl::OkStatus();
  }
  if (!events.ok()) return events.status();
  if (!events->empty()) reflects = events->back().seq;
  const std::optional<SessionFold> fold = FoldSession(*std::move(events));
  if (fold.has_value()) indexes.push_back(IndexOf(session, *fold));
  return absl::OkStatus();
}

}  // namespace greenroom::session
