// Changes of what a pack says of itself, without its source.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_EDIT_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_EDIT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// The fields that can be changed, by alphabet.
absl::Span<const absl::string_view> EditablePaths();

struct EditProblem {
  std::string path;     // of the field
  std::string message;  // what is wrong with its value
};

// Sets those fields of `content` that `paths` (each one of EditablePaths) names to what `values` has there, by the rules
// of the pack reader; an empty tagline, license or homepage is removed. Where there are problems, `content` is half
// changed.
std::vector<EditProblem> EditPack(const v1::Pack& values, absl::Span<const std::string> paths,
                                  v1::PackContent& content);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_EDIT_H_
