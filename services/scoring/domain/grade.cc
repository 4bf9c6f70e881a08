// From findings to a report: rows, flags, caps, STAR and the score.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "services/scoring/domain/arithmetic.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/credit_model.h"
#include "services/scoring/domain/credit_trace.h"
#include "services/scoring/domain/feedback.h"
#include "services/scoring/domain/language.h"
#include "services/scoring/domain/points.h"
#include "services/scoring/domain/rubric.h"
#include "services/scoring/domain/star.h"

namespace greenroom::scoring {
namespace {

constexpr int64_t kMade = 50;
constexpr double kRecitedShare = 0.9;
constexpr size_t kMostSpans = 6;  // of one row
constexpr int32_t kSpanJoin = 3;  // words between two matched ones that are shown with them

// Whether all content words of one are among the other's.
bool SameWords(absl::Span<const int32_t> a, absl::Span<const int32_t> b) {
  if (a.size() > b.size()) std::swap(a, b);
  return std::all_of(a.begin(), a.end(),
                     [&](int32_t token) { return std::find(b.begin(), b.end(), token) != b.end(); });
}

StemSet ContentStems(const Reading& reading) {
  StemSet stems;
  for (const Word& word : reading.words()) {
    if (!word.info.IsFunction()) stems.insert(word.hash);
  }
  return stems;
}

class Grader {
 public:
  Grader(const Rubric& rubric, const Reading& reading, const Findings& findings,
         const Calibration* calibration)
      : rubric_(rubric),
        reading_(reading),
        findings_(findings),
        calibration_(calibration),
        stems_(calibration == nullptr ? StemSet() : ContentStems(reading)),
        evidence_(FindEvidence(findings)) {}

  void Fill(v1::Report& report) {
    const std::vector<const CompiledFlag*> raised = RaiseFlags(report);
    for (const CompiledItem& item : rubric_.items) FillRow(item, raised, *report.add_items());
    for (const CompiledItem& tip : rubric_.tips) FillRow(tip, raised, *report.add_tips());
    if (rubric_.star_weight > 0) FillStar(*report.mutable_star());
    FillCaps(raised, report);
  }

 private:
  using Used = std::vector<const Evidence*>;

  // ---- rows

  void FillRow(const CompiledItem& item, absl::Span<const CompiledFlag* const> raised, v1::ItemResult& row) {
    Used used;
    FillItem(item, raised, used, row);
    row.set_weight(FromHundredths(item.weight));
    row.set_tip(item.tip);
  }

  void FillItem(const CompiledItem& item, absl::Span<const CompiledFlag* const> raised, Used& used,
                v1::ItemResult& row) {
    row.set_id(item.id);
    row.set_point(item.text);
    row.set_cue(item.cue);
    int64_t credit = 0;
    if (item.point >= 0) {
      if (const Evidence* best = Choose(item.point, used)) {
        used.push_back(best);
        credit = Corrected(item.id, best->credit);
        AddSpans(best->tokens, best->match, *row.mutable_spans());
      }
    } else {
      credit = FillMembers(item, raised, used, row);
    }
    for (const CompiledFlag* flag : raised) {
      if (std::find(flag->cancels.begin(), flag->cancels.end(), item.id) == flag->cancels.end()) continue;
      row.add_cancelled_by(flag->id);
    }
    if (!row.cancelled_by().empty()) Cancel(row, &credit);
    row.set_credit(FromHundredths(credit));
    row.set_status(StatusOfCredit(row.credit()));
    if (item.cap_without >= 0 && credit < kMade) caps_.push_back({&item, row.point()});
  }

  int64_t Corrected(const std::string& id, int64_t credit) const {
    if (calibration_ == nullptr) return credit;
    return std::clamp<int64_t>(credit + std::llround(100 * calibration_->OffsetOf(id, stems_)), 0, 100);
  }

  // A cancelled row has no credit and shows none in its members.
  static void Cancel(v1::ItemResult& row, int64_t* credit) {
    *credit = 0;
    row.clear_spans();
    for (v1::ItemResult& member : *row.mutable_members()) {
      int64_t none = 0;
      Cancel(member, &none);
      member.set_credit(0);
      member.set_status(v1::ROW_STATUS_MISSED);
    }
  }

