// What is refused: each invalid field by its path, what is absent, another's, and who may not call.
#include "services/session/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "services/session/methods.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;

using RequestsTest = SessionServiceTest;

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : FieldViolationsOf(status)) fields.push_back(violation.field);
  return fields;
}

#define EXPECT_FIELD(result, path)                                                      \
  do {                                                                                  \
    const absl::Status field_status = (result).status();                                \
    EXPECT_EQ(field_status.code(), absl::StatusCode::kInvalidArgument) << field_status; \
    EXPECT_EQ(ReasonOf(field_status), "INVALID_REQUEST") << field_status;               \
    EXPECT_THAT(FieldsOf(field_status), ElementsAre(path));                             \
  } while (false)

// One wrong field at a time in a request that is otherwise right.
template <typename Request>
struct Wrong {
  std::string path;
  std::function<void(Request&)> spoil;
};

const std::vector<std::string>& BadIds() {
  static const auto& kBad = *new std::vector<std::string>{
      "", "Q1", "q 1", "q{1}", "q/1", std::string(64, 'q'), std::string("q\0", 2), "q\n", "-q", "\xc3\xa4"};
  return kBad;
}

const std::vector<std::string>& BadUuids() {
  static const auto& kBad = *new std::vector<std::string>{"", "1", "00000001-1111-4111-8111-11111111111",
                                                          "{0000001-1111-4111-8111-111111111111}",
                                                          "0000000g-1111-4111-8111-111111111111"};
  return kBad;
}

TEST_F(RequestsTest, CreateSessionNamesEachWrongField) {
  v1::CreateSessionRequest good;
  good.set_parent(kLearner);
  good.set_session_id(Uuid(1));
  good.set_source(kPack);
  good.set_mode(v1::SESSION_MODE_PRACTICE);
  using Request = v1::CreateSessionRequest;
  std::vector<Wrong<Request>> wrongs = {
      {"mode", [](Request& r) { r.clear_mode(); }},
      {"mode", [](Request& r) { r.set_mode(static_cast<v1::SessionMode>(77)); }},
      {"questions[1]", [](Request& r) { r.add_questions("q1"), r.add_questions("q1"); }},
      {"questions[0]", [](Request& r) { r.add_questions("Q 1"); }},
      {"questions",
       [](Request& r) {
         for (int i = 0; i < 101; ++i) r.add_questions(absl::StrCat("q", i));
       }},
      {"criteria", [](Request& r) { r.add_questions("q1"), r.mutable_criteria()->set_count(1); }},
      {"criteria", [](Request& r) { r.mutable_criteria()->add_topics("no-such-topic"); }},
      {"criteria.topics[0]", [](Request& r) { r.mutable_criteria()->add_topics("A topic"); }},
      {"criteria.tags[0]", [](Request& r) { r.mutable_criteria()->add_tags(""); }},
      {"criteria.kinds[0]",
       [](Request& r) { r.mutable_criteria()->add_kinds(content::v1::QUESTION_KIND_UNSPECIFIED); }},
      {"criteria.min_difficulty", [](Request& r) { r.mutable_criteria()->set_min_difficulty(6); }},
      {"criteria.max_difficulty", [](Request& r) { r.mutable_criteria()->set_max_difficulty(-1); }},
      {"criteria.max_difficulty",
       [](Request& r) {
         r.mutable_criteria()->set_min_difficulty(4), r.mutable_criteria()->set_max_difficulty(2);
       }},
      {"criteria.count", [](Request& r) { r.mutable_criteria()->set_count(-1); }},
      {"assignment", [](Request& r) { r.set_assignment("a"); }},
      {"questions",
       [](Request& r) {
         r.set_assignment("tenants/acme/assignments/a");
         r.add_questions("q1");
       }},
      {"time_limit", [](Request& r) { r.mutable_time_limit()->set_seconds(60); }},
      {"labels", [](Request& r) { (*r.mutable_labels())["a"] = "b"; }},
      {"device", [](Request& r) { r.set_device(std::string(65, 'd')); }},
      {"seen_sequence", [](Request& r) { r.set_seen_sequence(-1); }},
      {"parent", [](Request& r) { r.set_parent(""); }},
      {"parent", [](Request& r) { r.set_parent("tenants/acme"); }},
      {"source", [](Request& r) { r.set_source(""); }},
      {"source", [](Request& r) { r.set_source("tenants/acme/packs/ml/revisions"); }},
  };
  for (const std::string& bad : BadUuids()) {
    wrongs.push_back({"session_id", [bad](Request& r) { r.set_session_id(bad); }});
  }
  for (const auto& wrong : wrongs) {
    SCOPED_TRACE(wrong.path);
    Request request = good;
    wrong.spoil(request);
    EXPECT_FIELD(Call(&Stub::CreateSession, request), wrong.path);
  }
  Request service = good;
  const As as{"acme", "ada", {Role::kService}};
  (*service.mutable_labels())["key"] = std::string(257, 'v');
  EXPECT_FIELD(Call(&Stub::CreateSession, service, as), "labels[key]");
  service.clear_labels();
  (*service.mutable_labels())[std::string(65, 'k')] = "v";
  EXPECT_FIELD(Call(&Stub::CreateSession, service, as), "labels");
  service.clear_labels();
  for (int i = 0; i < 17; ++i) (*service.mutable_labels())[absl::StrCat("k", i)] = "v";
  EXPECT_FIELD(Call(&Stub::CreateSession, service, as), "labels");
  EXPECT_TRUE(Events().empty());
  EXPECT_TRUE(Call(&Stub::CreateSession, good).ok());
}

