// What of a pack is right only as a whole: ids that must be unique, names that must lead somewhere.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_REFERENCE_CHECK_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_REFERENCE_CHECK_H_

#include "greenroom/content/v1/pack.pb.h"
#include "services/content/domain/issue.h"

namespace greenroom::content {

// Adds an error for each id that stands twice (duplicate-id), each name of a tip, topic, question, rubric item or flag
// that there is not (unknown-reference), a follow-up to a question that is not follow_up_only (not-follow-up-only),
// an example that wants an item both made and missed (made-and-missed), a score range or `any` beyond its bounds
// (out-of-range), a pack whose questions are all follow-ups (no-question); a warning for a follow_up_only question that
// nothing leads to (never-asked). Empty ids and names are passed over: they have had their issue.
void CheckReferences(const v1::PackContent& pack, const PlaceMap& places, IssueList& issues);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_REFERENCE_CHECK_H_
