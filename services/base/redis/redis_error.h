// What a Redis error reply means as an absl::Status.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_ERROR_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace greenroom {

// `text` is an error reply without its leading dash; it becomes the message, unchanged. The first word
// decides the code, as RedisClient says.
absl::Status RedisErrorToStatus(absl::string_view text);

// Whether `status` was made from a NOSCRIPT reply.
bool IsNoScript(const absl::Status& status);

// Whether `status` was made from a READONLY reply: a replica was asked to write.
bool IsReadOnly(const absl::Status& status);

namespace error {

absl::Status RedisEmptyCommand();
absl::Status RedisCommandRefused(absl::string_view command);  // it would break the shared connection
absl::Status RedisTooManyInFlight(size_t limit);
absl::Status RedisTimedOut(absl::string_view command, bool sent);
absl::Status RedisNotConnected(absl::string_view server, absl::string_view reason);
absl::Status RedisConnectionLost(absl::string_view server, absl::string_view reason);
absl::Status RedisSilent(absl::string_view server);
absl::Status RedisShuttingDown();
absl::Status RedisNotPrimary(absl::string_view role);
absl::Status RedisUnknownPrimary(absl::string_view name);  // to a sentinel
absl::Status RedisPrimaryMoved(absl::string_view from, absl::string_view to);
absl::Status RedisSlotsUnserved(size_t slots);
absl::Status RedisTooManyRedirections(int limit);
absl::Status RedisEvicts(absl::string_view server, absl::string_view policy);
absl::Status RedisTlsMissing();  // from this build; INVALID_ARGUMENT of the URL, always in the same words
absl::Status RedisTlsFile(absl::string_view option, absl::string_view file, absl::string_view reason);

}  // namespace error
}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_ERROR_H_
