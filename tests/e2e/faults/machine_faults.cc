// R12. The machine's clock is set, and a process has no descriptors left.
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/holding.h"

namespace greenroom::e2e {
namespace {

// There and back: each of them is a jump.
absl::Status Jump(FaultSite& site, absl::Duration by) {
  site.system.preloaded().MoveClock(by);
  absl::Status held = HoldWhileAllGoOn(site);
  site.system.preloaded().MoveClock(absl::ZeroDuration());
  return Both(held, HoldWhileAllGoOn(site));
}

// Sets the soft limit of open files of a running process; yields the one before.
absl::StatusOr<rlim_t> LimitDescriptors(pid_t pid, rlim_t most) {
  rlimit limit = {};
  if (prlimit(pid, RLIMIT_NOFILE, nullptr, &limit) != 0) return absl::ErrnoToStatus(errno, "prlimit");
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = std::min(most, limit.rlim_max);
  if (prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) != 0) return absl::ErrnoToStatus(errno, "prlimit");
  return before;
}

absl::Status Read(Learner& reader) {
  return reader.GetSession(reader.stub(), reader.sessions().back()).status();
}

}  // namespace

absl::Status ClockJumpsForward(FaultSite& site) { return Jump(site, absl::Hours(1)); }
absl::Status ClockJumpsBack(FaultSite& site) { return Jump(site, -absl::Hours(1)); }

absl::Status ClockJumpsForwardThenRestart(FaultSite& site) {
  return Both(ClockJumpsForward(site), RestartAll(site));
}
absl::Status ClockJumpsBackThenRestart(FaultSite& site) {
  return Both(ClockJumpsBack(site), RestartAll(site));
}

absl::Status DescriptorsRunOut(FaultSite& site) {
  const pid_t session = site.system.process(Service::kSession).pid();
  Learner::Options options;
  options.target = site.system.address(Service::kSession);
  options.name = absl::StrCat("newcomer-", site.Draw(0, int64_t{1} << 40));
  ASSIGN_OR_RETURN(options.token, LearnerToken(site.system.key(), options.name));
  Learner resident(options, site.load.witness());
  RETURN_IF_ERROR(resident.Create());

  // No descriptor is free below a limit of 3, whichever are taken.
  ASSIGN_OR_RETURN(const rlim_t before, LimitDescriptors(session, 3));
  absl::Cleanup restore = [&] { LimitDescriptors(session, before).IgnoreError(); };
  // What is connected goes on; also where the connections to Redis must be made anew and cannot.
  site.system.redis_proxy().Refuse();
  site.system.redis_proxy().Pass();
  RETURN_IF_ERROR(HoldWhileAllGoOn(site));
  // Newcomers are kept waiting or refused, whatever they try.
  CallStatistics forgotten;
  options.policy.try_timeout = absl::Milliseconds(500);
  options.policy.business_timeout = absl::ZeroDuration();
  for (int newcomers = 0; newcomers < 3; ++newcomers) {
    Learner newcomer(options, {site.load.ledger(), forgotten});
    const absl::Status refused = newcomer.Create();
    if (!absl::IsUnavailable(refused) && !absl::IsDeadlineExceeded(refused)) {
      return absl::InternalError(
          absl::StrCat("without descriptors a newcomer was told ", refused.ToString()));
    }
  }
  // Nothing spins on what cannot be accepted: with nobody calling the process is as good as idle.
  site.load.Pause();
  ASSIGN_OR_RETURN(const ProcessUse idle, UseOf(session));
  const absl::Time idle_since = absl::Now();
  absl::SleepFor(absl::Seconds(1));
  ASSIGN_OR_RETURN(const ProcessUse later, UseOf(session));
  const double busy =
      absl::FDivDuration(later.processor_time - idle.processor_time, absl::Now() - idle_since);
  site.load.Resume();
  if (busy > 0.5) {
    return absl::ResourceExhaustedError(absl::StrCat("without descriptors the idle process takes ",
                                                     static_cast<int>(busy * 100), " % of a processor"));
  }
  std::move(restore).Invoke();
  // And they are let in again.
  options.policy = {};
  Learner newcomer(options, site.load.witness());
  RETURN_IF_ERROR(newcomer.Create());
  return Read(resident);
}

}  // namespace greenroom::e2e
