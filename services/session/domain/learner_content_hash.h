// The content of the commands that are about a learner and no session; as content_hash.h.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_LEARNER_CONTENT_HASH_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_LEARNER_CONTENT_HASH_H_

#include <string>
#include <vector>

#include "greenroom/session/v1/progress_service.pb.h"

namespace greenroom::session {

// 64 hex digits each: pure functions for all time. `fields` are the settings that change, each once, in the order of their
// names; those of `settings` that it does not hold are no part of the content. Names are given in full.
std::string ContentOfUpdate(const v1::LearnerSettings& settings, const std::vector<std::string>& fields);
// `packs` are the full names of the items' packs, parallel to the request's items.
std::string ContentOfImport(const v1::ImportMemoryRequest& request, const std::vector<std::string>& packs);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_LEARNER_CONTENT_HASH_H_
