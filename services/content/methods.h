// Who may call what: the table of the content service's methods.
#ifndef GREENROOM_SERVICES_CONTENT_METHODS_H_
#define GREENROOM_SERVICES_CONTENT_METHODS_H_

#include <vector>

#include "services/base/method.h"

namespace greenroom::content {

// The methods of ContentService and ContentAuthoringService with roles and bounds.
std::vector<MethodPolicy> ContentMethods();

// The largest message a method accepts: a pack's source of 4 MiB and what is around it.
inline constexpr size_t kMaxSourceMessageBytes = 5 << 20;

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_METHODS_H_
