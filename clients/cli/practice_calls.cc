// Practice: the calls, and what is said of their replies.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/layout.h"
#include "clients/cli/practice.h"
#include "clients/cli/session_text.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  out->set_seconds(absl::ToUnixSeconds(time));
  out->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(out->seconds()))));
}

void SetDuration(absl::Duration length, google::protobuf::Duration* out) {
  absl::Duration rest;
  out->set_seconds(absl::IDivDuration(length, absl::Seconds(1), &rest));
  out->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
}

}  // namespace

absl::StatusOr<bool> Practice::Submit(const PresentedQuestion& question, const std::string& text,
                                      Confidence confidence) {
  SubmitAnswerRequest request;
  request.set_session(session_);
  request.set_answer_id(invocation_.world().rng.Uuid());
  request.set_question(question.question());
  request.set_text(text);
  request.set_input(INPUT_METHOD_TYPED);
  request.set_confidence(confidence);
  request.set_device(kDevice);
  SetTime(shown_time_, request.mutable_shown_time());
  const absl::Duration active = ended_at_ - shown_at_;
  SetDuration(std::clamp(active, absl::ZeroDuration(), absl::Hours(24)), request.mutable_active_duration());

  const absl::Status begun = kept_->BeginSending(request);
  if (!begun.ok())
    invocation_.Note(absl::StrCat("The answer is not kept on this machine: ", begun.message()));
  absl::StatusOr<SubmitAnswerResponse> response = outbox_.Send(*kept_, request);
  if (!response.ok()) {
    RETURN_IF_ERROR(Tolerate(response.status()));
    return false;
  }
  seen_ = std::max(seen_, response->sequence());
  Answer answer = std::move(*response->mutable_answer());
  draft_->Sent();
  RETURN_IF_ERROR(outbox_.AwaitGrade(answer, seen_));
  invocation_.Say("");
  invocation_.Say(RenderGrade(answer, text, invocation_.page()));
  if (options_.exam) invocation_.Say("Your answer is kept. Its grade is shown when grades are released.");
  answer_ = std::move(answer);
  return true;
}

absl::Status Practice::TakeHint(const std::string& question) {
  TakeHintRequest request;
  request.set_session(session_);
  request.set_question(question);
  request.set_request_id(invocation_.world().rng.Uuid());
  request.set_device(kDevice);
  ASSIGN_OR_RETURN(const TakeHintResponse response, Call(&SessionStub::TakeHint, request));
  seen_ = std::max(seen_, response.sequence());
  invocation_.Reply(response);
  invocation_.Say(Wrap(response.hint(), invocation_.page().width,
                       absl::StrCat("Hint ", response.number(), " (", response.hints_left(), " left): ")));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Practice::Then>> Practice::Reveal(const std::string& question) {
  RevealAnswerRequest request;
  request.set_session(session_);
  request.set_question(question);
  request.set_request_id(invocation_.world().rng.Uuid());
  request.set_device(kDevice);
  ASSIGN_OR_RETURN(const RevealAnswerResponse response, Call(&SessionStub::RevealAnswer, request));
  seen_ = std::max(seen_, response.sequence());
  invocation_.Reply(response);
  invocation_.Say("");
  invocation_.Say(RenderReveal(response.reveal(), invocation_.page()));
  return Rate(question, response.reveal());
}

absl::StatusOr<std::optional<Practice::Then>> Practice::Rate(const std::string& question,
                                                             const session::v1::Reveal& reveal) {
  RateAnswerRequest request;
  request.set_session(session_);
  request.set_question(question);
  request.set_request_id(invocation_.world().rng.Uuid());
  request.set_device(kDevice);
  if (answer_.has_value()) request.set_answer(answer_->name());

  // A number from 1 for each claimable point; what is no number is no tick.
  const std::vector<ClaimablePoint> points = ClaimablePoints(reveal, answer_.value_or(Answer()));
  for (bool asked = points.empty(); !asked;) {
    invocation_.Say("");
    invocation_.Say(RenderClaimable(points, invocation_.page()));
    Prompt("Their numbers, or Enter for none");
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) return Then::kInterrupted;
    if (absl::StripAsciiWhitespace(input.text) == ":quit") return Then::kQuit;
    asked = true;
    request.clear_claimed_points();
    for (const absl::string_view word :
         absl::StrSplit(input.text, absl::ByAnyChar(" ,\t\r"), absl::SkipEmpty())) {
      size_t number = 0;
      if (absl::SimpleAtoi(word, &number) && number >= 1 && number <= points.size()) {
        const std::string& id = points[number - 1].id;
        const auto& taken = request.claimed_points();
        if (std::find(taken.begin(), taken.end(), id) == taken.end()) request.add_claimed_points(id);
      } else {
        invocation_.Note(
            absl::StrCat("\"", Printable(word), "\" is none of the numbers 1 to ", points.size(), "."));
        asked = !terminal_.interactive();
      }
    }
  }
  while (true) {
    Prompt("How well did you know it? 1 not (again), 2 hard, 3 good, 4 easy; Enter leaves it open");
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) return Then::kInterrupted;
    const absl::string_view word = absl::StripAsciiWhitespace(input.text);
    if (word == ":quit") return Then::kQuit;
    if (word.empty()) {
      if (request.claimed_points().empty() || input.end == InputEnd::kEof) return std::nullopt;
      invocation_.Note("Your ticks go with the rating.");
      continue;
    }
    int rating = 0;
    if (!absl::SimpleAtoi(word, &rating) || rating < RATING_AGAIN || rating > RATING_EASY) continue;
    request.set_rating(static_cast<Rating>(rating));
    ASSIGN_OR_RETURN(const RateAnswerResponse response, Call(&SessionStub::RateAnswer, request));
    seen_ = std::max(seen_, response.sequence());
    invocation_.Reply(response);
    invocation_.Say("Rated.");
    return std::nullopt;
  }
}

