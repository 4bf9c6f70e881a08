// ExportLearner gives all that is kept of a learner; EraseLearner removes it for good.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "services/session/domain/digest.h"
#include "services/session/domain/wire_time.h"
#include "services/session/memory/learner_memory.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PrivacyTest : public SessionServiceTest {
 protected:
  static void Prepare(grpc::ClientContext& context, const As& as) {
    context.AddMetadata("authorization", FakeAuthenticator::Credential(as.tenant, as.learner, as.roles));
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(as.deadline));
  }
  // The whole file.
  absl::StatusOr<std::string> Export(const std::string& name = "tenants/-/learners/me", const As& as = {}) {
    grpc::ClientContext context;
    Prepare(context, as);
    v1::ExportLearnerRequest request;
    request.set_name(name);
    const auto reader = progress_->ExportLearner(&context, request);
    std::string text;
    for (v1::ExportLearnerResponse piece; reader->Read(&piece);) text += piece.lines();
    const grpc::Status status = reader->Finish();
    if (!status.ok()) return FromGrpc(status);
    return text;
  }
  static std::vector<v1::ExportLine> Lines(const std::string& text) {
    std::vector<v1::ExportLine> lines;
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      const auto parsed =
          google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &lines.emplace_back());
      EXPECT_TRUE(parsed.ok()) << line;
    }
    return lines;
  }
  absl::StatusOr<v1::EraseLearnerResponse> Erase(const std::string& name = "tenants/-/learners/me",
                                                 const As& as = {}) {
    grpc::ClientContext context;
    Prepare(context, as);
    v1::EraseLearnerRequest request;
    request.set_name(name);
    v1::EraseLearnerResponse response;
    const grpc::Status status = progress_->EraseLearner(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }
  void AppendSettings(int64_t seq, const std::string& zone, int32_t minutes, const std::string& path) {
    Event event;
    event.learner = {"acme", "ada"};
    event.seq = seq;
    event.event_id = Uuid(900 + static_cast<int>(seq));
    event.occurred_time = event.received_time = server_.clock.Now();
    v1::SettingsChanged& changed = *event.payload.mutable_settings_changed();
    changed.mutable_settings()->set_time_zone(zone);
    changed.mutable_settings()->set_daily_minutes(minutes);
    changed.mutable_update_mask()->add_paths(path);
    event.kind = KindOf(event.payload);
    ASSERT_EQ(*SyncWait(server_.log.Append({event}, absl::Now() + absl::Seconds(5))),
              AppendOutcome::kWritten);
  }
  static As Operator() {
    As as;
    as.learner = "olga";
    as.roles = {Role::kOperator};
    return as;
  }

  std::unique_ptr<v1::ProgressService::Stub> progress_ = v1::ProgressService::NewStub(server_.channel);
};

TEST_F(PrivacyTest, AnExportIsAllEventsAndSaysWhereItEnds) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(Skip(session, 3, "q2"));
  AppendSettings(5, "Europe/Berlin", 7, "time_zone");
  AppendSettings(6, "UTC", 20, "daily_minutes");
  const auto text = Export();
  ASSERT_OK(text);
  const std::vector<v1::ExportLine> lines = Lines(*text);
  ASSERT_EQ(lines.size(), 10);
  EXPECT_EQ(lines[0].learner().name(), kLearner);
  std::vector<std::string> kinds;
  for (size_t i = 1; i < 7; ++i) {
    kinds.push_back(lines[i].event().kind());
    EXPECT_EQ(lines[i].event().sequence(), static_cast<int64_t>(i));
  }
  EXPECT_THAT(kinds, ElementsAre("created", "submitted", "graded", "skipped", "settings_changed",
                                 "settings_changed"));
  EXPECT_EQ(lines[2].event().id(), Uuid(2));
  EXPECT_EQ(lines[2].event().payload().submitted().text(), "words of the learner");
  EXPECT_EQ(lines[7].settings().time_zone(), "Europe/Berlin");
  EXPECT_EQ(lines[7].settings().daily_minutes(), 20);
  EXPECT_EQ(lines[8].memory().question(), "q1");
  EXPECT_EQ(lines[9].end().events(), 6);
  const size_t last = text->rfind('\n', text->size() - 2) + 1;
  EXPECT_EQ(lines[9].end().sha256(), Sha256Hex(text->substr(0, last)));
}

TEST_F(PrivacyTest, AnExportTellsNoMoreThanTheOtherReplies) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  const auto before = Export();
  ASSERT_OK(before);
  EXPECT_THAT(*before, HasSubstr("MARKER-POINT-made-q1"));
  EXPECT_THAT(*before, Not(HasSubstr("MARKER-POINT-missed")));
  EXPECT_THAT(*before, Not(HasSubstr("MARKER-FLAG")));
  const auto all = Export("tenants/acme/learners/ada", Operator());
  ASSERT_OK(all);
  EXPECT_THAT(*all, HasSubstr("MARKER-POINT-missed"));
  ASSERT_OK(Reveal(session, 3, "q1"));
  EXPECT_THAT(*Export(), HasSubstr("MARKER-POINT-missed"));
}

