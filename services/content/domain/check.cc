#include "services/content/domain/check.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/content/domain/question_view.h"

namespace greenroom::content {
namespace {

using scoring::v1::ItemResult;
using scoring::v1::Report;
using Purpose = CheckTask::Purpose;

constexpr double kMadeCredit = 0.5;

void PlanQuestion(const v1::PackContent& pack, int index, CheckPlan& plan) {
  const v1::Question& question = pack.questions(index);
  auto full = std::make_unique<v1::Question>(FullQuestion(pack, question));
  // What a grader has no use for would travel with every answer.
  full->clear_examples();
  full->clear_follow_ups();
  full->clear_hints();
  full->clear_locales();
  full->clear_notes();
  full->clear_read_more();
  auto unasked = std::make_unique<v1::Question>(*full);
  // A grader discounts the words of the question, so here it must not know them.
  unasked->set_prompt("-");
  unasked->clear_variants();
  auto add = [&](Purpose purpose, const v1::Question& subject, const std::string& answer) -> CheckTask& {
    plan.tasks.push_back({.purpose = purpose, .question = index, .subject = &subject, .answer = answer});
    return plan.tasks.back();
  };
  add(Purpose::kModelAnswer, *full, question.model_answer());
  for (int i = 0; i < question.examples_size(); ++i) {
    add(Purpose::kExample, *full, question.examples(i).answer()).index = i;
  }
  for (const v1::RubricItem& item : question.rubric()) {
    if (!item.cue().empty()) add(Purpose::kCue, *full, item.cue()).item = item.id();
  }
  for (int i = 0; i < question.hints_size(); ++i) add(Purpose::kHint, *full, question.hints(i)).index = i;
  add(Purpose::kPrompt, *unasked, question.prompt());
  plan.subjects.push_back(std::move(full));
  plan.subjects.push_back(std::move(unasked));
}

// Calls visit(item, path) for an item and its members.
template <typename Visit>
void VisitItems(const v1::RubricItem& item, const std::string& path, const Visit& visit) {
  visit(item, path);
  for (int i = 0; i < item.of_size(); ++i) VisitItems(item.of(i), absl::StrCat(path, ".of[", i, "]"), visit);
}

template <typename Visit>
void VisitResults(const ItemResult& result, const Visit& visit) {
  visit(result);
  for (const ItemResult& member : result.members()) VisitResults(member, visit);
}

// The credit of every item and member of a report.
std::map<std::string, double> Credits(const Report& report) {
  std::map<std::string, double> credits;
  for (const ItemResult& item : report.items()) {
    VisitResults(item, [&](const ItemResult& result) { credits[result.id()] = result.credit(); });
  }
  return credits;
}

std::set<std::string> Made(const Report& report) {
  std::set<std::string> made;
  for (const auto& [id, credit] : Credits(report)) {
    if (credit >= kMadeCredit) made.insert(id);
  }
  return made;
}

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& ids) {
  std::string joined;
  for (const std::string& id : ids) absl::StrAppend(&joined, joined.empty() ? "" : ", ", id);
  return joined;
}

// The judge of one pack.
class Evaluation {
 public:
  Evaluation(const v1::PackContent& pack, const PlaceMap& places) : pack_(pack), places_(places) {}

  void Add(const CheckTask& task, const Report& report) {
    const v1::Question& question = pack_.questions(task.question);
    const std::string path = absl::StrCat("questions[", task.question, "]");
    switch (task.purpose) {
      case Purpose::kModelAnswer:
        return AddModelAnswer(question, path, report);
      case Purpose::kExample:
        return AddExample(question, question.examples(task.index),
                          absl::StrCat(path, ".examples[", task.index, "]"), task.question, report);
      case Purpose::kCue:
        return AddCue(question, path, task.item, report);
      case Purpose::kHint:
        return AddHint(absl::StrCat(path, ".hints[", task.index, "]"), report);
      case Purpose::kPrompt:
        return AddPrompt(question, path, report);
    }
  }

  v1::CheckPackResponse Finish(absl::Span<const v1::Issue> earlier) {
    for (int i = 0; i < pack_.questions_size(); ++i) FinishQuestion(i);
    if (100 * response_.examples_in_range() < kExamplesInRangePercent * response_.examples()) {
      Error("examples-out-of-range", "",
            absl::StrCat("only ", response_.examples_in_range(), " of ", response_.examples(),
                         " examples are graded in their range; ", kExamplesInRangePercent, " % must be"));
    }
    for (const v1::Issue& issue : earlier) *response_.add_issues() = issue;
    response_.set_passed(!issues_.has_errors() && !HasErrors(earlier));
    for (v1::Issue& issue : issues_.TakeSorted()) *response_.add_issues() = std::move(issue);
    return std::move(response_);
  }