absl::Status Practice::Skip(const std::string& question) {
  SkipQuestionRequest request;
  request.set_session(session_);
  request.set_question(question);
  request.set_request_id(invocation_.world().rng.Uuid());
  request.set_device(kDevice);
  ASSIGN_OR_RETURN(const SkipQuestionResponse response, Call(&SessionStub::SkipQuestion, request));
  seen_ = std::max(seen_, response.sequence());
  invocation_.Reply(response);
  invocation_.Say("Skipped.");
  return absl::OkStatus();
}

absl::Status Practice::Pause() {
  PauseSessionRequest request;
  request.set_name(session_);
  request.set_request_id(invocation_.world().rng.Uuid());
  request.set_device(kDevice);
  ASSIGN_OR_RETURN(const PauseSessionResponse response, Call(&SessionStub::PauseSession, request));
  seen_ = std::max(seen_, response.sequence());
  invocation_.Reply(response);
  paused_ = true;
  invocation_.Say("Paused.");
  return absl::OkStatus();
}

absl::Status Practice::Unpause() {
  ResumeSessionRequest request;
  request.set_name(session_);
  request.set_request_id(invocation_.world().rng.Uuid());
  request.set_device(kDevice);
  ASSIGN_OR_RETURN(const ResumeSessionResponse response, Call(&SessionStub::ResumeSession, request));
  seen_ = std::max(seen_, response.sequence());
  const google::protobuf::Timestamp& deadline = response.session().deadline();
  if (response.session().has_deadline()) session_deadline_ = absl::FromUnixSeconds(deadline.seconds());
  invocation_.Reply(response);
  return absl::OkStatus();
}

absl::Status Practice::Finish() {
  FinishSessionRequest request;
  request.set_name(session_);
  request.set_request_id(invocation_.world().rng.Uuid());
  request.set_device(kDevice);
  ASSIGN_OR_RETURN(const FinishSessionResponse response, Call(&SessionStub::FinishSession, request));
  invocation_.Reply(response);
  invocation_.Say("");
  invocation_.Say(RenderSessionReport(response.report(), invocation_.page()));
  return absl::OkStatus();
}

}  // namespace greenroom::cli
