// A ledger over the fakes, and the writes that its tests try it with.
#ifndef GREENROOM_SERVICES_SESSION_TESTING_LEDGER_FIXTURE_H_
#define GREENROOM_SERVICES_SESSION_TESTING_LEDGER_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/base/metrics.h"
#include "services/base/status.h"
#include "services/session/domain/decide.h"
#include "services/session/domain/digest.h"
#include "services/session/ledger.h"
#include "services/session/live/fake_live_store.h"
#include "services/session/log/fake_event_log.h"

namespace greenroom::session {

inline std::string Id(int number) { return absl::StrFormat("%08x-1111-4111-8111-111111111111", number); }

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() : metrics_(registry_), ledger_(log_, live_, clock_, metrics_) {}

  static absl::Time Soon() { return absl::Now() + absl::Seconds(10); }
  static SessionKey Key(int number = 1) { return {{"acme", "ada"}, Id(number)}; }

  WriteCommand Creation(int number = 1) {
    WriteCommand command;
    command.session = Key(number);
    command.event_id = Id(number);
    command.content_sha256 = "creation";
    command.creates = true;
    command.decide = [](const v1::LiveState* state) {
      if (state != nullptr) return Verdict::Refuse(absl::AlreadyExistsError("is there"));
      v1::EventPayload payload;
      payload.mutable_created()->set_revision("tenants/acme/packs/p/revisions/r1");
      payload.mutable_created()->set_mode(v1::SESSION_MODE_PRACTICE);
      payload.mutable_created()->add_questions("q1");
      payload.mutable_created()->add_questions("q2");
      return Verdict::Write(payload);
    };
    return command;
  }
  WriteCommand Hint(int id, int session = 1, std::string content = "hint") {
    WriteCommand command;
    command.session = Key(session);
    command.event_id = Id(id);
    command.content_sha256 = std::move(content);
    command.question = "q1";
    command.decide = [this](const v1::LiveState* state) {
      ++decisions_;
      const Ruling ruling = Decide(*state, "q1", Act::kTakeHint, clock_.Now(), 1000);
      if (!ruling.applies()) return Verdict::Refuse(absl::FailedPreconditionError("refused"));
      v1::EventPayload payload;
      payload.mutable_hint_taken()->set_question("q1");
      return Verdict::Write(payload);
    };
    return command;
  }
  absl::StatusOr<WriteOutcome> Write(WriteCommand command) {
    return SyncWait(ledger_.Write(std::move(command), Soon()));
  }
  absl::StatusOr<LoadedSession> Load(int64_t seen = 0, int session = 1) {
    return SyncWait(ledger_.Load(Key(session), seen, false, Soon()));
  }
  // What another process wrote: straight into the log.
  void WriteElsewhere(int id, int session = 1, std::string device = "other") {
    v1::EventPayload payload;
    payload.mutable_hint_taken()->set_question("q1");
    AppendElsewhere(id, session, std::move(device), std::move(payload));
  }
  void GradeElsewhere(int id, int session) {
    v1::EventPayload payload;
    payload.mutable_graded()->set_answer(Id(99));
    AppendElsewhere(id, session, "", std::move(payload));
  }
  void AppendElsewhere(int id, int session, std::string device, v1::EventPayload payload) {
    Event event;
    event.learner = Key().learner;
    const LogHead head = *SyncWait(log_.Head(event.learner, Soon()));
    event.seq = head.seq + 1;
    event.event_id = Id(id);
    event.session = Id(session);
    event.occurred_time = std::max(clock_.Now(), head.last_occurred + absl::Milliseconds(1));
    event.received_time = clock_.Now();
    event.device = std::move(device);
    event.content_sha256 = "hint";
    event.payload = std::move(payload);
    event.kind = KindOf(event.payload);
    ASSERT_EQ(*SyncWait(log_.Append({event}, Soon())), AppendOutcome::kWritten);
  }
  int Hints(int64_t seen = 0) {
    auto loaded = Load(seen);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return loaded.ok() ? loaded->state.questions(0).hints_taken() : -1;
  }
  void ExpectRebuilt(const std::string& reason, int times = 1) {
    EXPECT_THAT(registry_.Text(), ::testing::HasSubstr("session_rebuild_total{reason=\"" + reason + "\"} " +
                                                       std::to_string(times)));
  }
  void ExpectNotRebuilt() {
    EXPECT_THAT(registry_.Text(), ::testing::Not(::testing::HasSubstr("session_rebuild_total{")));
  }
  int LogReads() {
    return log_.gate().calls("ReadSession") + log_.gate().calls("Head") + log_.gate().calls("ReadAfter");
  }

  FakeClock clock_;
  FakeEventLog log_;
  FakeLiveStore live_;
  MetricsRegistry registry_;
  SessionMetrics metrics_;
  Ledger ledger_;
  int decisions_ = 0;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_TESTING_LEDGER_FIXTURE_H_
