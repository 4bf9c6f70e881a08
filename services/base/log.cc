#include "services/base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

namespace greenroom {
namespace {

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(Logger::Sink take) : take_(std::move(take)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    take_(absl::string_view(line.payload.data(), line.payload.size()));
  }
  void flush_() override {}

  const Logger::Sink take_;
};

}  // namespace

std::optional<LogLevel> ParseLogLevel(absl::string_view word) {
  for (int level = 0; level < 4; ++level) {
    if (word == kLogLevels[level]) return static_cast<LogLevel>(level);
  }
  return std::nullopt;
}

// Formats lines and hands them to spdlog, which serialises writers.
class Logger::Lines {
 public:
  Lines(absl::string_view service, absl::string_view version, spdlog::sink_ptr sink)
      : service_(service), version_(version), spdlog_("greenroom", std::move(sink)) {
    spdlog_.set_pattern("%v");
    spdlog_.set_level(spdlog::level::trace);
    spdlog_.flush_on(spdlog::level::trace);
  }

  void Write(LogLevel level, absl::Time time, absl::string_view message,
             const std::vector<LogField>& fields) {
    nlohmann::ordered_json line;
    line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
    line["level"] = std::string(kLogLevels[static_cast<int>(level)]);
    line["message"] = std::string(message);
    line["service"] = service_;
    line["version"] = version_;
    for (const LogField& field : fields) {
      auto& value = line[std::string(field.key)];
      if (const auto* text = std::get_if<absl::string_view>(&field.value)) {
        value = std::string(*text);
      } else if (const auto* flag = std::get_if<bool>(&field.value)) {
        value = *flag;
      } else if (const auto* number = std::get_if<int64_t>(&field.value)) {
        value = *number;
      } else {
        value = std::get<double>(field.value);
      }
    }
    const std::string text = line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    spdlog_.log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  }

 private:
  const std::string service_;
  const std::string version_;
  spdlog::logger spdlog_;
};

Logger::Logger(absl::string_view service, absl::string_view version, LogLevel level, const Clock& clock)
    : level_(level),
      clock_(clock),
      lines_(std::make_unique<Lines>(service, version, std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Logger::Logger(absl::string_view service, absl::string_view version, LogLevel level, const Clock& clock,
               Sink sink)
    : level_(level),
      clock_(clock),
      lines_(std::make_unique<Lines>(service, version, std::make_shared<FunctionSink>(std::move(sink)))) {}

Logger::~Logger() = default;

void Logger::Log(LogLevel level, absl::string_view message, const std::vector<LogField>& fields) {
  if (Enabled(level)) lines_->Write(level, clock_.Now(), message, fields);
}

void Logger::Debug(absl::string_view message, std::initializer_list<LogField> fields) {
  Log(LogLevel::kDebug, message, fields);
}
void Logger::Info(absl::string_view message, std::initializer_list<LogField> fields) {
  Log(LogLevel::kInfo, message, fields);
}
void Logger::Warning(absl::string_view message, std::initializer_list<LogField> fields) {
  Log(LogLevel::kWarning, message, fields);
}
void Logger::Error(absl::string_view message, std::initializer_list<LogField> fields) {
  Log(LogLevel::kError, message, fields);
}

}  // namespace greenroom
