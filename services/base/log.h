// Logs: one JSON object a line, on standard error.
//
//   log.Info("published", {{"pack", pack}, {"revision", revision}, {"questions", 9}});
//   {"time":"2026-01-01T09:00:00.000123Z","level":"info","message":"published","service":"greenroom-content",
//    "version":"0.1.0","pack":"ml-engineer", ...}
//
// Never log answer text, drafts, tokens or keys.
#ifndef GREENROOM_SERVICES_BASE_LOG_H_
#define GREENROOM_SERVICES_BASE_LOG_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/clock.h"

namespace greenroom {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

inline constexpr absl::string_view kLogLevels[] = {"debug", "info", "warning", "error"};
std::optional<LogLevel> ParseLogLevel(absl::string_view word);

// A key and a value; views must live until the log call returns. Durations are written as seconds.
struct LogField {
  LogField(absl::string_view k, absl::string_view v) : key(k), value(v) {}
  LogField(absl::string_view k, const std::string& v) : key(k), value(absl::string_view(v)) {}
  LogField(absl::string_view k, const char* v) : key(k), value(absl::string_view(v)) {}
  LogField(absl::string_view k, bool v) : key(k), value(v) {}
  LogField(absl::string_view k, double v) : key(k), value(v) {}
  LogField(absl::string_view k, absl::Duration v) : key(k), value(absl::ToDoubleSeconds(v)) {}
  template <typename Int, typename = std::enable_if_t<std::is_integral_v<Int> && !std::is_same_v<Int, bool>>>
  LogField(absl::string_view k, Int v) : key(k), value(static_cast<int64_t>(v)) {}

  absl::string_view key;
  std::variant<absl::string_view, bool, int64_t, double> value;
};

// Thread-safe. A line is written before the call returns.
class Logger {
 public:
  // Takes one line without its newline.
  using Sink = std::function<void(absl::string_view line)>;

  // Writes to standard error. `service` and `version` are in every line.
  Logger(absl::string_view service, absl::string_view version, LogLevel level, const Clock& clock);
  // Writes to `sink` (for tests), one line at a time.
  Logger(absl::string_view service, absl::string_view version, LogLevel level, const Clock& clock, Sink sink);
  ~Logger();

  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // False: a line of this level would be dropped.
  bool Enabled(LogLevel level) const { return level >= level_; }

  // Invalid UTF-8 in values becomes U+FFFD; NaN and infinities become null.
  void Log(LogLevel level, absl::string_view message, const std::vector<LogField>& fields);

  void Debug(absl::string_view message, std::initializer_list<LogField> fields = {});
  void Info(absl::string_view message, std::initializer_list<LogField> fields = {});
  void Warning(absl::string_view message, std::initializer_list<LogField> fields = {});
  void Error(absl::string_view message, std::initializer_list<LogField> fields = {});

 private:
  class Lines;
  const LogLevel level_;
  const Clock& clock_;
  std::unique_ptr<Lines> lines_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_LOG_H_
