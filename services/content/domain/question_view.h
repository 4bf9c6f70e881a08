// A question as services see it: what an author wrote, completed by what follows from its pack.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_QUESTION_VIEW_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_QUESTION_VIEW_H_

#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// `question` of `pack` with `language`, `hint_count` and `tips` (those whose check applies to its kind, in the pack's
// order, with their rubrics; also those that an item satisfies) filled in: the FULL view without `name`, and what a
// grader wants.
v1::Question FullQuestion(const v1::PackContent& pack, const v1::Question& question);

// What a learner may see before answering: everything below "FULL" of a full question is cleared, and of its tips'
// checks everything but `kinds`.
v1::Question BasicQuestion(const v1::Question& full);

// A tip as a learner sees it: without its check's rubric.
void HideRubric(v1::Tip& tip);

// How many questions a learner can choose: without those that are only follow-ups.
int QuestionCount(const v1::PackContent& pack);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_QUESTION_VIEW_H_
