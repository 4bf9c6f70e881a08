// For the tests of this folder: databases in a folder of their own that goes away with the test.
#ifndef GREENROOM_SERVICES_BASE_SQL_TEST_DATABASE_H_
#define GREENROOM_SERVICES_BASE_SQL_TEST_DATABASE_H_

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/base/sql/database.h"

namespace greenroom::sql {

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "greenroom-sql-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string File(absl::string_view name) const { return absl::StrCat(path_, "/", name); }
  std::string Url(absl::string_view name = "test.db") const { return absl::StrCat("sqlite:", File(name)); }

 private:
  std::string path_;
};

inline std::unique_ptr<Database> OpenOrDie(const std::string& url, DatabaseOptions options = {}) {
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(url, std::move(options));
  if (!database.ok()) {
    ADD_FAILURE() << database.status();
    std::abort();
  }
  return *std::move(database);
}

inline std::unique_ptr<Connection> ConnectOrDie(Database& database, Access access = Access::kWrite) {
  absl::StatusOr<std::unique_ptr<Connection>> connection = database.Connect(access);
  if (!connection.ok()) {
    ADD_FAILURE() << connection.status();
    std::abort();
  }
  return *std::move(connection);
}

// EXPECT_THAT(status_or_status_or, StatusIs(absl::StatusCode::kUnavailable)).
inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}
MATCHER_P(StatusIs, code, "") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code;
}
MATCHER(IsOk, "") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_TEST_DATABASE_H_
