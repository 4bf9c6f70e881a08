#include "services/session/privacy_handlers.h"

#include <google/protobuf/util/json_util.h>
#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/session/domain/export_lines.h"
#include "services/session/domain/shut_packs.h"
#include "services/session/domain/views.h"
#include "services/session/domain/wire_time.h"
#include "services/session/errors.h"
#include "services/session/find_shut_packs.h"
#include "services/session/progress_views.h"
#include "services/session/requests.h"

namespace greenroom::session {
namespace {

constexpr int32_t kPage = 100;  // events read at once
constexpr size_t kPieceBytes = size_t{64} << 10;

// Lines on their way, and the digest of all that were added.
class Lines {
 public:
  Lines() : digest_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(digest_.get(), EVP_sha256(), nullptr);
  }

  absl::Status Add(const v1::ExportLine& line) {
    std::string json;
    if (!google::protobuf::util::MessageToJsonString(line, &json).ok()) {
      return absl::InternalError("a line of an export cannot be written");
    }
    json += '\n';
    EVP_DigestUpdate(digest_.get(), json.data(), json.size());
    text_ += json;
    return absl::OkStatus();
  }
  bool full() const { return text_.size() >= kPieceBytes; }
  v1::ExportLearnerResponse Take() {
    v1::ExportLearnerResponse piece;
    piece.set_lines(std::exchange(text_, {}));
    return piece;
  }
  // Of all that were added, in hex. Ends the digest.
  std::string Sha256() {
    std::string bytes(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    EVP_DigestFinal_ex(digest_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size);
    bytes.resize(size);
    return absl::BytesToHexString(bytes);
  }

 private:
  std::string text_;
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest_;
};

}  // namespace

Task<absl::Status> PrivacyHandlers::ExportLearner(Call& call, const v1::ExportLearnerRequest& request,
                                                  ServerWriter<v1::ExportLearnerResponse>& writer) {
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.name(), "name", call.caller(), Access::kOperatorToo));
  const LearnerKey& learner = target.session.learner;
  Lines lines;
  v1::ExportLine line;
  line.mutable_learner()->set_name(target.name);
  *line.mutable_learner()->mutable_export_time() = ToTimestamp(clock_.Now());
  CO_RETURN_IF_ERROR_NOW(lines.Add(line));

  std::map<std::string, Sight> sights;   // by answer, of the sessions met so far
  std::map<std::string, bool> sessions;  // those met so far; whether an open exam keeps them shut
  ASSIGN_OR_CO_RETURN(const ShutPacks shut, FindShutPacks(assignments_, target, call.deadline()));
  v1::LearnerSettings settings;
  bool changed = false;
  int64_t count = 0;
  for (bool more = true; more;) {
    absl::StatusOr<std::vector<Event>> events =
        co_await log_.ReadAfter(learner, count, kPage, call.deadline());
    if (!events.ok()) co_return error::OfLog(events.status());
    more = events->size() == static_cast<size_t>(kPage);
    for (const Event& event : *events) {
      if (!event.session.empty() && !sessions.contains(event.session)) {
        const SessionKey session = {learner, event.session};
        absl::StatusOr<std::vector<Event>> own = co_await log_.ReadSession(session, 0, call.deadline());
        if (!own.ok()) co_return error::OfLog(own.status());
        sights.merge(SightsOf(*own, target.reader));
        const auto created = std::find_if(own->begin(), own->end(),
                                          [](const Event& one) { return one.payload.has_created(); });
        sessions[event.session] =
            created != own->end() && shut.ShutsSession(event.session, created->payload.created().revision());
      }
      if (event.payload.has_settings_changed()) {
        Apply(event.payload.settings_changed(), settings);
        changed = true;
      }
      const auto sight = sights.find(event.payload.graded().answer());
      *line.mutable_event() =
          ExportedEventOf(event, target.reader, sight == sights.end() ? Sight::kNothing : sight->second);
      if (!event.session.empty() && sessions[event.session]) WithholdGrades(*line.mutable_event());
      CO_RETURN_IF_ERROR_NOW(lines.Add(line));
      count = event.seq;
      if (lines.full()) CO_RETURN_IF_ERROR(writer.Write(lines.Take()));
    }
  }
  if (changed) {
    *line.mutable_settings() = settings;
    CO_RETURN_IF_ERROR_NOW(lines.Add(line));
  }
  using Items = std::map<ItemKey, MemoryItem>;
  ASSIGN_OR_CO_RETURN(const Items items, Remembered(call, learner, count));
  for (const auto& [key, item] : items) {
    if (shut.Shuts(item.pack)) continue;
    *line.mutable_memory() = ExportedMemoryView(item);
    CO_RETURN_IF_ERROR_NOW(lines.Add(line));
    if (lines.full()) CO_RETURN_IF_ERROR(writer.Write(lines.Take()));
  }
  line.mutable_end()->set_events(count);
  line.mutable_end()->set_sha256(lines.Sha256());
  CO_RETURN_IF_ERROR_NOW(lines.Add(line));
  CO_RETURN_IF_ERROR(writer.Write(lines.Take()));
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::map<ItemKey, MemoryItem>>> PrivacyHandlers::Remembered(Call& call,
                                                                                LearnerKey learner,
                                                                                int64_t sequence) {
  CurrentMemory memory;
  for (;;) {
    ASSIGN_OR_CO_RETURN(memory, deriver_.ReadMemory(learner, call.deadline()));
    if (memory.reflected >= sequence) break;
    // Half of the time did not do for a long log: on with half of the rest, if the log is still there.
    absl::StatusOr<LogHead> head = co_await log_.Head(learner, call.deadline());
    if (!head.ok()) co_return error::OfLog(head.status());
    if (head->seq < sequence) co_return error::LearnerErased();
  }
  std::map<ItemKey, MemoryItem> items;
  for (MemoryItem& item : memory.kept.items) {
    ItemKey key = {item.pack, item.question};
    items.emplace(std::move(key), std::move(item));
  }
  co_return items;
}

Task<absl::StatusOr<v1::EraseLearnerResponse>> PrivacyHandlers::EraseLearner(
    Call& call, const v1::EraseLearnerRequest& request) {
  ASSIGN_OR_CO_RETURN_NOW(const Target target,
                          ResolveLearner(request.name(), "name", call.caller(), Access::kOperatorToo));
  ASSIGN_OR_CO_RETURN(const absl::Time erased, ledger_.Erase(target.session.learner, call.deadline()));
  v1::EraseLearnerResponse response;
  *response.mutable_erase_time() = ToTimestamp(erased);
  co_return response;
}

}  // namespace greenroom::session
