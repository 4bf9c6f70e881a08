#include "services/session/assignment_handlers.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/page_token.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"
#include "services/session/assignment_requests.h"
#include "services/session/domain/plan.h"
#include "services/session/domain/views.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/requests.h"

namespace greenroom::session {
namespace {

constexpr int kDefaultPage = 50;
constexpr int kMaxPage = 200;
// How often an update without an etag begins again because the assignment has changed under it.
constexpr int kTries = 3;

v1::AssignmentResult ResultOf(const SessionKey& key, const v1::LiveState& state) {
  const v1::Session session = SessionView(key, state, Reader::kStaff);
  v1::AssignmentResult result;
  result.set_session(session.name());
  result.set_state(session.state());
  if (session.has_score()) result.set_score(session.score());
  result.set_questions(session.questions_size());
  for (const v1::SessionQuestion& question : session.questions()) {
    if (question.attempts() > 0) result.set_answered(result.answered() + 1);
    result.set_pending_grades(result.pending_grades() + question.pending_grades());
  }
  *result.mutable_create_time() = session.create_time();
  if (session.has_finish_time()) *result.mutable_finish_time() = session.finish_time();
  result.set_out_of_time(session.out_of_time());
  result.set_released(session.released());
  return result;
}

// No open exam can shut what a device has, and content, which knows no sessions, gives bundles to whoever may practise.
bool HandsOutAnswers(const PackSummary& pack) {
  return pack.visibility != content::v1::VISIBILITY_EXAM && pack.offline == content::v1::OFFLINE_POLICY_FULL;
}

}  // namespace

Task<absl::StatusOr<v1::Assignment>> AssignmentHandlers::Find(Call& call, std::string tenant,
                                                              std::string name) {
  absl::StatusOr<std::optional<v1::Assignment>> found =
      co_await parts_.assignments.Get(std::move(tenant), AssignmentIdOf(name), call.deadline());
  if (!found.ok()) co_return error::OfLog(found.status());
  if (!found->has_value()) co_return error::AssignmentNotFound(name);
  co_return **std::move(found);
}

Task<absl::Status> AssignmentHandlers::Pin(Call& call, v1::Assignment& assignment) {
  const LearnerKey caller = {call.caller().tenant, call.caller().learner};
  ASSIGN_OR_CO_RETURN_NOW(const Source source,
                          ResolveSource(assignment.revision(), "assignment.revision", call.caller()));
  assignment.set_revision(source.revision);
  const bool exam = assignment.mode() == v1::SESSION_MODE_EXAM;
  if (source.revision.empty() || exam) {
    ASSIGN_OR_CO_RETURN(const PackSummary pack,
                        parts_.catalogue.GetPack(caller, source.pack, Freshness::kCurrent, call.Outgoing()));
    if (source.revision.empty()) assignment.set_revision(pack.current_revision);
    if (exam && HandsOutAnswers(pack)) {
      co_return InvalidField("assignment.revision",
                             "learners can download this pack's answers: an exam needs a pack with "
                             "visibility: exam or offline: none");
    }
  }
  ASSIGN_OR_CO_RETURN(const std::shared_ptr<const RevisionContent> content,
                      parts_.catalogue.GetRevision(caller, assignment.revision(), call.Outgoing()));
  const std::string unknown =
      FirstUnknown(content->questions, {assignment.questions().begin(), assignment.questions().end()});
  if (!unknown.empty()) co_return error::QuestionNotFound(assignment.revision() + "/questions/" + unknown);
  const bool empty =
      assignment.questions().empty() && ResolveCriteria(content->questions, assignment.criteria(), 1).empty();
  if (empty) co_return InvalidField("assignment.criteria", "no question of the revision meets them");
  co_return absl::OkStatus();
}

Task<absl::StatusOr<v1::Assignment>> AssignmentHandlers::CreateAssignment(
    Call& call, const v1::CreateAssignmentRequest& request) {
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  ASSIGN_OR_CO_RETURN_NOW(const std::string tenant,
                          ResolveAssignmentsOf(request.parent(), "parent", call.caller()));
  v1::Assignment assignment = request.assignment();
  const std::string content = ContentOfAssignment(assignment);
  assignment.set_name(FormatName("tenants/*/assignments/*", {tenant, request.assignment_id()}));
  assignment.clear_release_time();
  *assignment.mutable_create_time() = ToTimestamp(ToWholeMillis(parts_.clock.Now()));
  *assignment.mutable_update_time() = assignment.create_time();
  CO_RETURN_IF_ERROR(Pin(call, assignment));
  absl::StatusOr<InsertOutcome> inserted =
      co_await parts_.assignments.Insert(tenant, assignment, content, call.deadline());
  if (!inserted.ok()) co_return error::OfLog(inserted.status());
  if (*inserted == InsertOutcome::kOther) co_return error::IdReused(request.assignment_id());
  ASSIGN_OR_CO_RETURN(v1::Assignment stored, Find(call, tenant, assignment.name()));
  co_return stored;
}

Task<absl::StatusOr<v1::Assignment>> AssignmentHandlers::GetAssignment(
    Call& call, const v1::GetAssignmentRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const AssignmentName name,
                          ResolveAssignment(request.name(), "name", call.caller()));
  ASSIGN_OR_CO_RETURN(v1::Assignment assignment, Find(call, name.tenant, name.name));
  co_return assignment;
}