TEST_F(PrivacyTest, AnExportTellsWhatIsRememberedByPackAndQuestion) {
  const std::string other = "tenants/acme/packs/a";
  server_.catalogue.Publish(other, {other + "/revisions/r1", {MarkedQuestion("q9")}});
  v1::CreateSessionRequest create = CreateRequest(7);
  create.set_source(other);
  ASSERT_OK(Submit(Create(), 2, "q2"));
  ASSERT_OK(Submit(SessionPath(Uuid(1)), 3, "q1"));
  ASSERT_OK(Call(&Stub::CreateSession, create));
  ASSERT_OK(Submit(SessionPath(Uuid(7)), 4, "q9"));
  server_.clock.Advance(absl::Hours(72));
  server_.grader.set_grading(
      [](const std::string& question, const std::string&) { return MarkedReport(question, 10); });
  ASSERT_OK(Submit(Create(8), 5, "q1"));
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  ASSERT_OK(Submit(SessionPath(Uuid(8)), 6, "q3"));  // no review yet

  const auto text = Export();
  ASSERT_OK(text);
  const LearnerMemory memory = FoldLearner({"acme", "ada"}, Events());
  ASSERT_EQ(memory.items.size(), 3);
  std::vector<v1::ExportLine> lines = Lines(*text);
  ASSERT_TRUE(lines.back().has_end());
  lines.pop_back();
  lines.erase(lines.begin(), lines.end() - 3);
  auto line = lines.begin();
  for (const auto& [key, fold] : memory.items) {
    EXPECT_EQ(line->memory().pack(), key.first);
    EXPECT_EQ(line->memory().question(), key.second);
    EXPECT_DOUBLE_EQ(line->memory().stability(), fold.item.memory.stability);
    EXPECT_DOUBLE_EQ(line->memory().difficulty(), fold.item.memory.difficulty);
    EXPECT_EQ(FromTimestamp(line->memory().last_review_time()), fold.item.last_review_time);
    EXPECT_EQ(FromTimestamp(line->memory().due_time()), fold.item.due_time);
    EXPECT_EQ(line->memory().reviews(), fold.item.reviews);
    EXPECT_EQ(line->memory().lapses(), fold.item.lapses);
    ++line;
  }
  EXPECT_EQ(lines[0].memory().question(), "q9");
  EXPECT_EQ(lines[1].memory().question(), "q1");
  EXPECT_EQ(lines[1].memory().reviews(), 2);
  EXPECT_EQ(lines[1].memory().lapses(), 1);
}