 private:
  // What is known of one question's examples.
  struct Examples {
    int good = 0;
    int poor = 0;
    std::optional<int> lowest_good;                        // score
    std::vector<std::pair<std::string, int>> poor_scores;  // path and score
    std::map<std::string, int> earned_by_poor;             // how many poor examples made the item
  };

  void Error(const char* code, const std::string& path, const std::string& message) {
    issues_.Error(code, path.empty() ? Place{} : places_.Find(path), path, message);
  }
  void Warn(const char* code, const std::string& path, const std::string& message) {
    issues_.Warning(code, places_.Find(path), path, message);
  }

  v1::ExampleResult& AddResult(const v1::Question& question, absl::string_view id, int low, int high,
                               const Report& report) {
    v1::ExampleResult& result = *response_.add_results();
    result.set_question(question.id());
    result.set_example(std::string(id));
    result.set_score(report.score());
    result.set_score_low(low);
    result.set_score_high(high);
    result.set_in_range(report.has_score() && report.score() >= low && report.score() <= high);
    return result;
  }

  void AddModelAnswer(const v1::Question& question, const std::string& path, const Report& report) {
    const std::string at = path + ".model_answer";
    const v1::ExampleResult& result = AddResult(question, kModelAnswerId, kModelAnswerScore, 100, report);
    if (!report.has_score()) {
      Warn("ungraded", at, "the model answer gets no score: there is no grader for its language");
    } else if (!result.in_range()) {
      Warn("model-answer-low", at,
           absl::StrCat("the model answer is graded ", report.score(), ", under ", kModelAnswerScore));
    }
    for (const scoring::v1::FlagResult& flag : report.flags()) {
      Warn("model-answer-flagged", at, absl::StrCat("the model answer raises the flag \"", flag.id(), "\""));
    }
  }

  void AddExample(const v1::Question& question, const v1::Example& example, const std::string& path,
                  int index, const Report& report) {
    v1::ExampleResult& result =
        AddResult(question, example.id(), example.score_low(), example.score_high(), report);
    response_.set_examples(response_.examples() + 1);
    if (result.in_range()) response_.set_examples_in_range(response_.examples_in_range() + 1);
    const std::set<std::string> made = Made(report);
    for (const std::string& id : example.made()) {
      if (made.count(id) == 0) result.add_not_made(id);
    }
    for (const std::string& id : example.missed()) {
      if (made.count(id) > 0) result.add_not_missed(id);
    }
    if (example.check_flags()) {
      std::set<std::string> raised;
      for (const scoring::v1::FlagResult& flag : report.flags()) raised.insert(flag.id());
      for (const std::string& id : example.flags()) {
        if (raised.erase(id) == 0) result.add_not_raised(id);
      }
      for (const std::string& id : raised) result.add_wrongly_raised(id);
    }
    WarnOfExample(result, path, report);

    Examples& examples = examples_[index];
    if (IsGood(example)) {
      ++examples.good;
      if (report.has_score())
        examples.lowest_good = std::min(examples.lowest_good.value_or(100), report.score());
    } else if (IsPoor(example)) {
      ++examples.poor;
      examples.poor_scores.emplace_back(path, report.score());
      for (const std::string& id : made) ++examples.earned_by_poor[id];
    }
  }

  void WarnOfExample(const v1::ExampleResult& result, const std::string& path, const Report& report) {
    if (!report.has_score()) {
      Warn("ungraded", path, "the example gets no score: there is no grader for its language");
    } else if (!result.in_range()) {
      Warn("example-out-of-range", path,
           absl::StrCat("the example is graded ", result.score(), ", not ", result.score_low(), " to ",
                        result.score_high()));
    }
    if (!result.not_made().empty())
      Warn("example-made", path, absl::StrCat("not made: ", Joined(result.not_made())));
    if (!result.not_missed().empty()) {
      Warn("example-missed", path, absl::StrCat("made, and should be missed: ", Joined(result.not_missed())));
    }
    if (!result.not_raised().empty()) {
      Warn("example-flags", path, absl::StrCat("flags not raised: ", Joined(result.not_raised())));
    }
    if (!result.wrongly_raised().empty()) {
      Warn("example-flags", path, absl::StrCat("flags raised wrongly: ", Joined(result.wrongly_raised())));
    }
  }

