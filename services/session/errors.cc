#include "services/session/errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "services/base/status.h"

namespace greenroom::session::error {
namespace {

absl::Status NotFound(absl::string_view reason, absl::string_view message, absl::string_view type,
                      absl::string_view name) {
  return ErrorBuilder(absl::StatusCode::kNotFound, reason, message).Resource(type, name).Build();
}

absl::Status Precondition(absl::string_view reason, absl::string_view subject, absl::string_view message) {
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, reason, message)
      .Precondition(reason, subject, message)
      .Build();
}

absl::Status Unavailable(absl::string_view what) {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "DEPENDENCY_UNAVAILABLE",
                      absl::StrCat(what, " cannot be reached; repeat the call with its id"))
      .Build();
}

absl::Status Overloaded() {
  return ErrorBuilder(absl::StatusCode::kUnavailable, "OVERLOADED", "too much is waiting; come back later")
      .RetryAfter(absl::Seconds(1))
      .Build();
}

absl::Status OfStore(const absl::Status& status, absl::string_view store) {
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return status;
    case absl::StatusCode::kUnavailable:
      return Unavailable(store);
    case absl::StatusCode::kResourceExhausted:
      return Overloaded();
    default:
      return absl::InternalError(absl::StrCat(store, ": ", status.ToString()));
  }
}

}  // namespace

absl::Status SessionNotFound(absl::string_view name) {
  return NotFound("SESSION_NOT_FOUND", "no such session", "greenroom.dev/Session", name);
}
absl::Status AnswerNotFound(absl::string_view name) {
  return NotFound("ANSWER_NOT_FOUND", "no such answer in that session", "greenroom.dev/Answer", name);
}
absl::Status PackNotFound(absl::string_view name) {
  return NotFound("PACK_NOT_FOUND", "no such pack", "greenroom.dev/Pack", name);
}
absl::Status RevisionNotFound(absl::string_view name) {
  return NotFound("REVISION_NOT_FOUND", "no such revision", "greenroom.dev/Revision", name);
}
absl::Status QuestionNotFound(absl::string_view name) {
  return NotFound("QUESTION_NOT_FOUND", "no such question in that revision", "greenroom.dev/Question", name);
}
absl::Status QuestionNotInSession(absl::string_view question) {
  return NotFound("QUESTION_NOT_IN_SESSION", "the session's plan does not hold that question",
                  "greenroom.dev/Question", question);
}

absl::Status RegradeNotFound(absl::string_view name) {
  return NotFound("REGRADE_NOT_FOUND", "no such regrade", "greenroom.dev/Regrade", name);
}

absl::Status AssignmentNotFound(absl::string_view name) {
  return NotFound("ASSIGNMENT_NOT_FOUND", "no such assignment", "greenroom.dev/Assignment", name);
}

absl::Status SessionFinished(absl::string_view session) {
  return Precondition("SESSION_FINISHED", session, "the session is finished");
}
absl::Status NothingToRate(absl::string_view question) {
  return Precondition("NOTHING_TO_RATE", question, "there is neither an answer nor a reveal to rate");
}
absl::Status AlreadyRevealed(absl::string_view question) {
  return Precondition("ALREADY_REVEALED", question, "the model answer has been revealed, so hints are over");
}
absl::Status NoHintsLeft(absl::string_view question) {
  return Precondition("NO_HINTS_LEFT", question, "no hint of the question is left to take");
}
absl::Status AttemptsExhausted(absl::string_view question) {
  return Precondition("ATTEMPTS_EXHAUSTED", question, "the mode allows no further attempt at this question");
}
absl::Status ModeForbids(absl::string_view subject) {
  return Precondition("MODE_FORBIDS", subject, "the session's mode does not allow this now");
}
absl::Status NoQuestionLeft(absl::string_view session) {
  return Precondition("NO_QUESTION_LEFT", session, "no question of the session is open any more; finish it");
}
absl::Status SessionPaused(absl::string_view session) {
  return Precondition("SESSION_PAUSED", session, "the session is paused; resume it first");
}
absl::Status TimeIsUp(absl::string_view subject) {
  return Precondition("TIME_IS_UP", subject, "the time for this is up, by the server's clock");
}
absl::Status NothingDue(absl::string_view pack) {
  return Precondition("NOTHING_DUE", pack, "no question of the pack is due");
}
absl::Status LearnerRequired() {
  return Precondition("LEARNER_REQUIRED", "credential",
                      "the credential names no learner, and this is about one");
}

absl::Status RegradeState(absl::string_view regrade, absl::string_view state) {
  constexpr absl::string_view kMessage = "the regrade is not in a state that allows this";
  return ErrorBuilder(absl::StatusCode::kFailedPrecondition, "REGRADE_STATE", kMessage)
      .Precondition("REGRADE_STATE", regrade, kMessage)
      .Metadata("state", state)
      .Build();
}

