// Assignments through the grade book's RPCs, and sessions that are made of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/session/domain/deadlines.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

constexpr char kAssignment[] = "tenants/acme/assignments/week-1";
using Gradebook = v1::GradebookService::Stub;

class AssignmentsTest : public SessionServiceTest {
 protected:
  static v1::CreateAssignmentRequest Request(const std::string& id = "week-1",
                                             v1::SessionMode mode = v1::SESSION_MODE_MOCK) {
    v1::CreateAssignmentRequest request;
    request.set_parent("tenants/-");
    request.set_assignment_id(id);
    request.mutable_assignment()->set_title("Week 1");
    request.mutable_assignment()->set_revision(kPack);
    request.mutable_assignment()->set_mode(mode);
    return request;
  }
  v1::Assignment Set(const v1::CreateAssignmentRequest& request) {
    auto created = Call(&Gradebook::CreateAssignment, request);
    EXPECT_TRUE(created.ok()) << created.status();
    return created.value_or(v1::Assignment());
  }
  absl::StatusOr<v1::Assignment> GetAssignment(const std::string& name = kAssignment,
                                               const As& as = Teacher()) {
    v1::GetAssignmentRequest request;
    request.set_name(name);
    return Call(&Gradebook::GetAssignment, request, as);
  }
  absl::StatusOr<v1::Assignment> Update(const v1::Assignment& assignment, const std::string& path,
                                        const std::string& etag = "") {
    v1::UpdateAssignmentRequest request;
    *request.mutable_assignment() = assignment;
    request.mutable_update_mask()->add_paths(path);
    request.set_etag(etag);
    return Call(&Gradebook::UpdateAssignment, request);
  }
  // A session of the assignment.
  static v1::CreateSessionRequest Make(int number, v1::SessionMode mode = v1::SESSION_MODE_MOCK) {
    v1::CreateSessionRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_session_id(Uuid(number));
    request.set_mode(mode);
    request.set_assignment("tenants/-/assignments/week-1");
    return request;
  }
  void SetTime(google::protobuf::Timestamp* time, absl::Duration from_now) {
    time->set_seconds(absl::ToUnixSeconds(server_.clock.Now() + from_now));
  }
};

TEST_F(AssignmentsTest, IsCreatedOnceAndReadBack) {
  const v1::Assignment created = Set(Request());
  EXPECT_EQ(created.name(), kAssignment);
  EXPECT_EQ(created.revision(), kRevision) << "pinned";
  EXPECT_FALSE(created.etag().empty());
  EXPECT_TRUE(created.has_create_time());
  EXPECT_EQ(GetAssignment()->SerializeAsString(), created.SerializeAsString());
  EXPECT_EQ(Set(Request()).SerializeAsString(), created.SerializeAsString());
  v1::CreateAssignmentRequest other = Request();
  other.mutable_assignment()->set_title("Week 2");
  EXPECT_REASON(Call(&Gradebook::CreateAssignment, other), kAlreadyExists, "ID_REUSED");
}

TEST_F(AssignmentsTest, IsTheTenantsAndTheTeachers) {
  Set(Request());
  As umbrella = Teacher();
  umbrella.tenant = "umbrella";
  EXPECT_REASON(GetAssignment(kAssignment, umbrella), kNotFound, "ASSIGNMENT_NOT_FOUND");
  EXPECT_REASON(GetAssignment("tenants/-/assignments/week-1", umbrella), kNotFound, "ASSIGNMENT_NOT_FOUND");
  EXPECT_REASON(GetAssignment("tenants/-/assignments/week-9"), kNotFound, "ASSIGNMENT_NOT_FOUND");
  EXPECT_REASON(GetAssignment(kAssignment, As()), kPermissionDenied, "ROLE_FORBIDS");
  EXPECT_REASON(GetAssignment("week-1"), kInvalidArgument, "INVALID_REQUEST");
}

