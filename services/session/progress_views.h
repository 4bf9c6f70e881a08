// From what is derived of a learner's memory to the messages of the API.
#ifndef GREENROOM_SERVICES_SESSION_PROGRESS_VIEWS_H_
#define GREENROOM_SERVICES_SESSION_PROGRESS_VIEWS_H_

#include <vector>

#include "greenroom/session/v1/privacy.pb.h"
#include "greenroom/session/v1/progress_service.pb.h"
#include "greenroom/session/v1/sync.pb.h"
#include "services/session/memory/calibration.h"
#include "services/session/memory/memory_item.h"
#include "services/session/memory/pack_outline.h"
#include "services/session/memory/progress.h"
#include "services/session/memory/schedule.h"

namespace greenroom::session {

v1::DueQuestion DueQuestionView(const DueQuestion& question);

// `item` is that of `key`; nullptr where there is none (any more).
v1::DueChange DueChangeView(const ItemKey& key, const MemoryItem* item);
v1::ExportedMemory ExportedMemoryView(const MemoryItem& item);

// Topics, readiness and questions of `progress`, which is of `outline`; `items` are those of the pack.
void AddPackProgress(const PackOutline& outline, const PackProgress& progress,
                     const std::vector<MemoryItem>& items, v1::Progress& view);

v1::Streak StreakView(const Streak& streak);
v1::ForecastDay ForecastDayView(const ForecastDay& day);

// Without its sequence.
v1::Calibration CalibrationView(const Calibration& calibration);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PROGRESS_VIEWS_H_
