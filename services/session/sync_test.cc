// SyncLearner: what a device did offline comes in once, whatever the way, and what changed goes out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "services/session/testing/sync_fixture.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(SyncTest, TakesWhatADeviceDid) {
  server_.clock.Advance(absl::Hours(1));
  v1::OutboxItem rating = Item(5, 1, 40);
  rating.mutable_rating()->set_question("q1");
  rating.mutable_rating()->set_answer(Uuid(3));
  rating.mutable_rating()->set_rating(v1::RATING_GOOD);
  rating.mutable_rating()->add_claimed_points("point");
  v1::OutboxItem hint = Item(2, 1, 10);
  hint.mutable_hint()->set_question("q1");
  v1::OutboxItem skip = Item(6, 1, 50);
  skip.mutable_skip()->set_question("q2");
  const std::vector<v1::OutboxItem> items = {FinishOf(7, 1, 60), skip, rating,     RevealOf(4, 1, 30),
                                             Answer(3, 1, 20),   hint, Begin(1, 0)};
  const auto taken = Sync(items);
  EXPECT_THAT(Outcomes(taken), ElementsAre("TAKEN", "TAKEN", "TAKEN", "TAKEN", "TAKEN", "TAKEN", "TAKEN"));
  for (int i = 0; i < 7; ++i) EXPECT_EQ(taken->statuses(i).sequence(), 7 - i);  // as it happened
  EXPECT_EQ(taken->statuses(0).id(), Uuid(7));
  EXPECT_EQ(taken->statuses(0).receive_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  ASSERT_EQ(Events().size(), 7);
  EXPECT_EQ(Events()[2].device, "phone");
  EXPECT_EQ(Events()[2].device_seq, 3);
  EXPECT_EQ(Events()[2].occurred_time, kNine + absl::Seconds(20));
  EXPECT_EQ(Events()[2].received_time, server_.clock.Now());
  ExpectLiveStateOf(1);

  const auto session = Get(SessionPath(Uuid(1)));
  ASSERT_OK(session);
  EXPECT_EQ(session->state(), v1::SESSION_STATE_FINISHED);
  EXPECT_EQ(session->questions(0).state(), v1::QUESTION_STATE_RATED);
  EXPECT_EQ(session->questions(0).attempts(), 1);
  EXPECT_EQ(session->questions(0).hints_taken(), 1);
  EXPECT_EQ(session->questions(0).pending_grades(), 1);
  EXPECT_EQ(session->questions(1).state(), v1::QUESTION_STATE_SKIPPED);
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  const auto answer = GetAnswer(SessionPath(Uuid(1)) + "/answers/" + Uuid(3));
  ASSERT_OK(answer);
  EXPECT_EQ(answer->grade().report().score(), 55);
  EXPECT_TRUE(answer->counting());
  EXPECT_EQ(Events().back().payload.graded().question_name(), absl::StrCat(kRevision, "/questions/q1"));

  EXPECT_THAT(Outcomes(Sync(items)), ::testing::Each("REPLAYED"));
  EXPECT_EQ(Sync(items)->statuses(0).sequence(), 7);
  EXPECT_EQ(Events().size(), 8);
}

