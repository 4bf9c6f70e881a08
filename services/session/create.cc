#include <algorithm>
#include <utility>

#include "services/base/status.h"
#include "services/base/uuid.h"
#include "services/session/assignment_requests.h"
#include "services/session/domain/content_hash.h"
#include "services/session/domain/deadlines.h"
#include "services/session/domain/plan.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/handlers.h"

namespace greenroom::session {
namespace {

// What is asked in a review where the request does not say how much.
constexpr int32_t kReviewQuestions = 20;
// Due questions that criteria are looked for among.
constexpr int32_t kMostDue = 1000;

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

Source SourceOf(const v1::Assignment& assignment) {
  const std::string& revision = assignment.revision();
  return {revision, revision.substr(0, revision.rfind("/revisions/")), revision};
}

// Whether it is the learner's own memory that decides which questions are asked, where more fit than are wanted. What is
// assigned is drawn alike for all: who compares learners does not want it to depend on what each is good at.
bool SelectsByMemory(const v1::CreateSessionRequest& request) {
  return request.assignment().empty() && request.mode() != v1::SESSION_MODE_REVIEW &&
         request.criteria().count() > 0;
}

// Makes the request one for what the assignment says. INVALID_REQUEST where it asks for something else.
absl::Status FitToAssignment(const v1::Assignment& assignment, const Source& source,
                             v1::CreateSessionRequest& request) {
  const Source its = SourceOf(assignment);
  FieldErrors errors;
  if (request.mode() != assignment.mode()) errors.Check("mode", "is not the assignment's");
  const bool other = !source.name.empty() && source.name != its.pack && source.name != its.revision;
  if (other) errors.Check("source", "is not the assignment's");
  RETURN_IF_ERROR(errors.ToStatus());
  *request.mutable_questions() = assignment.questions();
  if (assignment.has_criteria()) *request.mutable_criteria() = assignment.criteria();
  if (assignment.has_time_limit()) *request.mutable_time_limit() = assignment.time_limit();
  if (assignment.has_question_time_limit()) {
    *request.mutable_question_time_limit() = assignment.question_time_limit();
  }
  request.clear_seed();
  return absl::OkStatus();
}

}  // namespace

Task<absl::StatusOr<v1::CreateSessionResponse>> Handlers::CreateSession(
    Call& call, const v1::CreateSessionRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request, call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.parent(), "parent", call.caller(), Access::kOwn));
  const LearnerKey& learner = target.session.learner;
  Source source;
  AssignmentName set;
  if (!request.assignment().empty()) {
    ASSIGN_OR_CO_RETURN_NOW(set, ResolveAssignment(request.assignment(), "assignment", call.caller()));
  }
  if (!request.source().empty() || set.name.empty()) {
    ASSIGN_OR_CO_RETURN_NOW(source, ResolveSource(request.source(), "source", call.caller()));
  }

  WriteCommand command;
  command.session = {learner, *CanonicalUuid(request.session_id())};
  command.event_id = command.session.session;
  command.content_sha256 = ContentOfCreate(request, source.name, set.name);
  command.device = request.device();
  command.creates = true;

  // Before the catalogue is asked: a repeated creation needs nothing of it.
  ASSIGN_OR_CO_RETURN(std::optional<WriteOutcome> replay, parts_.ledger.FindReplay(command, call.deadline()));
  if (!replay.has_value()) {
    std::optional<v1::Assignment> assignment;
    v1::CreateSessionRequest asked = request;
    if (!set.name.empty()) {
      ASSIGN_OR_CO_RETURN(assignment, FindAssignment(call, learner, set.name));
      CO_RETURN_IF_ERROR_NOW(FitToAssignment(*assignment, source, asked));
      source = SourceOf(*assignment);
    } else if (request.mode() == v1::SESSION_MODE_EXAM) {
      co_return error::ModeForbids("mode");
    }
    ASSIGN_OR_CO_RETURN(v1::Created created, PlanSession(call, asked, learner, source,
                                                         assignment.has_value() ? &*assignment : nullptr));
    v1::EventPayload payload;
    *payload.mutable_created() = std::move(created);
    command.confirm = [&]() -> Task<absl::Status> {
      CO_RETURN_IF_ERROR(CheckNoExam(call, command.session, payload.created().revision()));
      if (!assignment.has_value()) co_return absl::OkStatus();
      absl::Status left = co_await CheckSessionsLeft(call, learner, *assignment);
      co_return left;
    };
    command.decide = [&payload, &command](const v1::LiveState* state) {
      return state == nullptr ? Verdict::Write(payload) : Verdict::Refuse(error::IdReused(command.event_id));
    };
    ASSIGN_OR_CO_RETURN(replay, parts_.ledger.Write(command, call.deadline()));
    if (asked.mode() == v1::SESSION_MODE_EXAM) parts_.open_exams.Add(learner);
  }

  // As it was created, whatever has become of it.
  const std::optional<SessionFold> fold = FoldSession({replay->event});
  v1::CreateSessionResponse response;
  *response.mutable_session() = SessionView(command.session, fold->live, Reader::kLearner);
  response.set_sequence(replay->event.seq);
  response.set_replayed(replay->replayed);
  co_return response;
}

