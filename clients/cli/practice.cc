#include "clients/cli/practice.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "clients/cli/answer_lines.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"
#include "services/base/status.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary

constexpr absl::string_view kAnswerCommands[] = {"edit", "hint", "reveal", "skip", "clear", "quit", "help"};
constexpr absl::string_view kMockCommands[] = {"edit", "skip", "clear", "pause", "quit", "help"};

constexpr char kAnswerHelp[] =
    "Write your answer; empty lines and pasted text belong to it. A line with a single \".\" or Ctrl-D sends "
    "it.\n"
    ":edit opens your editor, :hint gives a hint, :reveal shows the model answer, :skip leaves the question, "
    ":clear begins "
    "again, :quit leaves the session (it is kept).";
constexpr char kMockHelp[] =
    "Write your answer; empty lines and pasted text belong to it. A line with a single \".\" or Ctrl-D sends "
    "it. You have one attempt, and when the time is up what you have typed so far is taken for it.\n"
    ":edit opens your editor, :skip leaves the question, :clear begins again, :pause stops the clock and "
    "leaves, :quit leaves while it runs on.";
constexpr char kMockMenuHelp[] =
    "Enter goes to the next question. :finish ends the session with its report, :pause stops the clock and "
    "leaves, :quit leaves while it runs on.";
constexpr char kMenuHelp[] =
    "Enter goes to the next question. :again answers this one again, :reveal shows the model answer, :finish "
    "ends the "
    "session with its report, :quit leaves it open.";

absl::Time TimeOf(bool present, const google::protobuf::Timestamp& time) {
  return present ? absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos())
                 : absl::InfiniteFuture();
}

}  // namespace

Practice::Practice(const Invocation& invocation, Peer& peer, PracticeOptions options)
    : invocation_(invocation),
      terminal_(invocation.world().terminal),
      peer_(peer),
      options_(std::move(options)),
      stub_(SessionService::NewStub(peer.channel())),
      outbox_(invocation, peer, *stub_) {}

