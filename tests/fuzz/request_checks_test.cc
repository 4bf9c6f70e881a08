// That the checks of request_fuzz see what they look for, and that its inputs say what they seem to.
#include "tests/fuzz/request_checks.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "greenroom/content/v1/content_service.pb.h"
#include "greenroom/session/v1/session_service.pb.h"
#include "services/base/status.h"
#include "tests/fuzz/report_checks.h"
#include "tests/fuzz/source_checks.h"
#include "tests/fuzz/world_packs.h"

namespace greenroom::fuzz {
namespace {

const Rpc& Named(absl::string_view method) {
  for (const Rpc& rpc : AllRpcs()) {
    if (rpc.method->name() == method) return rpc;
  }
  ADD_FAILURE() << "no " << method;
  return AllRpcs().front();
}

template <typename Message>
Reply Gives(Message message) {
  Reply reply;
  reply.messages.push_back(std::make_unique<Message>(std::move(message)));
  return reply;
}

Reply Asks(const std::string& prompt) {
  session::v1::PresentedQuestion question;
  question.set_prompt(prompt);
  return Gives(question);
}

void CheckNext(ReplyChecks& checks, Who who, const Reply& reply) {
  checks.Check(Named("NextQuestion"), who, session::v1::NextQuestionRequest(), reply);
}

TEST(RequestInput, AnyBytesAreSteps) {
  const std::vector<Step> steps = {{3, Step::kTwice | 2, "payload"}, {255, 255, ""}};
  const std::string input = WriteSteps(steps);
  ASSERT_EQ(ReadSteps(input).size(), 2u);
  EXPECT_EQ(WriteSteps(ReadSteps(input)), input);
  EXPECT_EQ(ReadSteps(input)[0].who(), Who::kAuthor);
  EXPECT_EQ(ReadSteps(input)[0].payload, "payload");
  EXPECT_EQ(ReadSteps(input.substr(0, 6))[0].payload, "pa");
  EXPECT_TRUE(ReadSteps("abc").empty());
  EXPECT_EQ(ReadSteps(std::string(160, '\0')).size(), kMostSteps);
}

TEST(RpcTable, EveryByteIsAnRpcAndEveryRpcAByte) {
  std::set<std::string> reached;
  for (int byte = 0; byte < 256; ++byte) reached.insert(RpcOf(static_cast<uint8_t>(byte)).full_name);
  EXPECT_EQ(reached.size(), AllRpcs().size());
  // An RPC that is fuzzed, but has no fixed place yet: append it to kRpcOrder.
  for (size_t i = kRpcOrder.size(); i < AllRpcs().size(); ++i) {
    std::printf("%s has no place in kRpcOrder\n", AllRpcs()[i].full_name.c_str());
  }
}

TEST(ReplyChecksDeathTest, SeesAnErrorWithoutReason) {
  ReplyChecks checks("");
  EXPECT_DEATH(CheckNext(checks, Who::kAda, {absl::NotFoundError("no"), {}}), "no reason");
  EXPECT_DEATH(CheckNext(checks, Who::kAda, {absl::InternalError(""), {}}), "no reason");
  const auto error = [](absl::StatusCode code, const char* reason) {
    return Reply{ErrorBuilder(code, reason, "no").Build(), {}};
  };
  EXPECT_DEATH(CheckNext(checks, Who::kAda, error(absl::StatusCode::kInternal, "INTERNAL")), "INTERNAL");
  EXPECT_DEATH(CheckNext(checks, Who::kAda, error(absl::StatusCode::kNotFound, "NO_SUCH_REASON")),
               "no reason");
  EXPECT_DEATH(CheckNext(checks, Who::kAda, error(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST")),
               "names no field");
  CheckNext(checks, Who::kAda, error(absl::StatusCode::kNotFound, "SESSION_NOT_FOUND"));
}

TEST(ReplyChecksDeathTest, SeesWordsThatAreNotForTheCaller) {
  ReplyChecks checks("");
  for (const absl::string_view word : {kRivalWord, kExamWord, kDraftWord, kBobWord}) {
    EXPECT_DEATH(CheckNext(checks, Who::kAda, Asks(std::string(word))), "tells zq") << word;
  }
  for (const absl::string_view word : {kAcmeWord, kExamWord, kDraftWord, kBobWord, kHiddenWord}) {
    EXPECT_DEATH(CheckNext(checks, Who::kRival, Asks(std::string(word))), "tells zq") << word;
    EXPECT_DEATH(CheckNext(checks, Who::kNobody, Asks(std::string(word))), "tells zq") << word;
  }
  CheckNext(checks, Who::kAda, Asks(std::string(kAcmeWord)));
  CheckNext(checks, Who::kInstructor, Asks(std::string(kBobWord)));
  ReplyChecks told(absl::StrCat("an input with ", kRivalWord));
  CheckNext(told, Who::kAda, Asks(std::string(kRivalWord)));
}

TEST(ReplyChecksDeathTest, SeesWhatIsHiddenUntilTheReveal) {
  ReplyChecks checks("");
  EXPECT_DEATH(CheckNext(checks, Who::kAda, Asks("zqhidone")), "tells zqhidone");
  EXPECT_DEATH(CheckNext(checks, Who::kAda, Asks("zqhidtip")), "tells zqhidtip");
  session::v1::RevealAnswerRequest reveal;
  reveal.set_question("one");
  checks.Check(Named("RevealAnswer"), Who::kAda, reveal, Gives(session::v1::RevealAnswerResponse()));
  CheckNext(checks, Who::kAda, Asks("zqhidone"));
  EXPECT_DEATH(CheckNext(checks, Who::kAda, Asks("zqhidthree")), "tells zqhidthree");
  EXPECT_DEATH(CheckNext(checks, Who::kBob, Asks("zqhidone")), "tells zqhidone");
  session::v1::FinishSessionResponse finished;
  finished.mutable_report()->set_state(session::v1::SESSION_STATE_FINISHED);
  checks.Check(Named("FinishSession"), Who::kAda, session::v1::FinishSessionRequest(), Gives(finished));
  CheckNext(checks, Who::kAda, Asks("zqhidthree"));
}

TEST(ReplyChecksDeathTest, SeesAWriteThatIsDoneTwice) {
  session::v1::TakeHintRequest request;
  request.set_request_id("x");
  session::v1::TakeHintResponse once;
  once.set_sequence(4);
  session::v1::TakeHintResponse again = once;
  const auto repeat = [&] {
    ReplyChecks::CheckRepeat(Named("TakeHint"), request, Gives(once), Gives(again));
  };
  EXPECT_DEATH(repeat(), "did it twice");
  again.set_replayed(true);
  repeat();
  again.set_sequence(5);
  EXPECT_DEATH(repeat(), "repeated");
}

TEST(ReportChecksDeathTest, SeesSpansThatAreNone) {
  scoring::v1::Report report;
  scoring::v1::Span& span = *report.add_items()->add_spans();
  span.set_start(0);
  span.set_end(2);
  span.set_end_utf16(1);
  span.set_quote("\xc3\xa9");
  CheckReport(report, "\xc3\xa9");
  EXPECT_DEATH(CheckReport(report, "e"), "end <= answer");
  span.set_end(1);
  EXPECT_DEATH(CheckReport(report, "\xc3\xa9"), "IsBound");
  report.set_score(101);
  EXPECT_DEATH(CheckReport(report, ""), "score");
}

TEST(SourceChecksDeathTest, SeesPlacesThatTheSourceDoesNotHave) {
  content::ReadResult read;
  EXPECT_DEATH(CheckRoundTrip(read.pack), "again.ok");
  content::v1::Issue& issue = read.issues.emplace_back();
  issue.set_severity(content::v1::SEVERITY_ERROR);
  issue.set_code("code");
  issue.set_message("message");
  issue.set_line(1);
  issue.set_column(4);
  CheckIssues(read, "abc");
  EXPECT_DEATH(CheckIssues(read, "ab\nc"), "columns");
  issue.set_line(2);
  EXPECT_DEATH(CheckIssues(read, "abcd"), "lines.size");
}

}  // namespace
}  // namespace greenroom::fuzz
