// Rubric points out of an answer that has none: what the page reader derives.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_ANSWER_POINTS_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_ANSWER_POINTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// The sentences of `text`, and in them what stands between semicolons, dashes and line breaks; without their final full
// stop; empty ones left out. A full stop ends a sentence where white space and then no small letter follows, or the
// text ends.
std::vector<std::string> Clauses(absl::string_view text);

// The members of a numbered enumeration.
struct Enumeration {
  std::string before;                // what stands before its first number
  std::vector<std::string> members;  // at least two
  std::string after;                 // what follows the last member's first sentence
};

// The first enumeration of `text`: "(1)", "1)" or "1." at the beginning of a line or after white space, followed by 2, 3
// and so on in the same style. False where there is none of two members or more.
bool FindEnumeration(absl::string_view text, Enumeration& found);

// Rubric items for `answer`: a group for the enumeration, a point per clause for the rest, in the answer's order; with
// unique ids. A clause before the enumeration that ends with a colon is the group's text. Nothing without a letter or
// digit is a point. At most 40 items, 24 members and 1000 characters each; `cut` says whether something was cut.
std::vector<v1::RubricItem> PointsOfAnswer(absl::string_view answer, bool& cut);

// `line` cut to the length that a pack allows, between characters; sets `cut` where it was longer.
std::string FittedLine(absl::string_view line, bool& cut);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_ANSWER_POINTS_H_
