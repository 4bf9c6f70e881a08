// YAML text as a tree of nodes with places. The only file that sees yaml-cpp.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_YAML_TREE_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_YAML_TREE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/content/domain/issue.h"

namespace greenroom::content {

struct YamlEntry;

// One node. `plain` tells an unquoted scalar, which may stand for a number, a truth value or nothing, from a string.
struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  bool plain = false;
  Place place;
  std::string scalar;
  std::vector<YamlNode> items;     // of a sequence
  std::vector<YamlEntry> entries;  // of a map, in the source's order; keys are scalars and occur once

  // The value under `key`, or null.
  const YamlNode* Find(absl::string_view key) const;
};

struct YamlEntry {
  std::string key;
  Place place;  // of the key
  YamlNode value;
};

inline constexpr int kMaxYamlBytes = 4 << 20;
inline constexpr int kMaxYamlDepth = 24;
inline constexpr int kMaxYamlNodes = 200'000;

// Reads the one document of `text`. Total: never throws, stack and memory are bounded by the limits above. Refused with
// an error (codes in brackets): text over 4 MiB (too-large), invalid UTF-8 (not-utf8), NUL (nul), tabs that indent
// (tab-indent), what is not YAML (yaml-syntax), no document (empty-document), a second one (multiple-documents),
// anchors and aliases (alias), tags (tag), nesting (too-deep), node count (too-large), keys that are no scalars
// (bad-key), keys that stand twice in one map (duplicate-key; the tree holds the first). nullopt where there is no
// tree to go on with. A byte order mark is skipped.
std::optional<YamlNode> ParseYaml(absl::string_view text, int source, IssueList& issues);

// Adds what `from` holds to `into`: maps by key, sequences of maps by their `id`, other sequences must not meet.
// Scalars that meet must be equal. Otherwise an error of code duplicate-key at the place in `from`.
void MergeYaml(YamlNode&& from, absl::string_view path, YamlNode& into, IssueList& issues);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_YAML_TREE_H_
