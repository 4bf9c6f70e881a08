// Random valid packs with nasty texts, for property tests.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_GENERATOR_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_GENERATOR_H_

#include <rapidcheck.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// Makes one pack from rapidcheck's current source of randomness.
class PackGenerator {
 public:
  v1::PackContent Pack() {
    v1::PackContent pack;
    pack.set_pack(Id("p"));
    pack.set_language("en");
    pack.set_role(Line());
    if (Maybe()) pack.set_tagline(Line());
    if (Maybe()) pack.set_homepage("https://example.org/#a: b");
    if (Maybe()) pack.set_visibility(v1::VISIBILITY_EXAM);
    if (Maybe()) pack.set_offline(v1::OFFLINE_POLICY_FULL);
    for (int i = Number(0, 2); i > 0; --i) AddTip(pack);
    v1::Topic& topic = *pack.add_topics();
    topic.set_id("t");
    topic.set_title(Line());
    if (Maybe()) topic.set_weight(Hundredths());
    for (int i = 0, n = Number(1, 3); i < n; ++i) AddQuestion(pack, absl::StrCat("q", i));
    v1::Question& follow_up = AddQuestion(pack, "follow");
    follow_up.set_follow_up_only(true);
    v1::FollowUp& asks = *pack.mutable_questions(0)->add_follow_ups();
    asks.set_question("follow");
    if (Maybe()) asks.add_when_missed(pack.questions(0).rubric(0).id());
    return pack;
  }

  // Anything but NUL and invalid UTF-8, made of what YAML stumbles over.
  static std::string Nasty(int most) {
    static const char* const kParts[] = {"a",
                                         "word",
                                         " ",
                                         "  ",
                                         "\n",
                                         "\n\n",
                                         "\r",
                                         "\r\n",
                                         "\t",
                                         "#",
                                         " #",
                                         ": ",
                                         ":",
                                         "- ",
                                         "-",
                                         "---\n",
                                         "...\n",
                                         "|",
                                         ">",
                                         "'",
                                         "\"",
                                         "\\",
                                         "\\n",
                                         "%",
                                         "@",
                                         "`",
                                         "&a",
                                         "*a",
                                         "!",
                                         "!!str ",
                                         "?",
                                         "? ",
                                         "[",
                                         "]",
                                         "{",
                                         "}",
                                         ",",
                                         "~",
                                         "null",
                                         "true",
                                         "yes",
                                         "no",
                                         "1",
                                         "0x1F",
                                         "1e5",
                                         ".inf",
                                         "2001-01-01",
                                         "<<",
                                         "=",
                                         "é",
                                         "日本",
                                         "\xF0\x9F\x98\x80",
                                         "\xE2\x80\xA8",
                                         "\xE2\x80\xA9",
                                         "\xC2\x85",
                                         "\xEF\xBB\xBF",
                                         "e\xCC\x81",
                                         "\xEF\xBF\xBD",
                                         "\xC2\xA0"};
    std::string text;
    for (int i = Number(0, most); i > 0; --i)
      text += kParts[Number(0, static_cast<int>(std::size(kParts)) - 1)];
    return text;
  }

 private:
  static int Number(int low, int high) { return *rc::gen::inRange(low, high + 1); }
  static bool Maybe() { return Number(0, 1) == 1; }
  static double Hundredths() { return Number(1, 10000) / 100.0; }
  static std::string Id(const std::string& start) {
    return absl::StrCat(start, Number(0, 9) == 0 ? "-1e5" : "", Number(0, 99));
  }

  // Not empty, one line, no controls.
  static std::string Line() {
    std::string line;
    for (char c : Nasty(8)) {
      if (c != '\n' && c != '\r' && c != '\t') line += c;
    }
    // U+0085 is a control character.
    for (size_t at; (at = line.find("\xC2\x85")) != std::string::npos;) line.erase(at, 2);
    return line.empty() ? "x" : line;
  }

  static std::string Text() {
    std::string text = Nasty(14);
    for (size_t at; (at = text.find("\xC2\x85")) != std::string::npos;) text.erase(at, 2);
    return text.empty() ? "\n" : text;
  }

  static std::string Phrase() {
    static const char* const kPhrases[] = {
        "no", "1", "(a|b ...) c", "=a: b #=", "don't", "- a", "\xC3\xA9t\xC3\xA9 ... x", "# a", "a: b"};
    return kPhrases[Number(0, static_cast<int>(std::size(kPhrases)) - 1)];
  }

