// R8. Answers are accepted whatever the grader does.
#include "absl/strings/str_cat.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/healed.h"
#include "tests/e2e/faults/holding.h"

namespace greenroom::e2e {
namespace {

constexpr absl::Duration kSubmit = absl::Milliseconds(500);
// What a session process may take more while grades are pending: nothing that grows with their number.
constexpr int64_t kMoreKib = int64_t{24} << 10;
constexpr int kMoreDescriptors = 16;

absl::Status Hold(FaultSite& site) {
  const pid_t session = site.system.process(Service::kSession).pid();
  ASSIGN_OR_RETURN(const ProcessUse before, UseOf(session));
  site.load.statistics().ForgetTimes();
  RETURN_IF_ERROR(HoldWhileAllGoOn(site));
  ASSIGN_OR_RETURN(const int64_t pending, site.system.PendingGrades());
  ASSIGN_OR_RETURN(const ProcessUse after, UseOf(session));
  if (pending == 0) return absl::InternalError("no grade is pending: the fault does not bite");
  if (after.resident_kib > before.resident_kib + kMoreKib * kSlowBuild ||
      after.descriptors > before.descriptors + kMoreDescriptors) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "with ", pending, " grades pending the session process went from ", before.resident_kib, " KiB and ",
        before.descriptors, " descriptors to ", after.resident_kib, " and ", after.descriptors));
  }
  return ExpectP99(site, "SubmitAnswer", kSubmit);
}

}  // namespace

absl::Status ScoringAway(FaultSite& site) {
  for (const auto& proxy : site.system.scoring_proxies()) proxy->Refuse();
  absl::Status held = Hold(site);
  for (const auto& proxy : site.system.scoring_proxies()) proxy->Pass();
  return held;
}

absl::Status ScoringSlow(FaultSite& site) {
  for (const auto& proxy : site.system.scoring_proxies()) proxy->Delay(absl::Seconds(2));
  absl::Status held = Hold(site);
  for (const auto& proxy : site.system.scoring_proxies()) proxy->Pass();
  return held;
}

}  // namespace greenroom::e2e
