// What the grade book keeps of a session for its queue and its statistics: a pure function of the session's fold.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_REVIEW_INDEX_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_REVIEW_INDEX_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/gradebook_service.pb.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

// An answer with a score that counts in a question's statistics.
struct ScoredAnswer {
  std::string answer;
  std::string question;
  int32_t attempt = 0;
  int32_t score = 0;
  absl::Time received_time;
  std::map<std::string, bool> made;  // by the id of an item of its report

  friend bool operator==(const ScoredAnswer&, const ScoredAnswer&) = default;
};

// Why a person should look at an answer.
struct ReviewNeed {
  std::string answer;
  std::string question;
  v1::ReviewReason reason = v1::REVIEW_REASON_UNSPECIFIED;
  std::string point;  // CLAIMED: the item's id
  std::optional<int32_t> score;
  absl::Time received_time;

  friend bool operator==(const ReviewNeed&, const ReviewNeed&) = default;
};

struct SessionIndex {
  SessionKey session;
  std::string pack;  // full name
  std::vector<ScoredAnswer> scored;
  std::vector<ReviewNeed> needs;  // none twice with one answer, reason and point
};

// Answers after the reveal are left out: they copy what was shown. Claims are of the question's last answer before the
// reveal. An answer that a person decided needs no look; one whose grade is to come has none yet.
SessionIndex IndexOf(const SessionKey& session, const SessionFold& fold);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_REVIEW_INDEX_H_
