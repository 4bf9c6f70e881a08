#include "services/session/index/fake_memory_index.h"

#include "services/session/index/memory_index_contract.h"

namespace greenroom::session {
namespace {

class FakeUnderTest : public MemoryIndexUnderTest {
 public:
  EventLog& log() override { return log_; }
  MemoryIndex& index() override { return index_; }

 private:
  FakeEventLog log_;
  FakeMemoryIndex index_{log_};
};

INSTANTIATE_TEST_SUITE_P(Fake, MemoryIndexContract,
                         testing::Values(MemoryIndexMaker([] { return std::make_unique<FakeUnderTest>(); })));

}  // namespace
}  // namespace greenroom::session
