// What a learner sees: the marker words of the pack's secrets appear, before a reveal, only as the text of points that
// were made or in the learner's own words (conversation.md).
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "services/session/testing/session_server.h"

namespace greenroom::session::testing {
namespace {

class MarkerTest : public SessionServiceTest {
 protected:
  // Every string of `message` that holds a marker, with the path to it.
  static void Collect(const google::protobuf::Message& message, const std::string& path,
                      std::vector<std::pair<std::string, std::string>>& found) {
    const auto* reflection = message.GetReflection();
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const auto* field : fields) {
      const std::string here = path + "." + field->name();
      const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
          Collect(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                       : reflection->GetMessage(message, field),
                  here, found);
        } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
          const std::string text = field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                        : reflection->GetString(message, field);
          if (absl::StrContains(text, "MARKER")) found.emplace_back(here, text);
        }
      }
    }
  }

  // Fails for every marker in the reply but those of the item that was made.
  template <typename Response>
  void ExpectClean(const absl::StatusOr<Response>& reply) {
    ASSERT_OK(reply);
    std::vector<std::pair<std::string, std::string>> found;
    Collect(*reply, Response::descriptor()->name(), found);
    for (const auto& [path, text] : found) {
      const bool made_point =
          absl::EndsWith(path, ".report.items.point") && absl::StrContains(text, "-made-");
      const bool made_id = absl::EndsWith(path, ".report.items.id") && absl::EndsWith(text, "-made");
      EXPECT_TRUE(made_point || made_id) << path << ": " << text;
      ++seen_;
    }
  }
  template <typename Response>
  int Markers(const absl::StatusOr<Response>& reply) {
    std::vector<std::pair<std::string, std::string>> found;
    if (reply.ok()) Collect(*reply, "", found);
    return static_cast<int>(found.size());
  }

  v1::ListAnswersRequest Answers(const std::string& session) {
    v1::ListAnswersRequest request;
    request.set_parent(session);
    return request;
  }
  v1::GetSessionReportRequest ReportOf(const std::string& session) {
    v1::GetSessionReportRequest request;
    request.set_name(session);
    return request;
  }

  int seen_ = 0;
};

TEST_F(MarkerTest, BeforeARevealNoReplyTellsWhatWasNotSaid) {
  v1::CreateSessionRequest create;
  create.set_parent(kLearner);
  create.set_session_id(Uuid(1));
  create.set_source(kPack);
  create.set_mode(v1::SESSION_MODE_PRACTICE);
  auto created = Call(&Stub::CreateSession, create);
  ExpectClean(created);
  const std::string session = created->session().name();
  ExpectClean(Next(session));
  ExpectClean(Hint(session, 2, "q1"));
  ExpectClean(Next(session));
  ExpectClean(SaveDraft(session, "q1", "draft"));
  const auto submitted = Submit(session, 3, "q1");
  ExpectClean(submitted);
  EXPECT_EQ(submitted->answer().grade().report().items(0).point(), "MARKER-POINT-made-q1");
  EXPECT_EQ(seen_, 2);  // the made point and its id: the test sees what it looks for
  ExpectClean(Submit(session, 3, "q1"));
  ExpectClean(Submit(session, 4, "q1"));
  ExpectClean(Rate(session, 5, "q1"));
  ExpectClean(Skip(session, 6, "q2"));
  ExpectClean(Get(session));
  ExpectClean(GetAnswer(submitted->answer().name()));
  ExpectClean(Call(&Stub::ListAnswers, Answers(session)));
  ExpectClean(Call(&Stub::GetSessionReport, ReportOf(session)));
  v1::ListSessionsRequest list;
  list.set_parent(kLearner);
  ExpectClean(Call(&Stub::ListSessions, list));
  const std::optional<v1::WatchSessionResponse> watched = StartWatch(session)->Next();
  ASSERT_TRUE(watched.has_value());
  ExpectClean(absl::StatusOr<v1::WatchSessionResponse>(*watched));
}

TEST_F(MarkerTest, ASyncTellsNoMoreThanTheOtherReplies) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  v1::SyncLearnerRequest request;
  request.set_parent(kLearner);
  request.set_device("phone");
  v1::OutboxItem& item = *request.add_items();
  item.set_id(Uuid(3));
  item.set_session(Uuid(1));
  item.set_device_seq(1);
  item.mutable_occurred_time()->set_seconds(absl::ToUnixSeconds(server_.clock.Now()) + 60);
  item.mutable_answer()->set_question("q1");
  item.mutable_answer()->set_text("words of the learner");
  ExpectClean(Call(&Stub::SyncLearner, request));
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  const auto graded = Call(&Stub::SyncLearner, request);
  ExpectClean(graded);
  EXPECT_EQ(seen_, 6) << "the made point and its id, of three grades";
  ASSERT_OK(Reveal(session, 4, "q1"));
  EXPECT_GT(Markers(Call(&Stub::SyncLearner, request)), 4);
}

