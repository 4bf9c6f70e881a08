// The number that spreads an item's days, the same on every device.
#ifndef GREENROOM_SERVICES_SESSION_MEMORY_FUZZ_H_
#define GREENROOM_SERVICES_SESSION_MEMORY_FUZZ_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

// In [0, 1]: fsrs::FuzzOf the SHA-256 of fsrs::FuzzSeed. `pack` is tenants/{tenant}/packs/{pack}, of which only the pack's id
// is taken; `question` an id.
double FuzzOf(const LearnerKey& learner, absl::string_view pack, absl::string_view question, int64_t count);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_MEMORY_FUZZ_H_