  void AddCue(const v1::Question& question, const std::string& path, const std::string& item_id,
              const Report& report) {
    const std::set<std::string> made = Made(report);
    for (int i = 0; i < question.rubric_size(); ++i) {
      if (question.rubric(i).id() != item_id) continue;
      const std::string item_path = absl::StrCat(path, ".rubric[", i, "]");
      std::string given;
      VisitItems(question.rubric(i), item_path, [&](const v1::RubricItem& item, const std::string&) {
        if (given.empty() && made.count(item.id()) > 0) given = item.id();
      });
      if (!given.empty())
        Warn("cue-gives-away", item_path + ".cue", absl::StrCat("the cue itself earns \"", given, "\""));
    }
  }

  void AddHint(const std::string& path, const Report& report) {
    for (const std::string& id : Made(report)) {
      return Warn("hint-gives-away", path, absl::StrCat("the hint itself earns \"", id, "\""));
    }
  }

  void AddPrompt(const v1::Question& question, const std::string& path, const Report& report) {
    std::map<std::string, std::string> paths;
    for (int i = 0; i < question.rubric_size(); ++i) {
      VisitItems(question.rubric(i), absl::StrCat(path, ".rubric[", i, "]"),
                 [&](const v1::RubricItem& item, const std::string& at) { paths[item.id()] = at; });
    }
    for (const ItemResult& item : report.items()) {
      VisitResults(item, [&](const ItemResult& result) {
        if (!result.members().empty()) return;  // its members carry the spans
        for (const scoring::v1::Span& span : result.spans()) {
          if (span.match() != scoring::v1::MATCH_KIND_ACCEPTED_PHRASE) continue;
          return Warn(
              "phrase-in-prompt", paths[result.id()] + ".accept",
              absl::StrCat("an accepted phrase is found in the question itself: \"", span.quote(), "\""));
        }
      });
    }
  }

  void FinishQuestion(int index) {
    const v1::Question& question = pack_.questions(index);
    const std::string path = absl::StrCat("questions[", index, "]");
    const Examples& examples = examples_[index];
    if (examples.good < 2 || examples.poor < 2) {
      Warn("few-examples", path,
           absl::StrCat("the question has ", examples.good, " good (from ", kGoodScore, ") and ",
                        examples.poor, " poor (under ", kGoodScore, ") examples; two of each are wanted"));
    }
    for (const auto& [at, score] : examples.poor_scores) {
      if (!examples.lowest_good || score <= *examples.lowest_good) continue;
      Error("poor-above-good", at,
            absl::StrCat("this poor example is graded ", score,
                         ", above the question's lowest good one with ", *examples.lowest_good));
    }
    for (int i = 0; i < question.rubric_size() && examples.poor > 0; ++i) {
      VisitItems(question.rubric(i), absl::StrCat(path, ".rubric[", i, "]"),
                 [&, this](const v1::RubricItem& item, const std::string& at) {
                   auto earned = examples.earned_by_poor.find(item.id());
                   if (item.need() != v1::NEED_MENTION || earned == examples.earned_by_poor.end()) return;
                   if (earned->second < examples.poor) return;
                   Warn("mention-too-easy", at, "every poor example earns this: ask for a statement");
                 });
    }
  }

  const v1::PackContent& pack_;
  const PlaceMap& places_;
  IssueList issues_;
  v1::CheckPackResponse response_;
  std::map<int, Examples> examples_;
};

}  // namespace

CheckPlan PlanCheck(const v1::PackContent& pack) {
  CheckPlan plan;
  for (int i = 0; i < pack.questions_size(); ++i) PlanQuestion(pack, i, plan);
  return plan;
}

v1::CheckPackResponse EvaluateCheck(const v1::PackContent& pack, const CheckPlan& plan,
                                    absl::Span<const Report> reports, const PlaceMap& places,
                                    absl::Span<const v1::Issue> issues) {
  Evaluation evaluation(pack, places);
  for (size_t i = 0; i < plan.tasks.size() && i < reports.size(); ++i)
    evaluation.Add(plan.tasks[i], reports[i]);
  return evaluation.Finish(issues);
}

absl::StatusOr<v1::CheckPackResponse> CheckPack(const v1::PackContent& pack, const Grade& grade,
                                                const PlaceMap& places, absl::Span<const v1::Issue> issues) {
  const CheckPlan plan = PlanCheck(pack);
  std::vector<Report> reports;
  reports.reserve(plan.tasks.size());
  for (const CheckTask& task : plan.tasks) {
    absl::StatusOr<Report> report = grade(*task.subject, task.answer);
    if (!report.ok()) return report.status();
    reports.push_back(*std::move(report));
  }
  return EvaluateCheck(pack, plan, reports, places, issues);
}

}  // namespace greenroom::content