  // Members with the fewest places to choose from choose first, so that one place serves the member that has no other.
  int64_t FillMembers(const CompiledItem& item, absl::Span<const CompiledFlag* const> raised, Used& used,
                      v1::ItemResult& row) {
    std::vector<size_t> order;
    for (size_t i = 0; i < item.members.size(); ++i) {
      order.push_back(i);
      row.add_members();
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return Places(item.members[a]) < Places(item.members[b]); });
    for (size_t i : order) FillItem(item.members[i], raised, used, *row.mutable_members(static_cast<int>(i)));
    std::vector<int64_t> credits;
    for (const v1::ItemResult& member : row.members()) credits.push_back(Hundredths(member.credit()));
    std::sort(credits.rbegin(), credits.rend());
    int64_t sum = 0;
    for (int32_t i = 0; i < item.wanted; ++i) sum += credits[static_cast<size_t>(i)];
    return MeanCredit(sum, item.wanted);
  }

  size_t Places(const CompiledItem& item) const {
    if (item.point >= 0) {
      const size_t places = evidence_[static_cast<size_t>(item.point)].size();
      return places == 0 ? SIZE_MAX : places;
    }
    size_t most = 0;
    for (const CompiledItem& member : item.members) most = std::max(most, Places(member));
    return most;
  }

  // The best place whose words no other member has earned with.
  const Evidence* Choose(int32_t point, const Used& used) const {
    for (const Evidence& place : evidence_[static_cast<size_t>(point)]) {
      const bool taken = std::any_of(used.begin(), used.end(), [&](const Evidence* other) {
        return SameWords(place.content, other->content);
      });
      if (!taken) return &place;
    }
    return nullptr;
  }

  // ---- spans

  template <typename Tokens>
  void AddSpans(const Tokens& tokens, v1::MatchKind kind,
                google::protobuf::RepeatedPtrField<v1::Span>& spans) const {
    for (size_t i = 0; i < tokens.size() && static_cast<size_t>(spans.size()) < kMostSpans;) {
      size_t last = i;
      while (last + 1 < tokens.size() && tokens[last + 1] - tokens[last] <= kSpanJoin + 1 &&
             reading_.SameSentence(tokens[last], tokens[last + 1])) {
        ++last;
      }
      AddSpan(tokens[i], tokens[last], kind, *spans.Add());
      i = last + 1;
    }
  }

  void AddSpan(int32_t first, int32_t last, v1::MatchKind kind, v1::Span& span) const {
    const Text& text = reading_.text();
    const Token& begin = text.tokens()[static_cast<size_t>(first)];
    const Token& end = text.tokens()[static_cast<size_t>(last)];
    span.set_start(begin.begin);
    span.set_end(end.end);
    span.set_start_utf16(begin.begin_utf16);
    span.set_end_utf16(end.end_utf16);
    span.set_quote(std::string(
        text.source().substr(static_cast<size_t>(begin.begin), static_cast<size_t>(end.end - begin.begin))));
    span.set_match(kind);
  }

  // ---- flags

  std::vector<const CompiledFlag*> RaiseFlags(v1::Report& report) const {
    std::vector<const CompiledFlag*> raised;
    for (const CompiledFlag& flag : rubric_.flags) {
      v1::FlagResult result;
      for (int32_t phrase : flag.match) {
        for (const PhraseMatch* match : findings_.matches[static_cast<size_t>(phrase)]) {
          if (static_cast<size_t>(result.spans_size()) >= kMostSpans) break;
          if (Parroted(*match) || findings_.polarity.Disowns(match->tokens) || Excused(flag, *match))
            continue;
          const bool known = std::any_of(
              result.spans().begin(), result.spans().end(),
              [&](const v1::Span& span) { return span.start() < match->end && match->begin < span.end(); });
          if (!known)
            AddSpan(match->tokens.front(), match->tokens.back(), v1::MATCH_KIND_ACCEPTED_PHRASE,
                    *result.add_spans());
        }
      }
      if (result.spans().empty()) continue;
      result.set_id(flag.id);
      result.set_misconception(flag.misconception);
      result.set_point(flag.text);
      result.set_say(flag.say);
      result.set_penalty(FromHundredths(flag.penalty));
      result.set_critical(flag.critical);
      for (const std::string& item : flag.cancels) result.add_cancels(item);
      *report.add_flags() = std::move(result);
      raised.push_back(&flag);
    }
    return raised;
  }

  bool Parroted(const PhraseMatch& match) const {
    return std::all_of(match.tokens.begin(), match.tokens.end(),
                       [&](int32_t token) { return reading_.words()[static_cast<size_t>(token)].parroted; });
  }

