#include "services/content/domain/pack_reader.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/content/domain/pack_words.h"
#include "services/content/domain/reference_check.h"
#include "services/content/domain/revision.h"
#include "services/content/domain/text_rules.h"
#include "services/content/domain/value_reader.h"
#include "services/content/domain/yaml_tree.h"

namespace greenroom::content {
namespace {

using Keys = absl::Span<const absl::string_view>;

// Reads the parts of a pack; each function fills one message from one node.
class PackParts {
 public:
  explicit PackParts(ValueReader& values) : values_(values) {}

  void ReadPack(const Located& at, v1::PackContent& pack);

 private:
  // Which level of a rubric an item is at.
  enum class Level { kItem, kMember, kLeaf };

  void ReadTip(const Located& at, v1::Tip& tip);
  void ReadTopic(const Located& at, v1::Topic& topic);
  void ReadQuestion(const Located& at, v1::Question& question);
  void ReadItem(const Located& at, Level level, v1::RubricItem& item);
  void ReadStar(const Located& at, v1::Star& star);
  void ReadFlag(const Located& at, v1::RedFlag& flag);
  void ReadFollowUp(const Located& at, v1::FollowUp& follow_up);
  void ReadReadMore(const Located& at, v1::ReadMore& read_more);
  void ReadExample(const Located& at, v1::Example& example);
  void ReadLocales(const Located& at, google::protobuf::Struct& locales);
  void ReadFree(const Located& at, int depth, google::protobuf::Value& value);

  // Sets a text field, where the key is there and its value is right.
  template <typename Message>
  void Text(const Located& at, absl::string_view key, TextRule rule, Message& message,
            std::string* (Message::*field)()) {
    if (auto value = values_.Get(at, key)) {
      if (auto text = values_.Text(*value, rule)) *(message.*field)() = *std::move(text);
    }
  }

