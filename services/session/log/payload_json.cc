#include "services/session/log/payload_json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/text.h"

namespace greenroom::session {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// False where a part of the message cannot be written.
bool AppendMessage(const Message& message, std::string& json);

bool NeedsEscape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f;
}

bool AppendString(absl::string_view text, std::string& json) {
  if (!IsValidUtf8(text)) return false;
  json += '"';
  while (!text.empty()) {
    const auto end = std::find_if(text.begin(), text.end(), NeedsEscape);
    const auto plain = static_cast<size_t>(end - text.begin());
    json.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    switch (text[0]) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\n':
        json += "\\n";
        break;
      default:
        absl::StrAppend(&json, "\\u00", absl::Hex(static_cast<unsigned char>(text[0]), absl::kZeroPad2));
    }
    text.remove_prefix(1);
  }
  json += '"';
  return true;
}

void AppendDouble(double value, std::string& json) {
  if (!std::isfinite(value)) {
    json += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  if (value == 0 && std::signbit(value)) {
    json += "-0.0";  // "-0" is read as an integer, which has no such zero
    return;
  }
  char digits[32];  // the shortest that reads back the same has at most 24
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, value);
  json.append(digits, result.ptr);
}

// The only element of a field that is not repeated.
constexpr int kOnly = -1;

bool AppendEnum(const google::protobuf::EnumDescriptor& type, int number, std::string& json) {
  const google::protobuf::EnumValueDescriptor* value = type.FindValueByNumber(number);
  if (value == nullptr) {
    absl::StrAppend(&json, number);  // of a newer program
    return true;
  }
  return AppendString(value->name(), json);
}

// One value of `field`; false also where it is of a type that our events do not have.
bool AppendValue(const Message& message, const FieldDescriptor& field, int index, std::string& json) {
  const Reflection& reflection = *message.GetReflection();
  const bool only = index == kOnly;
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() != FieldDescriptor::TYPE_STRING) return false;
      return AppendString(only ? reflection.GetStringReference(message, &field, &scratch)
                               : reflection.GetRepeatedStringReference(message, &field, index, &scratch),
                          json);
    case FieldDescriptor::CPPTYPE_BOOL:
      json +=
          (only ? reflection.GetBool(message, &field) : reflection.GetRepeatedBool(message, &field, index))
              ? "true"
              : "false";
      return true;
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(&json, only ? reflection.GetInt32(message, &field)
                                  : reflection.GetRepeatedInt32(message, &field, index));
      return true;
    case FieldDescriptor::CPPTYPE_INT64:  // in quotes: a JSON number is a double to many readers
      absl::StrAppend(
          &json, "\"",
          only ? reflection.GetInt64(message, &field) : reflection.GetRepeatedInt64(message, &field, index),
          "\"");
      return true;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      AppendDouble(
          only ? reflection.GetDouble(message, &field) : reflection.GetRepeatedDouble(message, &field, index),
          json);
      return true;
    case FieldDescriptor::CPPTYPE_ENUM:
      return AppendEnum(*field.enum_type(),
                        only ? reflection.GetEnumValue(message, &field)
                             : reflection.GetRepeatedEnumValue(message, &field, index),
                        json);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendMessage(only ? reflection.GetMessage(message, &field)
                                : reflection.GetRepeatedMessage(message, &field, index),
                           json);
    default:
      return false;
  }
}

bool AppendMap(const Message& message, const FieldDescriptor& field, std::string& json) {
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  if (key.type() != FieldDescriptor::TYPE_STRING) return false;
  const Reflection& reflection = *message.GetReflection();
  std::vector<std::pair<std::string, const Message*>> entries;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    entries.emplace_back(entry.GetReflection()->GetString(entry, &key), &entry);
  }
  std::sort(entries.begin(), entries.end());
  json += '{';
  for (const auto& [name, entry] : entries) {
    if (name != entries.front().first) json += ',';
    if (!AppendString(name, json)) return false;
    json += ':';
    if (!AppendValue(*entry, value, kOnly, json)) return false;
  }
  json += '}';
  return true;
}

bool AppendList(const Message& message, const FieldDescriptor& field, std::string& json) {
  json += '[';
  const int size = message.GetReflection()->FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    if (i > 0) json += ',';
    if (!AppendValue(message, field, i, json)) return false;
  }
  json += ']';
  return true;
}

bool AppendMessage(const Message& message, std::string& json) {
  if (message.GetDescriptor()->file()->package() == "google.protobuf") {
    std::string text;  // times and durations have forms of their own
    if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) return false;
    json += text;
    return true;
  }
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  json += '{';
  for (const FieldDescriptor* field : fields) {
    if (field != fields.front()) json += ',';
    absl::StrAppend(&json, "\"", field->json_name(), "\":");
    const bool written = field->is_map()        ? AppendMap(message, *field, json)
                         : field->is_repeated() ? AppendList(message, *field, json)
                                                : AppendValue(message, *field, kOnly, json);
    if (!written) return false;
  }
  json += '}';
  return true;
}

}  // namespace

absl::StatusOr<std::string> PayloadJson(const v1::EventPayload& payload) {
  std::string json;
  json.reserve(2 * payload.ByteSizeLong() + 256);
  if (AppendMessage(payload, json)) return json;
  json.clear();
  if (!google::protobuf::util::MessageToJsonString(payload, &json).ok()) {
    return absl::InvalidArgumentError("an event's payload cannot be written as JSON");
  }
  return json;
}

}  // namespace greenroom::session
