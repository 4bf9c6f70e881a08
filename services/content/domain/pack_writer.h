// The canonical writer of the pack format.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_WRITER_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_WRITER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// `pack` as YAML: UTF-8, keys in the order of the format's schema, defaults and absent fields not written, no comments.
// For a valid pack ReadPack(WritePack(pack)) has no errors and gives `pack` in canonical form (revision.h), whatever its
// texts hold. Deterministic: equal packs give equal bytes.
std::string WritePack(const v1::PackContent& pack);

// `text` as a YAML scalar whose continuation lines are indented by `indent` spaces: plain where that is safe, else a
// literal block with explicit chomping where that is, else double quoted. Lossless for valid UTF-8 where a line break follows.
std::string YamlScalar(absl::string_view text, int indent);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_WRITER_H_
