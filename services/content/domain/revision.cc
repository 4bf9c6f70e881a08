#include "services/content/domain/revision.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <charconv>
#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/content/domain/digest.h"

namespace greenroom::content {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

double Rounded(double number) { return std::round(number * 100.0) / 100.0; }

void CanonicaliseItem(v1::RubricItem& item) {
  if (item.has_weight()) item.set_weight(Rounded(item.weight()));
  if (item.weight() == 1.0) item.clear_weight();
  if (item.need() == v1::NEED_STATEMENT) item.clear_need();
  if (item.any() == item.of_size()) item.clear_any();
  for (v1::RubricItem& member : *item.mutable_of()) CanonicaliseItem(member);
}

void CanonicaliseFlag(v1::RedFlag& flag) {
  if (flag.has_penalty()) flag.set_penalty(Rounded(flag.penalty()));
  if (flag.penalty() == 1.0) flag.clear_penalty();
  if (flag.kind() == v1::FLAG_KIND_RED_FLAG) flag.clear_kind();
}

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
      GOOGLE_LOG(FATAL) << "pack.proto has a field of a new type: " << field->full_name();
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

void Canonicalise(v1::PackContent& pack) {
  if (pack.visibility() == v1::VISIBILITY_PRACTICE) pack.clear_visibility();
  if (pack.offline() == v1::OFFLINE_POLICY_NONE) pack.clear_offline();
  for (v1::Topic& topic : *pack.mutable_topics()) {
    if (topic.has_weight()) topic.set_weight(Rounded(topic.weight()));
    if (topic.weight() == 1.0) topic.clear_weight();
  }
  for (v1::Tip& tip : *pack.mutable_tips()) {
    if (tip.has_check()) CanonicaliseItem(*tip.mutable_check()->mutable_rubric());
  }
  for (v1::Question& question : *pack.mutable_questions()) {
    question.clear_name();
    question.clear_language();
    question.clear_tips();
    question.clear_hint_count();
    if (question.has_star()) question.mutable_star()->set_weight(Rounded(question.star().weight()));
    if (question.has_locales() && question.locales().fields().empty()) question.clear_locales();
    for (v1::RubricItem& item : *question.mutable_rubric()) CanonicaliseItem(item);
    for (v1::RedFlag& flag : *question.mutable_red_flags()) CanonicaliseFlag(flag);
    for (v1::Example& example : *question.mutable_examples()) {
      if (!example.flags().empty()) example.set_check_flags(true);
    }
  }
}

std::string CanonicalJson(const v1::PackContent& pack) {
  v1::PackContent canonical = pack;
  Canonicalise(canonical);
  std::string json;
  AppendMessage(canonical, json);
  return json;
}

std::string RevisionId(const v1::PackContent& pack) {
  return absl::StrCat("r", Sha256Hex(CanonicalJson(pack)).substr(0, 32));
}

}  // namespace greenroom::content
