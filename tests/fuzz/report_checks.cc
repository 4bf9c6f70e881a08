#include "tests/fuzz/report_checks.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/text.h"
#include "services/content/domain/question_view.h"
#include "services/scoring/domain/compile.h"

namespace greenroom::fuzz {
namespace {

using scoring::v1::ItemResult;
using scoring::v1::Span;

// As many questions of a pack, and bytes of an answer, as one input may spend its time on.
constexpr int kMostQuestions = 3;
constexpr size_t kMostAnswer = 4096;

bool IsBound(absl::string_view text, size_t offset) {
  return offset == text.size() || (static_cast<unsigned char>(text[offset]) & 0xc0) != 0x80;
}

int32_t Utf16Units(absl::string_view text) {
  int32_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

void CheckSpan(const Span& span, absl::string_view answer) {
  CHECK_THAT(span.start() >= 0 && span.start() < span.end(), span.ShortDebugString());
  const auto start = static_cast<size_t>(span.start());
  const auto end = static_cast<size_t>(span.end());
  CHECK_THAT(end <= answer.size(), span.ShortDebugString());
  CHECK_THAT(IsBound(answer, start) && IsBound(answer, end), span.ShortDebugString());
  const absl::string_view quote = answer.substr(start, end - start);
  CHECK_THAT(span.quote() == quote, span.ShortDebugString());
  CHECK_THAT(span.start_utf16() == Utf16Units(answer.substr(0, start)), span.ShortDebugString());
  CHECK_THAT(span.end_utf16() - span.start_utf16() == Utf16Units(quote), span.ShortDebugString());
}

template <typename Spans>
void CheckSpans(const Spans& spans, absl::string_view answer) {
  for (const Span& span : spans) CheckSpan(span, answer);
}

void CheckItem(const ItemResult& item, absl::string_view answer) {
  CHECK_THAT(item.credit() >= 0 && item.credit() <= 1, item.ShortDebugString());
  CheckSpans(item.spans(), answer);
  for (const ItemResult& member : item.members()) CheckItem(member, answer);
}

}  // namespace

void CheckReport(const scoring::v1::Report& report, absl::string_view answer) {
  if (report.has_score()) {
    CHECK_THAT(report.score() >= 0 && report.score() <= 100, report.ShortDebugString());
    CHECK_THAT(report.score_low() >= 0 && report.score_low() <= report.score(), report.ShortDebugString());
    CHECK_THAT(report.score_high() <= 100 && report.score_high() >= report.score(),
               report.ShortDebugString());
  }
  for (const ItemResult& item : report.items()) CheckItem(item, answer);
  for (const ItemResult& tip : report.tips()) CheckItem(tip, answer);
  for (const auto& flag : report.flags()) CheckSpans(flag.spans(), answer);
  for (const auto& part : report.star().parts()) CheckSpans(part.spans(), answer);
}

void CheckGrading(const content::v1::PackContent& pack, absl::string_view further) {
  const absl::string_view other = TruncateUtf8(further, kMostAnswer);
  for (int i = 0; i < std::min(pack.questions_size(), kMostQuestions); ++i) {
    const content::v1::Question question = content::FullQuestion(pack, pack.questions(i));
    const absl::StatusOr<scoring::CompiledQuestion> compiled = scoring::Compile(question);
    CHECK_THAT(compiled.ok(), absl::StrCat(question.id(), ": ", compiled.status().ToString()));
    const absl::string_view model = TruncateUtf8(question.model_answer(), kMostAnswer);
    for (const absl::string_view answer : {model, other}) {
      const scoring::v1::Report report = scoring::Grade(*compiled, answer);
      CheckReport(report, answer);
      CHECK_THAT(report.ungraded_language() || report.items_size() == question.rubric_size(),
                 report.ShortDebugString());
      CHECK_THAT(report.SerializeAsString().size() < (size_t{4} << 20), "a report of more than 4 MiB");
    }
  }
}

}  // namespace greenroom::fuzz
