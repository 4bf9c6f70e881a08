#include "services/session/testing/learner_walk.h"

#include <google/protobuf/text_format.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "services/base/check.h"
#include "services/base/status.h"
#include "services/base/status_wire.h"

namespace greenroom::session::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

struct Row {
  absl::string_view rpc;
  absl::string_view request;
};

// $X stands for each of the names of its kind, $ID for a UUID that is new each time.
constexpr Row kRows[] = {
    {"SessionService/CreateSession",
     "parent: '$LEARNER' session_id: '$ID' mode: SESSION_MODE_EXAM assignment: '$ASSIGNMENT'"},
    {"SessionService/CreateSession",
     "parent: '$LEARNER' session_id: '$ID' mode: SESSION_MODE_PRACTICE source: '$PACK'"},
    {"SessionService/CreateSession",
     "parent: '$LEARNER' session_id: '$ID' mode: SESSION_MODE_PRACTICE source: '$REVISION'"},
    {"SessionService/CreateSession",
     "parent: '$LEARNER' session_id: '$ID' mode: SESSION_MODE_MOCK source: '$PACK'"},
    {"SessionService/CreateSession",
     "parent: '$LEARNER' session_id: '$ID' mode: SESSION_MODE_REVIEW source: '$PACK'"},
    {"SessionService/GetSession", "name: '$SESSION'"},
    {"SessionService/ListSessions", "parent: '$LEARNER'"},
    {"SessionService/ListSessions", "parent: '$LEARNER' pack: '$PACK'"},
    {"SessionService/NextQuestion", "session: '$SESSION'"},
    {"SessionService/NextQuestion", "session: '$SESSION' question: '$QUESTION'"},
    {"SessionService/SaveDraft", "session: '$SESSION' question: '$QUESTION' text: 'a draft'"},
    {"SessionService/SubmitAnswer",
     "session: '$SESSION' answer_id: '$ID' question: '$QUESTION' text: 'words of the learner'"},
    {"SessionService/GetAnswer", "name: '$ANSWER'"},
    {"SessionService/ListAnswers", "parent: '$SESSION'"},
    {"SessionService/TakeHint", "session: '$SESSION' request_id: '$ID' question: '$QUESTION'"},
    {"SessionService/RevealAnswer", "session: '$SESSION' request_id: '$ID' question: '$QUESTION'"},
    {"SessionService/RateAnswer",
     "session: '$SESSION' request_id: '$ID' question: '$QUESTION' rating: RATING_GOOD"},
    {"SessionService/SkipQuestion", "session: '$SESSION' request_id: '$ID' question: '$QUESTION'"},
    {"SessionService/PauseSession", "name: '$SESSION' request_id: '$ID'"},
    {"SessionService/ResumeSession", "name: '$SESSION' request_id: '$ID'"},
    {"SessionService/SyncLearner", "parent: '$LEARNER' device: 'phone'"},
    {"SessionService/SyncLearner", "parent: '$LEARNER' device: 'phone' page_size: 2"},
    {"SessionService/SyncLearner",
     "parent: '$LEARNER' device: 'phone' items { id: '$ID' session: '$OFFLINE' device_seq: $NUMBER "
     "occurred_time { seconds: $NOW } answer { question: '$QUESTION' text: 'words of the learner' } }"},
    {"SessionService/FinishSession", "name: '$ENDED' request_id: '$ID'"},
    {"SessionService/GetSessionReport", "name: '$SESSION'"},
    {"SessionService/WatchSession", "name: '$SESSION'"},
    {"ProgressService/GetProgress", "name: '$LEARNER/progress'"},
    {"ProgressService/GetProgress", "name: '$LEARNER/progress' pack: '$PACK'"},
    {"ProgressService/ListDueQuestions", "parent: '$LEARNER'"},
    {"ProgressService/ListDueQuestions", "parent: '$LEARNER' pack: '$PACK'"},
    {"ProgressService/GetLearner", "name: '$LEARNER'"},
    {"ProgressService/UpdateLearner",
     "name: '$LEARNER' request_id: '$ID' settings { daily_minutes: 30 } update_mask { paths: 'daily_minutes' "
     "}"},
    {"ProgressService/UpdateLearner",
     "name: '$LEARNER' request_id: '$ID' settings { goal_pack: '$PACK' } update_mask { paths: 'goal_pack' }"},
    {"ProgressService/ImportMemory",
     "parent: '$LEARNER' request_id: '$ID' items { pack: '$PACK' question: '$QUESTION' "
     "fsrs { stability: 3 difficulty: 5 } reviews: 1 last_review_time { seconds: 1700000000 } }"},
    {"ProgressService/GetCalibration", "parent: '$LEARNER'"},
    {"ProgressService/GetCalibration", "parent: '$LEARNER' pack: '$PACK'"},
    {"ProgressService/ExportLearner", "name: '$LEARNER'"},
    // Of somebody else, as the learner is still needed.
    {"ProgressService/EraseLearner", "name: 'tenants/-/learners/somebody-else'"},
    {"ContentService/ListPacks", "parent: 'tenants/-'"},
    {"ContentService/GetPack", "name: '$PACK'"},
    {"ContentService/ListQuestions", "parent: '$REVISION'"},
    {"ContentService/ListQuestions", "parent: '$REVISION' view: QUESTION_VIEW_FULL"},
    {"ContentService/ListQuestions", "parent: '$PACK/revisions/current'"},
    {"ContentService/GetQuestion", "name: '$REVISION/questions/$QUESTION'"},
    {"ContentService/GetQuestion", "name: '$REVISION/questions/$QUESTION' view: QUESTION_VIEW_FULL"},
    {"ContentService/SearchQuestions", "parent: 'tenants/-' query: 'prompt'"},
    {"ContentService/SearchQuestions", "parent: 'tenants/-' query: 'zqsecret'"},
    {"ContentService/SearchQuestions", "parent: 'tenants/-' query: 'prompt' pack: '$PACK'"},
    {"ContentService/ListPackChanges", "parent: 'tenants/-'"},
    {"ContentService/DownloadPack", "name: '$PACK'"},
    {"ContentService/DownloadPack", "name: '$REVISION'"},
};

