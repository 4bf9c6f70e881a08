#include "services/session/field_checks.h"

#include "services/base/text.h"

namespace greenroom::session {
namespace {

constexpr int kMaxCriteria = 100;
constexpr size_t kMaxTagBytes = 100;
constexpr int kMaxCount = 500;
constexpr int64_t kMaxActiveSeconds = int64_t{24} * 3600;
// What google.protobuf.Timestamp can hold: years 1 to 9999.
constexpr int64_t kFirstSecond = -62135596800;
constexpr int64_t kLastSecond = 253402300799;

}  // namespace

void CheckCriteria(FieldErrors& errors, absl::string_view path, const v1::QuestionCriteria& criteria) {
  const auto at = [path](absl::string_view field) { return absl::StrCat(path, field); };
  CheckEach(errors, at("topics"), criteria.topics(), kMaxCriteria, IdProblem);
  CheckEach(errors, at("tags"), criteria.tags(), kMaxCriteria,
            [](const std::string& tag) { return RequiredTextProblem(tag, kMaxTagBytes); });
  if (criteria.kinds_size() > kMaxCriteria) errors.Check(at("kinds"), "too many");
  for (int i = 0; i < criteria.kinds_size() && i < kMaxCriteria; ++i) {
    const int kind = criteria.kinds(i);
    if (kind == content::v1::QUESTION_KIND_UNSPECIFIED || !content::v1::QuestionKind_IsValid(kind)) {
      errors.Check(absl::StrCat(path, "kinds[", i, "]"), "is no kind of question");
    }
  }
  const auto difficulty = [](int32_t value) {
    return value < 0 || value > 5 ? std::string("must be 1 to 5, or 0 for none") : std::string();
  };
  errors.Check(at("min_difficulty"), difficulty(criteria.min_difficulty()));
  errors.Check(at("max_difficulty"), difficulty(criteria.max_difficulty()));
  if (criteria.max_difficulty() > 0 && criteria.min_difficulty() > criteria.max_difficulty()) {
    errors.Check(at("max_difficulty"), "is below min_difficulty");
  }
  if (criteria.count() < 0 || criteria.count() > kMaxCount) {
    errors.Check(at("count"), absl::StrCat("must be 0 to ", kMaxCount));
  }
}

std::string ActiveDurationProblem(const google::protobuf::Duration& duration) {
  const bool valid = duration.seconds() >= 0 && duration.seconds() <= kMaxActiveSeconds &&
                     duration.nanos() >= 0 && duration.nanos() < 1000000000 &&
                     (duration.seconds() < kMaxActiveSeconds || duration.nanos() == 0);
  return valid ? "" : "must be 0 to 24 h";
}

std::string TimestampProblem(const google::protobuf::Timestamp& time) {
  const bool valid = time.seconds() >= kFirstSecond && time.seconds() <= kLastSecond && time.nanos() >= 0 &&
                     time.nanos() < 1000000000;
  return valid ? "" : "is no time of the years 1 to 9999";
}

std::string LimitProblem(const google::protobuf::Duration& limit, int64_t least) {
  const bool valid = ActiveDurationProblem(limit).empty() && limit.seconds() >= least;
  return valid ? "" : absl::StrCat("must be ", least, " s to 24 h");
}

}  // namespace greenroom::session
