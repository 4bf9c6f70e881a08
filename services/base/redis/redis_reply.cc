#include "services/base/redis/redis_reply.h"

#include "absl/strings/str_cat.h"

namespace greenroom {

RedisReply RedisReply::Integer(int64_t value) {
  RedisReply reply;
  reply.kind_ = Kind::kInteger;
  reply.integer_ = value;
  return reply;
}

RedisReply RedisReply::String(std::string value) {
  RedisReply reply;
  reply.kind_ = Kind::kString;
  reply.string_ = std::move(value);
  return reply;
}

RedisReply RedisReply::Array(std::vector<RedisReply> elements) {
  RedisReply reply;
  reply.kind_ = Kind::kArray;
  reply.elements_ = std::move(elements);
  return reply;
}

RedisReply RedisReply::Error(std::string text) {
  RedisReply reply;
  reply.kind_ = Kind::kError;
  reply.string_ = std::move(text);
  return reply;
}

const RedisReply& RedisReply::operator[](size_t i) const {
  static const RedisReply& nil = *new RedisReply();
  return i < elements_.size() ? elements_[i] : nil;
}

absl::Status RedisReply::Expect(Kind kind) const {
  if (kind_ == kind) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("redis answered ", RedisReplyKindName(kind_), " where ",
                                          RedisReplyKindName(kind), " was expected"));
}

RedisReply RedisReply::WithRunId(std::shared_ptr<const std::string> run_id) && {
  run_id_ = std::move(run_id);
  return std::move(*this);
}

absl::string_view RedisReplyKindName(RedisReply::Kind kind) {
  switch (kind) {
    case RedisReply::Kind::kNil:
      return "nil";
    case RedisReply::Kind::kInteger:
      return "integer";
    case RedisReply::Kind::kString:
      return "string";
    case RedisReply::Kind::kArray:
      return "array";
    case RedisReply::Kind::kError:
      return "error";
  }
  return "unknown";
}

}  // namespace greenroom
