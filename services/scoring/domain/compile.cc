#include "services/scoring/domain/compile.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/scoring/domain/arithmetic.h"
#include "services/scoring/domain/code_points.h"
#include "services/scoring/domain/credit_model.h"
#include "services/scoring/domain/derive.h"
#include "services/scoring/domain/polarity.h"
#include "services/scoring/domain/rubric.h"

namespace greenroom::scoring {
namespace {

constexpr int kMostPhrases = 64;
constexpr int32_t kLongestPhrase = 300;  // in code points, as in a pack's source
constexpr int kMostItems = 40;
constexpr int kMostMembers = 24;
constexpr int kMostFlags = 16;
constexpr int kMostTips = 32;
constexpr size_t kMostConceptWords = 40;
constexpr double kAskedWeight = 0.35;  // of a word that the question has too

absl::Status Invalid(absl::string_view path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", what));
}

// Words with which an author says what an answer should do rather than what it should say.
bool IsMeta(absl::string_view folded) {
  static const auto& words = *new absl::flat_hash_set<absl::string_view>{
      "says",      "say",     "names",     "name",     "mentions", "mention", "explains", "explain",
      "gives",     "give",    "describes", "describe", "states",   "state",   "knows",    "least",
      "something", "thing",   "things",    "way",      "ways",     "point",   "points",   "answer",
      "answers",   "example", "kind",      "kinds",    "tells",    "notices", "shows",    "asks"};
  return words.contains(folded);
}

class Compiler {
 public:
  Compiler(const content::v1::Question& question, const CreditModel* model, size_t references)
      : question_(question),
        language_(question.language().empty() ? "en" : question.language()),
        bare_vocabulary_(language_),
        rubric_(std::make_unique<Rubric>(language_)) {
    rubric_->model = question.derived() && rubric_->vocabulary.english() ? model : nullptr;
    rubric_->references = static_cast<int32_t>(references);
  }

  absl::StatusOr<std::unique_ptr<const Rubric>> Run() {
    rubric_->name = question_.name();
    rubric_->derived = question_.derived();
    rubric_->behavioural = question_.kind() == content::v1::QUESTION_KIND_BEHAVIOURAL;
    if (question_.rubric().empty())
      return Invalid("rubric", "a question needs at least one item to be gradable");
    if (question_.rubric_size() > kMostItems) return Invalid("rubric", "more than 40 items");
    if (question_.red_flags_size() > kMostFlags) return Invalid("red_flags", "more than 16");
    ReadPrompt();
    for (int i = 0; i < question_.rubric_size(); ++i) {
      rubric_->items.emplace_back();
      const std::string path = absl::StrCat("rubric[", i, "]");
      if (absl::Status s = AddItem(question_.rubric(i), path, 0, rubric_->items.back()); !s.ok()) return s;
    }
    if (absl::Status s = AddTips(); !s.ok()) return s;
    for (int i = 0; i < question_.red_flags_size(); ++i) {
      if (absl::Status s = AddFlag(question_.red_flags(i), absl::StrCat("red_flags[", i, "]")); !s.ok())
        return s;
    }
    if (question_.has_star()) {
      rubric_->star_weight = Hundredths(question_.star().weight());
      if (rubric_->star_weight < 1 || rubric_->star_weight > 10000)
        return Invalid("star.weight", "not in (0, 100]");
      if (question_.star().has_cap_without_result())
        rubric_->star_cap = question_.star().cap_without_result();
    }
    Finish();
    return std::unique_ptr<const Rubric>(std::move(rubric_));
  }

 private:
  std::vector<absl::string_view> Prompts() const {
    std::vector<absl::string_view> prompts = {question_.prompt()};
    for (const std::string& variant : question_.variants()) prompts.push_back(variant);
    return prompts;
  }

  void ReadPrompt() {
    Stemmer stemmer(language_);
    for (absl::string_view prompt : Prompts()) {
      const Text text(prompt);
      for (size_t i = 0; i < text.tokens().size(); ++i) {
        asked_.insert(std::string(stemmer.Stem(text.Fold(i))));
        if (!LookUpWord(text.Fold(i)).IsFunction()) rubric_->vocabulary.AddSurface(text.Fold(i));
      }
    }
  }

