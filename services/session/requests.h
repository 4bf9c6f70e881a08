// What requests must be, and whom they are about.
#ifndef GREENROOM_SERVICES_SESSION_REQUESTS_H_
#define GREENROOM_SERVICES_SESSION_REQUESTS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "greenroom/session/v1/session_service.pb.h"
#include "services/base/caller.h"
#include "services/session/domain/keys.h"
#include "services/session/domain/views.h"

namespace greenroom::session {

inline constexpr size_t kMaxAnswerBytes = size_t{32} * 1024;
inline constexpr size_t kMaxDeviceBytes = 64;
inline constexpr int kMaxOutboxItems = 100;
inline constexpr size_t kMaxSyncBytes = size_t{256} * 1024;

// OK, or INVALID_ARGUMENT with a violation for each field that is wrong. Names are looked at by Resolve.
absl::Status Validate(const v1::CreateSessionRequest& request, const Caller& caller);
absl::Status Validate(const v1::GetSessionRequest& request);
absl::Status Validate(const v1::ListSessionsRequest& request);
absl::Status Validate(const v1::NextQuestionRequest& request);
absl::Status Validate(const v1::SaveDraftRequest& request);
absl::Status Validate(const v1::SubmitAnswerRequest& request);
absl::Status Validate(const v1::GetAnswerRequest& request);
absl::Status Validate(const v1::ListAnswersRequest& request);
absl::Status Validate(const v1::TakeHintRequest& request);
absl::Status Validate(const v1::RevealAnswerRequest& request);
absl::Status Validate(const v1::RateAnswerRequest& request);
absl::Status Validate(const v1::SkipQuestionRequest& request);
absl::Status Validate(const v1::FinishSessionRequest& request);
absl::Status Validate(const v1::SyncLearnerRequest& request);
absl::Status Validate(const v1::PauseSessionRequest& request);
absl::Status Validate(const v1::ResumeSessionRequest& request);
absl::Status Validate(const v1::GetSessionReportRequest& request);
absl::Status Validate(const v1::WatchSessionRequest& request);

// True where there is nothing but white space (Unicode's White_Space, and what has no width).
bool IsBlank(absl::string_view text);

// Who may be meant besides the caller's own learner.
enum class Access { kOwn, kStaffToo, kOperatorToo };

struct Target {
  SessionKey session;  // `session.session` is empty where a learner is named
  std::string answer;  // empty where no answer is named
  std::string name;    // in full
  Reader reader = Reader::kLearner;
};

// Whom `name`, the request's `field`, means. INVALID_REQUEST where it has not the form; LEARNER_REQUIRED where the
// caller stands for no learner; SESSION_NOT_FOUND where it is another tenant's or, but for staff who may, another
// learner's: told exactly as if there were none.
absl::StatusOr<Target> ResolveLearner(absl::string_view name, absl::string_view field, const Caller& caller,
                                      Access access);
absl::StatusOr<Target> ResolveSession(absl::string_view name, absl::string_view field, const Caller& caller,
                                      Access access);
absl::StatusOr<Target> ResolveAnswer(absl::string_view name, absl::string_view field, const Caller& caller,
                                     Access access);

// The item with ids in lower case and, where it begins a session, its revision's name in full. INVALID_REQUEST where that is
// no revision's; `field` is the item's.
absl::StatusOr<v1::OutboxItem> ResolveItem(v1::OutboxItem item, absl::string_view field,
                                           const Caller& caller);

// The pack or revision that a session is made from.
struct Source {
  std::string name;      // in full, as it was named: of the pack or of the revision
  std::string pack;      // the pack's full name
  std::string revision;  // full name; empty where a pack was named
};
// PACK_NOT_FOUND where it is another tenant's.
absl::StatusOr<Source> ResolveSource(absl::string_view name, absl::string_view field, const Caller& caller);

// The tenant's id. INVALID_REQUEST; another tenant's is PACK_NOT_FOUND, as everything in it.
absl::StatusOr<std::string> ResolveTenant(absl::string_view name, absl::string_view field,
                                          const Caller& caller);
// The pack's full name; empty where `name` is, for filters. INVALID_REQUEST, PACK_NOT_FOUND.
absl::StatusOr<std::string> ResolvePack(absl::string_view name, absl::string_view field,
                                        const Caller& caller);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_REQUESTS_H_