TEST_F(RequestsTest, SubmitAnswerNamesEachWrongField) {
  v1::SubmitAnswerRequest good;
  good.set_session(Create());
  good.set_answer_id(Uuid(2));
  good.set_question("q1");
  good.set_text("text");
  using Request = v1::SubmitAnswerRequest;
  std::vector<Wrong<Request>> wrongs = {
      {"text", [](Request& r) { r.clear_text(); }},
      {"text", [](Request& r) { r.set_text(" \n\t \xc2\xa0\xe2\x80\x8b\xe3\x80\x80"); }},
      {"text", [](Request& r) { r.set_text(std::string("a\0b", 3)); }},
      {"text", [](Request& r) { r.set_text(std::string(32 * 1024 + 1, 'a')); }},
      {"active_duration", [](Request& r) { r.mutable_active_duration()->set_seconds(-1); }},
      {"active_duration", [](Request& r) { r.mutable_active_duration()->set_seconds(24 * 3600 + 1); }},
      {"active_duration", [](Request& r) { r.mutable_active_duration()->set_nanos(-1); }},
      {"shown_time", [](Request& r) { r.mutable_shown_time()->set_nanos(1000000000); }},
      {"shown_time", [](Request& r) { r.mutable_shown_time()->set_seconds(int64_t{1} << 50); }},
      {"device", [](Request& r) { r.set_device(std::string("d\0", 2)); }},
      {"seen_sequence", [](Request& r) { r.set_seen_sequence(-1); }},
      {"session", [](Request& r) { r.set_session("tenants/acme/learners/ada"); }},
      {"session", [](Request& r) { r.set_session(SessionPath("not-a-uuid")); }},
  };
  for (const std::string& bad : BadUuids()) {
    wrongs.push_back({"answer_id", [bad](Request& r) { r.set_answer_id(bad); }});
  }
  for (const std::string& bad : BadIds()) {
    if (bad == "\xc3\xa4" || bad.find('\0') == std::string::npos) {
      wrongs.push_back({"question", [bad](Request& r) { r.set_question(bad); }});
    }
  }
  for (const auto& wrong : wrongs) {
    SCOPED_TRACE(wrong.path);
    Request request = good;
    wrong.spoil(request);
    EXPECT_FIELD(Call(&Stub::SubmitAnswer, request), wrong.path);
  }
  Request two = good;
  two.set_answer_id("x");
  two.set_text("");
  EXPECT_THAT(FieldsOf(Call(&Stub::SubmitAnswer, two).status()), ElementsAre("answer_id", "text"));
  EXPECT_EQ(Events().size(), 1);
  Request largest = good;
  largest.set_text(std::string(size_t{32} * 1024, 'a'));
  largest.mutable_active_duration()->set_seconds(int64_t{24} * 3600);
  largest.set_confidence(static_cast<v1::Confidence>(99));  // a newer client's: unspecified here
  auto submitted = Call(&Stub::SubmitAnswer, largest);
  ASSERT_OK(submitted);
  EXPECT_EQ(submitted->answer().confidence(), v1::CONFIDENCE_UNSPECIFIED);
}

