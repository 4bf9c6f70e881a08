#include "services/session/domain/event.h"

namespace greenroom::session {

std::string KindOf(const v1::EventPayload& payload) {
  if (payload.kind_case() == v1::EventPayload::KIND_NOT_SET) return "";
  return v1::EventPayload::descriptor()->FindFieldByNumber(payload.kind_case())->name();
}

}  // namespace greenroom::session
