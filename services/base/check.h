// CHECK_THAT(condition, message): ends the process when a state that only a defect can bring about is reached. States
// that input, peers or the machine can bring about are an absl::Status.
#ifndef GREENROOM_SERVICES_BASE_CHECK_H_
#define GREENROOM_SERVICES_BASE_CHECK_H_

#include <string>

namespace greenroom::check_internal {
[[noreturn]] void Fail(const char* file, int line, const char* condition, const std::string& message);
}  // namespace greenroom::check_internal

// `message` is evaluated only on failure.
#define CHECK_THAT(condition, message)                                                              \
  do {                                                                                              \
    if (!(condition)) ::greenroom::check_internal::Fail(__FILE__, __LINE__, #condition, (message)); \
  } while (false)

#endif  // GREENROOM_SERVICES_BASE_CHECK_H_
