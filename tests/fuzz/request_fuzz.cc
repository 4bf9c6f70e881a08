// A sequence of calls of any RPC by any caller, against services whose stores and peers are in memory.
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "greenroom/session/v1/session_service.pb.h"
#include "services/base/check.h"
#include "tests/fuzz/request_checks.h"
#include "tests/fuzz/request_input.h"
#include "tests/fuzz/rpc_table.h"
#include "tests/fuzz/world.h"

namespace greenroom::fuzz {
namespace {

using google::protobuf::Message;

class SilentErrors final : public google::protobuf::io::ErrorCollector {
  void AddError(int /*line*/, int /*column*/, const std::string& /*message*/) override {}
};

// The request that the step sends; null where its payload is none: gRPC itself answers that.
std::unique_ptr<Message> RequestOf(const Rpc& rpc, const Step& step) {
  std::unique_ptr<Message> request = rpc.NewRequest();
  std::string bytes = step.payload;
  if (step.has(Step::kText)) {
    SilentErrors errors;
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(&errors);
    parser.SetRecursionLimit(100);
    if (!parser.ParseFromString(step.payload, request.get())) return nullptr;
    bytes = request->SerializeAsString();
  }
  // Also after text, which may hold strings that are not UTF-8.
  return request->ParseFromString(bytes) ? std::move(request) : nullptr;
}

const Rpc& FindRpc(absl::string_view name) {
  for (const Rpc& rpc : AllRpcs()) {
    if (rpc.full_name == name) return rpc;
  }
  CHECK_THAT(false, absl::StrCat("no ", name));
}

// What is asked and answered, for whoever looks into a finding: GREENROOM_FUZZ_TRACE=1.
void Trace(const Rpc& rpc, const Step& step, const Message& request, const Reply& reply) {
  static const bool wanted = std::getenv("GREENROOM_FUZZ_TRACE") != nullptr;
  if (!wanted) return;
  std::fprintf(stderr, "%s by %d in manner 0x%02x: %s\n", rpc.full_name.c_str(), static_cast<int>(step.who()),
               static_cast<unsigned>(step.manner), request.ShortDebugString().c_str());
  for (const auto& message : reply.messages) {
    std::fprintf(stderr, "  gives %s\n", message->ShortDebugString().c_str());
  }
  std::fprintf(stderr, "  ends with %s\n", reply.status.ToString().c_str());
}

session::v1::Session SessionOf(World& world, const std::string& id) {
  session::v1::GetSessionRequest request;
  request.set_name(absl::StrCat("tenants/acme/learners/ada/sessions/", id));
  const Reply reply =
      world.Call(FindRpc("greenroom.session.v1.SessionService/GetSession"), Who::kAda, request);
  CHECK_THAT(reply.status.ok(), reply.status.ToString());
  auto session = dynamic_cast<const session::v1::Session&>(*reply.messages.front());
  // Drafts are kept beside the state, and not in the log.
  for (auto& question : *session.mutable_questions()) question.clear_draft();
  return session;
}

// Ada's log has no holes, and what is told of each session is what its events say.
void CheckLog(World& world) {
  std::set<std::string> sessions;
  int64_t sequence = 0;
  for (const session::Event& event : world.Events("ada")) {
    CHECK_THAT(event.seq == ++sequence, absl::StrCat("after ", sequence - 1, " comes ", event.seq));
    // What a device did may be there before the session that it did it in.
    if (event.payload.has_created()) sessions.insert(event.session);
  }
  for (const std::string& id : sessions) {
    const session::v1::Session told = SessionOf(world, id);
    world.live().Flush();
    const session::v1::Session replayed = SessionOf(world, id);
    CHECK_THAT(google::protobuf::util::MessageDifferencer::Equals(told, replayed),
               absl::StrCat(told.ShortDebugString(), "\n", replayed.ShortDebugString()));
  }
}

void Run(World& world, ReplyChecks& checks, const Step& step) {
  const Rpc& rpc = RpcOf(step.rpc);
  const std::unique_ptr<Message> request = RequestOf(rpc, step);
  if (request == nullptr) return;
  world.SetGrader(!step.has(Step::kGraderDown));
  if (step.has(Step::kLater)) world.Advance(absl::Seconds(40));
  if (step.has(Step::kMuchLater)) {
    world.Advance(absl::Hours(3));
    world.CompleteGrades();
    world.CompleteRegrades();
  }
  if (step.has(Step::kLater) || step.has(Step::kMuchLater)) checks.ClockMoved();
  const bool twice = step.has(Step::kTwice);
  const Reply first = world.Call(rpc, step.who(), *request, twice);
  Trace(rpc, step, *request, first);
  checks.Check(rpc, step.who(), *request, first);
  if (!twice || rpc.streams()) return;
  const Reply second = world.Call(rpc, step.who(), *request);
  Trace(rpc, step, *request, second);
  checks.Check(rpc, step.who(), *request, second);
  ReplyChecks::CheckRepeat(rpc, *request, first, second);
}

}  // namespace

void TestCalls(absl::string_view input) {
  // Protobuf writes a line for each string that is not UTF-8.
  [[maybe_unused]] static const auto& silence = *new google::protobuf::LogSilencer();
  const std::vector<Step> steps = ReadSteps(input);
  if (steps.empty()) return;
  World world;
  ReplyChecks checks(input);
  for (const Step& step : steps) Run(world, checks, step);
  world.SetGrader(true);
  CheckLog(world);
}

}  // namespace greenroom::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  greenroom::fuzz::TestCalls({reinterpret_cast<const char*>(data), size});
  return 0;
}
