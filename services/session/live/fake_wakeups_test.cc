#include "services/session/live/fake_wakeups.h"

#include "services/session/live/fake_live_store.h"
#include "services/session/live/wakeups_contract.h"

namespace greenroom::session {
namespace {

class FakeUnderTest : public WakeupsUnderTest {
 public:
  FakeUnderTest() {
    store_.OnWakeUp([this](const SessionKey& session) { wakeups_.Wake(session); });
  }
  Wakeups& wakeups() override { return wakeups_; }
  LiveStore& store() override { return store_; }
  void Break() override { wakeups_.Break(); }
  void Heal() override { wakeups_.Heal(); }

 private:
  FakeWakeups wakeups_;
  FakeLiveStore store_;
};

INSTANTIATE_TEST_SUITE_P(Fake, WakeupsContract,
                         testing::Values(WakeupsMaker([] { return std::make_unique<FakeUnderTest>(); })));

}  // namespace
}  // namespace greenroom::session