absl::StatusOr<int> Practice::Run() {
  RETURN_IF_ERROR(OpenSession());
  ASSIGN_OR_RETURN(const Outbox::Sent sent, outbox_.SendAgain(session_));
  seen_ = std::max(seen_, sent.sequence);
  std::string wanted = options_.question;
  while (true) {
    NextQuestionRequest request;
    request.set_session(session_);
    request.set_question(wanted);
    request.set_seen_sequence(seen_);
    absl::StatusOr<PresentedQuestion> question = Call(&SessionStub::NextQuestion, request);
    const bool none_left = ReasonOf(question.status()) == "NO_QUESTION_LEFT";
    if (options_.mock && ReasonOf(question.status()) == "SESSION_FINISHED") return TellEnd();
    if (!question.ok() && !none_left) return question.status();
    ASSIGN_OR_RETURN(const Then then, none_left ? NothingLeft() : AskQuestion(*question));
    switch (then) {
      case Then::kNext:
        wanted.clear();
        invocation_.Say("");
        break;
      case Then::kAgain:
        wanted = question->question();
        invocation_.Say("");
        break;
      case Then::kFinish:
        RETURN_IF_ERROR(Finish());
        return kExitOk;
      case Then::kQuit:
      case Then::kInterrupted:
        invocation_.Say(
            Wrap(absl::StrCat("The session is kept; `greenroom ", CommandLine(), "` goes on with it.",
                              options_.mock && !paused_ ? " Its time runs." : ""),
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
  if (!options_.mock) request.set_state(SESSION_STATE_ACTIVE);  // a mock may be paused
  ASSIGN_OR_RETURN(const ListSessionsResponse response, Call(&SessionStub::ListSessions, request));
  for (const Session& session : response.sessions()) {
    // Without a wish there must be something left to ask; a mock can be finished, too.
    const bool fits =
        session.mode() == Mode() && session.state() != SESSION_STATE_FINISHED &&
        IdIn(session.assignment(), "assignments") == options_.assignment &&
        (options_.mock ||
         std::any_of(session.questions().begin(), session.questions().end(), [&](const SessionQuestion& one) {
           return options_.question.empty() ? one.state() == QUESTION_STATE_OPEN
                                            : one.question() == options_.question;
         }));
    if (!fits) continue;
    session_ = session.name();
    seen_ = session.sequence();
    session_deadline_ = TimeOf(session.has_deadline(), session.deadline());
    if (session.state() == SESSION_STATE_PAUSED) RETURN_IF_ERROR(Unpause());
    invocation_.Reply(session);
    invocation_.Say("Going on with your session:");
    invocation_.Say(RenderSession(session, invocation_.page()));
    invocation_.Say("");
    return true;
  }
  return false;
}

SessionMode Practice::Mode() const {
  if (options_.review) return SESSION_MODE_REVIEW;
  if (!options_.mock) return SESSION_MODE_PRACTICE;
  return options_.exam ? SESSION_MODE_EXAM : SESSION_MODE_MOCK;
}

absl::Status Practice::CreateSession() {
  CreateSessionRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_session_id(invocation_.world().rng.Uuid());
  request.set_source(absl::StrCat("tenants/-/packs/", options_.pack));
  request.set_mode(Mode());
  if (!options_.assignment.empty()) {
    request.set_assignment(absl::StrCat("tenants/-/assignments/", options_.assignment));
  }
  const auto limit = [](absl::Duration length, google::protobuf::Duration* (CreateSessionRequest::*field)(),
                        CreateSessionRequest& to) {
    if (length != absl::ZeroDuration()) (to.*field)()->set_seconds(absl::ToInt64Seconds(length));
  };
  limit(options_.time_limit, &CreateSessionRequest::mutable_time_limit, request);
  limit(options_.question_time_limit, &CreateSessionRequest::mutable_question_time_limit, request);
  if (!options_.question.empty()) request.add_questions(options_.question);
  if (options_.count > 0) request.mutable_criteria()->set_count(options_.count);
  ASSIGN_OR_RETURN(const bool vary, Varies());
  request.set_vary_prompts(vary);
  request.set_no_follow_ups(!options_.follow_ups);
  request.set_device(kDevice);
  ASSIGN_OR_RETURN(const CreateSessionResponse response, Call(&SessionStub::CreateSession, request));
  session_ = response.session().name();
  seen_ = response.sequence();
  session_deadline_ = TimeOf(response.session().has_deadline(), response.session().deadline());
  invocation_.Reply(response);
  return absl::OkStatus();
}

absl::StatusOr<bool> Practice::Varies() {
  if (options_.vary.has_value()) return *options_.vary;
  if (!options_.question.empty()) return false;  // who asks for it by name gets it as it is known
  ListSessionsRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_pack(absl::StrCat("tenants/-/packs/", options_.pack));
  request.set_page_size(1);
  ASSIGN_OR_RETURN(const ListSessionsResponse response, Call(&SessionStub::ListSessions, request));
  return !response.sessions().empty() || !response.next_page_token().empty();
}

// ---- a question ----

absl::StatusOr<Practice::Then> Practice::AskQuestion(const PresentedQuestion& question) {
  answer_.reset();
  shown_time_ = invocation_.world().clock.Now();
  shown_at_ = invocation_.world().clock.Monotonic();
  question_deadline_ = TimeOf(question.has_deadline(), question.deadline());
  draft_.emplace(invocation_, peer_, *stub_, *kept_, session_, question.question());
  invocation_.Reply(question);
  invocation_.Say(RenderQuestion(question, invocation_.page()));
  if (options_.mock && terminal_.interactive()) {
    invocation_.Say("");
    invocation_.Say(
        Wrap(absl::StrCat(
                 "Your answer, ended by a line with a single \".\" (:edit, :skip, :pause, :quit, :help). ",
                 "The time that is left stands before each line."),
             invocation_.page().width));
  } else if (terminal_.interactive()) {
    invocation_.Say("");
    invocation_.Say(Wrap(absl::StrCat("Your answer, ended by a line with a single \".\" (:edit, :hint [",
                                      question.hints_left(), " left], :reveal, :skip, :quit, :help)"),
                         invocation_.page().width));
  }
  AnswerLines lines(draft_->Load(question.draft()));
  if (!lines.text().empty()) {
    invocation_.Say("What you had typed (:clear begins again):");
    invocation_.Say(Printable(lines.text()));
  }

  const absl::Span<const absl::string_view> commands =
      options_.mock ? absl::MakeConstSpan(kMockCommands) : absl::MakeConstSpan(kAnswerCommands);
  for (bool at_end = false;;) {
    CountDown();
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) {
      if (!input.text.empty()) lines.Append(input.text);
      draft_->Leave(lines.text());
      invocation_.Say("");
      return Then::kInterrupted;
    }
    TypedLine typed = ReadTypedLine(input.text, commands);
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
    if (input.end == InputEnd::kEof && terminal_.interactive())
      invocation_.Say("");  // Ctrl-D moves no cursor
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
    ended_at_ = invocation_.world().clock.Monotonic();
    Confidence confidence = CONFIDENCE_UNSPECIFIED;
    if (const std::optional<Then> left = AskConfidence(confidence); left.has_value()) {
      draft_->Leave(lines.text());
      return *left;
    }
    ASSIGN_OR_RETURN(const bool sent, Submit(question, lines.text(), confidence));
    if (sent) return Menu(question);
    if (std::exchange(time_was_up_, false)) return Then::kNext;
  }
}

std::optional<Practice::Then> Practice::AskConfidence(Confidence& confidence) {
  if (!options_.confidence || !terminal_.interactive() || invocation_.json()) return std::nullopt;
  while (true) {
    Prompt("How sure are you? 1 unsure, 2 fairly sure, 3 sure (Enter: not said)");
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) return Then::kInterrupted;
    const absl::string_view word = absl::StripAsciiWhitespace(input.text);
    if (word == ":quit") return Then::kQuit;
    if (word.empty()) return std::nullopt;
    int number = 0;
    if (!absl::SimpleAtoi(word, &number) || number < CONFIDENCE_UNSURE || number > CONFIDENCE_SURE) continue;
    confidence = static_cast<Confidence>(number);
    return std::nullopt;
  }
}

absl::StatusOr<std::optional<Practice::Then>> Practice::Command(const std::string& command,
                                                                const PresentedQuestion& question,
                                                                const std::string& text) {
  if (command == "help") {
    invocation_.Say(Wrap(options_.mock ? kMockHelp : kAnswerHelp, invocation_.page().width));
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
    if (std::exchange(time_was_up_, false)) return Then::kNext;
  } else if (command == "pause") {
    draft_->Leave(text);
    const absl::Status paused = Pause();
    if (paused.ok()) return Then::kQuit;
    RETURN_IF_ERROR(Tolerate(paused));
  } else if (command == "quit") {
    draft_->Leave(text);
    return Then::kQuit;
  }
  return std::nullopt;
}

absl::StatusOr<Practice::Then> Practice::Menu(const PresentedQuestion& question) {
  question_deadline_ = absl::InfiniteFuture();
  while (true) {
    Prompt(options_.mock
               ? absl::StrCat("[", TimeLeft(), "] Enter: next question. Or :finish :pause :quit :help")
               : "Enter: next question. Or :again :reveal :finish :quit :help");
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) return Then::kInterrupted;
    const absl::string_view word = absl::StripAsciiWhitespace(input.text);
    if (input.end == InputEnd::kEof && word.empty()) return Then::kQuit;
    if (word.empty() || word == ":next") return Then::kNext;
    if (word == ":again" && !options_.mock) return Then::kAgain;
    if (word == ":finish") return Then::kFinish;
    if (word == ":quit") return Then::kQuit;
    if (word == ":pause" && options_.mock) {
      const absl::Status paused = Pause();
      if (paused.ok()) return Then::kQuit;
      RETURN_IF_ERROR(Tolerate(paused));
      continue;
    }
    if (word == ":reveal" && !options_.mock) {
      absl::StatusOr<std::optional<Then>> then = Reveal(question.question());
      if (!then.ok()) RETURN_IF_ERROR(Tolerate(then.status()));
      if (then.ok() && then->has_value()) return **then;
      continue;
    }
    invocation_.Say(Wrap(options_.mock ? kMockMenuHelp : kMenuHelp, invocation_.page().width));
  }
}

absl::StatusOr<Practice::Then> Practice::NothingLeft() {
  invocation_.Say(Wrap("No question of this session is open any more.", invocation_.page().width));
  while (true) {
    Prompt("Enter: finish and see the report. :quit leaves it open.");
    const InputLine input = terminal_.ReadLine();
    if (input.end == InputEnd::kInterrupted) return Then::kInterrupted;
    const absl::string_view word = absl::StripAsciiWhitespace(input.text);
    if (word == ":quit" || (word.empty() && input.end == InputEnd::kEof)) return Then::kQuit;
    if (word.empty() || word == ":finish") return Then::kFinish;
  }
}

std::string Practice::CommandLine() const {
  if (!options_.mock) return absl::StrCat("practice ", options_.pack);
  const std::string of =
      options_.assignment.empty() ? "" : absl::StrCat(" --assignment ", options_.assignment);
  return absl::StrCat("mock ", options_.pack, of, options_.exam ? " --exam" : "");
}

absl::StatusOr<int> Practice::TellEnd() {
  GetSessionReportRequest request;
  request.set_name(session_);
  request.set_seen_sequence(seen_);
  ASSIGN_OR_RETURN(const SessionReport report, Call(&SessionStub::GetSessionReport, request));
  invocation_.Reply(report);
  invocation_.Say("The session is over.");
  invocation_.Say("");
  invocation_.Say(RenderSessionReport(report, invocation_.page()));
  return kExitOk;
}

std::string Practice::TimeLeft() const {
  const absl::Time deadline = std::min(question_deadline_, session_deadline_);
  if (deadline == absl::InfiniteFuture()) return "";
  const absl::Duration left = std::max(deadline - invocation_.world().clock.Now(), absl::ZeroDuration());
  const int64_t seconds = absl::ToInt64Seconds(left);
  return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
}

void Practice::CountDown() {
  if (!options_.mock || !terminal_.interactive() || invocation_.json() || terminal_.InputWaits()) return;
  const std::string left = TimeLeft();
  if (!left.empty()) terminal_.Out(absl::StrCat("[", left, "] "));
}

// ---- speaking ----

absl::Status Practice::Tolerate(const absl::Status& status) {
  const bool goes_on = absl::IsFailedPrecondition(status) && ReasonOf(status) != "SESSION_FINISHED";
  time_was_up_ = ReasonOf(status) == "TIME_IS_UP";
  if (!goes_on && !(absl::IsInvalidArgument(status) && !ReasonOf(status).empty()) && !absl::IsAborted(status))
    return status;
  for (const std::string& line : Explain(status)) invocation_.Note(line);
  return absl::OkStatus();
}

void Practice::Prompt(absl::string_view text) {
  if (!terminal_.interactive() || invocation_.json()) return;
  invocation_.Say("");
  invocation_.Say(Wrap(text, invocation_.page().width));
  terminal_.Out("> ");
}

}  // namespace greenroom::cli
