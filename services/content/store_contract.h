// What every PackStore does, as tests. An implementation instantiates PackStoreContract with a maker of empty stores.
#ifndef GREENROOM_SERVICES_CONTENT_STORE_CONTRACT_H_
#define GREENROOM_SERVICES_CONTENT_STORE_CONTRACT_H_

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/content/domain/revision.h"
#include "services/content/store.h"

namespace greenroom::content {

// Keeps a store and what it stands on alive.
struct StoreUnderTest {
  virtual ~StoreUnderTest() = default;
  virtual PackStore& store() = 0;
};

using MakeStore = std::function<std::unique_ptr<StoreUnderTest>()>;

class PackStoreContract : public ::testing::TestWithParam<MakeStore> {
 protected:
  using Outcome = WriteResult::Outcome;

  PackStoreContract() : made_(GetParam()()), store_(made_->store()) {}

  static v1::PackContent Pack(const std::string& id, const std::string& prompt) {
    v1::PackContent pack;
    pack.set_pack(id);
    pack.set_language("en");
    pack.set_role("Role \xF0\x9F\x98\x80 \"quoted\" \\ \n line");
    v1::Question& question = *pack.add_questions();
    question.set_id("q");
    question.set_prompt(prompt);
    question.add_rubric()->set_weight(0.07);
    question.add_examples()->set_answer("\x01\x1f\x7f \r\n");
    (*question.mutable_locales()->mutable_fields())["de"].set_string_value("Was?");
    pack.add_questions()->set_follow_up_only(true);
    return pack;
  }

  static RequestKey Key(int n, const std::string& digest = "") {
    return {absl::StrCat("00000000-0000-4000-8000-", 100000000000 + n),
            digest.empty() ? absl::StrCat("d", n) : digest};
  }

  WriteResult Save(const Caller& caller, const v1::PackContent& pack, RequestKey key, int64_t version = 0) {
    auto result =
        SyncWait(store_.SaveDraft(caller, pack, RevisionId(pack), version, std::move(key), now_, Soon()));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : WriteResult{};
  }

  WriteResult Publish(const Caller& caller, const v1::PackContent& pack, RequestKey key,
                      int64_t version = 0) {
    auto result = SyncWait(
        store_.Publish(caller, pack.pack(), RevisionId(pack), version, std::move(key), now_, Soon()));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : WriteResult{};
  }

  std::optional<PackRecord> Get(const Caller& caller, const std::string& pack) {
    auto result = SyncWait(store_.GetPack(caller, pack, Soon()));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : std::nullopt;
  }

  PackChanges Changes(const Caller& caller, int64_t after) {
    auto result = SyncWait(store_.ListChanges(caller, after, Soon()));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : PackChanges{};
  }

  PackChanges NextChanges(const Caller& caller, int64_t after, int limit) {
    auto result = SyncWait(store_.NextChanges(caller, after, limit, Soon()));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : PackChanges{};
  }

  WriteResult SetDeleted(const Caller& caller, const std::string& pack, bool deleted, RequestKey key,
                         int64_t version = 0) {
    auto result = SyncWait(store_.SetDeleted(caller, pack, deleted, version, std::move(key), now_, Soon()));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : WriteResult{};
  }

  std::vector<RevisionRecord> Revisions(const Caller& caller, const std::string& pack,
                                        int64_t before = INT64_MAX, int limit = 10) {
    auto result = SyncWait(store_.ListRevisions(caller, pack, before, limit, Soon()));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : std::vector<RevisionRecord>{};
  }

  static absl::Time Soon() { return absl::Now() + absl::Seconds(30); }

  static bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
    return google::protobuf::util::MessageDifferencer::Equals(a, b);
  }

