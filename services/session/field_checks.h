// Checks of fields that several kinds of requests have.
#ifndef GREENROOM_SERVICES_SESSION_FIELD_CHECKS_H_
#define GREENROOM_SERVICES_SESSION_FIELD_CHECKS_H_

#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "greenroom/session/v1/session_service.pb.h"
#include "services/base/status.h"

namespace greenroom::session {

inline constexpr int kMaxPlannedQuestions = 100;
inline constexpr int64_t kLeastSessionSeconds = 60;
inline constexpr int64_t kLeastQuestionSeconds = 10;

// Each gives what is wrong with the field, empty where nothing is.
std::string TimestampProblem(const google::protobuf::Timestamp& time);
// 0 to 24 h.
std::string ActiveDurationProblem(const google::protobuf::Duration& duration);
// `least` seconds to 24 h.
std::string LimitProblem(const google::protobuf::Duration& limit, int64_t least);

// The criteria's fields lie at `path`, such as "criteria.".
void CheckCriteria(FieldErrors& errors, absl::string_view path, const v1::QuestionCriteria& criteria);

// At most `most` strings, each once and without a problem.
template <typename Strings, typename Problem>
void CheckEach(FieldErrors& errors, absl::string_view path, const Strings& strings, int most,
               Problem problem) {
  if (strings.size() > most) errors.Check(path, absl::StrCat("at most ", most, " are allowed"));
  std::set<std::string> seen;
  for (int i = 0; i < strings.size() && i < most; ++i) {
    const std::string place = absl::StrCat(path, "[", i, "]");
    errors.Check(place, problem(strings[i]));
    if (!seen.insert(strings[i]).second) errors.Check(place, "is there twice");
  }
}

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_FIELD_CHECKS_H_