  absl::Status AddItem(const content::v1::RubricItem& from, const std::string& path, int depth,
                       CompiledItem& to) {
    to.id = from.id();
    to.text = from.point();
    to.cue = from.cue();
    to.tip = from.satisfies();
    if (!to.tip.empty()) satisfied_.insert(to.tip);
    if (depth == 0) {
      to.weight = from.has_weight() ? Hundredths(from.weight()) : 100;
      if (to.weight < 1 || to.weight > 10000)
        return Invalid(absl::StrCat(path, ".weight"), "not in (0, 100]");
    }
    if (from.has_cap_without()) {
      if (from.cap_without() < 0 || from.cap_without() > 100)
        return Invalid(absl::StrCat(path, ".cap_without"), "not 0 to 100");
      to.cap_without = from.cap_without();
    }
    if (from.of().empty()) return AddPoint(from, path, to);
    if (depth > 1) return Invalid(absl::StrCat(path, ".of"), "groups nest one level only");
    if (from.of_size() > kMostMembers) return Invalid(absl::StrCat(path, ".of"), "more than 24 members");
    if (from.any() < 0 || from.any() > from.of_size())
      return Invalid(absl::StrCat(path, ".any"), "not 1 to the number of members");
    to.wanted = from.any() == 0 ? from.of_size() : from.any();
    for (int i = 0; i < from.of_size(); ++i) {
      to.members.emplace_back();
      if (absl::Status s =
              AddItem(from.of(i), absl::StrCat(path, ".of[", i, "]"), depth + 1, to.members.back());
          !s.ok())
        return s;
    }
    return absl::OkStatus();
  }

  absl::Status AddPoint(const content::v1::RubricItem& from, const std::string& path, CompiledItem& to) {
    CompiledPoint point;
    point.mention = from.need() == content::v1::NEED_MENTION;
    point.shape = from.detect();
    if (absl::Status s = AddPhrases(from.accept(), absl::StrCat(path, ".accept"), point.phrases); !s.ok())
      return s;
    if (!from.about().empty()) {
      if (absl::Status s = AddTopic(from, path, point); !s.ok()) return s;
    }
    to.point = static_cast<int32_t>(rubric_->points.size());
    if (point.shape == content::v1::DETECT_UNSPECIFIED) AddConcepts(from.point(), to.point, point);
    rubric_->points.push_back(std::move(point));
    return absl::OkStatus();
  }

  template <typename Phrases>
  absl::Status AddPhrases(const Phrases& from, const std::string& path, std::vector<int32_t>& to) {
    if (from.size() > kMostPhrases) return Invalid(path, "more than 64 phrases");
    for (int i = 0; i < from.size(); ++i) {
      const std::string at = absl::StrCat(path, "[", i, "]");
      if (CodePointCount(from[i]) > kLongestPhrase) return Invalid(at, "longer than 300 characters");
      const absl::StatusOr<PhraseNode> phrase = ParsePhrase(from[i]);
      if (!phrase.ok()) return Invalid(at, phrase.status().message());
      to.push_back(rubric_->phrases.Add(*phrase, rubric_->vocabulary));
    }
    return absl::OkStatus();
  }

  // Points with the same `about` share a topic.
  absl::Status AddTopic(const content::v1::RubricItem& from, const std::string& path, CompiledPoint& point) {
    const std::string key = absl::StrJoin(from.about(), "\n");
    const auto [at, inserted] = topics_.emplace(key, static_cast<int32_t>(rubric_->topics.size()));
    point.topic = at->second;
    if (!inserted) return absl::OkStatus();
    rubric_->topics.emplace_back();
    return AddPhrases(from.about(), absl::StrCat(path, ".about"), rubric_->topics.back());
  }

