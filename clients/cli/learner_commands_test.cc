// What a learner does besides the plain conversation: watching, follow-ups, varied prompts, confidence, the outbox.
#include <gmock/gmock.h>

#include "absl/strings/str_join.h"
#include "clients/cli/commands_fixture.h"

namespace greenroom::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class LearnerCommandsTest : public CommandsTest {
 protected:
  // Practises just enough for a session to be there; gives its id.
  std::string Begin() {
    terminal_.Type({":quit"});
    EXPECT_EQ(Run({"practice", "p", "--new"}), kExitOk) << terminal_.err;
    return session().created.back().session_id();
  }
  static session::v1::WatchSessionResponse Message(session::v1::Session shown, int64_t sequence,
                                                   bool heartbeat = false) {
    session::v1::WatchSessionResponse message;
    shown.set_sequence(sequence);
    *message.mutable_session() = std::move(shown);
    message.set_sequence(sequence);
    message.set_heartbeat(heartbeat);
    return message;
  }
  // Ctrl-C, once everything was told.
  void StopWhenSilent() {
    session().on_silence = [this] { terminal_.PressCtrlC(); };
  }
};

TEST_F(LearnerCommandsTest, WatchesASessionInPlainWordsUntilCtrlC) {
  const std::string id = Begin();
  session::v1::Session shown = session().sessions[id];
  session::v1::Session later = shown;
  later.mutable_questions(0)->set_attempts(1);
  later.mutable_questions(0)->set_score(70);
  later.mutable_questions(0)->set_state(session::v1::QUESTION_STATE_ANSWERED);
  session().NextStream({Message(shown, 1), Message(shown, 1, true), Message(later, 3)}, grpc::Status::OK);
  session::v1::Session last = later;
  last.set_state(session::v1::SESSION_STATE_FINISHED);
  last.set_score(70);
  session().NextStream({Message(last, 4)}, grpc::Status(grpc::StatusCode::UNAVAILABLE, "lost"));
  StopWhenSilent();
  EXPECT_EQ(Run({"watch", id}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("Watching"));
  EXPECT_THAT(terminal_.out, HasSubstr("2 of 2 questions open"));
  EXPECT_THAT(terminal_.out, HasSubstr("first: answered, score 70\n"));
  EXPECT_THAT(terminal_.out, HasSubstr("The session is finished, score 70.\n"));
  EXPECT_THAT(terminal_.out, Not(HasSubstr("Something was added")));
  ASSERT_GE(session().watched.size(), 3u);
  EXPECT_EQ(session().watched[0].name(), "tenants/-/learners/me/sessions/" + id);
  EXPECT_EQ(session().watched[0].seen_sequence(), 0);
  EXPECT_EQ(session().watched[1].seen_sequence(), 3) << "it resumes";
  EXPECT_EQ(session().watched[2].seen_sequence(), 4);
}

TEST_F(LearnerCommandsTest, WatchesTheNewestOpenSession) {
  StopWhenSilent();
  EXPECT_EQ(Run({"watch"}), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("no session is open"));
  const std::string id = Begin();
  session().NextStream({Message(session().sessions[id], 1)}, grpc::Status::OK);
  EXPECT_EQ(Run({"watch", "--json"}), kExitOk) << terminal_.err;
  const auto lines = JsonLines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].fields().at("sequence").string_value(), "1");
  EXPECT_THAT(session().watched.back().name(), HasSubstr(id));
}

TEST_F(LearnerCommandsTest, AWatchThatIsRefusedEnds) {
  EXPECT_EQ(Run({"watch", "0e6f1a52-0000-4000-8000-000000000000"}), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("SESSION_NOT_FOUND"));
  EXPECT_EQ(Run({"watch", "one", "two"}), kExitUsage);
}

