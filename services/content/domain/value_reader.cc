#include "services/content/domain/value_reader.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/content/domain/phrase_syntax.h"
#include "services/content/domain/text_rules.h"

namespace greenroom::content {
namespace {

constexpr absl::string_view kTruths[] = {"true", "True", "TRUE"};
constexpr absl::string_view kFalsehoods[] = {"false", "False", "FALSE"};
constexpr absl::string_view kNulls[] = {"", "~", "null", "Null", "NULL"};

template <size_t N>
bool IsOneOf(absl::string_view word, const absl::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool IsDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
}

absl::string_view WithoutSign(absl::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return text;
}

bool IsNumber(absl::string_view text) {
  if (text.substr(0, 2) == "0x" || text.substr(0, 2) == "0o") return text.size() > 2;
  absl::string_view body = WithoutSign(text);
  if (body == ".inf" || body == ".Inf" || body == ".INF" || text == ".nan" || text == ".NaN" ||
      text == ".NAN")
    return true;
  const size_t e = body.find_first_of("eE");
  if (e != absl::string_view::npos) {
    if (!IsDigits(WithoutSign(body.substr(e + 1)))) return false;
    body = body.substr(0, e);
  }
  const size_t dot = body.find('.');
  if (dot == absl::string_view::npos) return IsDigits(body);
  const absl::string_view whole = body.substr(0, dot), fraction = body.substr(dot + 1);
  return (whole.empty() || IsDigits(whole)) && (fraction.empty() || IsDigits(fraction)) &&
         whole.size() + fraction.size() > 0;
}

std::string Decimal(int64_t hundredths) {
  std::string text = absl::StrCat(hundredths / 100);
  const int64_t rest = std::abs(hundredths % 100);
  if (rest != 0) absl::StrAppend(&text, ".", rest / 10, rest % 10 == 0 ? "" : absl::StrCat(rest % 10));
  return text;
}

}  // namespace

bool IsNotAString(absl::string_view plain) {
  return IsOneOf(plain, kTruths) || IsOneOf(plain, kFalsehoods) || IsOneOf(plain, kNulls) || IsNumber(plain);
}

Place ValueReader::Enter(const Located& at) {
  places_.Set(at.path, at.node->place);
  return at.node->place;
}

std::nullopt_t ValueReader::WrongType(const Located& at, absl::string_view wanted,
                                      absl::string_view suggestion) {
  issues_.Error("wrong-type", Enter(at), at.path, absl::StrCat("this must be ", wanted), suggestion);
  return std::nullopt;
}

std::optional<std::string> ValueReader::Text(const Located& at, TextRule rule) {
  Enter(at);
  if (at.node->kind != YamlNode::Kind::kScalar) return WrongType(at, "text");
  if (at.node->plain && IsNotAString(at.node->scalar)) {
    return WrongType(at, "text", absl::StrCat("\"", at.node->scalar, "\""));
  }
  if (!ObeysRule(at, at.node->scalar, rule)) return std::nullopt;
  return at.node->scalar;
}

bool ValueReader::ObeysRule(const Located& at, const std::string& text, TextRule rule) {
  auto refuse = [&](const char* code, absl::string_view message, absl::string_view suggestion = "") {
    issues_.Error(code, at.node->place, at.path, message, suggestion);
    return false;
  };
  if (rule == TextRule::kId) {
    return IsId(text) ||
           refuse("bad-id", "an id has 1 to 63 letters a to z, digits and inner hyphens", Slug(text));
  }
  if (rule == TextRule::kLanguage) {
    return IsLanguageTag(text) || refuse("bad-language", "this is not a language tag such as en or pt-BR");
  }
  if (text.empty() && rule != TextRule::kAnswer) return refuse("too-short", "this must not be empty");
  const bool one_line = rule != TextRule::kText && rule != TextRule::kAnswer;
  for (size_t offset = 0; offset < text.size();) {
    const std::optional<char32_t> c = NextCodePoint(text, offset);
    if (!c) return refuse("not-utf8", "this is not valid UTF-8");
    if (*c == 0) return refuse("nul", "this holds a NUL character");
    if (rule == TextRule::kAnswer || !IsControl(*c)) continue;
    if (one_line && (*c == '\n' || *c == '\r'))
      return refuse("line-break", "this must be one line", "write it with >- or on one line");
    if (!one_line && (*c == '\n' || *c == '\r' || *c == '\t')) continue;
    return refuse("control-character", "this holds a control character");
  }
  if (one_line) {
    const size_t most = rule == TextRule::kPhrase ? kMaxPhraseCharacters : kMaxLineCharacters;
    if (CodePointCount(text) > most)
      return refuse("too-long", absl::StrCat("this has more than ", most, " characters"));
  } else if (text.size() > kMaxTextBytes) {
    return refuse("too-long", absl::StrCat("this has more than ", kMaxTextBytes, " bytes"));
  }
  if (rule == TextRule::kPhrase) {
    const PhraseProblem problem = CheckPhrase(text);
    if (!problem.code.empty()) {
      return refuse(problem.code.c_str(),
                    absl::StrCat(problem.message, ", at character ", problem.column, " of the phrase"));
    }
  }
  const absl::string_view view = text;
  if (rule == TextRule::kHttps && view.substr(0, 8) != "https://")
    return refuse("bad-url", "a URL here begins with https://");
  if (rule == TextRule::kWeb && view.substr(0, 8) != "https://" && view.substr(0, 7) != "http://") {
    return refuse("bad-url", "a URL begins with https:// or http://");
  }
  return true;
}

std::optional<bool> ValueReader::Truth(const Located& at) {
  Enter(at);
  if (at.node->kind == YamlNode::Kind::kScalar && at.node->plain) {
    if (IsOneOf(at.node->scalar, kTruths)) return true;
    if (IsOneOf(at.node->scalar, kFalsehoods)) return false;
  }
  return WrongType(at, "true or false");
}

std::optional<int> ValueReader::Integer(const Located& at, int lowest, int highest) {
  Enter(at);
  const YamlNode& node = *at.node;
  if (node.kind != YamlNode::Kind::kScalar || !node.plain || !IsDigits(WithoutSign(node.scalar))) {
    return WrongType(at, "a whole number");
  }
  int value = 0;
  if (!absl::SimpleAtoi(node.scalar, &value) || value < lowest || value > highest) {
    issues_.Error("out-of-range", node.place, at.path,
                  absl::StrCat("this must be from ", lowest, " to ", highest));
    return std::nullopt;
  }
  return value;
}

std::optional<double> ValueReader::Hundredths(const Located& at, int64_t lowest, int64_t highest) {
  Enter(at);
  const YamlNode& node = *at.node;
  if (node.kind != YamlNode::Kind::kScalar || !node.plain || !IsNumber(node.scalar) ||
      node.scalar.find_first_of("eExoIiNn") != std::string::npos) {
    return WrongType(at, "a decimal number");
  }
  const absl::string_view text = node.scalar;
  const size_t dot = std::min(text.find('.'), text.size());
  absl::string_view fraction = dot < text.size() ? text.substr(dot + 1) : absl::string_view();
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  if (fraction.size() > 2) {
    issues_.Error("too-precise", node.place, at.path, "this may have two decimals at most");
    return std::nullopt;
  }
  const std::string padded =
      absl::StrCat(text.substr(0, dot), fraction, std::string(2 - fraction.size(), '0'));
  int64_t value = 0;
  if (!absl::SimpleAtoi(padded, &value) || value < lowest || value > highest) {
    issues_.Error("out-of-range", node.place, at.path,
                  absl::StrCat("this must be from ", Decimal(lowest), " to ", Decimal(highest)));
    return std::nullopt;
  }
  return static_cast<double>(value) / 100.0;
}

std::optional<size_t> ValueReader::IndexOf(const Located& at, absl::Span<const absl::string_view> words) {
  Enter(at);
  if (at.node->kind != YamlNode::Kind::kScalar)
    return WrongType(at, absl::StrCat("one of ", absl::StrJoin(words, ", ")));
  auto it = std::find(words.begin(), words.end(), at.node->scalar);
  if (it == words.end()) {
    issues_.Error("bad-value", at.node->place, at.path,
                  absl::StrCat("this must be one of ", absl::StrJoin(words, ", ")),
                  DidYouMean(at.node->scalar, words));
    return std::nullopt;
  }
  return static_cast<size_t>(it - words.begin());
}

std::vector<Located> ValueReader::List(const Located& at, size_t fewest, size_t most) {
  Enter(at);
  if (at.node->kind != YamlNode::Kind::kSequence) {
    WrongType(at, "a list");
    return {};
  }
  const size_t count = at.node->items.size();
  if (count < fewest) {
    issues_.Error("too-few", at.node->place, at.path,
                  absl::StrCat("this needs ", fewest, " or more entries"));
  } else if (count > most) {
    issues_.Error("too-many", at.node->place, at.path,
                  absl::StrCat("this may have ", most, " entries at most"));
    return {};
  }
  std::vector<Located> members;
  members.reserve(count);
  for (size_t i = 0; i < count; ++i)
    members.push_back({&at.node->items[i], absl::StrCat(at.path, "[", i, "]")});
  return members;
}

bool ValueReader::IsAnyMap(const Located& at) {
  Enter(at);
  if (at.node->kind == YamlNode::Kind::kMap) return true;
  WrongType(at, "a map of keys");
  return false;
}

bool ValueReader::IsMap(const Located& at, absl::Span<const absl::string_view> known,
                        absl::Span<const absl::string_view> required) {
  const Place place = at.node->place;
  if (!IsAnyMap(at)) return false;
  for (const YamlEntry& entry : at.node->entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::string path = at.path.empty() ? entry.key : absl::StrCat(at.path, ".", entry.key);
    issues_.Error("unknown-key", entry.place, path, absl::StrCat("there is no key \"", entry.key, "\" here"),
                  issues_.full() ? "" : DidYouMean(entry.key, known));
  }
  for (absl::string_view key : required) {
    if (at.node->Find(key) == nullptr) {
      issues_.Error("missing-key", place, at.path, absl::StrCat("the key \"", key, "\" is missing here"));
    }
  }
  return true;
}

std::optional<Located> ValueReader::Get(const Located& at, absl::string_view key) {
  const YamlNode* node = at.node->Find(key);
  if (node == nullptr) return std::nullopt;
  return Located{node, at.path.empty() ? std::string(key) : absl::StrCat(at.path, ".", key)};
}

}  // namespace greenroom::content
