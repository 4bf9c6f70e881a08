#include "clients/cli/outbox.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using namespace session::v1;  // NOLINT: the API's messages are this file's vocabulary

constexpr absl::Duration kGradeTime = absl::Seconds(5);
constexpr absl::Duration kGradePause = absl::Milliseconds(250);

// It is not known whether the answer arrived; asking again under the same id tells.
bool OutcomeIsUnknown(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsUnauthenticated(status) ||
         absl::IsInternal(status);
}

// Not a refusal of the answer: this learner, or this server, has no such session.
bool SessionIsElsewhere(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsPermissionDenied(status);
}

}  // namespace

absl::StatusOr<SubmitAnswerResponse> Outbox::Send(KeptText& kept, const SubmitAnswerRequest& request) {
  absl::StatusOr<SubmitAnswerResponse> response = peer_.Call(stub_, &SessionStub::SubmitAnswer, request);
  if (!response.ok()) {
    if (OutcomeIsUnknown(response.status())) {
      invocation_.Note(
          "Your answer is kept on this machine; practising again sends it, or greenroom sessions --send.");
    } else if (!SessionIsElsewhere(response.status())) {
      kept.EndSending(request);
    }
    return response;
  }
  kept.EndSending(request);
  invocation_.Reply(*response);
  return response;
}

absl::Status Outbox::AwaitGrade(Answer& answer, int64_t seen) {
  const absl::Time end = absl::Now() + kGradeTime;
  while (answer.grade().state() == GRADE_STATE_PENDING && absl::Now() < end) {
    absl::SleepFor(kGradePause);
    GetAnswerRequest request;
    request.set_name(answer.name());
    request.set_seen_sequence(seen);
    ASSIGN_OR_RETURN(Answer now, peer_.Call(stub_, &SessionStub::GetAnswer, request));
    if (now.grade().state() != GRADE_STATE_PENDING) invocation_.Reply(now);
    answer = std::move(now);
  }
  return absl::OkStatus();
}

absl::StatusOr<Outbox::Sent> Outbox::SendAgain(absl::string_view session) {
  const Home home(invocation_);
  Sent result;
  for (const UnsentAnswer& unsent : UnsentAnswers(home)) {
    const SubmitAnswerRequest& request = unsent.request;
    KeptText kept(home, unsent.session);
    invocation_.Say(Wrap(absl::StrCat("An answer to ", Printable(request.question()),
                                      " was being sent when an earlier run ended:"),
                         invocation_.page().width));
    absl::StatusOr<SubmitAnswerResponse> response = Send(kept, request);
    if (!response.ok()) {
      if (OutcomeIsUnknown(response.status())) return response.status();
      result.left += SessionIsElsewhere(response.status()) ? 1 : 0;
      for (const std::string& line : Explain(response.status())) invocation_.Note(line);
      invocation_.Note(SessionIsElsewhere(response.status())
                           ? "It is kept: another learner's or another server's, it seems."
                           : absl::StrCat("It was refused; its text is kept in ", kept.directory(), "."));
      continue;
    }
    ++result.sent;
    if (request.session() == session) result.sequence = std::max(result.sequence, response->sequence());
    const auto draft = kept.LoadDraft(request.question());
    if (draft.has_value() && draft->text == request.text()) {
      RETURN_IF_ERROR(kept.SaveDraft(request.question(), ""));
      kept.EndSending(request);  // the last that was kept of its session
    }
    Answer answer = std::move(*response->mutable_answer());
    RETURN_IF_ERROR(AwaitGrade(answer, response->sequence()));
    invocation_.Say(RenderGrade(answer, request.text(), invocation_.page()));
    invocation_.Say("");
  }
  return result;
}

}  // namespace greenroom::cli
