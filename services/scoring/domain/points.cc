#include "services/scoring/domain/points.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/types/span.h"
#include "services/scoring/domain/credit_features.h"
#include "services/scoring/domain/credit_model.h"
#include "services/scoring/domain/shapes.h"
#include "services/scoring/domain/topics.h"

namespace greenroom::scoring {
namespace {

constexpr size_t kMostEvidence = 8;
constexpr int64_t kNotStated = 45;  // percent of the credit that words which state nothing keep
constexpr int64_t kNoOrder =
    15;  // the same of a derived point, whose words are all that is known of it, in no order
constexpr int kFewestDenied = 4;  // verbs of an answer that is turned into its opposite
constexpr double kDeniedShare = 0.75;

// Credit by the share of a point's weight that is covered; linear in between. A mention asks for less context.
struct Knot {
  double share;
  double credit;
};
constexpr std::array<Knot, 4> kStatementCurve = {{{0.55, 0.30}, {0.70, 0.60}, {0.85, 0.90}, {0.95, 1}}};
constexpr std::array<Knot, 3> kMentionCurve = {{{0.55, 0.30}, {0.80, 0.90}, {0.90, 1}}};
// Points that were derived from a model answer have no accepted phrases, so a part of their words counts as a part.
constexpr std::array<Knot, 4> kDerivedCurve = {{{0.10, 0.10}, {0.30, 0.45}, {0.50, 0.75}, {0.75, 1}}};

template <size_t N>
int64_t CreditOf(const std::array<Knot, N>& curve, double share) {
  if (share < curve.front().share) return 0;
  for (size_t i = 1; i < N; ++i) {
    if (share > curve[i].share) continue;
    const double part = (share - curve[i - 1].share) / (curve[i].share - curve[i - 1].share);
    return std::llround(100 * (curve[i - 1].credit + part * (curve[i].credit - curve[i - 1].credit)));
  }
  return 100;
}

class Finder {
 public:
  explicit Finder(const Findings& findings)
      : findings_(findings), topics_(findings.reading, Mentions(), findings.rubric.prompt_topics) {}

  std::vector<std::vector<Evidence>> Find() {
    const Rubric& rubric = findings_.rubric;
    const std::vector<std::vector<Coverage>> covered =
        Cover(rubric.concepts, findings_.reading, rubric.derived);
    std::optional<DerivedFeatures> derived;
    if (rubric.model != nullptr) derived.emplace(rubric, findings_.reading, findings_.fluency);
    std::vector<std::vector<Evidence>> all(rubric.points.size());
    for (size_t i = 0; i < rubric.points.size(); ++i) {
      const CompiledPoint& point = rubric.points[i];
      std::vector<Evidence>& found = all[i];
      for (int32_t phrase : point.phrases) {
        for (const PhraseMatch* match : findings_.matches[static_cast<size_t>(phrase)])
          AddPhrase(point, *match, found);
      }
      if (rubric.model != nullptr) {
        AddDerived(*derived, i, found);
        Trim(found);
        continue;
      }
      for (int32_t number : point.concepts) {
        for (const Coverage& place : covered[static_cast<size_t>(number)]) {
          AddCoverage(point, rubric.concepts[static_cast<size_t>(number)], place, found);
        }
      }
      if (point.shape != content::v1::DETECT_UNSPECIFIED) {
        for (const std::vector<int32_t>& tokens :
             FindShape(point.shape, findings_.reading, rubric.behavioural)) {
          Add(point, tokens, 100, v1::MATCH_KIND_SHAPE, found);
        }
      }
      DropContradicted(point, found);
      Trim(found);
    }
    if (IsTurnedRound(all)) {
      for (std::vector<Evidence>& found : all) {
        for (Evidence& evidence : found)
          evidence.credit = std::max<int64_t>(1, evidence.credit * kNotStated / 100);
      }
    }
    return all;
  }

 private:
  std::vector<TopicMention> Mentions() const {
    std::vector<TopicMention> mentions;
    for (size_t topic = 0; topic < findings_.rubric.topics.size(); ++topic) {
      for (int32_t phrase : findings_.rubric.topics[topic]) {
        for (const PhraseMatch* match : findings_.matches[static_cast<size_t>(phrase)]) {
          mentions.push_back({match->tokens.front(), match->tokens.back() + 1, static_cast<int32_t>(topic)});
        }
      }
    }
    return mentions;
  }

