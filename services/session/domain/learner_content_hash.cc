#include "services/session/domain/learner_content_hash.h"

#include <bit>
#include <cstdint>

#include "services/session/domain/digest.h"

namespace greenroom::session {
namespace {

// By its bits: no text of a double is the same everywhere.
int64_t BitsOf(double value) { return std::bit_cast<int64_t>(value); }

void AddSetting(FieldBytes& fields, const v1::LearnerSettings& settings, const std::string& name) {
  fields.Add(name);
  if (name == "time_zone") fields.Add(settings.time_zone());
  if (name == "rollover_hour") {
    // Absence is another content than hour 0.
    fields.Add(int64_t{settings.has_rollover_hour()}).Add(int64_t{settings.rollover_hour()});
  }
  if (name == "daily_minutes") fields.Add(int64_t{settings.daily_minutes()});
  if (name == "desired_retention") fields.Add(BitsOf(settings.desired_retention()));
  if (name == "goal_pack") fields.Add(settings.goal_pack());
  if (name == "goal_date") fields.Add(settings.goal_date());
  if (name == "language") fields.Add(settings.language());
  if (name == "memory_parameters") {
    fields.Add(int64_t{settings.memory_parameters_size()});
    for (const double parameter : settings.memory_parameters()) fields.Add(BitsOf(parameter));
  }
  if (name == "memory_version") fields.Add(settings.memory_version());
}

}  // namespace

std::string ContentOfUpdate(const v1::LearnerSettings& settings, const std::vector<std::string>& fields) {
  FieldBytes bytes;
  bytes.Add("settings_changed");
  for (const std::string& field : fields) AddSetting(bytes, settings, field);
  return Sha256Hex(bytes.bytes());
}

std::string ContentOfImport(const v1::ImportMemoryRequest& request, const std::vector<std::string>& packs) {
  FieldBytes bytes;
  bytes.Add("memory_imported");
  for (int i = 0; i < request.items_size(); ++i) {
    const v1::MemoryToImport& item = request.items(i);
    bytes.Add(packs[static_cast<size_t>(i)]).Add(item.question()).Add(int64_t{item.memory_case()});
    if (item.has_sm2()) {
      bytes.Add(BitsOf(item.sm2().ease())).Add(BitsOf(item.sm2().interval_days()));
      bytes.Add(BitsOf(item.sm2().retention()));
    } else {
      bytes.Add(BitsOf(item.fsrs().stability())).Add(BitsOf(item.fsrs().difficulty()));
    }
    bytes.Add(item.last_review_time().seconds()).Add(int64_t{item.last_review_time().nanos()});
    bytes.Add(int64_t{item.reviews()});
  }
  return Sha256Hex(bytes.bytes());
}

}  // namespace greenroom::session