constexpr absl::string_view kTelling[] = {"band",    "report", "gained", "cue",
                                          "comment", "hint",   "hints",  "reveal"};
constexpr absl::string_view kTellingInLines[] = {"score\"", "report\"", "comment\"", "claimedPoints\""};

std::string RpcOf(const MethodDescriptor& method) {
  return absl::StrCat(method.service()->name(), "/", method.name());
}

int TellsOfString(const std::string& text, bool lines, absl::string_view word) {
  int tells = absl::StrContains(text, word) ? 1 : 0;
  for (const absl::string_view told : kTellingInLines)
    tells += lines && absl::StrContains(text, told) ? 1 : 0;
  return tells;
}

bool IsTelling(const Message& message, const FieldDescriptor& field) {
  if (message.GetDescriptor()->name() == "FinishSessionResponse") return false;  // its report is looked into
  return absl::EndsWith(field.name(), "score") ||
         std::find(std::begin(kTelling), std::end(kTelling), field.name()) != std::end(kTelling);
}

std::vector<std::string> ForEach(const std::vector<std::string>& rows, absl::string_view what,
                                 const std::vector<std::string>& names) {
  std::vector<std::string> filled;
  for (const std::string& row : rows) {
    if (!absl::StrContains(row, what)) {
      filled.push_back(row);
      continue;
    }
    for (const std::string& name : names) filled.push_back(absl::StrReplaceAll(row, {{what, name}}));
  }
  return filled;
}

}  // namespace

int Tells(const Message& message, absl::string_view word) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  int tells = 0;
  for (const FieldDescriptor* field : fields) {
    tells += IsTelling(message, *field) ? 1 : 0;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        tells += Tells(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                            : reflection->GetMessage(message, field),
                       word);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string text = field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                      : reflection->GetString(message, field);
        tells += TellsOfString(text, field->name() == "lines", word);
      }
    }
  }
  return tells;
}

std::string WalkReply::Bytes() const {
  std::string bytes = status.ToString();
  status.ForEachPayload([&](absl::string_view, const absl::Cord& payload) {
    absl::StrAppend(&bytes, "\n", std::string(payload));
  });
  for (const auto& message : messages) absl::StrAppend(&bytes, "\n", message->SerializeAsString());
  return bytes;
}

std::string WalkReply::Text() const {
  std::string text = absl::StrCat(rpc, " {", request, "}: ", status.ToString());
  for (const auto& message : messages) absl::StrAppend(&text, "\n", message->DebugString());
  return text;
}

