// The methods of the session service's APIs and who may call them.
#ifndef GREENROOM_SERVICES_SESSION_METHODS_H_
#define GREENROOM_SERVICES_SESSION_METHODS_H_

#include <vector>

#include "services/base/method.h"

namespace greenroom::session {

// One policy for each RPC of greenroom.session.v1.SessionService.
std::vector<MethodPolicy> SessionMethods();
// The same of greenroom.session.v1.GradebookService.
std::vector<MethodPolicy> GradebookMethods();

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_METHODS_H_