template <typename Request>
std::vector<Wrong<Request>> WrongActs() {
  std::vector<Wrong<Request>> wrongs = {
      {"question", [](Request& r) { r.set_question("Q"); }},
      {"device", [](Request& r) { r.set_device(std::string(65, 'd')); }},
      {"seen_sequence", [](Request& r) { r.set_seen_sequence(-5); }},
      {"session", [](Request& r) { r.set_session("sessions/1"); }},
  };
  for (const std::string& bad : BadUuids()) {
    wrongs.push_back({"request_id", [bad](Request& r) { r.set_request_id(bad); }});
  }
  return wrongs;
}

TEST_F(RequestsTest, ActsNameEachWrongField) {
  const std::string session = Create();
  const auto check = [&](auto rpc, auto good, const auto& wrongs) {
    for (const auto& wrong : wrongs) {
      SCOPED_TRACE(wrong.path);
      auto request = good;
      wrong.spoil(request);
      EXPECT_FIELD(Call(rpc, request), wrong.path);
    }
  };
  check(&Stub::TakeHint, Act<v1::TakeHintRequest>(session, 2, "q1"), WrongActs<v1::TakeHintRequest>());
  check(&Stub::RevealAnswer, Act<v1::RevealAnswerRequest>(session, 2, "q1"),
        WrongActs<v1::RevealAnswerRequest>());
  check(&Stub::SkipQuestion, Act<v1::SkipQuestionRequest>(session, 2, "q1"),
        WrongActs<v1::SkipQuestionRequest>());
  auto rate = Act<v1::RateAnswerRequest>(session, 2, "q1");
  rate.set_rating(v1::RATING_EASY);
  using Request = v1::RateAnswerRequest;
  std::vector<Wrong<Request>> wrongs = WrongActs<Request>();
  wrongs.push_back({"rating", [](Request& r) { r.clear_rating(); }});
  wrongs.push_back({"rating", [](Request& r) { r.set_rating(static_cast<v1::Rating>(9)); }});
  wrongs.push_back({"answer", [](Request& r) { r.set_answer("answers/1"); }});
  wrongs.push_back({"claimed_points[0]", [](Request& r) { r.add_claimed_points("A point"); }});
  wrongs.push_back(
      {"claimed_points[1]", [](Request& r) { r.add_claimed_points("p"), r.add_claimed_points("p"); }});
  wrongs.push_back({"claimed_points", [](Request& r) {
                      for (int i = 0; i < 201; ++i) r.add_claimed_points(absl::StrCat("p", i));
                    }});
  check(&Stub::RateAnswer, rate, wrongs);
  EXPECT_EQ(Events().size(), 1);
}