  template <typename Set>
  void Weight(const Located& at, absl::string_view key, int64_t lowest, const Set& set) {
    if (auto value = values_.Get(at, key)) {
      if (auto number = values_.Hundredths(*value, lowest, 100'00)) set(*number);
    }
  }

  template <typename Set>
  void Integer(const Located& at, absl::string_view key, int lowest, int highest, const Set& set) {
    if (auto value = values_.Get(at, key)) {
      if (auto number = values_.Integer(*value, lowest, highest)) set(*number);
    }
  }

  template <typename Set>
  void Truth(const Located& at, absl::string_view key, const Set& set) {
    if (auto value = values_.Get(at, key)) {
      if (auto truth = values_.Truth(*value)) set(*truth);
    }
  }

  template <typename Enum, size_t N, typename Set>
  void OneOf(const Located& at, absl::string_view key, const Word<Enum> (&words)[N], const Set& set) {
    if (auto value = values_.Get(at, key)) {
      if (auto word = values_.OneOf(*value, words)) set(*word);
    }
  }

  void Texts(const Located& at, absl::string_view key, size_t most, TextRule rule,
             google::protobuf::RepeatedPtrField<std::string>* texts) {
    if (auto value = values_.Get(at, key)) {
      for (const Located& member : values_.List(*value, 0, most)) {
        // An empty one stands for what could not be read, so that those behind it keep their places.
        *texts->Add() = values_.Text(member, rule).value_or("");
      }
    }
  }

  template <typename Message>
  void Messages(const Located& at, absl::string_view key, size_t fewest, size_t most,
                void (PackParts::*read)(const Located&, Message&),
                google::protobuf::RepeatedPtrField<Message>* messages) {
    if (auto value = values_.Get(at, key)) {
      for (const Located& member : values_.List(*value, fewest, most))
        (this->*read)(member, *messages->Add());
    }
  }

  void ReadTopItem(const Located& at, v1::RubricItem& item) { ReadItem(at, Level::kItem, item); }
  void ReadMemberItem(const Located& at, v1::RubricItem& item) { ReadItem(at, Level::kMember, item); }
  void ReadLeafItem(const Located& at, v1::RubricItem& item) { ReadItem(at, Level::kLeaf, item); }

  ValueReader& values_;
};

constexpr int kMaxLocaleDepth = 8;
constexpr int kAnyNumber = 1'000'000;  // the group's size is checked once it is known

void PackParts::ReadPack(const Located& at, v1::PackContent& pack) {
  static constexpr absl::string_view kKnown[] = {"format",  "pack",    "language", "role",
                                                 "tagline", "license", "homepage", "visibility",
                                                 "offline", "tips",    "topics",   "questions"};
  static constexpr absl::string_view kRequired[] = {"format", "pack", "language", "role", "questions"};
  if (!values_.IsMap(at, kKnown, kRequired)) return;
  if (auto format = values_.Get(at, "format")) {
    auto name = values_.Text(*format, TextRule::kLine);
    if (name && *name != kPackFormatName) {
      values_.issues().Error("bad-format", format->node->place, "format", "this reader knows one format only",
                             kPackFormatName);
    }
  }
  Text(at, "pack", TextRule::kId, pack, &v1::PackContent::mutable_pack);
  Text(at, "language", TextRule::kLanguage, pack, &v1::PackContent::mutable_language);
  Text(at, "role", TextRule::kLine, pack, &v1::PackContent::mutable_role);
  Text(at, "tagline", TextRule::kLine, pack, &v1::PackContent::mutable_tagline);
  Text(at, "license", TextRule::kLine, pack, &v1::PackContent::mutable_license);
  Text(at, "homepage", TextRule::kWeb, pack, &v1::PackContent::mutable_homepage);
  OneOf(at, "visibility", kVisibilityWords, [&](v1::Visibility v) { pack.set_visibility(v); });
  OneOf(at, "offline", kOfflineWords, [&](v1::OfflinePolicy v) { pack.set_offline(v); });
  Messages(at, "tips", 0, 32, &PackParts::ReadTip, pack.mutable_tips());
  Messages(at, "topics", 0, kNoLimit, &PackParts::ReadTopic, pack.mutable_topics());
  Messages(at, "questions", 1, 500, &PackParts::ReadQuestion, pack.mutable_questions());
}

void PackParts::ReadTip(const Located& at, v1::Tip& tip) {
  static constexpr absl::string_view kKnown[] = {"id", "text", "check"};
  if (!values_.IsMap(at, kKnown, Keys(kKnown).first(2))) return;
  Text(at, "id", TextRule::kId, tip, &v1::Tip::mutable_id);
  Text(at, "text", TextRule::kLine, tip, &v1::Tip::mutable_text);
  const std::optional<Located> check = values_.Get(at, "check");
  if (!check) return;
  static constexpr absl::string_view kCheckKeys[] = {"kinds", "rubric"};
  v1::TipCheck& to = *tip.mutable_check();
  if (!values_.IsMap(*check, kCheckKeys, kCheckKeys)) return;
  if (auto kinds = values_.Get(*check, "kinds")) {
    for (const Located& kind : values_.List(*kinds, 1, kNoLimit)) {
      if (auto word = values_.OneOf(kind, kQuestionKindWords)) to.add_kinds(*word);
    }
  }
  if (auto rubric = values_.Get(*check, "rubric")) ReadTopItem(*rubric, *to.mutable_rubric());
}

void PackParts::ReadTopic(const Located& at, v1::Topic& topic) {
  static constexpr absl::string_view kKnown[] = {"id", "title", "weight"};
  if (!values_.IsMap(at, kKnown, Keys(kKnown).first(2))) return;
  Text(at, "id", TextRule::kId, topic, &v1::Topic::mutable_id);
  Text(at, "title", TextRule::kLine, topic, &v1::Topic::mutable_title);
  Weight(at, "weight", 1, [&](double w) { topic.set_weight(w); });
}

void PackParts::ReadQuestion(const Located& at, v1::Question& question) {
  static constexpr absl::string_view kKnown[] = {
      "id",       "kind",       "topic",          "difficulty", "minutes", "prompt",
      "variants", "guidance",   "model_answer",   "rubric",     "star",    "red_flags",
      "hints",    "follow_ups", "follow_up_only", "notes",      "tags",    "read_more",
      "derived",  "examples",   "locales"};
  static constexpr absl::string_view kRequired[] = {"id",     "kind",         "difficulty",
                                                    "prompt", "model_answer", "rubric"};
  if (!values_.IsMap(at, kKnown, kRequired)) return;
  Text(at, "id", TextRule::kId, question, &v1::Question::mutable_id);
  OneOf(at, "kind", kQuestionKindWords, [&](v1::QuestionKind v) { question.set_kind(v); });
  Text(at, "topic", TextRule::kId, question, &v1::Question::mutable_topic);
  Integer(at, "difficulty", 1, 5, [&](int v) { question.set_difficulty(v); });
  Integer(at, "minutes", 1, 180, [&](int v) { question.set_minutes(v); });
  Text(at, "prompt", TextRule::kText, question, &v1::Question::mutable_prompt);
  Texts(at, "variants", 8, TextRule::kText, question.mutable_variants());
  Text(at, "guidance", TextRule::kText, question, &v1::Question::mutable_guidance);
  Text(at, "model_answer", TextRule::kText, question, &v1::Question::mutable_model_answer);
  Messages(at, "rubric", 1, 40, &PackParts::ReadTopItem, question.mutable_rubric());
  if (auto star = values_.Get(at, "star")) ReadStar(*star, *question.mutable_star());
  Messages(at, "red_flags", 0, 16, &PackParts::ReadFlag, question.mutable_red_flags());
  Texts(at, "hints", 5, TextRule::kLine, question.mutable_hints());
  Messages(at, "follow_ups", 0, 8, &PackParts::ReadFollowUp, question.mutable_follow_ups());
  Truth(at, "follow_up_only", [&](bool v) { question.set_follow_up_only(v); });
  Text(at, "notes", TextRule::kText, question, &v1::Question::mutable_notes);
  Texts(at, "tags", kNoLimit, TextRule::kLine, question.mutable_tags());
  Messages(at, "read_more", 0, 8, &PackParts::ReadReadMore, question.mutable_read_more());
  Truth(at, "derived", [&](bool v) { question.set_derived(v); });
  Messages(at, "examples", 0, 50, &PackParts::ReadExample, question.mutable_examples());
  if (auto locales = values_.Get(at, "locales")) ReadLocales(*locales, *question.mutable_locales());
}

void PackParts::ReadItem(const Located& at, Level level, v1::RubricItem& item) {
  static constexpr absl::string_view kPointKeys[] = {
      "id", "point", "weight", "need", "about", "accept", "detect", "cue", "cap_without", "satisfies"};
  static constexpr absl::string_view kGroupKeys[] = {"id",     "of",  "point",       "any",
                                                     "weight", "cue", "cap_without", "satisfies"};
  const bool group =
      level != Level::kLeaf && at.node->kind == YamlNode::Kind::kMap && at.node->Find("of") != nullptr;
  if (group) {
    // A group inside a group has no weight, cue, cap or tip of its own.
    if (!values_.IsMap(at, Keys(kGroupKeys).first(level == Level::kItem ? 8 : 4), Keys(kGroupKeys).first(2)))
      return;
  } else if (!values_.IsMap(at, kPointKeys, Keys(kPointKeys).first(2))) {
    return;
  }
  Text(at, "id", TextRule::kId, item, &v1::RubricItem::mutable_id);
  Text(at, "point", TextRule::kLine, item, &v1::RubricItem::mutable_point);
  if (!group || level == Level::kItem) {
    Weight(at, "weight", 1, [&](double w) { item.set_weight(w); });
    Text(at, "cue", TextRule::kLine, item, &v1::RubricItem::mutable_cue);
    Integer(at, "cap_without", 0, 100, [&](int v) { item.set_cap_without(v); });
    Text(at, "satisfies", TextRule::kId, item, &v1::RubricItem::mutable_satisfies);
  }
  if (group) {
    Integer(at, "any", 1, kAnyNumber, [&](int v) { item.set_any(v); });
    Messages(at, "of", 2, 24, level == Level::kItem ? &PackParts::ReadMemberItem : &PackParts::ReadLeafItem,
             item.mutable_of());
    return;
  }
  OneOf(at, "need", kNeedWords, [&](v1::Need v) { item.set_need(v); });
  OneOf(at, "detect", kDetectWords, [&](v1::Detect v) { item.set_detect(v); });
  Texts(at, "about", 64, TextRule::kPhrase, item.mutable_about());
  Texts(at, "accept", 64, TextRule::kPhrase, item.mutable_accept());
}

void PackParts::ReadStar(const Located& at, v1::Star& star) {
  static constexpr absl::string_view kKnown[] = {"weight", "cap_without_result"};
  if (!values_.IsMap(at, kKnown, Keys(kKnown).first(1))) return;
  Weight(at, "weight", 1, [&](double w) { star.set_weight(w); });
  Integer(at, "cap_without_result", 0, 100, [&](int v) { star.set_cap_without_result(v); });
}

void PackParts::ReadFlag(const Located& at, v1::RedFlag& flag) {
  static constexpr absl::string_view kKnown[] = {"id",  "point",    "match",   "kind",   "penalty",
                                                 "cap", "critical", "cancels", "unless", "say"};
  if (!values_.IsMap(at, kKnown, Keys(kKnown).first(3))) return;
  Text(at, "id", TextRule::kId, flag, &v1::RedFlag::mutable_id);
  OneOf(at, "kind", kFlagKindWords, [&](v1::FlagKind v) { flag.set_kind(v); });
  Text(at, "point", TextRule::kLine, flag, &v1::RedFlag::mutable_point);
  Weight(at, "penalty", 0, [&](double p) { flag.set_penalty(p); });
  Integer(at, "cap", 0, 100, [&](int v) { flag.set_cap(v); });
  Truth(at, "critical", [&](bool v) { flag.set_critical(v); });
  Texts(at, "cancels", kNoLimit, TextRule::kId, flag.mutable_cancels());
  Texts(at, "match", 64, TextRule::kPhrase, flag.mutable_match());
  Texts(at, "unless", 64, TextRule::kPhrase, flag.mutable_unless());
  Text(at, "say", TextRule::kLine, flag, &v1::RedFlag::mutable_say);
}

void PackParts::ReadFollowUp(const Located& at, v1::FollowUp& follow_up) {
  static constexpr absl::string_view kKnown[] = {"question", "when_missed"};
  if (at.node->kind == YamlNode::Kind::kScalar) {
    if (auto line = values_.Text(at, TextRule::kLine)) follow_up.set_line(*std::move(line));
    return;
  }
  if (!values_.IsMap(at, kKnown, Keys(kKnown).first(1))) return;
  Text(at, "question", TextRule::kId, follow_up, &v1::FollowUp::mutable_question);
  Texts(at, "when_missed", kNoLimit, TextRule::kId, follow_up.mutable_when_missed());
}

void PackParts::ReadReadMore(const Located& at, v1::ReadMore& read_more) {
  static constexpr absl::string_view kKnown[] = {"title", "url"};
  if (!values_.IsMap(at, kKnown, kKnown)) return;
  Text(at, "title", TextRule::kLine, read_more, &v1::ReadMore::mutable_title);
  Text(at, "url", TextRule::kHttps, read_more, &v1::ReadMore::mutable_url);
}

void PackParts::ReadExample(const Located& at, v1::Example& example) {
  static constexpr absl::string_view kKnown[] = {"id", "answer", "score", "made", "missed", "flags"};
  if (!values_.IsMap(at, kKnown, Keys(kKnown).first(3))) return;
  Text(at, "id", TextRule::kId, example, &v1::Example::mutable_id);
  Text(at, "answer", TextRule::kAnswer, example, &v1::Example::mutable_answer);
  if (auto score = values_.Get(at, "score")) {
    const std::vector<Located> bounds = values_.List(*score, 2, 2);
    if (bounds.size() == 2) {
      if (auto low = values_.Integer(bounds[0], 0, 100)) example.set_score_low(*low);
      if (auto high = values_.Integer(bounds[1], 0, 100)) example.set_score_high(*high);
    }
  }
  Texts(at, "made", kNoLimit, TextRule::kId, example.mutable_made());
  Texts(at, "missed", kNoLimit, TextRule::kId, example.mutable_missed());
  Texts(at, "flags", kNoLimit, TextRule::kId, example.mutable_flags());
  example.set_check_flags(at.node->Find("flags") != nullptr);
}

void PackParts::ReadLocales(const Located& at, google::protobuf::Struct& locales) {
  if (!values_.IsAnyMap(at)) return;
  for (const YamlEntry& entry : at.node->entries) {
    const Located member{&entry.value, absl::StrCat(at.path, ".", entry.key)};
    if (!IsLanguageTag(entry.key)) {
      values_.issues().Error("bad-language", entry.place, member.path,
                             "this is not a language tag such as de or pt-BR");
    } else if (values_.IsAnyMap(member)) {
      ReadFree(member, 1, (*locales.mutable_fields())[entry.key]);
    }
  }
}

void PackParts::ReadFree(const Located& at, int depth, google::protobuf::Value& value) {
  const YamlNode& node = *at.node;
  if (depth > kMaxLocaleDepth) {
    values_.issues().Error("too-deep", values_.Enter(at), at.path, "a translation is nested too deep");
    return;
  }
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      value.set_null_value(google::protobuf::NULL_VALUE);
      return;
    case YamlNode::Kind::kScalar:
      if (auto text = values_.Text(at, TextRule::kText)) value.set_string_value(*std::move(text));
      return;
    case YamlNode::Kind::kSequence:
      value.mutable_list_value();
      for (const Located& member : values_.List(at, 0, kNoLimit)) {
        ReadFree(member, depth + 1, *value.mutable_list_value()->add_values());
      }
      return;
    case YamlNode::Kind::kMap:
      value.mutable_struct_value();
      for (const YamlEntry& entry : node.entries) {
        ReadFree({&entry.value, absl::StrCat(at.path, ".", entry.key)}, depth + 1,
                 (*value.mutable_struct_value()->mutable_fields())[entry.key]);
      }
      return;
  }
}

}  // namespace

ReadResult ReadPack(absl::string_view yaml) {
  const PackSource source{"", std::string(yaml)};
  return ReadPack(absl::MakeConstSpan(&source, 1));
}

ReadResult ReadPack(absl::Span<const PackSource> sources) {
  std::vector<std::string> names;
  size_t bytes = 0;
  for (const PackSource& source : sources) {
    names.push_back(source.name);
    bytes += source.text.size();
  }
  IssueList issues(names);
  ReadResult result;
  std::optional<YamlNode> root;
  if (sources.size() > 1 && bytes > static_cast<size_t>(kMaxYamlBytes)) {
    issues.Error("too-large", Place{}, "",
                 absl::StrCat("a pack's sources are at most ", kMaxYamlBytes, " bytes"));
  } else if (sources.empty()) {
    issues.Error("empty-document", Place{}, "", "there is no source");
  } else {
    for (size_t i = 0; i < sources.size(); ++i) {
      std::optional<YamlNode> part = ParseYaml(sources[i].text, static_cast<int>(i), issues);
      if (!part) continue;
      if (!root) {
        root = std::move(part);
      } else {
        MergeYaml(*std::move(part), "", *root, issues);
      }
    }
  }
  if (root) {
    ValueReader values(issues, result.places);
    PackParts(values).ReadPack({&*root, ""}, result.pack);
    CheckReferences(result.pack, result.places, issues);
    Canonicalise(result.pack);
  }
  result.issues = issues.TakeSorted();
  return result;
}

}  // namespace greenroom::content
