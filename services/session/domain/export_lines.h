// What an export says of a learner's log.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_EXPORT_LINES_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_EXPORT_LINES_H_

#include <map>
#include <string>
#include <vector>

#include "greenroom/session/v1/learner.pb.h"
#include "greenroom/session/v1/privacy.pb.h"
#include "services/session/domain/event.h"
#include "services/session/domain/learner_view.h"
#include "services/session/domain/views.h"

namespace greenroom::session {

// What the reader may see now of the grade of each answer of a session, by the answer's id; `events` are all of the
// session's, in any order. Answers that do not count are among them.
std::map<std::string, Sight> SightsOf(const std::vector<Event>& events, Reader reader);

// The event as `reader` may have it, who has this sight of the answer that it grades (kNothing where that is not known).
v1::ExportedEvent ExportedEventOf(const Event& event, Reader reader, Sight sight);

// Takes a change into the settings.
void Apply(const v1::SettingsChanged& change, v1::LearnerSettings& settings);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_EXPORT_LINES_H_
