// The packs that come with the program: services/content/packs/*.pack.yaml, embedded when it is built.
#ifndef GREENROOM_SERVICES_CONTENT_PACKS_SHIPPED_PACKS_H_
#define GREENROOM_SERVICES_CONTENT_PACKS_SHIPPED_PACKS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace greenroom::content {

struct ShippedPack {
  absl::string_view
      id;  // the file's name without `.pack.yaml`, which is the pack's id (a test holds it to that)
  absl::string_view yaml;  // the file as it is
};

// All of them, by id. They live as long as the program.
absl::Span<const ShippedPack> ShippedPacks();

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_PACKS_SHIPPED_PACKS_H_
