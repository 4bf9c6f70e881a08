#include "services/content/catalogue.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/time/clock.h"
#include "services/base/fake_clock.h"
#include "services/content/in_memory_store.h"

namespace greenroom::content {
namespace {

class CatalogueTest : public ::testing::Test {
 protected:
  static v1::PackContent Pack(const std::string& id, const std::string& role = "r") {
    v1::PackContent pack;
    pack.set_pack(id);
    pack.set_role(role);
    return pack;
  }
  // Through the store, as another replica would.
  WriteResult Publish(const v1::PackContent& pack, const std::string& revision) {
    EXPECT_TRUE(SyncWait(store_.SaveDraft(caller_, pack, revision, 0, {std::to_string(++ids_), "d"},
                                          absl::Now(), Soon()))
                    .ok());
    return *SyncWait(store_.Publish(caller_, pack.pack(), revision, 0, {std::to_string(++ids_), "d"},
                                    absl::Now(), Soon()));
  }
  std::string CurrentOf(const std::string& pack) {
    const auto record = SyncWait(catalogue_.Find(caller_, pack, Soon()));
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() && *record != nullptr ? (*record)->current : "";
  }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

  const Caller caller_{"acme", "ann", "ann", {Role::kAuthor}};
  InMemoryPackStore store_;
  FakeClock clock_;
  Catalogue catalogue_{store_, clock_, {.max_age = absl::Seconds(1), .max_content_bytes = 50}};
  int ids_ = 0;
};

TEST_F(CatalogueTest, AnotherReplicasWritesAreSeenAfterMaxAge) {
  Publish(Pack("a"), "r1");
  EXPECT_EQ(CurrentOf("a"), "r1");
  Publish(Pack("a"), "r2");
  EXPECT_EQ(CurrentOf("a"), "r1");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(CurrentOf("a"), "r2");
}

TEST_F(CatalogueTest, OwnWritesAreSeenAtOnce) {
  Publish(Pack("a"), "r1");
  EXPECT_EQ(CurrentOf("a"), "r1");
  catalogue_.Apply(caller_, Publish(Pack("a"), "r2"));
  EXPECT_EQ(CurrentOf("a"), "r2");
  WriteResult old;
  old.pack.pack = "a";
  old.pack.version = 1;
  catalogue_.Apply(caller_, old);
  EXPECT_EQ(CurrentOf("a"), "r2") << "an older record changes nothing";
}

TEST_F(CatalogueTest, AnOwnWriteDoesNotHideAnothersBeforeIt) {
  Publish(Pack("a"), "r1");
  EXPECT_EQ(CurrentOf("a"), "r1");
  Publish(Pack("a"), "r2");                             // another replica's
  catalogue_.Apply(caller_, Publish(Pack("b"), "r1"));  // ours
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(CurrentOf("a"), "r2");
}

TEST_F(CatalogueTest, ANameThatTheSnapshotLacksIsLookedUp) {
  Publish(Pack("a"), "r1");
  EXPECT_EQ(CurrentOf("a"), "r1");
  Publish(Pack("b"), "r1");
  EXPECT_EQ(CurrentOf("b"), "r1") << "without waiting for max_age";
  EXPECT_EQ(CurrentOf("c"), "");
}

TEST_F(CatalogueTest, AFreshSnapshotAsksNothing) {
  Publish(Pack("a"), "r1");
  CurrentOf("a");
  const int calls = store_.calls();
  CurrentOf("a");
  EXPECT_TRUE(SyncWait(catalogue_.List(caller_, Soon())).ok());
  EXPECT_EQ(store_.calls(), calls);
}

TEST_F(CatalogueTest, AStoreThatFailsIsNotAskedByEveryRead) {
  Publish(Pack("a"), "r1");
  CurrentOf("a");
  clock_.Advance(absl::Seconds(1));
  store_.FailWith(absl::UnavailableError("gone"));
  EXPECT_EQ(CurrentOf("a"), "r1");
  const int calls = store_.calls();
  EXPECT_EQ(CurrentOf("a"), "r1");
  EXPECT_EQ(store_.calls(), calls);
  store_.FailWith(absl::OkStatus());
  Publish(Pack("a"), "r2");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(CurrentOf("a"), "r2");
}

TEST_F(CatalogueTest, ContentsAreKeptUpToTheirBound) {
  const std::string big(20, 'x');
  for (const char* id : {"a", "b", "c"}) Publish(Pack(id, big), "r1");
  auto read = [&](const std::string& pack) {
    const auto content = SyncWait(catalogue_.Revision(caller_, pack, "r1", Soon()));
    ASSERT_TRUE(content.ok() && *content != nullptr);
    EXPECT_EQ((*content)->pack(), pack);
  };
  read("a");
  int calls = store_.calls();
  read("a");
  EXPECT_EQ(store_.calls(), calls) << "remembered";
  read("b");
  read("c");  // 25 bytes each: one too many
  calls = store_.calls();
  read("c");
  EXPECT_EQ(store_.calls(), calls);
  read("a");
  EXPECT_EQ(store_.calls(), calls + 1) << "given up";
  const auto none = SyncWait(catalogue_.Revision(caller_, "a", "r9", Soon()));
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, nullptr);
}

}  // namespace
}  // namespace greenroom::content
