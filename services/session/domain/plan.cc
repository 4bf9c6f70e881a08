#include "services/session/domain/plan.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "services/session/domain/random.h"

namespace greenroom::session {
namespace {

template <typename Values, typename Value>
bool Holds(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool Fits(const content::v1::Question& question, const v1::QuestionCriteria& criteria) {
  if (question.follow_up_only()) return false;
  if (criteria.topics_size() > 0 && !Holds(criteria.topics(), question.topic())) return false;
  if (criteria.kinds_size() > 0 && !Holds(criteria.kinds(), static_cast<int>(question.kind()))) return false;
  if (criteria.tags_size() > 0 &&
      std::none_of(question.tags().begin(), question.tags().end(),
                   [&](const std::string& tag) { return Holds(criteria.tags(), tag); })) {
    return false;
  }
  if (criteria.min_difficulty() != 0 && question.difficulty() < criteria.min_difficulty()) return false;
  return criteria.max_difficulty() == 0 || question.difficulty() <= criteria.max_difficulty();
}

}  // namespace

std::vector<std::string> FittingQuestions(const std::vector<content::v1::Question>& revision,
                                          const v1::QuestionCriteria& criteria) {
  std::vector<std::string> fitting;
  for (const content::v1::Question& question : revision) {
    if (Fits(question, criteria)) fitting.push_back(question.id());
  }
  return fitting;
}

void ShuffleQuestions(int64_t seed, std::vector<std::string>& questions) {
  SplitMix64 random(static_cast<uint64_t>(seed));
  for (size_t left = questions.size(); left > 1; --left) {
    std::swap(questions[left - 1], questions[random.Below(left)]);
  }
}

std::vector<std::string> ResolveCriteria(const std::vector<content::v1::Question>& revision,
                                         const v1::QuestionCriteria& criteria, int64_t seed) {
  std::vector<std::string> plan = FittingQuestions(revision, criteria);
  if (criteria.shuffle()) ShuffleQuestions(seed, plan);
  if (criteria.count() > 0 && plan.size() > static_cast<size_t>(criteria.count())) {
    plan.resize(static_cast<size_t>(criteria.count()));
  }
  return plan;
}

std::vector<std::string> FilterByCriteria(const std::vector<content::v1::Question>& revision,
                                          const v1::QuestionCriteria& criteria,
                                          const std::vector<std::string>& candidates) {
  std::vector<std::string> plan;
  for (const std::string& candidate : candidates) {
    const bool full = criteria.count() > 0 && plan.size() == static_cast<size_t>(criteria.count());
    const bool fits = std::any_of(revision.begin(), revision.end(), [&](const content::v1::Question& one) {
      return one.id() == candidate && Fits(one, criteria);
    });
    if (fits && !full) plan.push_back(candidate);
  }
  return plan;
}

void SetLimits(const v1::CreateSessionRequest& request, const std::vector<content::v1::Question>& revision,
               v1::Created& created) {
  constexpr int64_t kMostSeconds = int64_t{24} * 3600;
  const bool by_minutes = created.mode() == v1::SESSION_MODE_MOCK;
  const auto minutes_of = [&](const std::string& id) -> int32_t {
    for (const content::v1::Question& question : revision) {
      if (question.id() == id) return question.minutes();
    }
    return 0;
  };
  int64_t seconds = 0;
  bool limited = request.has_question_time_limit();
  for (const std::string& id : created.questions()) {
    const int32_t minutes = by_minutes ? minutes_of(id) : 0;
    seconds += 60 * int64_t{minutes > 0 ? minutes : kMinutesWhereNone};
    limited = limited || minutes > 0;
    google::protobuf::Duration* limit = created.add_question_time_limits();
    if (request.has_question_time_limit()) {
      *limit = request.question_time_limit();
    } else {
      limit->set_seconds(int64_t{120} * minutes);
    }
  }
  if (!limited) created.clear_question_time_limits();
  if (request.has_time_limit()) {
    *created.mutable_time_limit() = request.time_limit();
  } else if (by_minutes) {
    created.mutable_time_limit()->set_seconds(std::min(seconds, kMostSeconds));
  }
}

std::string FirstUnknown(const std::vector<content::v1::Question>& revision,
                         const std::vector<std::string>& questions) {
  for (const std::string& wanted : questions) {
    const auto found =
        std::find_if(revision.begin(), revision.end(), [&](const content::v1::Question& question) {
          return question.id() == wanted && !question.follow_up_only();
        });
    if (found == revision.end()) return wanted;
  }
  return "";
}

int32_t DrawForm(int64_t seed, absl::string_view question, int32_t variants) {
  return static_cast<int32_t>(RandomOf(seed, question) % (static_cast<uint64_t>(variants) + 1));
}

const std::string& PromptOf(const content::v1::Question& question, int32_t form) {
  const bool varied = form >= 1 && form <= question.variants_size();
  return varied ? question.variants(form - 1) : question.prompt();
}

}  // namespace greenroom::session