TEST_F(SyncTest, WhatWasDoneOnlineAndComesAgainIsAReplay) {
  v1::CreateSessionRequest create;
  create.set_parent(kLearner);
  create.set_session_id(Uuid(1));
  create.set_source(kRevision);
  create.set_mode(v1::SESSION_MODE_PRACTICE);
  for (const char* question : {"q1", "q2", "q3"}) create.add_questions(question);
  ASSERT_OK(Call(&Stub::CreateSession, create));
  const std::string session = SessionPath(Uuid(1));
  v1::SubmitAnswerRequest submit;
  submit.set_session(session);
  submit.set_answer_id(Uuid(2));
  submit.set_question("q1");
  submit.set_text("text");
  submit.set_confidence(v1::CONFIDENCE_SURE);
  submit.set_input(v1::INPUT_METHOD_TYPED);
  submit.mutable_active_duration()->set_seconds(90);
  *submit.mutable_shown_time() = ToTimestamp(kNine);
  const auto submitted = Call(&Stub::SubmitAnswer, submit);
  ASSERT_OK(submitted);
  ASSERT_OK(Hint(session, 3, "q2"));
  ASSERT_OK(Reveal(session, 4, "q2"));
  ASSERT_OK(Rate(session, 5, "q1", session + "/answers/" + Uuid(2)));
  ASSERT_OK(Skip(session, 6, "q3"));
  ASSERT_OK(Finish(session, 7));
  const size_t events = Events().size();

  v1::OutboxItem answer = Answer(2, 1, 1, "q1", "text");
  answer.mutable_answer()->set_confidence(v1::CONFIDENCE_SURE);
  answer.mutable_answer()->set_input(v1::INPUT_METHOD_TYPED);
  *answer.mutable_answer()->mutable_active_duration() = submit.active_duration();
  *answer.mutable_answer()->mutable_shown_time() = submit.shown_time();
  v1::OutboxItem hint = Item(3, 1, 2), rating = Item(5, 1, 4), skip = Item(6, 1, 5);
  hint.mutable_hint()->set_question("q2");
  rating.mutable_rating()->set_question("q1");
  rating.mutable_rating()->set_answer(Uuid(2));
  rating.mutable_rating()->set_rating(v1::RATING_GOOD);
  skip.mutable_skip()->set_question("q3");
  const auto synced =
      Sync({Begin(1, 0), answer, hint, RevealOf(4, 1, 3, "q2"), rating, skip, FinishOf(7, 1, 6)});
  EXPECT_THAT(Outcomes(synced), ::testing::Each("REPLAYED"));
  ASSERT_EQ(synced->statuses_size(), 7);
  EXPECT_EQ(synced->statuses(1).sequence(), submitted->sequence());
  EXPECT_EQ(Events().size(), events);
  EXPECT_EQ(server_.live.OpenWrites(Key()), std::vector<std::string>());
}

TEST_F(SyncTest, WhatCameBySyncAndIsDoneAgainOnlineIsAReplay) {
  EXPECT_THAT(Outcomes(Sync({Begin(1, -60), Answer(2, 1, -50)})), ElementsAre("TAKEN", "TAKEN"));
  const auto submitted = Submit(SessionPath(Uuid(1)), 2, "q1");
  ASSERT_OK(submitted);
  EXPECT_TRUE(submitted->replayed());
  EXPECT_EQ(submitted->sequence(), 2);
  EXPECT_EQ(Events().size(), 2);
}

TEST_F(SyncTest, OneThatIsRefusedKeepsNoOtherOut) {
  ASSERT_OK(Sync({Begin(1, -60), Answer(2, 1, -50)}));
  v1::OutboxItem numbered = Answer(9, 1, -40);
  numbered.set_device_seq(2);  // the answer's
  v1::OutboxItem twice = Answer(4, 1, -45);
  const auto synced = Sync({Answer(2, 1, -50, "q1", "other text"), numbered, Answer(3, 1, -30), twice, twice,
                            Answer(5, 1, 301), Answer(4, 1, -44, "q2")});
  EXPECT_THAT(Outcomes(synced), ElementsAre("ID_REUSED", "ID_REUSED", "TAKEN", "TAKEN", "REPLAYED",
                                            "OCCURRED_IN_FUTURE", "ID_REUSED"));
  EXPECT_EQ(synced->statuses(3).sequence(), synced->statuses(4).sequence());
  EXPECT_EQ(synced->statuses(0).sequence(), 0);
  EXPECT_FALSE(synced->statuses(0).has_receive_time());
  EXPECT_THAT(synced->statuses(0).message(), HasSubstr("id"));
  EXPECT_EQ(Events().size(), 4);
}

