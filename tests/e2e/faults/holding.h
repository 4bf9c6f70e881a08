// What the faults have in common: how long they last, and what must go on meanwhile.
#ifndef GREENROOM_TESTS_E2E_FAULTS_HOLDING_H_
#define GREENROOM_TESTS_E2E_FAULTS_HOLDING_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/e2e/faults/fault.h"

namespace greenroom::e2e {

// Lets the fault last, then asks that every learner goes on under it.
absl::Status HoldWhileAllGoOn(FaultSite& site);

// Of the business calls of `method` since statistics().ForgetTimes(); `bound` is a plain build's. DEADLINE_EXCEEDED with
// the figure otherwise.
absl::Status ExpectP99(FaultSite& site, absl::string_view method, absl::Duration bound);

// The first of two that is not OK: a fault's heal must happen whatever the fault's own checks say.
inline absl::Status Both(const absl::Status& first, const absl::Status& second) {
  return first.ok() ? second : first;
}

}  // namespace greenroom::e2e

#endif  // GREENROOM_TESTS_E2E_FAULTS_HOLDING_H_
