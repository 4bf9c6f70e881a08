// What an open exam keeps shut: the checks that other RPCs make, and what SyncLearner leaves out until it is over.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "services/session/domain/views.h"
#include "services/session/errors.h"
#include "services/session/find_shut_packs.h"
#include "services/session/handlers.h"

namespace greenroom::session {

Task<absl::Status> Handlers::CheckNoExam(Call& call, SessionKey session, std::string revision) {
  absl::StatusOr<std::vector<OpenExam>> exams =
      co_await parts_.assignments.ListOpenExams(session.learner, call.deadline());
  if (!exams.ok()) co_return error::OfLog(exams.status());
  const bool shut = ShutPacks(*std::move(exams)).ShutsSession(session.session, revision);
  co_return shut ? error::ExamOpen(PackOfRevision(revision)) : absl::OkStatus();
}

Task<absl::Status> Handlers::CheckShown(Call& call, const Target& target, const v1::LiveState& state) {
  if (target.reader == Reader::kStaff) co_return absl::OkStatus();
  absl::Status checked = co_await CheckNoExam(call, target.session, state.revision());
  co_return checked;
}

Task<absl::StatusOr<ShutPacks>> Handlers::ShutFor(Call& call, const Target& target) {
  if (!parts_.open_exams.MayHave(target.session.learner)) co_return ShutPacks();
  absl::StatusOr<ShutPacks> shut = co_await FindShutPacks(parts_.assignments, target, call.deadline());
  co_return shut;
}

Task<absl::Status> Handlers::WithholdScores(Call& call, const Target& target, v1::Session& session) {
  ASSIGN_OR_CO_RETURN(const ShutPacks shut, ShutFor(call, target));
  shut.Withhold(session);
  co_return absl::OkStatus();
}

Task<absl::Status> Handlers::GoBackToWithheld(Call& call, const Target& target, SyncCursor& cursor) {
  if (!cursor.withheld.has_value()) co_return absl::OkStatus();
  ASSIGN_OR_CO_RETURN(const ShutPacks shut, FindShutPacks(parts_.assignments, target, call.deadline()));
  if (!shut.empty()) co_return absl::OkStatus();
  SyncCursor back;
  back.epoch = cursor.epoch;
  back.from = back.to = *cursor.withheld;
  cursor = std::move(back);
  co_return absl::OkStatus();
}

Task<absl::Status> Handlers::WithholdChanges(Call& call, const Target& target, const SyncCursor& known,
                                             SyncCursor& cursor, v1::SyncLearnerResponse& response) {
  cursor.withheld = known.withheld;
  ASSIGN_OR_CO_RETURN(const ShutPacks shut, FindShutPacks(parts_.assignments, target, call.deadline()));
  if (shut.empty()) {
    // It is over since the call began: the device is to come for the rest at once.
    if (cursor.withheld.has_value()) response.set_more(true);
    co_return absl::OkStatus();
  }
  const int told = response.changes_size();
  auto* changes = response.mutable_changes();
  changes->erase(std::remove_if(changes->begin(), changes->end(),
                                [&](const v1::LearnerChange& change) {
                                  return change.has_due() && shut.Shuts(change.due().pack());
                                }),
                 changes->end());
  bool withheld = response.changes_size() < told;
  std::map<std::string, bool> shut_sessions;  // by name
  for (v1::LearnerChange& change : *changes) {
    if (change.has_session()) {
      shut_sessions[change.session().name()] = shut.Withhold(*change.mutable_session());
    } else if (change.has_answer()) {
      const std::string name = change.answer().name();
      const std::string session = name.substr(0, name.rfind("/answers/"));
      auto known_session = shut_sessions.find(session);
      if (known_session == shut_sessions.end()) {  // told in an earlier page
        ASSIGN_OR_CO_RETURN(const bool is_shut, IsShutSession(call, target, shut, session));
        known_session = shut_sessions.emplace(session, is_shut).first;
      }
      if (known_session->second) WithholdGrades(*change.mutable_answer());
    }
  }
  for (const auto& [session, is_shut] : shut_sessions) withheld = withheld || is_shut;
  if (withheld) cursor.withheld = std::min(known.from, known.withheld.value_or(known.from));
  co_return absl::OkStatus();
}

Task<absl::StatusOr<bool>> Handlers::IsShutSession(Call& call, const Target& target, const ShutPacks& shut,
                                                   std::string name) {
  const std::string id = name.substr(name.rfind('/') + 1);
  absl::StatusOr<std::optional<Event>> created =
      co_await parts_.log.FindEvent(target.session.learner, id, call.deadline());
  if (!created.ok()) co_return error::OfLog(created.status());
  if (!created->has_value()) co_return error::LearnerErased();
  co_return shut.ShutsSession(id, (*created)->payload.created().revision());
}

}  // namespace greenroom::session
