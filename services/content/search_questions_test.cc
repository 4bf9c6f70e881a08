// SearchQuestions through a real server with real stubs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/content/testing/authoring_test.h"

namespace greenroom::content {
namespace {

using testing::As;
using testing::Author;
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

class SearchQuestionsTest : public testing::AuthoringTest {
 protected:
  static v1::SearchQuestionsRequest Request(const std::string& query) {
    v1::SearchQuestionsRequest request;
    request.set_parent("tenants/-");
    request.set_query(query);
    return request;
  }
  static std::vector<std::string> Names(const absl::StatusOr<v1::SearchQuestionsResponse>& response) {
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> names;
    if (!response.ok()) return names;
    for (const v1::SearchResult& result : response->results()) names.push_back(result.question().name());
    return names;
  }
};

TEST_F(SearchQuestionsTest, FindsQuestionsOfCurrentRevisions) {
  const std::string revision = Put(PackYaml("ml", "What is a model?"));
  const auto found = Search(" Models ");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_THAT(found->results(), SizeIs(1));
  const v1::SearchResult& result = found->results(0);
  const std::string name = "tenants/acme/packs/ml/revisions/" + revision + "/questions/one";
  EXPECT_EQ(result.question().name(), name);
  EXPECT_EQ(result.question().SerializeAsString(), GetQuestion(name, Learner())->SerializeAsString());
  ASSERT_THAT(result.matches(), SizeIs(1));
  EXPECT_EQ(result.matches(0).term(), "models");
  EXPECT_THAT(result.matches(0).fields(), ElementsAre(v1::SEARCH_FIELD_PROMPT));
  EXPECT_THAT(result.matches(0).words(), ElementsAre("model"));
  EXPECT_EQ(found->next_page_token(), "");

  const std::string second = Put(PackYaml("ml", "What is drift?"));
  EXPECT_THAT(Names(Search("model")), IsEmpty()) << "the index follows the current revision";
  EXPECT_THAT(Names(Search("drift")),
              ElementsAre("tenants/acme/packs/ml/revisions/" + second + "/questions/one"));
  EXPECT_THAT(Names(Search("then")), IsEmpty()) << "a follow-up";
}

TEST_F(SearchQuestionsTest, NothingOfAnAnswerIsFoundOrTold) {
  Put(PackYaml("ml", "What is it?"));
  for (const As& as : {Learner(), Author(), Instructor(), Operator(), ServiceRole()}) {
    for (const char* word : {"secret", "SECRET guidance", "model", "phrase", "hint", "cue", "told"}) {
      EXPECT_THAT(Names(Search(word, as)), IsEmpty()) << word;
    }
    const auto found = Search("what", as);
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_THAT(found->results(), SizeIs(1));
    EXPECT_THAT(found->SerializeAsString(), Not(HasSubstr("SECRET")));
  }
}

TEST_F(SearchQuestionsTest, WhatTheCallerMayNotSeeIsNotFound) {
  Put(PackYaml("open", "A common word?"));
  Put(PackYaml("exam", "A common word?", "visibility: exam\n"));
  Put(PackYaml("gone", "A common word?"));
  ASSERT_TRUE(Delete(testing::DeleteRequest("gone", 1)).ok());
  ASSERT_TRUE(Import(ImportRequest(PackYaml("draft", "A common word?"), 2)).ok());
  EXPECT_THAT(Names(Search("common")), ElementsAre(HasSubstr("packs/open/")));
  for (const As& as : {Author(), Instructor(), Operator(), ServiceRole()}) {
    EXPECT_THAT(Names(Search("common", as)), ElementsAre(HasSubstr("packs/exam/"), HasSubstr("packs/open/")));
  }
  EXPECT_THAT(Names(Search("common", Stranger())), IsEmpty());
  ExpectError(Search("common", As{RoleSet()}), absl::StatusCode::kPermissionDenied, "ROLE_FORBIDS");
}

TEST_F(SearchQuestionsTest, WhatIsHiddenDoesNotEvenWeigh) {
  Put(PackYaml("a", "alpha beta"));
  Put(PackYaml("b", "beta gamma gamma"));
  const auto before = Search("beta");
  Put(PackYaml("exam", "beta beta beta", "visibility: exam\n"));
  EXPECT_EQ(Search("beta")->SerializeAsString(), before->SerializeAsString());
}

TEST_F(SearchQuestionsTest, OnePackCanBeSearched) {
  Put(PackYaml("a", "A common word?"));
  Put(PackYaml("b", "A common word?"));
  ASSERT_TRUE(Import(ImportRequest(PackYaml("draft", "A common word?"), 1)).ok());
  Put(PackYaml("exam", "A common word?", "visibility: exam\n"));
  v1::SearchQuestionsRequest request = Request("common");
  request.set_pack("tenants/acme/packs/b");
  EXPECT_THAT(Names(Search(request)), ElementsAre(HasSubstr("packs/b/")));
  for (const char* absent : {"none", "draft", "exam"}) {
    request.set_pack(std::string("tenants/-/packs/") + absent);
    ExpectError(Search(request), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  }
  request.set_pack("tenants/-/packs/draft");
  EXPECT_THAT(Names(Search(request, Author())), IsEmpty()) << "it is there, and has nothing published";
  request.set_pack("tenants/acme/packs/a");
  request.set_parent("tenants/acme");
  ExpectError(Search(request, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
  request.set_parent("tenants/-");
  ExpectError(Search(request, Stranger()), absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
}

TEST_F(SearchQuestionsTest, FieldsMustBeRight) {
  for (const std::string& bad : {std::string(), std::string("  "), std::string("?!"), std::string(257, 'a'),
                                 std::string("nul\0", 4)}) {
    ExpectBadFields(Search(Request(bad)), {"query"});
  }
  EXPECT_FALSE(Search(Request("caf\xE9")).ok()) << "not UTF-8: refused before it is a request";
  EXPECT_TRUE(Search(Request(" " + std::string(256, 'a') + "\n")).ok());
  v1::SearchQuestionsRequest request = Request("word");
  request.set_parent("tenants/-/packs/ml");
  ExpectBadFields(Search(request), {"parent"});
  request = Request("word");
  request.set_pack("ml");
  ExpectBadFields(Search(request), {"pack"});
  request = Request("word");
  request.set_page_size(-1);
  ExpectBadFields(Search(request), {"page_size"});
  request = Request("word");
  request.set_page_token("nonsense");
  ExpectError(Search(request), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
}

TEST_F(SearchQuestionsTest, PagesHoldEveryHitOnceInOrder) {
  for (const char* id : {"a", "b", "c", "d", "e"}) Put(PackYaml(id, "A common word?"));
  const std::vector<std::string> all = Names(Search("common"));
  ASSERT_THAT(all, SizeIs(5));
  v1::SearchQuestionsRequest request = Request("common");
  request.set_page_size(2);
  std::vector<std::string> paged;
  int pages = 0;
  do {
    const auto page = Search(request);
    for (const std::string& name : Names(page)) paged.push_back(name);
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < 9);
  EXPECT_EQ(paged, all);
  EXPECT_EQ(pages, 3);
  request.set_page_token(Search(request)->next_page_token());
  ASSERT_NE(request.page_token(), "");
  v1::SearchQuestionsRequest other = request;
  other.set_query("word");
  ExpectError(Search(other), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  other = request;
  other.set_pack("tenants/-/packs/a");
  ExpectError(Search(other), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
  ExpectError(Search(request, Stranger()), absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID");
}

TEST_F(SearchQuestionsTest, SearchGoesOnWhileTheStoreStallsOrFails) {
  Put(PackYaml("ml", "A common word?"));
  ASSERT_THAT(Names(Search("common")), SizeIs(1));
  server_.clock.Advance(absl::Minutes(1));
  server_.store.Stall();
  EXPECT_THAT(Names(Search("word")), SizeIs(1));
  server_.store.Resume();
  server_.store.FailWith(absl::UnavailableError("gone"));
  server_.clock.Advance(absl::Minutes(1));
  EXPECT_THAT(Names(Search("word")), SizeIs(1));
}

TEST_F(SearchQuestionsTest, WhatIsNotInMemoryNeedsTheStore) {
  Store(ReadPack(PackYaml("ml")).pack);
  server_.store.FailWith(absl::UnavailableError("gone"));
  ExpectError(Search("what"), absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE");
  server_.store.FailWith(absl::OkStatus());
  server_.store.Stall();
  EXPECT_EQ(Search("what", As{{Role::kLearner}, "acme", absl::Milliseconds(100)}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  ExpectCancelled(*server_.content, &v1::ContentService::Stub::SearchQuestions, Request("what"), Learner());
  EXPECT_THAT(Names(Search("what")), SizeIs(1));
}

TEST_F(SearchQuestionsTest, IndexesAreKeptUpToTheirBound) {
  const std::string a = Put(PackYaml("a")), b = Put(PackYaml("b")), a2 = Put(PackYaml("a", "Second?"));
  const Caller caller{"acme", "ann", "ann", {Role::kLearner}};
  SearchIndexes indexes(server_.catalogue, 1);
  auto get = [&](const std::string& pack, const std::string& revision) {
    auto index = SyncWait(indexes.Get(caller, pack, revision, absl::Now() + absl::Seconds(20)));
    EXPECT_TRUE(index.ok()) << index.status();
    return index.ok() ? *index : nullptr;
  };
  const auto first = get("a", a);
  EXPECT_EQ(get("a", a), first) << "kept";
  EXPECT_NE(get("a", a2), first) << "another revision";
  const auto other = get("b", b);
  EXPECT_EQ(get("b", b), other) << "the last one is kept whatever its size";
  EXPECT_EQ(first->pack(), "a") << "what is in use stays";
  EXPECT_EQ(SyncWait(indexes.Get(caller, "a", "r9", absl::Now() + absl::Seconds(20))).status().code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace greenroom::content
