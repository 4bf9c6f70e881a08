#include "clients/cli/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "clients/cli/commands_fixture.h"
#include "services/base/auth/keys.h"
#include "services/base/auth/token.h"
#include "services/content/packs/shipped_packs.h"

namespace greenroom::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST_F(CommandsTest, TellsHowItIsUsed) {
  EXPECT_EQ(Run({}), kExitUsage);
  EXPECT_EQ(Run({"help"}), kExitOk);
  for (const CommandInfo& command : Commands()) {
    EXPECT_THAT(terminal_.out, HasSubstr(std::string(command.name))) << command.name;
  }
  EXPECT_THAT(terminal_.out, HasSubstr("Exit codes"));
  EXPECT_EQ(Run({"frobnicate"}), kExitUsage);
  EXPECT_THAT(terminal_.err, HasSubstr("frobnicate"));
  EXPECT_EQ(Run({"packs", "--nope"}), kExitUsage);
  EXPECT_THAT(terminal_.err, HasSubstr("--nope"));
  for (const CommandInfo& command : Commands()) {
    EXPECT_EQ(Run({std::string(command.name), "--help"}), kExitOk) << command.name;
    EXPECT_THAT(terminal_.out, HasSubstr("--json")) << command.name;
  }
}

TEST_F(CommandsTest, MakesKeysAndTokensThatVerify) {
  const std::string keys = home_ + "/keys";
  EXPECT_EQ(Run({"keygen", keys}), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("Created"));
  EXPECT_EQ(Run({"keygen", keys}), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("Kept"));
  EXPECT_EQ(Run({"token", "--role", "instructor", "--learner", "Ada", "--tenant", "acme", "--hours", "2",
                 "--key", keys + "/signing.jwk"}),
            kExitOk);
  const absl::StatusOr<auth::Jwks> jwks = auth::Jwks::Load(keys + "/jwks.json");
  ASSERT_TRUE(jwks.ok()) << jwks.status();
  const absl::StatusOr<auth::Claims> claims =
      auth::VerifyToken(*jwks, absl::StripAsciiWhitespace(terminal_.out));
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(claims->subject, "Ada");
  EXPECT_EQ(claims->tenant, "acme");
  EXPECT_THAT(claims->roles, ElementsAre("instructor"));
  EXPECT_EQ(claims->not_before, clock_.Now());
  EXPECT_EQ(claims->expires, clock_.Now() + absl::Hours(2));

  EXPECT_EQ(Run({"token", "--role", "learner"}), kExitOk) << "the home's key is the default";
  EXPECT_EQ(Run({"token", "--role", "learner", "--json"}), kExitOk);
  EXPECT_EQ(JsonLines().at(0).fields().count("token"), 1u);
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{},
                                             {"--role", "root"},
                                             {"--role", "learner", "--tenant", "A/B"},
                                             {"--role", "learner", "--hours", "0"},
                                             {"--role", "learner", "--hours", "-1"},
                                             {"--role", "learner", "--key", "/nope"}}) {
    std::vector<std::string> words = {"token"};
    words.insert(words.end(), bad.begin(), bad.end());
    EXPECT_EQ(Run(words), kExitUsage) << absl::StrJoin(bad, " ");
    EXPECT_EQ(terminal_.out, "");
  }
}

