#include "services/base/sql/spelling.h"

#include "absl/strings/str_replace.h"

namespace greenroom::sql {

std::string Ddl(DialectName driver, absl::string_view text) {
  if (driver == DialectName::kSqlite) {
    return absl::StrReplaceAll(text, {{"{integer}", "INTEGER"},
                                      {"{real}", "REAL"},
                                      {"{text}", "TEXT"},
                                      {"{identity}", "INTEGER PRIMARY KEY AUTOINCREMENT"},
                                      {"{strict}", " STRICT"},
                                      {"{random_hex}", "lower(hex(randomblob(16)))"}});
  }
  return absl::StrReplaceAll(text, {{"{integer}", "BIGINT"},
                                    {"{real}", "DOUBLE PRECISION"},
                                    {"{text}", "TEXT COLLATE \"C\""},
                                    {"{identity}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"},
                                    {"{strict}", ""},
                                    {"{random_hex}", "replace(gen_random_uuid()::text, '-', '')"}});
}

absl::string_view ForUpdateSkipLocked(DialectName driver) {
  return driver == DialectName::kSqlite ? "" : " FOR UPDATE SKIP LOCKED";
}

}  // namespace greenroom::sql
