// Issues: what is wrong with a pack's source, as data.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_ISSUE_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_ISSUE_H_

#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "greenroom/content/v1/authoring_service.pb.h"

namespace greenroom::content {

// Where something stands in a source. 0 means that it has no place.
struct Place {
  int source = 0;  // index among the sources of a pack
  int line = 0;    // from 1
  int column = 0;  // from 1, in code points
};

// Places of a pack's parts by path ("questions[2].rubric[0].accept[1]").
class PlaceMap {
 public:
  void Set(const std::string& path, Place place) { places_[path] = place; }

  // The place of `path`, or of the nearest part around it; none if nothing around it is known.
  Place Find(absl::string_view path) const;

 private:
  std::unordered_map<std::string, Place> places_;
};

// Collects issues, at most kMaxIssues errors and as many warnings; a last one of code "too-many-issues" says that there
// were more.
class IssueList {
 public:
  static constexpr int kMaxIssues = 200;

  // `names` are the sources' names, put before the message when there are several. Borrowed; may be empty.
  explicit IssueList(absl::Span<const std::string> names = {}) : names_(names) {}

  void Error(const char* code, Place place, absl::string_view path, absl::string_view message,
             absl::string_view suggestion = "") {
    Add(v1::SEVERITY_ERROR, code, place, path, message, suggestion);
  }
  void Warning(const char* code, Place place, absl::string_view path, absl::string_view message,
               absl::string_view suggestion = "") {
    Add(v1::SEVERITY_WARNING, code, place, path, message, suggestion);
  }

  // Whether an error was added, also one beyond kMaxIssues.
  bool has_errors() const { return errors_ > 0; }

  // Whether a further error would not be listed: nothing is worth being looked up for it.
  bool full() const { return errors_ >= kMaxIssues; }

  // The issues by place (source, line, column; those without a place last), in the order they were added where equal.
  std::vector<v1::Issue> TakeSorted();

 private:
  struct Entry {
    Place place;
    v1::Issue issue;
  };
  void Add(v1::Severity severity, const char* code, Place place, absl::string_view path,
           absl::string_view message, absl::string_view suggestion);

  absl::Span<const std::string> names_;
  std::vector<Entry> entries_;
  int errors_ = 0;
  int warnings_ = 0;
  bool overflowed_ = false;
};

// Whether one of `issues` is an error.
bool HasErrors(absl::Span<const v1::Issue> issues);

// "line 3, column 7: questions[0].id: message (suggestion)"; parts that are empty are left out.
std::string IssueText(const v1::Issue& issue);

// The one of `candidates` that `word` most likely stands for: at most a third of its letters differ (insertion,
// deletion, replacement, swap of neighbours), ignoring case and `_` for `-`. Empty if none is near, or
// there are more than 2000 to compare with.
std::string DidYouMean(absl::string_view word, absl::Span<const absl::string_view> candidates);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_ISSUE_H_
