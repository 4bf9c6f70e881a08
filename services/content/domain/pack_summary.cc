#include "services/content/domain/pack_summary.h"

#include "services/content/domain/question_view.h"

namespace greenroom::content {

v1::Pack PackSummary(const v1::PackContent& pack) {
  v1::Pack summary;
  summary.set_role(pack.role());
  summary.set_tagline(pack.tagline());
  summary.set_language(pack.language());
  summary.set_license(pack.license());
  summary.set_homepage(pack.homepage());
  summary.set_visibility(pack.visibility() == v1::VISIBILITY_EXAM ? v1::VISIBILITY_EXAM
                                                                  : v1::VISIBILITY_PRACTICE);
  summary.set_offline(pack.offline() == v1::OFFLINE_POLICY_FULL ? v1::OFFLINE_POLICY_FULL
                                                                : v1::OFFLINE_POLICY_NONE);
  *summary.mutable_tips() = pack.tips();
  *summary.mutable_topics() = pack.topics();
  summary.set_question_count(QuestionCount(pack));
  return summary;
}

}  // namespace greenroom::content
