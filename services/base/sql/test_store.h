// TestStore: an empty database of its own for a test, of either driver.
#ifndef GREENROOM_SERVICES_BASE_SQL_TEST_STORE_H_
#define GREENROOM_SERVICES_BASE_SQL_TEST_STORE_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/base/sql/spelling.h"
#include "services/base/sql/test_database.h"
#include "tests/servers/postgres_server.h"

namespace greenroom::sql {

// The one server of this test program, which goes with it.
inline PostgresServer& SharedPostgres() {
  static const std::unique_ptr<PostgresServer> server = [] {
    auto started = PostgresServer::Start();
    if (!started.ok()) {
      ADD_FAILURE() << started.status();
      std::abort();
    }
    return *std::move(started);
  }();
  return *server;
}

class TestStore {
 public:
  explicit TestStore(DialectName driver) : driver_(driver) {
    if (driver == DialectName::kSqlite) {
      url_ = folder_.emplace().Url();
      return;
    }
    static std::atomic<int> made = 0;
    name_ = absl::StrCat("test_", ++made);
    const absl::StatusOr<std::string> url = SharedPostgres().CreateDatabase(name_);
    EXPECT_THAT(url, IsOk());
    url_ = url.value_or("");
  }
  ~TestStore() {
    if (folder_.has_value()) return;
    EXPECT_THAT(SharedPostgres().Run(absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)")), IsOk());
  }
  TestStore(const TestStore&) = delete;
  TestStore& operator=(const TestStore&) = delete;

  DialectName driver() const { return driver_; }
  const std::string& url() const { return url_; }
  const std::string& name() const { return name_; }  // of the database, on PostgreSQL
  std::string Ddl(absl::string_view text) const { return sql::Ddl(driver_, text); }

 private:
  const DialectName driver_;
  std::optional<TestFolder> folder_;
  std::string name_;
  std::string url_;
};

// Texts that hold every byte that text may hold: any but NUL, on PostgreSQL those of UTF-8.
inline std::vector<std::string> EveryByte(DialectName driver) {
  std::vector<std::string> texts;
  if (driver == DialectName::kSqlite) {
    for (int byte = 1; byte < 256; ++byte) texts.emplace_back(1, static_cast<char>(byte));
    return texts;
  }
  for (unsigned first = 1; first < 0xF5; ++first) {
    if ((first >= 0x80 && first < 0xC2)) continue;  // never first
    const int more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    for (unsigned last = 0x80; last < (more == 0 ? 0x81u : 0xC0u); ++last) {
      std::string text(1, static_cast<char>(first));
      // The second byte that is right for every first: no surrogate, nothing overlong, nothing beyond U+10FFFF.
      if (more >= 2) text.push_back(first == 0xE0 ? '\xA0' : first == 0xF0 ? '\x90' : '\x80');
      if (more == 3) text.push_back('\x80');
      if (more >= 1) text.push_back(static_cast<char>(last));
      texts.push_back(std::move(text));
    }
  }
  return texts;
}

// For INSTANTIATE_TEST_SUITE_P over the drivers.
inline auto Drivers() { return ::testing::Values(DialectName::kSqlite, DialectName::kPostgres); }
inline std::string DriverName(const ::testing::TestParamInfo<DialectName>& info) {
  return info.param == DialectName::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_TEST_STORE_H_
