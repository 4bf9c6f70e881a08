// A message as bytes that depend on nothing but what it says.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_CANONICAL_JSON_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_CANONICAL_JSON_H_

#include <google/protobuf/message.h>

#include <string>

namespace greenroom::content {

// `message` as JSON: field names of the proto, keys sorted by their bytes, no space between tokens, strings in Unicode
// NFC, absent fields left out, numbers in the shortest form that reads back the same, enums by name. Bytes that are not
// UTF-8 become U+FFFD. The fields are strings, enums, messages, maps from strings, int32, bool and double; any other
// type ends the process.
std::string CanonicalJsonOf(const google::protobuf::Message& message);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_CANONICAL_JSON_H_