TEST_F(MarkerTest, AFollowUpTellsItsQuestionAndNotWhatWasMissed) {
  std::vector<content::v1::Question> questions = {MarkedQuestion("q1"), MarkedQuestion("f1")};
  questions[0].mutable_follow_ups(0)->set_question("f1");
  questions[0].mutable_follow_ups(0)->add_when_missed("MARKER-ID-missed");
  questions[1].set_follow_up_only(true);
  server_.catalogue.Publish(kPack, {kRevision, questions});
  const std::string session = Create();
  const auto submitted = Submit(session, 2, "q1");
  ExpectClean(submitted);
  ASSERT_EQ(submitted->answer().follow_ups_size(), 1);
  EXPECT_EQ(submitted->answer().follow_ups(0), "f1");
  ExpectClean(Submit(session, 2, "q1"));
  ExpectClean(Next(session));
  ExpectClean(Get(session));
  ExpectClean(GetAnswer(submitted->answer().name()));
  ExpectClean(Call(&Stub::ListAnswers, Answers(session)));
  ExpectClean(Call(&Stub::GetSessionReport, ReportOf(session)));
  ExpectClean(Submit(session, 3, "f1"));
  const std::optional<v1::WatchSessionResponse> watched = StartWatch(session)->Next();
  ASSERT_TRUE(watched.has_value());
  ExpectClean(absl::StatusOr<v1::WatchSessionResponse>(*watched));
}

TEST_F(MarkerTest, ARevealOpensItsOwnQuestionOnly) {
  const std::string session = Create();
  auto first = Submit(session, 2, "q1");
  auto second = Submit(session, 3, "q2");
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_GT(Markers(Reveal(session, 4, "q1")), 2);
  EXPECT_GT(Markers(GetAnswer(first->answer().name())), 2);
  ExpectClean(GetAnswer(second->answer().name()));
  ExpectClean(Next(session, "q3"));
  ExpectClean(Get(session));
  ExpectClean(Submit(session, 3, "q2"));
  ExpectClean(Submit(session, 2, "q1"));  // a replay shows what was acknowledged
  auto after = Submit(session, 5, "q1");
  ASSERT_OK(after);
  EXPECT_TRUE(after->answer().after_reveal());
  EXPECT_GT(Markers(after), 2);
}

TEST_F(MarkerTest, AFinishedPracticeSessionShowsEverything) {
  const std::string session = Create();
  auto submitted = Submit(session, 2, "q1");
  ASSERT_OK(submitted);
  ExpectClean(Call(&Stub::GetSessionReport, ReportOf(session)));
  EXPECT_GT(Markers(Finish(session, 3)), 2);
  EXPECT_GT(Markers(Call(&Stub::GetSessionReport, ReportOf(session))), 2);
  EXPECT_GT(Markers(GetAnswer(submitted->answer().name())), 2);
}

TEST_F(MarkerTest, AGradeThatCameLateIsFilteredToo) {
  const std::string session = Create();
  server_.grader.gate().Fail("Grade", absl::UnavailableError("down"));
  ASSERT_OK(Submit(session, 2, "q1"));
  server_.grader.gate().Heal();
  EXPECT_EQ(server_.worker.RunOnce(), 1);
  ExpectClean(GetAnswer(session + "/answers/" + Uuid(2)));
  ExpectClean(Submit(session, 2, "q1"));
  EXPECT_GE(seen_, 4);
}

TEST_F(MarkerTest, NorDoErrorsTell) {
  const std::string session = Create();
  ASSERT_OK(Submit(session, 2, "q1"));
  server_.grader.set_grading(
      [](const std::string&, const std::string&) -> absl::StatusOr<scoring::v1::Report> {
        return absl::InternalError("MARKER-INTERNAL");
      });
  auto pending = Submit(session, 3, "q1");
  ExpectClean(pending);
  server_.log.gate().Fail("ReadSession", absl::DataLossError("MARKER-LOSS"));
  const absl::Status lost = GetAnswer(session + "/answers/" + Uuid(2)).status();
  EXPECT_EQ(lost.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(lost), "INTERNAL");
  EXPECT_FALSE(absl::StrContains(lost.ToString(), "MARKER")) << lost;
}

}  // namespace
}  // namespace greenroom::session::testing
