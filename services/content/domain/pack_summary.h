// A pack as it is listed.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_SUMMARY_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_SUMMARY_H_

#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

// The fields of the resource Pack that follow from the content: all but name, revision, publish_time, etag, has_draft.
// Visibility and offline are filled in; tips have their rubrics.
v1::Pack PackSummary(const v1::PackContent& pack);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_SUMMARY_H_
