// practice, mock and sessions: what a learner does.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/outbox.h"
#include "clients/cli/peer.h"
#include "clients/cli/practice.h"
#include "clients/cli/session_text.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

// What the server takes (session_service.proto).
constexpr int kMostQuestions = 500;

void AddCount(Arguments& arguments, double* count) {
  arguments.Number("count", "N", count,
                   "a new session asks N questions: what is due, then what tells most of you [all]");
}

// 0 where it was not given.
absl::StatusOr<int> CountOf(double count) {
  const bool whole = count >= 0 && count <= kMostQuestions && count == std::floor(count);
  if (!whole) return absl::InvalidArgumentError(absl::StrCat("--count is 1 to ", kMostQuestions));
  return static_cast<int>(count);
}

}  // namespace

absl::StatusOr<int> RunPractice(Invocation& invocation, const std::vector<std::string>& words) {
  PracticeOptions options;
  invocation.arguments().Word("PACK", &options.pack);
  invocation.arguments().Text("question", "Q", &options.question, "begin with this question");
  invocation.arguments().Switch("new", &options.fresh, "begin a new session even where one is open");
  double count = 0;
  AddCount(invocation.arguments(), &count);
  bool vary = false, no_vary = false, no_follow_ups = false, no_confidence = false;
  invocation.arguments().Switch("vary", &vary,
                                "ask a new session's questions in other words where the pack has some");
  invocation.arguments().Switch("no-vary", &no_vary,
                                "ask them as they stand [from the second session on they vary]");
  invocation.arguments().Switch("no-follow-ups", &no_follow_ups, "a new session gets no follow-ups");
  invocation.arguments().Switch("no-confidence", &no_confidence, "do not ask how sure you are");
  RETURN_IF_ERROR(invocation.Parse(words));
  if (vary && no_vary) return absl::InvalidArgumentError("--vary and --no-vary exclude each other");
  ASSIGN_OR_RETURN(options.count, CountOf(count));
  if (options.count > 0 && !options.question.empty()) {
    return absl::InvalidArgumentError("--count and --question exclude each other");
  }
  if (vary || no_vary) options.vary = vary;
  options.follow_ups = !no_follow_ups;
  options.confidence = !no_confidence;
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
  return Practice(invocation, peer, std::move(options)).Run();
}

absl::StatusOr<int> RunMock(Invocation& invocation, const std::vector<std::string>& words) {
  PracticeOptions options;
  options.mock = true;
  double minutes = 0, question_minutes = 0, count = 0;
  bool no_follow_ups = false, no_confidence = false, vary = false;
  invocation.arguments().Word("PACK", &options.pack);
  invocation.arguments().Number("minutes", "N", &minutes,
                                "the time of a new one [what its questions are said to take]");
  invocation.arguments().Number("question-minutes", "N", &question_minutes,
                                "the time of each question [twice what it is said to take]");
  AddCount(invocation.arguments(), &count);
  invocation.arguments().Text("assignment", "ID", &options.assignment, "the assignment that it is made of");
  invocation.arguments().Switch("exam", &options.exam, "that assignment is an exam");
  invocation.arguments().Switch("new", &options.fresh, "begin a new one even where one is open");
  invocation.arguments().Switch("vary", &vary, "ask in other words where the pack has some");
  invocation.arguments().Switch("no-follow-ups", &no_follow_ups, "a new one gets no follow-ups");
  invocation.arguments().Switch("no-confidence", &no_confidence, "do not ask how sure you are");
  RETURN_IF_ERROR(invocation.Parse(words));
  if (options.exam && options.assignment.empty()) {
    return absl::InvalidArgumentError("--exam needs --assignment");
  }
  ASSIGN_OR_RETURN(options.count, CountOf(count));
  if (options.count > 0 && !options.assignment.empty()) {
    return absl::InvalidArgumentError("what is asked is the assignment's to say, not --count's");
  }
  if (minutes < 0 || question_minutes < 0) return absl::InvalidArgumentError("minutes are not negative");
  options.time_limit = absl::Minutes(minutes);
  options.question_time_limit = absl::Minutes(question_minutes);
  options.vary = vary;
  options.follow_ups = !no_follow_ups;
  options.confidence = !no_confidence;
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
  return Practice(invocation, peer, std::move(options)).Run();
}

absl::StatusOr<int> RunSessions(Invocation& invocation, const std::vector<std::string>& words) {
  std::string pack;
  bool open = false;
  bool send = false;
  invocation.arguments().Text("pack", "PACK", &pack, "only those of this pack");
  invocation.arguments().Switch("open", &open, "only those that are not finished");
  invocation.arguments().Switch("send", &send, "send what earlier runs could not, and list nothing");
  RETURN_IF_ERROR(invocation.Parse(words));
  ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation, Peer::Service::kSession, Role::kLearner));
  const auto stub = session::v1::SessionService::NewStub(peer.channel());
  if (send) {
    ASSIGN_OR_RETURN(const Outbox::Sent sent, Outbox(invocation, peer, *stub).SendAgain(""));
    if (sent.sent == 0 && sent.left == 0) invocation.Say("There is nothing to send.");
    return sent.left == 0 ? kExitOk : kExitFailed;
  }
  int count = 0;
  RETURN_IF_ERROR(ForEachPage([&](const std::string& token) -> absl::StatusOr<std::string> {
    session::v1::ListSessionsRequest request;
    request.set_parent("tenants/-/learners/me");
    request.set_page_token(token);
    if (!pack.empty()) request.set_pack(absl::StrCat("tenants/-/packs/", pack));
    if (open) request.set_state(session::v1::SESSION_STATE_ACTIVE);
    ASSIGN_OR_RETURN(const session::v1::ListSessionsResponse response,
                     peer.Call<SessionStub>(*stub, &SessionStub::ListSessions, request));
    for (const session::v1::Session& session : response.sessions()) {
      ++count;
      invocation.Reply(session);
      invocation.Say(RenderSession(session, invocation.page()));
    }
    return response.next_page_token();
  }));
  if (count == 0) invocation.Say("No sessions yet. `greenroom practice PACK` begins one.");
  return kExitOk;
}

}  // namespace greenroom::cli
