// Typed values out of YAML nodes, with issues where they are not what the pack format wants.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_VALUE_READER_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_VALUE_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/content/domain/issue.h"
#include "services/content/domain/pack_words.h"
#include "services/content/domain/yaml_tree.h"

namespace greenroom::content {

// A node and where it stands in the pack.
struct Located {
  const YamlNode* node;
  std::string path;
};

// What a text may hold.
enum class TextRule {
  kLine,     // 1 to 1000 characters, no line breaks, no controls
  kPhrase,   // 1 to 300 characters, no line breaks, no controls, well formed
  kText,     // 1 to 32768 bytes; line breaks and tabs, no other controls
  kAnswer,   // 0 to 32768 bytes; anything but NUL
  kId,       // an id
  kHttps,    // a kLine that begins with https://
  kWeb,      // a kLine that begins with https:// or http://
  kLanguage  // a language tag
};

// Reads values of one pack. Each function adds issues for what is wrong and then answers nullopt. Every node that is
// read is entered in the places.
class ValueReader {
 public:
  ValueReader(IssueList& issues, PlaceMap& places) : issues_(issues), places_(places) {}

  std::optional<std::string> Text(const Located& at, TextRule rule);
  std::optional<bool> Truth(const Located& at);
  std::optional<int> Integer(const Located& at, int lowest, int highest);
  // A number with at most two decimals in hundredths; `lowest` and `highest` are hundredths too.
  std::optional<double> Hundredths(const Located& at, int64_t lowest, int64_t highest);

  template <typename Enum, size_t N>
  std::optional<Enum> OneOf(const Located& at, const Word<Enum> (&words)[N]) {
    absl::string_view names[N];
    for (size_t i = 0; i < N; ++i) names[i] = words[i].word;
    const std::optional<size_t> index = IndexOf(at, names);
    if (!index) return std::nullopt;
    return words[*index].value;
  }

  // The members of a list; none, with an issue, where it is no list or has too few or too many.
  std::vector<Located> List(const Located& at, size_t fewest, size_t most);

  // Whether `at` is a map with all of the `required` keys and none but the `known` ones. Issues for each that is not
  // so; false only where it is no map.
  bool IsMap(const Located& at, absl::Span<const absl::string_view> known,
             absl::Span<const absl::string_view> required);

  // Whether `at` is a map; an issue where not.
  bool IsAnyMap(const Located& at);

  // The value under `key`, where there is one. `at` must be a map.
  std::optional<Located> Get(const Located& at, absl::string_view key);

  // The place of a node; also enters it.
  Place Enter(const Located& at);

  IssueList& issues() { return issues_; }
  PlaceMap& places() { return places_; }

 private:
  std::optional<size_t> IndexOf(const Located& at, absl::Span<const absl::string_view> words);
  bool ObeysRule(const Located& at, const std::string& text, TextRule rule);
  std::nullopt_t WrongType(const Located& at, absl::string_view wanted, absl::string_view suggestion = "");

  IssueList& issues_;
  PlaceMap& places_;
};

inline constexpr size_t kNoLimit = static_cast<size_t>(-1);
inline constexpr size_t kMaxLineCharacters = 1000;
inline constexpr size_t kMaxPhraseCharacters = 300;
inline constexpr size_t kMaxTextBytes = 32768;

// Whether an unquoted scalar stands for a number, a truth value or nothing (YAML 1.2 core schema), not for a string.
bool IsNotAString(absl::string_view plain_scalar);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_VALUE_READER_H_
