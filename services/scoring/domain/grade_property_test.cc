// What holds of every report, whatever the question and the answer: rapidcheck over generated rubrics and answers.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/testing/question_builder.h"

namespace greenroom::scoring {
namespace {

// Words that the generated rubrics are made of, and pieces that answers are made of besides.
const std::vector<std::string>& Words() {
  static const auto& words =
      *new std::vector<std::string>{"model",      "noise", "training", "data",  "label",    "gap",
                                    "validation", "error", "drift",    "early", "stopping", "fails"};
  return words;
}
const std::vector<std::string>& Pieces() {
  static const auto& pieces = *new std::vector<std::string>{"the",
                                                            "not",
                                                            "no",
                                                            "it",
                                                            "is",
                                                            "that",
                                                            "I built",
                                                            "we tried",
                                                            "I learned",
                                                            "but",
                                                            "\n",
                                                            "\n- ",
                                                            "\n\n",
                                                            ". ",
                                                            ", ",
                                                            ": ",
                                                            "? ",
                                                            "! ",
                                                            "(1) ",
                                                            "\"",
                                                            "'",
                                                            "=>",
                                                            "don't",
                                                            "\u00e9t\u00e9",
                                                            "\U0001f600",
                                                            "\u0448\u0443\u043c",
                                                            "na\u00efve",
                                                            "\u00ad",
                                                            "\u200d",
                                                            "e\u0301",
                                                            "\t",
                                                            "\r\n",
                                                            "99 %",
                                                            "3.5",
                                                            "I would",
                                                            "it is not true that",
                                                            "some say",
                                                            "the first",
                                                            "for example",
                                                            "TP/(TP+FP)",
                                                            "=",
                                                            "\u6a21\u578b",
                                                            "ignore the rubric"};
  return pieces;
}

// Valid UTF-8 of any code points.
rc::Gen<std::string> GenUtf8() {
  return rc::gen::map(rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange<uint32_t>(1, 0x11000)),
                      [](const std::vector<uint32_t>& points) {
                        std::string text;
                        for (uint32_t c : points) {
                          if (c >= 0xd800 && c < 0xe000) c = ' ';
                          if (c < 0x80) {
                            text += static_cast<char>(c);
                          } else if (c < 0x800) {
                            text += static_cast<char>(0xc0 | c >> 6);
                            text += static_cast<char>(0x80 | (c & 0x3f));
                          } else if (c < 0x10000) {
                            text += static_cast<char>(0xe0 | c >> 12);
                            text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
                            text += static_cast<char>(0x80 | (c & 0x3f));
                          } else {
                            text += static_cast<char>(0xf0 | c >> 18);
                            text += static_cast<char>(0x80 | (c >> 12 & 0x3f));
                            text += static_cast<char>(0x80 | (c >> 6 & 0x3f));
                            text += static_cast<char>(0x80 | (c & 0x3f));
                          }
                        }
                        return text;
                      });
}

rc::Gen<std::string> GenAnswer() {
  const auto piece = rc::gen::oneOf(rc::gen::elementOf(Words()), rc::gen::elementOf(Pieces()), GenUtf8());
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& pieces) { return absl::StrJoin(pieces, " "); });
}

std::string Phrase() {
  const auto word = [] { return *rc::gen::elementOf(Words()); };
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return word();
    case 1:
      return absl::StrCat(word(), " ... ", word());
    case 2:
      return absl::StrCat("(", word(), "|", word(), " ", word(), ") ... ", word());
    case 3:
      return absl::StrCat("(not|no|never) ... ", word());
    default:
      return "=TP/(TP+FP)=";
  }
}

double TwoDecimals(int from, int to) { return *rc::gen::inRange(from, to) / 100.0; }

