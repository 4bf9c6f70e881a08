// What a database says of its own tables, in one way for every driver.
#ifndef GREENROOM_SERVICES_BASE_SQL_CATALOG_H_
#define GREENROOM_SERVICES_BASE_SQL_CATALOG_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/base/sql/connection.h"

namespace greenroom::sql {

absl::StatusOr<bool> HasTable(Connection& connection, absl::string_view table);

// False also where there is no such table.
absl::StatusOr<bool> HasColumn(Connection& connection, absl::string_view table, absl::string_view column);

// The columns of each unique key of the table, but for an identity column that is its primary key. An expression counts
// as a column without a name.
absl::StatusOr<std::set<std::set<std::string>>> UniqueKeys(Connection& connection, absl::string_view table);

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_CATALOG_H_
