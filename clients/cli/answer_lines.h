// What a line typed into an answer means. Pure.
#ifndef GREENROOM_CLIENTS_CLI_ANSWER_LINES_H_
#define GREENROOM_CLIENTS_CLI_ANSWER_LINES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace greenroom::cli {

enum class LineMeaning { kText, kEnd, kCommand };

struct TypedLine {
  LineMeaning meaning = LineMeaning::kText;
  // kText: the line as it belongs to the answer. kCommand: the command without its colon.
  std::string text;
};

// A line that is a single "." ends the answer. A line that is ":" and one of `commands`, give or take space around it,
// is that command. Everything else is text, empty lines and ":-)" included; a "\" before a "." or ":" at the beginning
// makes text of what would not be, and is itself left out only then. A carriage return at the end is dropped.
TypedLine ReadTypedLine(absl::string_view line, absl::Span<const absl::string_view> commands);

// Lines as they come in, and the answer they make: joined by newlines, without one at the end.
class AnswerLines {
 public:
  // Begins with a text kept from before.
  explicit AnswerLines(std::string kept = "") : text_(std::move(kept)), begun_(!text_.empty()) {}

  void Append(absl::string_view line);
  void Replace(std::string text);
  const std::string& text() const { return text_; }
  // Whether there is nothing but white space.
  bool blank() const;

 private:
  std::string text_;
  bool begun_;
};

// What keeps `text` from being sent as an answer, or "".
std::string AnswerProblem(absl::string_view text);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_ANSWER_LINES_H_