content::v1::RubricItem GenPoint(const std::string& id) {
  content::v1::RubricItem item =
      Point(id, absl::StrCat("The ", *rc::gen::elementOf(Words()), " of ", *rc::gen::elementOf(Words())));
  if (*rc::gen::arbitrary<bool>()) item.set_need(content::v1::NEED_MENTION);
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) item.add_accept(Phrase());
  if (*rc::gen::inRange(0, 4) == 0) item.add_about(*rc::gen::elementOf(Words()));
  if (*rc::gen::inRange(0, 6) == 0)
    item.set_detect(static_cast<content::v1::Detect>(*rc::gen::inRange(1, 5)));
  if (*rc::gen::inRange(0, 4) == 0) item.set_cap_without(*rc::gen::inRange(0, 101));
  return item;
}

content::v1::Question GenQuestion() {
  content::v1::Question question = Question({});
  question.set_kind(static_cast<content::v1::QuestionKind>(*rc::gen::inRange(1, 5)));
  for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
    const std::string id = absl::StrCat("i", i);
    if (*rc::gen::arbitrary<bool>()) {
      *question.add_rubric() = GenPoint(id);
    } else {
      std::vector<content::v1::RubricItem> members;
      for (int k = *rc::gen::inRange(2, 5); k > 0; --k) members.push_back(GenPoint(absl::StrCat(id, "-", k)));
      *question.add_rubric() = Group(id, *rc::gen::inRange(0, 3), members);
    }
    if (*rc::gen::arbitrary<bool>())
      question.mutable_rubric(question.rubric_size() - 1)->set_weight(TwoDecimals(1, 1000));
  }
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    content::v1::RedFlag flag = Flag(absl::StrCat("f", i), {Phrase()});
    flag.set_penalty(TwoDecimals(0, 400));
    if (*rc::gen::arbitrary<bool>()) flag.set_cap(*rc::gen::inRange(0, 101));
    if (*rc::gen::arbitrary<bool>()) flag.add_cancels("i1");
    *question.add_red_flags() = flag;
  }
  if (*rc::gen::arbitrary<bool>()) {
    question.mutable_star()->set_weight(TwoDecimals(1, 500));
    if (*rc::gen::arbitrary<bool>())
      question.mutable_star()->set_cap_without_result(*rc::gen::inRange(0, 101));
  }
  if (*rc::gen::arbitrary<bool>()) {
    content::v1::Tip& tip = *question.add_tips();
    tip.set_id("tip");
    tip.mutable_check()->add_kinds(question.kind());
    *tip.mutable_check()->mutable_rubric() = GenPoint("tip-check");
  }
  return question;
}

bool IsBound(const std::string& answer, int32_t offset) {
  return offset == static_cast<int32_t>(answer.size()) ||
         (static_cast<unsigned char>(answer[static_cast<size_t>(offset)]) & 0xc0) != 0x80;
}

int32_t Utf16Units(const std::string& text) {
  int32_t units = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) == 0x80) continue;
    units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

void CheckSpans(const std::string& answer, const google::protobuf::RepeatedPtrField<v1::Span>& spans) {
  for (const v1::Span& span : spans) {
    RC_ASSERT(span.start() >= 0 && span.start() < span.end());
    RC_ASSERT(span.end() <= static_cast<int32_t>(answer.size()));
    RC_ASSERT(IsBound(answer, span.start()) && IsBound(answer, span.end()));
    const std::string quote =
        answer.substr(static_cast<size_t>(span.start()), static_cast<size_t>(span.end() - span.start()));
    RC_ASSERT(span.quote() == quote);
    RC_ASSERT(span.start_utf16() == Utf16Units(answer.substr(0, static_cast<size_t>(span.start()))));
    RC_ASSERT(span.end_utf16() - span.start_utf16() == Utf16Units(quote));
    RC_ASSERT(span.match() != v1::MATCH_KIND_UNSPECIFIED);
  }
}

void CheckItem(const std::string& answer, const v1::ItemResult& item, bool member) {
  RC_ASSERT(item.credit() >= 0 && item.credit() <= 1);
  const bool weighs = item.weight() > 0;
  RC_ASSERT(weighs != member);
  // No credit without evidence.
  bool evidence = !item.spans().empty();
  for (const v1::ItemResult& part : item.members()) evidence = evidence || part.credit() > 0;
  const bool earned = item.credit() > 0;
  RC_ASSERT(!earned || evidence);
  const bool shown = !item.spans().empty();
  RC_ASSERT(earned || !shown);
  CheckSpans(answer, item.spans());
  for (const v1::ItemResult& part : item.members()) CheckItem(answer, part, true);
}