std::string LearnerWalk::NextUuid() { return absl::StrFormat("%08x-2222-4222-8222-222222222222", ++ids_); }

std::vector<std::string> LearnerWalk::Fill(absl::string_view row, const Names& names) {
  std::vector<std::string> ended, answers;
  for (const std::string& session : names.sessions) {
    const bool goes_on =
        std::find(names.not_to_end.begin(), names.not_to_end.end(), session) != names.not_to_end.end();
    if (!goes_on) ended.push_back(session);
  }
  std::vector<std::string> filled = {std::string(row)};
  filled = ForEach(filled, "$ANSWER", names.answers);
  filled = ForEach(filled, "$SESSION", names.sessions);
  filled = ForEach(filled, "$ENDED", ended);
  filled = ForEach(filled, "$ASSIGNMENT", names.assignments);
  filled = ForEach(filled, "$PACK", names.packs);
  filled = ForEach(filled, "$REVISION", names.revisions);
  filled = ForEach(filled, "$QUESTION", names.questions);
  for (std::string& one : filled) {
    const std::string id = NextUuid();
    one = absl::StrReplaceAll(one, {{"$LEARNER", "tenants/-/learners/me"},
                                    {"$OFFLINE", names.offline_session},
                                    {"$NOW", absl::StrCat(absl::ToUnixSeconds(names.now))},
                                    {"$NUMBER", absl::StrCat(ids_)},
                                    {"$ID", id}});
  }
  return filled;
}

std::vector<WalkReply> LearnerWalk::Ask(const Names& names) {
  std::vector<WalkReply> replies;
  for (const Service& service : services_) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service.name);
    CHECK_THAT(descriptor != nullptr, service.name);
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const MethodDescriptor& method = *descriptor->method(i);
      if (!service.learners) {
        replies.push_back(Call(service, method, ""));
        EXPECT_EQ(ReasonOf(replies.back().status), "ROLE_FORBIDS") << replies.back().Text();
        EXPECT_TRUE(replies.back().messages.empty()) << replies.back().Text();
        continue;
      }
      bool has_row = false;
      for (const Row& row : kRows) {
        if (row.rpc != RpcOf(method)) continue;
        has_row = true;
        for (const std::string& request : Fill(row.request, names)) {
          replies.push_back(Call(service, method, request));
          EXPECT_NE(ReasonOf(replies.back().status), "INVALID_REQUEST") << replies.back().Text();
        }
      }
      EXPECT_TRUE(has_row) << method.full_name() << " is asked for nothing: add a row";
    }
  }
  return replies;
}

WalkReply LearnerWalk::Call(const Service& service, const MethodDescriptor& method,
                            const std::string& request) const {
  WalkReply reply;
  reply.rpc = RpcOf(method);
  reply.request = request;
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  const std::unique_ptr<Message> message(factory->GetPrototype(method.input_type())->New());
  CHECK_THAT(google::protobuf::TextFormat::ParseFromString(request, message.get()),
             reply.rpc + ": " + request);

  grpc::ClientContext context;
  context.AddMetadata("authorization", authorization_);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  context.set_wait_for_ready(true);
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  grpc::GenericStub stub(service.channel);
  const auto call = stub.PrepareCall(&context, absl::StrCat("/", service.name, "/", method.name()), &queue);
  call->StartCall(nullptr);
  if (done()) {
    grpc::Slice slice(message->SerializeAsString());
    call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    done();
    for (;;) {
      grpc::ByteBuffer buffer;
      call->Read(&buffer, nullptr);
      if (!done()) break;
      grpc::Slice bytes;
      CHECK_THAT(buffer.DumpToSingleSlice(&bytes).ok(), reply.rpc);
      std::unique_ptr<Message> told(factory->GetPrototype(method.output_type())->New());
      CHECK_THAT(told->ParseFromArray(bytes.begin(), static_cast<int>(bytes.size())), reply.rpc);
      reply.messages.push_back(std::move(told));
      if (method.name() == "WatchSession") context.TryCancel();  // it goes on for long
    }
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  done();
  queue.Shutdown();
  while (done()) {
  }
  reply.status = FromGrpc(status);
  return reply;
}

}  // namespace greenroom::session::testing
