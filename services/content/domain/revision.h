// A pack's meaning as bytes, and the id that follows from it.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_REVISION_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_REVISION_H_

#include <string>

#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// Brings a pack to the one form that stands for all that mean the same: fields equal to their defaults are cleared
// (weights and penalties of 1, `any` of all members, visibility practice, offline none, need statement, kind red_flag),
// OUTPUT_ONLY fields are cleared, weights and penalties are rounded to hundredths. Texts stay as the author wrote them.
void Canonicalise(v1::PackContent& pack);

// The canonical form of `pack` as canonical JSON (canonical_json.h). `pack` need not be canonical.
std::string CanonicalJson(const v1::PackContent& pack);

// `r` and the first 32 hex digits of the SHA-256 of CanonicalJson(pack).
std::string RevisionId(const v1::PackContent& pack);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_REVISION_H_