  const Caller acme_{"acme", "ann", "ann", {Role::kAuthor}};
  const Caller other_{"other", "bob", "bob", {Role::kAuthor}};
  absl::Time now_ = absl::FromUnixMicros(1767258000'123456);
  std::unique_ptr<StoreUnderTest> made_;
  PackStore& store_;
};

TEST_P(PackStoreContract, WhatIsAbsentIsAbsent) {
  EXPECT_FALSE(Get(acme_, "ml").has_value());
  EXPECT_FALSE(SyncWait(store_.GetDraft(acme_, "ml", Soon()))->has_value());
  EXPECT_FALSE(SyncWait(store_.GetRevision(acme_, "ml", "r1", Soon()))->has_value());
  EXPECT_TRUE(Revisions(acme_, "ml").empty());
  EXPECT_FALSE(SyncWait(store_.FindRequest(acme_, Key(1), Soon()))->has_value());
  EXPECT_EQ(Changes(acme_, 0).tenant_version, 0);
  EXPECT_EQ(Publish(acme_, Pack("ml", "a"), Key(1)).outcome, Outcome::kPackNotFound);
  EXPECT_FALSE(Get(acme_, "ml").has_value()) << "asking makes nothing";
}

TEST_P(PackStoreContract, ADraftIsKeptAsItIs) {
  const v1::PackContent pack = Pack("ml", "first");
  const WriteResult saved = Save(acme_, pack, Key(1));
  EXPECT_EQ(saved.outcome, Outcome::kWritten);
  EXPECT_EQ(saved.pack.version, 1);
  EXPECT_EQ(saved.pack.draft, RevisionId(pack));
  EXPECT_EQ(saved.pack.current, "");
  EXPECT_EQ(saved.pack.publish_time, absl::InfinitePast());
  EXPECT_EQ(saved.pack.summary.role(), pack.role());
  EXPECT_EQ(saved.pack.summary.question_count(), 1);
  EXPECT_GT(saved.tenant_version, 0);
  const auto draft = SyncWait(store_.GetDraft(acme_, "ml", Soon()));
  ASSERT_TRUE(draft.ok() && draft->has_value());
  EXPECT_TRUE(Same(**draft, pack));
  const std::optional<PackRecord> record = Get(acme_, "ml");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->version, 1);
  EXPECT_TRUE(Same(record->summary, saved.pack.summary));
}

TEST_P(PackStoreContract, ADraftReplacesTheOneBefore) {
  Save(acme_, Pack("ml", "first"), Key(1));
  const WriteResult second = Save(acme_, Pack("ml", "second"), Key(2));
  EXPECT_EQ(second.pack.version, 2);
  EXPECT_EQ((*SyncWait(store_.GetDraft(acme_, "ml", Soon())))->questions(0).prompt(), "second");
}

TEST_P(PackStoreContract, APublishedDraftIsARevision) {
  const v1::PackContent pack = Pack("ml", "first");
  Save(acme_, pack, Key(1));
  const WriteResult published = Publish(acme_, pack, Key(2));
  EXPECT_EQ(published.outcome, Outcome::kWritten);
  EXPECT_EQ(published.revision.revision, RevisionId(pack));
  EXPECT_EQ(published.revision.publish_time, now_);
  EXPECT_EQ(published.revision.question_count, 1);
  EXPECT_EQ(published.revision.change_number, 1);
  EXPECT_EQ(published.pack.current, RevisionId(pack));
  EXPECT_EQ(published.pack.draft, "");
  EXPECT_EQ(published.pack.version, 2);
  EXPECT_EQ(published.pack.publish_time, now_);
  EXPECT_FALSE(SyncWait(store_.GetDraft(acme_, "ml", Soon()))->has_value());
  const auto content = SyncWait(store_.GetRevision(acme_, "ml", RevisionId(pack), Soon()));
  ASSERT_TRUE(content.ok() && content->has_value());
  EXPECT_TRUE(Same(**content, pack));
  EXPECT_EQ(Publish(acme_, pack, Key(3)).outcome, Outcome::kNothingToPublish);
}

TEST_P(PackStoreContract, WhileARevisionIsPublishedTheSummaryIsIts) {
  v1::PackContent pack = Pack("ml", "first");
  Save(acme_, pack, Key(1));
  Publish(acme_, pack, Key(2));
  pack.set_tagline("new");
  EXPECT_EQ(Save(acme_, pack, Key(3)).pack.summary.tagline(), "");
  EXPECT_EQ(Publish(acme_, pack, Key(4)).pack.summary.tagline(), "new");
}

TEST_P(PackStoreContract, ADraftThatEqualsWhatIsPublishedIsNone) {
  const v1::PackContent pack = Pack("ml", "first");
  Save(acme_, pack, Key(1));
  Publish(acme_, pack, Key(2));
  Save(acme_, Pack("ml", "second"), Key(3));
  const WriteResult back = Save(acme_, pack, Key(4));
  EXPECT_EQ(back.pack.draft, "");
  EXPECT_EQ(back.pack.version, 4);
  EXPECT_FALSE(SyncWait(store_.GetDraft(acme_, "ml", Soon()))->has_value());
}

