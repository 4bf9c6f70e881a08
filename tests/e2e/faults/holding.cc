#include "tests/e2e/faults/holding.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace greenroom::e2e {

absl::Status HoldWhileAllGoOn(FaultSite& site) {
  absl::SleepFor(site.hold);  // what is tested is how the services bear it for so long
  return site.load.WaitForEach(absl::Seconds(20) * kSlowBuild);
}

absl::Status ExpectP99(FaultSite& site, absl::string_view method, absl::Duration bound) {
  const absl::Duration p99 = site.load.statistics().Percentile(method, 0.99);
  if (site.load.statistics().TimesOf(method) > 0 && p99 <= bound * kSlowBuild) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat("p99 of ", site.load.statistics().TimesOf(method), " ",
                                                  method, " was ", absl::FormatDuration(p99), ", bound ",
                                                  absl::FormatDuration(bound * kSlowBuild)));
}

}  // namespace greenroom::e2e
