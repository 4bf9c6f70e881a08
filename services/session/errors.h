// The errors of the session service, one named function each: code, reason, wording and details are decided here.
#ifndef GREENROOM_SERVICES_SESSION_ERRORS_H_
#define GREENROOM_SERVICES_SESSION_ERRORS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/session/domain/state_table.h"

namespace greenroom::session::error {

// NOT_FOUND. Also for what is another learner's or tenant's: the two are told alike.
absl::Status SessionNotFound(absl::string_view name);
absl::Status AnswerNotFound(absl::string_view name);
absl::Status PackNotFound(absl::string_view name);
absl::Status RevisionNotFound(absl::string_view name);
absl::Status QuestionNotFound(absl::string_view name);
absl::Status QuestionNotInSession(absl::string_view question);
absl::Status RegradeNotFound(absl::string_view name);
absl::Status AssignmentNotFound(absl::string_view name);

// FAILED_PRECONDITION.
absl::Status SessionFinished(absl::string_view session);
absl::Status NothingToRate(absl::string_view question);
absl::Status AlreadyRevealed(absl::string_view question);
absl::Status NoHintsLeft(absl::string_view question);
absl::Status AttemptsExhausted(absl::string_view question);
absl::Status ModeForbids(absl::string_view subject);
absl::Status NoQuestionLeft(absl::string_view session);
absl::Status SessionPaused(absl::string_view session);
absl::Status TimeIsUp(absl::string_view subject);
absl::Status NothingDue(absl::string_view pack);
absl::Status LearnerRequired();
// `state`: the word of RegradeState without its prefix.
absl::Status RegradeState(absl::string_view regrade, absl::string_view state);
absl::Status LearnerErased();
absl::Status ExamOpen(absl::string_view pack);
// With metadata open_time and close_time, RFC 3339, where there are such; InfinitePast and InfiniteFuture are none.
absl::Status AssignmentClosed(absl::string_view assignment, absl::Time open_time, absl::Time close_time);
// No session more can be made of the assignment.
absl::Status SessionsExhausted(absl::string_view assignment);

// ALREADY_EXISTS.
absl::Status IdReused(absl::string_view id);

// Of an item of an outbox. ALREADY_EXISTS, ID_REUSED: the device's number is another item's. INVALID_ARGUMENT,
// OCCURRED_IN_FUTURE.
absl::Status DeviceNumberReused(int64_t device_seq);
absl::Status OccurredInFuture(absl::string_view id);

// INVALID_ARGUMENT.
absl::Status SyncTokenInvalid();
absl::Status PageTokenInvalid();

// ABORTED; `etag` is the current one.
absl::Status EtagMismatch(absl::string_view name, absl::string_view etag);

// ABORTED; `sequence` is the session's current one.
absl::Status SessionMoved(int64_t sequence);

// RESOURCE_EXHAUSTED, with RetryInfo.
absl::Status DraftTooSoon(absl::Duration left);

// A refusal of the state table, about `question` of `session` (full name).
absl::Status Refused(Refusal refusal, absl::string_view session, absl::string_view question);

// What a client is told where the log answered `status`: UNAVAILABLE and DEADLINE_EXCEEDED as they are, a full queue as
// OVERLOADED, all else as internal.
absl::Status OfLog(const absl::Status& status);

// The same for the live store, where something needs it (drafts).
absl::Status OfLiveStore(const absl::Status& status);

// The same for a peer service: NOT_FOUND with a reason of the catalogue passes, all else is DEPENDENCY_UNAVAILABLE.
absl::Status OfPeer(const absl::Status& status, absl::string_view peer);

}  // namespace greenroom::session::error

#endif  // GREENROOM_SERVICES_SESSION_ERRORS_H_
