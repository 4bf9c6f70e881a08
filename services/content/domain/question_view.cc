#include "services/content/domain/question_view.h"

#include <algorithm>

namespace greenroom::content {

v1::Question FullQuestion(const v1::PackContent& pack, const v1::Question& question) {
  v1::Question full = question;
  full.set_language(pack.language());
  full.set_hint_count(question.hints_size());
  full.clear_tips();
  for (const v1::Tip& tip : pack.tips()) {
    const auto& kinds = tip.check().kinds();
    if (std::find(kinds.begin(), kinds.end(), question.kind()) != kinds.end()) *full.add_tips() = tip;
  }
  return full;
}

// Copies what may be seen instead of clearing what may not, so that a field added later stays hidden.
v1::Question BasicQuestion(const v1::Question& full) {
  v1::Question basic;
  basic.set_name(full.name());
  basic.set_id(full.id());
  basic.set_kind(full.kind());
  basic.set_topic(full.topic());
  basic.set_difficulty(full.difficulty());
  basic.set_minutes(full.minutes());
  basic.set_prompt(full.prompt());
  *basic.mutable_variants() = full.variants();
  *basic.mutable_tags() = full.tags();
  basic.set_follow_up_only(full.follow_up_only());
  basic.set_derived(full.derived());
  basic.set_language(full.language());
  basic.set_hint_count(full.hint_count());
  *basic.mutable_tips() = full.tips();
  for (v1::Tip& tip : *basic.mutable_tips()) HideRubric(tip);
  return basic;
}

void HideRubric(v1::Tip& tip) {
  if (tip.has_check()) tip.mutable_check()->clear_rubric();
}

int QuestionCount(const v1::PackContent& pack) {
  return static_cast<int>(
      std::count_if(pack.questions().begin(), pack.questions().end(),
                    [](const v1::Question& question) { return !question.follow_up_only(); }));
}

}  // namespace greenroom::content
