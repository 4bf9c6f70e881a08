#include "services/session/live/fake_live_store.h"

#include "services/session/live/live_store_contract.h"

namespace greenroom::session {
namespace {

class FakeUnderTest : public LiveStoreUnderTest {
 public:
  LiveStore& store() override { return store_; }
  void Flush() override { store_.Flush(); }
  void Restart() override { store_.Restart(); }
  void SetFormat(const SessionKey& session, int32_t format) override {
    StoredState state = *store_.Stored(session);
    state.format = format;
    store_.Plant(session, state);
  }
  std::vector<int64_t> WakeUps(const SessionKey& session, size_t) override { return store_.WakeUps(session); }

 private:
  FakeLiveStore store_;
};

INSTANTIATE_TEST_SUITE_P(Fake, LiveStoreContract,
                         testing::Values(LiveStoreMaker([] { return std::make_unique<FakeUnderTest>(); })));

}  // namespace
}  // namespace greenroom::session
