// R3 and R4. Redis holds nothing that the log does not, so the worst it can do is to be slow.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"
#include "tests/e2e/faults/holding.h"

namespace greenroom::e2e {
namespace {

// What R4 asks of calls while Redis misbehaves: where a try is cut by its deadline, the next one is answered. Most calls
// take a tenth of a try.
const absl::Duration kDeadline = CallPolicy().try_timeout + absl::Seconds(1);

// Redis takes writes again.
absl::Status WaitUntilWritable(FaultSite& site) {
  const absl::Time end = absl::Now() + absl::Seconds(20);
  for (;;) {
    absl::Status written = site.system.redis().Command({"SET", "probe", "1", "PX", "1"}).status();
    if (written.ok() || absl::Now() > end) return written;
    absl::SleepFor(absl::Milliseconds(20));
  }
}

// What a client of Redis sees now; an error where that is no refusal.
absl::Status ExpectRefusal(FaultSite& site, absl::string_view with) {
  const absl::Time end = absl::Now() + absl::Seconds(10);
  for (;;) {
    absl::Status written = site.system.redis().Command({"SET", "probe", "1", "PX", "1"}).status();
    if (!written.ok() && absl::StartsWith(written.message(), with)) return absl::OkStatus();
    if (absl::Now() > end) {
      return absl::InternalError(
          absl::StrCat("the fault does not bite: instead of ", with, " Redis says ", written.ToString()));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
}

absl::Status HoldWithinDeadlines(FaultSite& site) {
  site.load.statistics().ForgetTimes();
  RETURN_IF_ERROR(HoldWhileAllGoOn(site));
  RETURN_IF_ERROR(ExpectP99(site, "SubmitAnswer", kDeadline));
  return ExpectP99(site, "NextQuestion", kDeadline);
}

}  // namespace

absl::Status RedisFlushed(FaultSite& site) { return site.system.redis().Command({"FLUSHALL"}).status(); }

absl::Status RedisRestartedEmpty(FaultSite& site) {
  return site.system.redis().Restart(RedisServer::Data::kEmpty);
}

absl::Status RedisRestartedWithItsData(FaultSite& site) {
  return site.system.redis().Restart(RedisServer::Data::kKeep);
}

absl::Status RedisSlow(FaultSite& site) {
  site.system.redis_proxy().Delay(absl::Milliseconds(200));
  absl::Status held = HoldWithinDeadlines(site);
  site.system.redis_proxy().Pass();
  return held;
}

absl::Status RedisResetsReplies(FaultSite& site) {
  const int before = site.system.redis_proxy().resets();
  site.load.statistics().ForgetTimes();
  const absl::Time end = absl::Now() + site.hold;
  do {
    // Replies are some tens of bytes to a few KiB: within the handshake, between two replies, in the middle of one.
    site.system.redis_proxy().ResetReplies(site.Draw(1, 6000));
    absl::SleepFor(absl::Milliseconds(site.Draw(20, 300)));
  } while (absl::Now() < end);
  absl::Status held = site.load.WaitForEach(absl::Seconds(20) * kSlowBuild);
  site.system.redis_proxy().Pass();
  RETURN_IF_ERROR(held);
  if (site.system.redis_proxy().resets() == before) return absl::InternalError("no connection was reset");
  return ExpectP99(site, "SubmitAnswer", kDeadline);
}

absl::Status RedisSwallows(FaultSite& site) {
  site.system.redis_proxy().Swallow();
  absl::Status held = HoldWithinDeadlines(site);
  site.system.redis_proxy().Pass();
  return held;
}

absl::Status RedisStopped(FaultSite& site) {
  RETURN_IF_ERROR(site.system.redis().Stop());
  absl::Status held = HoldWithinDeadlines(site);
  return Both(held, site.system.redis().Cont());
}

absl::Status RedisOutOfMemory(FaultSite& site) {
  RETURN_IF_ERROR(site.system.redis().Command({"CONFIG", "SET", "maxmemory", "1"}).status());
  absl::Status held = ExpectRefusal(site, "OOM");
  if (held.ok()) held = HoldWithinDeadlines(site);
  const auto evicted = site.system.redis().Command({"INFO", "stats"});
  held = Both(held, evicted.status());
  if (held.ok() && !absl::StrContains(*evicted, "evicted_keys:0\r\n")) {
    held = absl::DataLossError("Redis has evicted live sessions");
  }
  held = Both(held, site.system.redis().Command({"CONFIG", "SET", "maxmemory", "0"}).status());
  return Both(held, WaitUntilWritable(site));
}

absl::Status RedisDiskFull(FaultSite& site) {
  RETURN_IF_ERROR(site.system.redis_disk().Fill());
  absl::Status held = ExpectRefusal(site, "MISCONF");
  if (held.ok()) held = HoldWithinDeadlines(site);
  held = Both(held, site.system.redis_disk().Free());
  return Both(held, WaitUntilWritable(site));
}

}  // namespace greenroom::e2e
