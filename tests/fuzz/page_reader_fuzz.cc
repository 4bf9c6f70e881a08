// Any bytes as a plain page with questions and answers.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "services/content/domain/page_reader.h"
#include "services/scoring/domain/compile.h"
#include "tests/fuzz/report_checks.h"
#include "tests/fuzz/source_checks.h"

namespace greenroom::fuzz {
namespace {

// The grader's own derivation, of a question that has a model answer and no rubric.
void CheckReference(const content::v1::Question& question) {
  const absl::StatusOr<scoring::CompiledQuestion> compiled =
      scoring::CompileReference(question.prompt(), {{question.model_answer()}}, "");
  if (!compiled.ok()) return;
  CheckReport(scoring::Grade(*compiled, question.model_answer()), question.model_answer());
}

}  // namespace

void TestPage(absl::string_view page) {
  // With an id given, as by an author who imports, and with the one that follows from the page.
  for (const char* const id : {"page", ""}) {
    const content::ReadResult read = content::ReadPage(page, id);
    CheckIssues(read, page);
    if (!read.ok()) continue;
    CheckRoundTrip(read.pack);
    if (*id == '\0') continue;
    CheckGrading(read.pack, page);
    CheckReference(read.pack.questions(0));
  }
}

}  // namespace greenroom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  greenroom::fuzz::TestPage({reinterpret_cast<const char*>(data), size});
  return 0;
}
