#include "services/scoring/domain/polarity.h"

#include <algorithm>

#include "services/scoring/domain/wordnet.h"

namespace greenroom::scoring {
namespace {

constexpr int32_t kVerbScope = 14;  // words that "not" reaches at most
constexpr int32_t kNounScope = 5;   // words that "no" and "without" reach at most
constexpr double kNegatedShare = 0.3;
constexpr int32_t kClose = 2;       // words between two negations that cancel out, at most
constexpr size_t kMostAtOnce = 16;  // negations of limited reach that are looked at for one word
constexpr int32_t kShortReply = 8;  // words of a sentence that may deny the one before it
constexpr int32_t kToVerb = 4;      // words of structure between "not" and what it denies
constexpr int32_t kVerbWords = 2;   // "keeps falling"

bool OneOf(absl::string_view word, std::initializer_list<absl::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A pronoun that a clause begins with, also with its verb: "we", "we'd", "it's".
bool IsSubject(absl::string_view word) {
  return OneOf(word.substr(0, word.find('\'')), {"it", "they", "we", "i", "he", "she"});
}

}  // namespace

Polarity::Polarity(Reading& reading, bool recited)
    : reading_(reading),
      words_(reading.mutable_words()),
      denied_sentence_(reading.text().sentences().size(), false) {
  if (!reading.vocabulary().english()) return;
  MarkParts();
  FindNegations(recited);
  for (size_t i = 0; i < words_.size(); ++i) words_[i].negated = Reaches(static_cast<int32_t>(i), {}, false);
  MarkDenials();
  FindReports();
  FindDenials();
}

bool Polarity::Is(int32_t token, absl::string_view word) const { return Folded(token) == word; }

absl::string_view Polarity::Folded(int32_t token) const {
  const bool inside = token >= 0 && token < static_cast<int32_t>(words_.size());
  return inside ? reading_.text().Fold(static_cast<size_t>(token)) : absl::string_view();
}

bool Polarity::Has(int32_t token, uint32_t cues) const {
  return token >= 0 && token < static_cast<int32_t>(words_.size()) &&
         words_[static_cast<size_t>(token)].info.Has(cues);
}

int32_t Polarity::SentenceEnd(int32_t token) const {
  const Text& text = reading_.text();
  return text.sentences()[static_cast<size_t>(text.tokens()[static_cast<size_t>(token)].sentence)].last;
}

int32_t Polarity::SentenceBegin(int32_t token) const {
  const Text& text = reading_.text();
  return text.sentences()[static_cast<size_t>(text.tokens()[static_cast<size_t>(token)].sentence)].first;
}

void Polarity::MarkParts() {
  int32_t part = 0;
  int32_t clause = 0;
  for (size_t i = 0; i < words_.size(); ++i) {
    const int32_t at = reading_.text().tokens()[i].clause;
    if (at != clause || words_[i].info.Has(kContrasts)) ++part;
    clause = at;
    words_[i].part = part;
  }
  // A conditional word colours its whole part.
  for (size_t i = 0; i < words_.size();) {
    size_t end = i;
    bool conditional = false;
    for (; end < words_.size() && words_[end].part == words_[i].part; ++end) {
      conditional = conditional || words_[end].info.Has(kConditional);
    }
    for (; i < end; ++i) words_[i].conditional = conditional;
  }
}

void Polarity::Add(int32_t first, int32_t last, int32_t longest, bool weak) {
  const int32_t size = static_cast<int32_t>(words_.size());
  // In "a model that never reports fraud would reach ..." the scope ends with the relative clause.
  const int32_t begin = SentenceBegin(first);
  bool relative = false;
  for (int32_t i = std::max(begin, first - 3); i < first; ++i) {
    relative = relative || OneOf(Folded(i), {"that", "which", "who"});
  }
  int32_t to = last;
  while (to < size && to - last < longest &&
         words_[static_cast<size_t>(to)].part == words_[static_cast<size_t>(last - 1)].part) {
    const bool first_word = to == last;
    if (!first_word && (Has(to, kScopeEnds) || Is(to, "and"))) break;
    // A new subject begins a new clause: "it is not memorising it learns ..."
    if (!first_word && !Is(to - 1, "that") && IsSubject(Folded(to))) break;
    if (relative && to > last && words_[static_cast<size_t>(to)].info.word_class == WordClass::kAuxiliary &&
        !words_[static_cast<size_t>(to) - 1].info.IsFunction()) {
      break;
    }
    ++to;
  }
  negations_.push_back({first, last, last, to, weak, NegatesVerb(first), false});
}

bool Polarity::NegatesVerb(int32_t token) const {
  return Is(token, "not") || Is(token, "never") ||
         (token < static_cast<int32_t>(words_.size()) && words_[static_cast<size_t>(token)].negative);
}

// "A place in memory that can NOT STORE a value": the clause up to the negation and its reach stand and fall together.
void Polarity::MarkDenials() {
  int32_t walked = -1;  // where the last walk back began: what is before it is marked as far as a walk gets
  for (size_t n = 0; n < negations_.size(); ++n) {
    const Negation& negation = negations_[n];
    if (!negation.verb || negation.weak) continue;
    int32_t head = negation.from;
    while (head < negation.to && head - negation.from < kToVerb &&
           words_[static_cast<size_t>(head)].info.IsFunction())
      ++head;
    if (head >= negation.to || words_[static_cast<size_t>(head)].info.IsFunction() ||
        !words_[static_cast<size_t>(head)].negated)
      continue;
    const int32_t number = static_cast<int32_t>(n);
    for (int32_t i = head; i < negation.to && i - head < kVerbWords; ++i) {
      Word& word = words_[static_cast<size_t>(i)];
      if (word.info.IsFunction()) break;
      word.denial = number;
      word.denied_verb = true;
    }
    const auto mark = [&](int32_t token) {
      Word& word = words_[static_cast<size_t>(token)];
      if (word.denial < 0) word.denial = number;
    };
    for (int32_t i = head; i < negation.to; ++i) mark(i);
    const int32_t part = words_[static_cast<size_t>(negation.first)].part;
    const int32_t until = std::max(walked + 1, SentenceBegin(negation.first));
    for (int32_t i = negation.first - 1; i >= until && words_[static_cast<size_t>(i)].part == part &&
                                         !Has(i, kScopeEnds) && !Is(i, "and") && !Is(i, "or");
         --i)
      mark(i);
    walked = negation.first - 1;
  }
}

std::vector<VerbGroup> Polarity::FindVerbGroups() const {
  std::vector<VerbGroup> groups;
  const int32_t size = static_cast<int32_t>(words_.size());
  const auto is = [&](int32_t i, WordClass word_class) {
    return words_[static_cast<size_t>(i)].info.word_class == word_class;
  };
  for (int32_t i = 0; i < size; ++i) {
    if (!is(i, WordClass::kAuxiliary) && !NegatesVerb(i)) continue;
    VerbGroup group{i, i, false};
    for (; i < size && reading_.SameSentence(group.first, i) &&
           (is(i, WordClass::kAuxiliary) || is(i, WordClass::kAdverb) || NegatesVerb(i));
         ++i) {
      const bool only = Is(i + 1, "only") || Is(i + 1, "just") || Is(i + 1, "merely") || Is(i + 1, "simply");
      group.negated = group.negated || (NegatesVerb(i) && !only);
    }
    group.last = i;
    groups.push_back(group);
  }
  return groups;
}

// "a model with no limits learns": the noun is without, the verb after it is not.
void Polarity::EndAtVerb(Negation& negation) const {
  const WordNet& wordnet = WordNet::Get();
  bool noun = false;
  for (int32_t i = negation.from; i < negation.to; ++i) {
    if (words_[static_cast<size_t>(i)].info.IsFunction()) continue;
    bool verb = false;
    bool other = false;
    wordnet.ForEachLemma(Folded(i), [&](WordNet::WordId id) {
      verb = verb || (wordnet.PartsOfSpeech(id) & kPosVerb) != 0;
      other = other || (wordnet.PartsOfSpeech(id) & ~(kPosVerb | kPosIrregular)) != 0;
    });
    if (noun && verb && !other) {
      negation.to = i;
      return;
    }
    noun = true;
  }
}

void Polarity::AddUntilSentenceEnd(int32_t first, int32_t last, bool whole_answer) {
  int32_t to = whole_answer ? static_cast<int32_t>(words_.size()) : SentenceEnd(first);
  if (!whole_answer) {
    for (int32_t i = last; i < to; ++i) {
      if (Is(i, "but") || Is(i, "however") || Is(i, "whereas")) to = i;
    }
  }
  wide_.push_back(static_cast<int32_t>(negations_.size()));
  negations_.push_back({first, last, last, to, false, false, true});
}

// "it is not true that ...", "it is a myth that ...", "I doubt that ..."; what follows is denied to the sentence's end.
bool Polarity::FindDenial(int32_t at, bool recited) {
  int32_t end = -1;
  if (Has(at, kNegates)) {
    for (int32_t i = at + 1; i <= at + 3; ++i) {
      if (Is(i, "true") || Is(i, "case") || Is(i, "correct") || Is(i, "right") || Is(i, "so")) {
        if (Is(i + 1, "that")) end = i + 2;
      }
    }
    // "I don't think that ...", "nobody should say that ..."
    int32_t verb = at + 1;
    while (verb <= at + 2 && verb < static_cast<int32_t>(words_.size()) &&
           words_[static_cast<size_t>(verb)].info.word_class == WordClass::kAuxiliary)
      ++verb;
    if (end < 0 && OneOf(Folded(verb), {"think", "believe", "agree", "say", "claim", "expect", "mean"}) &&
        OneOf(Folded(verb + 1), {"that", "it", "a", "the", "this", "they", "in"})) {
      end = Is(verb + 1, "that") ? verb + 2 : verb + 1;
    }
  } else if (Has(at, kDenies) && !Reaches(at, {}, false)) {
    if (Is(at + 1, "that")) end = at + 2;
    if (Is(at + 1, "to") && Has(at + 2, kSays)) end = Is(at + 3, "that") ? at + 4 : at + 3;
  } else if (Is(at, "opposite") && Is(at + 1, "of")) {
    end = at + 2;
  }
  if (end < 0 || end > static_cast<int32_t>(words_.size()) || !reading_.SameSentence(at, end - 1))
    return false;
  AddUntilSentenceEnd(at, end, recited && at < 12);
  return true;
}

void Polarity::FindNegations(bool recited) {
  const int32_t size = static_cast<int32_t>(words_.size());
  int32_t sentence_scopes = 0;
  for (int32_t i = 0; i < size; ++i) {
    const WordInfo info = words_[static_cast<size_t>(i)].info;
    // Denials reach far, so their number is bounded; nobody denies a hundred times in earnest.
    if ((info.Has(kNegates | kDenies) || Is(i, "opposite")) && sentence_scopes < 100 &&
        FindDenial(i, recited)) {
      ++sentence_scopes;
      i = negations_.back().last - 1;
      continue;
    }
    if (info.Has(kNegates)) {
      if (Is(i + 1, "only") || Is(i + 1, "just") || Is(i + 1, "merely") || Is(i + 1, "simply") ||
          (Is(i + 1, "to") && Is(i + 2, "mention")) || Is(i - 1, "or") || Is(i - 1, "why") ||
          Is(i + 1, "but")) {
        continue;
      }
      // "behaves like nobody else": an object negates nothing that follows.
      if (i > 0 && reading_.SameSentence(i - 1, i) &&
          OneOf(Folded(i), {"nobody", "nothing", "none", "nowhere"}) &&
          words_[static_cast<size_t>(i) - 1].info.word_class == WordClass::kPreposition) {
        continue;
      }
      Add(i, i + 1, kVerbScope, false);
    } else if (info.Has(kNegatesNoun)) {
      if (Is(i, "no") &&
          (Is(i + 1, "doubt") || Is(i + 1, "matter") || Is(i + 1, "wonder") || Is(i + 1, "question"))) {
        continue;
      }
      if (Is(i, "no") && Is(i + 1, "longer")) {
        Add(i, i + 2, kVerbScope, false);
        ++i;
      } else {
        Add(i, Is(i + 1, "of") ? i + 2 : i + 1, kNounScope, false);
        EndAtVerb(negations_.back());
      }
    } else if (info.Has(kFails) && Is(i + 1, "to")) {
      Add(i, i + 2, kVerbScope, false);
    } else if ((Is(i, "instead") && Is(i + 1, "of")) || (Is(i, "rather") && Is(i + 1, "than"))) {
      Add(i, i + 2, kNounScope, false);
    } else if (info.Has(kAvoids) && !Is(i, "instead") && !Is(i, "rather")) {
      // "early stopping", "the stopping point" name a thing.
      if (Is(i, "stopping") && (Is(i - 1, "early") || Is(i + 1, "point") || Is(i + 1, "round"))) continue;
      Add(i, i + 1, kVerbScope, true);
    }
  }
}

void Polarity::Attribute(int32_t verb) {
  reports_.push_back(verb);
  const int32_t end = SentenceEnd(verb);
  for (int32_t i = verb + 1; i < end; ++i) {
    if (Is(i, "but") || Is(i, "however")) return;
    words_[static_cast<size_t>(i)].attributed = true;
  }
}

// Somebody said it: "some say that", "it is often claimed", "saying that", "if I told you", "I used to think".
void Polarity::FindReports() {
  const int32_t size = static_cast<int32_t>(words_.size());
  int32_t until = 0;  // everything before it is attributed already
  for (int32_t i = 0; i < size; ++i) {
    if (i < until || !Has(i, kSays)) continue;
    const int32_t begin = SentenceBegin(i);
    bool others = false;
    bool first_person = false;
    bool passive = false;
    bool conditional = false;
    bool used_to = false;
    for (int32_t k = std::max(begin, i - 5); k < i; ++k) {
      others = others || (Has(k, kOthers) && !Has(k, kFirstPerson));
      first_person = first_person || Has(k, kFirstPerson);
      passive = passive || (Is(k, "it") && (Is(k + 1, "is") || Is(k + 1, "was") || Is(k + 1, "has"))) ||
                Is(k, "it's");
      conditional = conditional || Is(k, "if");
      used_to = used_to || (Is(k, "used") && Is(k + 1, "to"));
    }
    const absl::string_view verb = reading_.text().Fold(static_cast<size_t>(i));
    const bool gerund =
        OneOf(verb, {"saying", "claiming", "believing", "boast", "boasts", "pretend", "pretends"}) ||
        (Is(i - 1, "to") && !first_person);
    const bool heard = OneOf(verb, {"heard", "hear", "hears"});
    const bool reported =
        first_person ? (conditional || used_to || heard) : (others || passive || conditional || gerund);
    if (!reported) continue;
    Attribute(i);
    until = SentenceEnd(i);
  }
}

// A sentence that calls something a myth, a lie or wrong, or a short one that denies the sentence before it.
void Polarity::FindDenials() {
  const auto& sentences = reading_.text().sentences();
  for (size_t s = 0; s < sentences.size(); ++s) {
    const Sentence& sentence = sentences[s];
    bool denies = false;
    for (int32_t i = sentence.first; i < sentence.last; ++i) {
      const Word& word = words_[static_cast<size_t>(i)];
      const bool red_flag = Is(i, "red") && (Is(i + 1, "flag") || Is(i + 1, "flags"));
      const bool untrue =
          (Is(i, "true") || Is(i, "case") || Is(i, "realistic") || Is(i, "credible")) && word.negated;
      const bool far_from = Is(i, "far") && Is(i + 1, "from");
      if ((word.info.Has(kDenies) && !word.negated) || red_flag || untrue || far_from) {
        denials_.push_back(i);
        denies = true;
      }
    }
    if (s == 0 || sentence.last - sentence.first > kShortReply) continue;
    const absl::string_view first = reading_.text().Fold(static_cast<size_t>(sentence.first));
    if (denies || OneOf(first, {"no", "not", "nope", "never", "hardly", "except"}))
      denied_sentence_[s - 1] = true;
  }
}

bool Polarity::Owns(const Negation& negation, absl::Span<const int32_t> own) const {
  return std::any_of(own.begin(), own.end(),
                     [&](int32_t token) { return token >= negation.first && token < negation.last; });
}

bool Polarity::Reaches(int32_t token, absl::Span<const int32_t> own, bool weak) const {
  bool reached = false;
  int32_t previous = -1;  // end of the last negation that counted
  bool previous_verb = false;
  const auto take = [&](const Negation& negation) {
    if (token < negation.from || token >= negation.to || (negation.weak && !weak) || Owns(negation, own))
      return;
    const bool near = negation.first >= previous && negation.first - previous <= kClose;
    // "can not be not": said twice.
    const bool twice = near && negation.verb && previous_verb;
    reached = twice || !(reached && near);
    previous = negation.last;
    previous_verb = negation.verb;
  };
  for (int32_t number : wide_) take(negations_[static_cast<size_t>(number)]);
  auto end = std::upper_bound(negations_.begin(), negations_.end(), token,
                              [](int32_t at, const Negation& negation) { return at < negation.first; });
  const auto begin = end - std::min<ptrdiff_t>(end - negations_.begin(), kMostAtOnce);
  for (auto negation = begin; negation != end; ++negation) {
    if (!negation->wide) take(*negation);
  }
  return reached;
}

// Whether a verb's negation stands between two words of a match and reaches the second: "loss has NOT fallen".
bool Polarity::IsBroken(absl::Span<const int32_t> tokens) const {
  for (size_t i = 1; i < tokens.size(); ++i) {
    auto negation = std::upper_bound(negations_.begin(), negations_.end(), tokens[i - 1],
                                     [](int32_t at, const Negation& one) { return at < one.first; });
    for (; negation != negations_.end() && negation->first < tokens[i]; ++negation) {
      const bool reaches = tokens[i] >= negation->from && tokens[i] < negation->to;
      if (negation->verb && !negation->weak && reaches && Reaches(tokens[i], tokens, false)) return true;
    }
  }
  return false;
}

bool Polarity::Negates(absl::Span<const int32_t> tokens) const {
  if (IsBroken(tokens)) return true;
  int content = 0;
  int content_negated = 0;
  int negated = 0;
  for (int32_t token : tokens) {
    const bool is_negated = Reaches(token, tokens, false);
    negated += is_negated ? 1 : 0;
    const Word& word = words_[static_cast<size_t>(token)];
    if (word.info.IsFunction()) continue;
    if (is_negated && word.denied_verb && !Owns(negations_[static_cast<size_t>(word.denial)], tokens))
      return true;
    ++content;
    content_negated += is_negated ? 1 : 0;
  }
  if (content == 0) return negated > 0;
  return content_negated > kNegatedShare * content;
}

bool Polarity::NegatesSubject(absl::Span<const int32_t> tokens) const {
  const int32_t last = tokens.back();
  const size_t size = words_.size();
  bool auxiliary = false;
  for (size_t i = static_cast<size_t>(last) + 1; i < size && i <= static_cast<size_t>(last) + 3; ++i) {
    const Word& word = words_[i];
    if (word.part != words_[static_cast<size_t>(last)].part) return false;
    if (word.info.Has(kNegates)) return auxiliary || word.negative || Is(static_cast<int32_t>(i), "never");
    if (word.info.word_class == WordClass::kAuxiliary) {
      auxiliary = true;
    } else if (word.info.word_class != WordClass::kAdverb) {
      return false;
    }
  }
  return false;
}

bool Polarity::NegatesAll(absl::Span<const int32_t> tokens) const {
  return std::all_of(tokens.begin(), tokens.end(), [&](int32_t token) {
    return words_[static_cast<size_t>(token)].info.IsFunction() || Reaches(token, tokens, false);
  });
}

bool Polarity::IsPreposition(int32_t token) const {
  return token < static_cast<int32_t>(words_.size()) &&
         words_[static_cast<size_t>(token)].info.word_class == WordClass::kPreposition;
}

// "I would not say" of "I would not say that ...": says nothing by itself.
bool Polarity::IsFrame(absl::Span<const int32_t> tokens) const {
  return std::any_of(wide_.begin(), wide_.end(), [&](int32_t number) {
    const Negation& denial = negations_[static_cast<size_t>(number)];
    const bool past = OneOf(Folded(denial.first), {"didn't", "didnt"}) || Is(denial.first - 1, "did");
    const bool begins = tokens.front() >= denial.first && tokens.front() < denial.last;
    // "I would not say that to anyone" is no frame.
    const bool clause = Is(denial.last - 1, "that") && !IsPreposition(denial.last);
    return !past && begins && (clause || tokens.back() < denial.last);
  });
}

// Whether somebody else says it; not where the words of the match themselves tell who: "one should tell a story".
bool Polarity::IsReported(int32_t token, absl::Span<const int32_t> own) const {
  if (!words_[static_cast<size_t>(token)].attributed) return false;
  const auto verb = std::lower_bound(reports_.begin(), reports_.end(), token);
  return verb == reports_.begin() || std::find(own.begin(), own.end(), *std::prev(verb)) == own.end();
}

bool Polarity::Disowns(absl::Span<const int32_t> tokens) const {
  if (IsFrame(tokens)) return true;
  const Text& text = reading_.text();
  bool quoted = true;
  for (int32_t token : tokens) {
    quoted = quoted && text.tokens()[static_cast<size_t>(token)].quoted;
    if (IsReported(token, tokens)) return true;
    if (Reaches(token, tokens, true)) return true;
  }
  if (quoted) return true;
  const size_t number = static_cast<size_t>(text.tokens()[static_cast<size_t>(tokens.front())].sentence);
  const Sentence& sentence = text.sentences()[number];
  if (sentence.question || denied_sentence_[number]) return true;
  auto denial = std::lower_bound(denials_.begin(), denials_.end(), sentence.first);
  for (; denial != denials_.end() && *denial < sentence.last; ++denial) {
    // Within the words of the match it is part of what is said: "I change the wrong numbers by hand".
    if (*denial < tokens.front() || *denial > tokens.back()) return true;
  }
  return false;
}

}  // namespace greenroom::scoring
