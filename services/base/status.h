// How a named error is built and read.
//
//   absl::Status SessionNotFound(absl::string_view name) {
//     return ErrorBuilder(absl::StatusCode::kNotFound, "SESSION_NOT_FOUND", "no such session")
//         .Resource("greenroom.dev/Session", name)
//         .Build();
//   }
//
// The reason and the details travel inside the absl::Status (as payloads named by their google.rpc type URL), so they
// survive being returned, stored and logged. status_wire.h takes them over the wire. A status without a reason is not
// meant for a client: it leaves the server as INTERNAL.
#ifndef GREENROOM_SERVICES_BASE_STATUS_H_
#define GREENROOM_SERVICES_BASE_STATUS_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace greenroom {

inline constexpr absl::string_view kErrorDomain = "greenroom.dev";

struct FieldViolation {
  std::string field;        // Path from the request's root, e.g. "answer.text" or "labels[key]".
  std::string description;  // What is wrong with it.
  friend bool operator==(const FieldViolation& a, const FieldViolation& b) {
    return a.field == b.field && a.description == b.description;
  }
};

class ErrorBuilder {
 public:
  // `reason` is the name of a value of greenroom.content.v1.ErrorReason without ERROR_REASON_. `message` is for
  // developers, in English, and holds no answer text, token or key. `code` is not kOk.
  ErrorBuilder(absl::StatusCode code, absl::string_view reason, absl::string_view message);

  // ErrorInfo.metadata; a later value replaces an earlier one.
  ErrorBuilder& Metadata(absl::string_view key, absl::string_view value);
  // BadRequest.
  ErrorBuilder& Field(absl::string_view path, absl::string_view description);
  // PreconditionFailure; `type` is a reason.
  ErrorBuilder& Precondition(absl::string_view type, absl::string_view subject,
                             absl::string_view description);
  // QuotaFailure.
  ErrorBuilder& Quota(absl::string_view subject, absl::string_view description);
  // RetryInfo; a negative delay counts as zero.
  ErrorBuilder& RetryAfter(absl::Duration delay);
  // ResourceInfo; `name` as the caller gave it.
  ErrorBuilder& Resource(absl::string_view type, absl::string_view name, absl::string_view description = "");

  absl::Status Build() const;

 private:
  struct Triple {
    std::string first, second, third;
  };
  absl::StatusCode code_;
  std::string reason_;
  std::string message_;
  std::map<std::string, std::string> metadata_;
  std::vector<FieldViolation> fields_;
  std::vector<Triple> preconditions_;
  std::vector<Triple> quotas_;
  std::optional<absl::Duration> retry_;
  std::optional<Triple> resource_;
};

// Collects the problems of a request's fields and reports them together.
//
//   FieldErrors errors;
//   errors.Check("pack", IdProblem(request.pack()));
//   errors.Check("page_size", ...);
//   RETURN_IF_ERROR(errors.ToStatus());
class FieldErrors {
 public:
  // Records `problem` for `path`; an empty problem is none.
  void Check(absl::string_view path, absl::string_view problem);
  bool empty() const { return violations_.empty(); }

  // OK, or INVALID_ARGUMENT with reason INVALID_REQUEST and every violation.
  absl::Status ToStatus() const;

 private:
  std::vector<FieldViolation> violations_;
};

// INVALID_ARGUMENT, INVALID_REQUEST with one violation.
absl::Status InvalidField(absl::string_view path, absl::string_view description);

// The reason; "" when the status is OK or has none.
std::string ReasonOf(const absl::Status& status);
// A value of ErrorInfo.metadata; nullopt when absent.
std::optional<std::string> MetadataOf(const absl::Status& status, absl::string_view key);
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status);
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);
// ResourceInfo.resource_name; "" when absent.
std::string ResourceOf(const absl::Status& status);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_STATUS_H_