TEST_F(RequestsTest, ReadsAndDraftsNameEachWrongField) {
  const std::string session = Create();
  v1::GetSessionRequest get;
  get.set_name("x");
  EXPECT_FIELD(Call(&Stub::GetSession, get), "name");
  get.set_name(session);
  get.set_seen_sequence(-1);
  EXPECT_FIELD(Call(&Stub::GetSession, get), "seen_sequence");
  v1::ListSessionsRequest list;
  list.set_parent("tenants/acme/packs/x");
  EXPECT_FIELD(Call(&Stub::ListSessions, list), "parent");
  list.set_parent(kLearner);
  list.set_page_size(-1);
  EXPECT_FIELD(Call(&Stub::ListSessions, list), "page_size");
  list.set_page_size(0);
  list.set_pack("packs/x");
  EXPECT_FIELD(Call(&Stub::ListSessions, list), "pack");
  list.clear_pack();
  list.set_seen_sequence(-1);
  EXPECT_FIELD(Call(&Stub::ListSessions, list), "seen_sequence");
  list.clear_seen_sequence();
  list.set_page_token("garbage");
  EXPECT_REASON(Call(&Stub::ListSessions, list), kInvalidArgument, "PAGE_TOKEN_INVALID");
  v1::NextQuestionRequest next;
  next.set_session("x");
  EXPECT_FIELD(Call(&Stub::NextQuestion, next), "session");
  next.set_session(session);
  next.set_question("Q 1");
  EXPECT_FIELD(Call(&Stub::NextQuestion, next), "question");
  next.clear_question();
  next.set_seen_sequence(-1);
  EXPECT_FIELD(Call(&Stub::NextQuestion, next), "seen_sequence");
  v1::SaveDraftRequest draft;
  draft.set_session(session);
  draft.set_question("q1");
  draft.set_text(std::string(32 * 1024 + 1, 'x'));
  EXPECT_FIELD(Call(&Stub::SaveDraft, draft), "text");
  draft.set_text("x");
  draft.set_question("");
  EXPECT_FIELD(Call(&Stub::SaveDraft, draft), "question");
  draft.set_question("q1");
  draft.set_device(std::string(65, 'd'));
  EXPECT_FIELD(Call(&Stub::SaveDraft, draft), "device");
  draft.clear_device();
  draft.set_seen_sequence(-1);
  EXPECT_FIELD(Call(&Stub::SaveDraft, draft), "seen_sequence");
  draft.clear_seen_sequence();
  draft.set_session("x");
  EXPECT_FIELD(Call(&Stub::SaveDraft, draft), "session");
  v1::GetAnswerRequest answer;
  answer.set_name(session);
  EXPECT_FIELD(Call(&Stub::GetAnswer, answer), "name");
  answer.set_name(session + "/answers/" + Uuid(1));
  answer.set_seen_sequence(-1);
  EXPECT_FIELD(Call(&Stub::GetAnswer, answer), "seen_sequence");
  v1::ListAnswersRequest answers;
  answers.set_parent("x");
  EXPECT_FIELD(Call(&Stub::ListAnswers, answers), "parent");
  answers.set_parent(session);
  answers.set_page_size(-1);
  EXPECT_FIELD(Call(&Stub::ListAnswers, answers), "page_size");
  answers.set_page_size(0);
  answers.set_question("Q");
  EXPECT_FIELD(Call(&Stub::ListAnswers, answers), "question");
  answers.clear_question();
  answers.set_seen_sequence(-1);
  EXPECT_FIELD(Call(&Stub::ListAnswers, answers), "seen_sequence");
  answers.clear_seen_sequence();
  answers.set_page_token("garbage");
  EXPECT_REASON(Call(&Stub::ListAnswers, answers), kInvalidArgument, "PAGE_TOKEN_INVALID");
  v1::FinishSessionRequest finish;
  finish.set_name("x");
  finish.set_request_id(Uuid(3));
  EXPECT_FIELD(Call(&Stub::FinishSession, finish), "name");
  finish.set_name(session);
  finish.set_request_id("x");
  EXPECT_FIELD(Call(&Stub::FinishSession, finish), "request_id");
  finish.set_request_id(Uuid(3));
  finish.set_device(std::string(65, 'd'));
  EXPECT_FIELD(Call(&Stub::FinishSession, finish), "device");
  finish.clear_device();
  finish.set_seen_sequence(-1);
  EXPECT_FIELD(Call(&Stub::FinishSession, finish), "seen_sequence");
  v1::GetSessionReportRequest report;
  report.set_name("x");
  EXPECT_FIELD(Call(&Stub::GetSessionReport, report), "name");
  report.set_name(session);
  report.set_seen_sequence(-1);
  EXPECT_FIELD(Call(&Stub::GetSessionReport, report), "seen_sequence");
}

