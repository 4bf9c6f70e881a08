// ProgressHandlers: what each RPC of ProgressService does, once the wrapper has let the call in.
#ifndef GREENROOM_SERVICES_SESSION_PROGRESS_HANDLERS_H_
#define GREENROOM_SERVICES_SESSION_PROGRESS_HANDLERS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greenroom/session/v1/progress_service.pb.h"
#include "services/base/call.h"
#include "services/base/clock.h"
#include "services/base/task.h"
#include "services/session/assignments/assignment_store.h"
#include "services/session/domain/shut_packs.h"
#include "services/session/index/memory_index.h"
#include "services/session/learner_ledger.h"
#include "services/session/memory/pack_outline.h"
#include "services/session/memory/schedule.h"
#include "services/session/memory/settings.h"
#include "services/session/memory_deriver.h"
#include "services/session/peers/catalogue.h"
#include "services/session/progress_requests.h"

namespace greenroom::session {

// What the handlers work with. All of it must outlive them.
struct ProgressParts {
  LearnerLedger& ledger;
  MemoryIndex& index;
  MemoryDeriver& deriver;
  Catalogue& catalogue;
  const Clock& clock;
  AssignmentStore& assignments;
};

// Thread-safe. Call and request must live until the Task has ended.
class ProgressHandlers {
 public:
  explicit ProgressHandlers(ProgressParts parts) : parts_(parts) {}

  Task<absl::StatusOr<v1::Progress>> GetProgress(Call& call, const v1::GetProgressRequest& request);
  Task<absl::StatusOr<v1::ListDueQuestionsResponse>> ListDueQuestions(
      Call& call, const v1::ListDueQuestionsRequest& request);
  Task<absl::StatusOr<v1::Learner>> GetLearner(Call& call, const v1::GetLearnerRequest& request);
  Task<absl::StatusOr<v1::UpdateLearnerResponse>> UpdateLearner(Call& call,
                                                                const v1::UpdateLearnerRequest& request);
  Task<absl::StatusOr<v1::ImportMemoryResponse>> ImportMemory(Call& call,
                                                              const v1::ImportMemoryRequest& request);
  Task<absl::StatusOr<v1::Calibration>> GetCalibration(Call& call, const v1::GetCalibrationRequest& request);

 private:
  // What is remembered of a learner, and what packs are about it.
  struct Remembered {
    int64_t sequence = 0;               // that all of it reflects at least
    Settings settings;                  // as they stand
    std::vector<MemoryItem> items;      // that can be asked: of `outlines`
    std::vector<PackOutline> outlines;  // of the packs of all items and of the goal

    const PackOutline* Find(absl::string_view pack) const;
    std::vector<Candidate> Candidates() const;
  };
  // Without what an open exam keeps shut for the reader. With `pack` (may be empty) among the outlines; PACK_NOT_FOUND where
  // it is none that a learner may practise, EXAM_OPEN where it is shut.
  Task<absl::StatusOr<Remembered>> Remember(Call& call, const Target& target, std::string pack);
  // Of a pack that learners may practise. PACK_NOT_FOUND.
  Task<absl::StatusOr<PackOutline>> Outline(Call& call, LearnerKey learner, std::string pack,
                                            Freshness freshness);
  // PACK_NOT_FOUND or QUESTION_NOT_FOUND of the first item that is of none. `packs` are those of the items.
  Task<absl::Status> CheckItems(Call& call, LearnerKey learner, const v1::ImportMemoryRequest& request,
                                const std::vector<std::string>& packs);

  const ProgressParts parts_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_PROGRESS_HANDLERS_H_
