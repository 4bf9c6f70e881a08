// The contract of AssignmentStore, over the fake and over both databases.
#include "services/session/assignments/assignment_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/sql/test_store.h"
#include "services/session/assignments/fake_assignment_store.h"
#include "services/session/assignments/sql_assignment_store.h"
#include "services/session/log/sql_event_log.h"

namespace greenroom::session {
namespace {

using sql::DialectName;
using testing::ElementsAre;
using testing::IsEmpty;

class UnderTest {
 public:
  virtual ~UnderTest() = default;
  virtual EventLog& log() = 0;
  virtual AssignmentStore& store() = 0;
};
using Maker = std::function<std::unique_ptr<UnderTest>()>;

class FakeUnderTest : public UnderTest {
 public:
  EventLog& log() override { return log_; }
  AssignmentStore& store() override { return store_; }

 private:
  FakeEventLog log_;
  FakeAssignmentStore store_{log_};
};

class SqlUnderTest : public UnderTest {
 public:
  explicit SqlUnderTest(DialectName driver)
      : database_(driver),
        opened_(sql::Database::Open(database_.url()).value()),
        log_(SqlEventLog::Open(*opened_).value()),
        store_(SqlAssignmentStore::Open(*opened_).value()) {}
  EventLog& log() override { return *log_; }
  AssignmentStore& store() override { return *store_; }

 private:
  sql::TestStore database_;
  std::unique_ptr<sql::Database> opened_;
  std::unique_ptr<SqlEventLog> log_;
  std::unique_ptr<SqlAssignmentStore> store_;
};

class AssignmentStoreContract : public testing::TestWithParam<Maker> {
 protected:
  AssignmentStoreContract() : made_(GetParam()()) {}
  AssignmentStore& store() { return made_->store(); }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

  static v1::Assignment Named(const std::string& id, const std::string& title = "") {
    v1::Assignment assignment;
    assignment.set_name(absl::StrCat("tenants/acme/assignments/", id));
    assignment.set_title(title);
    assignment.set_mode(v1::SESSION_MODE_EXAM);
    return assignment;
  }
  InsertOutcome Insert(const v1::Assignment& assignment, const std::string& content = "content") {
    return SyncWait(store().Insert("acme", assignment, content, Soon())).value();
  }
  std::optional<v1::Assignment> Get(const std::string& id, const std::string& tenant = "acme") {
    return SyncWait(store().Get(tenant, id, Soon())).value();
  }
  // Appends an event of the learner's session.
  void Append(const std::string& learner, const std::string& session, v1::EventPayload payload) {
    Event event;
    event.learner = {"acme", learner};
    event.seq = ++seqs_[learner];
    event.event_id = absl::StrCat(learner, "-", event.seq);
    event.session = session;
    event.occurred_time = event.received_time = absl::FromUnixSeconds(event.seq);
    event.payload = std::move(payload);
    event.kind = KindOf(event.payload);
    ASSERT_EQ(SyncWait(made_->log().Append({event}, Soon())).value(), AppendOutcome::kWritten);
  }
  void Create(const std::string& learner, const std::string& session, const std::string& assignment,
              const std::string& pack = "p", v1::SessionMode mode = v1::SESSION_MODE_EXAM) {
    v1::EventPayload payload;
    v1::Created& created = *payload.mutable_created();
    created.set_revision(absl::StrCat("tenants/acme/packs/", pack, "/revisions/r1"));
    created.set_mode(mode);
    if (!assignment.empty()) created.set_assignment(absl::StrCat("tenants/acme/assignments/", assignment));
    Append(learner, session, std::move(payload));
  }
  void Finish(const std::string& learner, const std::string& session) {
    v1::EventPayload payload;
    payload.mutable_finished();
    Append(learner, session, std::move(payload));
  }
  // "session/pack" of each.
  std::vector<std::string> OpenExams(const std::string& learner, const std::string& tenant = "acme") {
    std::vector<std::string> exams;
    const auto open = SyncWait(store().ListOpenExams({tenant, learner}, Soon()));
    EXPECT_TRUE(open.ok()) << open.status();
    for (const OpenExam& exam : open.value_or(std::vector<OpenExam>())) {
      exams.push_back(absl::StrCat(exam.session, exam.pack.substr(exam.pack.rfind('/'))));
    }
    return exams;
  }

