// ListPackChanges through a real server with real stubs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/page_token.h"
#include "services/content/testing/authoring_test.h"

namespace greenroom::content {
namespace {

using testing::As;
using testing::Author;
using testing::DeleteRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ImportRequest;
using testing::Instructor;
using ::testing::IsEmpty;
using testing::Learner;
using ::testing::Not;
using testing::Operator;
using testing::PackYaml;
using testing::ServiceRole;
using ::testing::SizeIs;
using testing::Stranger;
using testing::UndeleteRequest;
using testing::Uuid;

class ListPackChangesTest : public testing::AuthoringTest {
 protected:
  static std::vector<std::string> Upserts(const v1::ListPackChangesResponse& page) {
    std::vector<std::string> names;
    for (const v1::Pack& pack : page.upserts()) names.push_back(pack.name());
    return names;
  }
  static v1::ListPackChangesRequest Request(const std::string& token, int size) {
    v1::ListPackChangesRequest request;
    request.set_parent("tenants/-");
    request.set_change_token(token);
    request.set_page_size(size);
    return request;
  }
};

TEST_F(ListPackChangesTest, TellsWhatHasChangedSinceAToken) {
  Put(PackYaml("b"));
  Put(PackYaml("a"));
  const auto all = Changes("");
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_THAT(Upserts(*all), ElementsAre("tenants/acme/packs/b", "tenants/acme/packs/a"))
      << "the latest last";
  EXPECT_THAT(all->tombstones(), IsEmpty());
  EXPECT_FALSE(all->more());
  EXPECT_FALSE(all->reset());
  EXPECT_EQ(all->upserts(1).SerializeAsString(),
            GetPack("tenants/-/packs/a", Learner())->SerializeAsString());
  EXPECT_THAT(all->SerializeAsString(), Not(HasSubstr("SECRET")));
  const auto nothing = Changes(all->next_change_token());
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_THAT(nothing->upserts(), IsEmpty());
  EXPECT_FALSE(nothing->reset());
  Put(PackYaml("b", "Changed?"));
  const auto changed = Changes(nothing->next_change_token());
  EXPECT_THAT(Upserts(*changed), ElementsAre("tenants/acme/packs/b"));
  EXPECT_EQ(changed->upserts(0).revision(), GetPack("tenants/-/packs/b", Learner())->revision());
  EXPECT_THAT(Upserts(*Changes(all->next_change_token())), SizeIs(1)) << "a token can be used again";
}

TEST_F(ListPackChangesTest, ATenantWithoutPacksHasATokenToo) {
  const auto empty = Changes("");
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_NE(empty->next_change_token(), "");
  Put(PackYaml("a"));
  EXPECT_THAT(Upserts(*Changes(empty->next_change_token())), SizeIs(1));
}

TEST_F(ListPackChangesTest, WhatIsNoLongerSeenIsATombstone) {
  Put(PackYaml("gone"));
  Put(PackYaml("becomes-exam"));
  const std::map<std::string, As> callers = {
      {"learner", Learner()}, {"service", ServiceRole()}, {"author", Author()}};
  std::map<std::string, std::string> tokens;
  for (const auto& [who, as] : callers) tokens[who] = Changes("", as)->next_change_token();
  ASSERT_TRUE(Delete(DeleteRequest("gone", 1)).ok());
  Put(PackYaml("becomes-exam", "What?", "visibility: exam\n"));
  const auto learner = Changes(tokens["learner"]);
  EXPECT_THAT(learner->upserts(), IsEmpty());
  EXPECT_THAT(learner->tombstones(),
              ElementsAre("tenants/acme/packs/gone", "tenants/acme/packs/becomes-exam"));
  for (const char* staff : {"service", "author"}) {
    const auto page = Changes(tokens[staff], callers.at(staff));
    EXPECT_THAT(Upserts(*page), ElementsAre("tenants/acme/packs/becomes-exam")) << staff;
    EXPECT_THAT(page->tombstones(), ElementsAre("tenants/acme/packs/gone")) << staff;
  }
  ASSERT_TRUE(Undelete(UndeleteRequest("gone", 2)).ok());
  EXPECT_THAT(Upserts(*Changes(learner->next_change_token())), ElementsAre("tenants/acme/packs/gone"));
}

TEST_F(ListPackChangesTest, WhatWasNeverSeenIsNotNamed) {
  Put(PackYaml("secret-exam", "What?", "visibility: exam\n"));
  ASSERT_TRUE(Import(ImportRequest(PackYaml("draft"), 1)).ok());
  ASSERT_TRUE(Import(ImportRequest(PackYaml("dropped"), 2)).ok());
  ASSERT_TRUE(Delete(DeleteRequest("secret-exam", 3)).ok());
  ASSERT_TRUE(Delete(DeleteRequest("dropped", 4)).ok());
  const auto learner = Changes("");
  EXPECT_THAT(learner->upserts(), IsEmpty());
  EXPECT_THAT(learner->tombstones(), IsEmpty());
  const auto service = Changes("", ServiceRole());
  EXPECT_THAT(service->upserts(), IsEmpty());
  EXPECT_THAT(service->tombstones(), ElementsAre("tenants/acme/packs/secret-exam"));
  EXPECT_THAT(Upserts(*Changes("", Instructor())), ElementsAre("tenants/acme/packs/draft"));
}

TEST_F(ListPackChangesTest, AChangeIsToldAlsoWhereItIsHiddenTwiceBetweenPages) {
  Put(PackYaml("a"));
  const std::string token = Changes("")->next_change_token();
  Put(PackYaml("a", "What?", "visibility: exam\n"));
  Put(PackYaml("b"));
  Put(PackYaml("a", "Other?", "visibility: exam\n"));
  const auto first = Changes(Request(token, 1));
  EXPECT_THAT(Upserts(*first), ElementsAre("tenants/acme/packs/b"));
  EXPECT_TRUE(first->more());
  EXPECT_THAT(Changes(first->next_change_token())->tombstones(), ElementsAre("tenants/acme/packs/a"));
}

TEST_F(ListPackChangesTest, ATokenThatTheStoreDoesNotKnowBeginsAnew) {
  Put(PackYaml("a"));
  Put(PackYaml("b"));
  const std::string token = Changes("")->next_change_token();
  // The same tenant in another store, which has gone less far; and in one that is at the same point.
  testing::ContentServer elsewhere;
  auto ask = [](testing::ContentServer& server, const v1::ListPackChangesRequest& request) {
    return testing::Ask(*server.content, &v1::ContentService::Stub::ListPackChanges, request, Learner());
  };
  auto ahead = ask(elsewhere, Request(token, 0));
  ASSERT_TRUE(ahead.ok()) << ahead.status();
  EXPECT_TRUE(ahead->reset()) << "of a later state than there is";
  EXPECT_THAT(ahead->upserts(), IsEmpty());
  EXPECT_FALSE(ask(elsewhere, Request(ahead->next_change_token(), 0))->reset());

  InMemoryPackStore other_store("another-epoch");
  Catalogue other_catalogue(other_store, server_.clock);
  const Caller caller{"acme", "ann", "ann", {Role::kLearner}};
  EXPECT_NE(SyncWait(other_catalogue.NextChanges(caller, 0, 1, absl::Now() + absl::Seconds(20)))->epoch,
            SyncWait(server_.catalogue.NextChanges(caller, 0, 1, absl::Now() + absl::Seconds(20)))->epoch);
  const std::string foreign = EncodePageToken({"ListPackChanges", "acme"},
                                              "another-epoch/1/");  // as that store's server would write it
  const auto reset = Changes(Request(foreign, 1));
  ASSERT_TRUE(reset.ok()) << reset.status();
  EXPECT_TRUE(reset->reset());
  EXPECT_THAT(Upserts(*reset), ElementsAre("tenants/acme/packs/a")) << "the full state, in pages";
  EXPECT_TRUE(reset->more());
  const auto rest = Changes(Request(reset->next_change_token(), 1));
  EXPECT_FALSE(rest->reset());
  EXPECT_THAT(Upserts(*rest), ElementsAre("tenants/acme/packs/b"));
}

TEST_F(ListPackChangesTest, ACallerWhoSeesOtherPacksBeginsAnew) {
  Put(PackYaml("a"));
  Put(PackYaml("exam", "What?", "visibility: exam\n"));
  const std::string token = Changes("")->next_change_token();
  const auto promoted = Changes(token, Instructor());
  EXPECT_TRUE(promoted->reset());
  EXPECT_THAT(Upserts(*promoted), SizeIs(2));
  EXPECT_TRUE(Changes(promoted->next_change_token(), Operator())->reset()) << "who sees no rubrics of tips";
  EXPECT_FALSE(Changes(promoted->next_change_token(), Author())->reset()) << "who sees the same";
}

TEST_F(ListPackChangesTest, FieldsMustBeRight) {
  Put(PackYaml("a"));
  const std::string token = Changes("")->next_change_token();
  for (const std::string& bad : {std::string("nonsense"), "x" + token, std::string(5000, 'A'),
                                 EncodePageToken({"ListPackChanges", "acme"}, "memory/-1/"),
                                 EncodePageToken({"ListPackChanges", "acme"}, "memory/1"),
                                 EncodePageToken({"ListPackChanges", "acme"}, "/1/"),
                                 EncodePageToken({"ListPackChanges", "acme"}, "memory/1/everyone"),
                                 EncodePageToken({"ListPackChanges", "other"}, "memory/1/"),
                                 EncodePageToken({"ListPacks", "acme"}, "memory/1/")}) {
    const auto refused = Changes(bad);
    ExpectError(refused, absl::StatusCode::kInvalidArgument, "CHANGE_TOKEN_INVALID");
    ASSERT_THAT(FieldViolationsOf(refused.status()), SizeIs(1));
    EXPECT_EQ(FieldViolationsOf(refused.status())[0].field, "change_token");
  }
  v1::ListPackChangesRequest request = Request("", -1);
  ExpectBadFields(Changes(request), {"page_size"});
  request = Request("", 0);
  request.set_parent("tenants");
  ExpectBadFields(Changes(request), {"parent"});
  request.set_parent("tenants/acme");
  ExpectError(Changes(request, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  ExpectError(Changes(token, Stranger()), absl::StatusCode::kInvalidArgument, "CHANGE_TOKEN_INVALID");
  ExpectError(Changes("", As{RoleSet()}), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
}

TEST_F(ListPackChangesTest, AStoreThatFailsOrStalls) {
  Put(PackYaml("a"));
  const std::string token = Changes("")->next_change_token();
  server_.store.FailWith(absl::UnavailableError("gone"));
  ExpectError(Changes(token), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  server_.store.FailWith(absl::OkStatus());
  server_.store.Stall();
  EXPECT_EQ(Changes(token, As{{Role::kLearner}, "acme", absl::Milliseconds(100)}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  ExpectCancelled(*server_.content, &v1::ContentService::Stub::ListPackChanges, Request(token, 0), Learner());
  EXPECT_TRUE(Changes(token).ok());
}

// Clients of every audience that read pages of any size at any time, and a store that changes in between.
class ChangesProperty : public ListPackChangesTest {
 protected:
  struct Copy {
    std::map<std::string, std::string> packs;  // by name
    std::string token;
  };

  // A new tenant, so that one server serves every case.
  void Begin() {
    tenant_ = absl::StrCat("t", ++tenants_);
    shown_.clear();
  }

  As Someone(int audience) const {
    const RoleSet roles[] = {{Role::kLearner}, {Role::kService}, {Role::kAuthor}, {Role::kOperator}};
    return {roles[audience], tenant_};
  }

  void Page(int audience, int size, Copy& copy, bool* more = nullptr) {
    const auto page = Changes(Request(copy.token, size), Someone(audience));
    RC_ASSERT(page.ok());
    RC_ASSERT(!page->reset());
    for (const v1::Pack& pack : page->upserts()) copy.packs[pack.name()] = pack.SerializeAsString();
    for (const std::string& name : page->tombstones()) {
      copy.packs.erase(name);
      if (audience == 0) RC_ASSERT(shown_.count(name) == 1);
    }
    copy.token = page->next_change_token();
    if (more != nullptr) *more = page->more();
  }

  void ChangeSomething() {
    const Caller caller{tenant_, "ann", "ann", {Role::kAuthor}};
    const absl::Time soon = absl::Now() + absl::Seconds(20);
    const RequestKey key{Uuid(++ids_), "d"};
    v1::PackContent pack;
    pack.set_pack(absl::StrCat("p", *rc::gen::inRange(0, 4)));
    pack.set_tagline(absl::StrCat(*rc::gen::inRange(0, 3)));
    if (*rc::gen::inRange(0, 3) == 0) pack.set_visibility(v1::VISIBILITY_EXAM);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        RC_ASSERT(
            SyncWait(server_.store.SetDeleted(caller, pack.pack(), true, 0, key, absl::Now(), soon)).ok());
        return;
      case 1:
        RC_ASSERT(
            SyncWait(server_.store.SetDeleted(caller, pack.pack(), false, 0, key, absl::Now(), soon)).ok());
        return;
      default:
        break;
    }
    const std::string revision = RevisionId(pack);
    RC_ASSERT(SyncWait(server_.store.SaveDraft(caller, pack, revision, 0, key, absl::Now(), soon)).ok());
    if (*rc::gen::arbitrary<bool>()) return;
    const auto published = SyncWait(
        server_.store.Publish(caller, pack.pack(), revision, 0, {Uuid(++ids_), "d"}, absl::Now(), soon));
    RC_ASSERT(published.ok());
    if (published->outcome == WriteResult::Outcome::kWritten && pack.visibility() != v1::VISIBILITY_EXAM)
      shown_.insert(absl::StrCat("tenants/", tenant_, "/packs/", pack.pack()));
  }

  std::map<std::string, std::string> Listed(int audience) {
    std::map<std::string, std::string> packs;
    const auto listed = ListPacks(Someone(audience));
    RC_ASSERT(listed.ok());
    for (const v1::Pack& pack : listed->packs()) packs[pack.name()] = pack.SerializeAsString();
    return packs;
  }

  std::string tenant_;
  int tenants_ = 0;
  std::set<std::string> shown_;
};

TEST_F(ChangesProperty, FromAnyEarlierTokenACopyBecomesWhatListPacksGives) {
  EXPECT_TRUE(rc::check("copies converge", [this] {
    Begin();
    constexpr int kAudiences = 4;
    std::vector<Copy> copies(kAudiences);
    std::vector<std::pair<int, Copy>> earlier;
    const int steps = *rc::gen::inRange(1, 30);
    for (int step = 0; step < steps; ++step) {
      if (*rc::gen::inRange(0, 3) > 0) {
        ChangeSomething();
        continue;
      }
      const int audience = *rc::gen::inRange(0, kAudiences);
      Copy& copy = copies[static_cast<size_t>(audience)];
      Page(audience, *rc::gen::inRange(1, 4), copy);
      earlier.emplace_back(audience, copy);
    }
    for (int audience = 0; audience < kAudiences; ++audience) earlier.emplace_back(audience, Copy());
    server_.clock.Advance(absl::Minutes(1));  // so that the snapshot is read anew
    for (auto& [audience, copy] : earlier) {
      for (bool more = true; more;) Page(audience, 2, copy, &more);
      RC_ASSERT(copy.packs == Listed(audience));
    }
  }));
}

}  // namespace
}  // namespace greenroom::content
