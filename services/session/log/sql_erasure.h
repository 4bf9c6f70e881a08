// Erasure of a learner in the log's database.
#ifndef GREENROOM_SERVICES_SESSION_LOG_SQL_ERASURE_H_
#define GREENROOM_SERVICES_SESSION_LOG_SQL_ERASURE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/base/sql/connection.h"
#include "services/session/domain/keys.h"

namespace greenroom::session {

// SHA-256, in hex, of tenant, NUL and learner: all that a tombstone says of whose it is.
std::string TombstoneKey(const LearnerKey& learner);

// What every row of the log carries of its learner, so that the database itself refuses rows of those who were erased: the
// first eight bytes of that hash.
int64_t OwnerNumber(const LearnerKey& learner);

// The statements that make the tombstones, and the trigger by which no event of a learner who has one is written: the row is
// passed over as if its place were taken, without a query of the writer's.
std::vector<std::string> TombstoneSchema(sql::DialectName dialect);

// Inside a write transaction: sets the tombstone and deletes every row of the learner's, whatever table of the database holds
// it: a table is asked that has columns `tenant` and `learner`. Yields when the learner was erased: `now`, or the time of a
// tombstone that stands.
absl::StatusOr<absl::Time> EraseRows(sql::Connection& connection, const LearnerKey& learner, absl::Time now);

// Whether a tombstone stands. Inside a write transaction: and will until its end. Whoever keeps rows that were derived from
// events read before asks it first, or they come back after their erasure.
absl::StatusOr<bool> HasTombstone(sql::Connection& connection, const LearnerKey& learner);

// How often the learner was erased.
absl::StatusOr<int64_t> Erasures(sql::Connection& connection, const LearnerKey& learner);

// Lifts the tombstone; false where none stands. What was erased stays so; the learner begins anew.
absl::StatusOr<bool> LiftTombstone(sql::Connection& connection, const LearnerKey& learner);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_SQL_ERASURE_H_
