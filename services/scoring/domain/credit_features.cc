#include "services/scoring/domain/credit_features.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_set.h"

namespace greenroom::scoring {
namespace {

constexpr double kVoid = 0.5;           // share of contradicted weight from which on nothing counts
constexpr double kVoidNegative = 0.75;  // the same of points that are themselves negative
constexpr double kSameRoot = 0.7;       // how near words of one root are
constexpr int32_t kPairReach = 3;       // tokens between the neighbours of a pair
constexpr size_t kBrief = 3;            // content words
constexpr size_t kUnaskedCounted = 8;
constexpr double kRelated = 0.45;      // least weight of a posting that counts as covering
constexpr double kNearMeaning = 0.45;  // a step to a broader word, or less
constexpr uint8_t kAnchor = 55;  // percent: the words themselves, what derives from them, likely synonyms
constexpr uint8_t kDeniable =
    85;  // percent: the words themselves, what derives from them, the likeliest synonyms
constexpr size_t kMostQuestionTokens = 8;
constexpr int32_t kFewestKeywords = 4;  // words of a sentence
constexpr int32_t kFewestShuffled = 2;
constexpr double kOwnWordsOfHeap = 0.8;  // share of them that are the reference's
constexpr double kKeptInShuffle = 0.5;   // share of its neighbours that are neighbours in the reference too
constexpr size_t kMostMeanings = 120;    // words of the answer that are looked up

// Far relations count in sentences that are about the matter.
double Unanchored(double likeness, bool anchored) {
  return anchored || likeness >= kNearMeaning ? likeness : 0;
}

// What the answer says of one concept.
class ConceptReader {
 public:
  explicit ConceptReader(const Concept& target)
      : target_(target), words_(target.words.size()), longest_(target.words.size() + 1, 0) {}

  // That an answer denies a word of this: what else stands in that clause is denied with it.
  void SeeDenial(const Posting& posting, int32_t denial) {
    if (posting.opposite || posting.weight < kDeniable ||
        target_.words[static_cast<size_t>(posting.word)].negated)
      return;
    denials_.push_back(denial);
  }

  void See(const Posting& posting, int32_t token, int32_t sentence, const Word& said) {
    const size_t at = static_cast<size_t>(posting.word);
    Seen& word = words_[at];
    const double weight = posting.weight / 100.0;
    const bool denied = !target_.words[at].negated && !denials_.empty() && said.denial >= 0 &&
                        std::find(denials_.begin(), denials_.end(), said.denial) != denials_.end();
    const bool negated = said.negated || denied;
    if ((posting.opposite != negated) != target_.words[at].negated) {
      if (weight >= kRelated) word.against = std::max(word.against, weight);
      return;
    }
    word.related = std::max(word.related, weight);
    if (weight < kRelated) return;
    if (weight > word.best) {
      word.best = weight;
      word.token = token;
    }
    word.exact = word.exact || posting.weight == 100;
    if (at > 0 && words_[at - 1].last >= 0 && token - words_[at - 1].last <= kPairReach &&
        token > words_[at - 1].last)
      word.paired = true;
    word.last = token;
    if (sentence != sentence_) {
      FinishSentence();
      sentence_ = sentence;
    }
    word.in_sentence = std::max(word.in_sentence, weight);
    // The longest common subsequence, by the place where it ends in the point. One word of the answer counts once in it.
    if (token != row_token_) FinishRow();
    row_token_ = token;
    int32_t before = 0;
    for (size_t i = 0; i < at; ++i) before = std::max(before, longest_[i]);
    row_.emplace_back(at, before + 1);
  }

  // `anchored`: the sentence says a word of the question or of the reference itself.
  void SeeMeaning(const WordMeaning& meaning, absl::string_view root, int32_t token, bool anchored) {
    for (size_t i = 0; i < words_.size(); ++i) {
      if (words_[i].related >= 1) continue;
      const bool same_root = root.size() >= 4 && RootOf(target_.words[i].folded) == root;
      const double likeness = std::max(same_root ? kSameRoot : 0,
                                       Unanchored(meaning.Likeness(target_.words[i].meaning), anchored));
      if (likeness <= words_[i].related) continue;
      words_[i].related = likeness;
      if (words_[i].best <= 0) words_[i].token = token;
    }
  }

