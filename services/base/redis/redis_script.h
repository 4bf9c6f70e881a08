// RedisScript: a Lua script and its name on the server.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_SCRIPT_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_SCRIPT_H_

#include <string>

namespace greenroom {

// Immutable. Make one of each script, for the life of the process or of the adapter that runs it.
class RedisScript {
 public:
  explicit RedisScript(std::string body);

  const std::string& body() const { return body_; }
  // SHA-1 of the body in lower-case hex, which is what EVALSHA takes.
  const std::string& sha1() const { return sha1_; }

 private:
  std::string body_;
  std::string sha1_;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_SCRIPT_H_
