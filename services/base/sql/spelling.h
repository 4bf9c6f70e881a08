// What every driver spells in its own way.
#ifndef GREENROOM_SERVICES_BASE_SQL_SPELLING_H_
#define GREENROOM_SERVICES_BASE_SQL_SPELLING_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/base/sql/connection.h"

namespace greenroom::sql {

// `text` with these words in the driver's spelling; anything else is the same everywhere:
//   {integer}     a column of 64-bit integers
//   {real}        a column of doubles
//   {text}        a column of text, compared bytewise
//   {identity}    an integer primary key that grows by itself, with holes
//   {strict}      after the closing parenthesis of CREATE TABLE: no value of another type is taken
//   {random_hex}  an expression: 32 random hexadecimal digits
// For SQLite the text that comes of it is what the migrations of the first release say.
std::string Ddl(DialectName driver, absl::string_view text);

// What goes behind a SELECT in a transaction that writes, to lock its rows and pass over those that others have locked;
// nothing on SQLite, where one transaction writes at a time.
absl::string_view ForUpdateSkipLocked(DialectName driver);

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_SPELLING_H_
