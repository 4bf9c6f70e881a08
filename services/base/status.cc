#include "services/base/status.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "services/base/check.h"

namespace greenroom {
namespace {

template <typename Message>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Message::descriptor()->full_name());
}

template <typename Message>
void Attach(const Message& message, absl::Status& status) {
  status.SetPayload(TypeUrl<Message>(), absl::Cord(message.SerializeAsString()));
}

template <typename Message>
std::optional<Message> Detail(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<Message>());
  Message message;
  if (!payload || !message.ParseFromString(std::string(*payload))) return std::nullopt;
  return message;
}

}  // namespace

ErrorBuilder::ErrorBuilder(absl::StatusCode code, absl::string_view reason, absl::string_view message)
    : code_(code), reason_(reason), message_(message) {
  CHECK_THAT(code != absl::StatusCode::kOk && !reason.empty(), message_);
}

ErrorBuilder& ErrorBuilder::Metadata(absl::string_view key, absl::string_view value) {
  metadata_[std::string(key)] = std::string(value);
  return *this;
}

ErrorBuilder& ErrorBuilder::Field(absl::string_view path, absl::string_view description) {
  fields_.push_back({std::string(path), std::string(description)});
  return *this;
}

ErrorBuilder& ErrorBuilder::Precondition(absl::string_view type, absl::string_view subject,
                                         absl::string_view description) {
  preconditions_.push_back({std::string(type), std::string(subject), std::string(description)});
  return *this;
}

ErrorBuilder& ErrorBuilder::Quota(absl::string_view subject, absl::string_view description) {
  quotas_.push_back({std::string(subject), std::string(description), ""});
  return *this;
}

ErrorBuilder& ErrorBuilder::RetryAfter(absl::Duration delay) {
  retry_ = std::max(delay, absl::ZeroDuration());
  return *this;
}

ErrorBuilder& ErrorBuilder::Resource(absl::string_view type, absl::string_view name,
                                     absl::string_view description) {
  resource_ = {std::string(type), std::string(name), std::string(description)};
  return *this;
}

absl::Status ErrorBuilder::Build() const {
  absl::Status status(code_, message_);
  google::rpc::ErrorInfo info;
  info.set_reason(reason_);
  info.set_domain(std::string(kErrorDomain));
  info.mutable_metadata()->insert(metadata_.begin(), metadata_.end());
  Attach(info, status);
  if (!fields_.empty()) {
    google::rpc::BadRequest bad;
    for (const FieldViolation& field : fields_) {
      auto* violation = bad.add_field_violations();
      violation->set_field(field.field);
      violation->set_description(field.description);
    }
    Attach(bad, status);
  }
  if (!preconditions_.empty()) {
    google::rpc::PreconditionFailure failure;
    for (const Triple& precondition : preconditions_) {
      auto* violation = failure.add_violations();
      violation->set_type(precondition.first);
      violation->set_subject(precondition.second);
      violation->set_description(precondition.third);
    }
    Attach(failure, status);
  }
  if (!quotas_.empty()) {
    google::rpc::QuotaFailure failure;
    for (const Triple& quota : quotas_) {
      auto* violation = failure.add_violations();
      violation->set_subject(quota.first);
      violation->set_description(quota.second);
    }
    Attach(failure, status);
  }
  if (retry_.has_value()) {
    google::rpc::RetryInfo retry;
    absl::Duration rest = *retry_;
    retry.mutable_retry_delay()->set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
    Attach(retry, status);
  }
  if (resource_.has_value()) {
    google::rpc::ResourceInfo resource;
    resource.set_resource_type(resource_->first);
    resource.set_resource_name(resource_->second);
    resource.set_description(resource_->third);
    Attach(resource, status);
  }
  return status;
}

void FieldErrors::Check(absl::string_view path, absl::string_view problem) {
  if (!problem.empty()) violations_.push_back({std::string(path), std::string(problem)});
}

absl::Status FieldErrors::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  const FieldViolation& first = violations_.front();
  const std::string more =
      violations_.size() == 1 ? "" : absl::StrCat(" (and ", violations_.size() - 1, " more)");
  ErrorBuilder error(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST",
                     absl::StrCat(first.field, ": ", first.description, more));
  for (const FieldViolation& violation : violations_) error.Field(violation.field, violation.description);
  return error.Build();
}

absl::Status InvalidField(absl::string_view path, absl::string_view description) {
  FieldErrors errors;
  errors.Check(path, description);
  return errors.ToStatus();
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = Detail<google::rpc::ErrorInfo>(status);
  return info && info->domain() == std::string(kErrorDomain) ? info->reason() : "";
}

std::optional<std::string> MetadataOf(const absl::Status& status, absl::string_view key) {
  const auto info = Detail<google::rpc::ErrorInfo>(status);
  if (!info) return std::nullopt;
  const auto found = info->metadata().find(std::string(key));
  if (found == info->metadata().end()) return std::nullopt;
  return found->second;
}

std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  const auto bad = Detail<google::rpc::BadRequest>(status);
  if (!bad) return violations;
  for (const auto& violation : bad->field_violations()) {
    violations.push_back({violation.field(), violation.description()});
  }
  return violations;
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const auto retry = Detail<google::rpc::RetryInfo>(status);
  if (!retry) return std::nullopt;
  return absl::Seconds(retry->retry_delay().seconds()) + absl::Nanoseconds(retry->retry_delay().nanos());
}

std::string ResourceOf(const absl::Status& status) {
  const auto resource = Detail<google::rpc::ResourceInfo>(status);
  return resource ? resource->resource_name() : "";
}

}  // namespace greenroom
