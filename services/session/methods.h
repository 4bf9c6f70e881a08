// The methods of the session service's APIs and who may call them.
#ifndef GREENROOM_SERVICES_SESSION_METHODS_H_
#define GREENROOM_SERVICES_SESSION_METHODS_H_

#include <cstddef>
#include <vector>

#include "services/base/method.h"

namespace greenroom::session {

// What a message of SyncLearner may have on the wire: room around the 256 KiB that are told to clients. The server must
// take it.
inline constexpr size_t kMaxSyncMessageBytes = size_t{320} << 10;

// One policy for each RPC of greenroom.session.v1.SessionService.
std::vector<MethodPolicy> SessionMethods();
// The same of ProgressService.
std::vector<MethodPolicy> ProgressMethods();
// The same of greenroom.session.v1.GradebookService.
std::vector<MethodPolicy> GradebookMethods();

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_METHODS_H_