Task<absl::StatusOr<v1::Assignment>> Handlers::FindAssignment(Call& call, LearnerKey learner,
                                                              std::string name) {
  absl::StatusOr<std::optional<v1::Assignment>> found =
      co_await parts_.assignments.Get(learner.tenant, AssignmentIdOf(name), call.deadline());
  if (!found.ok()) co_return error::OfLog(found.status());
  const bool meant =
      found->has_value() &&
      ((*found)->learners().empty() || std::find((*found)->learners().begin(), (*found)->learners().end(),
                                                 learner.learner) != (*found)->learners().end());
  if (!meant) co_return error::AssignmentNotFound(name);
  const v1::Assignment& assignment = **found;
  const absl::Time opens =
      assignment.has_open_time() ? FromTimestamp(assignment.open_time()) : absl::InfinitePast();
  const absl::Time closes =
      assignment.has_close_time() ? FromTimestamp(assignment.close_time()) : absl::InfiniteFuture();
  const absl::Time now = parts_.clock.Now();
  if (now < opens || now >= closes) co_return error::AssignmentClosed(name, opens, closes);
  co_return assignment;
}

Task<absl::Status> Handlers::CheckSessionsLeft(Call& call, LearnerKey learner,
                                               const v1::Assignment& assignment) {
  const bool one = assignment.max_sessions() == 0 && assignment.mode() == v1::SESSION_MODE_EXAM;
  const int32_t most = one ? 1 : assignment.max_sessions();
  if (most == 0) co_return absl::OkStatus();
  absl::StatusOr<int32_t> made = co_await parts_.assignments.CountSessions(
      std::move(learner), AssignmentIdOf(assignment.name()), call.deadline());
  if (!made.ok()) co_return error::OfLog(made.status());
  co_return *made < most ? absl::OkStatus() : error::SessionsExhausted(assignment.name());
}

Task<absl::StatusOr<v1::Created>> Handlers::PlanSession(Call& call, const v1::CreateSessionRequest& request,
                                                        LearnerKey learner, Source source,
                                                        const v1::Assignment* assignment) {
  if (assignment == nullptr) {
    ASSIGN_OR_CO_RETURN(const PackSummary pack,
                        parts_.catalogue.GetPack(learner, source.pack, Freshness::kCurrent, call.Outgoing()));
    if (pack.visibility == content::v1::VISIBILITY_EXAM) co_return error::PackNotFound(source.pack);
    if (source.revision.empty()) source.revision = pack.current_revision;
  }
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const RevisionContent> content,
                      parts_.catalogue.GetRevision(learner, source.revision, call.Outgoing()));

  v1::Created created;
  created.set_revision(source.revision);
  created.set_mode(request.mode());
  *created.mutable_labels() = request.labels();
  created.set_no_follow_ups(request.no_follow_ups());
  created.set_vary_prompts(request.vary_prompts());
  if (request.questions().empty() || request.vary_prompts()) created.set_seed(request.seed());
  const bool draws = request.criteria().shuffle() || request.vary_prompts() || SelectsByMemory(request);
  if (created.seed() == 0 && draws) {
    created.set_seed(static_cast<int64_t>(parts_.rng.Uint64() >> 1));
  }
  ASSIGN_OR_CO_RETURN(const std::vector<std::string> questions,
                      ChooseQuestions(call, request, learner, source, *content, created.seed()));
  if (questions.empty()) co_return InvalidField("criteria", "no question of the revision meets them");
  created.mutable_questions()->Assign(questions.begin(), questions.end());
  DrawForms(*content, created);
  if (IsTimed(request.mode())) SetLimits(request, content->questions, created);
  if (assignment != nullptr) {
    created.set_assignment(assignment->name());
    if (assignment->has_close_time()) *created.mutable_close_time() = assignment->close_time();
  }
  co_return created;
}

Task<absl::StatusOr<std::vector<std::string>>> Handlers::ChooseQuestions(
    Call& call, const v1::CreateSessionRequest& request, const LearnerKey& learner, const Source& source,
    const RevisionContent& content, int64_t seed) {
  if (request.questions_size() > 0) {
    std::vector<std::string> questions(request.questions().begin(), request.questions().end());
    const std::string unknown = FirstUnknown(content.questions, questions);
    if (!unknown.empty()) co_return error::QuestionNotFound(source.revision + "/questions/" + unknown);
    co_return questions;
  }
  if (request.mode() != v1::SESSION_MODE_REVIEW) {
    const v1::QuestionCriteria& wanted = request.criteria();
    if (!SelectsByMemory(request) || parts_.selector == nullptr) {
      co_return ResolveCriteria(content.questions, wanted, seed);
    }
    std::vector<std::string> fitting = FittingQuestions(content.questions, wanted);
    if (fitting.size() <= static_cast<size_t>(wanted.count())) {
      co_return ResolveCriteria(content.questions, wanted, seed);
    }
    std::vector<std::string> selected =
        co_await parts_.selector->Select(learner, OutlineOf(source.pack, {}, content.questions),
                                         std::move(fitting), wanted.count(), seed, call.deadline());
    if (wanted.shuffle()) ShuffleQuestions(seed, selected);
    co_return selected;
  }
  if (parts_.due == nullptr) co_return error::ModeForbids("mode");
  ASSIGN_OR_CO_RETURN(
      const PackSummary summary,
      parts_.catalogue.GetPack(learner, source.pack, Freshness::kMayBeStale, call.Outgoing()));
  absl::StatusOr<std::vector<std::string>> due =
      co_await parts_.due->ListDue(learner, OutlineOf(source.pack, summary.topics, content.questions),
                                   ToWholeMillis(parts_.clock.Now()), kMostDue, call.deadline());
  if (!due.ok()) co_return error::OfLog(due.status());
  v1::QuestionCriteria criteria = request.criteria();
  if (criteria.count() == 0) criteria.set_count(kReviewQuestions);
  std::vector<std::string> questions = FilterByCriteria(content.questions, criteria, *due);
  if (questions.empty()) co_return error::NothingDue(source.pack);
  co_return questions;
}

}  // namespace greenroom::session
