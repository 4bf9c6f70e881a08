// What a server's admin port says, asked on the wire.
#ifndef GREENROOM_SERVICES_BASE_TESTING_HEALTH_H_
#define GREENROOM_SERVICES_BASE_TESTING_HEALTH_H_

#include <string>

namespace greenroom::testing {

// "SERVING", "NOT_SERVING", "NOT_FOUND", "UNIMPLEMENTED", or another code's number, of grpc.health.v1 at `target`.
std::string HealthOf(const std::string& target, const std::string& service);

// Whether `target` offers grpc.reflection.v1alpha.
bool Reflects(const std::string& target);

}  // namespace greenroom::testing

#endif  // GREENROOM_SERVICES_BASE_TESTING_HEALTH_H_
