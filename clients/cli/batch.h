// Grading in bulk: JSON lines in, JSON lines out.
//
// A line is an object with "id" (a string or number, repeated in the reply), "answer" (a string of at most 32 KiB), and
// either "pack" and "question" (ids) or "question" (text, may be empty or absent), "references" (one or more good
// answers), if it is not English, "language", and perhaps "graded": answers that a person graded, objects with "answer" and "score"
// (0 to 100), at most 64, by which the grade is corrected. Other keys are ignored. Its reply:
//   {"id": ..., "score": 0 to 100, "low": ..., "high": ..., "confidence": "low" | "medium" | "high", "points": [{"id": "...", "credit": 0 to 1, "spans": [[start, end], ...]}, ...],
//    "flags": ["...", ...], and for a question graded by STAR "star": the parts found, of "situation", "action", "result", "lesson"}
// "low" to "high" is the 80 % interval. Points are the rubric's items in order, each followed by its members, then the tips that score; a group has the spans of
// its members. Spans are UTF-8 byte ranges of the answer. "score" is null where the answer's language has no grader.
// A line that cannot be graded is answered with {"line": number from 1, "id": ... where it has one, "error": "..."}.
#ifndef GREENROOM_CLIENTS_CLI_BATCH_H_
#define GREENROOM_CLIENTS_CLI_BATCH_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cli/local_packs.h"
#include "greenroom/scoring/v1/report.pb.h"
#include "services/scoring/domain/compile.h"
#include "services/scoring/domain/credit_model.h"

namespace greenroom::cli {

// Longer lines are bad.
inline constexpr size_t kMaxBatchLine = size_t{1} << 20;

// Not thread-safe. The same line always has the same reply.
class BatchGrader {
 public:
  // `model` grades against references and must outlive this; null: by shares alone.
  explicit BatchGrader(LocalPacks& packs,
                       const scoring::CreditModel* model = &scoring::CreditModel::Shipped())
      : packs_(packs), model_(model) {}

  struct Reply {
    std::string json;  // one line without its newline
    bool graded = false;
  };
  Reply Grade(absl::string_view line, size_t line_number);

 private:
  // Compiled references by question, references and language; forgotten all at once when they become many.
  absl::StatusOr<const scoring::CompiledQuestion*> FindReference(
      const std::string& question, const std::vector<std::string>& references, const std::string& language,
      const std::vector<scoring::GradedAnswer>& graded);

  LocalPacks& packs_;
  const scoring::CreditModel* const model_;
  std::map<std::vector<std::string>, scoring::CompiledQuestion> references_;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_BATCH_H_