  // A point at any depth; a group where `groups` levels are left. Names are unique by `prefix`.
  void FillItem(v1::RubricItem& item, const std::string& prefix, int groups) {
    item.set_id(prefix);
    const bool member = groups < 2;
    const bool group = groups > 0 && Number(0, 2) == 0;
    if (!group || Maybe()) item.set_point(Line());
    if (!group || !member) {
      if (Maybe()) item.set_weight(Hundredths());
      if (Maybe()) item.set_cue(Line());
      if (Maybe()) item.set_cap_without(Number(0, 100));
      if (tip_ids_ > 0 && Maybe()) item.set_satisfies("tip0");
    }
    if (group) {
      const int members = Number(2, 3);
      for (int i = 0; i < members; ++i) FillItem(*item.add_of(), absl::StrCat(prefix, "-", i), groups - 1);
      if (Maybe()) item.set_any(Number(1, members));
      return;
    }
    if (Maybe()) item.set_need(v1::NEED_MENTION);
    if (Maybe()) item.set_detect(v1::DETECT_TRADE_OFF);
    for (int i = Number(0, 2); i > 0; --i) item.add_accept(Phrase());
    for (int i = Number(0, 1); i > 0; --i) item.add_about(Phrase());
  }

  void AddTip(v1::PackContent& pack) {
    v1::Tip& tip = *pack.add_tips();
    tip.set_id(absl::StrCat("tip", tip_ids_++));
    tip.set_text(Line());
    if (!Maybe()) return;
    tip.mutable_check()->add_kinds(v1::QUESTION_KIND_SYSTEM_DESIGN);
    if (Maybe()) tip.mutable_check()->add_kinds(v1::QUESTION_KIND_PRODUCTION);
    FillItem(*tip.mutable_check()->mutable_rubric(), "c", 2);
  }

  v1::Question& AddQuestion(v1::PackContent& pack, const std::string& id) {
    v1::Question& question = *pack.add_questions();
    question.set_id(id);
    question.set_kind(static_cast<v1::QuestionKind>(Number(1, 4)));
    if (Maybe()) question.set_topic("t");
    question.set_difficulty(Number(1, 5));
    if (Maybe()) question.set_minutes(Number(1, 180));
    question.set_prompt(Text());
    for (int i = Number(0, 2); i > 0; --i) question.add_variants(Text());
    if (Maybe()) question.set_guidance(Text());
    question.set_model_answer(Text());
    for (int i = 0, n = Number(1, 3); i < n; ++i) FillItem(*question.add_rubric(), absl::StrCat("i", i), 2);
    if (Maybe()) question.mutable_star()->set_weight(Hundredths());
    if (question.has_star() && Maybe()) question.mutable_star()->set_cap_without_result(Number(0, 100));
    if (Maybe()) AddFlag(question);
    for (int i = Number(0, 2); i > 0; --i) question.add_hints(Line());
    if (Maybe()) question.add_follow_ups()->set_line(Line());
    if (Maybe()) question.set_notes(Text());
    for (int i = Number(0, 2); i > 0; --i) question.add_tags(Line());
    if (Maybe()) {
      v1::ReadMore& more = *question.add_read_more();
      more.set_title(Line());
      more.set_url("https://example.org/?q=a&b#c");
    }
    question.set_derived(Maybe());
    for (int i = 0, n = Number(0, 2); i < n; ++i) AddExample(question, absl::StrCat("e", i));
    if (Maybe()) AddLocale(question);
    return question;
  }

  void AddFlag(v1::Question& question) {
    v1::RedFlag& flag = *question.add_red_flags();
    flag.set_id("flag");
    flag.set_point(Line());
    if (Maybe()) flag.set_kind(v1::FLAG_KIND_MISCONCEPTION);
    if (Maybe()) flag.set_penalty(Number(0, 10000) / 100.0);
    if (Maybe()) flag.set_cap(Number(0, 100));
    flag.set_critical(Maybe());
    if (Maybe()) flag.add_cancels(question.rubric(0).id());
    for (int i = Number(0, 2); i > 0; --i) flag.add_match(Phrase());
    for (int i = Number(0, 1); i > 0; --i) flag.add_unless(Phrase());
    if (Maybe()) flag.set_say(Line());
  }

  void AddExample(v1::Question& question, const std::string& id) {
    v1::Example& example = *question.add_examples();
    example.set_id(id);
    example.set_answer(Nasty(12));
    example.set_score_low(Number(0, 50));
    example.set_score_high(Number(50, 100));
    if (Maybe()) example.add_made(question.rubric(0).id());
    if (Maybe() && question.red_flags_size() > 0) example.add_flags("flag");
    if (Maybe() || !example.flags().empty()) example.set_check_flags(true);
  }

  void AddLocale(v1::Question& question) {
    auto& german =
        *(*question.mutable_locales()->mutable_fields())["de"].mutable_struct_value()->mutable_fields();
    german["prompt"].set_string_value(Text());
    german[Line()].mutable_list_value()->add_values()->set_string_value(Text());
    auto& nested = *german["rubric"].mutable_struct_value()->mutable_fields();
    auto& list = *nested["i0"].mutable_list_value();
    (*list.add_values()->mutable_struct_value()->mutable_fields())["point"].set_string_value(Line());
    list.add_values()->mutable_list_value()->add_values()->set_string_value(Line());
    list.add_values()->set_null_value(google::protobuf::NULL_VALUE);
    list.add_values()->mutable_list_value();
    list.add_values()->mutable_struct_value();
  }

  int tip_ids_ = 0;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_GENERATOR_H_
