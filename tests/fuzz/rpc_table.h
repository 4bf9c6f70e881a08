// All RPCs of all services, from their tables of methods.
#ifndef GREENROOM_TESTS_FUZZ_RPC_TABLE_H_
#define GREENROOM_TESTS_FUZZ_RPC_TABLE_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace greenroom::fuzz {

struct Rpc {
  std::string full_name;  // "greenroom.content.v1.ContentService/GetPack"
  const google::protobuf::MethodDescriptor* method;

  bool streams() const { return method->client_streaming() || method->server_streaming(); }
  std::unique_ptr<google::protobuf::Message> NewRequest() const;
  std::unique_ptr<google::protobuf::Message> NewReply() const;
};

// In an order that stays as RPCs are added, so that the corpus keeps its meaning: those of kRpcOrder, then new ones by
// name. Dies where a table has a method that no .proto has.
const std::vector<Rpc>& AllRpcs();
// `byte` modulo their number.
const Rpc& RpcOf(uint8_t byte);

// The RPCs whose place is fixed. Append new ones, and remove none.
extern const std::vector<absl::string_view> kRpcOrder;

}  // namespace greenroom::fuzz

#endif  // GREENROOM_TESTS_FUZZ_RPC_TABLE_H_
