#include "services/base/sql/value.h"

#include <limits>

namespace greenroom::sql {

absl::string_view SqlValue::type_name() const {
  if (integer() != nullptr) return "integer";
  if (real() != nullptr) return "real";
  if (text() != nullptr) return "text";
  return "null";
}

size_t Row::byte_size() const {
  size_t bytes = sizeof(Row);
  for (const SqlValue& value : values_) bytes += value.byte_size();
  return bytes;
}

bool Row::Copy(const SqlValue& value, int64_t& target) {
  if (value.integer() == nullptr) return false;
  target = *value.integer();
  return true;
}

bool Row::Copy(const SqlValue& value, int& target) {
  const int64_t* integer = value.integer();
  if (integer == nullptr || *integer < std::numeric_limits<int>::min() ||
      *integer > std::numeric_limits<int>::max()) {
    return false;
  }
  target = static_cast<int>(*integer);
  return true;
}

bool Row::Copy(const SqlValue& value, bool& target) {
  const int64_t* integer = value.integer();
  if (integer == nullptr || (*integer != 0 && *integer != 1)) return false;
  target = *integer == 1;
  return true;
}

bool Row::Copy(const SqlValue& value, double& target) {
  if (value.integer() != nullptr) {
    target = static_cast<double>(*value.integer());
    return true;
  }
  if (value.real() == nullptr) return false;
  target = *value.real();
  return true;
}

bool Row::Copy(const SqlValue& value, std::string& target) {
  if (value.text() == nullptr) return false;
  target = *value.text();
  return true;
}

bool Row::Copy(const SqlValue& value, SqlValue& target) {
  target = value;
  return true;
}

absl::Status Row::WrongWidth(size_t targets) const {
  return absl::InternalError(
      absl::StrCat("a row of ", values_.size(), " columns was read as one of ", targets));
}

absl::Status Row::WrongType(size_t column) const {
  return absl::InternalError(absl::StrCat("column ", column + 1, " of a row holds a value of type ",
                                          values_[column].type_name(), " that does not fit what reads it"));
}

}  // namespace greenroom::sql
