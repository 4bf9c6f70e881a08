#include "services/session/progress_requests.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "services/base/resource_name.h"
#include "services/base/status.h"
#include "services/base/task.h"
#include "services/base/text.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/fsrs/fsrs.h"

namespace greenroom::session {
namespace {

constexpr size_t kMaxZoneBytes = 64;
constexpr size_t kMaxLanguageBytes = 35;  // RFC 5646, section 4.4.1
constexpr size_t kMaxNameBytes = 256;
constexpr int kMaxReviews = 100000;
constexpr double kLeastEase = 1.3, kMostEase = 10;
constexpr double kLeastDays = 0.001, kMostDays = 36500;
constexpr double kLeastRetention = 0.70, kMostRetention = 0.97;

// Comparisons with a number that is none are false.
bool Within(double value, double least, double most) { return value >= least && value <= most; }

std::string RetentionProblem(double retention) {
  const bool valid = retention == 0 || Within(retention, kLeastRetention, kMostRetention);
  return valid ? "" : "must be 0.70 to 0.97, or 0 for 0.90";
}

std::string ZoneProblem(const std::string& zone) {
  if (zone.empty()) return "";
  absl::TimeZone found;
  // Names go to the file system: nothing that leaves its folder.
  const bool plain =
      zone.size() <= kMaxZoneBytes && zone[0] != '/' && std::all_of(zone.begin(), zone.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '_' || c == '-' ||
               c == '+';
      });
  return plain && absl::LoadTimeZone(zone, &found) ? "" : "is no time zone of the IANA database";
}

std::string DateProblem(const std::string& date) {
  absl::CivilDay day;
  // Parsing takes forms that are not YYYY-MM-DD too, and so its own form must give the text back.
  const bool valid =
      date.empty() || (date.size() == 10 && absl::ParseCivilTime(date, &day) &&
                       absl::FormatCivilTime(day) == date && day.year() >= 1 && day.year() <= 9999);
  return valid ? "" : "is no day of the form YYYY-MM-DD";
}

// The form of a BCP 47 tag; not whether its parts are registered.
std::string LanguageProblem(const std::string& language) {
  if (language.empty()) return "";
  bool valid = language.size() <= kMaxLanguageBytes;
  bool first = true;
  for (const absl::string_view part : absl::StrSplit(language, '-')) {
    valid =
        valid && !part.empty() && part.size() <= 8 && std::all_of(part.begin(), part.end(), [first](char c) {
          const auto byte = static_cast<unsigned char>(c);
          return first ? absl::ascii_isalpha(byte) : absl::ascii_isalnum(byte);
        });
    first = false;
  }
  return valid ? "" : "is no language tag";
}

std::string ParametersProblem(const v1::LearnerSettings& settings) {
  if (settings.memory_parameters().empty()) return "";
  if (settings.memory_parameters_size() != static_cast<int>(fsrs::kWeights)) {
    return absl::StrCat("must be ", fsrs::kWeights, " numbers, or none");
  }
  fsrs::Weights weights;
  std::copy(settings.memory_parameters().begin(), settings.memory_parameters().end(), weights.begin());
  if (!std::all_of(weights.begin(), weights.end(), [](double weight) { return std::isfinite(weight); })) {
    return "must be finite";
  }
  return fsrs::WeightsProblem(weights);
}

// What is wrong with one field of the settings, whose name is known.
std::string SettingProblem(const v1::LearnerSettings& settings, absl::string_view field) {
  if (field == "time_zone") return ZoneProblem(settings.time_zone());
  if (field == "rollover_hour") {
    return settings.rollover_hour() >= 0 && settings.rollover_hour() <= 23 ? "" : "must be 0 to 23";
  }
  if (field == "daily_minutes") {
    return settings.daily_minutes() >= 0 && settings.daily_minutes() <= 1440
               ? ""
               : "must be 1 to 1440, or 0 for no limit";
  }
  if (field == "desired_retention") return RetentionProblem(settings.desired_retention());
  if (field == "goal_pack") return TextProblem(settings.goal_pack(), kMaxNameBytes);
  if (field == "goal_date") return DateProblem(settings.goal_date());
  if (field == "language") return LanguageProblem(settings.language());
  if (field == "memory_parameters") return ParametersProblem(settings);
  if (field == "memory_version") {
    return settings.memory_version().empty() || settings.memory_version() == "fsrs-6"
               ? ""
               : "must be \"fsrs-6\", or empty for it";
  }
  return "";
}

bool IsSetting(const std::string& name) {
  return v1::LearnerSettings::descriptor()->FindFieldByName(name) != nullptr;
}

void CheckItem(FieldErrors& errors, const std::string& path, const v1::MemoryToImport& item, absl::Time now) {
  errors.Check(path + ".question", IdProblem(item.question()));
  switch (item.memory_case()) {
    case v1::MemoryToImport::kSm2: {
      const bool ease = Within(item.sm2().ease(), kLeastEase, kMostEase);
      errors.Check(path + ".sm2.ease", ease ? "" : "must be 1.3 to 10");
      const bool interval = Within(item.sm2().interval_days(), kLeastDays, kMostDays);
      errors.Check(path + ".sm2.interval_days", interval ? "" : "must be 0.001 to 36500");
      errors.Check(path + ".sm2.retention", RetentionProblem(item.sm2().retention()));
      break;
    }
    case v1::MemoryToImport::kFsrs: {
      const bool stability = Within(item.fsrs().stability(), kLeastDays, kMostDays);
      errors.Check(path + ".fsrs.stability", stability ? "" : "must be 0.001 to 36500");
      const bool difficulty = Within(item.fsrs().difficulty(), 1, 10);
      errors.Check(path + ".fsrs.difficulty", difficulty ? "" : "must be 1 to 10");
      break;
    }
    case v1::MemoryToImport::MEMORY_NOT_SET:
      errors.Check(path + ".memory", "is required");
      break;
  }
  const google::protobuf::Timestamp& last = item.last_review_time();
  const bool past = item.has_last_review_time() && last.seconds() >= 0 && last.nanos() >= 0 &&
                    last.nanos() < 1000000000 && last.seconds() <= absl::ToUnixSeconds(now);
  errors.Check(path + ".last_review_time", past ? "" : "must be a time from 1970 to now");
  const bool reviews = item.reviews() >= 1 && item.reviews() <= kMaxReviews;
  errors.Check(path + ".reviews", reviews ? "" : absl::StrCat("must be 1 to ", kMaxReviews));
}

}  // namespace