  std::unique_ptr<UnderTest> made_;
  std::map<std::string, int64_t> seqs_;
};

INSTANTIATE_TEST_SUITE_P(Fake, AssignmentStoreContract,
                         testing::Values(Maker([] { return std::make_unique<FakeUnderTest>(); })));
INSTANTIATE_TEST_SUITE_P(Sqlite, AssignmentStoreContract, testing::Values(Maker([] {
                           return std::make_unique<SqlUnderTest>(DialectName::kSqlite);
                         })));
INSTANTIATE_TEST_SUITE_P(Postgres, AssignmentStoreContract, testing::Values(Maker([] {
                           return std::make_unique<SqlUnderTest>(DialectName::kPostgres);
                         })));

TEST_P(AssignmentStoreContract, KeepsWhatIsInsertedOnce) {
  EXPECT_EQ(Get("a"), std::nullopt);
  EXPECT_EQ(Insert(Named("a", "first")), InsertOutcome::kInserted);
  EXPECT_EQ(Insert(Named("a", "second")), InsertOutcome::kSame);
  EXPECT_EQ(Insert(Named("a", "second"), "another"), InsertOutcome::kOther);
  const std::optional<v1::Assignment> found = Get("a");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->title(), "first");
  EXPECT_FALSE(found->etag().empty());
  EXPECT_EQ(Get("a", "umbrella"), std::nullopt);
}

TEST_P(AssignmentStoreContract, ReplacesAndRemovesWhatHasTheEtag) {
  Insert(Named("a", "first"));
  const std::string etag = Get("a")->etag();
  EXPECT_FALSE(*SyncWait(store().Replace("acme", Named("a", "x"), "nonsense", Soon())));
  EXPECT_FALSE(*SyncWait(store().Replace("umbrella", Named("a", "x"), etag, Soon())));
  EXPECT_TRUE(*SyncWait(store().Replace("acme", Named("a", "second"), etag, Soon())));
  EXPECT_EQ(Get("a")->title(), "second");
  EXPECT_NE(Get("a")->etag(), etag);
  EXPECT_FALSE(*SyncWait(store().Replace("acme", Named("a", "third"), etag, Soon())));
  EXPECT_FALSE(*SyncWait(store().Remove("acme", "a", etag, Soon())));
  EXPECT_TRUE(*SyncWait(store().Remove("acme", "a", Get("a")->etag(), Soon())));
  EXPECT_EQ(Get("a"), std::nullopt);
}

TEST_P(AssignmentStoreContract, ListsInOrderOfIds) {
  for (const char* id : {"b", "a", "c"}) Insert(Named(id));
  const auto list = [&](const std::string& tenant, const std::string& after, int32_t limit) {
    std::vector<std::string> names;
    const auto assignments = SyncWait(store().List(tenant, after, limit, Soon())).value();
    names.reserve(assignments.size());
    for (const v1::Assignment& one : assignments) names.push_back(AssignmentIdOf(one.name()));
    return names;
  };
  EXPECT_THAT(list("acme", "", 2), ElementsAre("a", "b"));
  EXPECT_THAT(list("acme", "b", 2), ElementsAre("c"));
  EXPECT_THAT(list("umbrella", "", 2), IsEmpty());
}

TEST_P(AssignmentStoreContract, KnowsTheSessionsOfAnAssignment) {
  Create("bob", "s1", "a");
  Create("ada", "s2", "a");
  Create("ada", "s3", "b");
  Create("ada", "s4", "");
  Create("ada", "s5", "a");
  EXPECT_EQ(*SyncWait(store().CountSessions({"acme", "ada"}, "a", Soon())), 2);
  EXPECT_EQ(*SyncWait(store().CountSessions({"umbrella", "ada"}, "a", Soon())), 0);
  const auto first = SyncWait(store().ListSessions("acme", "a", {}, 2, Soon())).value();
  EXPECT_THAT(first, ElementsAre(AssignedSession{{{"acme", "ada"}, "s2"}, 1},
                                 AssignedSession{{{"acme", "ada"}, "s5"}, 4}));
  EXPECT_THAT(SyncWait(store().ListSessions("acme", "a", first[1], 2, Soon())).value(),
              ElementsAre(AssignedSession{{{"acme", "bob"}, "s1"}, 1}));
}

TEST_P(AssignmentStoreContract, AnExamIsOpenUntilItIsFinished) {
  EXPECT_THAT(OpenExams("ada"), IsEmpty());
  Create("ada", "s1", "a", "p", v1::SESSION_MODE_MOCK);
  EXPECT_THAT(OpenExams("ada"), IsEmpty());
  Create("ada", "s2", "a");
  EXPECT_THAT(OpenExams("ada"), ElementsAre("s2/p"));
  EXPECT_THAT(OpenExams("bob"), IsEmpty());
  EXPECT_THAT(OpenExams("ada", "umbrella"), IsEmpty());
  Create("ada", "s0", "b", "q");
  EXPECT_THAT(OpenExams("ada"), ElementsAre("s2/p", "s0/q"));
  Create("bob", "s3", "a", "q");
  EXPECT_THAT(SyncWait(store().ListLearnersInExams(10, Soon())).value(),
              testing::UnorderedElementsAre(LearnerKey{"acme", "ada"}, LearnerKey{"acme", "bob"}));
  Finish("ada", "s1");
  EXPECT_THAT(OpenExams("ada"), ElementsAre("s2/p", "s0/q"));
  Finish("ada", "s2");
  EXPECT_THAT(OpenExams("ada"), ElementsAre("s0/q"));
  Finish("ada", "s0");
  EXPECT_THAT(OpenExams("ada"), IsEmpty());
  EXPECT_THAT(SyncWait(store().ListLearnersInExams(10, Soon())).value(),
              ElementsAre(LearnerKey{"acme", "bob"}));
}

TEST_P(AssignmentStoreContract, TellsWhichExamsAreToBeReleased) {
  Insert(Named("a"));
  Insert(Named("b"));
  Create("ada", "s1", "a");
  Create("ada", "s2", "b");
  Create("bob", "s3", "a");
  Create("bob", "s4", "a", "p", v1::SESSION_MODE_MOCK);
  const auto unreleased = [&] { return SyncWait(store().ListUnreleased(10, Soon())).value(); };
  EXPECT_THAT(unreleased(), IsEmpty());
  v1::Assignment released = *Get("a");
  released.mutable_release_time()->set_seconds(1);
  ASSERT_TRUE(*SyncWait(store().Replace("acme", released, Get("a")->etag(), Soon())));
  EXPECT_THAT(unreleased(), testing::UnorderedElementsAre(SessionKey{{"acme", "ada"}, "s1"},
                                                          SessionKey{{"acme", "bob"}, "s3"}));
  EXPECT_EQ(SyncWait(store().ListUnreleased(1, Soon())).value().size(), 1u);
  v1::EventPayload payload;
  payload.mutable_released();
  Append("ada", "s1", payload);
  EXPECT_THAT(unreleased(), ElementsAre(SessionKey{{"acme", "bob"}, "s3"}));
}

}  // namespace
}  // namespace greenroom::session