  bool Excused(const CompiledFlag& flag, const PhraseMatch& match) const {
    for (int32_t phrase : flag.unless) {
      for (const PhraseMatch* unless : findings_.matches[static_cast<size_t>(phrase)]) {
        if (reading_.SameSentence(unless->tokens.front(), match.tokens.front())) return true;
        if (unless->begin < match.end && match.begin < unless->end) return true;
      }
    }
    return false;
  }

  // ---- STAR and caps

  void FillStar(v1::StarResult& row) const {
    row.set_weight(FromHundredths(rubric_.star_weight));
    for (const StarFinding& finding : FindStar(reading_)) {
      v1::StarPartResult& part = *row.add_parts();
      part.set_part(finding.part);
      AddSpans(finding.tokens, v1::MATCH_KIND_SHAPE, *part.mutable_spans());
    }
    row.set_credit(0.25 * row.parts_size());
    row.set_status(StatusOfCredit(row.credit()));
  }

  struct PendingCap {
    const CompiledItem* item;
    std::string text;
  };

  void FillCaps(absl::Span<const CompiledFlag* const> raised, v1::Report& report) const {
    std::vector<v1::CapResult> caps;
    for (const PendingCap& pending : caps_) {
      v1::CapResult& cap = caps.emplace_back();
      cap.set_limit(pending.item->cap_without);
      cap.set_item(pending.item->id);
      cap.set_text(pending.text);
      cap.set_cue(pending.item->cue);
    }
    for (const CompiledFlag* flag : raised) {
      if (flag->cap < 0) continue;
      v1::CapResult& cap = caps.emplace_back();
      cap.set_limit(flag->cap);
      cap.set_flag(flag->id);
      cap.set_text(flag->text);
    }
    if (report.has_star() && rubric_.star_cap >= 0) {
      const auto& parts = report.star().parts();
      const bool result = std::any_of(parts.begin(), parts.end(), [](const v1::StarPartResult& part) {
        return part.part() == v1::STAR_PART_RESULT;
      });
      if (!result) {
        v1::CapResult& cap = caps.emplace_back();
        cap.set_limit(rubric_.star_cap);
        cap.set_star_without_result(true);
      }
    }
    std::stable_sort(caps.begin(), caps.end(),
                     [](const v1::CapResult& a, const v1::CapResult& b) { return a.limit() < b.limit(); });
    for (v1::CapResult& cap : caps) *report.add_caps() = std::move(cap);
  }

  const Rubric& rubric_;
  const Reading& reading_;
  const Findings& findings_;
  const Calibration* const calibration_;
  const StemSet stems_;
  const std::vector<std::vector<Evidence>> evidence_;
  std::vector<PendingCap> caps_;
};

bool Recites(const Rubric& rubric, const Reading& reading) {
  if (rubric.model_shingle_size == 0 || rubric.model_shingles.empty()) return false;
  const Shingles answer = reading.MakeShingles(rubric.model_shingle_size);
  size_t shared = 0;
  for (uint64_t shingle : rubric.model_shingles) shared += answer.contains(shingle) ? 1 : 0;
  return static_cast<double>(shared) >= kRecitedShare * static_cast<double>(rubric.model_shingles.size());
}

v1::Report GradeOneWay(const Rubric& rubric, const Text& text, const Calibration* calibration, bool graded) {
  v1::Report report;
  report.set_grader(std::string(kGraderName));
  report.set_question(rubric.name);
  const LanguageSupport support = SupportOf(rubric.vocabulary.language());
  if (support == LanguageSupport::kNone || IsInAnotherLanguage(text, rubric.vocabulary.language())) {
    report.set_ungraded_language(true);
    return report;
  }
  report.set_limited(support == LanguageSupport::kLimited);
  Reading reading(text, rubric.vocabulary);
  reading.MarkParroted(rubric.prompt_shingles);
  report.set_recited(Recites(rubric, reading));
  const Polarity polarity(reading, report.recited());
  const Fluency fluency(reading, report.recited());
  const std::vector<PhraseMatch> matches = rubric.phrases.Match(reading);
  Findings findings{rubric, reading, polarity, fluency, graded, {}};
  findings.matches.resize(static_cast<size_t>(rubric.phrases.size()));
  for (const PhraseMatch& match : matches)
    findings.matches[static_cast<size_t>(match.phrase)].push_back(&match);
  Grader(rubric, reading, findings, calibration).Fill(report);
  report.set_score(ScoreOfRows(report));
  report.set_band(BandOfScore(report.score()));
  SetConfidence(report);
  if (rubric.model != nullptr) SetDerivedConfidence(*rubric.model, report);
  SetFeedback(report);
  return report;
}

}  // namespace

