// From folds to the messages of the API.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_VIEWS_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_VIEWS_H_

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "greenroom/session/v1/live_state.pb.h"
#include "greenroom/session/v1/session.pb.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/keys.h"
#include "services/session/domain/learner_view.h"

namespace greenroom::session {

std::string LearnerName(const LearnerKey& learner);                            // tenants/{t}/learners/{l}
std::string SessionName(const SessionKey& session);                            // .../sessions/{s}
std::string AnswerName(const SessionKey& session, absl::string_view answer);   // .../answers/{a}
std::string RegradeName(absl::string_view tenant, absl::string_view regrade);  // tenants/{t}/regrades/{r}

// "tenants/t/packs/p" of "tenants/t/packs/p/revisions/r".
std::string PackOfRevision(absl::string_view revision);

// Who looks. A learner sees what the conversation allows; staff (instructors) see every grade whole.
enum class Reader { kLearner, kStaff };

// Mean of the questions' scores, rounded half up: practice and review leave out questions without a score, finished mocks
// and exams count unanswered ones as 0. nullopt while nothing is graded.
std::optional<int32_t> SessionScore(const v1::LiveState& state);

// The session without drafts and newer_revision.
v1::Session SessionView(const SessionKey& key, const v1::LiveState& state, Reader reader);

// The grade as seen; PENDING where `graded` is null.
v1::Grade GradeView(const Event* graded, std::optional<int32_t> gained, Sight sight);

// The answer with its grade. With `with_text` false the text is left out.
v1::Answer AnswerView(const SessionKey& key, const FoldedAnswer& answer, Sight sight, bool with_text);

// Adds the grades that were current before the answer's grade, latest first, as seen; none where nothing may be seen.
void AddEarlierGrades(const SessionFold& fold, const FoldedAnswer& answer, Sight sight, v1::Answer& view);

// What `reader` may see of answers to the question with this number.
Sight SightOf(const v1::LiveState& state, int32_t number, Reader reader);

// The whole report. `prompt_of` gives a question's prompt by its id and form, empty where it is not known. A learner is
// given none of questions whose time has yet to begin.
v1::SessionReport ReportView(const SessionKey& key, const SessionFold& fold, Reader reader,
                             const std::function<std::string(const std::string&, int32_t)>& prompt_of);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_VIEWS_H_
