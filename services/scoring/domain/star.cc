#include "services/scoring/domain/star.h"

#include <algorithm>
#include <array>

#include "services/scoring/domain/shapes.h"

namespace greenroom::scoring {
namespace {

constexpr int32_t kLongestPart = 24;       // words shown as evidence
constexpr int32_t kShortestPart = 6;       // words
constexpr int32_t kConditionalReach = 25;  // words after "I would" that are still supposition

bool OneOf(absl::string_view word, std::initializer_list<absl::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Reads the parts (clauses) of an answer one by one.
class StarReader {
 public:
  explicit StarReader(const Reading& reading)
      : reading_(reading), size_(static_cast<int32_t>(reading.size())), supposed_(reading.size(), false) {}

  std::vector<StarFinding> Find() {
    MarkSuppositions();
    for (int32_t begin = 0; begin < size_;) {
      int32_t end = begin + 1;
      while (end < size_ && Part(end) == Part(begin) && reading_.SameSentence(begin, end) &&
             !Parts(begin, end))
        ++end;
      ReadPart(begin, end);
      begin = end;
    }
    // A lesson needs a story it was drawn from.
    if (!Has(v1::STAR_PART_SITUATION) && !Has(v1::STAR_PART_ACTION) && !Has(v1::STAR_PART_RESULT))
      found_.clear();
    std::stable_sort(found_.begin(), found_.end(),
                     [](const StarFinding& a, const StarFinding& b) { return a.part < b.part; });
    return std::move(found_);
  }

 private:
  int32_t Part(int32_t token) const { return reading_.words()[static_cast<size_t>(token)].part; }
  absl::string_view Fold(int32_t token) const {
    return token >= 0 && token < size_ ? reading_.text().Fold(static_cast<size_t>(token))
                                       : absl::string_view();
  }
  bool Cued(int32_t token, uint32_t cues) const {
    return reading_.words()[static_cast<size_t>(token)].info.Has(cues);
  }
  const Sentence& SentenceOf(int32_t token) const {
    const Text& text = reading_.text();
    return text.sentences()[static_cast<size_t>(text.tokens()[static_cast<size_t>(token)].sentence)];
  }
  bool Has(v1::StarPart part) const {
    return std::any_of(found_.begin(), found_.end(),
                       [part](const StarFinding& found) { return found.part == part; });
  }

  // Dictation has no commas: a long stretch is parted where a new clause begins, that is before a subject with a verb in
  // the past, and before "and then" and the like.
  bool Parts(int32_t begin, int32_t at) const {
    if (at - begin < kShortestPart) return false;
    if (OneOf(Fold(at), {"so", "then", "because", "when", "after", "but", "finally", "eventually"}))
      return true;
    if (Fold(at) == "and" && OneOf(Fold(at + 1), {"i", "we", "it", "they", "from", "since", "now", "then"}))
      return true;
    if (Fold(at) == "in" && Fold(at + 1) == "the" && Fold(at + 2) == "end") return true;
    if (Fold(at) == "as" && Fold(at + 1) == "a" && Fold(at + 2) == "result") return true;
    const bool subject = OneOf(Fold(at), {"i", "we", "it", "they"});
    const bool after_link =
        OneOf(Fold(at - 1), {"that", "what", "which", "when", "because", "so", "then", "and", "after"});
    return subject && !after_link && at + 1 < size_ &&
           (IsPastVerb(at + 1) || (at + 2 < size_ && IsPastVerb(at + 2)));
  }

  // "I would pick ...", "you could say ...", "if I were ...": from there on the sentence supposes.
  void MarkSuppositions() {
    for (int32_t i = 0; i < size_; ++i) {
      const absl::string_view word = Fold(i);
      const bool modal =
          OneOf(word, {"would", "could", "should", "might", "id", "i'd", "we'd", "you'd", "wouldn't"});
      const bool person = OneOf(word, {"i'd", "we'd", "you'd", "id"}) ||
                          OneOf(Fold(i - 1), {"i", "we", "you", "one"}) ||
                          OneOf(Fold(i - 2), {"i", "we", "you"});
      const bool condition = word == "if" && OneOf(Fold(i + 1), {"i", "you", "asked", "one"});
      if (!(modal && person) && !condition) continue;
      if (word == "would" && Fold(i + 1) == "have") continue;  // told of what was, unlike "could have"
      const int32_t end = std::min(SentenceOf(i).last, i + kConditionalReach);
      for (int32_t k = i; k < end; ++k) {
        if (k > i && (Fold(k) == "but" || Fold(k) == "so")) break;
        supposed_[static_cast<size_t>(k)] = true;
      }
      // The subject before it too.
      for (int32_t k = i - 1; k >= SentenceOf(i).first && Part(k) == Part(i); --k)
        supposed_[static_cast<size_t>(k)] = true;
    }
  }

  bool IsPastVerb(int32_t token) const { return scoring::IsPastVerb(reading_, token); }

  // Verbs of being and knowing tell how things stood, not what was done.
  static bool IsState(absl::string_view word) {
    return OneOf(word,
                 {"was",      "were",   "had",     "wanted",  "needed", "hoped",    "expected", "thought",
                  "believed", "felt",   "knew",    "learned", "learnt", "realised", "realized", "understood",
                  "worked",   "failed", "noticed", "saw",     "seemed", "used",     "liked",    "asked"});
  }
  static bool IsOutcome(absl::string_view word) {
    return OneOf(word,
                 {"improved", "dropped", "fell",      "rose",      "increased",      "decreased", "reduced",
                  "doubled",  "halved",  "grew",      "saved",     "shipped",        "launched",  "cancelled",
                  "canceled", "beat",    "succeeded", "recovered", "reached",        "shelved",   "missed",
                  "lost",     "failed",  "performed", "collapsed", "underperformed", "abandoned", "stopped",
                  "won",      "ended",   "resulted",  "went",      "became",         "delivered", "adopted",
                  "scrapped", "retired", "killed",    "stuck",     "plateaued",      "tanked"});
  }

  void Take(v1::StarPart part, int32_t begin, int32_t end) {
    if (Has(part) || begin >= end) return;
    StarFinding finding;
    finding.part = part;
    for (int32_t i = begin; i < std::min(end, begin + kLongestPart); ++i) finding.tokens.push_back(i);
    found_.push_back(std::move(finding));
  }

  // "Say where it was", "Tell them what came of it".
  bool IsRequest(int32_t token) const {
    return OneOf(Fold(token), {"say", "tell", "describe", "mention", "explain", "name", "show", "talk"}) &&
           OneOf(Fold(token + 1),
                 {"what", "where", "who", "how", "why", "when", "which", "that", "about", "them"});
  }

  bool Contains(int32_t begin, int32_t end, std::initializer_list<absl::string_view> words) const {
    for (int32_t i = begin; i < end; ++i) {
      if (OneOf(Fold(i), words)) return true;
    }
    return false;
  }
  // Two words next to each other.
  bool ContainsPair(int32_t begin, int32_t end, absl::string_view first, absl::string_view second) const {
    for (int32_t i = begin; i + 1 < end; ++i) {
      if (Fold(i) == first && Fold(i + 1) == second) return true;
    }
    return false;
  }

  void ReadPart(int32_t begin, int32_t end) {
    const Sentence& sentence = SentenceOf(begin);
    bool supposed = false, parroted = true, attributed = false;
    bool advice = IsRequest(sentence.first);
    for (int32_t i = begin; i < end; ++i) {
      supposed = supposed || supposed_[static_cast<size_t>(i)];
      const bool filler = Fold(i) == "you" && OneOf(Fold(i + 1), {"know", "see"});
      advice = advice || (!filler && OneOf(Fold(i), {"you", "your", "yourself", "should", "must"}));
      parroted = parroted && reading_.words()[static_cast<size_t>(i)].parroted;
      attributed = attributed || reading_.words()[static_cast<size_t>(i)].attributed;
    }
    if (sentence.question || parroted || advice) return;
    const bool lesson = IsLesson(begin, end);
    if (supposed && !(lesson && (Has(v1::STAR_PART_SITUATION) || Has(v1::STAR_PART_ACTION)))) return;
    if (Labelled(begin, end, sentence)) return;
    if (lesson) {
      Take(v1::STAR_PART_LESSON, begin, std::max(end, std::min(sentence.last, begin + 8)));
      return;
    }
    if (attributed) return;
    int32_t past = -1;
    int32_t person = -1;
    bool own = false;
    for (int32_t i = begin; i < end; ++i) {
      if (OneOf(Fold(i), {"i", "we", "i've", "we've", "ive"})) person = i;
      if (past < 0 && IsPastVerb(i)) past = i;
    }
    if (past < 0) return;
    for (int32_t i = sentence.first; i < std::min(sentence.last, end); ++i)
      own = own || Cued(i, kFirstPerson);
    const bool indirect = person > begin && OneOf(Fold(person - 1), {"what", "how", "why", "where"});
    ReadStory(begin, end, sentence, person, past, own, indirect);
  }

  void ReadStory(int32_t begin, int32_t end, const Sentence& sentence, int32_t person, int32_t past, bool own,
                 bool indirect) {
    if (indirect) return;
    const bool story = own || Has(v1::STAR_PART_SITUATION) || Has(v1::STAR_PART_ACTION);
    // What was done: "I built", "we then tried", and in notes "rebuilt the split".
    int32_t deed = -1;
    for (int32_t i = std::max(begin, past); i < end; ++i) {
      if (!IsPastVerb(i) || IsState(Fold(i)) || IsOutcome(Fold(i))) continue;
      const bool subject = person >= 0 && person < i && (i - person <= 4 || Fold(i - 1) == "and");
      const bool imperative =
          OneOf(Fold(i), {"set", "put", "cut", "let", "hit", "shut", "read", "split", "beat"}) && person < 0;
      const bool told = Has(v1::STAR_PART_ACTION) || Has(v1::STAR_PART_SITUATION);
      const bool elliptic = !imperative && (i - sentence.first <= 1 || (i - begin <= 1 && told));
      if (subject || (elliptic && !Cued(i, kScopeEnds))) {
        deed = i;
        break;
      }
    }
    // "I dropped half of the features and trained it again": what one did and then built on came of nothing.
    const bool chosen =
        deed >= 0 && Fold(deed - 1) == "and" && person >= 0 && person < deed && IsOutcome(Fold(person + 1));
    const bool outcome = !chosen && IsResult(begin, end);
    const bool context = own || Contains(begin, end,
                                         {"project", "team", "company", "client", "customer", "job",
                                          "internship", "thesis", "goal", "task", "startup", "university"});
    if (!Has(v1::STAR_PART_SITUATION) && context && !outcome) {
      Take(v1::STAR_PART_SITUATION, begin, end);
      // One sentence may hold both: "At my last job I built ..."
      if (deed < 0) return;
    }
    if (deed >= 0 && !outcome) {
      Take(v1::STAR_PART_ACTION, person >= begin && person < deed ? person : deed, end);
      return;
    }
    if (outcome && story) {
      if (!Has(v1::STAR_PART_SITUATION) && own)
        Take(v1::STAR_PART_SITUATION, begin, end);
      else
        Take(v1::STAR_PART_RESULT, begin, end);
    }
  }

  bool IsResult(int32_t begin, int32_t end) const {
    if (Contains(begin, end, {"result", "results", "outcome", "resulted", "consequence"}) ||
        (ContainsPair(begin, end, "in", "the") && ContainsPair(begin, end, "the", "end")) ||
        ContainsPair(begin, end, "turned", "out") || ContainsPair(begin, end, "ended", "up")) {
      return true;
    }
    for (int32_t i = begin; i < end; ++i) {
      if (IsOutcome(Fold(i)) && !(Fold(i) == "went" && Fold(i + 1) == "to")) return true;
      // "got to 88 %", "came down from 12 to 9 days"
      if (!OneOf(Fold(i), {"got", "came", "brought", "cut", "raised", "took"})) continue;
      for (int32_t k = i + 1; k < std::min(end, i + 7); ++k) {
        if (reading_.text().tokens()[static_cast<size_t>(k)].number &&
            OneOf(Fold(k - 1), {"to", "by", "from", "at"})) {
          return true;
        }
      }
    }
    return false;
  }

  bool IsLesson(int32_t begin, int32_t end) const {
    if (Contains(begin, end, {"lesson", "lessons", "hindsight", "takeaway", "learnt", "learned", "nowadays"}))
      return true;
    if (ContainsPair(begin, end, "taught", "me") || ContainsPair(begin, end, "taught", "us") ||
        ContainsPair(begin, end, "next", "time") || ContainsPair(begin, end, "since", "then") ||
        ContainsPair(begin, end, "looking", "back") || ContainsPair(begin, end, "now", "i") ||
        ContainsPair(begin, end, "now", "we") || ContainsPair(begin, end, "these", "days") ||
        ContainsPair(begin, end, "from", "then") || ContainsPair(begin, end, "ever", "since") ||
        ContainsPair(begin, end, "i", "now") || ContainsPair(begin, end, "we", "now")) {
      return true;
    }
    return Contains(begin, end, {"differently"}) && Contains(begin, end, {"i", "we", "i'd", "we'd"});
  }

  // "Situation: ..." in notes.
  bool Labelled(int32_t begin, int32_t end, const Sentence& sentence) {
    const Text& text = reading_.text();
    const Clause& clause =
        text.clauses()[static_cast<size_t>(text.tokens()[static_cast<size_t>(begin)].clause)];
    if (!clause.label || end - begin > 3 || sentence.last <= end) return false;
    const absl::string_view label = Fold(end - 1);
    v1::StarPart part = v1::STAR_PART_UNSPECIFIED;
    if (OneOf(label, {"situation", "task", "context", "background", "s", "t"}))
      part = v1::STAR_PART_SITUATION;
    if (OneOf(label, {"action", "actions", "a"})) part = v1::STAR_PART_ACTION;
    if (OneOf(label, {"result", "results", "outcome", "r"})) part = v1::STAR_PART_RESULT;
    if (OneOf(label, {"lesson", "lessons", "learning", "learnings", "takeaway", "learned", "learnt", "l"})) {
      part = v1::STAR_PART_LESSON;
    }
    if (part == v1::STAR_PART_UNSPECIFIED || sentence.last - end < 3) return false;
    for (int32_t i = end; i < sentence.last; ++i) {
      if (supposed_[static_cast<size_t>(i)] || OneOf(Fold(i), {"you", "your"})) return false;
    }
    Take(part, end, sentence.last);
    return true;
  }

  const Reading& reading_;
  const int32_t size_;
  std::vector<bool> supposed_;
  std::vector<StarFinding> found_;
};

}  // namespace

std::vector<StarFinding> FindStar(const Reading& reading) {
  if (!reading.vocabulary().english()) return {};
  return StarReader(reading).Find();
}

}  // namespace greenroom::scoring
