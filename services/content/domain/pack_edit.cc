#include "services/content/domain/pack_edit.h"

#include <algorithm>

#include "services/content/domain/issue.h"
#include "services/content/domain/value_reader.h"

namespace greenroom::content {
namespace {

constexpr absl::string_view kEditable[] = {"homepage", "language", "license",   "offline",
                                           "role",     "tagline",  "visibility"};

// What the reader says of `text` under `path`; nothing where it may stand there.
void CheckText(absl::string_view path, const std::string& text, TextRule rule, IssueList& issues) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.scalar = text;
  PlaceMap places;
  ValueReader(issues, places).Text({&node, std::string(path)}, rule);
}

template <typename Enum, size_t N>
void CheckEnum(absl::string_view path, const Word<Enum> (&words)[N], Enum value, IssueList& issues) {
  if (WordOf(words, value).empty()) issues.Error("bad-value", {}, path, "this must be given");
}

}  // namespace

absl::Span<const absl::string_view> EditablePaths() { return kEditable; }

std::vector<EditProblem> EditPack(const v1::Pack& values, absl::Span<const std::string> paths,
                                  v1::PackContent& content) {
  IssueList issues;
  // A line that need not be there: empty is absent.
  auto optional_line = [&](const std::string& path, const std::string& text, TextRule rule) {
    if (!text.empty()) CheckText(path, text, rule, issues);
    return text;
  };
  for (const absl::string_view path : kEditable) {
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) continue;
    const std::string name(path);
    if (path == "role") {
      CheckText(name, values.role(), TextRule::kLine, issues);
      content.set_role(values.role());
    } else if (path == "language") {
      CheckText(name, values.language(), TextRule::kLanguage, issues);
      content.set_language(values.language());
    } else if (path == "tagline") {
      content.set_tagline(optional_line(name, values.tagline(), TextRule::kLine));
    } else if (path == "license") {
      content.set_license(optional_line(name, values.license(), TextRule::kLine));
    } else if (path == "homepage") {
      content.set_homepage(optional_line(name, values.homepage(), TextRule::kWeb));
    } else if (path == "visibility") {
      CheckEnum(path, kVisibilityWords, values.visibility(), issues);
      content.set_visibility(values.visibility());
    } else {
      CheckEnum(path, kOfflineWords, values.offline(), issues);
      content.set_offline(values.offline());
    }
  }
  std::vector<EditProblem> problems;
  for (const v1::Issue& issue : issues.TakeSorted()) problems.push_back({issue.path(), issue.message()});
  return problems;
}

}  // namespace greenroom::content
