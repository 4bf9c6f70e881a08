// Grades that a person decides.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status.h"
#include "services/base/uuid.h"
#include "services/session/domain/content_hash.h"
#include "services/session/domain/override.h"
#include "services/session/domain/review_index.h"
#include "services/session/domain/views.h"
#include "services/session/errors.h"
#include "services/session/gradebook_handlers.h"
#include "services/session/gradebook_requests.h"

namespace greenroom::session {

Task<absl::StatusOr<v1::OverrideGradeResponse>> GradebookHandlers::OverrideGrade(
    Call& call, const v1::OverrideGradeRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveAnswer(request.answer(), "answer", call.caller(), Access::kStaffToo));
  WriteCommand command;
  command.session = target.session;
  command.event_id = *CanonicalUuid(request.request_id());
  command.content_sha256 = ContentOfOverride(request, target.session.session, target.answer);
  // Before anything is judged: what was carried out once is not refused for what has changed since.
  ASSIGN_OR_CO_RETURN(std::optional<WriteOutcome> outcome,
                      parts_.ledger.FindReplay(command, call.deadline()));
  if (!outcome.has_value()) {
    ASSIGN_OR_CO_RETURN(const v1::EventPayload grade, Decide(call, target, request));
    command.decide = [&grade](const v1::LiveState*) { return Verdict::Write(grade); };
    ASSIGN_OR_CO_RETURN(outcome, parts_.ledger.Write(command, call.deadline()));
  }

  ASSIGN_OR_CO_RETURN(const SessionFold fold, parts_.ledger.ReadFold(target.session, call.deadline()));
  const FoldedAnswer* answer = fold.FindAnswer(target.answer);
  if (answer == nullptr) co_return error::AnswerNotFound(target.name);
  v1::OverrideGradeResponse response;
  *response.mutable_answer() = AnswerView(target.session, *answer, Sight::kStaff, true);
  AddEarlierGrades(fold, *answer, Sight::kStaff, *response.mutable_answer());
  response.set_sequence(outcome->event.seq);
  response.set_replayed(outcome->replayed);
  co_return response;
}

Task<absl::StatusOr<v1::EventPayload>> GradebookHandlers::Decide(Call& call, const Target& target,
                                                                 const v1::OverrideGradeRequest& request) {
  ASSIGN_OR_CO_RETURN(const SessionFold fold, parts_.ledger.ReadFold(target.session, call.deadline()));
  const FoldedAnswer* answer = fold.FindAnswer(target.answer);
  if (answer == nullptr) co_return error::AnswerNotFound(target.name);
  const v1::Submitted& submitted = answer->submitted->payload.submitted();
  const Event* before = GradersGrade(fold, *answer);
  // What a grade that failed was to be graded against may not even exist.
  const bool usable = before != nullptr && before->payload.graded().has_report();
  const scoring::v1::Report base = usable ? before->payload.graded().report() : scoring::v1::Report();
  // An answer that was given offline does not name its question in full.
  const std::string name = usable ? before->payload.graded().question_name()
                                  : absl::StrCat(fold.live.revision(), "/questions/", submitted.question());

  ASSIGN_OR_CO_RETURN(
      const std::shared_ptr<const RevisionContent> revision,
      parts_.catalogue.GetRevision(target.session.learner, name.substr(0, name.rfind("/questions/")),
                                   call.Outgoing()));
  const content::v1::Question* question = revision->Find(submitted.question());
  if (question == nullptr) co_return error::QuestionNotFound(name);
  Overridden overridden = Override(base, *question, request);
  if (!overridden.problem.empty()) co_return InvalidField(overridden.field, overridden.problem);

  v1::EventPayload payload;
  v1::Graded& graded = *payload.mutable_graded();
  graded.set_answer(target.answer);
  graded.set_cause(v1::GRADE_CAUSE_OVERRIDE);
  graded.set_question_name(name);
  *graded.mutable_report() = std::move(overridden.report);
  graded.set_comment(request.comment());
  graded.set_note(request.note());
  graded.set_decided_by(call.caller().subject);
  co_return payload;
}

}  // namespace greenroom::session