TEST_F(SyncTest, TheFutureBeginsFiveMinutesAfterClockAndLog) {
  ASSERT_OK(Sync({Begin(1, 0)}));
  EXPECT_THAT(Outcomes(Sync({Answer(2, 1, 301)})), ElementsAre("OCCURRED_IN_FUTURE"));
  // Each lets the next in, whatever their order.
  EXPECT_THAT(Outcomes(Sync({Answer(4, 1, 900), Answer(3, 1, 600), Answer(2, 1, 300), Answer(5, 1, 1201)})),
              ElementsAre("TAKEN", "TAKEN", "TAKEN", "OCCURRED_IN_FUTURE"));
  server_.clock.Advance(absl::Seconds(1000));
  EXPECT_THAT(Outcomes(Sync({Answer(5, 1, 1201)})), ElementsAre("TAKEN"));
}

TEST_F(SyncTest, ActsMayArriveBeforeTheirSession) {
  EXPECT_THAT(Outcomes(Sync({Answer(3, 1, -40), RevealOf(4, 1, -30)})), ElementsAre("TAKEN", "TAKEN"));
  EXPECT_REASON(Get(SessionPath(Uuid(1))), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_EQ(server_.worker.RunOnce(), 1);  // there is nothing to grade it by yet
  EXPECT_EQ(server_.grader.gate().calls("Grade"), 0);
  EXPECT_THAT(Outcomes(Sync({Begin(1, -60)})), ElementsAre("TAKEN"));
  ExpectLiveStateOf(1);
  EXPECT_EQ(Get(SessionPath(Uuid(1)))->questions(0).attempts(), 1);
  EXPECT_EQ(Get(SessionPath(Uuid(1)))->questions(0).state(), v1::QUESTION_STATE_REVEALED);
  EXPECT_EQ(server_.worker.RunOnce(), 1);  // at once
  EXPECT_EQ(Get(SessionPath(Uuid(1)))->questions(0).score(), 55);
}

TEST_F(SyncTest, ActsMayArriveBeforeTheirSessionIsCreatedOnline) {
  ASSERT_OK(Sync({Answer(3, 1, -40), RevealOf(4, 1, -30)}));
  Create();
  ExpectLiveStateOf(1);
  EXPECT_EQ(Get(SessionPath(Uuid(1)))->questions(0).state(), v1::QUESTION_STATE_REVEALED);
}

TEST_F(SyncTest, ALateEventCountsAtItsPlaceAndTouchesItsSessionOnly) {
  const std::string session = Create(1);
  const std::string other = Create(2);
  server_.clock.Advance(absl::Hours(2));
  ASSERT_OK(Submit(session, 3, "q1"));
  ASSERT_OK(Reveal(session, 4, "q2"));
  ASSERT_OK(Finish(session, 5));
  ASSERT_OK(Get(other));
  const auto before = server_.live.Stored(Key(2));
  // An hour ago, on the phone: before the reveal, before the finish, before the other answer.
  const auto synced = Sync({Answer(6, 1, 3600, "q1"), Answer(7, 1, 3601, "q2"), Answer(8, 1, 7300, "q3")});
  EXPECT_THAT(Outcomes(synced), ElementsAre("TAKEN", "TAKEN", "TAKEN"));
  ExpectLiveStateOf(1);
  const auto late = GetAnswer(session + "/answers/" + Uuid(6));
  ASSERT_OK(late);
  EXPECT_EQ(late->attempt(), 1);
  EXPECT_TRUE(late->counting());
  EXPECT_EQ(GetAnswer(session + "/answers/" + Uuid(3))->attempt(), 2);
  EXPECT_FALSE(GetAnswer(session + "/answers/" + Uuid(7))->after_reveal());
  // After the finish: in the log, and it changes nothing.
  EXPECT_REASON(GetAnswer(session + "/answers/" + Uuid(8)), kNotFound, "ANSWER_NOT_FOUND");
  EXPECT_EQ(Get(session)->questions(2).attempts(), 0);
  ASSERT_TRUE(server_.live.Stored(Key(2)).has_value());
  EXPECT_EQ(server_.live.Stored(Key(2))->bytes, before->bytes);
  EXPECT_EQ(server_.live.Stored(Key(2))->seq, before->seq);
}

TEST_F(SyncTest, ASessionMustBeginAsTheCatalogueAllows) {
  const std::string exam = "tenants/acme/packs/exam/revisions/r00000000000000000000000000000009";
  server_.catalogue.Publish("tenants/acme/packs/exam", {exam, {MarkedQuestion("q1")}},
                            content::v1::VISIBILITY_EXAM);
  v1::OutboxItem mock = Begin(14, -60), unknown = Begin(15, -60), form = Begin(16, -60),
                 fine = Begin(17, -60);
  mock.mutable_begin()->set_mode(v1::SESSION_MODE_MOCK);
  unknown.mutable_begin()->add_questions("q9");
  for (const int variant : {0, 1, 0}) form.mutable_begin()->add_variants(variant);
  for (const int variant : {0, 0, 0}) fine.mutable_begin()->add_variants(variant);
  fine.mutable_begin()->set_mode(v1::SESSION_MODE_REVIEW);
  const auto synced =
      Sync({Begin(11, -60, "tenants/acme/packs/ml/revisions/r00000000000000000000000000000002"),
            Begin(12, -60, "tenants/other/packs/ml/revisions/r00000000000000000000000000000001"),
            Begin(13, -60, exam), mock, unknown, form, fine});
  EXPECT_THAT(Outcomes(synced),
              ElementsAre("REVISION_NOT_FOUND", "REVISION_NOT_FOUND", "REVISION_NOT_FOUND", "MODE_FORBIDS",
                          "QUESTION_NOT_FOUND", "QUESTION_NOT_FOUND", "TAKEN"));
  EXPECT_EQ(Events().size(), 1);
}

TEST_F(SyncTest, WithoutTheCatalogueOnlyWhatNeedsItWaits) {
  ASSERT_OK(Sync({Begin(1, -60)}));
  server_.catalogue.gate().Fail("", absl::UnavailableError("down"));
  EXPECT_THAT(Outcomes(Sync({Begin(1, -60), Answer(3, 1, -50)})), ElementsAre("REPLAYED", "TAKEN"));
  EXPECT_REASON(Sync({Begin(2, -60), Answer(4, 1, -40)}), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_EQ(Events().size(), 2);
}

TEST_F(SyncTest, ServerTimedSessionsTakeNoOfflineWorkPastTheirDeadline) {
  Event created;
  created.learner = {"acme", "ada"};
  created.seq = 1;
  created.event_id = created.session = Uuid(1);
  created.occurred_time = created.received_time = kNine;
  created.payload.mutable_created()->set_revision(kRevision);
  created.payload.mutable_created()->set_mode(v1::SESSION_MODE_MOCK);
  created.payload.mutable_created()->add_questions("q1");
  created.kind = "created";
  ASSERT_EQ(*SyncWait(server_.log.Append({created}, absl::Now() + absl::Seconds(10))),
            AppendOutcome::kWritten);
  EXPECT_THAT(Outcomes(Sync({Answer(2, 1, 10)})), ElementsAre("TAKEN"));
  ASSERT_OK(Finish(SessionPath(Uuid(1)), 3));
  EXPECT_THAT(Outcomes(Sync({Answer(2, 1, 10), Answer(4, 1, 20)})), ElementsAre("REPLAYED", "MODE_FORBIDS"));
}

// The pack's questions say 4 minutes each: a mock of them has 12, and each question 8.
TEST_F(SyncTest, WhatADeviceSendsToAMockHasTheGraceOfACall) {
  int number = 0;
  for (const auto& [question, limit] : std::vector<std::pair<std::string, absl::Duration>>{
           {"q1", absl::Minutes(8)}, {"q3", absl::Minutes(12)}}) {
    for (const absl::Duration behind :
         {absl::ZeroDuration(), absl::Seconds(5), absl::Seconds(5) + absl::Milliseconds(1)}) {
      SCOPED_TRACE(absl::StrCat(question, " ", absl::FormatDuration(behind)));
      const bool late = behind > absl::Seconds(5);
      const int online = ++number, offline = ++number;
      for (const int session : {online, offline}) {
        ASSERT_OK(Call(&Stub::CreateSession, CreateRequest(session, v1::SESSION_MODE_MOCK)));
        if (question == "q1") ASSERT_OK(Next(SessionPath(Uuid(session))));
      }
      server_.clock.Advance(limit + behind);
      const auto submitted = Submit(SessionPath(Uuid(online)), 100 + online, question);
      EXPECT_EQ(ReasonOf(submitted.status()), late ? "TIME_IS_UP" : "");
      EXPECT_THAT(Outcomes(Sync({Answer(100 + offline, offline, 1, question)})),
                  ElementsAre(late ? "MODE_FORBIDS" : "TAKEN"));
      for (const int session : {online, offline}) {
        const auto shown = Get(SessionPath(Uuid(session)));
        ASSERT_OK(shown);
        EXPECT_EQ(shown->questions(question == "q1" ? 0 : 2).attempts(), late ? 0 : 1);
      }
    }
  }
}

TEST_F(SyncTest, MalformedItemsRefuseTheCall) {
  using Damage = std::function<void(v1::SyncLearnerRequest&)>;
  const auto item = [](v1::SyncLearnerRequest& request) { return request.mutable_items(0); };
  const std::vector<std::pair<std::string, Damage>> damages = {
      {"device", [](v1::SyncLearnerRequest& r) { r.clear_device(); }},
      {"device", [](v1::SyncLearnerRequest& r) { r.set_device(std::string(65, 'd')); }},
      {"page_size", [](v1::SyncLearnerRequest& r) { r.set_page_size(-1); }},
      {"items",
       [](v1::SyncLearnerRequest& r) {
         while (r.items_size() < 101) *r.add_items() = r.items(0);
       }},
      {"items",
       [](v1::SyncLearnerRequest& r) {
         for (int i = 0; i < 9; ++i) {
           *r.add_items() = r.items(0);
           r.mutable_items(i)->mutable_answer()->set_text(std::string(size_t{31} * 1024, 'x'));
         }
       }},
      {"items[0].id", [&](v1::SyncLearnerRequest& r) { item(r)->set_id("2"); }},
      {"items[0].id", [&](v1::SyncLearnerRequest& r) { item(r)->set_id(item(r)->session()); }},
      {"items[0].session", [&](v1::SyncLearnerRequest& r) { item(r)->set_session("s"); }},
      {"items[0].occurred_time", [&](v1::SyncLearnerRequest& r) { item(r)->clear_occurred_time(); }},
      {"items[0].occurred_time",
       [&](v1::SyncLearnerRequest& r) { item(r)->mutable_occurred_time()->set_nanos(-1); }},
      {"items[0].device_seq", [&](v1::SyncLearnerRequest& r) { item(r)->set_device_seq(0); }},
      {"items[0].act", [&](v1::SyncLearnerRequest& r) { item(r)->clear_act(); }},
      {"items[0].answer.text",
       [&](v1::SyncLearnerRequest& r) { item(r)->mutable_answer()->set_text(" \n"); }},
      {"items[0].answer.question",
       [&](v1::SyncLearnerRequest& r) { item(r)->mutable_answer()->set_question("Q"); }},
      {"items[0].answer.active_duration",
       [&](v1::SyncLearnerRequest& r) {
         item(r)->mutable_answer()->mutable_active_duration()->set_seconds(-1);
       }},
      {"items[0].rating.rating",
       [&](v1::SyncLearnerRequest& r) { item(r)->mutable_rating()->set_question("q1"); }},
      {"items[0].rating.answer",
       [&](v1::SyncLearnerRequest& r) { item(r)->mutable_rating()->set_answer("x"); }},
      {"items[0].hint.question", [&](v1::SyncLearnerRequest& r) { item(r)->mutable_hint(); }},
      {"items[0].reveal.question", [&](v1::SyncLearnerRequest& r) { item(r)->mutable_reveal(); }},
      {"items[0].skip.question", [&](v1::SyncLearnerRequest& r) { item(r)->mutable_skip(); }},
      {"items[0].begin.questions",
       [&](v1::SyncLearnerRequest& r) {
         *item(r) = Begin(2, 0);
         item(r)->mutable_begin()->clear_questions();
       }},
      {"items[0].begin.questions[1]",
       [&](v1::SyncLearnerRequest& r) {
         *item(r) = Begin(2, 0);
         item(r)->mutable_begin()->set_questions(1, "q1");
       }},
      {"items[0].begin.mode",
       [&](v1::SyncLearnerRequest& r) {
         *item(r) = Begin(2, 0);
         item(r)->mutable_begin()->clear_mode();
       }},
      {"items[0].begin.variants",
       [&](v1::SyncLearnerRequest& r) {
         *item(r) = Begin(2, 0);
         item(r)->mutable_begin()->add_variants(1);
       }},
      {"items[0].begin.revision",
       [&](v1::SyncLearnerRequest& r) { *item(r) = Begin(2, 0, "tenants/acme/packs/ml"); }},
  };
  for (const auto& [field, damage] : damages) {
    SCOPED_TRACE(field);
    v1::SyncLearnerRequest request = Request({Answer(2, 1, 0)});
    damage(request);
    const auto refused = Call(&Stub::SyncLearner, request);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << refused.status();
    std::vector<std::string> fields;
    for (const FieldViolation& violation : FieldViolationsOf(refused.status()))
      fields.push_back(violation.field);
    EXPECT_THAT(fields, ::testing::Contains(field));
  }
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(SyncTest, NobodyElsesLogIsTouched) {
  v1::SyncLearnerRequest request = Request({Begin(1, -60)});
  request.set_parent("tenants/acme/learners/bob");
  EXPECT_REASON(Call(&Stub::SyncLearner, request), kNotFound, "SESSION_NOT_FOUND");
  request.set_parent("tenants/other/learners/ada");
  EXPECT_REASON(Call(&Stub::SyncLearner, request), kNotFound, "SESSION_NOT_FOUND");
  As instructor;
  instructor.roles = {Role::kInstructor};
  EXPECT_EQ(Call(&Stub::SyncLearner, Request({}), instructor).status().code(),
            absl::StatusCode::kPermissionDenied);
  ASSERT_OK(Sync({Begin(1, -60)}));
  const As bob{"acme", "bob"};
  EXPECT_THAT(Outcomes(Sync({Begin(1, -60)}, "", bob)), ElementsAre("TAKEN"));  // an id of his own
  const std::string token = Sync({})->token();
  EXPECT_REASON(Sync({Begin(2, -60)}, token, bob), kInvalidArgument, "SYNC_TOKEN_INVALID");
  EXPECT_REASON(Sync({Begin(2, -60)}, "rubbish"), kInvalidArgument, "SYNC_TOKEN_INVALID");
  EXPECT_EQ(Events().size(), 1);
  EXPECT_EQ(Events("bob").size(), 1);
}

TEST_F(SyncTest, WhoIsFasterInTheLogIsDecidedOnAgain) {
  Create();
  int more = 3;
  server_.log.set_before_append([&](const std::vector<Event>& unit) {
    if (unit[0].device != "phone" || more == 0) return;
    const int id = 50 + --more;
    std::thread([&, id] { ASSERT_OK(Submit(SessionPath(Uuid(1)), id, "q1")); }).join();
  });
  EXPECT_THAT(Outcomes(Sync({Answer(2, 1, -50), Answer(3, 1, -40, "q2")})), ElementsAre("TAKEN", "TAKEN"));
  const std::vector<Event> events = Events();
  ASSERT_EQ(events.size(), 9);
  for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq, static_cast<int64_t>(i) + 1);
  ExpectLiveStateOf(1);
  // Somebody who is always faster ends it.
  more = 100;
  EXPECT_REASON(Sync({Answer(4, 1, -30)}), kAborted, "SESSION_MOVED");
  EXPECT_THAT(server_.live.OpenWrites(Key()), IsEmpty());
}

TEST_F(SyncTest, FaultsOfTheStoresLoseNothing) {
  ASSERT_OK(Sync({Begin(1, -60)}));
  server_.log.LoseNextAcknowledgement(absl::UnavailableError("broken"));
  EXPECT_REASON(Sync({Answer(2, 1, -50)}), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_THAT(Outcomes(Sync({Answer(2, 1, -50)})), ElementsAre("REPLAYED"));
  for (const char* call : {"Head", "FindEvents", "Epoch"}) {
    server_.log.gate().Fail(call, absl::UnavailableError("down"));
    SCOPED_TRACE(call);
    EXPECT_REASON(Sync({Answer(3, 1, -45)}), kUnavailable, "DEPENDENCY_UNAVAILABLE");
    server_.log.gate().Heal();
  }
  for (const char* call : {"Begin", "Put"}) {
    SCOPED_TRACE(call);
    server_.live.gate().Fail(call, absl::UnavailableError("away"));
    const int id = call[0] == 'B' ? 4 : 5;
    EXPECT_THAT(Outcomes(Sync({Answer(id, 1, -40)})), ElementsAre("TAKEN"));
    EXPECT_EQ(Get(SessionPath(Uuid(1)))->questions(0).attempts(), id - 1);
    server_.live.gate().Heal();
    EXPECT_EQ(SyncWait(server_.ledger.Settle(10, absl::Now() + absl::Seconds(10))), 0);
    EXPECT_EQ(Get(SessionPath(Uuid(1)))->questions(0).attempts(), id - 1);
  }
  server_.log.gate().Stall("Append");
  As hurried;
  hurried.deadline = absl::Milliseconds(200);
  EXPECT_EQ(Sync({Answer(6, 1, -30)}, "", hurried).status().code(), absl::StatusCode::kDeadlineExceeded);
}

// Two devices in one session: the first wins, and the other is told, or says that it has seen the first.
TEST_F(SyncTest, ADeviceThatSyncsIsAnotherDeviceToOneThatIsOnline) {
  const std::string session = Create();
  const auto synced = Sync({Answer(2, 1, -10)});
  ASSERT_OK(synced);
  const int64_t sequence = synced->statuses(0).sequence();
  v1::SubmitAnswerRequest online;
  online.set_session(session);
  online.set_answer_id(Uuid(3));
  online.set_question("q1");
  online.set_text("text");
  online.set_device("tablet");
  online.set_seen_sequence(1);
  const auto moved = Call(&Stub::SubmitAnswer, online);
  EXPECT_REASON(moved, kAborted, "SESSION_MOVED");
  EXPECT_EQ(MetadataOf(moved.status(), "sequence"), absl::StrCat(sequence));
  online.set_seen_sequence(sequence);
  const auto second = Call(&Stub::SubmitAnswer, online);
  ASSERT_OK(second);
  EXPECT_EQ(second->answer().attempt(), 2);
  EXPECT_EQ(Events().size(), 4);
}

}  // namespace
}  // namespace greenroom::session::testing
