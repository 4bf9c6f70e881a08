#include "clients/cli/search_text.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "clients/cli/layout.h"
#include "clients/cli/session_text.h"

namespace greenroom::cli {
namespace {

absl::string_view FieldWord(int field) {
  switch (field) {
    case content::v1::SEARCH_FIELD_PROMPT:
      return "prompt";
    case content::v1::SEARCH_FIELD_VARIANT:
      return "variant";
    case content::v1::SEARCH_FIELD_TOPIC:
      return "topic";
    case content::v1::SEARCH_FIELD_TAG:
      return "tag";
    case content::v1::SEARCH_FIELD_TIP:
      return "tip";
    default:
      return "elsewhere";
  }
}

std::string FoundText(const content::v1::SearchResult& result) {
  std::string text = "found";
  const char* separator = " ";
  for (const content::v1::TermMatch& match : result.matches()) {
    absl::StrAppend(&text, separator, match.term(), " in ");
    separator = ", ";
    for (int i = 0; i < match.fields_size(); ++i)
      absl::StrAppend(&text, i == 0 ? "" : " and ", FieldWord(match.fields(i)));
  }
  return text;
}

void Append(std::vector<std::string>& lines, std::vector<std::string> more) {
  std::move(more.begin(), more.end(), std::back_inserter(lines));
}

}  // namespace

std::vector<std::string> RenderSearchResult(const content::v1::SearchResult& result, const Page& page) {
  const content::v1::Question& question = result.question();
  std::vector<std::string> lines;
  for (const std::string& line :
       Wrap(absl::StrCat(IdIn(question.name(), "packs"), " ", IdIn(question.name(), "questions")),
            page.width)) {
    lines.push_back(Paint(page, Ink::kStrong, line));
  }
  Append(lines, Wrap(Unwrap(question.prompt()), page.width, "  "));
  for (const std::string& line : Wrap(FoundText(result), page.width, "  "))
    lines.push_back(Paint(page, Ink::kFaint, line));
  return lines;
}

}  // namespace greenroom::cli
