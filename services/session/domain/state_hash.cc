#include "services/session/domain/state_hash.h"

#include <map>
#include <utility>

#include "services/session/domain/digest.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/views.h"

namespace greenroom::session {
namespace {

v1::SessionReport ReportWithoutSequences(const SessionKey& key, const SessionFold& fold) {
  v1::SessionReport report =
      ReportView(key, fold, Reader::kStaff, [](const std::string&, int32_t) { return std::string(); });
  report.clear_sequence();
  for (v1::QuestionReport& question : *report.mutable_questions()) {
    for (v1::Answer& answer : *question.mutable_answers()) answer.clear_sequence();
  }
  return report;
}

}  // namespace

v1::LiveState WithoutSequences(v1::LiveState state) {
  state.clear_sequence();
  state.clear_last_occurred_ms();
  for (v1::LiveQuestion& question : *state.mutable_questions()) {
    question.clear_reveal_sequence();
    question.clear_devices();
  }
  return state;
}

std::string StateHash(const std::vector<Event>& events) {
  std::map<std::string, std::vector<Event>> sessions;
  for (const Event& event : events) {
    if (!event.session.empty()) sessions[event.session].push_back(event);
  }
  FieldBytes fields;
  for (auto& [id, own] : sessions) {
    const SessionKey key = {own.front().learner, id};
    const std::optional<SessionFold> fold = FoldSession(std::move(own));
    if (!fold.has_value()) continue;
    fields.Add(id);
    fields.Add(DeterministicBytes(WithoutSequences(fold->live)));
    fields.Add(DeterministicBytes(ReportWithoutSequences(key, *fold)));
  }
  return Sha256Hex(fields.bytes());
}

}  // namespace greenroom::session