TEST_F(PrivacyTest, WithoutTheIndexAnExportIsNotWhole) {
  ASSERT_OK(Submit(Create(), 2, "q1"));
  for (const char* operation : {"Backlog", "Take", "ReadMemory"}) {
    server_.memory_index.gate().Fail(operation, absl::UnavailableError("down"), 1);
    EXPECT_REASON(Export(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  }
  // Erased between its events and what is remembered of them.
  server_.memory_index.gate().First("Backlog", [&] { ASSERT_OK(Erase()); });
  EXPECT_REASON(Export(), kFailedPrecondition, "LEARNER_ERASED");
  EXPECT_THAT(Lines(*Export()), ::testing::SizeIs(2));
}

TEST_F(PrivacyTest, AnExportOfAnExamHoldsNoGrade) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  // The same log, of an exam.
  std::vector<Event> events = Events();
  server_.log.Clear();
  events[0].payload.mutable_created()->set_mode(v1::SESSION_MODE_EXAM);
  events[2].payload.mutable_graded()->set_note("a note");
  events[2].payload.mutable_graded()->set_comment("a comment");
  ASSERT_TRUE(SyncWait(server_.log.Append(events, absl::Now() + absl::Seconds(5))).ok());
  const auto text = Export();
  ASSERT_OK(text);
  EXPECT_THAT(*text, Not(HasSubstr("MARKER")));
  EXPECT_THAT(*text, Not(HasSubstr("score")));
  EXPECT_THAT(*text, Not(HasSubstr("a note")));
  EXPECT_THAT(*text, Not(HasSubstr("a comment")));
  EXPECT_THAT(*text, Not(HasSubstr("stability")));
  EXPECT_THAT(*Export("tenants/acme/learners/ada", Operator()), HasSubstr("a note"));
}

TEST_F(PrivacyTest, ALongExportComesInPiecesOfWholeLines) {
  const std::string session = Create();
  for (int i = 0; i < 60; ++i) ASSERT_OK(Submit(session, 10 + i, "q1", std::string(8000, 'x')));
  const auto text = Export();
  ASSERT_OK(text);
  EXPECT_EQ(Lines(*text).back().end().events(), 121);
  server_.log.gate().Fail("ReadAfter", absl::UnavailableError("down"));
  EXPECT_REASON(Export(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
}

TEST_F(PrivacyTest, OnlyTheLearnerAServiceOrAnOperatorMay) {
  const As bob{"acme", "bob"};
  As instructor;
  instructor.roles = {Role::kInstructor};
  As rival = Operator();
  rival.tenant = "rival";
  Create();
  EXPECT_REASON(Export("tenants/acme/learners/ada", bob), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Erase("tenants/acme/learners/ada", bob), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Export("tenants/acme/learners/ada", rival), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_REASON(Erase("tenants/acme/learners/ada", rival), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_EQ(Erase("tenants/-/learners/me", instructor).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Export("tenants/-/learners/me", instructor).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Erase("ada").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Events().size(), 1);
  ASSERT_OK(Erase("tenants/acme/learners/ada", Operator()));
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(PrivacyTest, AnErasedLearnerIsGoneAndStaysSo) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  ASSERT_OK(SaveDraft(session, "q2", "a draft"));
  Create(1, {"acme", "bob"});
  v1::SyncLearnerRequest sync;
  sync.set_parent(kLearner);
  sync.set_device("phone");
  const std::string token = Call(&Stub::SyncLearner, sync)->token();

  const auto erased = Erase();
  ASSERT_OK(erased);
  EXPECT_EQ(erased->erase_time().seconds(), absl::ToUnixSeconds(server_.clock.Now()));
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_EQ(server_.live.Stored(Key()), std::nullopt);
  EXPECT_EQ(Events("bob").size(), 1);
  EXPECT_REASON(Get(session), kNotFound, "SESSION_NOT_FOUND");
  EXPECT_THAT(Lines(*Export()), ::testing::SizeIs(2));  // who, and the end
  EXPECT_EQ(Lines(*Export()).back().end().events(), 0);

  v1::CreateSessionRequest create;
  create.set_parent(kLearner);
  create.set_session_id(Uuid(5));
  create.set_source(kPack);
  create.set_mode(v1::SESSION_MODE_PRACTICE);
  EXPECT_REASON(Call(&Stub::CreateSession, create), kFailedPrecondition, "LEARNER_ERASED");
  // A device that was away.
  v1::OutboxItem& item = *sync.add_items();
  item.set_id(Uuid(7));
  item.set_session(Uuid(1));
  item.set_device_seq(1);
  item.mutable_occurred_time()->set_seconds(absl::ToUnixSeconds(server_.clock.Now()));
  item.mutable_skip()->set_question("q1");
  EXPECT_REASON(Call(&Stub::SyncLearner, sync), kFailedPrecondition, "LEARNER_ERASED");
  EXPECT_THAT(Events(), IsEmpty());

  server_.clock.Advance(absl::Hours(1));
  EXPECT_EQ(Erase()->erase_time().seconds(), erased->erase_time().seconds());
  server_.log.LiftErasure({"acme", "ada"});
  ASSERT_OK(Call(&Stub::CreateSession, create));
  sync.clear_items();
  sync.set_token(token);
  const auto after = Call(&Stub::SyncLearner, sync);
  ASSERT_OK(after);
  EXPECT_TRUE(after->reset());
}

TEST_F(PrivacyTest, WhatCallsUnderWayPutBackIsSwept) {
  const std::string session = Create();
  const auto kept = server_.live.Stored(Key());
  ASSERT_OK(Erase());
  server_.live.Plant(Key(), *kept);  // by a call that had read it before
  EXPECT_EQ(SyncWait(server_.ledger.SweepErased(false, absl::Now() + absl::Seconds(5))), 1);
  server_.clock.Advance(absl::Minutes(2));
  server_.live.gate().Fail("RewriteFiles", absl::UnavailableError("at it"), 1);
  EXPECT_EQ(SyncWait(server_.ledger.SweepErased(false, absl::Now() + absl::Seconds(5))), 1);
  EXPECT_EQ(SyncWait(server_.ledger.SweepErased(true, absl::Now() + absl::Seconds(5))), 0);
  EXPECT_EQ(server_.live.Stored(Key()), std::nullopt);
}

TEST_F(PrivacyTest, AStoreThatIsAwayIsNotHalfForgotten) {
  Create();
  server_.live.gate().Fail("Erase", absl::UnavailableError("away"));
  EXPECT_REASON(Erase(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  EXPECT_EQ(Events().size(), 1);
  server_.live.gate().Heal();
  server_.log.gate().Fail("Erase", absl::UnavailableError("away"), 1);
  EXPECT_REASON(Erase(), kUnavailable, "DEPENDENCY_UNAVAILABLE");
  ASSERT_OK(Erase());
  EXPECT_EQ(server_.live.Stored(Key()), std::nullopt);
}

}  // namespace
}  // namespace greenroom::session::testing