absl::Status LearnerErased() {
  return Precondition("LEARNER_ERASED", "learner", "the learner was erased; only an operator can lift that");
}

absl::Status ExamOpen(absl::string_view pack) {
  return Precondition("EXAM_OPEN", pack, "the learner has an open exam on this pack");
}
absl::Status AssignmentClosed(absl::string_view assignment, absl::Time open_time, absl::Time close_time) {
  constexpr absl::string_view kMessage = "the assignment has not opened yet, or has closed";
  ErrorBuilder error(absl::StatusCode::kFailedPrecondition, "ASSIGNMENT_CLOSED", kMessage);
  error.Precondition("ASSIGNMENT_CLOSED", assignment, kMessage);
  const auto text = [](absl::Time time) {
    return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
  };
  if (open_time != absl::InfinitePast()) error.Metadata("open_time", text(open_time));
  if (close_time != absl::InfiniteFuture()) error.Metadata("close_time", text(close_time));
  return error.Build();
}
absl::Status SessionsExhausted(absl::string_view assignment) {
  return Precondition("ATTEMPTS_EXHAUSTED", assignment, "no session more can be made of the assignment");
}

absl::Status PageTokenInvalid() {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID", "not a page token").Build();
}

absl::Status EtagMismatch(absl::string_view name, absl::string_view etag) {
  return ErrorBuilder(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                      "it has changed since; read it and try again")
      .Metadata("etag", etag)
      .Resource("greenroom.dev/Assignment", name)
      .Build();
}

absl::Status IdReused(absl::string_view id) {
  return ErrorBuilder(absl::StatusCode::kAlreadyExists, "ID_REUSED",
                      "the id was used before for something else; choose a new one")
      .Metadata("id", id)
      .Build();
}

absl::Status DeviceNumberReused(int64_t device_seq) {
  return ErrorBuilder(absl::StatusCode::kAlreadyExists, "ID_REUSED",
                      "the device's number is that of another item; number it anew")
      .Metadata("device_seq", std::to_string(device_seq))
      .Build();
}

absl::Status OccurredInFuture(absl::string_view id) {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "OCCURRED_IN_FUTURE",
                      "it happened more than 5 minutes ahead of the server's clock and of the log; "
                      "send it again later")
      .Metadata("id", id)
      .Build();
}

absl::Status SyncTokenInvalid() {
  return ErrorBuilder(absl::StatusCode::kInvalidArgument, "SYNC_TOKEN_INVALID",
                      "token: not one that SyncLearner gave for this learner; start over with the empty one")
      .Field("token", "must be from a reply for the same learner")
      .Build();
}

absl::Status SessionMoved(int64_t sequence) {
  return ErrorBuilder(absl::StatusCode::kAborted, "SESSION_MOVED",
                      "the session has moved on since; read it, decide, and call again")
      .Metadata("sequence", std::to_string(sequence))
      .Build();
}

absl::Status DraftTooSoon(absl::Duration left) {
  return ErrorBuilder(absl::StatusCode::kResourceExhausted, "DRAFT_TOO_SOON",
                      "drafts are kept at most every 3 s")
      .RetryAfter(left)
      .Build();
}

absl::Status Refused(Refusal refusal, absl::string_view session, absl::string_view question) {
  const std::string subject = absl::StrCat(session, "/questions/", question);
  switch (refusal) {
    case Refusal::kNone:
      break;
    case Refusal::kSessionFinished:
      return SessionFinished(session);
    case Refusal::kSessionPaused:
      return SessionPaused(session);
    case Refusal::kTimeIsUp:
      return TimeIsUp(question.empty() ? session : subject);
    case Refusal::kQuestionNotInSession:
      return QuestionNotInSession(question);
    case Refusal::kModeForbids:
      return ModeForbids(subject);
    case Refusal::kAttemptsExhausted:
      return AttemptsExhausted(subject);
    case Refusal::kAlreadyRevealed:
      return AlreadyRevealed(subject);
    case Refusal::kNoHintsLeft:
      return NoHintsLeft(subject);
    case Refusal::kNothingToRate:
      return NothingToRate(subject);
  }
  return absl::OkStatus();
}

absl::Status OfLog(const absl::Status& status) { return OfStore(status, "the log"); }

absl::Status OfLiveStore(const absl::Status& status) { return OfStore(status, "the store of live sessions"); }

absl::Status OfPeer(const absl::Status& status, absl::string_view peer) {
  const std::string reason = ReasonOf(status);
  if (status.code() == absl::StatusCode::kNotFound &&
      (reason == "PACK_NOT_FOUND" || reason == "REVISION_NOT_FOUND" || reason == "QUESTION_NOT_FOUND")) {
    return status;
  }
  if (status.code() == absl::StatusCode::kCancelled) return status;
  return Unavailable(peer);
}

}  // namespace greenroom::session::error