Task<absl::StatusOr<v1::ListAssignmentsResponse>> AssignmentHandlers::ListAssignments(
    Call& call, const v1::ListAssignmentsRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const std::string tenant,
                          ResolveAssignmentsOf(request.parent(), "parent", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultPage, kMaxPage));
  const std::vector<std::string> binding = {"assignments", tenant};
  ASSIGN_OR_CO_RETURN_NOW(const std::string after, DecodePageToken(binding, request.page_token()));
  // One more than is wanted tells whether there is another page.
  absl::StatusOr<std::vector<v1::Assignment>> listed =
      co_await parts_.assignments.List(tenant, after, size + 1, call.deadline());
  if (!listed.ok()) co_return error::OfLog(listed.status());
  v1::ListAssignmentsResponse response;
  for (v1::Assignment& assignment : *listed) {
    if (response.assignments_size() == size) {
      const std::string last = AssignmentIdOf(response.assignments(size - 1).name());
      response.set_next_page_token(EncodePageToken(binding, last));
      break;
    }
    *response.add_assignments() = std::move(assignment);
  }
  co_return response;
}

Task<absl::StatusOr<v1::Assignment>> AssignmentHandlers::UpdateAssignment(
    Call& call, const v1::UpdateAssignmentRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const AssignmentName name,
                          ResolveAssignment(request.assignment().name(), "assignment.name", call.caller()));
  CO_RETURN_IF_ERROR_NOW(Validate(request));
  for (int tries = 1;; ++tries) {
    ASSIGN_OR_CO_RETURN(const v1::Assignment found, Find(call, name.tenant, name.name));
    v1::Assignment changed = found;
    ApplyMask(request.assignment(), request.update_mask(), changed);
    CO_RETURN_IF_ERROR_NOW(ValidateAssignment(changed, "assignment."));
    // As it was asked for already: by this call's first try, perhaps.
    if (ContentOfAssignment(changed) == ContentOfAssignment(found)) co_return found;
    const bool stale = !request.etag().empty() && request.etag() != found.etag();
    if (stale || tries > kTries) co_return error::EtagMismatch(name.name, found.etag());
    *changed.mutable_update_time() = ToTimestamp(ToWholeMillis(parts_.clock.Now()));
    absl::StatusOr<bool> replaced =
        co_await parts_.assignments.Replace(name.tenant, changed, found.etag(), call.deadline());
    if (!replaced.ok()) co_return error::OfLog(replaced.status());
    if (!*replaced) continue;
    ASSIGN_OR_CO_RETURN(v1::Assignment stored, Find(call, name.tenant, name.name));
    co_return stored;
  }
}

