#include "clients/cli/invocation.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/layout.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/base/status.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

// Longer lines are hard to read, however wide the window is.
constexpr int kMaxWidth = 100;
constexpr int kUsualWidth = 80;

}  // namespace

absl::Status Invocation::Parse(const std::vector<std::string>& words) {
  arguments_.Switch("json", &json_, "print protobuf JSON, one message a line");
  arguments_.Switch("plain", &plain_, "no colour");
  arguments_.Text("session", "HOST:PORT", &connections_.session, "the session service [GREENROOM_SESSION]");
  arguments_.Text("content", "HOST:PORT", &connections_.content, "the content service [GREENROOM_CONTENT]");
  arguments_.Text("scoring", "HOST:PORT", &connections_.scoring, "the scoring service [GREENROOM_SCORING]");
  arguments_.Text("token", "TOKEN", &connections_.token, "the credential [GREENROOM_TOKEN]");
  arguments_.Text("token-file", "FILE", &connections_.token_file,
                  "a file that holds it [GREENROOM_TOKEN_FILE]");
  RETURN_IF_ERROR(arguments_.Parse(words));
  if (!connections_.token.empty() && !connections_.token_file.empty()) {
    return absl::InvalidArgumentError("--token and --token-file exclude each other");
  }
  const auto fill = [this](std::string& target, const char* variable) {
    if (target.empty()) target = Variable(variable);
  };
  fill(connections_.session, "GREENROOM_SESSION");
  fill(connections_.content, "GREENROOM_CONTENT");
  fill(connections_.scoring, "GREENROOM_SCORING");
  if (connections_.token_file.empty()) fill(connections_.token, "GREENROOM_TOKEN");
  if (connections_.token.empty()) fill(connections_.token_file, "GREENROOM_TOKEN_FILE");
  return absl::OkStatus();
}

std::string Invocation::Variable(const std::string& name) const {
  const auto found = world_.variables.find(name);
  return found == world_.variables.end() ? "" : found->second;
}

Page Invocation::page() const {
  int width = world_.terminal.width();
  if (width <= 0 && !absl::SimpleAtoi(Variable("COLUMNS"), &width)) width = kUsualWidth;
  if (width <= 0) width = kUsualWidth;
  return {.width = std::clamp(width, kMinWidth, kMaxWidth),
          .colour = !plain_ && !json_ && world_.terminal.output_is_terminal() &&
                    Variable("NO_COLOR").empty() && Variable("TERM") != "dumb"};
}

void Invocation::Say(absl::string_view text) const {
  if (!json_) world_.terminal.Out(absl::StrCat(text, "\n"));
}

void Invocation::Say(const std::vector<std::string>& lines) const {
  if (json_) return;
  std::string text;
  for (const std::string& line : lines) absl::StrAppend(&text, line, "\n");
  world_.terminal.Out(text);
}

void Invocation::Reply(const google::protobuf::Message& message) const {
  if (json_) world_.terminal.Out(ToJson(message) + "\n");
}

void Invocation::Note(absl::string_view text) const { world_.terminal.Err(absl::StrCat(text, "\n")); }

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json);
  return status.ok() ? json : "{}";
}

std::vector<std::string> Explain(const absl::Status& status) {
  std::vector<std::string> lines;
  const std::string reason = ReasonOf(status);
  std::string text = Printable(status.message());
  if (text.empty()) text = absl::StatusCodeToString(status.code());
  if (!reason.empty()) absl::StrAppend(&text, " (", reason, ")");
  lines.push_back(text);
  for (const FieldViolation& violation : FieldViolationsOf(status)) {
    lines.push_back(absl::StrCat("  ", Printable(violation.field), ": ", Printable(violation.description)));
  }
  if (reason == "CREDENTIAL_EXPIRED" || reason == "CREDENTIAL_MISSING" || reason == "CREDENTIAL_INVALID") {
    lines.push_back(
        "  `greenroom token --role learner` makes a token; GREENROOM_TOKEN or --token passes it.");
  }
  if (const auto id = MetadataOf(status, "error_id"); id.has_value()) {
    lines.push_back(absl::StrCat("  The server's log has more under the error id ", Printable(*id), "."));
  }
  return lines;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnavailable;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return kExitRefused;
    case absl::StatusCode::kInvalidArgument:
      // A server's refusal has a reason; without one it was the command line.
      return ReasonOf(status).empty() ? kExitUsage : kExitFailed;
    default:
      return kExitFailed;
  }
}

std::string ExplainJson(const absl::Status& status) {
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  google::rpc::ErrorInfo keep_linked;  // so that the details' types are known by name
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    auto* const detail = wire.add_details();
    detail->set_type_url(std::string(type));
    detail->set_value(std::string(payload));
  });
  std::string json = ToJson(wire);
  if (json != "{}") return json;
  wire.clear_details();  // of a type that this program does not know
  return ToJson(wire);
}

}  // namespace greenroom::cli
