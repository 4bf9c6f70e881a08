#include "services/session/log/payload_json.h"

#include <gmock/gmock.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/string_view.h"

namespace greenroom::session {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::MessageDifferencer;

std::string AnyText() {
  return *rc::gen::element<std::string>("", "overfitting", "a \"quoted\" \\ word", "line\nand\ttab\r\x01\x7f",
                                        "</script>&'", "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x99\x82",
                                        std::string("\0nul", 4), "1.5", "null");
}

double AnyDouble() {
  return *rc::gen::element(0.0, 0.25, 0.1, 1.0, 100.0, 1e-9, 1.7976931348623157e308, 1.0 / 3, -2.5,
                           std::numeric_limits<double>::infinity());
}

void Fill(Message& message, int depth);

// Sets `field`, or adds to it; enums also take numbers that are none of theirs.
void FillField(Message& message, const FieldDescriptor* field, int depth) {
  const Reflection& reflection = *message.GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      many ? reflection.AddString(&message, field, AnyText())
           : reflection.SetString(&message, field, AnyText());
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(&message, field, *rc::gen::arbitrary<bool>());
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      many ? reflection.AddInt32(&message, field, *rc::gen::arbitrary<int32_t>())
           : reflection.SetInt32(&message, field, *rc::gen::arbitrary<int32_t>());
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.SetInt64(&message, field, *rc::gen::arbitrary<int64_t>());
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      many ? reflection.AddDouble(&message, field, AnyDouble())
           : reflection.SetDouble(&message, field, AnyDouble());
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection.SetEnumValue(&message, field, *rc::gen::inRange(0, 8));
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth > 0) {
        Fill(many ? *reflection.AddMessage(&message, field) : *reflection.MutableMessage(&message, field),
             depth - 1);
      }
      break;
    default:
      FAIL() << field->full_name() << " has a type that nothing here makes";
  }
}

void Fill(Message& message, int depth) {
  if (auto* mask = dynamic_cast<google::protobuf::FieldMask*>(&message)) {
    for (int n = *rc::gen::inRange(0, 3); n > 0; --n) {
      mask->add_paths(*rc::gen::element<std::string>("time_zone", "daily_minutes", "a.b_c"));
    }
    return;
  }
  if (message.GetDescriptor()->file()->package() == "google.protobuf") {
    // Times and durations: any second, any nanosecond, of one sign.
    const Reflection& reflection = *message.GetReflection();
    reflection.SetInt64(&message, message.GetDescriptor()->FindFieldByName("seconds"),
                        *rc::gen::inRange<int64_t>(0, 4000000000));
    reflection.SetInt32(&message, message.GetDescriptor()->FindFieldByName("nanos"),
                        *rc::gen::inRange(0, 1000000000));
    return;
  }
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    // Of a choice one is set: the last would displace the others.
    if (const auto* choice = field->real_containing_oneof(); choice != nullptr) {
      if (field != choice->field(0)) continue;
      FillField(message, choice->field(*rc::gen::inRange(0, choice->field_count())), depth);
      continue;
    }
    if (field->is_map()) {
      for (int n = *rc::gen::inRange(0, 3); n > 0; --n) {
        Message& entry = *message.GetReflection()->AddMessage(&message, field);
        const std::string key = "key " + std::to_string(n);  // no key twice
        entry.GetReflection()->SetString(&entry, field->message_type()->map_key(), key);
        entry.GetReflection()->SetString(&entry, field->message_type()->map_value(), AnyText());
      }
      continue;
    }
    for (int n = *rc::gen::inRange(0, field->is_repeated() ? 3 : 2); n > 0; --n)
      FillField(message, field, depth);
  }
}

v1::EventPayload Read(const std::string& json) {
  v1::EventPayload payload;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &payload);
  EXPECT_TRUE(status.ok()) << status.ToString() << "\n" << json;
  return payload;
}

RC_GTEST_PROP(PayloadJson, IsReadBackAsItWas, ()) {
  v1::EventPayload payload;
  Fill(payload, 4);
  const absl::StatusOr<std::string> json = PayloadJson(payload);
  RC_ASSERT(json.ok());
  RC_ASSERT(json->find('\0') == std::string::npos);
  RC_LOG() << payload.ShortDebugString() << "\n" << *json;
  RC_ASSERT(MessageDifferencer::Equals(Read(*json), payload));
}

RC_GTEST_PROP(PayloadJson, SaysWhatProtobufsOwnWriterSays, ()) {
  v1::EventPayload payload;
  Fill(payload, 4);
  std::string theirs;
  RC_ASSERT(google::protobuf::util::MessageToJsonString(payload, &theirs).ok());
  RC_ASSERT(MessageDifferencer::Equals(Read(*PayloadJson(payload)), Read(theirs)));
}

TEST(PayloadJsonTest, LooksLikeProtobufJson) {
  v1::EventPayload payload;
  v1::Graded& graded = *payload.mutable_graded();
  graded.set_answer("a1");
  graded.set_cause(v1::GRADE_CAUSE_INITIAL);
  graded.mutable_report()->set_score(0);  // set, though it is the default
  scoring::v1::ItemResult& item = *graded.mutable_report()->add_items();
  item.set_point("\"x\"\n");
  item.set_weight(1.5);
  item.set_credit(0.1);
  EXPECT_EQ(*PayloadJson(payload),
            R"({"graded":{"answer":"a1","cause":"GRADE_CAUSE_INITIAL","report":{"score":0,)"
            R"("items":[{"point":"\"x\"\n","weight":1.5,"credit":0.1}]}}})");
  v1::EventPayload created;
  created.mutable_created()->set_seed(int64_t{1} << 60);
  (*created.mutable_created()->mutable_labels())["b"] = "2";
  (*created.mutable_created()->mutable_labels())["a"] = "1";
  EXPECT_EQ(*PayloadJson(created),
            R"({"created":{"seed":"1152921504606846976","labels":{"a":"1","b":"2"}}})");
  EXPECT_EQ(*PayloadJson(v1::EventPayload()), "{}");
  // Protobuf's own writer loses this one's sign.
  v1::EventPayload negative;
  negative.mutable_graded()->mutable_report()->mutable_star()->set_weight(-0.0);
  EXPECT_TRUE(MessageDifferencer::Equals(Read(*PayloadJson(negative)), negative));
}

}  // namespace
}  // namespace greenroom::session
