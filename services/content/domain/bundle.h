// What a device may keep of a revision.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_BUNDLE_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_BUNDLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/bundle.pb.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// FULL where both are, else NONE.
v1::OfflinePolicy StricterOf(v1::OfflinePolicy a, v1::OfflinePolicy b);

// `pack`, whose full name as a revision is `revision`, as `policy` lets a device have it (bundle.proto).
v1::PackBundle MakeBundle(const v1::PackContent& pack, absl::string_view revision, v1::OfflinePolicy policy);

// A bundle as it is sent.
struct BundleFile {
  std::string json;    // canonical
  std::string sha256;  // of it, 64 hex digits
};
BundleFile WriteBundle(const v1::PackBundle& bundle);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_BUNDLE_H_
