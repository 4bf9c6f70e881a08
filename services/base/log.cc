#include "services/base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

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

// JSON of `text` in quotes, with U+FFFD for what is no UTF-8. What needs no escape, nearly everything, is copied.
void AppendText(std::string& line, absl::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  if (plain) {
    absl::StrAppend(&line, "\"", text, "\"");
  } else {
    line += nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

void AppendField(std::string& line, const LogField& field) {
  line += ',';
  AppendText(line, field.key);
  line += ':';
  if (const auto* text = std::get_if<absl::string_view>(&field.value)) {
    AppendText(line, *text);
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    line += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<int64_t>(&field.value)) {
    absl::StrAppend(&line, *number);
  } else {
    line += nlohmann::json(std::get<double>(field.value)).dump();  // NaN and infinities as null
  }
}

// Formats lines and hands them to spdlog, which serialises writers.
class Logger::Lines {
 public:
  Lines(absl::string_view service, absl::string_view version, spdlog::sink_ptr sink)
      : spdlog_("greenroom", std::move(sink)) {
    AppendField(origin_, {"service", service});
    AppendField(origin_, {"version", version});
    spdlog_.set_pattern("%v");
    spdlog_.set_level(spdlog::level::trace);
    spdlog_.flush_on(spdlog::level::trace);
  }

  void Write(LogLevel level, absl::Time time, absl::string_view message,
             const std::vector<LogField>& fields) {
    std::string text = absl::FormatTime("{\"time\":\"%Y-%m-%dT%H:%M:%E6SZ\"", time, absl::UTCTimeZone());
    text.reserve(512);
    AppendField(text, {"level", kLogLevels[static_cast<int>(level)]});
    AppendField(text, {"message", message});
    text += origin_;
    for (const LogField& field : fields) AppendField(text, field);
    text += '}';
    spdlog_.log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size()));
  }

 private:
  std::string origin_;  // of every line: service and version
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
