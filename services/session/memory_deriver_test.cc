// The index against the fold of the whole log, whatever the steps that led to it.
#include "services/session/memory_deriver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/memory/learner_memory.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

class MemoryDeriverTest : public SessionServiceTest {
 protected:
  static absl::Time Soon() { return absl::Now() + absl::Seconds(10); }
  static const LearnerKey& Ada() {
    static const auto& kAda = *new LearnerKey{"acme", "ada"};
    return kAda;
  }

  int64_t CatchUp() {
    auto reflected = SyncWait(server_.memory_deriver.CatchUp(Ada(), Soon()));
    EXPECT_TRUE(reflected.ok()) << reflected.status();
    return reflected.value_or(-1);
  }
  std::vector<MemoryItem> Items() { return SyncWait(server_.memory_index.ReadMemory(Ada(), Soon()))->items; }
  std::vector<Review> Reviews() { return *SyncWait(server_.memory_index.ListReviews(Ada(), "", Soon())); }
  // The index is what the whole log says.
  void ExpectTheLog() {
    const LearnerMemory memory = FoldLearner(Ada(), Events());
    std::vector<MemoryItem> items;
    items.reserve(memory.items.size());
    for (const auto& [key, fold] : memory.items) items.push_back(fold.item);
    EXPECT_THAT(Items(), UnorderedElementsAreArray(items));
    EXPECT_THAT(Reviews(), UnorderedElementsAreArray(memory.reviews));
  }
  void Set(int id, const std::string& field, const v1::LearnerSettings& settings) {
    v1::UpdateLearnerRequest request;
    request.set_name(kLearner);
    request.set_request_id(Uuid(id));
    *request.mutable_settings() = settings;
    request.mutable_update_mask()->add_paths(field);
    ASSERT_OK(Call(&v1::ProgressService::Stub::UpdateLearner, request));
  }
  void Import(int id, const std::string& question, double stability) {
    v1::ImportMemoryRequest request;
    request.set_parent(kLearner);
    request.set_request_id(Uuid(id));
    v1::MemoryToImport* item = request.add_items();
    item->set_pack(kPack);
    item->set_question(question);
    item->mutable_fsrs()->set_stability(stability);
    item->mutable_fsrs()->set_difficulty(5);
    item->mutable_last_review_time()->set_seconds(absl::ToUnixSeconds(server_.clock.Now()) - 86400);
    item->set_reviews(3);
    ASSERT_OK(Call(&v1::ProgressService::Stub::ImportMemory, request));
  }
};

TEST_F(MemoryDeriverTest, TakesInWhatIsNewAndNothingTwice) {
  EXPECT_EQ(CatchUp(), 0);
  const std::string session = Create();
  ASSERT_OK(Submit(session, 10, "q1"));
  EXPECT_EQ(CatchUp(), 3);
  ExpectTheLog();
  EXPECT_EQ(Items().size(), 1);
  const int steps = server_.memory_index.steps();
  EXPECT_EQ(CatchUp(), 3);
  EXPECT_EQ(server_.memory_index.steps(), steps);
}

TEST_F(MemoryDeriverTest, FollowsAllThatChangesAReview) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"), 1);
  ASSERT_OK(Submit(session, 10, "q1"));
  CatchUp();
  EXPECT_THAT(Items(), IsEmpty()) << "an ungraded answer is no review yet";
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  CatchUp();
  EXPECT_EQ(Items().size(), 1);
  ExpectTheLog();
  ASSERT_OK(Rate(session, 11, "q1"));
  ASSERT_OK(Reveal(session, 12, "q2"));
  CatchUp();
  ExpectTheLog();
  ASSERT_OK(Rate(session, 13, "q2"));
  server_.clock.Advance(absl::Hours(48));
  ASSERT_OK(Submit(Create(2), 20, "q1"));
  CatchUp();
  ExpectTheLog();
  EXPECT_EQ(Items().size(), 2);
}

TEST_F(MemoryDeriverTest, SettingsFoldEveryItemAnew) {
  ASSERT_OK(Submit(Create(), 10, "q1"));
  Import(30, "q2", 12);
  CatchUp();
  ExpectTheLog();
  v1::LearnerSettings settings;
  settings.set_desired_retention(0.75);
  settings.set_time_zone("Asia/Tokyo");
  Set(31, "desired_retention", settings);
  Set(32, "time_zone", settings);
  server_.clock.Advance(absl::Hours(72));
  ASSERT_OK(Submit(Create(2), 20, "q1"));
  EXPECT_EQ(CatchUp(), static_cast<int64_t>(Events().size()));
  ExpectTheLog();
}

TEST_F(MemoryDeriverTest, AnImportThatComesLaterTakesItsPlace) {
  ASSERT_OK(Submit(Create(), 10, "q1"));
  CatchUp();
  Import(30, "q1", 40);
  CatchUp();
  ExpectTheLog();
}

// Two replicas derive from the same place; then the one that was second has read what is old.
TEST_F(MemoryDeriverTest, WhoComesSecondLooksAgain) {
  ASSERT_OK(Submit(Create(), 10, "q1"));
  MemoryDeriver other(server_.log, server_.memory_index, server_.registry);
  ASSERT_TRUE(SyncWait(other.CatchUp(Ada(), Soon())).ok());
  ASSERT_OK(Submit(Create(2), 20, "q1"));
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(SyncWait(other.CatchUp(Ada(), Soon())).value_or(-1), 6); });
  }
  for (std::thread& thread : threads) thread.join();
  ExpectTheLog();
}

TEST_F(MemoryDeriverTest, ALongLogIsTakenInByShortSteps) {
  // A thousand events are one step.
  const std::string session = Create();
  for (int i = 0; i < 520; ++i) ASSERT_OK(Submit(session, 100 + i, "q1"));
  EXPECT_EQ(CatchUp(), 1041);
  EXPECT_EQ(server_.memory_index.steps(), 2);
  ExpectTheLog();
}

TEST_F(MemoryDeriverTest, TellsWhatItCouldNotRead) {
  ASSERT_OK(Submit(Create(), 10, "q1"));
  for (const char* operation : {"Backlog", "ReviewsAround", "Take"}) {
    server_.memory_index.gate().Fail(operation, absl::UnavailableError("down"), 1);
    EXPECT_EQ(SyncWait(server_.memory_deriver.CatchUp(Ada(), Soon())).status().code(),
              absl::StatusCode::kUnavailable)
        << operation;
  }
  server_.log.gate().Fail("ReadSession", absl::UnavailableError("down"), 1);
  EXPECT_EQ(SyncWait(server_.memory_deriver.CatchUp(Ada(), Soon())).status().code(),
            absl::StatusCode::kUnavailable);
  CatchUp();
  ExpectTheLog();
}

}  // namespace
}  // namespace greenroom::session::testing
