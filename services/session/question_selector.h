// QuestionSelector: which questions a session asks where more fit than are wanted.
#ifndef GREENROOM_SERVICES_SESSION_QUESTION_SELECTOR_H_
#define GREENROOM_SERVICES_SESSION_QUESTION_SELECTOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/metrics.h"
#include "services/base/task.h"
#include "services/session/domain/keys.h"
#include "services/session/exposures.h"
#include "services/session/index/memory_index.h"
#include "services/session/log/event_log.h"
#include "services/session/memory/askables.h"
#include "services/session/memory/pack_outline.h"
#include "services/session/memory_deriver.h"

namespace greenroom::session {

struct SelectorOptions {
  // What it waits for all that it would like to know, at most; never longer than half of what the call has left.
  absl::Duration patience = absl::Seconds(1);
  int32_t sessions = 20;  // the learner's newest so many are searched for those on the pack
  // Ability is estimated from the newest so many reviews of the pack: they settle it, however long a history is.
  int32_t reviews = 500;
};

// Thread-safe. Everything it borrows must outlive it and every Task it gave.
class QuestionSelector {
 public:
  QuestionSelector(EventLog& log, MemoryIndex& index, MemoryDeriver& deriver, Exposures& exposures,
                   const Clock& clock, MetricsRegistry& metrics, SelectorOptions options = {});

  // At most `count` of `fitting` (questions of the outline), in the order to ask them: by SelectQuestions
  // (domain/selection.h) of what is known of the learner now (memory/askables.h). Never fails: what cannot be read in time
  // counts as not known, and is counted (selection_unknowns_total). An index that is behind the log is brought up to it
  // first, or else read as it stands.
  Task<std::vector<std::string>> Select(LearnerKey learner, PackOutline outline,
                                        std::vector<std::string> fitting, int32_t count, int64_t seed,
                                        absl::Time deadline);

 private:
  Task<SelectionKnowledge> Know(LearnerKey learner, std::string pack, absl::Time deadline);
  void NoteUnknown(absl::string_view what);

  EventLog& log_;
  MemoryIndex& index_;
  MemoryDeriver& deriver_;
  Exposures& exposures_;
  const Clock& clock_;
  MetricsRegistry& metrics_;
  const SelectorOptions options_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_QUESTION_SELECTOR_H_
