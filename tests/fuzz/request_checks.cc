#include "tests/fuzz/request_checks.h"

#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "greenroom/content/v1/errors.pb.h"
#include "greenroom/scoring/v1/scoring_service.pb.h"
#include "greenroom/session/v1/session_service.pb.h"
#include "services/base/check.h"
#include "services/base/status.h"
#include "services/base/text.h"
#include "tests/fuzz/report_checks.h"
#include "tests/fuzz/world_packs.h"

namespace greenroom::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::string_view kQuestions[] = {"one", "two", "three"};

std::string Text(const Message& message) { return message.ShortDebugString(); }

// The string in `field`; "" where the message has no such field.
std::string StringOf(const Message& message, const char* field) {
  const FieldDescriptor* found = message.GetDescriptor()->FindFieldByName(field);
  if (found == nullptr || found->cpp_type() != FieldDescriptor::CPPTYPE_STRING || found->is_repeated())
    return "";
  return message.GetReflection()->GetString(message, found);
}

void CheckReason(const Rpc& rpc, const std::string& reason, const std::string& told) {
  content::v1::ErrorReason known;
  CHECK_THAT(content::v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", reason), &known) && !reason.empty(),
             absl::StrCat(rpc.full_name, ": no reason of ErrorReason: ", told));
  CHECK_THAT(reason != "INTERNAL" && reason != "DEADLINE" && reason != "CANCELLED",
             absl::StrCat(rpc.full_name, ": ", told));
}

void CheckError(const Rpc& rpc, const absl::Status& status) {
  const std::string told = status.ToString();
  const std::string reason = ReasonOf(status);
  CheckReason(rpc, reason, told);
  CHECK_THAT(IsValidUtf8(status.message()), told);
  if (reason != "INVALID_REQUEST") return;
  CHECK_THAT(!FieldViolationsOf(status).empty(), absl::StrCat(rpc.full_name, ": names no field: ", told));
  for (const FieldViolation& violation : FieldViolationsOf(status)) {
    CHECK_THAT(!violation.field.empty() && !violation.description.empty(), told);
  }
}

// Reports of an answer that stands in the request.
void CheckReports(const Rpc& rpc, const Message& request, const Message& reply) {
  if (const auto* graded = dynamic_cast<const scoring::v1::GradeAnswerResponse*>(&reply)) {
    CheckReport(graded->report(), dynamic_cast<const scoring::v1::GradeAnswerRequest&>(request).answer());
  }
  if (const auto* graded = dynamic_cast<const scoring::v1::GradeAnswersResponse*>(&reply)) {
    if (graded->has_report()) {
      CheckReport(graded->report(),
                  dynamic_cast<const scoring::v1::GradeAnswersRequest&>(request).request().answer());
      return;
    }
    CHECK_THAT(graded->error().code() != 0, Text(reply));
    google::rpc::ErrorInfo info;
    for (const auto& detail : graded->error().details()) {
      if (detail.Is<google::rpc::ErrorInfo>()) detail.UnpackTo(&info);
    }
    CheckReason(rpc, info.reason(), Text(reply));
  }
  if (const auto* submitted = dynamic_cast<const session::v1::SubmitAnswerResponse*>(&reply)) {
    CheckReport(submitted->answer().grade().report(), StringOf(request, "text"));
  }
}

bool IsFinished(const Message& message) {
  const auto* descriptor = message.GetDescriptor();
  const FieldDescriptor* state = descriptor->FindFieldByName("state");
  if (state != nullptr && state->enum_type() == session::v1::SessionState_descriptor() &&
      message.GetReflection()->GetEnumValue(message, state) == session::v1::SESSION_STATE_FINISHED) {
    return true;
  }
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto* reflection = message.GetReflection();
    const int count = field->is_repeated() ? reflection->FieldSize(message, field)
                                           : static_cast<int>(reflection->HasField(message, field));
    for (int k = 0; k < count; ++k) {
      if (IsFinished(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, k)
                                          : reflection->GetMessage(message, field))) {
        return true;
      }
    }
  }
  return false;
}

// Asks what a write would do, and writes nothing.
bool IsValidateOnly(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("validate_only");
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}

bool IsAuthoring(const Rpc& rpc) { return absl::StrContains(rpc.full_name, "ContentAuthoringService/"); }

}  // namespace

ReplyChecks::ReplyChecks(absl::string_view input) : input_(input) {}

