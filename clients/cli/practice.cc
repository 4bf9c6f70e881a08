#include "clients/cli/practice.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "clients/cli/answer_lines.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"
#include "services/base/status.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary

constexpr char kDevice[] = "cli";
constexpr absl::string_view kAnswerCommands[] = {"edit", "hint", "reveal", "skip", "clear", "quit", "help"};
constexpr absl::Duration kGradeTime = absl::Seconds(5);
constexpr absl::Duration kGradePause = absl::Milliseconds(250);

constexpr char kAnswerHelp[] =
    "Write your answer; empty lines and pasted text belong to it. A line with a single \".\" or Ctrl-D sends "
    "it.\n"
    ":edit opens your editor, :hint gives a hint, :reveal shows the model answer, :skip leaves the question, "
    ":clear begins "
    "again, :quit leaves the session (it is kept).";
constexpr char kMenuHelp[] =
    "Enter goes to the next question. :again answers this one again, :reveal shows the model answer, :finish "
    "ends the "
    "session with its report, :quit leaves it open.";

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

Practice::Practice(const Invocation& invocation, Peer& peer, PracticeOptions options)
    : invocation_(invocation),
      terminal_(invocation.world().terminal),
      peer_(peer),
      options_(std::move(options)),
      stub_(SessionService::NewStub(peer.channel())) {}

absl::StatusOr<int> Practice::Run() {
  RETURN_IF_ERROR(OpenSession());
  RETURN_IF_ERROR(SendWhatWasNot());
  std::string wanted = options_.question;
  while (true) {
    NextQuestionRequest request;
    request.set_session(session_);
    request.set_question(wanted);
    request.set_seen_sequence(seen_);
    absl::StatusOr<PresentedQuestion> question = Call(&SessionStub::NextQuestion, request);
    const bool none_left = ReasonOf(question.status()) == "NO_QUESTION_LEFT";
    if (!question.ok() && !none_left) return question.status();
    ASSIGN_OR_RETURN(const Then then, none_left ? NothingLeft() : AskQuestion(*question));
    switch (then) {
      case Then::kNext:
        wanted.clear();
        break;
      case Then::kAgain:
        wanted = question->question();
        break;
      case Then::kFinish:
        RETURN_IF_ERROR(Finish());
        return kExitOk;
      case Then::kQuit:
      case Then::kInterrupted:
        invocation_.Say(Wrap(
            absl::StrCat("The session is kept; `greenroom practice ", options_.pack, "` goes on with it."),
            invocation_.page().width));
        return then == Then::kQuit ? kExitOk : kExitInterrupted;
    }
  }
}

// ---- the session ----

absl::Status Practice::OpenSession() {
  bool resumed = false;
  if (!options_.fresh) {
    ASSIGN_OR_RETURN(resumed, ResumeSession());
  }
  if (!resumed) RETURN_IF_ERROR(CreateSession());
  kept_.emplace(Home(invocation_), IdIn(session_, "sessions"));
  return absl::OkStatus();
}

absl::StatusOr<bool> Practice::ResumeSession() {
  ListSessionsRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_pack(absl::StrCat("tenants/-/packs/", options_.pack));
  request.set_state(SESSION_STATE_ACTIVE);
  ASSIGN_OR_RETURN(const ListSessionsResponse response, Call(&SessionStub::ListSessions, request));
  for (const Session& session : response.sessions()) {
    const bool fits =
        session.mode() == SESSION_MODE_PRACTICE &&
        (options_.question.empty() ||
         std::any_of(session.questions().begin(), session.questions().end(),
                     [&](const SessionQuestion& one) { return one.question() == options_.question; }));
    if (!fits) continue;
    session_ = session.name();
    seen_ = session.sequence();
    invocation_.Reply(session);
    invocation_.Say("Going on with your session:");
    invocation_.Say(RenderSession(session, invocation_.page()));
    invocation_.Say("");
    return true;
  }
  return false;
}

absl::Status Practice::CreateSession() {
  CreateSessionRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_session_id(invocation_.world().rng.Uuid());
  request.set_source(absl::StrCat("tenants/-/packs/", options_.pack));
  request.set_mode(SESSION_MODE_PRACTICE);
  if (!options_.question.empty()) request.add_questions(options_.question);
  request.set_device(kDevice);
  ASSIGN_OR_RETURN(const CreateSessionResponse response, Call(&SessionStub::CreateSession, request));
  session_ = response.session().name();
  seen_ = response.sequence();
  invocation_.Reply(response);
  return absl::OkStatus();
}

absl::Status Practice::SendWhatWasNot() {
  for (const SubmitAnswerRequest& request : kept_->Unsent()) {
    invocation_.Say(
        Wrap(absl::StrCat("An answer to ", request.question(), " was being sent when the last run ended:"),
             invocation_.page().width));
    absl::StatusOr<Answer> answer = Send(request);
    if (!answer.ok()) {
      RETURN_IF_ERROR(Tolerate(answer.status()));
      continue;
    }
    if (const auto draft = kept_->LoadDraft(request.question());
        draft.has_value() && draft->text == request.text()) {
      RETURN_IF_ERROR(kept_->SaveDraft(request.question(), ""));
    }
    RETURN_IF_ERROR(AwaitGrade(*answer));
    invocation_.Say(RenderGrade(*answer, request.text(), invocation_.page()));
    invocation_.Say("");
  }
  return absl::OkStatus();
}