TEST_F(AssignmentsTest, WhatIsWrongIsNamed) {
  const auto refused = [&](const std::function<void(v1::CreateAssignmentRequest&)>& change) {
    v1::CreateAssignmentRequest request = Request();
    change(request);
    return Call(&Gradebook::CreateAssignment, request);
  };
  const std::vector<std::function<void(v1::Assignment&)>> wrong = {
      [](auto& a) { a.set_title("two\nlines"); },
      [](auto& a) { a.clear_mode(); },
      [](auto& a) { a.set_mode(v1::SESSION_MODE_REVIEW); },
      [](auto& a) { a.set_revision("nonsense"); },
      [](auto& a) {
        a.add_questions("q1");
        a.add_questions("q1");
      },
      [](auto& a) {
        a.add_questions("q1");
        a.mutable_criteria();
      },
      [](auto& a) { a.mutable_criteria()->add_topics("elsewhere"); },
      [](auto& a) { a.mutable_time_limit()->set_seconds(59); },
      [](auto& a) { a.mutable_question_time_limit()->set_seconds(9); },
      [](auto& a) {
        a.set_mode(v1::SESSION_MODE_PRACTICE);
        a.mutable_time_limit()->set_seconds(60);
      },
      [](auto& a) { a.set_max_sessions(-1); },
      [](auto& a) { a.set_max_sessions(101); },
      [](auto& a) { a.add_learners("Not An Id"); },
      [](auto& a) {
        a.mutable_open_time()->set_seconds(2000);
        a.mutable_close_time()->set_seconds(2000);
      },
  };
  for (const auto& change : wrong) {
    EXPECT_REASON(refused([&](auto& request) { change(*request.mutable_assignment()); }), kInvalidArgument,
                  "INVALID_REQUEST");
  }
  EXPECT_REASON(refused([](auto& r) { r.set_assignment_id("Not An Id"); }), kInvalidArgument,
                "INVALID_REQUEST");
  EXPECT_REASON(refused([](auto& r) { r.mutable_assignment()->add_questions("q9"); }), kNotFound,
                "QUESTION_NOT_FOUND");
  EXPECT_REASON(refused([](auto& r) { r.mutable_assignment()->set_revision("tenants/-/packs/none"); }),
                kNotFound, "PACK_NOT_FOUND");
}

TEST_F(AssignmentsTest, AreListedInPages) {
  for (const char* id : {"c", "a", "b"}) Set(Request(id));
  v1::ListAssignmentsRequest request;
  request.set_parent("tenants/-");
  request.set_page_size(2);
  const auto first = Call(&Gradebook::ListAssignments, request);
  ASSERT_OK(first);
  ASSERT_EQ(first->assignments_size(), 2);
  EXPECT_EQ(first->assignments(0).name(), "tenants/acme/assignments/a");
  request.set_page_token(first->next_page_token());
  const auto second = Call(&Gradebook::ListAssignments, request);
  ASSERT_OK(second);
  ASSERT_EQ(second->assignments_size(), 1);
  EXPECT_EQ(second->assignments(0).name(), "tenants/acme/assignments/c");
  EXPECT_EQ(second->next_page_token(), "");
  request.set_page_token("nonsense");
  EXPECT_REASON(Call(&Gradebook::ListAssignments, request), kInvalidArgument, "PAGE_TOKEN_INVALID");
}

TEST_F(AssignmentsTest, IsChangedUnderItsMaskAndItsEtag) {
  const v1::Assignment created = Set(Request());
  v1::Assignment wanted;
  wanted.set_name(kAssignment);
  wanted.set_title("Week one");
  wanted.set_max_sessions(7);
  const auto updated = Update(wanted, "title", created.etag());
  ASSERT_OK(updated);
  EXPECT_EQ(updated->title(), "Week one");
  EXPECT_EQ(updated->max_sessions(), 0);
  EXPECT_NE(updated->etag(), created.etag());
  ASSERT_OK(Update(wanted, "title", created.etag()));  // all is as asked for
  EXPECT_REASON(Update(wanted, "max_sessions", created.etag()), kAborted, "ETAG_MISMATCH");
  EXPECT_EQ(Update(wanted, "max_sessions")->max_sessions(), 7);
  wanted.clear_title();
  EXPECT_EQ(Update(wanted, "title")->title(), "");
  EXPECT_REASON(Update(wanted, "revision"), kInvalidArgument, "INVALID_REQUEST");
  wanted.set_max_sessions(101);
  EXPECT_REASON(Update(wanted, "max_sessions"), kInvalidArgument, "INVALID_REQUEST");
  v1::UpdateAssignmentRequest nothing;
  nothing.mutable_assignment()->set_name(kAssignment);
  EXPECT_REASON(Call(&Gradebook::UpdateAssignment, nothing), kInvalidArgument, "INVALID_REQUEST");
}

