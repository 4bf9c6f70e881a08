#include "services/base/sql/parameter_marks.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace greenroom::sql {
namespace {

// The first token of not empty `sql` whose characters mean nothing by themselves: a literal, a quoted name or a comment
// whole, anything else one character.
absl::string_view FirstToken(absl::string_view sql) {
  const auto through = [sql](absl::string_view end, size_t begin) {
    const size_t found = sql.find(end, begin);
    return found == absl::string_view::npos ? sql : sql.substr(0, found + end.size());
  };
  if (sql[0] == '\'' || sql[0] == '"')
    return through(sql.substr(0, 1), 1);  // a doubled quote is two literals
  if (absl::StartsWith(sql, "--")) return through("\n", 2);
  if (absl::StartsWith(sql, "/*")) return through("*/", 2);
  return sql.substr(0, 1);
}

bool IsComment(absl::string_view token) {
  return absl::StartsWith(token, "--") || absl::StartsWith(token, "/*");
}

}  // namespace

absl::StatusOr<std::string> NameParameters(absl::string_view sql) {
  std::string text;
  text.reserve(sql.size() + sql.size() / 2);
  int parameters = 0;
  bool empty = true, ended = false;
  for (absl::string_view rest = sql; !rest.empty();) {
    const absl::string_view token = FirstToken(rest);
    rest.remove_prefix(token.size());
    if (token == ";") {
      ended = true;
      continue;
    }
    if (!IsComment(token) && !absl::ascii_isspace(static_cast<unsigned char>(token[0]))) {
      if (ended) return absl::InvalidArgumentError("an SQL text with more than one statement");
      empty = false;
    }
    if (token == "?") {
      absl::StrAppend(&text, ":p", ++parameters);
    } else {
      absl::StrAppend(&text, token);
    }
  }
  if (empty) return absl::InvalidArgumentError("an SQL text without a statement");
  return text;
}

size_t CountParameters(absl::string_view sql) {
  size_t parameters = 0;
  for (absl::string_view rest = sql; !rest.empty();) {
    const absl::string_view token = FirstToken(rest);
    rest.remove_prefix(token.size());
    parameters += token == "?" ? 1 : 0;
  }
  return parameters;
}

}  // namespace greenroom::sql