// ---- a question ----

absl::StatusOr<Practice::Then> Practice::AskQuestion(const PresentedQuestion& question) {
  answer_.reset();
  shown_time_ = invocation_.world().clock.Now();
  shown_at_ = invocation_.world().clock.Monotonic();
  draft_.emplace(invocation_, peer_, *stub_, *kept_, session_, question.question());
  invocation_.Reply(question);
  invocation_.Say(RenderQuestion(question, invocation_.page()));
  invocation_.Say("");
  if (terminal_.interactive()) {
    invocation_.Say(Wrap(absl::StrCat("Your answer, ended by a line with a single \".\" (:edit, :hint [",
                                      question.hints_left(), " left], :reveal, :skip, :quit, :help)"),
                         invocation_.page().width));
  }
  AnswerLines lines(draft_->Load(question.draft()));
  if (!lines.text().empty()) {
    invocation_.Say("What you had typed (:clear begins again):");
    invocation_.Say(Printable(lines.text()));
  }

  for (bool at_end = false;;) {
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) {
      if (!input.text.empty()) lines.Append(input.text);
      draft_->Leave(lines.text());
      invocation_.Say("");
      return Then::kInterrupted;
    }
    TypedLine typed = ReadTypedLine(input.text, kAnswerCommands);
    if (input.end == InputEnd::kEof && input.text.empty()) typed = {LineMeaning::kEnd, ""};
    if (input.cut) invocation_.Note("The terminal cut that line after 4095 bytes. :edit takes longer ones.");

    if (typed.meaning == LineMeaning::kText) {
      lines.Append(typed.text);
      draft_->Changed(lines.text());
      if (input.end != InputEnd::kEof) continue;
      typed = {LineMeaning::kEnd, ""};
    }
    if (typed.meaning == LineMeaning::kCommand) {
      if (typed.text == "clear") {
        lines.Replace("");
        draft_->Changed("");
        invocation_.Say("Cleared.");
      } else if (typed.text == "edit") {
        std::string editor = invocation_.Variable("VISUAL");
        if (editor.empty()) editor = invocation_.Variable("EDITOR");
        if (editor.empty()) editor = "vi";
        absl::StatusOr<std::string> edited = terminal_.Edit(editor, lines.text());
        if (edited.ok()) {
          lines.Replace(*std::move(edited));
          draft_->Changed(lines.text());
          invocation_.Say("Your answer now (\".\" sends it):");
          invocation_.Say(Printable(lines.text()));
        } else {
          invocation_.Note(edited.status().message());
        }
      } else {
        ASSIGN_OR_RETURN(const std::optional<Then> then, Command(typed.text, question, lines.text()));
        if (then.has_value()) return *then;
      }
      continue;
    }

    // The end of the answer.
    if (lines.blank() && input.end == InputEnd::kEof && (at_end || !terminal_.interactive()))
      return Then::kQuit;
    at_end = input.end == InputEnd::kEof;
    if (const std::string problem = AnswerProblem(lines.text()); !problem.empty()) {
      invocation_.Note(lines.blank() ? absl::StrCat(problem, " :skip leaves the question, :quit the session.")
                                     : problem);
      if (!terminal_.interactive() && at_end) {
        draft_->Leave(lines.text());
        return absl::InvalidArgumentError("the answer was not sent");
      }
      continue;
    }
    ASSIGN_OR_RETURN(const bool sent, Submit(question, lines.text()));
    if (sent) return Menu(question);
  }
}

absl::StatusOr<std::optional<Practice::Then>> Practice::Command(const std::string& command,
                                                                const PresentedQuestion& question,
                                                                const std::string& text) {
  if (command == "help") {
    invocation_.Say(Wrap(kAnswerHelp, invocation_.page().width));
  } else if (command == "hint") {
    RETURN_IF_ERROR(Tolerate(TakeHint(question.question())));
  } else if (command == "reveal") {
    draft_->Leave(text);
    absl::StatusOr<std::optional<Then>> then = Reveal(question.question());
    if (!then.ok()) {
      RETURN_IF_ERROR(Tolerate(then.status()));
    } else {
      if (then->has_value()) return *then;
      ASSIGN_OR_RETURN(const Then chosen, Menu(question));
      return chosen;
    }
  } else if (command == "skip") {
    draft_->Leave(text);
    const absl::Status skipped = Skip(question.question());
    if (skipped.ok()) return Then::kNext;
    RETURN_IF_ERROR(Tolerate(skipped));
  } else if (command == "quit") {
    draft_->Leave(text);
    return Then::kQuit;
  }
  return std::nullopt;
}