TEST_F(AssignmentsTest, IsDeletedAndItsSessionsStay) {
  Set(Request());
  ASSERT_OK(Call(&Stub::CreateSession, Make(1)));
  v1::DeleteAssignmentRequest request;
  request.set_name(kAssignment);
  request.set_etag("77");
  EXPECT_REASON(Call(&Gradebook::DeleteAssignment, request), kAborted, "ETAG_MISMATCH");
  request.clear_etag();
  ASSERT_OK(Call(&Gradebook::DeleteAssignment, request));
  EXPECT_REASON(Call(&Gradebook::DeleteAssignment, request), kNotFound, "ASSIGNMENT_NOT_FOUND");
  EXPECT_REASON(Call(&Stub::CreateSession, Make(2)), kNotFound, "ASSIGNMENT_NOT_FOUND");
  EXPECT_TRUE(Call(&Stub::CreateSession, Make(1))->replayed());
  ASSERT_OK(Submit(SessionPath(Uuid(1)), 3, "q1"));
}

TEST_F(AssignmentsTest, ASessionOfItIsAsItSays) {
  v1::CreateAssignmentRequest request = Request();
  request.mutable_assignment()->add_questions("q3");
  request.mutable_assignment()->add_questions("q1");
  request.mutable_assignment()->mutable_time_limit()->set_seconds(600);
  request.mutable_assignment()->mutable_question_time_limit()->set_seconds(120);
  SetTime(request.mutable_assignment()->mutable_close_time(), absl::Minutes(5));
  Set(request);
  const auto created = Call(&Stub::CreateSession, Make(1));
  ASSERT_OK(created);
  const v1::Session& session = created->session();
  EXPECT_EQ(session.assignment(), kAssignment);
  EXPECT_EQ(session.revision(), kRevision);
  ASSERT_EQ(session.questions_size(), 2);
  EXPECT_EQ(session.questions(0).question(), "q3");
  EXPECT_EQ(session.deadline().seconds(), absl::ToUnixSeconds(server_.clock.Now() + absl::Minutes(5)));
  EXPECT_EQ(Next(session.name())->deadline().seconds(),
            absl::ToUnixSeconds(server_.clock.Now() + absl::Minutes(2)));

  v1::CreateSessionRequest other = Make(2);
  other.set_source("tenants/-/packs/ml");
  ASSERT_OK(Call(&Stub::CreateSession, other));
  other.set_session_id(Uuid(3));
  other.set_source("tenants/-/packs/else");
  EXPECT_REASON(Call(&Stub::CreateSession, other), kInvalidArgument, "INVALID_REQUEST");
  EXPECT_REASON(Call(&Stub::CreateSession, Make(4, v1::SESSION_MODE_PRACTICE)), kInvalidArgument,
                "INVALID_REQUEST");
  v1::CreateSessionRequest own = Make(5);
  own.add_questions("q2");
  EXPECT_REASON(Call(&Stub::CreateSession, own), kInvalidArgument, "INVALID_REQUEST");
}