std::vector<PointTrace> TraceCredits(const CompiledQuestion& question, absl::string_view answer) {
  const Text text(answer);
  std::vector<PointTrace> traces;
  for (size_t way = 0; way < question.ways_.size(); ++way) {
    const Rubric& rubric = *question.ways_[way];
    Reading reading(text, rubric.vocabulary);
    reading.MarkParroted(rubric.prompt_shingles);
    const bool recited = Recites(rubric, reading);
    const Polarity polarity(reading, recited);
    const Fluency fluency(reading, recited);
    const DerivedFeatures features(rubric, reading, fluency);
    for (size_t p = 0; p < rubric.points.size(); ++p) {
      PointTrace& trace = traces.emplace_back();
      trace.way = static_cast<int>(way);
      trace.point = static_cast<int>(p);
      trace.found = features.All(p).found;
      trace.stated = trace.found && features.Stated(p).found;
      trace.features = features.All(p).values;
    }
  }
  return traces;
}

namespace {

void CollectCredits(const v1::ItemResult& item, std::map<std::string, double>& credits) {
  credits[item.id()] = item.credit();
  for (const v1::ItemResult& member : item.members()) CollectCredits(member, credits);
}

// The best of a question's ways. `graded` as in Findings.
v1::Report GradeWays(const std::vector<std::shared_ptr<const Rubric>>& ways, absl::string_view answer,
                     const Calibration* calibration, bool graded) {
  const Text text(answer);
  v1::Report best;
  for (const auto& way : ways) {
    v1::Report report = GradeOneWay(*way, text, calibration, graded);
    if (way == ways.front() || report.score() > best.score()) best = std::move(report);
  }
  return best;
}

}  // namespace

CompiledQuestion Calibrated(const CompiledQuestion& question, absl::Span<const GradedAnswer> graded) {
  CompiledQuestion calibrated(question.ways_);
  std::vector<Calibration::Pair> pairs;
  for (const GradedAnswer& one : graded) {
    const v1::Report report = GradeWays(question.ways_, one.answer, nullptr, /*graded=*/true);
    if (!report.has_score()) continue;
    const Text text(one.answer);
    const Reading reading(text, question.ways_.front()->vocabulary);
    Calibration::Pair& pair = pairs.emplace_back();
    pair.stems = ContentStems(reading);
    pair.machine = report.score() / 100.0;
    pair.person = std::clamp(one.score, 0.0, 1.0);
    pair.person_points = one.points;
    for (const v1::ItemResult& item : report.items()) CollectCredits(item, pair.machine_points);
    for (const v1::ItemResult& tip : report.tips()) CollectCredits(tip, pair.machine_points);
  }
  if (!pairs.empty()) calibrated.calibration_ = std::make_unique<const Calibration>(std::move(pairs));
  return calibrated;
}

v1::Report Grade(const CompiledQuestion& question, absl::string_view answer) {
  const Calibration* const calibration = question.calibration_.get();
  v1::Report report = GradeWays(question.ways_, answer, calibration, calibration != nullptr);
  if (calibration != nullptr && report.has_score()) {
    report.set_calibrated_with(static_cast<int32_t>(calibration->size()));
  }
  return report;
}

absl::StatusOr<CompiledQuestion> CompileCalibrated(absl::string_view question,
                                                   absl::Span<const std::string> references,
                                                   absl::string_view language, const CreditModel* model,
                                                   absl::Span<const GradedAnswer> graded) {
  absl::StatusOr<CompiledQuestion> compiled = CompileReference(question, references, language, model);
  if (!compiled.ok() || graded.empty()) return compiled;
  CompiledQuestion calibrated = Calibrated(*compiled, graded);
  std::vector<std::string> more(references.begin(), references.end());
  for (const GradedAnswer& one : graded) {
    if (one.score < kGoodAsReference || more.size() >= references.size() + kMostGradedReferences) continue;
    more.push_back(one.answer);
  }
  if (more.size() == references.size()) return calibrated;
  absl::StatusOr<CompiledQuestion> wider = CompileReference(question, more, language, model);
  if (!wider.ok()) return wider;
  wider->calibration_ = std::move(calibrated.calibration_);
  return wider;
}

}  // namespace greenroom::scoring
