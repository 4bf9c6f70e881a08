#include "services/content/domain/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/content/domain/text_rules.h"

namespace greenroom::content {
namespace {

// yaml-cpp counts columns in bytes; people count characters.
class LineIndex {
 public:
  LineIndex(absl::string_view text, int source) : text_(text), source_(source) {
    starts_.push_back(0);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }

  // Both from 0, the column in bytes. Cheap where places are asked for in their order.
  Place At(int line, int column) {
    if (line < 0) return Place{source_, 0, 0};
    const size_t row = std::min(static_cast<size_t>(line), starts_.size() - 1);
    const absl::string_view rest = text_.substr(starts_[row]);
    const size_t bytes = std::min(static_cast<size_t>(std::max(column, 0)), rest.size());
    if (row != last_row_ || bytes < last_bytes_) {
      last_row_ = row;
      last_bytes_ = last_characters_ = 0;
    }
    last_characters_ += CodePointCount(rest.substr(last_bytes_, bytes - last_bytes_));
    last_bytes_ = bytes;
    return Place{source_, static_cast<int>(row) + 1, static_cast<int>(last_characters_) + 1};
  }

  Place AtByte(size_t offset) {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const size_t row = static_cast<size_t>(next - starts_.begin()) - 1;
    return At(static_cast<int>(row), static_cast<int>(offset - starts_[row]));
  }

  // Whether a question mark stands there (both from 0, the column in bytes).
  bool IsQuestionMark(int line, int column) const {
    if (line < 0 || column < 0 || static_cast<size_t>(line) >= starts_.size()) return false;
    // An error at the source's end stands where there is no character.
    const size_t offset = starts_[static_cast<size_t>(line)] + static_cast<size_t>(column);
    return offset < text_.size() && text_[offset] == '?';
  }

  // Whether the line (from 0) begins with white space that holds a tab.
  bool IndentsByTab(int line) const {
    if (line < 0 || static_cast<size_t>(line) >= starts_.size()) return false;
    for (size_t i = starts_[static_cast<size_t>(line)]; i < text_.size(); ++i) {
      if (text_[i] == '\t') return true;
      if (text_[i] != ' ') return false;
    }
    return false;
  }