// The formula of report.proto once more, from the printed rows, in another way than the grader computes it.
int32_t Recompute(const v1::Report& report) {
  const auto hundredths = [](double x) { return static_cast<int64_t>(x * 100 + (x < 0 ? -0.5 : 0.5)); };
  int64_t weight = 0, earned = 0, penalty = 0;
  for (const auto* rows : {&report.items(), &report.tips()}) {
    for (const v1::ItemResult& row : *rows) {
      weight += hundredths(row.weight());
      earned += hundredths(row.weight()) * hundredths(row.credit());
    }
  }
  if (report.has_star()) {
    weight += hundredths(report.star().weight());
    earned += hundredths(report.star().weight()) * hundredths(report.star().credit());
  }
  for (const v1::FlagResult& flag : report.flags()) penalty += hundredths(flag.penalty());
  // Everything in units of 1/20000 of a weight unit, so that half a weight is whole.
  const int64_t total = weight * 200;
  int64_t raw = earned * 2 - std::min(weight * 100, penalty * 200);
  raw = std::max<int64_t>(0, std::min(raw, total));
  int64_t score = 0;
  while (score < 100 && (2 * score + 1) * total <= 200 * raw) ++score;  // half rounds up
  for (const v1::CapResult& cap : report.caps()) score = std::min<int64_t>(score, cap.limit());
  return static_cast<int32_t>(score);
}

void CheckReport(const content::v1::Question& question, const std::string& answer) {
  const CompiledQuestion compiled = MustCompile(question);
  const v1::Report report = Grade(compiled, answer);
  using google::protobuf::util::MessageDifferencer;
  RC_ASSERT(MessageDifferencer::Equals(report, Grade(compiled, answer)));
  RC_ASSERT(MessageDifferencer::Equals(report, Grade(MustCompile(question), answer)));
  if (report.ungraded_language()) {
    RC_ASSERT(!report.has_score());
    return;
  }
  RC_ASSERT(report.score() >= 0 && report.score() <= 100);
  RC_ASSERT(report.score_low() >= 0 && report.score_low() <= report.score());
  RC_ASSERT(report.score_high() <= 100 && report.score_high() >= report.score());
  RC_ASSERT(report.score() == Recompute(report));
  RC_ASSERT(report.items_size() == question.rubric_size());
  RC_ASSERT(report.feedback_size() <= 4);
  for (const v1::ItemResult& item : report.items()) CheckItem(answer, item, false);
  for (const v1::ItemResult& tip : report.tips()) CheckItem(answer, tip, false);
  for (const v1::FlagResult& flag : report.flags()) {
    RC_ASSERT(!flag.spans().empty());
    CheckSpans(answer, flag.spans());
  }
  RC_ASSERT(report.has_star() == question.has_star());
  for (const v1::StarPartResult& part : report.star().parts()) {
    RC_ASSERT(!part.spans().empty());
    CheckSpans(answer, part.spans());
  }
}

RC_GTEST_PROP(GradeProperty, HoldsForAnswersOfTheRubricsWords, ()) {
  CheckReport(GenQuestion(), *GenAnswer());
}

RC_GTEST_PROP(GradeProperty, HoldsForAnyUtf8, ()) { CheckReport(GenQuestion(), *GenUtf8()); }

// Bytes that are not UTF-8 never reach the grader through the service; it still ends, and in bounds.
RC_GTEST_PROP(GradeProperty, IsTotalForAnyBytes, (const std::string& answer)) {
  const v1::Report report = Grade(MustCompile(GenQuestion()), answer);
  for (const v1::ItemResult& item : report.items()) {
    for (const v1::Span& span : item.spans()) {
      RC_ASSERT(span.start() >= 0 && span.start() < span.end() &&
                span.end() <= static_cast<int32_t>(answer.size()));
    }
  }
}

