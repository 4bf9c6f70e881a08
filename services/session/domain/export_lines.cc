#include "services/session/domain/export_lines.h"

#include <google/protobuf/util/field_mask_util.h>

#include <optional>
#include <utility>

#include "services/session/domain/fold.h"
#include "services/session/domain/wire_time.h"

namespace greenroom::session {

std::map<std::string, Sight> SightsOf(const std::vector<Event>& events, Reader reader) {
  std::map<std::string, Sight> sights;
  const std::optional<SessionFold> fold = FoldSession(events);
  // Before the creation has arrived nobody knows whether it is an exam.
  Sight uncounted = reader == Reader::kStaff ? Sight::kEverything : Sight::kNothing;
  if (fold.has_value() && reader == Reader::kLearner) {
    Situation situation;
    situation.mode = fold->live.mode();
    situation.released = fold->live.released();
    uncounted = SightOfLearner(situation);
  }
  for (const Event& event : events) {
    if (event.payload.has_submitted()) sights[event.event_id] = uncounted;
  }
  if (!fold.has_value()) return sights;
  for (const FoldedAnswer& answer : fold->answers) {
    sights[answer.submitted->event_id] = SightOf(fold->live, answer.number, reader);
  }
  return sights;
}

v1::ExportedEvent ExportedEventOf(const Event& event, Reader reader, Sight sight) {
  v1::ExportedEvent exported;
  exported.set_sequence(event.seq);
  exported.set_id(event.event_id);
  exported.set_session(event.session);
  exported.set_kind(event.kind);
  *exported.mutable_occurred_time() = ToTimestamp(event.occurred_time);
  *exported.mutable_receive_time() = ToTimestamp(event.received_time);
  exported.set_device(event.device);
  exported.set_device_seq(event.device_seq.value_or(0));
  *exported.mutable_payload() = event.payload;
  if (event.payload.has_graded() && reader == Reader::kLearner) {
    v1::Graded& graded = *exported.mutable_payload()->mutable_graded();
    graded.clear_note();
    graded.clear_decided_by();
    if (sight == Sight::kNothing) {
      graded.clear_report();
      graded.clear_comment();
    } else if (graded.has_report()) {
      scoring::v1::Report seen = ViewOf(graded.report(), sight);
      *graded.mutable_report() = std::move(seen);
    }
  }
  return exported;
}

void Apply(const v1::SettingsChanged& change, v1::LearnerSettings& settings) {
  google::protobuf::util::FieldMaskUtil::MergeOptions replace;
  replace.set_replace_message_fields(true);
  replace.set_replace_repeated_fields(true);
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(change.settings(), change.update_mask(), replace,
                                                        &settings);
}

}  // namespace greenroom::session
