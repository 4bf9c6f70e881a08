// RedisTls: how the connections of a client speak TLS. In a build whose hiredis has none there is none to be made.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_TLS_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_TLS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/base/redis/redis_url.h"

struct redisContext;

namespace greenroom {

// Whether this build has TLS.
bool RedisHasTls();

// TLS on one connection, whose bytes hiredis reads and writes. On the thread of the connection.
class RedisTlsSession {
 public:
  virtual ~RedisTlsSession() = default;

  // Begins the handshake on a socket that is connected to the host. False where it fails at once: the context may then
  // only be freed.
  virtual bool Begin(redisContext& connected) = 0;
  // The server is trusted and is the host that was asked for. Whether it trusts us is known by its first reply only.
  virtual bool Established() const = 0;
  // To be called before hiredis reads or writes: an error that anybody left in OpenSSL's queue of this thread, a failed
  // check of a token or another connection, would be taken for one of this connection.
  virtual void BeforeIo() = 0;
  // Whether there is something to read for hiredis. What the protocol says to itself is dealt with.
  virtual bool HoldsData() = 0;
  // Why beginning, reading or writing has just failed; empty where TLS is not the reason.
  virtual std::string Failure() = 0;
};

// What all connections of a client have in common. Any thread.
class RedisTls {
 public:
  // Reads the files. INVALID_ARGUMENT names the one that cannot be used, or says that this build has no TLS.
  static absl::StatusOr<std::unique_ptr<const RedisTls>> Make(const RedisTlsFiles& files);
  virtual ~RedisTls() = default;

  // `host` is the name or address that the server's certificate must hold. Null where memory is out.
  virtual std::unique_ptr<RedisTlsSession> MakeSession(std::string host) const = 0;
};

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_TLS_H_