  void Finish() {
    FinishSentence();
    FinishRow();
  }

  struct Seen {
    double best = 0;
    double related = 0;
    double against = 0;
    double in_sentence = 0;
    int32_t token = -1;
    int32_t last = -1;
    bool exact = false;
    bool paired = false;
  };
  const std::vector<Seen>& words() const { return words_; }
  double best_sentence() const { return best_sentence_; }
  int32_t longest() const { return *std::max_element(longest_.begin(), longest_.end()); }

 private:
  void FinishRow() {
    for (const auto& [index, length] : row_) longest_[index] = std::max(longest_[index], length);
    row_.clear();
  }

  void FinishSentence() {
    double sum = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      sum += words_[i].in_sentence * target_.words[i].weight;
      words_[i].in_sentence = 0;
    }
    best_sentence_ = std::max(best_sentence_, sum);
  }

  const Concept& target_;
  absl::InlinedVector<int32_t, 2> denials_;
  std::vector<Seen> words_;
  std::vector<int32_t> longest_;
  std::vector<std::pair<size_t, int32_t>> row_;
  int32_t row_token_ = -1;
  int32_t sentence_ = -1;
  double best_sentence_ = 0;
};

double Share(double part, double whole, double otherwise) { return whole > 0 ? part / whole : otherwise; }

double ShareOf(const std::vector<uint64_t>& wanted, const Shingles& there) {
  const auto count =
      std::count_if(wanted.begin(), wanted.end(), [&](uint64_t hash) { return there.contains(hash); });
  return Share(static_cast<double>(count), static_cast<double>(wanted.size()), 0);
}

// Sums over the words of a point or of a whole reference.
struct Sums {
  double total = 0, covered = 0, exact = 0, related = 0, related_count = 0, against = 0;
  double unasked_total = 0, unasked_covered = 0;
  double letters_total = 0, letters = 0;
  double letters_all_total = 0, letters_all = 0;
  double count = 0, count_covered = 0;
  double numbers = 0, numbers_covered = 0;
  double pairs = 0, longest = 0, sentence = 0, missing = 0, rarity = 0, negative = 0;
  int unasked_words = 0;

  void operator+=(const Sums& other) {
    total += other.total;
    covered += other.covered;
    unasked_total += other.unasked_total;
    unasked_covered += other.unasked_covered;
    letters_total += other.letters_total;
    letters += other.letters;
  }
  double Unasked() const {
    return unasked_total > 0 ? unasked_covered / unasked_total : Share(covered, total, 0);
  }
};

}  // namespace