TEST_P(PackStoreContract, AnEarlierRevisionBecomesCurrentAgainWithItsRecord) {
  const v1::PackContent first = Pack("ml", "first"), second = Pack("ml", "second");
  Save(acme_, first, Key(1));
  Publish(acme_, first, Key(2));
  now_ += absl::Hours(1);
  Save(acme_, second, Key(3));
  EXPECT_EQ(Publish(acme_, second, Key(4)).revision.change_number, 2);
  now_ += absl::Hours(1);
  Save(acme_, first, Key(5));
  const WriteResult again = Publish(acme_, first, Key(6));
  EXPECT_EQ(again.outcome, Outcome::kWritten);
  EXPECT_EQ(again.revision.change_number, 1);
  EXPECT_EQ(again.revision.publish_time, now_ - absl::Hours(2));
  EXPECT_EQ(again.pack.publish_time, now_ - absl::Hours(2));
  EXPECT_EQ(again.pack.current, RevisionId(first));
  const std::vector<RevisionRecord> revisions = Revisions(acme_, "ml");
  ASSERT_EQ(revisions.size(), 2u);
  EXPECT_EQ(revisions[0].revision, RevisionId(second));
  EXPECT_EQ(revisions[1].revision, RevisionId(first));
}

TEST_P(PackStoreContract, ListsRevisionsInPages) {
  for (int i = 0; i < 5; ++i) {
    const v1::PackContent pack = Pack("ml", absl::StrCat(i));
    Save(acme_, pack, Key(10 + i));
    Publish(acme_, pack, Key(20 + i));
  }
  const std::vector<RevisionRecord> first = Revisions(acme_, "ml", INT64_MAX, 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].change_number, 5);
  const std::vector<RevisionRecord> second = Revisions(acme_, "ml", first[1].change_number, 10);
  ASSERT_EQ(second.size(), 3u);
  EXPECT_EQ(second[0].change_number, 3);
  EXPECT_TRUE(Revisions(acme_, "ml", 1).empty());
}

TEST_P(PackStoreContract, TheVersionGuardsAPublication) {
  const v1::PackContent pack = Pack("ml", "first");
  Save(acme_, pack, Key(1));
  const WriteResult stale = Publish(acme_, pack, Key(2), 7);
  EXPECT_EQ(stale.outcome, Outcome::kEtagMismatch);
  EXPECT_EQ(stale.pack.version, 1);
  EXPECT_EQ(Publish(acme_, Pack("ml", "unseen"), Key(3)).outcome, Outcome::kDraftChanged);
  EXPECT_EQ(Get(acme_, "ml")->current, "");
  EXPECT_FALSE(SyncWait(store_.FindRequest(acme_, Key(2), Soon()))->has_value())
      << "a refusal is not remembered";
  EXPECT_EQ(Publish(acme_, pack, Key(2), 1).outcome, Outcome::kWritten);
}

TEST_P(PackStoreContract, TheSameRequestIsCarriedOutOnce) {
  const v1::PackContent pack = Pack("ml", "first");
  Save(acme_, pack, Key(1));
  const WriteResult replayed = Save(acme_, pack, Key(1));
  EXPECT_EQ(replayed.outcome, Outcome::kReplayed);
  EXPECT_EQ(replayed.pack.version, 1);
  Publish(acme_, pack, Key(2));
  const WriteResult published = Publish(acme_, pack, Key(2));
  EXPECT_EQ(published.outcome, Outcome::kReplayed) << "though there is no draft any more";
  EXPECT_EQ(published.revision.change_number, 1);
  EXPECT_EQ(published.revision.revision, RevisionId(pack));
  const WriteResult late = Save(acme_, pack, Key(1));
  EXPECT_EQ(late.outcome, Outcome::kReplayed);
  EXPECT_EQ(late.pack.version, 2) << "the pack as it is now";
  const auto found = SyncWait(store_.FindRequest(acme_, Key(2), Soon()));
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->outcome, Outcome::kReplayed);
  EXPECT_EQ((*found)->revision.revision, RevisionId(pack));
}

