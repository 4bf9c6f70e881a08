#include "services/content/domain/pack_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "services/content/domain/pack_words.h"
#include "services/content/domain/revision.h"
#include "services/content/domain/text_rules.h"
#include "services/content/domain/value_reader.h"

namespace greenroom::content {
namespace {

// Characters that some YAML reader takes for a line break, a byte order mark or a control.
bool NeedsEscape(char32_t c) {
  return IsControl(c) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff;
}

bool HasEscapes(absl::string_view text, char32_t allowed) {
  for (size_t i = 0; i < text.size();) {
    const std::optional<char32_t> c = NextCodePoint(text, i);
    if (!c || (NeedsEscape(*c) && *c != allowed)) return true;
  }
  return false;
}

// Words that YAML 1.1 readers take for truth values.
bool IsOldTruth(absl::string_view text) {
  static constexpr absl::string_view kWords[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
  const std::string lower = absl::AsciiStrToLower(text);
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

bool IsPlainSafe(absl::string_view text) {
  if (text.empty() || IsNotAString(text) || IsOldTruth(text) || HasEscapes(text, 0)) return false;
  const unsigned char first = static_cast<unsigned char>(text.front());
  if (!absl::ascii_isalpha(first) && first < 0x80) return false;
  if (text.back() == ' ' || text.back() == ':') return false;
  return !absl::StrContains(text, ": ") && !absl::StrContains(text, " #");
}

bool IsBlockSafe(absl::string_view text) {
  if (!absl::StrContains(text, '\n') || text.front() == '\n' || text.front() == ' ') return false;
  if (HasEscapes(text, '\n')) return false;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && line.find_first_not_of(' ') == absl::string_view::npos) return false;
  }
  return true;
}

std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    const std::optional<char32_t> c = NextCodePoint(text, i);
    if (!c) {
      out += "\\uFFFD";
    } else if (*c == '"' || *c == '\\') {
      out += '\\';
      out += text[start];
    } else if (*c == '\n') {
      out += "\\n";
    } else if (*c == '\t') {
      out += "\\t";
    } else if (*c == '\r') {
      out += "\\r";
    } else if (NeedsEscape(*c)) {
      absl::StrAppendFormat(&out, "\\u%04X", static_cast<unsigned>(*c));
    } else {
      absl::StrAppend(&out, text.substr(start, i - start));
    }
  }
  return out + '"';
}

std::string Block(absl::string_view text, int indent) {
  const bool one_break = text.back() == '\n';
  const bool more_breaks = text.size() > 1 && absl::EndsWith(text, "\n\n");
  std::string out = more_breaks ? "|+" : one_break ? "|" : "|-";
  if (one_break) text.remove_suffix(1);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    out += '\n';
    if (!line.empty()) absl::StrAppend(&out, std::string(static_cast<size_t>(indent), ' '), line);
  }
  return out;
}

std::string Number(double number) {
  char digits[32];
  const std::to_chars_result end =
      std::to_chars(digits, digits + sizeof(digits), number, std::chars_format::fixed);
  return std::string(digits, end.ptr);
}

// Writes block style, two spaces a level. A map that is a list's entry begins on the line of its hyphen.
class Writer {
 public:
  void Text(const char* key, absl::string_view text) {
    if (!text.empty()) Line(key, YamlScalar(text, indent_ + 2));
  }
  // Also when it is empty.
  void RequiredText(const char* key, absl::string_view text) { Line(key, YamlScalar(text, indent_ + 2)); }
  void Word(const char* key, absl::string_view word) {
    if (!word.empty()) Line(key, word);
  }
  void Number(const char* key, double number) { Line(key, content::Number(number)); }
  void Integer(const char* key, int number) { Line(key, absl::StrCat(number)); }
  void True(const char* key, bool value) {
    if (value) Line(key, "true");
  }

  template <typename List>
  void Texts(const char* key, const List& texts) {
    if (texts.empty()) return;
    Line(key, "");
    indent_ += 2;
    for (const std::string& text : texts) Entry(YamlScalar(text, indent_ + 2));
    indent_ -= 2;
  }

  // Short words in one line.
  template <typename Words>
  void Flow(const char* key, const Words& words) {
    std::string line = "[";
    for (const auto& word : words) absl::StrAppend(&line, line.size() > 1 ? ", " : "", FlowScalar(word));
    Line(key, line + "]");
  }

  template <typename Write>
  void Map(const char* key, const Write& write) {
    Line(key, "");
    indent_ += 2;
    write();
    indent_ -= 2;
  }