std::vector<PointFeatures> ReadCreditFeatures(const Rubric& rubric, const Reading& reading,
                                              const std::vector<bool>* left_out) {
  const auto skipped = [&](size_t token) { return left_out != nullptr && (*left_out)[token]; };
  std::vector<ConceptReader> readers;
  readers.reserve(rubric.concepts.size());
  for (const Concept& target : rubric.concepts) readers.emplace_back(target);
  absl::flat_hash_set<uint64_t> groups;
  absl::flat_hash_set<uint64_t> question;
  absl::flat_hash_set<uint64_t> looked_up;
  absl::InlinedVector<int32_t, 8> question_tokens;
  const Shingles stems = reading.MakeShingles(1, left_out);
  const Shingles stem_pairs = reading.MakeShingles(2, left_out);
  for (size_t i = 0; i < reading.size(); ++i) {
    const Word& word = reading.words()[i];
    if (!word.denied_verb || word.entry == nullptr || skipped(i)) continue;
    for (const Posting& posting : word.entry->postings)
      readers[static_cast<size_t>(posting.point)].SeeDenial(posting, word.denial);
  }
  const auto see = [&](const VocabularyEntry& entry, int32_t token, const Word& word) {
    const int32_t sentence = reading.text().tokens()[static_cast<size_t>(token)].sentence;
    for (const Posting& posting : entry.postings)
      readers[static_cast<size_t>(posting.point)].See(posting, token, sentence, word);
  };
  // Words that merely mean something near count where the sentence is about the matter: nearly any text has some.
  std::vector<bool> anchored(reading.text().sentences().size(), false);
  for (size_t i = 0; i < reading.size(); ++i) {
    const Word& word = reading.words()[i];
    if (skipped(i)) continue;
    const bool said = word.entry != nullptr &&
                      std::any_of(word.entry->postings.begin(), word.entry->postings.end(),
                                  [](const Posting& posting) { return posting.weight >= kAnchor; });
    if (said || (!word.info.IsFunction() && rubric.prompt_words.contains(word.hash)))
      anchored[static_cast<size_t>(reading.text().tokens()[i].sentence)] = true;
  }
  size_t join = 0;
  for (int32_t i = 0; i < static_cast<int32_t>(reading.size()); ++i) {
    const Word& word = reading.words()[static_cast<size_t>(i)];
    const bool counts = !word.parroted && !skipped(static_cast<size_t>(i));
    if (word.entry != nullptr && counts) see(*word.entry, i, word);
    for (; join < reading.joins().size() && reading.joins()[join].begin <= i; ++join) {
      if (reading.joins()[join].entry != nullptr && counts) see(*reading.joins()[join].entry, i, word);
    }
    if (!counts || word.info.IsFunction()) continue;
    if (rubric.prompt_words.contains(word.hash) && question.insert(word.hash).second &&
        question_tokens.size() < kMostQuestionTokens)
      question_tokens.push_back(i);
    const absl::string_view folded = reading.text().Fold(static_cast<size_t>(i));
    if (looked_up.size() < kMostMeanings && looked_up.insert(word.hash).second) {
      const WordMeaning meaning(folded);
      for (ConceptReader& reader : readers)
        reader.SeeMeaning(
            meaning, RootOf(folded), i,
            anchored[static_cast<size_t>(reading.text().tokens()[static_cast<size_t>(i)].sentence)]);
    }
    ForEachLetterGroup(folded, 4, [&](uint64_t group) { groups.insert(group); });
    ForEachLetterGroup(folded, 3, [&](uint64_t group) { groups.insert(group); });
  }
  std::vector<Sums> sums(rubric.concepts.size());
  Sums all;
  for (size_t c = 0; c < readers.size(); ++c) {
    readers[c].Finish();
    const Concept& target = rubric.concepts[c];
    Sums& sum = sums[c];
    for (size_t w = 0; w < target.words.size(); ++w) {
      const ConceptWord& word = target.words[w];
      const ConceptReader::Seen& seen = readers[c].words()[w];
      sum.total += word.weight;
      sum.covered += word.weight * seen.best;
      sum.exact += seen.exact ? word.weight : 0;
      sum.related += word.weight * seen.related;
      sum.related_count += seen.related;
      sum.against += seen.best <= 0 ? word.weight * seen.against : 0;
      sum.count += 1;
      sum.count_covered += seen.best;
      sum.rarity += word.rarity;
      sum.negative += word.negated ? 1 : 0;
      sum.pairs += seen.paired ? 1 : 0;
      if (!word.asked) {
        sum.unasked_total += word.weight;
        sum.unasked_covered += word.weight * seen.best;
        sum.unasked_words += seen.best > 0 ? 1 : 0;
      }
      if (seen.best <= 0) sum.missing = std::max(sum.missing, word.weight);
      if (word.number) {
        sum.numbers += 1;
        sum.numbers_covered += seen.exact ? 1 : 0;
      }
      const auto letters = [&](size_t size, double& part, double& whole) {
        int found = 0;
        int count = 0;
        ForEachLetterGroup(word.folded, size, [&](uint64_t group) {
          ++count;
          found += groups.contains(group) ? 1 : 0;
        });
        whole += word.weight;
        part += word.weight * found / count;
      };
      if (!word.asked) letters(4, sum.letters, sum.letters_total);
      letters(3, sum.letters_all, sum.letters_all_total);
    }
    sum.longest = readers[c].longest();
    sum.sentence = readers[c].best_sentence();
    all += sum;
  }
  const double asked_words = static_cast<double>(rubric.prompt_words.size());
  std::vector<PointFeatures> points(rubric.points.size());
  for (size_t p = 0; p < points.size(); ++p) {
    PointFeatures& point = points[p];
    // Of alternatives the one that is covered best.
    const std::vector<int32_t>& concepts = rubric.points[p].concepts;
    if (concepts.empty()) continue;
    size_t c = static_cast<size_t>(concepts.front());
    for (int32_t number : concepts) {
      const size_t n = static_cast<size_t>(number);
      if (sums[n].covered * sums[c].total > sums[c].covered * sums[n].total) c = n;
    }
    const Sums& sum = sums[c];
    const double said = ShareOf(rubric.concepts[c].stems, stems);
    const double said_pairs = ShareOf(rubric.concepts[c].stem_pairs, stem_pairs);
    const size_t target_words = rubric.concepts[c].words.size();
    const double covered = Share(sum.covered, sum.total, 0);
    const double contradicted = Share(sum.against, sum.total, 0);
    const double letters_all = Share(sum.letters_all, sum.letters_all_total, 0);
    const CreditFeatures values = {
        static_cast<float>(covered),
        static_cast<float>(Share(sum.exact, sum.total, 0)),
        static_cast<float>(sum.Unasked()),
        static_cast<float>(Share(sum.count_covered, sum.count, 0)),
        static_cast<float>(Share(sum.sentence, sum.total, 0)),
        static_cast<float>(Share(sum.pairs, sum.count - 1, covered)),
        static_cast<float>(Share(sum.longest, sum.count, 0)),
        static_cast<float>(Share(sum.letters, sum.letters_total, letters_all)),
        static_cast<float>(letters_all),
        static_cast<float>(Share(sum.numbers_covered, sum.numbers, covered)),
        static_cast<float>(std::min<size_t>(static_cast<size_t>(sum.unasked_words), kUnaskedCounted)),
        static_cast<float>(Share(sum.related, sum.total, 0)),
        static_cast<float>(Share(sum.related_count, sum.count, 0)),
        static_cast<float>(said),
        static_cast<float>(said_pairs),
        static_cast<float>(Share(static_cast<double>(question.size()), asked_words, 0)),
        static_cast<float>(Share(all.covered, all.total, 0)),
        static_cast<float>(all.Unasked()),
        static_cast<float>(Share(all.letters, all.letters_total, letters_all)),
        static_cast<float>(contradicted),
        static_cast<float>(sum.missing),
        static_cast<float>(sum.count),
        static_cast<float>(1 - Share(sum.unasked_total, sum.total, 0)),
        static_cast<float>(Share(sum.rarity, sum.count, 0)),
        static_cast<float>(rubric.points.size()),
        static_cast<float>(std::min(asked_words, 40.0)),
        static_cast<float>(rubric.references),
        static_cast<float>(Share(sum.negative, sum.count, 0)),
    };
    point.values = values;
    point.recited = said >= 1 && (said_pairs >= 1 || rubric.concepts[c].stem_pairs.empty());
    point.brief = target_words <= kBrief;
    // Words of the question, said in words of the answer's own, are the least that can be shown for a point.
    if (sum.related <= 0) point.tokens = question_tokens;
    point.found = !(sum.related <= 0 && question_tokens.empty()) &&
                  contradicted <= (sum.negative > 0 ? kVoidNegative : kVoid);
    for (const ConceptReader::Seen& seen : readers[c].words()) {
      if (seen.token < 0 || seen.related <= 0) continue;
      point.synonyms = point.synonyms || !seen.exact;
      point.tokens.push_back(seen.token);
    }
    std::sort(point.tokens.begin(), point.tokens.end());
    point.tokens.erase(std::unique(point.tokens.begin(), point.tokens.end()), point.tokens.end());
  }
  return points;
}