TEST_P(PackStoreContract, AnIdIsUsedForOneThing) {
  const v1::PackContent pack = Pack("ml", "first");
  Save(acme_, pack, Key(1));
  EXPECT_EQ(Save(acme_, Pack("ml", "second"), Key(1, "another")).outcome, Outcome::kIdReused);
  EXPECT_EQ(Publish(acme_, pack, Key(1, "another")).outcome, Outcome::kIdReused);
  EXPECT_EQ((*SyncWait(store_.FindRequest(acme_, Key(1, "another"), Soon())))->outcome, Outcome::kIdReused);
  EXPECT_EQ(Get(acme_, "ml")->version, 1);
  EXPECT_EQ((*SyncWait(store_.GetDraft(acme_, "ml", Soon())))->questions(0).prompt(), "first");
}

TEST_P(PackStoreContract, TenantsSeeNothingOfEachOther) {
  const v1::PackContent pack = Pack("ml", "first");
  Save(acme_, pack, Key(1));
  Publish(acme_, pack, Key(2));
  EXPECT_FALSE(Get(other_, "ml").has_value());
  EXPECT_FALSE(SyncWait(store_.GetRevision(other_, "ml", RevisionId(pack), Soon()))->has_value());
  EXPECT_TRUE(Revisions(other_, "ml").empty());
  EXPECT_TRUE(Changes(other_, 0).packs.empty());
  EXPECT_EQ(Save(other_, Pack("ml", "theirs"), Key(1, "another")).outcome, Outcome::kWritten)
      << "ids are a tenant's";
  EXPECT_EQ(Publish(other_, Pack("ml", "theirs"), Key(2, "another")).revision.change_number, 1);
  EXPECT_EQ((*SyncWait(store_.GetRevision(acme_, "ml", RevisionId(pack), Soon())))->questions(0).prompt(),
            "first");
}

TEST_P(PackStoreContract, ChangesAreThoseSinceAVersion) {
  const int64_t first = Save(acme_, Pack("b", "1"), Key(1)).tenant_version;
  Save(acme_, Pack("a", "1"), Key(2));
  PackChanges all = Changes(acme_, 0);
  ASSERT_EQ(all.packs.size(), 2u);
  EXPECT_EQ(all.packs[0].pack, "a");
  PackChanges later = Changes(acme_, first);
  ASSERT_EQ(later.packs.size(), 1u);
  EXPECT_EQ(later.packs[0].pack, "a");
  EXPECT_EQ(later.tenant_version, all.tenant_version);
  EXPECT_TRUE(Changes(acme_, all.tenant_version).packs.empty());
  const WriteResult published = Publish(acme_, Pack("b", "1"), Key(3));
  EXPECT_GT(published.tenant_version, all.tenant_version);
  later = Changes(acme_, all.tenant_version);
  ASSERT_EQ(later.packs.size(), 1u);
  EXPECT_EQ(later.packs[0].current, RevisionId(Pack("b", "1")));
}

TEST_P(PackStoreContract, ChangesComeInTheirOrderAndInPages) {
  Save(acme_, Pack("c", "1"), Key(1));
  Save(acme_, Pack("a", "1"), Key(2));
  Save(acme_, Pack("b", "1"), Key(3));
  const WriteResult last = Save(acme_, Pack("c", "2"), Key(4));
  EXPECT_EQ(last.pack.changed_at, last.tenant_version);
  const PackChanges first = NextChanges(acme_, 0, 2);
  ASSERT_EQ(first.packs.size(), 2u);
  EXPECT_EQ(first.packs[0].pack, "a");
  EXPECT_EQ(first.packs[1].pack, "b");
  EXPECT_EQ(first.tenant_version, 4);
  const PackChanges second = NextChanges(acme_, first.packs[1].changed_at, 2);
  ASSERT_EQ(second.packs.size(), 1u);
  EXPECT_EQ(second.packs[0].pack, "c");
  EXPECT_EQ(second.packs[0].changed_at, 4);
  EXPECT_TRUE(NextChanges(acme_, 4, 2).packs.empty());
  EXPECT_EQ(NextChanges(acme_, 9, 2).tenant_version, 4) << "also for a version that never was";
  EXPECT_TRUE(NextChanges(other_, 0, 2).packs.empty());
}

TEST_P(PackStoreContract, TheEpochIsTheStores) {
  const std::string epoch = Changes(acme_, 0).epoch;
  EXPECT_FALSE(epoch.empty());
  Save(acme_, Pack("a", "1"), Key(1));
  EXPECT_EQ(Changes(acme_, 0).epoch, epoch);
  EXPECT_EQ(NextChanges(other_, 7, 1).epoch, epoch);
}

