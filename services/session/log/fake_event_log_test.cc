#include "services/session/log/fake_event_log.h"

#include "services/session/log/event_log_contract.h"

namespace greenroom::session {
namespace {

class FakeUnderTest : public EventLogUnderTest {
 public:
  EventLog& log() override { return log_; }

 private:
  FakeEventLog log_;
};

INSTANTIATE_TEST_SUITE_P(Fake, EventLogContract,
                         testing::Values(EventLogMaker([] { return std::make_unique<FakeUnderTest>(); })));

}  // namespace
}  // namespace greenroom::session