namespace {

bool AreNeighbours(const Rubric& rubric, uint64_t pair) {
  return std::any_of(rubric.concepts.begin(), rubric.concepts.end(), [&](const Concept& target) {
    return std::find(target.stem_pairs.begin(), target.stem_pairs.end(), pair) != target.stem_pairs.end();
  });
}

// Sentences that are made of the reference's own words. Those without a word of structure are its keywords. Those with unlikely
// neighbours, at most half of which are neighbours in the reference, are it shuffled; words of content alone have no order.
struct OwnWords {
  std::vector<bool> keywords;
  std::vector<bool> shuffled;
};

OwnWords FindOwnWords(const Rubric& rubric, const Reading& reading, const Fluency& fluency) {
  const auto& sentences = reading.text().sentences();
  OwnWords own_words{std::vector<bool>(sentences.size(), false), std::vector<bool>(sentences.size(), false)};
  for (size_t s = 0; s < sentences.size(); ++s) {
    int32_t own = 0;
    int32_t content = 0;
    int32_t kept = 0;
    for (int32_t i = sentences[s].first; i < sentences[s].last; ++i) {
      const Word& word = reading.words()[static_cast<size_t>(i)];
      if (i + 1 < sentences[s].last)
        kept += AreNeighbours(rubric, reading.ShingleAt(static_cast<size_t>(i), 2));
      if (word.info.IsFunction()) continue;
      ++content;
      own +=
          word.entry != nullptr && std::any_of(word.entry->postings.begin(), word.entry->postings.end(),
                                               [](const Posting& posting) { return posting.weight == 100; });
    }
    const int32_t size = sentences[s].last - sentences[s].first;
    if (size < kFewestShuffled || own < kOwnWordsOfHeap * content) continue;
    own_words.keywords[s] = content == size && size >= kFewestKeywords;
    own_words.shuffled[s] =
        content < size && fluency.Unlikely(static_cast<int32_t>(s)) && kept <= kKeptInShuffle * (size - 1);
  }
  return own_words;
}

}  // namespace