TEST_F(CommandsTest, FindsServersAndCredentialsInTheHomeDirectory) {
  variables_ = {{"GREENROOM_HOME", home_}};
  EXPECT_EQ(Run({"sessions"}), kExitUsage);
  EXPECT_THAT(terminal_.err, HasSubstr("GREENROOM_SESSION"));
  WriteFile("session.ports",
            absl::StrCat("{\"port\":", services_.address.substr(services_.address.find(':') + 1),
                         ",\"admin_port\":2}"));
  EXPECT_EQ(Run({"sessions"}), kExitRefused);
  EXPECT_THAT(terminal_.err, HasSubstr("keygen"));
  ASSERT_EQ(Run({"keygen", home_ + "/keys"}), kExitOk);
  EXPECT_EQ(Run({"sessions"}), kExitOk) << terminal_.err;
  const absl::StatusOr<auth::Jwks> jwks = auth::Jwks::Load(home_ + "/keys/jwks.json");
  const absl::StatusOr<auth::Claims> claims = auth::VerifyToken(*jwks, session().authorization.substr(7));
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_THAT(claims->roles, ElementsAre("learner"));

  const std::string file = WriteFile("token", "from-a-file\n");
  EXPECT_EQ(Run({"sessions", "--token-file", file}), kExitOk);
  EXPECT_EQ(session().authorization, "Bearer from-a-file");
  EXPECT_EQ(Run({"sessions", "--token", "x", "--token-file", file}), kExitUsage);
}

TEST_F(CommandsTest, ListsAndShowsPacks) {
  EXPECT_EQ(Run({"packs"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("Role of alpha"));
  EXPECT_THAT(terminal_.out, HasSubstr("Role of beta")) << "the second page";
  EXPECT_EQ(Run({"show", "alpha"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("second"));
  EXPECT_EQ(Run({"show", "alpha", "--json"}), kExitOk);
  EXPECT_EQ(JsonLines().size(), 3u);
  EXPECT_EQ(Run({"show", "nope"}), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("PACK_NOT_FOUND"));
  EXPECT_EQ(Run({"show", "nope", "--json"}), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("\"reason\":\"PACK_NOT_FOUND\""));
}

TEST_F(CommandsTest, ImportsPublishesAndExports) {
  const std::string file = WriteFile("a.pack.yaml", "the source");
  EXPECT_EQ(Run({"import", file}), kExitOk) << terminal_.err;
  EXPECT_EQ(services_.authoring.imported.at(0).source(), "the source");
  EXPECT_EQ(services_.authoring.imported.at(0).format(), content::v1::PACK_FORMAT_YAML);
  EXPECT_NE(services_.authoring.imported.at(0).request_id(), "");
  EXPECT_THAT(terminal_.err, HasSubstr("warning: line 3, column 1"));
  EXPECT_EQ(Run({"import", file, "--page", "my-pack", "--validate-only"}), kExitOk);
  EXPECT_EQ(services_.authoring.imported.at(1).format(), content::v1::PACK_FORMAT_PAGE);
  EXPECT_EQ(services_.authoring.imported.at(1).pack(), "my-pack");
  EXPECT_TRUE(services_.authoring.imported.at(1).validate_only());
  EXPECT_NE(Run({"import", home_ + "/absent"}), kExitOk);

  EXPECT_EQ(Run({"publish", "alpha"}), kExitOk);
  EXPECT_EQ(services_.authoring.published.at(0).name(), "tenants/-/packs/alpha");
  EXPECT_EQ(Run({"publish", "bad"}), kExitFailed);
  EXPECT_THAT(terminal_.err, HasSubstr("PACK_CHECK_FAILED"));
  EXPECT_EQ(Run({"publish"}), kExitUsage);
  EXPECT_EQ(Run({"publish", "alpha", "--shipped"}), kExitUsage);
  services_.authoring.imported.clear();
  EXPECT_EQ(Run({"publish", "--shipped"}), kExitOk) << terminal_.err;
  ASSERT_EQ(services_.authoring.imported.size(), content::ShippedPacks().size());
  EXPECT_EQ(services_.authoring.imported[0].source(), content::ShippedPacks()[0].yaml);
  EXPECT_EQ(services_.authoring.published.back().etag(), "e1");
  services_.authoring.published.erase(services_.authoring.published.begin(),
                                      services_.authoring.published.end() - 1);
  EXPECT_EQ(Run({"publish", "--shipped"}), kExitOk) << "a second start finds them published";
  EXPECT_THAT(terminal_.out, HasSubstr("current already"));

  EXPECT_EQ(Run({"export", "alpha", "--revision", "r1"}), kExitOk);
  EXPECT_EQ(terminal_.out, "# tenants/-/packs/alpha/revisions/r1\n");
}

TEST_F(CommandsTest, GradesByTheServers) {
  terminal_.Type({"my answer", "in two lines"});
  EXPECT_EQ(Run({"grade", "--pack", "alpha", "--question", "first"}), kExitOk) << terminal_.err;
  EXPECT_EQ(services_.content.asked, "tenants/-/packs/alpha/revisions/current/questions/first");
  EXPECT_EQ(services_.scoring.graded.question(), "tenants/default/packs/alpha/revisions/r1/questions/first");
  EXPECT_EQ(services_.scoring.graded.answer(), "my answer\nin two lines");
  EXPECT_THAT(terminal_.out, testing::StartsWith("PARTIAL: 55 of 100"));
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{},
                                             {"--pack", "p"},
                                             {"--question", "q"},
                                             {"--batch", "f"},
                                             {"--local"},
                                             {"--packs", "d", "--pack", "p", "--question", "q"},
                                             {"--local", "--batch", "f", "--pack", "p", "--question", "q"},
                                             {"--local", "--batch", "/nope"},
                                             {"--local", "--pack", "p", "--question", "q", "--model", "none"},
                                             {"--local", "--batch", "/dev/null", "--model", "/nope"},
                                             {"--local", "--batch", "/dev/null", "--model", "/dev/null"}}) {
    std::vector<std::string> words = {"grade"};
    words.insert(words.end(), bad.begin(), bad.end());
    EXPECT_EQ(Run(words), kExitUsage) << absl::StrJoin(bad, " ");
  }
}

TEST_F(CommandsTest, GradesABatchToItsEndAndTellsOfBadLines) {
  const std::string file = WriteFile(
      "batch",
      R"({"id":"a","question":"q","references":["A stack is last in, first out."],"answer":"last in, first out"})"
      "\nnot json\n\n"
      R"({"id":"b","question":"q","references":["A stack is last in, first out."],"answer":""})");
  EXPECT_EQ(Run({"grade", "--local", "--batch", file}), kExitFailed);
  const auto lines = JsonLines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].fields().at("id").string_value(), "a");
  EXPECT_EQ(lines[1].fields().at("line").number_value(), 2);
  EXPECT_EQ(lines[2].fields().at("id").string_value(), "b");
}

