// SyncTest: the session service with a device that has an outbox.
#ifndef GREENROOM_SERVICES_SESSION_TESTING_SYNC_FIXTURE_H_
#define GREENROOM_SERVICES_SESSION_TESTING_SYNC_FIXTURE_H_

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/session/domain/digest.h"
#include "services/session/domain/wire_time.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {

class SyncTest : public SessionServiceTest {
 protected:
  // An item of session `session`, its number also its id's; it happened so many seconds after nine.
  v1::OutboxItem Item(int number, int session, int second) {
    v1::OutboxItem item;
    item.set_id(Uuid(number));
    item.set_session(Uuid(session));
    item.set_device_seq(number);
    *item.mutable_occurred_time() = ToTimestamp(kNine + absl::Seconds(second));
    return item;
  }
  v1::OutboxItem Begin(int session, int second, const std::string& revision = kRevision) {
    v1::OutboxItem item = Item(session, session, second);
    item.mutable_begin()->set_revision(revision);
    item.mutable_begin()->set_mode(v1::SESSION_MODE_PRACTICE);
    for (const char* question : {"q1", "q2", "q3"}) item.mutable_begin()->add_questions(question);
    return item;
  }
  v1::OutboxItem Answer(int number, int session, int second, const std::string& question = "q1",
                        const std::string& text = "words of the learner") {
    v1::OutboxItem item = Item(number, session, second);
    item.mutable_answer()->set_question(question);
    item.mutable_answer()->set_text(text);
    return item;
  }
  v1::OutboxItem RevealOf(int number, int session, int second, const std::string& question = "q1") {
    v1::OutboxItem item = Item(number, session, second);
    item.mutable_reveal()->set_question(question);
    return item;
  }
  v1::OutboxItem FinishOf(int number, int session, int second) {
    v1::OutboxItem item = Item(number, session, second);
    item.mutable_finish();
    return item;
  }

  static v1::SyncLearnerRequest Request(const std::vector<v1::OutboxItem>& items,
                                        const std::string& token = "") {
    v1::SyncLearnerRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_device("phone");
    request.set_token(token);
    for (const v1::OutboxItem& item : items) *request.add_items() = item;
    return request;
  }
  absl::StatusOr<v1::SyncLearnerResponse> Sync(const std::vector<v1::OutboxItem>& items,
                                               const std::string& token = "", const As& as = {}) {
    return Call(&Stub::SyncLearner, Request(items, token), as);
  }

  // "TAKEN", "REPLAYED", or the reason of a refusal, in order.
  static std::vector<std::string> Outcomes(const absl::StatusOr<v1::SyncLearnerResponse>& response) {
    std::vector<std::string> outcomes;
    if (!response.ok()) return {response.status().ToString()};
    for (const v1::SyncStatus& status : response->statuses()) {
      const std::string name = v1::SyncOutcome_Name(status.outcome()).substr(13);
      outcomes.push_back(name == "REFUSED" ? status.reason() : name);
    }
    return outcomes;
  }
  // "session 1" or "answer 2": of what the changes are, in order.
  static std::vector<std::string> Changed(const v1::SyncLearnerResponse& response) {
    std::vector<std::string> changed;
    const auto number = [](const std::string& name) {
      return std::stoi(name.substr(name.rfind('/') + 1, 8), nullptr, 16);
    };
    for (const v1::LearnerChange& change : response.changes()) {
      if (change.has_session()) changed.push_back(absl::StrCat("session ", number(change.session().name())));
      if (change.has_answer()) changed.push_back(absl::StrCat("answer ", number(change.answer().name())));
    }
    return changed;
  }
  // Live state is what a fold of the log says, and nothing is left open.
  void ExpectLiveStateOf(int session) {
    const SessionKey key = Key(session);
    const auto stored = server_.live.Stored(key);
    ASSERT_TRUE(stored.has_value());
    std::vector<Event> own;
    for (const Event& event : Events()) {
      if (event.session == key.session) own.push_back(event);
    }
    v1::LiveState state;
    ASSERT_TRUE(state.ParseFromString(stored->bytes));
    v1::LiveState folded = FoldSession(own)->live;
    folded.set_last_occurred_ms(state.last_occurred_ms());
    EXPECT_EQ(DeterministicBytes(state), DeterministicBytes(folded));
    EXPECT_THAT(server_.live.OpenWrites(key), ::testing::IsEmpty());
  }

  const absl::Time kNine = server_.clock.Now();
};

}  // namespace greenroom::session::testing

#endif  // GREENROOM_SERVICES_SESSION_TESTING_SYNC_FIXTURE_H_