  template <typename Messages, typename Write>
  void Maps(const char* key, const Messages& messages, const Write& write) {
    if (messages.empty()) return;
    Line(key, "");
    indent_ += 2;
    for (const auto& message : messages) InEntry([&] { write(message); });
    indent_ -= 2;
  }

  // One entry of a list of follow-ups.
  void FollowUp(const v1::FollowUp& follow_up) {
    if (!follow_up.line().empty()) return Entry(YamlScalar(follow_up.line(), indent_ + 2));
    InEntry([&] {
      RequiredText("question", follow_up.question());
      if (!follow_up.when_missed().empty()) Flow("when_missed", follow_up.when_missed());
    });
  }

  // Keys and values that are the author's own, by key.
  void Fields(const google::protobuf::Struct& fields) {
    const std::map<std::string, google::protobuf::Value> sorted(fields.fields().begin(),
                                                                fields.fields().end());
    for (const auto& [key, value] : sorted) Field(FlowScalar(key), value);
  }

  std::string Take() { return std::move(out_); }

 private:
  static std::string FlowScalar(absl::string_view text) {
    const bool plain = IsPlainSafe(text) && text.find_first_of(",[]{}:") == absl::string_view::npos;
    return plain ? std::string(text) : Quoted(text);
  }

  template <typename Write>
  void InEntry(const Write& write) {
    hyphen_ = true;
    indent_ += 2;
    write();
    indent_ -= 2;
  }

  void Entry(absl::string_view value) {
    absl::StrAppend(&out_, std::string(static_cast<size_t>(indent_), ' '), "- ", value, "\n");
  }

  void Field(absl::string_view key, const google::protobuf::Value& value) {
    switch (value.kind_case()) {
      case google::protobuf::Value::kStructValue:
        if (value.struct_value().fields().empty()) return Line(key, "{}");
        Line(key, "");
        indent_ += 2;
        Fields(value.struct_value());
        indent_ -= 2;
        return;
      case google::protobuf::Value::kListValue:
        if (value.list_value().values().empty()) return Line(key, "[]");
        Line(key, "");
        indent_ += 2;
        for (const google::protobuf::Value& member : value.list_value().values()) Member(member);
        indent_ -= 2;
        return;
      default:
        Line(key, Leaf(value));
    }
  }

  void Member(const google::protobuf::Value& value) {
    if (value.has_struct_value() && !value.struct_value().fields().empty()) {
      InEntry([&] { Fields(value.struct_value()); });
    } else if (value.has_list_value() && !value.list_value().values().empty()) {
      // A list in a list: its hyphen has a line of its own.
      absl::StrAppend(&out_, std::string(static_cast<size_t>(indent_), ' '), "-\n");
      indent_ += 2;
      for (const google::protobuf::Value& member : value.list_value().values()) Member(member);
      indent_ -= 2;
    } else {
      Entry(Leaf(value));
    }
  }

  std::string Leaf(const google::protobuf::Value& value) const {
    switch (value.kind_case()) {
      case google::protobuf::Value::kStringValue:
        return YamlScalar(value.string_value(), indent_ + 2);
      case google::protobuf::Value::kStructValue:
        return "{}";
      case google::protobuf::Value::kListValue:
        return "[]";
      default:
        return "null";  // translations hold texts, lists and maps; anything else is no value
    }
  }

  void Line(absl::string_view key, absl::string_view value) {
    const int spaces = hyphen_ ? indent_ - 2 : indent_;
    absl::StrAppend(&out_, std::string(static_cast<size_t>(spaces), ' '), hyphen_ ? "- " : "", key, ":",
                    value.empty() ? "" : " ", value, "\n");
    hyphen_ = false;
  }

  std::string out_;
  int indent_ = 0;
  bool hyphen_ = false;
};

void WriteItem(Writer& out, const v1::RubricItem& item) {
  out.RequiredText("id", item.id());
  out.Text("point", item.point());
  if (item.has_weight()) out.Number("weight", item.weight());
  out.Word("need", WordOf(kNeedWords, item.need()));
  out.Texts("about", item.about());
  out.Texts("accept", item.accept());
  out.Word("detect", WordOf(kDetectWords, item.detect()));
  out.Text("cue", item.cue());
  if (item.has_cap_without()) out.Integer("cap_without", item.cap_without());
  out.Text("satisfies", item.satisfies());
  if (item.any() > 0) out.Integer("any", item.any());
  out.Maps("of", item.of(), [&](const v1::RubricItem& member) { WriteItem(out, member); });
}

