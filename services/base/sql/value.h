// The values that go into SQL statements and come back in rows, the same for every driver.
#ifndef GREENROOM_SERVICES_BASE_SQL_VALUE_H_
#define GREENROOM_SERVICES_BASE_SQL_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace greenroom::sql {

// Null, a 64-bit integer, a double or text. Text is any bytes but NUL: a statement that carries text with a NUL is
// refused with INVALID_ARGUMENT before it reaches a driver (one driver would cut it there). PostgreSQL takes UTF-8 and
// refuses other bytes likewise. Booleans are 0 and 1.
// Ordered by type (null first), then by value, text bytewise.
class SqlValue {
 public:
  SqlValue() = default;  // null
  SqlValue(std::nullopt_t) {}
  SqlValue(bool value) : value_(static_cast<int64_t>(value)) {}
  SqlValue(int value) : value_(static_cast<int64_t>(value)) {}
  SqlValue(int64_t value) : value_(value) {}
  SqlValue(long long value) : value_(static_cast<int64_t>(value)) {}
  SqlValue(double value) : value_(value) {}
  SqlValue(std::string value) : value_(std::move(value)) {}
  SqlValue(absl::string_view value) : value_(std::string(value)) {}
  SqlValue(const char* value) : value_(std::string(value)) {}
  // Absent is null.
  template <typename T>
  SqlValue(std::optional<T> value) {
    if (value.has_value()) *this = SqlValue(*std::move(value));
  }
  // No other type converts silently: an unsigned 64-bit number has no column of its own, cast it where it fits.
  template <typename T>
  SqlValue(T) = delete;

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  // The value if it is of that type, else nullptr.
  const int64_t* integer() const { return std::get_if<int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }

  // Memory that the value holds, for bounds on queues and batches.
  size_t byte_size() const { return sizeof(SqlValue) + (text() != nullptr ? text()->size() : 0); }

  // "null", "integer", "real" or "text": for messages, which never carry the value itself.
  absl::string_view type_name() const;

  friend bool operator==(const SqlValue& a, const SqlValue& b) { return a.value_ == b.value_; }
  friend bool operator!=(const SqlValue& a, const SqlValue& b) { return a.value_ != b.value_; }
  friend bool operator<(const SqlValue& a, const SqlValue& b) { return a.value_ < b.value_; }
  template <typename H>
  friend H AbslHashValue(H state, const SqlValue& value) {
    return H::combine(std::move(state), value.value_);
  }

 private:
  std::variant<std::monostate, int64_t, double, std::string> value_;
};

// One row, its values in the order of the statement's columns.
class Row {
 public:
  Row() = default;
  Row(std::initializer_list<SqlValue> values) : values_(values) {}
  explicit Row(std::vector<SqlValue> values) : values_(std::move(values)) {}

  size_t size() const { return values_.size(); }
  const SqlValue& operator[](size_t column) const { return values_[column]; }
  std::vector<SqlValue>& values() { return values_; }
  const std::vector<SqlValue>& values() const { return values_; }
  size_t byte_size() const;

  // Copies the columns into `targets`, one for each column, in order. A target is an int64_t, int, bool, double,
  // std::string, SqlValue, or a std::optional of one of these, where null is nullopt. INTERNAL where the number of
  // columns differs, a value has another type or does not fit, or a null has no optional to go to: the schema is not
  // what the query believes. Integers go into a double too.
  //   int64_t seq; std::string id; std::optional<std::string> device;
  //   RETURN_IF_ERROR(row.Read(seq, id, device));
  template <typename... Targets>
  absl::Status Read(Targets&... targets) const {
    if (sizeof...(targets) != values_.size()) return WrongWidth(sizeof...(targets));
    size_t column = 0;
    bool ok = true;
    ((ok = ok && Copy(values_[column], targets), column += ok ? 1 : 0), ...);
    return ok ? absl::OkStatus() : WrongType(column);
  }

  friend bool operator==(const Row& a, const Row& b) { return a.values_ == b.values_; }
  friend bool operator!=(const Row& a, const Row& b) { return a.values_ != b.values_; }
  friend bool operator<(const Row& a, const Row& b) { return a.values_ < b.values_; }
  template <typename H>
  friend H AbslHashValue(H state, const Row& row) {
    return H::combine(std::move(state), row.values_);
  }

 private:
  static bool Copy(const SqlValue& value, int64_t& target);
  static bool Copy(const SqlValue& value, int& target);
  static bool Copy(const SqlValue& value, bool& target);
  static bool Copy(const SqlValue& value, double& target);
  static bool Copy(const SqlValue& value, std::string& target);
  static bool Copy(const SqlValue& value, SqlValue& target);
  template <typename T>
  static bool Copy(const SqlValue& value, std::optional<T>& target) {
    target.reset();
    return value.is_null() || Copy(value, target.emplace());
  }
  absl::Status WrongWidth(size_t targets) const;
  absl::Status WrongType(size_t column) const;

  std::vector<SqlValue> values_;
};

using Rows = std::vector<Row>;

}  // namespace greenroom::sql

#endif  // GREENROOM_SERVICES_BASE_SQL_VALUE_H_