TEST_F(CommandsTest, PractisesAQuestionAfterAnother) {
  terminal_.Type({"first line", "", "last line", ".", "", "two", ".", "", ""});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk) << terminal_.err;
  ASSERT_EQ(session().submitted.size(), 2u);
  EXPECT_EQ(session().submitted[0].question(), "first");
  EXPECT_EQ(session().submitted[0].text(), "first line\n\nlast line");
  EXPECT_EQ(session().submitted[1].question(), "second");
  EXPECT_THAT(terminal_.out, HasSubstr("Prompt of first?"));
  EXPECT_THAT(terminal_.out, HasSubstr("about 4 minutes"));
  EXPECT_THAT(terminal_.out, HasSubstr("A tip that applies."));
  EXPECT_THAT(terminal_.out, HasSubstr("GOOD: 70 of 100"));
  EXPECT_EQ(session().calls.back(), "FinishSession");
  EXPECT_THAT(Kept(), testing::IsEmpty());
}

TEST_F(CommandsTest, PlaysTheDemonstration) {
  terminal_.Type({"An answer.", ".", ":quit"});
  EXPECT_EQ(Run({"practice", "p", "--new", "--question", "second"}), kExitOk) << terminal_.err;
  ASSERT_EQ(session().submitted.size(), 1u);
  EXPECT_EQ(session().submitted[0].question(), "second");
  EXPECT_EQ(session().sessions.begin()->second.questions_size(), 1);
  EXPECT_THAT(session().calls, Not(Contains("ListSessions")));
  EXPECT_THAT(terminal_.out, HasSubstr("GOOD: 70 of 100"));
}