  bool Parroted(absl::Span<const int32_t> tokens) const {
    return std::all_of(tokens.begin(), tokens.end(), [&](int32_t token) {
      return findings_.reading.words()[static_cast<size_t>(token)].parroted;
    });
  }

  void AddPhrase(const CompiledPoint& point, const PhraseMatch& match, std::vector<Evidence>& found) {
    if (findings_.polarity.Negates(match.tokens)) return;
    if (!point.mention && findings_.polarity.NegatesSubject(match.tokens)) return;
    Add(point, match.tokens, 100, v1::MATCH_KIND_ACCEPTED_PHRASE, found);
  }

  void AddCoverage(const CompiledPoint& point, const Concept& target, const Coverage& place,
                   std::vector<Evidence>& found) {
    // One word states nothing.
    if (!findings_.rubric.derived && place.matched < 2 && (!point.mention || target.words.size() > 1)) return;
    const int64_t credit = findings_.rubric.derived ? CreditOf(kDerivedCurve, place.share)
                           : point.mention          ? CreditOf(kMentionCurve, place.share)
                                                    : CreditOf(kStatementCurve, place.share);
    if (credit == 0) return;
    Add(point, place.tokens, credit, place.synonyms ? v1::MATCH_KIND_SYNONYM : v1::MATCH_KIND_SAME_WORDS,
        found);
  }

  // A point that was derived from a model answer has no accepted phrases; the model says what its evidence is worth. What is
  // stated counts in full, and all that is there in part: whichever is more, so that nothing that is added takes away.
  void AddDerived(const DerivedFeatures& derived, size_t point, std::vector<Evidence>& found) {
    const PointFeatures& all = derived.All(point);
    if (!all.found) return;
    const PointFeatures* best = &all;
    double credit = 0;
    const auto take = [&](const PointFeatures& features, int64_t percent) {
      if (!features.found) return;
      const CreditModel& model = *findings_.rubric.model;
      const double worth =
          static_cast<double>(percent) *
          (findings_.graded ? model.PlainCredit(features.values) : model.Credit(features.values));
      if (worth <= credit) return;
      credit = worth;
      best = &features;
    };
    if (all.recited) credit = 100;
    take(findings_.rubric.points[point].mention ? all : derived.Stated(point), 100);
    take(derived.Said(point), kNotStated);
    take(all, kNoOrder);
    AddPlace(best->tokens, std::llround(credit),
             best->synonyms ? v1::MATCH_KIND_SYNONYM : v1::MATCH_KIND_SAME_WORDS, found);
  }

  // Whether the answer denies three in four of its verbs, and at least four, that no point asks to be denied: the good answer
  // turned into its opposite. What is left in it unsaid otherwise is not a statement of the learner's.
  bool IsTurnedRound(const std::vector<std::vector<Evidence>>& all) const {
    int negated = 0;
    int verbs = 0;
    const std::vector<bool> wanted = WantedDenials(all);
    for (const VerbGroup& group : findings_.polarity.FindVerbGroups()) {
      const auto first = wanted.begin() + group.first;
      ++verbs;
      negated +=
          group.negated && std::find(first, wanted.begin() + group.last, true) == wanted.begin() + group.last;
    }
    return negated >= kFewestDenied && negated >= kDeniedShare * verbs;
  }

  // By word: negations that belong to evidence, as its own words or because a point's word is itself negative.
  std::vector<bool> WantedDenials(const std::vector<std::vector<Evidence>>& all) const {
    const Reading& reading = findings_.reading;
    std::vector<bool> wanted(reading.size(), false);
    for (const std::vector<Evidence>& found : all) {
      for (const Evidence& evidence : found) {
        for (int32_t token : evidence.tokens) {
          const Word& word = reading.words()[static_cast<size_t>(token)];
          if (word.info.Has(kNegates)) wanted[static_cast<size_t>(token)] = true;
          if (!word.negated || evidence.match == v1::MATCH_KIND_ACCEPTED_PHRASE) continue;
          int32_t before = token;
          while (before > 0 && reading.SameSentence(before - 1, token) &&
                 !reading.words()[static_cast<size_t>(before)].info.Has(kNegates))
            --before;
          wanted[static_cast<size_t>(before)] = true;
        }
      }
    }
    return wanted;
  }

