// The schema of the log's database: the log, and what is kept beside it in the same database.
#ifndef GREENROOM_SERVICES_SESSION_LOG_SQL_LOG_SCHEMA_H_
#define GREENROOM_SERVICES_SESSION_LOG_SQL_LOG_SCHEMA_H_

#include <vector>

#include "services/base/sql/dialect.h"
#include "services/base/sql/migrations.h"

namespace greenroom::session {

// All steps, oldest first. A step that was released is never changed.
std::vector<sql::Migration> LogMigrations(sql::DialectName dialect);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_LOG_SQL_LOG_SCHEMA_H_