Task<absl::StatusOr<google::protobuf::Empty>> AssignmentHandlers::DeleteAssignment(
    Call& call, const v1::DeleteAssignmentRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const AssignmentName name,
                          ResolveAssignment(request.name(), "name", call.caller()));
  for (int tries = 1;; ++tries) {
    ASSIGN_OR_CO_RETURN(const v1::Assignment found, Find(call, name.tenant, name.name));
    const bool stale = !request.etag().empty() && request.etag() != found.etag();
    if (stale || tries > kTries) co_return error::EtagMismatch(name.name, found.etag());
    absl::StatusOr<bool> removed =
        co_await parts_.assignments.Remove(name.tenant, name.id, found.etag(), call.deadline());
    if (!removed.ok()) co_return error::OfLog(removed.status());
    if (*removed) co_return google::protobuf::Empty();
  }
}

Task<absl::StatusOr<v1::ListAssignmentResultsResponse>> AssignmentHandlers::ListAssignmentResults(
    Call& call, const v1::ListAssignmentResultsRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const AssignmentName name,
                          ResolveAssignment(request.parent(), "parent", call.caller()));
  ASSIGN_OR_CO_RETURN_NOW(const int size, PageSize(request.page_size(), kDefaultPage, kMaxPage));
  const std::vector<std::string> binding = {"assignment_results", name.name};
  ASSIGN_OR_CO_RETURN_NOW(const std::string cursor, DecodePageToken(binding, request.page_token()));
  AssignedSession after;
  if (!cursor.empty()) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(cursor, absl::MaxSplits('/', 1));
    after.session.learner.learner = parts.first;
    if (!absl::SimpleAtoi(parts.second, &after.seq)) co_return error::PageTokenInvalid();
  }
  ASSIGN_OR_CO_RETURN(const v1::Assignment found, Find(call, name.tenant, name.name));
  absl::StatusOr<std::vector<AssignedSession>> sessions =
      co_await parts_.assignments.ListSessions(name.tenant, name.id, after, size + 1, call.deadline());
  if (!sessions.ok()) co_return error::OfLog(sessions.status());
  v1::ListAssignmentResultsResponse response;
  for (const AssignedSession& session : *sessions) {
    if (response.results_size() == size) {
      response.set_next_page_token(
          EncodePageToken(binding, absl::StrCat(after.session.learner.learner, "/", after.seq)));
      break;
    }
    after = session;
    ASSIGN_OR_CO_RETURN(const LoadedSession loaded,
                        parts_.ledger.Load(session.session, session.seq, false, call.deadline()));
    *response.add_results() = ResultOf(session.session, loaded.state);
  }
  co_return response;
}

Task<absl::StatusOr<v1::Assignment>> AssignmentHandlers::ReleaseGrades(
    Call& call, const v1::ReleaseGradesRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const AssignmentName name,
                          ResolveAssignment(request.name(), "name", call.caller()));
  for (int tries = 1;; ++tries) {
    ASSIGN_OR_CO_RETURN(const v1::Assignment found, Find(call, name.tenant, name.name));
    if (found.mode() != v1::SESSION_MODE_EXAM) co_return error::ModeForbids(name.name);
    if (found.has_release_time()) co_return found;
    if (tries > kTries) co_return error::EtagMismatch(name.name, found.etag());
    v1::Assignment released = found;
    *released.mutable_release_time() = ToTimestamp(ToWholeMillis(parts_.clock.Now()));
    absl::StatusOr<bool> replaced =
        co_await parts_.assignments.Replace(name.tenant, released, found.etag(), call.deadline());
    if (!replaced.ok()) co_return error::OfLog(replaced.status());
  }
}

}  // namespace greenroom::session