TEST_P(PackStoreContract, TheVersionGuardsADraft) {
  EXPECT_EQ(Save(acme_, Pack("ml", "first"), Key(1), 1).outcome, Outcome::kPackNotFound);
  EXPECT_FALSE(Get(acme_, "ml").has_value());
  Save(acme_, Pack("ml", "first"), Key(2));
  const WriteResult stale = Save(acme_, Pack("ml", "second"), Key(3), 2);
  EXPECT_EQ(stale.outcome, Outcome::kEtagMismatch);
  EXPECT_EQ(stale.pack.version, 1);
  EXPECT_EQ((*SyncWait(store_.GetDraft(acme_, "ml", Soon())))->questions(0).prompt(), "first");
  EXPECT_EQ(Save(acme_, Pack("ml", "second"), Key(3), 1).outcome, Outcome::kWritten);
  EXPECT_EQ(Save(acme_, Pack("ml", "second"), Key(3), 1).outcome, Outcome::kReplayed)
      << "though the version is another by now";
}

TEST_P(PackStoreContract, ADeletedPackKeepsWhatItHas) {
  const v1::PackContent first = Pack("ml", "first"), second = Pack("ml", "second");
  Save(acme_, first, Key(1));
  Publish(acme_, first, Key(2));
  const PackRecord before = Save(acme_, second, Key(3)).pack;
  const WriteResult deleted = SetDeleted(acme_, "ml", true, Key(4));
  EXPECT_EQ(deleted.outcome, Outcome::kWritten);
  EXPECT_EQ(deleted.pack.delete_time, now_);
  EXPECT_EQ(deleted.pack.version, 4);
  EXPECT_EQ(deleted.pack.changed_at, deleted.tenant_version);
  const std::optional<PackRecord> record = Get(acme_, "ml");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->delete_time, now_);
  EXPECT_EQ(record->current, RevisionId(first));
  EXPECT_EQ(record->draft, RevisionId(second));
  EXPECT_TRUE(SyncWait(store_.GetRevision(acme_, "ml", RevisionId(first), Soon()))->has_value());
  EXPECT_TRUE(SyncWait(store_.GetDraft(acme_, "ml", Soon()))->has_value());
  EXPECT_EQ(Revisions(acme_, "ml").size(), 1u);
  ASSERT_EQ(Changes(acme_, deleted.tenant_version - 1).packs.size(), 1u) << "a deletion is a change";
  now_ += absl::Hours(1);
  const WriteResult back = SetDeleted(acme_, "ml", false, Key(5));
  EXPECT_EQ(back.outcome, Outcome::kWritten);
  EXPECT_EQ(back.pack.delete_time, std::nullopt);
  EXPECT_EQ(back.pack.version, 5);
  EXPECT_EQ(back.pack.draft, before.draft);
  EXPECT_EQ(back.pack.current, before.current);
  EXPECT_EQ(back.pack.publish_time, before.publish_time);
  EXPECT_TRUE(Same(back.pack.summary, before.summary));
}

TEST_P(PackStoreContract, ADeletedPackIsNotWritten) {
  const v1::PackContent pack = Pack("ml", "first");
  Save(acme_, pack, Key(1));
  SetDeleted(acme_, "ml", true, Key(2));
  EXPECT_EQ(Save(acme_, Pack("ml", "second"), Key(3)).outcome, Outcome::kPackDeleted);
  EXPECT_EQ(Save(acme_, Pack("ml", "second"), Key(3), 9).outcome, Outcome::kPackDeleted);
  EXPECT_EQ(Publish(acme_, pack, Key(4)).outcome, Outcome::kPackDeleted);
  EXPECT_EQ(Save(acme_, pack, Key(1)).outcome, Outcome::kReplayed);
  EXPECT_EQ(Get(acme_, "ml")->version, 2);
  EXPECT_EQ(Save(other_, Pack("ml", "theirs"), Key(3)).outcome, Outcome::kWritten) << "ours is";
  SetDeleted(acme_, "ml", false, Key(5));
  EXPECT_EQ(Publish(acme_, pack, Key(4)).outcome, Outcome::kWritten);
}