absl::Status Validate(const v1::GetProgressRequest& request) {
  FieldErrors errors;
  if (request.forecast_days() < 0) errors.Check("forecast_days", "must not be negative");
  return errors.ToStatus();
}

absl::Status Validate(const v1::ListDueQuestionsRequest& request) {
  FieldErrors errors;
  if (request.page_size() < 0) errors.Check("page_size", "must not be negative");
  return errors.ToStatus();
}

absl::Status Validate(const v1::UpdateLearnerRequest& request) {
  FieldErrors errors;
  const auto& paths = request.update_mask().paths();
  if (paths.empty()) errors.Check("update_mask", "is required");
  std::set<std::string> seen;
  for (const std::string& path : paths) {
    if (path == "*") {
      if (paths.size() > 1) errors.Check("update_mask", "\"*\" stands alone");
    } else if (!IsSetting(path)) {
      errors.Check("update_mask", "names what is no field of the settings");
    }
    if (!seen.insert(path).second) errors.Check("update_mask", "names a field twice");
  }
  if (errors.empty()) {
    for (const std::string& field : SettingsIn(request.update_mask())) {
      errors.Check(absl::StrCat("settings.", field), SettingProblem(request.settings(), field));
    }
  }
  errors.Check("request_id", UuidProblem(request.request_id()));
  errors.Check("device", TextProblem(request.device(), kMaxDeviceBytes));
  return errors.ToStatus();
}

absl::Status Validate(const v1::ImportMemoryRequest& request, absl::Time now) {
  FieldErrors errors;
  if (request.items().empty()) errors.Check("items", "is required");
  if (request.items_size() > kMaxImportedItems) {
    errors.Check("items", absl::StrCat("at most ", kMaxImportedItems, " are allowed"));
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < std::min(request.items_size(), kMaxImportedItems); ++i) {
    const v1::MemoryToImport& item = request.items(i);
    const std::string path = absl::StrCat("items[", i, "]");
    CheckItem(errors, path, item, now);
    if (!seen.emplace(item.pack(), item.question()).second) errors.Check(path, "is there twice");
  }
  errors.Check("request_id", UuidProblem(request.request_id()));
  errors.Check("device", TextProblem(request.device(), kMaxDeviceBytes));
  return errors.ToStatus();
}

std::vector<std::string> SettingsIn(const google::protobuf::FieldMask& mask) {
  std::set<std::string> fields(mask.paths().begin(), mask.paths().end());
  if (fields.erase("*") > 0) {
    const google::protobuf::Descriptor* settings = v1::LearnerSettings::descriptor();
    for (int i = 0; i < settings->field_count(); ++i) fields.insert(settings->field(i)->name());
  }
  return {fields.begin(), fields.end()};
}

absl::StatusOr<Target> ResolveProgress(absl::string_view name, absl::string_view field,
                                       const Caller& caller) {
  constexpr absl::string_view kSuffix = "/progress";
  ASSIGN_OR_RETURN(const ResolvedName resolved,
                   ResolveName("tenants/*/learners/*/progress", name, field, caller));
  ASSIGN_OR_RETURN(Target target, ResolveLearner(name.substr(0, name.size() - kSuffix.size()), field, caller,
                                                 Access::kStaffToo));
  target.name = resolved.name;
  return target;
}

}  // namespace greenroom::session
