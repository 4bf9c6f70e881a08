#include "services/session/domain/shut_packs.h"

#include <algorithm>

#include "services/session/domain/views.h"

namespace greenroom::session {

bool ShutPacks::Shuts(absl::string_view pack) const {
  return std::any_of(exams_.begin(), exams_.end(), [&](const OpenExam& exam) { return exam.pack == pack; });
}

bool ShutPacks::ShutsSession(absl::string_view session, absl::string_view revision) const {
  const bool is_exam = std::any_of(exams_.begin(), exams_.end(),
                                   [&](const OpenExam& exam) { return exam.session == session; });
  return !is_exam && Shuts(PackOfRevision(revision));
}

bool ShutPacks::Withhold(v1::Session& session) const {
  const absl::string_view name = session.name();
  if (!ShutsSession(name.substr(name.rfind('/') + 1), session.revision())) return false;
  session.clear_score();
  for (v1::SessionQuestion& question : *session.mutable_questions()) question.clear_score();
  return true;
}

void WithholdGrades(v1::Answer& answer) {
  v1::Grade told;
  told.set_state(answer.grade().state());
  if (answer.grade().has_grade_time()) *told.mutable_grade_time() = answer.grade().grade_time();
  *answer.mutable_grade() = std::move(told);
  answer.clear_earlier_grades();
}

void WithholdGrades(v1::ExportedEvent& event) {
  v1::EventPayload& payload = *event.mutable_payload();
  if (payload.has_graded()) {
    payload.mutable_graded()->clear_report();
    payload.mutable_graded()->clear_comment();
  }
  if (payload.has_rated()) payload.mutable_rated()->clear_claimed_points();
}

}  // namespace greenroom::session
