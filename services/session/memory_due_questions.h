// MemoryDueQuestions: what a learner is about to forget, by the memory index.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_DUE_QUESTIONS_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_DUE_QUESTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/session/due_questions.h"
#include "services/session/index/memory_index.h"
#include "services/session/memory_deriver.h"

namespace greenroom::session {

// Thread-safe. Both must outlive it and every Task it gave.
class MemoryDueQuestions final : public DueQuestions {
 public:
  MemoryDueQuestions(MemoryIndex& index, MemoryDeriver& deriver) : index_(index), deriver_(deriver) {}

  Task<absl::StatusOr<std::vector<std::string>>> ListDue(LearnerKey learner, PackOutline pack, absl::Time now,
                                                         int32_t count, absl::Time deadline) override;

 private:
  MemoryIndex& index_;
  MemoryDeriver& deriver_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_DUE_QUESTIONS_H_
