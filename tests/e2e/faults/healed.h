// Whether a system is well again after a fault: what every row of reliability.md asks for.
#ifndef GREENROOM_TESTS_E2E_FAULTS_HEALED_H_
#define GREENROOM_TESTS_E2E_FAULTS_HEALED_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/e2e/load/checker.h"
#include "tests/e2e/load/load.h"
#include "tests/e2e/system.h"

namespace greenroom::e2e {

// With the load running: every learner goes on. Then, the load paused: every answer gets its grade without a client's
// doing; the log is what was acknowledged; every session that is being practised is told as a replay of its log tells
// it. The load is left paused. An error says what does not hold. Failed business calls are the caller's to count.
absl::StatusOr<CheckReport> CheckHealed(System& system, Load& load);

// What CheckHealed does of it, alone.
absl::Status WaitForGrades(System& system, absl::Duration timeout);
absl::Status CompareWithReplay(System& system, Load& load);

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_FAULTS_HEALED_H_