TEST_F(CommandsTest, TheEndOfAScriptSendsWhatItHolds) {
  terminal_.Type({"An answer"});
  terminal_.TypeEof("without a newline");
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  ASSERT_EQ(session().submitted.size(), 1u);
  EXPECT_EQ(session().submitted[0].text(), "An answer\nwithout a newline");
}

TEST_F(CommandsTest, CtrlDSendsAndCtrlDOnNothingAsksOnceMore) {
  terminal_.is_terminal = true;
  terminal_.TypeEof();
  terminal_.Type({"An answer"});
  terminal_.TypeEof();
  terminal_.Type({"", ":quit"});  // not said how sure
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_THAT(terminal_.err, HasSubstr(":skip"));
  ASSERT_EQ(session().submitted.size(), 1u);
  terminal_.TypeEof();
  terminal_.TypeEof();
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_EQ(session().submitted.size(), 1u);
}

TEST_F(CommandsTest, HintsRevealsRatesSkips) {
  terminal_.Type({":hint", ":help", ":reveal", "1 2", "2", "", "text of the second", ":skip", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk) << terminal_.err;
  EXPECT_THAT(terminal_.out, HasSubstr("Compare two numbers."));
  EXPECT_THAT(terminal_.out, HasSubstr("The model answer."));
  EXPECT_THAT(terminal_.out, HasSubstr("Did you say any of these?"));
  ASSERT_EQ(session().rated.size(), 1u);
  EXPECT_EQ(session().rated[0].answer(), "");
  EXPECT_EQ(session().rated[0].rating(), session::v1::RATING_HARD);
  EXPECT_THAT(session().rated[0].claimed_points(), ElementsAre("made", "missed"));
  EXPECT_THAT(session().calls, Contains("SkipQuestion"));
  EXPECT_THAT(Kept(), ElementsAre(".draft")) << "what was typed before the skip";
}

TEST_F(CommandsTest, AfterAnAnswerOnlyPointsThatWereNotFoundAreAskedFor) {
  terminal_.Type({"An answer.", ".", ":reveal", "1", "3", ":again", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk) << terminal_.err;
  ASSERT_EQ(session().rated.size(), 1u);
  EXPECT_THAT(session().rated[0].claimed_points(), ElementsAre("missed"));
  EXPECT_THAT(session().rated[0].answer(), HasSubstr("/answers/"));
  EXPECT_EQ(session().calls.back(), "NextQuestion");
}

TEST_F(CommandsTest, ARefusalIsToldAndTheConversationGoesOn) {
  session().RefuseNext("TakeHint", absl::StatusCode::kFailedPrecondition, "NO_HINTS_LEFT");
  session().RefuseNext("SubmitAnswer", absl::StatusCode::kInvalidArgument, "INVALID_REQUEST");
  terminal_.Type({":hint", "An answer.", ".", "more", ".", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_THAT(terminal_.err, HasSubstr("NO_HINTS_LEFT"));
  EXPECT_THAT(terminal_.err, HasSubstr("INVALID_REQUEST"));
  ASSERT_EQ(session().submitted.size(), 1u);
  EXPECT_EQ(session().submitted[0].text(), "An answer.\nmore");
  EXPECT_THAT(Kept(), testing::IsEmpty());
}

TEST_F(CommandsTest, ResumesWithWhatWasTyped) {
  terminal_.is_terminal = true;
  terminal_.Type({"typed"});
  terminal_.Interrupt("half a li");
  EXPECT_EQ(Run({"practice", "p"}), kExitInterrupted);
  EXPECT_THAT(Kept(), ElementsAre(".draft"));
  EXPECT_EQ(session().drafts.back().text(), "typed\nhalf a li");
  terminal_.Type({"and more", ".", "", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_EQ(session().sessions.size(), 1u) << "the open session goes on";
  EXPECT_THAT(terminal_.out, HasSubstr("half a li"));
  ASSERT_EQ(session().submitted.size(), 1u);
  EXPECT_EQ(session().submitted[0].text(), "typed\nhalf a li\nand more");
  EXPECT_THAT(Kept(), testing::IsEmpty());
}

TEST_F(CommandsTest, BeginsAnewWhereNothingIsLeftToAsk) {
  terminal_.Type({"An answer.", ".", ":quit"});
  ASSERT_EQ(Run({"practice", "p", "--question", "second"}), kExitOk);
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_EQ(session().sessions.size(), 2u);
  EXPECT_THAT(terminal_.out, HasSubstr("Question 1 of 2"));
}

TEST_F(CommandsTest, FitsNarrowTerminals) {
  terminal_.cells = 40;
  for (const CommandInfo& command : Commands()) {
    EXPECT_EQ(Run({std::string(command.name), "--help"}), kExitOk);
    for (const absl::string_view line : absl::StrSplit(terminal_.out, '\n'))
      EXPECT_LE(line.size(), 40u) << line;
  }
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"help"}, {"packs"}, {"show", "alpha"}}) {
    EXPECT_EQ(Run(words), kExitOk);
    for (const absl::string_view line : absl::StrSplit(terminal_.out, '\n'))
      EXPECT_LE(line.size(), 40u) << line;
  }
  terminal_.is_terminal = true;
  terminal_.Type({":help", ":hint", "An answer.", ".", "2", ":help", ":reveal", "", "", "", ":quit"});
  EXPECT_EQ(Run({"practice", "p", "--plain"}), kExitOk);
  // Nobody's Enter is echoed here.
  const std::string shown = absl::StrReplaceAll(terminal_.out, {{"\n> ", "\n>\n"}});
  for (const absl::string_view line : absl::StrSplit(shown, '\n')) EXPECT_LE(line.size(), 40u) << line;
}

TEST_F(CommandsTest, TakesTheServersDraftWhereThisMachineHasNone) {
  terminal_.Type({":quit"});
  ASSERT_EQ(Run({"practice", "p"}), kExitOk);
  session().sessions.begin()->second.mutable_questions(0)->mutable_draft()->set_text("from the phone");
  terminal_.Type({":clear", "anew", ".", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("from the phone"));
  EXPECT_EQ(session().submitted.at(0).text(), "anew");
}

TEST_F(CommandsTest, SavesDraftsEveryThreeSeconds) {
  terminal_.Type({"one", "two", "three", ":quit"});
  terminal_.Before(2, [&] { clock_.Advance(absl::Seconds(3)); });
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  std::vector<std::string> texts;
  for (const auto& draft : session().drafts) texts.push_back(draft.text());
  EXPECT_THAT(texts, ElementsAre("one", "one\ntwo\nthree"));
}

TEST_F(CommandsTest, RepeatsALostSubmitUnderItsId) {
  session().LoseReplies("SubmitAnswer", 2);
  terminal_.Type({"An answer.", ".", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk) << terminal_.err;
  EXPECT_EQ(session().submitted.size(), 1u);
  EXPECT_EQ(std::count(session().calls.begin(), session().calls.end(), "SubmitAnswer"), 3);
  EXPECT_THAT(terminal_.err, HasSubstr("trying again"));
}

TEST_F(CommandsTest, SendsAgainWhatAnEarlierRunCouldNot) {
  // The credential ran out between typing and sending.
  session().RefuseNext("SubmitAnswer", absl::StatusCode::kUnauthenticated, "CREDENTIAL_EXPIRED");
  terminal_.Type({"An answer.", "."});
  EXPECT_EQ(Run({"practice", "p"}), kExitRefused);
  EXPECT_THAT(terminal_.err, HasSubstr("kept"));
  EXPECT_THAT(Kept(), testing::UnorderedElementsAre(".draft", ".sending"));
  terminal_.Type({":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk) << terminal_.err;
  ASSERT_EQ(session().submitted.size(), 1u);
  EXPECT_EQ(session().submitted[0].text(), "An answer.");
  EXPECT_THAT(terminal_.out, HasSubstr("GOOD: 70 of 100"));
  EXPECT_THAT(Kept(), testing::IsEmpty());
}

TEST_F(CommandsTest, WaitsForAPendingGrade) {
  session().pending_reads = 2;
  terminal_.Type({"An answer.", ".", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_THAT(terminal_.out, HasSubstr("GOOD: 70 of 100"));
}

TEST_F(CommandsTest, EditsInTheChosenEditor) {
  variables_["EDITOR"] = "ed --wait";
  terminal_.edit = [](const std::string& text) { return text + " and edited\n"; };
  terminal_.Type({"typed", ":edit", ".", ":quit"});
  EXPECT_EQ(Run({"practice", "p"}), kExitOk);
  EXPECT_EQ(terminal_.editor, "ed --wait");
  EXPECT_EQ(session().submitted.at(0).text(), "typed and edited");
  terminal_.edit = [](const std::string&) { return absl::FailedPreconditionError("no editor"); };
  terminal_.Type({"typed", ":edit", ".", ":quit"});
  EXPECT_EQ(Run({"practice", "p", "--new"}), kExitOk);
  EXPECT_THAT(terminal_.err, HasSubstr("no editor"));
  EXPECT_EQ(session().submitted.at(1).text(), "typed");
}

TEST_F(CommandsTest, SpeaksJsonAndNothingElse) {
  terminal_.is_terminal = true;
  terminal_.Type({":hint", "An answer.", ".", ":reveal", "", "3", "", ":skip", "", ""});
  EXPECT_EQ(Run({"practice", "p", "--json"}), kExitOk) << terminal_.err;
  // Created, question, hint, answer, reveal, rating, question, skip, report.
  EXPECT_EQ(JsonLines().size(), 9u) << terminal_.out;
  EXPECT_EQ(Run({"sessions", "--json"}), kExitOk);
  EXPECT_EQ(JsonLines().size(), 1u);
}

TEST_F(CommandsTest, ColoursATerminalUnlessAskedNotTo) {
  const auto coloured = [&](const std::vector<std::string>& arguments) {
    EXPECT_EQ(Run(arguments), kExitOk);
    return terminal_.out.find('\x1b') != std::string::npos;
  };
  EXPECT_FALSE(coloured({"packs"}));
  terminal_.is_terminal = true;
  EXPECT_TRUE(coloured({"packs"}));
  EXPECT_FALSE(coloured({"packs", "--plain"}));
  EXPECT_FALSE(coloured({"packs", "--json"}));
  variables_["NO_COLOR"] = "1";
  EXPECT_FALSE(coloured({"packs"}));
  variables_.erase("NO_COLOR");
  variables_["TERM"] = "dumb";
  EXPECT_FALSE(coloured({"packs"}));
}

TEST_F(CommandsTest, ChecksAPack) {
  EXPECT_EQ(Run({"check", home_ + "/absent"}), kExitUsage);
  EXPECT_EQ(Run({"check", WriteFile("bad.yaml", "format: greenroom-pack/1\nnope: 1\n")}), kExitFailed);
  EXPECT_THAT(terminal_.out, HasSubstr("line 2"));
  EXPECT_THAT(terminal_.out, HasSubstr("NOT PASSED"));
  const std::string good = WriteFile("good.yaml", std::string(content::ShippedPacks()[0].yaml));
  EXPECT_EQ(Run({"check", good, "--json"}), kExitOk) << terminal_.out;
  EXPECT_EQ(JsonLines().size(), 1u);
  EXPECT_THAT(terminal_.out, HasSubstr("\"passed\":true"));
}

}  // namespace
}  // namespace greenroom::cli
