#include <utility>

#include "services/base/status.h"
#include "services/base/uuid.h"
#include "services/session/domain/content_hash.h"
#include "services/session/domain/plan.h"
#include "services/session/errors.h"
#include "services/session/handlers.h"

namespace greenroom::session {
namespace {

// Fixes the form of each planned question; leaves `variants` empty where all are asked as their authors ask them.
void DrawForms(const RevisionContent& content, v1::Created& created) {
  if (!created.vary_prompts()) return;
  bool varied = false;
  for (const std::string& id : created.questions()) {
    const int32_t form = DrawForm(created.seed(), id, content.Find(id)->variants_size());
    created.add_variants(form);
    varied = varied || form != 0;
  }
  if (!varied) created.clear_variants();
}

}  // namespace

Task<absl::StatusOr<v1::CreateSessionResponse>> Handlers::CreateSession(
    Call& call, const v1::CreateSessionRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request, call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.parent(), "parent", call.caller(), Access::kOwn));
  ASSIGN_OR_CO_RETURN_NOW(const Source source, ResolveSource(request.source(), "source", call.caller()));

  WriteCommand command;
  command.session = {target.session.learner, *CanonicalUuid(request.session_id())};
  command.event_id = command.session.session;
  command.content_sha256 = ContentOfCreate(request, source.name);
  command.device = request.device();
  command.creates = true;

  // Before the catalogue is asked: a repeated creation needs nothing of it.
  ASSIGN_OR_CO_RETURN(std::optional<WriteOutcome> replay, parts_.ledger.FindReplay(command, call.deadline()));
  if (!replay.has_value()) {
    if (request.mode() != v1::SESSION_MODE_PRACTICE) co_return error::ModeForbids("mode");
    ASSIGN_OR_CO_RETURN(v1::Created created, PlanSession(call, request, target.session.learner, source));
    v1::EventPayload payload;
    *payload.mutable_created() = std::move(created);
    command.decide = [&payload, &command](const v1::LiveState* state) {
      return state == nullptr ? Verdict::Write(payload) : Verdict::Refuse(error::IdReused(command.event_id));
    };
    ASSIGN_OR_CO_RETURN(replay, parts_.ledger.Write(command, call.deadline()));
  }

  // As it was created, whatever has become of it.
  const std::optional<SessionFold> fold = FoldSession({replay->event});
  v1::CreateSessionResponse response;
  *response.mutable_session() = SessionView(command.session, fold->live, Reader::kLearner);
  response.set_sequence(replay->event.seq);
  response.set_replayed(replay->replayed);
  co_return response;
}

Task<absl::StatusOr<v1::Created>> Handlers::PlanSession(Call& call, const v1::CreateSessionRequest& request,
                                                        LearnerKey learner, Source source) {
  ASSIGN_OR_CO_RETURN(const PackSummary pack,
                      parts_.catalogue.GetPack(learner, source.pack, Freshness::kCurrent, call.Outgoing()));
  if (pack.visibility == content::v1::VISIBILITY_EXAM) co_return error::PackNotFound(source.pack);
  if (source.revision.empty()) source.revision = pack.current_revision;
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const RevisionContent> content,
                      parts_.catalogue.GetRevision(learner, source.revision, call.Outgoing()));

  v1::Created created;
  created.set_revision(source.revision);
  created.set_mode(request.mode());
  created.set_assignment(request.assignment());
  *created.mutable_labels() = request.labels();
  created.set_no_follow_ups(request.no_follow_ups());
  created.set_vary_prompts(request.vary_prompts());
  if (request.questions().empty() || request.vary_prompts()) created.set_seed(request.seed());
  if (created.seed() == 0 && (request.criteria().shuffle() || request.vary_prompts())) {
    created.set_seed(static_cast<int64_t>(parts_.rng.Uint64() >> 1));
  }
  if (request.questions_size() > 0) {
    const std::string unknown =
        FirstUnknown(content->questions, {request.questions().begin(), request.questions().end()});
    if (!unknown.empty()) co_return error::QuestionNotFound(source.revision + "/questions/" + unknown);
    *created.mutable_questions() = request.questions();
    DrawForms(*content, created);
    co_return created;
  }
  for (std::string& question : ResolveCriteria(content->questions, request.criteria(), created.seed())) {
    created.add_questions(std::move(question));
  }
  if (created.questions().empty())
    co_return InvalidField("criteria", "no question of the revision meets them");
  DrawForms(*content, created);
  co_return created;
}

}  // namespace greenroom::session
