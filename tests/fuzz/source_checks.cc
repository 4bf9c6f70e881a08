#include "tests/fuzz/source_checks.h"

#include <google/protobuf/util/message_differencer.h>

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "services/base/check.h"
#include "services/base/text.h"
#include "services/content/domain/pack_writer.h"
#include "services/content/domain/revision.h"
#include "services/content/domain/text_rules.h"

namespace greenroom::fuzz {

using google::protobuf::util::MessageDifferencer;

void CheckIssues(const content::ReadResult& read, absl::string_view source) {
  const std::vector<absl::string_view> lines = absl::StrSplit(source, '\n');
  bool error = false;
  for (const content::v1::Issue& issue : read.issues) {
    const std::string text = content::IssueText(issue);
    error = error || issue.severity() == content::v1::SEVERITY_ERROR;
    CHECK_THAT(!issue.code().empty() && !issue.message().empty(), text);
    CHECK_THAT(IsValidUtf8(text), text);
    CHECK_THAT((issue.line() == 0) == (issue.column() == 0), text);
    if (issue.line() == 0) continue;
    CHECK_THAT(issue.line() > 0 && static_cast<size_t>(issue.line()) <= lines.size(), text);
    const absl::string_view line = lines[static_cast<size_t>(issue.line()) - 1];
    // What is missing at the end of a line stands one behind it; bytes that are no text count one each at most.
    const size_t columns = IsValidUtf8(line) ? content::CodePointCount(line) : line.size();
    CHECK_THAT(issue.column() > 0 && static_cast<size_t>(issue.column()) <= columns + 1, text);
  }
  CHECK_THAT(read.ok() != error, "neither a pack nor a reason");
}

void CheckRoundTrip(const content::v1::PackContent& pack) {
  const std::string written = content::WritePack(pack);
  const content::ReadResult again = content::ReadPack(written);
  CHECK_THAT(again.ok(), again.issues.empty() ? "" : content::IssueText(again.issues.front()));
  CHECK_THAT(MessageDifferencer::Equals(again.pack, pack), written);
  CHECK_THAT(content::WritePack(again.pack) == written, written);
  CHECK_THAT(content::RevisionId(again.pack) == content::RevisionId(pack), written);
  content::v1::PackContent canonical = pack;
  content::Canonicalise(canonical);
  CHECK_THAT(MessageDifferencer::Equals(canonical, pack), "what a reader gives is not canonical");
}

}  // namespace greenroom::fuzz
