// Answers graded anew.
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/page_token.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"
#include "services/session/domain/content_hash.h"
#include "services/session/domain/views.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/gradebook_handlers.h"
#include "services/session/gradebook_requests.h"

namespace greenroom::session {
namespace {

constexpr int kDefaultRegrades = 50;
constexpr int kMaxRegrades = 200;
constexpr int kDefaultChanges = 100;
constexpr int kMaxChanges = 500;

v1::RegradeChange ChangeView(const StoredChange& change) {
  v1::RegradeChange view;
  view.set_answer(AnswerName(change.session, change.answer));
  view.set_question(change.question);
  if (change.old_score.has_value()) view.set_old_score(*change.old_score);
  if (change.new_score.has_value()) view.set_new_score(*change.new_score);
  view.set_overridden(change.overridden);
  view.set_failure(change.grade.failure());
  return view;
}

RegradePlace PlaceOf(const StoredRegrade& regrade) {
  return {absl::ToUnixMillis(FromTimestamp(regrade.regrade.create_time())), regrade.id};
}

std::string CursorOf(const RegradePlace& place) { return absl::StrCat(place.created_ms, "/", place.id); }

absl::StatusOr<RegradePlace> PlaceOf(const std::string& cursor) {
  RegradePlace place;
  const std::pair<std::string, std::string> parts = absl::StrSplit(cursor, absl::MaxSplits('/', 1));
  if (!absl::SimpleAtoi(parts.first, &place.created_ms)) {
    return error::PageTokenInvalid();
  }
  place.id = parts.second;
  return place;
}

std::string WordOf(v1::RegradeState state) {
  return v1::RegradeState_Name(state).substr(absl::string_view("REGRADE_STATE_").size());
}

}  // namespace

Task<absl::StatusOr<v1::CreateRegradeResponse>> GradebookHandlers::CreateRegrade(
    Call& call, const v1::CreateRegradeRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  StoredRegrade stored;
  ASSIGN_OR_CO_RETURN_NOW(stored.regrade, ResolveRegrade(request, call.caller()));
  const std::vector<std::string> ids = *ParseName("tenants/*/regrades/{uuid}", stored.regrade.name());
  stored.tenant = ids[0];
  stored.id = ids[1];
  stored.content_sha256 = ContentOfRegrade(stored.regrade);
  stored.regrade.set_state(v1::REGRADE_STATE_COMPUTING);
  *stored.regrade.mutable_create_time() = ToTimestamp(ToWholeMillis(parts_.clock.Now()));
  stored.regrade.set_created_by(call.caller().subject);

  v1::CreateRegradeResponse response;
  absl::StatusOr<std::optional<StoredRegrade>> before =
      co_await parts_.store.GetRegrade(stored.tenant, stored.id, call.deadline());
  if (before.ok() && !before->has_value()) {
    LearnerKey asking = {stored.tenant, call.caller().learner};
    absl::StatusOr<PackSummary> pack = co_await parts_.catalogue.GetPack(
        std::move(asking), stored.regrade.pack(), Freshness::kMayBeStale, call.Outgoing());
    if (!pack.ok()) co_return pack.status();
    if (!stored.regrade.against().empty()) CO_RETURN_IF_ERROR(CheckRevision(call, stored.regrade.against()));
    absl::StatusOr<bool> created = co_await parts_.store.CreateRegrade(stored, call.deadline());
    if (!created.ok()) co_return error::OfLog(created.status());
    if (*created) {
      *response.mutable_regrade() = stored.regrade;
      co_return response;
    }
    absl::StatusOr<std::optional<StoredRegrade>> faster =
        co_await parts_.store.GetRegrade(stored.tenant, stored.id, call.deadline());
    before = std::move(faster);
  }
  if (!before.ok()) co_return error::OfLog(before.status());
  if (!before->has_value() || (*before)->content_sha256 != stored.content_sha256) {
    co_return error::IdReused(stored.id);
  }
  *response.mutable_regrade() = (*before)->regrade;
  response.set_replayed(true);
  co_return response;
}

Task<absl::Status> GradebookHandlers::CheckRevision(Call& call, const std::string& revision) {
  LearnerKey asking = {call.caller().tenant, call.caller().learner};
  absl::StatusOr<std::shared_ptr<const RevisionContent>> found =
      co_await parts_.catalogue.GetRevision(std::move(asking), revision, call.Outgoing());
  co_return found.status();
}

Task<absl::StatusOr<StoredRegrade>> GradebookHandlers::Find(Call& call, const std::string& name,
                                                            std::string field) {
  ASSIGN_OR_CO_RETURN_NOW(const ResolvedName resolved,
                          ResolveName("tenants/*/regrades/{uuid}", name, field, call.caller()));
  if (!resolved.own_tenant) co_return error::RegradeNotFound(name);
  absl::StatusOr<std::optional<StoredRegrade>> found =
      co_await parts_.store.GetRegrade(resolved[0], resolved[1], call.deadline());
  if (!found.ok()) co_return error::OfLog(found.status());
  if (!found->has_value()) co_return error::RegradeNotFound(name);
  co_return **std::move(found);
}

Task<absl::StatusOr<v1::Regrade>> GradebookHandlers::GetRegrade(Call& call,
                                                                const v1::GetRegradeRequest& request) {
  ASSIGN_OR_CO_RETURN(const StoredRegrade found, Find(call, request.name(), "name"));
  co_return found.regrade;
}

Task<absl::StatusOr<v1::ListRegradesResponse>> GradebookHandlers::ListRegrades(
    Call& call, const v1::ListRegradesRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const std::string tenant, ResolveTenant(request.parent(), "parent", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const std::string pack, ResolvePack(request.pack(), "pack", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultRegrades, kMaxRegrades));
  const std::vector<std::string> binding = {"regrades", tenant, pack};
  ASSIGN_OR_CO_RETURN_NOW(const std::string cursor, DecodePageToken(binding, request.page_token()));
  RegradePlace after;
  if (!cursor.empty()) {
    ASSIGN_OR_CO_RETURN_NOW(after, PlaceOf(cursor));
  }
  // One more than is wanted tells whether there is another page.
  absl::StatusOr<std::vector<StoredRegrade>> regrades =
      co_await parts_.store.ListRegrades(tenant, pack, after, size + 1, call.deadline());
  if (!regrades.ok()) co_return error::OfLog(regrades.status());
  v1::ListRegradesResponse response;
  for (StoredRegrade& regrade : *regrades) {
    if (response.regrades_size() == size) {
      response.set_next_page_token(EncodePageToken(binding, CursorOf(after)));
      break;
    }
    after = PlaceOf(regrade);
    *response.add_regrades() = std::move(regrade.regrade);
  }
  co_return response;
}

Task<absl::StatusOr<v1::ListRegradeChangesResponse>> GradebookHandlers::ListRegradeChanges(
    Call& call, const v1::ListRegradeChangesRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN(const StoredRegrade found, Find(call, request.parent(), "parent"));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultChanges, kMaxChanges));
  const std::vector<std::string> binding = {"regrade_changes", found.regrade.name()};
  ASSIGN_OR_CO_RETURN_NOW(const std::string cursor, DecodePageToken(binding, request.page_token()));
  ChangeKey after;
  if (!cursor.empty()) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(cursor, absl::MaxSplits('/', 1));
    after = {parts.first, parts.second};
  }
  absl::StatusOr<std::vector<StoredChange>> changes =
      co_await parts_.store.ListChanges(found.tenant, found.id, after, size + 1, call.deadline());
  if (!changes.ok()) co_return error::OfLog(changes.status());
  v1::ListRegradeChangesResponse response;
  for (const StoredChange& change : *changes) {
    if (response.changes_size() == size) {
      response.set_next_page_token(EncodePageToken(binding, absl::StrCat(after.learner, "/", after.answer)));
      break;
    }
    after = change.key();
    *response.add_changes() = ChangeView(change);
  }
  co_return response;
}