absl::StatusOr<Practice::Then> Practice::Menu(const PresentedQuestion& question) {
  while (true) {
    Prompt("\nEnter: next question. Or :again :reveal :finish :quit :help\n> ");
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) return Then::kInterrupted;
    const absl::string_view word = absl::StripAsciiWhitespace(input.text);
    if (input.end == InputEnd::kEof && word.empty()) return Then::kQuit;
    if (word.empty() || word == ":next") return Then::kNext;
    if (word == ":again") return Then::kAgain;
    if (word == ":finish") return Then::kFinish;
    if (word == ":quit") return Then::kQuit;
    if (word == ":reveal") {
      absl::StatusOr<std::optional<Then>> then = Reveal(question.question());
      if (!then.ok()) RETURN_IF_ERROR(Tolerate(then.status()));
      if (then.ok() && then->has_value()) return **then;
      continue;
    }
    invocation_.Say(Wrap(kMenuHelp, invocation_.page().width));
  }
}

absl::StatusOr<Practice::Then> Practice::NothingLeft() {
  invocation_.Say(Wrap("No question of this session is open any more.", invocation_.page().width));
  while (true) {
    Prompt("Enter: finish and see the report. :quit leaves it open.\n> ");
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) return Then::kInterrupted;
    const absl::string_view word = absl::StripAsciiWhitespace(input.text);
    if (word == ":quit" || (word.empty() && input.end == InputEnd::kEof)) return Then::kQuit;
    if (word.empty() || word == ":finish") return Then::kFinish;
  }
}

// ---- calls ----

absl::StatusOr<bool> Practice::Submit(const PresentedQuestion& question, const std::string& text) {
  SubmitAnswerRequest request;
  request.set_session(session_);
  request.set_answer_id(invocation_.world().rng.Uuid());
  request.set_question(question.question());
  request.set_text(text);
  request.set_input(INPUT_METHOD_TYPED);
  request.set_device(kDevice);
  SetTime(shown_time_, request.mutable_shown_time());
  const absl::Duration active = invocation_.world().clock.Monotonic() - shown_at_;
  SetDuration(std::clamp(active, absl::ZeroDuration(), absl::Hours(24)), request.mutable_active_duration());

  const absl::Status begun = kept_->BeginSending(request);
  if (!begun.ok())
    invocation_.Note(absl::StrCat("The answer is not kept on this machine: ", begun.message()));
  absl::StatusOr<Answer> answer = Send(request);
  if (!answer.ok()) {
    RETURN_IF_ERROR(Tolerate(answer.status()));
    return false;
  }
  draft_->Sent();
  RETURN_IF_ERROR(AwaitGrade(*answer));
  invocation_.Say("");
  invocation_.Say(RenderGrade(*answer, text, invocation_.page()));
  answer_ = *std::move(answer);
  return true;
}

absl::StatusOr<Answer> Practice::Send(const SubmitAnswerRequest& request) {
  absl::StatusOr<SubmitAnswerResponse> response = Call(&SessionStub::SubmitAnswer, request);
  if (!response.ok()) {
    // After these it is not known whether it arrived; the next run asks again under the same id.
    const bool unknown = absl::IsUnavailable(response.status()) ||
                         absl::IsDeadlineExceeded(response.status()) ||
                         absl::IsUnauthenticated(response.status()) || absl::IsInternal(response.status());
    if (!unknown) kept_->EndSending(request);
    if (unknown) invocation_.Note("Your answer is kept on this machine and is sent when you practise again.");
    return response.status();
  }
  kept_->EndSending(request);
  seen_ = std::max(seen_, response->sequence());
  invocation_.Reply(*response);
  return std::move(*response->mutable_answer());
}

absl::Status Practice::AwaitGrade(Answer& answer) {
  const absl::Time end = absl::Now() + kGradeTime;
  while (answer.grade().state() == GRADE_STATE_PENDING && absl::Now() < end) {
    absl::SleepFor(kGradePause);
    GetAnswerRequest request;
    request.set_name(answer.name());
    request.set_seen_sequence(seen_);
    ASSIGN_OR_RETURN(Answer now, Call(&SessionStub::GetAnswer, request));
    if (now.grade().state() != GRADE_STATE_PENDING) invocation_.Reply(now);
    answer = std::move(now);
  }
  return absl::OkStatus();
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
    invocation_.Say(RenderClaimable(points, invocation_.page()));
    Prompt("Their numbers, or Enter for none\n> ");
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
    Prompt("\nHow well did you know it? 1 not (again), 2 hard, 3 good, 4 easy; Enter leaves it open\n> ");
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
  invocation_.Say("Skipped.\n");
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

// ---- speaking ----

absl::Status Practice::Tolerate(const absl::Status& status) {
  const bool goes_on = absl::IsFailedPrecondition(status) && ReasonOf(status) != "SESSION_FINISHED";
  if (!goes_on && !(absl::IsInvalidArgument(status) && !ReasonOf(status).empty()) && !absl::IsAborted(status))
    return status;
  for (const std::string& line : Explain(status)) invocation_.Note(line);
  return absl::OkStatus();
}

void Practice::Prompt(absl::string_view text) {
  if (terminal_.interactive() && !invocation_.json()) terminal_.Out(text);
}

}  // namespace greenroom::cli
