#include "services/content/domain/bundle.h"

#include "services/content/domain/canonical_json.h"
#include "services/content/domain/digest.h"
#include "services/content/domain/question_view.h"

namespace greenroom::content {
namespace {

// Copies what a device may have instead of clearing what not, so that a field added later stays on the server. The
// checks of its tips stand in the bundle once, with the pack's tips.
v1::Question BundledQuestion(const v1::Question& full, v1::OfflinePolicy policy) {
  v1::Question question = BasicQuestion(full);
  if (policy != v1::OFFLINE_POLICY_FULL) return question;
  question.set_guidance(full.guidance());
  question.set_model_answer(full.model_answer());
  *question.mutable_rubric() = full.rubric();
  if (full.has_star()) *question.mutable_star() = full.star();
  *question.mutable_red_flags() = full.red_flags();
  *question.mutable_hints() = full.hints();
  *question.mutable_follow_ups() = full.follow_ups();
  *question.mutable_read_more() = full.read_more();
  return question;
}

}  // namespace

v1::OfflinePolicy StricterOf(v1::OfflinePolicy a, v1::OfflinePolicy b) {
  const bool full = a == v1::OFFLINE_POLICY_FULL && b == v1::OFFLINE_POLICY_FULL;
  return full ? v1::OFFLINE_POLICY_FULL : v1::OFFLINE_POLICY_NONE;
}

v1::PackBundle MakeBundle(const v1::PackContent& pack, absl::string_view revision, v1::OfflinePolicy policy) {
  const bool full = policy == v1::OFFLINE_POLICY_FULL;
  v1::PackBundle bundle;
  bundle.set_revision(std::string(revision));
  bundle.set_offline(full ? v1::OFFLINE_POLICY_FULL : v1::OFFLINE_POLICY_NONE);
  bundle.set_language(pack.language());
  bundle.set_role(pack.role());
  bundle.set_tagline(pack.tagline());
  bundle.set_license(pack.license());
  bundle.set_homepage(pack.homepage());
  *bundle.mutable_tips() = pack.tips();
  if (!full) {
    for (v1::Tip& tip : *bundle.mutable_tips()) HideRubric(tip);
  }
  *bundle.mutable_topics() = pack.topics();
  for (const v1::Question& question : pack.questions()) {
    if (question.follow_up_only() && !full) continue;
    v1::Question& bundled = *bundle.add_questions();
    bundled = BundledQuestion(FullQuestion(pack, question), policy);
    bundled.set_name(std::string(revision) + "/questions/" + question.id());
  }
  return bundle;
}

BundleFile WriteBundle(const v1::PackBundle& bundle) {
  BundleFile file;
  file.json = CanonicalJsonOf(bundle);
  file.sha256 = Sha256Hex(file.json);
  return file;
}

}  // namespace greenroom::content
