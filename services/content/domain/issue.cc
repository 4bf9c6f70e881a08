#include "services/content/domain/issue.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace greenroom::content {
namespace {

constexpr size_t kMaxCandidates = 2000;

std::string Folded(absl::string_view word) {
  std::string folded = absl::AsciiStrToLower(word);
  std::replace(folded.begin(), folded.end(), '_', '-');
  return folded;
}

// Optimal string alignment distance.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

Place PlaceMap::Find(absl::string_view path) const {
  while (true) {
    auto it = places_.find(std::string(path));
    if (it != places_.end()) return it->second;
    if (path.empty()) return Place{};
    size_t cut = path.find_last_of(".[");
    path = cut == absl::string_view::npos ? absl::string_view() : path.substr(0, cut);
  }
}

void IssueList::Add(v1::Severity severity, const char* code, Place place, absl::string_view path,
                    absl::string_view message, absl::string_view suggestion) {
  int& count = severity == v1::SEVERITY_ERROR ? errors_ : warnings_;
  if (++count > kMaxIssues) {
    overflowed_ = true;
    return;
  }
  Entry entry;
  entry.place = place;
  entry.issue.set_severity(severity);
  entry.issue.set_line(place.line);
  entry.issue.set_column(place.column);
  entry.issue.set_path(std::string(path));
  if (names_.size() > 1 && place.line > 0) {
    entry.issue.set_message(absl::StrCat(names_[static_cast<size_t>(place.source)], ": ", message));
  } else {
    entry.issue.set_message(std::string(message));
  }
  entry.issue.set_suggestion(std::string(suggestion));
  entry.issue.set_code(code);
  entries_.push_back(std::move(entry));
}

std::vector<v1::Issue> IssueList::TakeSorted() {
  auto key = [](const Entry& e) {
    return std::make_tuple(e.place.line == 0, e.place.source, e.place.line, e.place.column);
  };
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
  std::vector<v1::Issue> issues;
  issues.reserve(entries_.size() + 1);
  for (Entry& entry : entries_) issues.push_back(std::move(entry.issue));
  if (overflowed_) {
    v1::Issue& more = issues.emplace_back();
    more.set_severity(has_errors() ? v1::SEVERITY_ERROR : v1::SEVERITY_WARNING);
    more.set_code("too-many-issues");
    more.set_message(absl::StrCat("only the first ", kMaxIssues, " errors and warnings are listed"));
  }
  entries_.clear();
  return issues;
}

bool HasErrors(absl::Span<const v1::Issue> issues) {
  return std::any_of(issues.begin(), issues.end(),
                     [](const v1::Issue& issue) { return issue.severity() == v1::SEVERITY_ERROR; });
}

std::string IssueText(const v1::Issue& issue) {
  std::string text;
  if (issue.line() > 0) absl::StrAppend(&text, "line ", issue.line(), ", column ", issue.column(), ": ");
  if (!issue.path().empty()) absl::StrAppend(&text, issue.path(), ": ");
  absl::StrAppend(&text, issue.message());
  if (!issue.suggestion().empty()) absl::StrAppend(&text, " (", issue.suggestion(), ")");
  return text;
}

std::string DidYouMean(absl::string_view word, absl::Span<const absl::string_view> candidates) {
  if (word.empty() || word.size() > 64 || candidates.size() > kMaxCandidates) return "";
  std::string folded = Folded(word);
  absl::string_view best;
  size_t best_distance = folded.size() / 3 + 1;
  for (absl::string_view candidate : candidates) {
    if (candidate.size() > 64) continue;
    size_t distance = Distance(folded, Folded(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return std::string(best);
}

}  // namespace greenroom::content
