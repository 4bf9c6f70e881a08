// Where the columns of a row of `events` are, as SqlEventLog writes it.
#ifndef GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_COLUMNS_H_
#define GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_COLUMNS_H_

#include <cstddef>

namespace greenroom::session {

inline constexpr size_t kTenant = 0, kLearner = 1, kSeq = 2, kEventId = 3, kSession = 4, kKind = 5,
                        kReceivedTime = 7, kDeviceSeq = 9, kPayload = 12, kAnswer = 13, kAlarm = 14;

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_SQL_EVENT_COLUMNS_H_