Task<absl::StatusOr<v1::Regrade>> GradebookHandlers::Move(Call& call, const std::string& name,
                                                          v1::RegradeState from, v1::RegradeState to,
                                                          v1::RegradeState behind) {
  ASSIGN_OR_CO_RETURN(const StoredRegrade found, Find(call, name, "name"));
  absl::StatusOr<std::optional<StoredRegrade>> moved =
      co_await parts_.store.MoveRegrade(found.tenant, found.id, from, to, call.deadline());
  if (!moved.ok()) co_return error::OfLog(moved.status());
  if (!moved->has_value()) co_return error::RegradeNotFound(name);
  const v1::Regrade& regrade = (*moved)->regrade;
  if (regrade.state() != to && regrade.state() != behind) {
    co_return error::RegradeState(regrade.name(), WordOf(regrade.state()));
  }
  co_return regrade;
}

Task<absl::StatusOr<v1::Regrade>> GradebookHandlers::ApplyRegrade(Call& call,
                                                                  const v1::ApplyRegradeRequest& request) {
  return Move(call, request.name(), v1::REGRADE_STATE_READY, v1::REGRADE_STATE_APPLYING,
              v1::REGRADE_STATE_APPLIED);
}

Task<absl::StatusOr<v1::Regrade>> GradebookHandlers::CancelRegrade(Call& call,
                                                                   const v1::CancelRegradeRequest& request) {
  // A preview may become ready meanwhile; that can be cancelled too.
  absl::StatusOr<v1::Regrade> cancelled =
      co_await Move(call, request.name(), v1::REGRADE_STATE_COMPUTING, v1::REGRADE_STATE_CANCELLED,
                    v1::REGRADE_STATE_CANCELLED);
  if (!cancelled.ok() && ReasonOf(cancelled.status()) == "REGRADE_STATE") {
    absl::StatusOr<v1::Regrade> ready =
        co_await Move(call, request.name(), v1::REGRADE_STATE_READY, v1::REGRADE_STATE_CANCELLED,
                      v1::REGRADE_STATE_CANCELLED);
    cancelled = std::move(ready);
  }
  co_return cancelled;
}

}  // namespace greenroom::session
