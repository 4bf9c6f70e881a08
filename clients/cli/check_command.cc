// check: what the content service does before it publishes, without a server.
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cli/layout.h"
#include "clients/cli/local_packs.h"
#include "services/base/task.h"
#include "services/content/domain/check.h"
#include "services/content/domain/issue.h"
#include "services/scoring/domain/compile.h"

namespace greenroom::cli {
namespace {

using content::v1::CheckPackResponse;
using content::v1::ExampleResult;
using content::v1::Issue;

absl::StatusOr<CheckPackResponse> Check(const content::ReadResult& read) {
  if (!read.ok()) {
    CheckPackResponse response;
    for (const Issue& issue : read.issues) *response.add_issues() = issue;
    return response;
  }
  // A question is the same object for all of its answers.
  std::map<const content::v1::Question*, scoring::CompiledQuestion> compiled;
  const auto grade = [&](const content::v1::Question& question,
                         absl::string_view answer) -> absl::StatusOr<scoring::v1::Report> {
    auto found = compiled.find(&question);
    if (found == compiled.end()) {
      absl::StatusOr<scoring::CompiledQuestion> one = scoring::Compile(question);
      if (!one.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("question ", question.id(), ": ", one.status().message()));
      }
      found = compiled.emplace(&question, *std::move(one)).first;
    }
    return scoring::Grade(found->second, answer);
  };
  return content::CheckPack(read.pack, grade, read.places, read.issues);
}

std::string Complaints(const ExampleResult& result) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view what, const google::protobuf::RepeatedPtrField<std::string>& ids) {
    if (!ids.empty()) parts.push_back(absl::StrCat(what, " ", absl::StrJoin(ids, ", ")));
  };
  add("not made:", result.not_made());
  add("made, should be missed:", result.not_missed());
  add("not raised:", result.not_raised());
  add("wrongly raised:", result.wrongly_raised());
  return absl::StrJoin(parts, "; ");
}

void Tell(const Invocation& invocation, const std::string& file, const CheckPackResponse& response) {
  const Page page = invocation.page();
  for (const ExampleResult& result : response.results()) {
    const std::string complaints = Complaints(result);
    if (result.in_range() && complaints.empty()) continue;
    std::string text = absl::StrCat(result.question(), "/", result.example(), ": ", result.score(),
                                    result.in_range() ? ", in " : ", not in ", result.score_low(), " to ",
                                    result.score_high());
    if (!complaints.empty()) absl::StrAppend(&text, "; ", complaints);
    invocation.Say(Wrap(text, page.width, "  "));
  }
  for (const Issue& issue : response.issues()) {
    const bool error = issue.severity() == content::v1::SEVERITY_ERROR;
    std::vector<std::string> lines =
        Wrap(absl::StrCat(error ? "error: " : "warning: ", content::IssueText(issue)), page.width);
    for (std::string& line : lines) line = Paint(page, error ? Ink::kBad : Ink::kPartly, line);
    invocation.Say(lines);
  }
  std::string summary = absl::StrCat(file, response.passed() ? ": PASSED" : ": NOT PASSED");
  if (response.examples() > 0) {
    absl::StrAppend(&summary, ", ", response.examples_in_range(), " of ", response.examples(),
                    " examples in their range");
  }
  for (const std::string& line : Wrap(summary, page.width)) {
    invocation.Say(Paint(page, response.passed() ? Ink::kGood : Ink::kBad, line));
  }
}

}  // namespace

absl::StatusOr<int> RunCheck(Invocation& invocation, const std::vector<std::string>& words) {
  std::string file;
  invocation.arguments().Word("FILE", &file);
  RETURN_IF_ERROR(invocation.Parse(words));
  absl::StatusOr<content::ReadResult> read = ReadPackAt(file);
  if (!read.ok()) return absl::InvalidArgumentError(read.status().message());
  ASSIGN_OR_RETURN(const CheckPackResponse response, Check(*read));
  invocation.Reply(response);
  if (!invocation.json()) Tell(invocation, file, response);
  return response.passed() ? kExitOk : kExitFailed;
}

}  // namespace greenroom::cli
