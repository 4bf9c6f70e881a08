#include "clients/cli/answer_lines.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/base/text.h"

namespace greenroom::cli {
namespace {

constexpr size_t kMaxAnswerBytes = size_t{32} * 1024;

}  // namespace

TypedLine ReadTypedLine(absl::string_view line, absl::Span<const absl::string_view> commands) {
  absl::ConsumeSuffix(&line, "\r");
  const auto meaning_of = [&](absl::string_view typed) {
    if (typed == ".") return LineMeaning::kEnd;
    absl::string_view word = absl::StripAsciiWhitespace(typed);
    if (!absl::ConsumePrefix(&word, ":")) return LineMeaning::kText;
    return std::find(commands.begin(), commands.end(), word) == commands.end() ? LineMeaning::kText
                                                                               : LineMeaning::kCommand;
  };
  switch (meaning_of(line)) {
    case LineMeaning::kEnd:
      return {LineMeaning::kEnd, ""};
    case LineMeaning::kCommand:
      return {LineMeaning::kCommand, std::string(absl::StripAsciiWhitespace(line).substr(1))};
    case LineMeaning::kText:
      break;
  }
  absl::string_view escaped = line;
  if (absl::ConsumePrefix(&escaped, "\\") && meaning_of(escaped) != LineMeaning::kText) line = escaped;
  return {LineMeaning::kText, std::string(line)};
}

void AnswerLines::Append(absl::string_view line) {
  if (begun_) text_ += '\n';
  absl::StrAppend(&text_, line);
  begun_ = true;
}

void AnswerLines::Replace(std::string text) {
  text_ = std::move(text);
  while (!text_.empty() && text_.back() == '\n') text_.pop_back();
  begun_ = !text_.empty();
}

bool AnswerLines::blank() const { return absl::StripAsciiWhitespace(text_).empty(); }

std::string AnswerProblem(absl::string_view text) {
  if (absl::StripAsciiWhitespace(text).empty()) return "There is nothing to send yet.";
  if (text.size() > kMaxAnswerBytes) {
    return absl::StrCat("The answer has ", text.size(), " bytes; ", kMaxAnswerBytes,
                        " is the most. :edit shortens it.");
  }
  if (!IsValidUtf8(text) || absl::StrContains(text, '\0')) {
    return "The answer holds bytes that are not UTF-8 text. :edit shows them.";
  }
  return "";
}

}  // namespace greenroom::cli
