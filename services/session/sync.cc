// SyncLearner: a device's outbox up, changes of the log down.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/page_token.h"
#include "services/base/status.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/outbox.h"
#include "services/session/domain/plan.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/handlers.h"
#include "services/session/sync_page.h"

namespace greenroom::session {
namespace {

constexpr int kDefaultChanges = 100;
constexpr int kMaxChanges = 500;

v1::SyncStatus StatusOf(const std::string& id, const MergedItem& item) {
  v1::SyncStatus status;
  status.set_id(id);
  if (!item.refusal.ok()) {
    status.set_outcome(v1::SYNC_OUTCOME_REFUSED);
    status.set_reason(ReasonOf(item.refusal));
    status.set_message(std::string(item.refusal.message()));
    return status;
  }
  status.set_outcome(item.replayed ? v1::SYNC_OUTCOME_REPLAYED : v1::SYNC_OUTCOME_TAKEN);
  status.set_sequence(item.seq);
  *status.mutable_receive_time() = ToTimestamp(item.received_time);
  return status;
}

}  // namespace

Task<absl::StatusOr<v1::SyncLearnerResponse>> Handlers::SyncLearner(Call& call,
                                                                    const v1::SyncLearnerRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.parent(), "parent", call.caller(), Access::kOwn));
  const LearnerKey& learner = target.session.learner;
  ASSIGN_OR_CO_RETURN_NOW(const int page_size, PageSize(request.page_size(), kDefaultChanges, kMaxChanges));
  ASSIGN_OR_CO_RETURN_NOW(SyncCursor cursor, DecodeSyncToken(learner, request.token()));
  MergeCommand command;
  command.learner = learner;
  command.device = request.device();
  for (int i = 0; i < request.items_size(); ++i) {
    ASSIGN_OR_CO_RETURN_NOW(const v1::OutboxItem item,
                            ResolveItem(request.items(i), absl::StrCat("items[", i, "]"), call.caller()));
    command.items.push_back(EventOf(learner, request.device(), item));
  }
  command.admit = [&](const Event& begin) { return AdmitOffline(call, begin); };

  v1::SyncLearnerResponse response;
  if (!command.items.empty()) {
    ASSIGN_OR_CO_RETURN(const std::vector<MergedItem> merged, parts_.ledger.Merge(command, call.deadline()));
    for (size_t i = 0; i < merged.size(); ++i) {
      *response.add_statuses() = StatusOf(command.items[i].event_id, merged[i]);
    }
  }

  absl::StatusOr<std::string> epoch = co_await parts_.log.Epoch(learner, call.deadline());
  if (!epoch.ok()) co_return error::OfLog(epoch.status());
  absl::StatusOr<LogHead> head = co_await parts_.log.Head(learner, call.deadline());
  if (!head.ok()) co_return error::OfLog(head.status());
  // A log that ends before what the device has seen is another one, though nobody said so.
  const bool another = !cursor.epoch.empty() && (cursor.epoch != *epoch || cursor.to > head->seq);
  if (another) cursor = SyncCursor();
  cursor.epoch = *epoch;
  response.set_reset(another);
  CO_RETURN_IF_ERROR(GoBackToWithheld(call, target, cursor));
  const SyncCursor known = cursor;
  SyncPage page({parts_.log, parts_.deriver, parts_.catalogue}, call, learner, page_size, known, response);
  CO_RETURN_IF_ERROR(page.Fill());
  cursor = page.cursor();
  CO_RETURN_IF_ERROR(WithholdChanges(call, target, known, cursor, response));
  response.set_token(EncodeSyncToken(learner, cursor));
  co_return response;
}

Task<absl::Status> Handlers::AdmitOffline(Call& call, const Event& begin) {
  const v1::Created& created = begin.payload.created();
  if (IsTimed(created.mode())) co_return error::ModeForbids("mode");
  const absl::StatusOr<Source> source = ResolveSource(created.revision(), "revision", call.caller());
  if (!source.ok()) co_return error::RevisionNotFound(created.revision());
  absl::StatusOr<PackSummary> pack =
      co_await parts_.catalogue.GetPack(begin.learner, source->pack, Freshness::kCurrent, call.Outgoing());
  if (absl::IsNotFound(pack.status())) co_return error::RevisionNotFound(created.revision());
  if (!pack.ok()) co_return pack.status();
  if (pack->visibility == content::v1::VISIBILITY_EXAM) {
    co_return error::RevisionNotFound(created.revision());
  }
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const RevisionContent> content,
                      parts_.catalogue.GetRevision(begin.learner, created.revision(), call.Outgoing()));
  const auto question_not_found = [&](const std::string& question) {
    return error::QuestionNotFound(created.revision() + "/questions/" + question);
  };
  const std::string unknown =
      FirstUnknown(content->questions, {created.questions().begin(), created.questions().end()});
  if (!unknown.empty()) co_return question_not_found(unknown);
  for (int i = 0; i < created.variants_size(); ++i) {
    const std::string& question = created.questions(i);
    if (created.variants(i) > content->Find(question)->variants_size())
      co_return question_not_found(question);
  }
  co_return absl::OkStatus();
}

}  // namespace greenroom::session
