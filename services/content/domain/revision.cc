#include "services/content/domain/revision.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "services/content/domain/canonical_json.h"
#include "services/content/domain/digest.h"

namespace greenroom::content {
namespace {

double Rounded(double number) { return std::round(number * 100.0) / 100.0; }

void CanonicaliseItem(v1::RubricItem& item) {
  if (item.has_weight()) item.set_weight(Rounded(item.weight()));
  if (item.weight() == 1.0) item.clear_weight();
  if (item.need() == v1::NEED_STATEMENT) item.clear_need();
  if (item.any() == item.of_size()) item.clear_any();
  for (v1::RubricItem& member : *item.mutable_of()) CanonicaliseItem(member);
}

void CanonicaliseFlag(v1::RedFlag& flag) {
  if (flag.has_penalty()) flag.set_penalty(Rounded(flag.penalty()));
  if (flag.penalty() == 1.0) flag.clear_penalty();
  if (flag.kind() == v1::FLAG_KIND_RED_FLAG) flag.clear_kind();
}

}  // namespace

void Canonicalise(v1::PackContent& pack) {
  if (pack.visibility() == v1::VISIBILITY_PRACTICE) pack.clear_visibility();
  if (pack.offline() == v1::OFFLINE_POLICY_NONE) pack.clear_offline();
  for (v1::Topic& topic : *pack.mutable_topics()) {
    if (topic.has_weight()) topic.set_weight(Rounded(topic.weight()));
    if (topic.weight() == 1.0) topic.clear_weight();
  }
  for (v1::Tip& tip : *pack.mutable_tips()) {
    if (tip.has_check()) CanonicaliseItem(*tip.mutable_check()->mutable_rubric());
  }
  for (v1::Question& question : *pack.mutable_questions()) {
    question.clear_name();
    question.clear_language();
    question.clear_tips();
    question.clear_hint_count();
    if (question.has_star()) question.mutable_star()->set_weight(Rounded(question.star().weight()));
    if (question.has_locales() && question.locales().fields().empty()) question.clear_locales();
    for (v1::RubricItem& item : *question.mutable_rubric()) CanonicaliseItem(item);
    for (v1::RedFlag& flag : *question.mutable_red_flags()) CanonicaliseFlag(flag);
    for (v1::Example& example : *question.mutable_examples()) {
      if (!example.flags().empty()) example.set_check_flags(true);
    }
  }
}

std::string CanonicalJson(const v1::PackContent& pack) {
  v1::PackContent canonical = pack;
  Canonicalise(canonical);
  return CanonicalJsonOf(canonical);
}

std::string RevisionId(const v1::PackContent& pack) {
  return absl::StrCat("r", Sha256Hex(CanonicalJson(pack)).substr(0, 32));
}

}  // namespace greenroom::content