void WriteFlag(Writer& out, const v1::RedFlag& flag) {
  out.RequiredText("id", flag.id());
  out.Word("kind", WordOf(kFlagKindWords, flag.kind()));
  out.RequiredText("point", flag.point());
  if (flag.has_penalty()) out.Number("penalty", flag.penalty());
  if (flag.has_cap()) out.Integer("cap", flag.cap());
  out.True("critical", flag.critical());
  if (!flag.cancels().empty()) out.Flow("cancels", flag.cancels());
  if (flag.match().empty()) out.Flow("match", flag.match());
  out.Texts("match", flag.match());
  out.Texts("unless", flag.unless());
  out.Text("say", flag.say());
}

void WriteExample(Writer& out, const v1::Example& example) {
  out.RequiredText("id", example.id());
  out.RequiredText("answer", example.answer());
  out.Word("score", absl::StrCat("[", example.score_low(), ", ", example.score_high(), "]"));
  if (!example.made().empty()) out.Flow("made", example.made());
  if (!example.missed().empty()) out.Flow("missed", example.missed());
  if (example.check_flags()) out.Flow("flags", example.flags());
}

void WriteQuestion(Writer& out, const v1::Question& question) {
  out.RequiredText("id", question.id());
  out.Word("kind", WordOf(kQuestionKindWords, question.kind()));
  out.Text("topic", question.topic());
  out.Integer("difficulty", question.difficulty());
  if (question.minutes() > 0) out.Integer("minutes", question.minutes());
  out.RequiredText("prompt", question.prompt());
  out.Texts("variants", question.variants());
  out.Text("guidance", question.guidance());
  out.RequiredText("model_answer", question.model_answer());
  out.Maps("rubric", question.rubric(), [&](const v1::RubricItem& item) { WriteItem(out, item); });
  if (question.has_star()) {
    out.Map("star", [&] {
      out.Number("weight", question.star().weight());
      if (question.star().has_cap_without_result())
        out.Integer("cap_without_result", question.star().cap_without_result());
    });
  }
  out.Maps("red_flags", question.red_flags(), [&](const v1::RedFlag& flag) { WriteFlag(out, flag); });
  out.Texts("hints", question.hints());
  if (!question.follow_ups().empty()) {
    out.Map("follow_ups", [&] {
      for (const v1::FollowUp& follow_up : question.follow_ups()) out.FollowUp(follow_up);
    });
  }
  out.True("follow_up_only", question.follow_up_only());
  out.Text("notes", question.notes());
  out.Texts("tags", question.tags());
  out.Maps("read_more", question.read_more(), [&](const v1::ReadMore& read_more) {
    out.RequiredText("title", read_more.title());
    out.RequiredText("url", read_more.url());
  });
  out.True("derived", question.derived());
  out.Maps("examples", question.examples(), [&](const v1::Example& example) { WriteExample(out, example); });
  if (question.has_locales()) {
    out.Map("locales", [&] { out.Fields(question.locales()); });
  }
}

}  // namespace

std::string YamlScalar(absl::string_view text, int indent) {
  if (IsPlainSafe(text)) return std::string(text);
  if (IsBlockSafe(text)) return Block(text, indent);
  return Quoted(text);
}

std::string WritePack(const v1::PackContent& pack) {
  v1::PackContent canonical = pack;
  Canonicalise(canonical);
  Writer out;
  out.Word("format", kPackFormatName);
  out.RequiredText("pack", canonical.pack());
  out.RequiredText("language", canonical.language());
  out.RequiredText("role", canonical.role());
  out.Text("tagline", canonical.tagline());
  out.Text("license", canonical.license());
  out.Text("homepage", canonical.homepage());
  out.Word("visibility", WordOf(kVisibilityWords, canonical.visibility()));
  out.Word("offline", WordOf(kOfflineWords, canonical.offline()));
  out.Maps("tips", canonical.tips(), [&](const v1::Tip& tip) {
    out.RequiredText("id", tip.id());
    out.RequiredText("text", tip.text());
    if (!tip.has_check()) return;
    out.Map("check", [&] {
      std::vector<absl::string_view> kinds;
      for (int kind : tip.check().kinds())
        kinds.push_back(WordOf(kQuestionKindWords, static_cast<v1::QuestionKind>(kind)));
      out.Flow("kinds", kinds);
      out.Map("rubric", [&] { WriteItem(out, tip.check().rubric()); });
    });
  });
  out.Maps("topics", canonical.topics(), [&](const v1::Topic& topic) {
    out.RequiredText("id", topic.id());
    out.RequiredText("title", topic.title());
    if (topic.has_weight()) out.Number("weight", topic.weight());
  });
  out.Maps("questions", canonical.questions(),
           [&](const v1::Question& question) { WriteQuestion(out, question); });
  return out.Take();
}

}  // namespace greenroom::content
