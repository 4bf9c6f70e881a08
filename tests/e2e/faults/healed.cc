#include "tests/e2e/faults/healed.h"

#include <google/protobuf/util/message_differencer.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/task.h"

namespace greenroom::e2e {
namespace {

using google::protobuf::util::MessageDifferencer;
using session::v1::Session;

// A call that began just before the end of a fault may need a second try or two, with their pauses.
const absl::Duration kGoOn = absl::Seconds(30) * kSlowBuild;
// The worker's longest pause between two tries of a grade; its lease, where a worker was killed with it, is shorter.
constexpr absl::Duration kGraded = absl::Seconds(70);
// How long a read may lag behind an acknowledged write after a crash.
const absl::Duration kReadLag = absl::Seconds(2) * kSlowBuild;

absl::Status CompareOne(Learner& learner, Learner::Stub& witness) {
  const std::string& name = learner.sessions().back();
  const absl::Time end = absl::Now() + kReadLag;
  for (;;) {
    ASSIGN_OR_RETURN(const Session told, learner.GetSession(learner.stub(), name));
    ASSIGN_OR_RETURN(const Session replayed, learner.GetSession(witness, name));
    std::string difference;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    if (differencer.Compare(replayed, told)) return absl::OkStatus();
    if (absl::Now() > end) {
      return absl::DataLossError(absl::StrCat(name, " is told otherwise than replayed:\n", difference));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
}

}  // namespace

absl::Status WaitForGrades(System& system, absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  for (;;) {
    ASSIGN_OR_RETURN(const int64_t pending, system.PendingGrades());
    if (pending == 0) return absl::OkStatus();
    if (absl::Now() > end)
      return absl::DeadlineExceededError(absl::StrCat(pending, " answers stay without a grade"));
    absl::SleepFor(absl::Milliseconds(50));
  }
}

absl::Status CompareWithReplay(System& system, Load& load) {
  RETURN_IF_ERROR(system.StartWitness());
  auto witness = SessionStub(system.witness_target());
  absl::Status compared;
  for (const auto& learner : load.learners()) {
    compared = CompareOne(*learner, *witness);
    if (!compared.ok()) break;
  }
  system.StopWitness();
  return compared;
}

absl::StatusOr<CheckReport> CheckHealed(System& system, Load& load) {
  const absl::Status go_on = load.WaitForEach(kGoOn);
  load.Pause();
  RETURN_IF_ERROR(go_on);
  RETURN_IF_ERROR(WaitForGrades(system, kGraded));
  ASSIGN_OR_RETURN(const std::vector<CallRecord> records, ReadCallLedger(load.ledger().path()));
  ASSIGN_OR_RETURN(CheckReport report, CheckLog(records, system.log_url(), true));
  if (!report.ok()) return absl::DataLossError(report.ToString());
  RETURN_IF_ERROR(CompareWithReplay(system, load));
  return report;
}

}  // namespace greenroom::e2e