TEST_F(LearnerCommandsTest, AFollowUpIsAnnouncedAndNumbered) {
  session().follow_up_to = "first";
  terminal_.Type({"An answer.", ".", "", "Another.", ".", "", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("A follow-up comes next, because of what was missing."));
  EXPECT_THAT(terminal_.out, HasSubstr("Question 1 of 2: first"));
  EXPECT_THAT(terminal_.out, HasSubstr("Question 2 of 3: follow-up"));
  EXPECT_THAT(terminal_.out, HasSubstr("A follow-up on first, because of what was missing."));
  EXPECT_THAT(terminal_.out, HasSubstr("Question 3 of 3: second"));
  EXPECT_FALSE(session().created[0].no_follow_ups());
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p", "--new", "--no-follow-ups"}), kExitOk);
  EXPECT_TRUE(session().created[1].no_follow_ups());
}

TEST_F(LearnerCommandsTest, PromptsVaryFromTheSecondSessionOn) {
  Begin();
  EXPECT_FALSE(session().created.back().vary_prompts());
  Begin();
  EXPECT_TRUE(session().created.back().vary_prompts());
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p", "--new", "--no-vary"}), kExitOk);
  EXPECT_FALSE(session().created.back().vary_prompts());
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p", "--new", "--question", "second"}), kExitOk);
  EXPECT_FALSE(session().created.back().vary_prompts()) << "asked for by name";
  session().sessions.clear();
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p", "--vary"}), kExitOk);
  EXPECT_TRUE(session().created.back().vary_prompts());
  EXPECT_EQ(Run({"practice", "p", "--vary", "--no-vary"}), kExitUsage);
}

TEST_F(LearnerCommandsTest, AsksHowSureYouAreBeforeTheScore) {
  terminal_.is_terminal = true;
  terminal_.Type({"An answer.", ".", "7", "very", "3", "", "Two.", ".", "", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk) << terminal_.err;
  ASSERT_EQ(session().submitted.size(), 2u);
  EXPECT_EQ(session().submitted[0].confidence(), session::v1::CONFIDENCE_SURE);
  EXPECT_EQ(session().submitted[1].confidence(), session::v1::CONFIDENCE_UNSPECIFIED);
  const size_t asked =
      terminal_.out.find("How sure are you? 1 unsure, 2 fairly sure, 3 sure (Enter: not said)");
  ASSERT_NE(asked, std::string::npos);
  EXPECT_LT(asked, terminal_.out.find("70 of 100"));
}

TEST_F(LearnerCommandsTest, TheTimeOfTheQuestionAfterwardsIsNoneOfTheAnswers) {
  terminal_.is_terminal = true;
  terminal_.Type({"An answer.", ".", "1", ":quit"});
  terminal_.Before(1, [&] { clock_.Advance(absl::Seconds(60)); });
  terminal_.Before(2, [&] { clock_.Advance(absl::Seconds(30)); });
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_EQ(session().submitted.at(0).active_duration().seconds(), 60);
}

TEST_F(LearnerCommandsTest, LeavingWhereItAsksHowSureKeepsTheAnswer) {
  terminal_.is_terminal = true;
  terminal_.Type({"An answer.", "."});
  terminal_.Interrupt();
  EXPECT_EQ(Run({"practice", "p"}), kExitInterrupted);
  EXPECT_THAT(session().submitted, IsEmpty());
  EXPECT_THAT(Kept(), ElementsAre(".draft"));
  terminal_.Type({".", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_THAT(session().submitted, IsEmpty());
  terminal_.Type({".", "2", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_EQ(session().submitted.at(0).text(), "An answer.");
}

TEST_F(LearnerCommandsTest, DoesNotAskHowSureWhereItIsNotWanted) {
  terminal_.Type({"An answer.", ".", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  terminal_.is_terminal = true;
  for (const char* flag : {"--no-confidence", "--json"}) {
    terminal_.Type({"An answer.", ".", ":quit"});
    EXPECT_EQ(Run({"practice", "p", "--new", flag}), kExitOk);
    EXPECT_THAT(terminal_.out, Not(HasSubstr("How sure")));
  }
  EXPECT_EQ(session().submitted.size(), 3u);
}

// Two answers whose acknowledgement never came, each in a session of its own.
class OutboxTest : public LearnerCommandsTest {
 protected:
  OutboxTest() {
    for (const char* text : {"One.", "Two."}) {
      session().RefuseNext("SubmitAnswer", absl::StatusCode::kUnauthenticated, "CREDENTIAL_EXPIRED");
      terminal_.Type({text, "."});
      EXPECT_EQ(Run({"practice", "p", "--new"}), kExitRefused);
      if (std::string(text) == "One.") UnsentLater();
    }
  }
  // The second run sends the first one's answer before anything else: not in this test.
  void UnsentLater() {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(home_ + "/practice")) {
      if (entry.path().extension() == ".sending") first_ = entry.path();
    }
    std::filesystem::rename(first_, home_ + "/put-by");
  }
  void BothAreUnsent() { std::filesystem::rename(home_ + "/put-by", first_); }

  std::filesystem::path first_;
};

TEST_F(OutboxTest, IsSentWhateverIsPractisedNext) {
  BothAreUnsent();
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "another", "--new"}), kExitOk) << terminal_.err;
  ASSERT_EQ(session().submitted.size(), 2u);
  EXPECT_NE(session().submitted[0].session(), session().submitted[1].session());
  EXPECT_THAT(terminal_.out, HasSubstr("was being sent when an earlier run"));
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(OutboxTest, IsSentByItself) {
  BothAreUnsent();
  EXPECT_EQ(Run({"sessions", "--send"}), kExitOk) << terminal_.err;
  std::vector<std::string> texts;
  for (const auto& one : session().submitted) texts.push_back(one.text());
  EXPECT_THAT(texts, testing::UnorderedElementsAre("One.", "Two."));
  EXPECT_THAT(terminal_.out, HasSubstr("GOOD: 70 of 100"));
  EXPECT_THAT(Kept(), IsEmpty());
  EXPECT_EQ(Run({"sessions", "--send"}), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("nothing to send"));
}

TEST_F(OutboxTest, KeepsWhatThisServerDoesNotKnow) {
  session().sessions.clear();
  EXPECT_EQ(Run({"sessions", "--send"}), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("SESSION_NOT_FOUND"));
  EXPECT_THAT(terminal_.err, HasSubstr("It is kept"));
  EXPECT_THAT(Kept(), testing::Contains(".sending"));
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk) << "it does not stand in the way";
  EXPECT_THAT(Kept(), testing::Contains(".sending"));
}

TEST_F(OutboxTest, ARefusalLeavesTheText) {
  session().RefuseNext("SubmitAnswer", absl::StatusCode::kFailedPrecondition, "SESSION_FINISHED");
  EXPECT_EQ(Run({"sessions", "--send"}), kExitOk);
  EXPECT_THAT(terminal_.err, HasSubstr("SESSION_FINISHED"));
  EXPECT_THAT(terminal_.err, HasSubstr("its text is kept in " + home_ + "/practice/"));
  EXPECT_THAT(Kept(), testing::UnorderedElementsAre(".draft", ".draft"));
}

TEST_F(OutboxTest, StaysWhileTheServerIsAway) {
  BothAreUnsent();
  session().RefuseNext("SubmitAnswer", absl::StatusCode::kUnauthenticated, "CREDENTIAL_EXPIRED");
  EXPECT_EQ(Run({"sessions", "--send"}), kExitRefused);
  EXPECT_THAT(session().submitted, IsEmpty());
  EXPECT_EQ(std::count(session().calls.begin(), session().calls.end(), "SubmitAnswer"), 3);
  EXPECT_EQ(Run({"sessions", "--send"}), kExitOk);
  EXPECT_EQ(session().submitted.size(), 2u);
}

}  // namespace
}  // namespace greenroom::cli