  // The point's own text; of a mention each alternative by itself.
  void AddConcepts(absl::string_view text_of_point, int32_t number, CompiledPoint& point) {
    const Text text(text_of_point);
    Reading reading(text, bare_vocabulary_);
    const Polarity polarity(reading, false);
    Concept current;
    const auto finish = [&]() {
      if (current.words.empty()) return;
      for (const ConceptWord& word : current.words) current.total += word.weight;
      current.point = number;
      const int32_t index = static_cast<int32_t>(rubric_->concepts.size());
      for (size_t w = 0; w < current.words.size(); ++w) {
        rubric_->vocabulary.AddConcept(current.words[w].folded, index, static_cast<int16_t>(w));
      }
      point.concepts.push_back(index);
      rubric_->concepts.push_back(std::move(current));
      current = Concept();
    };
    Stemmer stemmer(language_);
    for (size_t i = 0; i < text.tokens().size() && current.words.size() < kMostConceptWords; ++i) {
      const absl::string_view folded = text.Fold(i);
      const WordInfo info = rubric_->vocabulary.english() ? LookUpWord(folded) : WordInfo{};
      if (point.mention && folded == "or") {
        finish();
        continue;
      }
      if (info.IsFunction() || (!question_.derived() && IsMeta(folded)) || info.Has(kFails | kNegatesNoun))
        continue;
      ConceptWord word;
      word.folded = std::string(folded);
      word.negated = reading.words()[i].negated;
      word.asked = asked_.contains(std::string(stemmer.Stem(folded)));
      word.rarity = Rarity(folded);
      if (question_.derived() && rubric_->vocabulary.english()) word.meaning = WordMeaning(folded);
      word.number = text.tokens()[i].number;
      word.weight = word.rarity * (word.asked ? kAskedWeight : 1);
      current.words.push_back(std::move(word));
    }
    if (question_.derived()) {
      const Shingles stems = reading.MakeShingles(1);
      const Shingles pairs = reading.MakeShingles(2);
      current.stems.assign(stems.begin(), stems.end());
      current.stem_pairs.assign(pairs.begin(), pairs.end());
    }
    finish();
  }

  absl::Status AddTips() {
    if (question_.tips_size() > kMostTips) return Invalid("tips", "more than 32");
    for (int i = 0; i < question_.tips_size(); ++i) {
      const content::v1::Tip& tip = question_.tips(i);
      if (!tip.has_check() || !tip.check().has_rubric() || satisfied_.contains(tip.id())) continue;
      const auto& kinds = tip.check().kinds();
      if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), question_.kind()) == kinds.end()) continue;
      CompiledItem item;
      const std::string path = absl::StrCat("tips[", i, "].check.rubric");
      if (absl::Status s = AddItem(tip.check().rubric(), path, 0, item); !s.ok()) return s;
      item.tip = tip.id();
      if (item.text.empty()) item.text = tip.text();
      rubric_->tips.push_back(std::move(item));
    }
    return absl::OkStatus();
  }

  absl::Status AddFlag(const content::v1::RedFlag& from, const std::string& path) {
    CompiledFlag flag;
    flag.id = from.id();
    flag.text = from.point();
    flag.say = from.say();
    flag.misconception = from.kind() == content::v1::FLAG_KIND_MISCONCEPTION;
    flag.critical = from.critical();
    flag.penalty = from.has_penalty() ? Hundredths(from.penalty()) : 100;
    if (flag.penalty < 0 || flag.penalty > 10000)
      return Invalid(absl::StrCat(path, ".penalty"), "not 0 to 100");
    if (from.has_cap()) {
      if (from.cap() < 0 || from.cap() > 100) return Invalid(absl::StrCat(path, ".cap"), "not 0 to 100");
      flag.cap = from.cap();
    }
    flag.cancels.assign(from.cancels().begin(), from.cancels().end());
    if (absl::Status s = AddPhrases(from.match(), absl::StrCat(path, ".match"), flag.match); !s.ok())
      return s;
    if (absl::Status s = AddPhrases(from.unless(), absl::StrCat(path, ".unless"), flag.unless); !s.ok())
      return s;
    rubric_->flags.push_back(std::move(flag));
    return absl::OkStatus();
  }

  void Finish() {
    rubric_->vocabulary.Finish();
    rubric_->phrases.Finish(rubric_->vocabulary);
    for (absl::string_view prompt : Prompts()) {
      const Text text(prompt);
      const Reading reading(text, rubric_->vocabulary);
      rubric_->prompt_shingles.merge(reading.MakeShingles(kPromptShingle));
      for (const Word& word : reading.words()) {
        if (!word.info.IsFunction()) rubric_->prompt_words.insert(word.hash);
      }
    }
    const Text model(question_.model_answer());
    const Reading model_reading(model, rubric_->vocabulary);
    rubric_->model_shingle_size = std::min(kRecitedShingle, model_reading.size());
    if (rubric_->model_shingle_size > 0)
      rubric_->model_shingles = model_reading.MakeShingles(rubric_->model_shingle_size);
    FindPromptTopics();
  }

  void FindPromptTopics() {
    const Text text(question_.prompt());
    const Reading reading(text, rubric_->vocabulary);
    for (const PhraseMatch& match : rubric_->phrases.Match(reading)) {
      for (size_t topic = 0; topic < rubric_->topics.size(); ++topic) {
        const auto& phrases = rubric_->topics[topic];
        if (std::find(phrases.begin(), phrases.end(), match.phrase) == phrases.end()) continue;
        const int32_t number = static_cast<int32_t>(topic);
        auto& order = rubric_->prompt_topics;
        if (std::find(order.begin(), order.end(), number) == order.end()) order.push_back(number);
      }
    }
  }

  const content::v1::Question& question_;
  const std::string language_;
  const Vocabulary bare_vocabulary_;  // to read the author's texts with
  std::unique_ptr<Rubric> rubric_;
  absl::flat_hash_set<std::string> asked_;      // stems of the prompt and its variants
  absl::flat_hash_set<std::string> satisfied_;  // tips that an item is the check of
  absl::flat_hash_map<std::string, int32_t> topics_;
};

