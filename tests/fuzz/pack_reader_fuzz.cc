// Any bytes as the YAML source of a pack.
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "services/content/domain/check.h"
#include "services/content/domain/pack_reader.h"
#include "tests/fuzz/report_checks.h"
#include "tests/fuzz/source_checks.h"

namespace greenroom::fuzz {
namespace {

// Reports in place of grading, which CheckGrading does: what is judged here is only that judging is total.
absl::StatusOr<scoring::v1::Report> Half(const content::v1::Question& question, absl::string_view answer) {
  scoring::v1::Report report;
  report.set_score(static_cast<int32_t>(answer.size() % 101));
  for (const content::v1::RubricItem& item : question.rubric()) {
    scoring::v1::ItemResult& row = *report.add_items();
    row.set_id(item.id());
    row.set_credit(answer.size() % 2 == 0 ? 1 : 0);
  }
  return report;
}

}  // namespace

void TestPackSource(absl::string_view source) {
  const content::ReadResult read = content::ReadPack(source);
  CheckIssues(read, source);
  if (!read.ok()) return;
  CheckRoundTrip(read.pack);
  CheckGrading(read.pack, source);
  (void)content::CheckPack(read.pack, Half, read.places, read.issues);
}

}  // namespace greenroom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  greenroom::fuzz::TestPackSource({reinterpret_cast<const char*>(data), size});
  return 0;
}
