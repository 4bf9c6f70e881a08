#include "services/base/status_wire.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/base/status.h"
#include "services/base/text.h"

namespace greenroom {
namespace {

// gRPC clients accept 8 KiB of metadata, and these travel there: the message percent-encoded (up to three times its
// size) and again within the details, the details in base64.
constexpr size_t kMessageBytes = 512;
constexpr size_t kDetailBytes = 4096;

constexpr absl::string_view kRpcTypes = "type.googleapis.com/google.rpc.";
constexpr absl::string_view kErrorInfoType = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr absl::string_view kBadRequestType = "type.googleapis.com/google.rpc.BadRequest";

size_t PayloadBytes(const absl::Status& status) {
  size_t bytes = 0;
  status.ForEachPayload(
      [&](absl::string_view type, const absl::Cord& payload) { bytes += type.size() + payload.size() + 8; });
  return bytes;
}

// Drops violations from the end until all details fit, and then whole details other than ErrorInfo.
void FitDetails(absl::Status& status) {
  if (PayloadBytes(status) <= kDetailBytes) return;
  google::rpc::BadRequest bad;
  if (const auto payload = status.GetPayload(kBadRequestType);
      payload && bad.ParseFromString(std::string(*payload))) {
    while (bad.field_violations_size() > 1 && PayloadBytes(status) > kDetailBytes) {
      bad.mutable_field_violations()->RemoveLast();
      status.SetPayload(kBadRequestType, absl::Cord(bad.SerializeAsString()));
    }
  }
  if (PayloadBytes(status) <= kDetailBytes) return;
  std::vector<std::string> types;
  status.ForEachPayload([&](absl::string_view type, const absl::Cord&) {
    if (type != kErrorInfoType) types.emplace_back(type);
  });
  for (const std::string& type : types) status.ErasePayload(type);
  if (PayloadBytes(status) <= kDetailBytes) return;
  google::rpc::ErrorInfo info;
  info.ParseFromString(std::string(*status.GetPayload(kErrorInfoType)));
  info.clear_metadata();
  status.SetPayload(kErrorInfoType, absl::Cord(info.SerializeAsString()));
}

absl::Status Bounded(const absl::Status& status) {
  absl::Status bounded(status.code(), TruncateUtf8(status.message(), kMessageBytes));
  status.ForEachPayload(
      [&](absl::string_view type, const absl::Cord& payload) { bounded.SetPayload(type, payload); });
  FitDetails(bounded);
  return bounded;
}

}  // namespace

absl::Status ForClient(const absl::Status& status, absl::string_view error_id) {
  if (status.ok()) return status;
  const bool ours =
      status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown;
  if (!ours && !ReasonOf(status).empty()) return Bounded(status);
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return ErrorBuilder(status.code(), "DEADLINE", "the deadline was exceeded").Build();
    case absl::StatusCode::kCancelled:
      return ErrorBuilder(status.code(), "CANCELLED", "the call was cancelled").Build();
    case absl::StatusCode::kUnavailable:
      return ErrorBuilder(status.code(), "DEPENDENCY_UNAVAILABLE",
                          "a service or store this needs is unavailable")
          .Build();
    default:
      return ErrorBuilder(absl::StatusCode::kInternal, "INTERNAL",
                          absl::StrCat("internal error, id ", error_id))
          .Metadata("error_id", error_id)
          .Build();
  }
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type));
    detail->set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      wire.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const int code = status.error_code();
  absl::Status result(
      code > 0 && code <= 16 ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown,
      status.error_message());
  google::rpc::Status wire;
  if (status.error_details().empty() || !wire.ParseFromString(status.error_details())) return result;
  for (const auto& detail : wire.details()) {
    if (absl::StartsWith(absl::string_view(detail.type_url()), kRpcTypes)) {
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  return result;
}

}  // namespace greenroom