 private:
  absl::string_view text_;
  int source_;
  std::vector<size_t> starts_;
  size_t last_row_ = 0, last_bytes_ = 0, last_characters_ = 0;
};

// Ends the parse from inside a callback; what was wrong has been added to the issues.
struct Refused {};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(LineIndex& lines, IssueList& issues) : lines_(lines), issues_(issues) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      Refuse("multiple-documents", mark, "a pack is one YAML document; this is where a second one begins");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Attach(NewNode(YamlNode::Kind::kNull, mark, "", anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse("alias", mark, "anchors and aliases are not allowed in a pack; write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = NewNode(YamlNode::Kind::kScalar, mark, tag, anchor);
    node.plain = tag == "?";
    node.scalar = value;
    Attach(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { Close(); }

  int documents() const { return documents_; }
  std::optional<YamlNode> TakeRoot() { return std::move(root_); }

 private:
  struct Frame {
    YamlNode node;
    bool has_key = false;  // a map's key has come, its value is next
    bool drop = false;     // that value is not kept
    std::string key;
    Place key_place;
    std::unordered_set<std::string> keys;
  };

  [[noreturn]] void Refuse(const char* code, const YAML::Mark& mark, absl::string_view message) {
    issues_.Error(code, lines_.At(mark.line, mark.column), "", message);
    throw Refused{};
  }

  YamlNode NewNode(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                   YAML::anchor_t anchor) {
    if (anchor != 0)
      Refuse("alias", mark, "anchors and aliases are not allowed in a pack; write the value out");
    if (!tag.empty() && tag != "?" && tag != "!") Refuse("tag", mark, "tags are not allowed in a pack");
    if (++nodes_ > kMaxYamlNodes) {
      Refuse("too-large", mark, absl::StrCat("a pack has at most ", kMaxYamlNodes, " values"));
    }
    YamlNode node;
    node.kind = kind;
    node.place = lines_.At(mark.line, mark.column);
    return node;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (open_.size() >= static_cast<size_t>(kMaxYamlDepth)) {
      Refuse("too-deep", mark, absl::StrCat("values are nested deeper than ", kMaxYamlDepth, " levels"));
    }
    Frame frame;
    frame.node = NewNode(kind, mark, tag, anchor);
    open_.push_back(std::move(frame));
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Attach(std::move(node));
  }

  void Attach(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = open_.back();
    if (frame.node.kind == YamlNode::Kind::kSequence) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      TakeKey(frame, std::move(node));
    } else {
      frame.has_key = false;
      if (node.kind == YamlNode::Kind::kNull)
        node.place = frame.key_place;  // nothing stands where its key stands
      if (!frame.drop) {
        frame.node.entries.push_back(YamlEntry{std::move(frame.key), frame.key_place, std::move(node)});
      }
    }
  }

  // Where the innermost map stands, ready for a key to follow: "questions[2]." or "".
  std::string Path() const {
    std::string path;
    for (size_t i = 0; i + 1 < open_.size(); ++i) {
      const Frame& frame = open_[i];
      if (frame.node.kind == YamlNode::Kind::kSequence) {
        absl::StrAppend(&path, "[", frame.node.items.size(), "]");
      } else {
        absl::StrAppend(&path, path.empty() ? "" : ".", frame.key);
      }
    }
    return path.empty() ? path : path + ".";
  }

  void TakeKey(Frame& frame, YamlNode node) {
    frame.has_key = true;
    frame.drop = true;
    if (node.kind != YamlNode::Kind::kScalar) {
      issues_.Error("bad-key", node.place, "", "a key must be a word");
    } else if (!frame.keys.insert(node.scalar).second) {
      issues_.Error("duplicate-key", node.place, Path() + node.scalar,
                    absl::StrCat("the key \"", node.scalar, "\" stands twice in the same place"));
    } else {
      frame.drop = false;
      frame.key = std::move(node.scalar);
      frame.key_place = node.place;
    }
  }

  LineIndex& lines_;
  IssueList& issues_;
  std::vector<Frame> open_;
  std::optional<YamlNode> root_;
  int documents_ = 0;
  int nodes_ = 0;
};

bool IsReadable(absl::string_view text, LineIndex& lines, IssueList& issues) {
  if (std::optional<size_t> bad = FirstInvalidUtf8(text)) {
    issues.Error("not-utf8", lines.AtByte(*bad), "", "the source is not valid UTF-8 from here on");
    return false;
  }
  const size_t nul = text.find('\0');
  if (nul != absl::string_view::npos) {
    issues.Error("nul", lines.AtByte(nul), "", "the source holds a NUL character");
    return false;
  }
  return true;
}

// What yaml-cpp says may end with a byte of the source, which need not be a character, nor one to show.
std::string Printable(absl::string_view message) {
  std::string printable;
  for (size_t offset = 0; offset < message.size();) {
    const size_t begin = offset;
    const std::optional<char32_t> character = NextCodePoint(message, offset);
    const bool shown = character && !IsControl(*character);
    absl::StrAppend(&printable, shown ? message.substr(begin, offset - begin) : "?");
  }
  return printable;
}

const char* KindName(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a value";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
  }
  return "";
}

const YamlNode* IdOf(const YamlNode& node) {
  const YamlNode* id = node.kind == YamlNode::Kind::kMap ? node.Find("id") : nullptr;
  return id != nullptr && id->kind == YamlNode::Kind::kScalar ? id : nullptr;
}

void MergeSequence(YamlNode&& from, absl::string_view path, YamlNode& into, IssueList& issues) {
  std::unordered_map<std::string, size_t> index_by_id;
  for (size_t i = 0; i < into.items.size(); ++i) {
    if (const YamlNode* id = IdOf(into.items[i])) index_by_id.emplace(id->scalar, i);
  }
  for (YamlNode& item : from.items) {
    const YamlNode* id = IdOf(item);
    if (id == nullptr) {
      issues.Error("duplicate-key", item.place, path,
                   "only lists of entries with an id can come from several files");
      return;
    }
    auto same = index_by_id.find(id->scalar);
    if (same == index_by_id.end()) {
      into.items.push_back(std::move(item));
    } else {
      MergeYaml(std::move(item), absl::StrCat(path, "[", same->second, "]"), into.items[same->second],
                issues);
    }
  }
}

}  // namespace

const YamlNode* YamlNode::Find(absl::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::optional<YamlNode> ParseYaml(absl::string_view text, int source, IssueList& issues) {
  if (text.size() > static_cast<size_t>(kMaxYamlBytes)) {
    issues.Error("too-large", Place{source, 1, 1}, "",
                 absl::StrCat("a pack's source is at most ", kMaxYamlBytes, " bytes"));
    return std::nullopt;
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  LineIndex lines(text, source);
  if (!IsReadable(text, lines, issues)) return std::nullopt;

  TreeBuilder builder(lines, issues);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    if (lines.IndentsByTab(error.mark.line)) {
      issues.Error("tab-indent", lines.At(error.mark.line, 0), "", "a tab indents this line",
                   "indent by spaces");
    } else {
      // The one trap of yaml-cpp itself: an unquoted question mark between braces or brackets.
      issues.Error("yaml-syntax", lines.At(error.mark.line, error.mark.column), "",
                   absl::StrCat("this is not YAML: ", Printable(error.msg)),
                   lines.IsQuestionMark(error.mark.line, error.mark.column) ? "put the text in quotes" : "");
    }
    return std::nullopt;
  } catch (const std::exception& error) {
    issues.Error("yaml-syntax", Place{source, 1, 1}, "",
                 absl::StrCat("this is not YAML: ", Printable(error.what())));
    return std::nullopt;
  }
  std::optional<YamlNode> root = builder.TakeRoot();
  if (!root || root->kind == YamlNode::Kind::kNull) {
    issues.Error("empty-document", Place{source, 1, 1}, "", "the source is empty");
    return std::nullopt;
  }
  return root;
}

void MergeYaml(YamlNode&& from, absl::string_view path, YamlNode& into, IssueList& issues) {
  if (from.kind != into.kind) {
    issues.Error(
        "duplicate-key", from.place, path,
        absl::StrCat("another file has ", KindName(into.kind), " here, this one ", KindName(from.kind)));
    return;
  }
  switch (from.kind) {
    case YamlNode::Kind::kNull:
      return;
    case YamlNode::Kind::kScalar:
      if (from.scalar != into.scalar) {
        issues.Error("duplicate-key", from.place, path,
                     absl::StrCat("another file says \"", into.scalar, "\""));
      }
      return;
    case YamlNode::Kind::kSequence:
      MergeSequence(std::move(from), path, into, issues);
      return;
    case YamlNode::Kind::kMap:
      for (YamlEntry& entry : from.entries) {
        auto same = std::find_if(into.entries.begin(), into.entries.end(),
                                 [&](const YamlEntry& other) { return other.key == entry.key; });
        if (same == into.entries.end()) {
          into.entries.push_back(std::move(entry));
        } else {
          MergeYaml(std::move(entry.value), path.empty() ? entry.key : absl::StrCat(path, ".", entry.key),
                    same->value, issues);
        }
      }
      return;
  }
}

}  // namespace greenroom::content