TEST_F(RequestsTest, WhatIsNotThereIsSaidByItsName) {
  const std::string session = Create();
  const std::string absent = SessionPath(Uuid(77));
  EXPECT_REASON(Get(absent), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_EQ(ResourceOf(Get(absent).status()), absent);
  EXPECT_REASON(Next(absent), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(SaveDraft(absent, "q1", "x"), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Submit(absent, 2, "q1"), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Hint(absent, 2, "q1"), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Reveal(absent, 2, "q1"), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Rate(absent, 2, "q1"), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Skip(absent, 2, "q1"), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Finish(absent, 2), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(GetAnswer(absent + "/answers/" + Uuid(1)), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(GetAnswer(session + "/answers/" + Uuid(1)), kNotFound, "ANSWER_NOT_FOUND");
  v1::ListAnswersRequest answers;
  answers.set_parent(absent);
  EXPECT_REASON(Call(&Stub::ListAnswers, answers), kNotFound, "SESSION_NOT_FOUND");
  v1::GetSessionReportRequest report;
  report.set_name(absent);
  EXPECT_REASON(Call(&Stub::GetSessionReport, report), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Submit(session, 2, "q9"), kNotFound, "QUESTION_NOT_IN_SESSION");
  EXPECT_REASON(Hint(session, 2, "q9"), kNotFound, "QUESTION_NOT_IN_SESSION");
  EXPECT_REASON(Reveal(session, 2, "q9"), kNotFound, "QUESTION_NOT_IN_SESSION");
  EXPECT_REASON(Rate(session, 2, "q9"), kNotFound, "QUESTION_NOT_IN_SESSION");
  EXPECT_REASON(Skip(session, 2, "q9"), kNotFound, "QUESTION_NOT_IN_SESSION");

  v1::CreateSessionRequest create;
  create.set_parent(kLearner);
  create.set_session_id(Uuid(5));
  create.set_mode(v1::SESSION_MODE_PRACTICE);
  create.set_source("tenants/acme/packs/none");
  EXPECT_REASON(Call(&Stub::CreateSession, create), kNotFound, "PACK_NOT_FOUND");
  create.set_source("tenants/other/packs/ml");
  EXPECT_REASON(Call(&Stub::CreateSession, create), kNotFound, "PACK_NOT_FOUND");
  create.set_source(std::string(kPack) + "/revisions/r9");
  EXPECT_REASON(Call(&Stub::CreateSession, create), kNotFound, "REVISION_NOT_FOUND");
  create.set_source(kPack);
  create.add_questions("q9");
  EXPECT_REASON(Call(&Stub::CreateSession, create), kNotFound, "QUESTION_NOT_FOUND");
  create.clear_questions();
  create.set_mode(v1::SESSION_MODE_EXAM);
  EXPECT_REASON(Call(&Stub::CreateSession, create), kFailedPrecondition, "MODE_FORBIDS");
  // An exam's pack is no pack to practise.
  server_.catalogue.Publish("tenants/acme/packs/exam",
                            {"tenants/acme/packs/exam/revisions/r3", {MarkedQuestion("q1")}},
                            content::v1::VISIBILITY_EXAM);
  create.set_mode(v1::SESSION_MODE_PRACTICE);
  create.set_source("tenants/acme/packs/exam");
  EXPECT_REASON(Call(&Stub::CreateSession, create), kNotFound, "PACK_NOT_FOUND");
  create.set_source("tenants/acme/packs/exam/revisions/r3");
  EXPECT_REASON(Call(&Stub::CreateSession, create), kNotFound, "PACK_NOT_FOUND");
  EXPECT_EQ(Events().size(), 1);
}

// Calls every RPC with a caller and gives the statuses by name.
class Everything : public SessionServiceTest {
 protected:
  std::map<std::string, absl::Status> CallAll(const std::string& learner, const std::string& session,
                                              const As& as) {
    std::map<std::string, absl::Status> statuses;
    v1::CreateSessionRequest create;
    create.set_parent(learner);
    create.set_session_id(Uuid(300));
    create.set_source(kPack);
    create.set_mode(v1::SESSION_MODE_PRACTICE);
    statuses["CreateSession"] = Call(&Stub::CreateSession, create, as).status();
    v1::GetSessionRequest get;
    get.set_name(session);
    statuses["GetSession"] = Call(&Stub::GetSession, get, as).status();
    v1::ListSessionsRequest list;
    list.set_parent(learner);
    statuses["ListSessions"] = Call(&Stub::ListSessions, list, as).status();
    v1::NextQuestionRequest next;
    next.set_session(session);
    statuses["NextQuestion"] = Call(&Stub::NextQuestion, next, as).status();
    v1::SaveDraftRequest draft;
    draft.set_session(session);
    draft.set_question("q1");
    draft.set_text("x");
    statuses["SaveDraft"] = Call(&Stub::SaveDraft, draft, as).status();
    statuses["SubmitAnswer"] = Submit(session, 301, "q1", "text", as).status();
    statuses["GetAnswer"] = GetAnswer(session + "/answers/" + Uuid(2), as).status();
    v1::ListAnswersRequest answers;
    answers.set_parent(session);
    statuses["ListAnswers"] = Call(&Stub::ListAnswers, answers, as).status();
    statuses["TakeHint"] = Call(&Stub::TakeHint, Act<v1::TakeHintRequest>(session, 302, "q1"), as).status();
    statuses["RevealAnswer"] =
        Call(&Stub::RevealAnswer, Act<v1::RevealAnswerRequest>(session, 303, "q1"), as).status();
    auto rate = Act<v1::RateAnswerRequest>(session, 304, "q1");
    rate.set_rating(v1::RATING_GOOD);
    statuses["RateAnswer"] = Call(&Stub::RateAnswer, rate, as).status();
    statuses["SkipQuestion"] =
        Call(&Stub::SkipQuestion, Act<v1::SkipQuestionRequest>(session, 305, "q1"), as).status();
    v1::GetSessionReportRequest report;
    report.set_name(session);
    statuses["GetSessionReport"] = Call(&Stub::GetSessionReport, report, as).status();
    v1::PauseSessionRequest pause;
    pause.set_name(session);
    pause.set_request_id(Uuid(307));
    statuses["PauseSession"] = Call(&Stub::PauseSession, pause, as).status();
    v1::ResumeSessionRequest resume;
    resume.set_name(session);
    resume.set_request_id(Uuid(308));
    statuses["ResumeSession"] = Call(&Stub::ResumeSession, resume, as).status();
    v1::FinishSessionRequest finish;
    finish.set_name(session);
    finish.set_request_id(Uuid(306));
    statuses["FinishSession"] = Call(&Stub::FinishSession, finish, as).status();
    return statuses;
  }
};

TEST_F(Everything, AnothersIsToldExactlyAsWhatIsNotThere) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  const auto of_tenant =
      CallAll("tenants/other/learners/ada", "tenants/other/learners/ada/sessions/" + Uuid(1), {});
  const auto of_learner = CallAll(kLearner, session, As{"acme", "bob"});
  const auto of_namesake = CallAll(kLearner, session, As{"other", "ada"});
  for (const auto* statuses : {&of_tenant, &of_learner, &of_namesake}) {
    EXPECT_EQ(statuses->size(), 16);
    for (const auto& [rpc, status] : *statuses) {
      EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << rpc << status;
      EXPECT_EQ(ReasonOf(status), "SESSION_NOT_FOUND") << rpc;
      EXPECT_EQ(status.message(), Get(SessionPath(Uuid(99))).status().message()) << rpc;
    }
  }
  EXPECT_EQ(Events().size(), 3);
}

TEST_F(Everything, TheTableOfRolesHoldsBothWays) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  const std::set<std::string> reads = {"GetSession", "ListSessions", "GetAnswer", "ListAnswers",
                                       "GetSessionReport"};
  for (Role role : {Role::kAuthor, Role::kOperator, Role::kInstructor}) {
    for (const auto& [rpc, status] : CallAll(kLearner, session, As{"acme", "teacher", {role}})) {
      if (role == Role::kInstructor && reads.contains(rpc)) {
        EXPECT_TRUE(status.ok()) << rpc << status;
      } else {
        EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << rpc << status;
        EXPECT_EQ(ReasonOf(status), "ROLE_FORBIDS") << rpc;
      }
    }
  }
  for (const auto& [rpc, status] : CallAll(kLearner, session, As{"acme", "", {Role::kService}})) {
    EXPECT_EQ(ReasonOf(status), "LEARNER_REQUIRED") << rpc << status;
  }
  for (const auto& [rpc, status] :
       CallAll("tenants/-/learners/me", "tenants/-/learners/me/sessions/" + Uuid(1),
               As{"acme", "", {Role::kService}})) {
    EXPECT_EQ(ReasonOf(status), "LEARNER_REQUIRED") << rpc << status;
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << rpc;
  }
  EXPECT_EQ(Events().size(), 3);
  const As as{"acme", "ada", {Role::kService}};
  for (const auto& [rpc, status] : CallAll(kLearner, session, as)) EXPECT_TRUE(status.ok()) << rpc << status;
}

TEST_F(Everything, AnInstructorSeesEveryGradeWholeButNoDraft) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(SaveDraft(session, "q2", "not sent"));
  const As teacher{"acme", "teacher", {Role::kInstructor}};
  auto answer = GetAnswer(session + "/answers/" + Uuid(2), teacher);
  ASSERT_OK(answer);
  EXPECT_EQ(answer->grade().report().items(1).point(), "MARKER-POINT-missed-q1");
  auto got = Get(session, 0, teacher);
  ASSERT_OK(got);
  EXPECT_FALSE(got->questions(1).has_draft());
}

TEST(Methods, EveryRpcHasAPolicyAndNoOther) {
  const auto* service = v1::CreateSessionRequest::descriptor()->file()->FindServiceByName("SessionService");
  std::set<std::string> rpcs;
  for (int i = 0; i < service->method_count(); ++i) {
    rpcs.insert(absl::StrCat(service->full_name(), "/", service->method(i)->name()));
  }
  std::set<std::string> policies;
  for (const MethodPolicy& policy : SessionMethods()) policies.insert(policy.full_name);
  EXPECT_EQ(policies, rpcs);
}

TEST(Methods, EveryRpcOfTheGradebookHasAPolicyAndNoOther) {
  const auto* service =
      v1::CreateAssignmentRequest::descriptor()->file()->FindServiceByName("GradebookService");
  std::set<std::string> rpcs;
  for (int i = 0; i < service->method_count(); ++i) {
    rpcs.insert(absl::StrCat(service->full_name(), "/", service->method(i)->name()));
  }
  std::set<std::string> policies;
  for (const MethodPolicy& policy : GradebookMethods()) policies.insert(policy.full_name);
  EXPECT_EQ(policies, rpcs);
}

TEST(IsBlank, KnowsWhiteSpaceOfAllKinds) {
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \t\r\n\v\f"));
  EXPECT_TRUE(IsBlank("\xe2\x80\x83\xef\xbb\xbf\xc2\x85"));
  EXPECT_FALSE(IsBlank(" . "));
  EXPECT_FALSE(IsBlank("\xe2\x80\x94"));
  EXPECT_FALSE(IsBlank("\xc2\xa1"));
}

}  // namespace
}  // namespace greenroom::session::testing