DerivedFeatures::DerivedFeatures(const Rubric& rubric, const Reading& reading, const Fluency& fluency)
    : all_(ReadCreditFeatures(rubric, reading)) {
  const OwnWords own = FindOwnWords(rubric, reading, fluency);
  std::vector<bool> left_out(reading.size(), false);
  const auto leave_out = [&](const auto& leaves) {
    bool any = false;
    for (size_t i = 0; i < reading.size(); ++i) {
      if (left_out[i] || !leaves(static_cast<int32_t>(i), reading.text().tokens()[i].sentence)) continue;
      left_out[i] = any = true;
    }
    return any;
  };
  const auto read_without = [&](size_t level, const auto& leaves) {
    if (leave_out(leaves)) less_[level] = ReadCreditFeatures(rubric, reading, &left_out);
  };
  read_without(0, [&](int32_t, int32_t sentence) {
    return fluency.Disordered(sentence) || own.shuffled[static_cast<size_t>(sentence)];
  });
  read_without(1, [&](int32_t, int32_t sentence) { return own.keywords[static_cast<size_t>(sentence)]; });
  read_without(2, [&](int32_t token, int32_t) { return fluency.InList(token); });
}

const PointFeatures& DerivedFeatures::Pick(size_t point, size_t level) const {
  for (size_t i = level + 1; i > 0; --i) {
    if (!less_[i - 1].empty()) return less_[i - 1][point];
  }
  return all_[point];
}

const PointFeatures& DerivedFeatures::Said(size_t point) const { return Pick(point, 1); }

const PointFeatures& DerivedFeatures::Stated(size_t point) const {
  return Pick(point, all_[point].brief ? 0 : 2);
}

}  // namespace greenroom::scoring