TEST_P(PackStoreContract, WhatIsSoAlreadyIsNotMadeSo) {
  EXPECT_EQ(SetDeleted(acme_, "ml", true, Key(1)).outcome, Outcome::kPackNotFound);
  Save(acme_, Pack("ml", "first"), Key(2));
  EXPECT_EQ(SetDeleted(other_, "ml", true, Key(3)).outcome, Outcome::kPackNotFound);
  EXPECT_EQ(SetDeleted(acme_, "ml", false, Key(4), 7).outcome, Outcome::kNotDeleted);
  EXPECT_EQ(SetDeleted(acme_, "ml", true, Key(5), 7).outcome, Outcome::kEtagMismatch);
  EXPECT_EQ(Get(acme_, "ml")->version, 1);
  EXPECT_EQ(SetDeleted(acme_, "ml", true, Key(5), 1).outcome, Outcome::kWritten);
  EXPECT_EQ(SetDeleted(acme_, "ml", true, Key(5), 1).outcome, Outcome::kReplayed);
  EXPECT_EQ(SetDeleted(acme_, "ml", true, Key(5, "another")).outcome, Outcome::kIdReused);
  const WriteResult twice = SetDeleted(acme_, "ml", true, Key(6), 7);
  EXPECT_EQ(twice.outcome, Outcome::kPackDeleted);
  EXPECT_EQ(twice.pack.version, 2);
  EXPECT_EQ(SetDeleted(acme_, "ml", false, Key(7), 1).outcome, Outcome::kEtagMismatch);
  EXPECT_EQ(SetDeleted(acme_, "ml", false, Key(7), 2).outcome, Outcome::kWritten);
  EXPECT_EQ(SetDeleted(acme_, "ml", true, Key(5), 1).pack.delete_time, std::nullopt)
      << "a replay tells of the pack as it is now";
}

TEST_P(PackStoreContract, WhatLearnersHaveSeenIsRemembered) {
  v1::PackContent pack = Pack("ml", "first");
  pack.set_visibility(v1::VISIBILITY_EXAM);
  Save(acme_, pack, Key(1));
  EXPECT_FALSE(Publish(acme_, pack, Key(2)).pack.shown_to_learners);
  EXPECT_FALSE(SetDeleted(acme_, "ml", true, Key(3)).pack.shown_to_learners);
  EXPECT_FALSE(SetDeleted(acme_, "ml", false, Key(4)).pack.shown_to_learners);
  v1::PackContent open = Pack("ml", "second");
  EXPECT_FALSE(Save(acme_, open, Key(5)).pack.shown_to_learners) << "a draft is nothing to see";
  EXPECT_TRUE(Publish(acme_, open, Key(6)).pack.shown_to_learners);
  Save(acme_, pack, Key(7));
  EXPECT_TRUE(Publish(acme_, pack, Key(8)).pack.shown_to_learners) << "they have";
  EXPECT_TRUE(SetDeleted(acme_, "ml", true, Key(9)).pack.shown_to_learners);
  EXPECT_TRUE(Get(acme_, "ml")->shown_to_learners);
}

TEST_P(PackStoreContract, AfterTheDeadlineNothingIsDone) {
  const v1::PackContent pack = Pack("ml", "first");
  const absl::Time past = absl::Now() - absl::Seconds(1);
  EXPECT_EQ(SyncWait(store_.SaveDraft(acme_, pack, RevisionId(pack), 0, Key(1), now_, past)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(SyncWait(store_.GetPack(acme_, "ml", past)).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(Get(acme_, "ml").has_value());
}

TEST_P(PackStoreContract, ParallelWritersTakeTurns) {
  constexpr int kThreads = 4, kEach = 5;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kEach; ++i) {
        const v1::PackContent pack = Pack(absl::StrCat("p", t), absl::StrCat(i));
        Save(acme_, pack, Key(1000 + t * 100 + i));
        Publish(acme_, pack, Key(5000 + t * 100 + i));
        Save(acme_, Pack("shared", "same"), Key(9, "same"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<int64_t> numbers;
  for (int t = 0; t < kThreads; ++t) {
    for (const RevisionRecord& revision : Revisions(acme_, absl::StrCat("p", t)))
      numbers.push_back(revision.change_number);
  }
  std::sort(numbers.begin(), numbers.end());
  ASSERT_EQ(numbers.size(), static_cast<size_t>(kThreads * kEach));
  for (size_t i = 0; i < numbers.size(); ++i)
    EXPECT_EQ(numbers[i], static_cast<int64_t>(i) + 1) << "without gaps";
  EXPECT_EQ(Get(acme_, "shared")->version, 1) << "one of the equal requests was carried out";
}

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_STORE_CONTRACT_H_
