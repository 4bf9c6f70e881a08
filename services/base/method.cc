#include "services/base/method.h"

#include <utility>

#include "services/base/check.h"

namespace greenroom {

absl::string_view AdmissionClassName(AdmissionClass admission) {
  switch (admission) {
    case AdmissionClass::kSubmit:
      return "submit";
    case AdmissionClass::kRead:
      return "read";
    case AdmissionClass::kBulk:
      return "bulk";
    case AdmissionClass::kStream:
      return "stream";
  }
  return "";
}

absl::string_view MethodPolicy::service() const {
  return absl::string_view(full_name).substr(0, full_name.find('/'));
}

absl::string_view MethodPolicy::method() const {
  return absl::string_view(full_name).substr(full_name.find('/') + 1);
}

MethodTable::MethodTable(std::vector<MethodPolicy> policies) {
  for (MethodPolicy& policy : policies) {
    const std::string name = policy.full_name;
    const size_t slash = name.find('/');
    CHECK_THAT(slash != std::string::npos && slash > 0 && slash + 1 < name.size() && slash == name.rfind('/'),
               name + " is not service/method");
    CHECK_THAT(
        policy.default_deadline > absl::ZeroDuration() && policy.default_deadline <= policy.max_deadline,
        name + " has a default deadline that is not within its maximum");
    CHECK_THAT(policy.max_request_bytes > 0, name + " accepts no request");
    CHECK_THAT(policies_.emplace(name, std::move(policy)).second, name + " is there twice");
  }
}

const MethodPolicy& MethodTable::Get(absl::string_view full_name) const {
  const MethodPolicy* policy = Find(full_name);
  CHECK_THAT(policy != nullptr, std::string(full_name) + " is not in the method table");
  return *policy;
}

const MethodPolicy* MethodTable::Find(absl::string_view full_name) const {
  const auto found = policies_.find(std::string(full_name));
  return found == policies_.end() ? nullptr : &found->second;
}

std::vector<const MethodPolicy*> MethodTable::All() const {
  std::vector<const MethodPolicy*> all;
  all.reserve(policies_.size());
  for (const auto& entry : policies_) all.push_back(&entry.second);
  return all;
}

}  // namespace greenroom