TEST_F(AssignmentsTest, ItsTimeAndItsAudienceAreKept) {
  v1::CreateAssignmentRequest request = Request();
  SetTime(request.mutable_assignment()->mutable_open_time(), absl::Hours(1));
  SetTime(request.mutable_assignment()->mutable_close_time(), absl::Hours(2));
  request.mutable_assignment()->add_learners("ada");
  Set(request);
  const auto early = Call(&Stub::CreateSession, Make(1));
  EXPECT_REASON(early, kFailedPrecondition, "ASSIGNMENT_CLOSED");
  EXPECT_EQ(MetadataOf(early.status(), "open_time"),
            absl::FormatTime(absl::RFC3339_sec, server_.clock.Now() + absl::Hours(1), absl::UTCTimeZone()));
  server_.clock.Advance(absl::Hours(1));
  ASSERT_OK(Call(&Stub::CreateSession, Make(1)));
  EXPECT_REASON(Call(&Stub::CreateSession, Make(2), {.learner = "bob"}), kNotFound, "ASSIGNMENT_NOT_FOUND");
  EXPECT_REASON(Call(&Stub::CreateSession, Make(2), {.tenant = "umbrella"}), kNotFound,
                "ASSIGNMENT_NOT_FOUND");
  server_.clock.Advance(absl::Hours(1));
  EXPECT_REASON(Call(&Stub::CreateSession, Make(3)), kFailedPrecondition, "ASSIGNMENT_CLOSED");
}

TEST_F(AssignmentsTest, NoMoreSessionsAreMadeThanItAllows) {
  v1::CreateAssignmentRequest request = Request();
  request.mutable_assignment()->set_max_sessions(2);
  Set(request);
  ASSERT_OK(Call(&Stub::CreateSession, Make(1)));
  // Another device makes the second in the moment between this one's look and its write.
  bool done = false;
  server_.log.set_before_append([&](const std::vector<Event>& unit) {
    if (std::exchange(done, true)) return;
    Event other = unit[0];
    other.event_id = other.session = Uuid(2);
    EXPECT_TRUE(SyncWait(server_.log.Append({other}, absl::Now() + absl::Seconds(1))).ok());
  });
  EXPECT_REASON(Call(&Stub::CreateSession, Make(3)), kFailedPrecondition, "ATTEMPTS_EXHAUSTED");
  EXPECT_TRUE(Call(&Stub::CreateSession, Make(1))->replayed());
  ASSERT_OK(Call(&Stub::CreateSession, Make(4), {.learner = "bob"}));
}

TEST_F(AssignmentsTest, ItsResultsAreThoseOfAllLearners) {
  Set(Request());
  ASSERT_OK(Call(&Stub::CreateSession, Make(1)));
  ASSERT_OK(Submit(SessionPath(Uuid(1)), 2, "q1"));
  ASSERT_OK(Call(&Stub::CreateSession, Make(3), {.learner = "bob"}));
  ASSERT_OK(Call(&Stub::CreateSession, Make(4)));
  Create(5);
  v1::ListAssignmentResultsRequest request;
  request.set_parent(kAssignment);
  request.set_page_size(2);
  const auto first = Call(&Gradebook::ListAssignmentResults, request);
  ASSERT_OK(first);
  ASSERT_EQ(first->results_size(), 2);
  EXPECT_EQ(first->results(0).session(), SessionPath(Uuid(1)));
  EXPECT_EQ(first->results(0).score(), 55);
  EXPECT_EQ(first->results(0).questions(), 3);
  EXPECT_EQ(first->results(0).answered(), 1);
  EXPECT_EQ(first->results(1).session(), SessionPath(Uuid(4)));
  EXPECT_FALSE(first->results(1).has_score());
  request.set_page_token(first->next_page_token());
  server_.clock.Advance(absl::Hours(1));
  const auto second = Call(&Gradebook::ListAssignmentResults, request);
  ASSERT_OK(second);
  ASSERT_EQ(second->results_size(), 1);
  EXPECT_EQ(second->results(0).session(), SessionPath(Uuid(3), "bob"));
  EXPECT_TRUE(second->results(0).out_of_time());
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(AssignmentsTest, AStoreThatIsAwayIsTold) {
  server_.assignments.gate().Fail("Get", absl::UnavailableError("away"));
  EXPECT_REASON(GetAssignment(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_REASON(Call(&Stub::CreateSession, Make(1)), kUnavailable, "DEPENDENCY_UNAVAILABLE");
}

}  // namespace
}  // namespace greenroom::session::testing