  void Add(const CompiledPoint& point, absl::Span<const int32_t> tokens, int64_t credit, v1::MatchKind kind,
           std::vector<Evidence>& found) {
    if (Parroted(tokens)) return;
    if (point.topic >= 0 && !topics_.SaidOf(point.topic, findings_.rubric.topics.size() == 1, tokens)) return;
    if (!point.mention && !findings_.fluency.IsStatement(tokens)) credit = credit * kNotStated / 100;
    AddPlace(tokens, credit, kind, found);
  }

  void AddPlace(absl::Span<const int32_t> tokens, int64_t credit, v1::MatchKind kind,
                std::vector<Evidence>& found) const {
    if (credit <= 0) return;
    Evidence evidence;
    evidence.credit = credit;
    evidence.match = kind;
    evidence.tokens.assign(tokens.begin(), tokens.end());
    for (int32_t token : tokens) {
      if (!findings_.reading.words()[static_cast<size_t>(token)].info.IsFunction())
        evidence.content.push_back(token);
    }
    if (evidence.content.empty()) evidence.content = evidence.tokens;
    found.push_back(std::move(evidence));
  }

  // Where a sentence denies the point outright, an aside in it does not make the point after all: "Bias is not error
  // from simple assumptions, like a straight line". A contrast does: "it is not memorising but ..."
  void DropContradicted(const CompiledPoint& point, std::vector<Evidence>& found) const {
    if (found.empty()) return;
    std::vector<const PhraseMatch*> denials;
    for (int32_t phrase : point.phrases) {
      for (const PhraseMatch* match : findings_.matches[static_cast<size_t>(phrase)]) {
        if (!findings_.polarity.NegatesAll(match->tokens)) continue;
        if (point.topic >= 0 && !topics_.SaidOf(point.topic, false, match->tokens)) continue;
        denials.push_back(match);
      }
    }
    const auto contradicted = [&](const Evidence& evidence) {
      return std::any_of(denials.begin(), denials.end(), [&](const PhraseMatch* denial) {
        return findings_.reading.SameSentence(denial->tokens.front(), evidence.tokens.front()) &&
               denial->tokens.front() < evidence.tokens.front() &&
               !HasContrast(denial->tokens.back(), evidence.tokens.front());
      });
    };
    found.erase(std::remove_if(found.begin(), found.end(), contradicted), found.end());
  }

  bool HasContrast(int32_t from, int32_t to) const {
    for (int32_t i = from; i < to; ++i) {
      const Word& word = findings_.reading.words()[static_cast<size_t>(i)];
      if (word.info.Has(kContrasts) || word.info.word_class == WordClass::kPronoun) return true;
      const absl::string_view folded = findings_.reading.text().Fold(static_cast<size_t>(i));
      if (folded == "instead" || folded == "rather" || folded == "only") return true;
    }
    return false;
  }

  // Best first; of the same credit the earlier words, and the fewer.
  static void Trim(std::vector<Evidence>& found) {
    std::stable_sort(found.begin(), found.end(), [](const Evidence& a, const Evidence& b) {
      if (a.credit != b.credit) return a.credit > b.credit;
      if (a.tokens.front() != b.tokens.front()) return a.tokens.front() < b.tokens.front();
      return a.tokens.size() < b.tokens.size();
    });
    const auto same = [](const Evidence& a, const Evidence& b) { return a.tokens == b.tokens; };
    found.erase(std::unique(found.begin(), found.end(), same), found.end());
    if (found.size() > kMostEvidence) found.resize(kMostEvidence);
  }

  const Findings& findings_;
  const Topics topics_;
};

}  // namespace

std::vector<std::vector<Evidence>> FindEvidence(const Findings& findings) { return Finder(findings).Find(); }

}  // namespace greenroom::scoring