void ReplyChecks::Check(const Rpc& rpc, Who who, const Message& request, const Reply& reply) {
  if (!reply.status.ok()) CheckError(rpc, reply.status);
  NoteReveals(rpc, who, request, reply);
  CheckWords(rpc, who, reply.status.ToString());
  for (const auto& message : reply.messages) {
    CheckReports(rpc, request, *message);
    CheckWords(rpc, who, message->SerializeAsString());
  }
}

void ReplyChecks::CheckAbsent(const Rpc& rpc, const std::string& reply, const std::string& word) const {
  if (!absl::StrContains(reply, word) || absl::StrContains(input_, word)) return;
  CHECK_THAT(false, absl::StrCat(rpc.full_name, " tells ", word, ": ", absl::CEscape(reply)));
}

void ReplyChecks::CheckWords(const Rpc& rpc, Who who, const std::string& reply) const {
  const auto absent = [&](absl::string_view word) { CheckAbsent(rpc, reply, std::string(word)); };
  if (who == Who::kRival) {
    for (const absl::string_view word : {kAcmeWord, kExamWord, kDraftWord, kBobWord, kHiddenWord})
      absent(word);
    return;
  }
  absent(kRivalWord);
  if (who == Who::kNobody) {
    for (const absl::string_view word : {kAcmeWord, kExamWord, kDraftWord, kBobWord, kHiddenWord})
      absent(word);
  }
  if (who != Who::kAda && who != Who::kBob) return;
  if (who == Who::kAda) absent(kBobWord);
  if (!packs_changed_) {
    absent(kExamWord);
    absent(kDraftWord);
  }
  if (all_open_.count(who) > 0) return;
  const auto opened = opened_.find(who);
  if (opened == opened_.end()) absent(absl::StrCat(kHiddenWord, "tip"));
  for (const absl::string_view question : kQuestions) {
    if (opened != opened_.end() && opened->second.count(std::string(question)) > 0) continue;
    absent(absl::StrCat(kHiddenWord, question));
  }
}

void ReplyChecks::NoteReveals(const Rpc& rpc, Who who, const Message& request, const Reply& reply) {
  if (!reply.status.ok()) return;
  // What is set as an exam may be asked from then on.
  const bool sets_an_exam = absl::EndsWith(rpc.full_name, "/CreateAssignment");
  packs_changed_ = packs_changed_ || IsAuthoring(rpc) || sets_an_exam;
  // Who acts for Ada, acts as Ada.
  const Who learner = who == Who::kServiceForAda ? Who::kAda : who;
  if (absl::EndsWith(rpc.full_name, "/RevealAnswer")) opened_[learner].insert(StringOf(request, "question"));
  if (const auto* sync = dynamic_cast<const session::v1::SyncLearnerRequest*>(&request)) {
    for (const session::v1::OutboxItem& item : sync->items()) {
      if (item.has_reveal()) opened_[learner].insert(item.reveal().question());
      if (item.has_finish()) all_open_.insert(learner);
    }
  }
  const auto* create = dynamic_cast<const session::v1::CreateSessionRequest*>(&request);
  if (create != nullptr && create->mode() == session::v1::SESSION_MODE_MOCK) timed_.insert(learner);
  for (const auto& message : reply.messages) {
    if (IsFinished(*message)) all_open_.insert(learner);
  }
}

void ReplyChecks::CheckRepeat(const Rpc& rpc, const Message& request, const Reply& first,
                              const Reply& second) {
  std::string id;
  for (const char* field : {"request_id", "session_id", "answer_id"}) id += StringOf(request, field);
  if (id.empty() || !first.status.ok()) return;
  CHECK_THAT(second.status.ok(), absl::StrCat(rpc.full_name, " repeated: ", second.status.ToString()));
  const std::unique_ptr<Message> before(first.messages.front()->New()), after(before->New());
  before->CopyFrom(*first.messages.front());
  after->CopyFrom(*second.messages.front());
  if (const FieldDescriptor* replayed = before->GetDescriptor()->FindFieldByName("replayed")) {
    CHECK_THAT(IsValidateOnly(request) || after->GetReflection()->GetBool(*after, replayed),
               absl::StrCat(rpc.full_name, " did it twice: ", Text(*after)));
    before->GetReflection()->ClearField(before.get(), replayed);
    after->GetReflection()->ClearField(after.get(), replayed);
  }
  CHECK_THAT(google::protobuf::util::MessageDifferencer::Equals(*before, *after),
             absl::StrCat(rpc.full_name, " repeated: ", Text(*before), "\n", Text(*after)));
}

}  // namespace greenroom::fuzz
