// RedisReply: what a Redis server answered, as a value.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_REPLY_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_REPLY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace greenroom {

// A copyable value, safe to use from any thread once it has been handed over. Strings are binary safe.
class RedisReply {
 public:
  enum class Kind {
    kNil,      // no value: a missing key or field, Lua false and nil
    kInteger,  //
    kString,   // bulk and status replies alike ("OK")
    kArray,    //
    kError,    // only inside an array: a top-level error is the command's absl::Status
  };

  RedisReply() = default;  // nil
  static RedisReply Nil() { return {}; }
  static RedisReply Integer(int64_t value);
  static RedisReply String(std::string value);
  static RedisReply Array(std::vector<RedisReply> elements);
  static RedisReply Error(std::string text);

  Kind kind() const { return kind_; }
  bool is_nil() const { return kind_ == Kind::kNil; }

  // The value of its kind, and 0 or empty for any other kind: these never fail. Where the difference matters,
  // ask kind() or Expect() first. str() is also the text of a kError.
  int64_t integer() const { return integer_; }
  const std::string& str() const& { return string_; }
  std::string str() && { return std::move(string_); }
  const std::vector<RedisReply>& elements() const& { return elements_; }
  std::vector<RedisReply> elements() && { return std::move(elements_); }
  // The i-th element; a nil reply where there is none.
  const RedisReply& operator[](size_t i) const;

  // OK if the reply is of this kind; otherwise INTERNAL, naming both kinds and no data.
  absl::Status Expect(Kind kind) const;

  // The run id (INFO server, 40 hex digits) of the server process this reply came from. A server that
  // restarts has another. Never empty on a reply of a RedisClient; empty on elements of an array and on
  // replies made by hand.
  absl::string_view run_id() const { return run_id_ == nullptr ? absl::string_view() : *run_id_; }
  RedisReply WithRunId(std::shared_ptr<const std::string> run_id) &&;

  // Same kind and content; the run id is not compared.
  friend bool operator==(const RedisReply& a, const RedisReply& b) {
    return a.kind_ == b.kind_ && a.integer_ == b.integer_ && a.string_ == b.string_ &&
           a.elements_ == b.elements_;
  }

 private:
  Kind kind_ = Kind::kNil;
  int64_t integer_ = 0;
  std::string string_;
  std::vector<RedisReply> elements_;
  std::shared_ptr<const std::string> run_id_;  // shared by all replies of one connection
};

// "nil", "integer", "string", "array", "error".
absl::string_view RedisReplyKindName(RedisReply::Kind kind);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_REPLY_H_
