// What the handler wrapper must know of each method before a handler runs: the table of methods and roles.
#ifndef GREENROOM_SERVICES_BASE_METHOD_H_
#define GREENROOM_SERVICES_BASE_METHOD_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/base/caller.h"

namespace greenroom {

// By which in-flight limit a call is admitted. In order of rank: under load the later ones are the first to go.
enum class AdmissionClass { kSubmit, kRead, kBulk, kStream };
inline constexpr size_t kAdmissionClasses = 4;

absl::string_view AdmissionClassName(AdmissionClass admission);

struct MethodPolicy {
  // "greenroom.session.v1.SessionService/SubmitAnswer": the path on the wire without its leading slash.
  std::string full_name;
  // A caller needs one of them. Empty: nobody may call.
  RoleSet roles;
  AdmissionClass admission = AdmissionClass::kRead;
  // Given to a call that comes without a deadline.
  absl::Duration default_deadline = absl::Seconds(5);
  // A later deadline is moved to this.
  absl::Duration max_deadline = absl::Seconds(10);
  // Of one request message, as it is after decompression.
  size_t max_request_bytes = size_t{256} << 10;

  absl::string_view service() const;  // "greenroom.session.v1.SessionService"
  absl::string_view method() const;   // "SubmitAnswer"
};

// Immutable; references stay valid as long as the table.
class MethodTable {
 public:
  // Names must be unique and have the form service/method, durations positive, default at most max: CHECKed, because
  // the table is source code.
  explicit MethodTable(std::vector<MethodPolicy> policies);

  MethodTable(const MethodTable&) = delete;
  MethodTable& operator=(const MethodTable&) = delete;

  // CHECKs that the method is there: for the handlers, which name their own method.
  const MethodPolicy& Get(absl::string_view full_name) const;
  // nullptr when absent.
  const MethodPolicy* Find(absl::string_view full_name) const;
  // In order of name.
  std::vector<const MethodPolicy*> All() const;

 private:
  std::map<std::string, MethodPolicy, std::less<>> policies_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_METHOD_H_