size_t MemoryOf(const CompiledItem& item) {
  size_t bytes = sizeof item + item.id.capacity() + item.text.capacity() + item.cue.capacity();
  for (const CompiledItem& member : item.members) bytes += MemoryOf(member);
  return bytes;
}

}  // namespace

size_t Rubric::MemoryBytes() const {
  size_t bytes = sizeof *this + vocabulary.MemoryBytes() + phrases.MemoryBytes() +
                 (prompt_shingles.capacity() + model_shingles.capacity()) * (sizeof(uint64_t) + 1);
  for (const Concept& concept_ : concepts)
    bytes += sizeof concept_ + concept_.words.capacity() * sizeof(ConceptWord);
  for (const CompiledPoint& point : points)
    bytes += sizeof point + (point.phrases.capacity() + point.concepts.capacity()) * 4;
  for (const CompiledItem& item : items) bytes += MemoryOf(item);
  for (const CompiledItem& tip : tips) bytes += MemoryOf(tip);
  for (const CompiledFlag& flag : flags)
    bytes += sizeof flag + flag.text.capacity() + flag.say.capacity() + 64;
  return bytes;
}

CompiledQuestion::CompiledQuestion(Ways ways) : ways_(std::move(ways)) {}
CompiledQuestion::CompiledQuestion(CompiledQuestion&&) noexcept = default;
CompiledQuestion& CompiledQuestion::operator=(CompiledQuestion&&) noexcept = default;
CompiledQuestion::~CompiledQuestion() = default;

const std::string& CompiledQuestion::name() const { return ways_.front()->name; }

size_t CompiledQuestion::MemoryBytes() const {
  size_t bytes = sizeof *this;
  for (const auto& way : ways_) bytes += way->MemoryBytes();
  if (calibration_ != nullptr) bytes += calibration_->MemoryBytes();
  return bytes;
}

absl::StatusOr<CompiledQuestion> Compile(const content::v1::Question& question, const CreditModel* model) {
  absl::StatusOr<std::unique_ptr<const Rubric>> rubric = Compiler(question, model, 1).Run();
  if (!rubric.ok()) return rubric.status();
  std::vector<std::shared_ptr<const Rubric>> ways;
  ways.push_back(*std::move(rubric));
  return CompiledQuestion(std::move(ways));
}

absl::StatusOr<CompiledQuestion> CompileReference(absl::string_view question,
                                                  absl::Span<const std::string> references,
                                                  absl::string_view language, const CreditModel* model) {
  std::vector<std::shared_ptr<const Rubric>> ways;
  for (const std::string& reference : references) {
    content::v1::Question inline_question;
    inline_question.set_prompt(std::string(question));
    inline_question.set_language(std::string(language));
    inline_question.set_model_answer(reference);
    inline_question.set_derived(true);
    for (content::v1::RubricItem& item : DeriveRubric(reference))
      *inline_question.add_rubric() = std::move(item);
    if (inline_question.rubric().empty()) continue;
    absl::StatusOr<std::unique_ptr<const Rubric>> rubric =
        Compiler(inline_question, model, references.size()).Run();
    if (!rubric.ok()) return rubric.status();
    ways.push_back(*std::move(rubric));
  }
  if (ways.empty()) return absl::InvalidArgumentError("references: none has words");
  return CompiledQuestion(std::move(ways));
}

absl::StatusOr<CompiledQuestion> Compile(const content::v1::Question& question) {
  return Compile(question, &CreditModel::Shipped());
}

absl::StatusOr<CompiledQuestion> CompileReference(absl::string_view question,
                                                  absl::Span<const std::string> references,
                                                  absl::string_view language) {
  return CompileReference(question, references, language, &CreditModel::Shipped());
}

}  // namespace greenroom::scoring
