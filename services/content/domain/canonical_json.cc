#include "services/content/domain/canonical_json.h"

#include <google/protobuf/descriptor.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <charconv>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace greenroom::content {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string Nfc(const std::string& text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) return text;
  const icu::UnicodeString normalised = nfc->normalize(icu::UnicodeString::fromUTF8(text), error);
  if (U_FAILURE(error)) return text;
  std::string out;
  normalised.toUTF8String(out);
  return out;
}

void AppendString(const std::string& text, std::string& out) {
  out += '"';
  for (char c : Nfc(text)) {
    const unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      static constexpr char kHex[] = "0123456789abcdef";
      absl::StrAppend(&out, "\\u00", std::string(1, kHex[byte >> 4]), std::string(1, kHex[byte & 15]));
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendNumber(double number, std::string& out) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), number);
  out.append(digits, end.ptr);
}

void AppendMessage(const Message& message, std::string& out);

// `index` is -1 for a field that is not repeated.
void AppendValue(const Message& message, const FieldDescriptor* field, int index, std::string& out) {
  const Reflection& r = *message.GetReflection();
  const bool repeated = index >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      AppendString(repeated ? r.GetRepeatedString(message, field, index) : r.GetString(message, field), out);
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      AppendMessage(repeated ? r.GetRepeatedMessage(message, field, index) : r.GetMessage(message, field),
                    out);
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      absl::StrAppend(
          &out, "\"",
          (repeated ? r.GetRepeatedEnum(message, field, index) : r.GetEnum(message, field))->name(), "\"");
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      absl::StrAppend(&out,
                      repeated ? r.GetRepeatedInt32(message, field, index) : r.GetInt32(message, field));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      out += (repeated ? r.GetRepeatedBool(message, field, index) : r.GetBool(message, field)) ? "true"
                                                                                               : "false";
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      AppendNumber(repeated ? r.GetRepeatedDouble(message, field, index) : r.GetDouble(message, field), out);
      return;
    default:
      GOOGLE_LOG(FATAL) << "a field of a type that no message here has: " << field->full_name();
  }
}

void AppendMap(const Message& message, const FieldDescriptor* field, std::string& out) {
  const Reflection& r = *message.GetReflection();
  std::map<std::string, const Message*> entries;
  for (int i = 0; i < r.FieldSize(message, field); ++i) {
    const Message& entry = r.GetRepeatedMessage(message, field, i);
    entries[entry.GetReflection()->GetString(entry, entry.GetDescriptor()->map_key())] = &entry;
  }
  const char* separator = "{";
  for (const auto& [key, entry] : entries) {
    out += separator;
    separator = ",";
    AppendString(key, out);
    out += ':';
    AppendValue(*entry, entry->GetDescriptor()->map_value(), -1, out);
  }
  out += entries.empty() ? "{}" : "}";
}

void AppendMessage(const Message& message, std::string& out) {
  const Reflection& r = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  r.ListFields(message, &set);
  std::map<absl::string_view, const FieldDescriptor*> by_name;
  for (const FieldDescriptor* field : set) by_name[field->name()] = field;
  const char* separator = "{";
  for (const auto& [name, field] : by_name) {
    absl::StrAppend(&out, separator, "\"", name, "\":");
    separator = ",";
    if (field->is_map()) {
      AppendMap(message, field, out);
    } else if (field->is_repeated()) {
      for (int i = 0; i < r.FieldSize(message, field); ++i) {
        out += i == 0 ? '[' : ',';
        AppendValue(message, field, i, out);
      }
      out += ']';
    } else {
      AppendValue(message, field, -1, out);
    }
  }
  out += by_name.empty() ? "{}" : "}";
}

}  // namespace

std::string CanonicalJsonOf(const google::protobuf::Message& message) {
  std::string json;
  AppendMessage(message, json);
  return json;
}

}  // namespace greenroom::content