// Without flags, more of what is wanted never makes an answer worse.
RC_GTEST_PROP(GradeProperty, MoreMentionsNeverCost, ()) {
  std::vector<content::v1::RubricItem> points;
  for (const std::string& word : Words())
    points.push_back(Mention(word, "Names " + word + " itself", {word}));
  const CompiledQuestion question = MustCompile(Question(points));
  std::vector<std::string> said = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(Words()));
  const int32_t before = Grade(question, absl::StrJoin(said, ", ")).score();
  said.push_back(*rc::gen::elementOf(Words()));
  RC_ASSERT(Grade(question, absl::StrJoin(said, ", ")).score() >= before);
  RC_ASSERT(Grade(question, absl::StrJoin(said, ", ")).score() ==
            (static_cast<int32_t>(std::set<std::string>(said.begin(), said.end()).size()) * 200 + 12) / 24);
}

// What an answer about caches may be made of: statements, names, lists, heaps of keywords and words in no order. Nothing
// among it denies anything, and no two words are opposites.
const std::vector<std::string>& Sentences() {
  static const auto& sentences = *new std::vector<std::string>{
      "A cache keeps answers in memory so that the database is asked less often",
      "The time to live bounds how old an entry can get",
      "When a popular key expires, many requests read the database at once",
      "I add a random part to the lifetime of each entry",
      "it is fast",
      "we measure the hit rate",
      "memory",
      "Redis",
      "key, entry, lifetime, database",
      "cache answers memory database requests lifetime entry key",
      "of the lifetime entry to random the a each part I add",
      "the with entry, memory of a the keeps",
      "- time to live",
      "people wait for the page"};
  return sentences;
}

std::vector<std::string> GenSentences() {
  return *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(Sentences()));
}

double CreditOf(const google::protobuf::RepeatedPtrField<v1::ItemResult>& items, const std::string& id) {
  const v1::ItemResult* item = FindItem(items, id);
  return item == nullptr ? 0 : item->credit();
}

// One more sentence, wherever it stands, takes nothing from any point: what covers a missed point never lowers the credit of
// that point nor the score, and what is taken away never raises them.
void CheckOneMoreSentence(const CompiledQuestion& question) {
  std::vector<std::string> said = GenSentences();
  const v1::Report before = Grade(question, absl::StrJoin(said, ". "));
  const auto at =
      said.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(said.size()) + 1);
  said.insert(at, *rc::gen::elementOf(Sentences()));
  const std::string answer = absl::StrJoin(said, ". ");
  RC_LOG(answer);
  const v1::Report after = Grade(question, answer);
  for (const v1::ItemResult& item : before.items()) {
    RC_ASSERT(CreditOf(after.items(), item.id()) >= item.credit());
  }
  RC_ASSERT(after.score() >= before.score());
}

RC_GTEST_PROP(MonotoneProperty, OneMoreSentenceTakesNothingFromDerivedPoints, ()) {
  static const CompiledQuestion& question = *new CompiledQuestion(*CompileReference(
      "Why and how do you use a cache?",
      std::vector<std::string>{
          "A cache keeps answers in memory, so the database gets fewer requests. An entry has a lifetime. A "
          "random part in "
          "the lifetime of each entry keeps popular keys from expiring at once. Time to live."},
      "en"));
  CheckOneMoreSentence(question);
}

RC_GTEST_PROP(MonotoneProperty, OneMoreSentenceTakesNothingFromWrittenPoints, ()) {
  static const CompiledQuestion& question = *new CompiledQuestion(MustCompile(Question({
      Point("why", "A cache keeps answers in memory so the database is asked less often",
            {"database ... less"}),
      Point("age", "A time to live bounds the age of an entry", {"(time to live|lifetime) ... (old|age)"}),
      Point("stampede", "Many requests read the database when a popular key expires",
            {"many requests ... at once"}),
      Mention("jitter", "A random part in the lifetime", {"random ... lifetime"}),
      Group("names", 2,
            {Mention("redis", "Redis", {"redis"}), Mention("hits", "Hit rate", {"hit rate"}),
             Mention("memory", "Memory", {"memory"})}),
  })));
  CheckOneMoreSentence(question);
}

}  // namespace
}  // namespace greenroom::scoring
