// RedisClient: commands, scripts and subscriptions on one Redis, whatever its topology.
#ifndef GREENROOM_SERVICES_BASE_REDIS_REDIS_CLIENT_H_
#define GREENROOM_SERVICES_BASE_REDIS_REDIS_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/base/redis/redis_reply.h"
#include "services/base/redis/redis_script.h"
#include "services/base/task.h"

namespace greenroom {

enum class RedisSubscriptionEvent {
  // The server has confirmed the subscription, at first and after each reconnect. Messages published before
  // this, in particular while the connection was down, are lost: look at what the messages tell of.
  kSubscribed,
  kMessage,
};
// `payload` is empty with kSubscribed and lives for the call only.
using RedisSubscriber = std::function<void(RedisSubscriptionEvent event, absl::string_view payload)>;
using RedisSubscriptionId = uint64_t;

// Thread-safe. All commands share one connection per server and are pipelined: what any threads send
// meanwhile goes out in one write, and commands of one thread (awaited or not) reach the server in the order
// in which they began; but one that a cluster redirects is overtaken by those that it does not.
//
// Coroutines resume, and subscribers and observers run, on the client's loop thread. Do not block there:
// every other command and every timer waits. Do not destroy the client there either. A command refused before
// it is sent may resume on the calling thread.
//
// Errors of Command and Eval:
//   DEADLINE_EXCEEDED    no reply within the bound. The command may have taken effect, or may still.
//   UNAVAILABLE          not connected (nothing was sent); or the connection broke in mid-flight (outcome
//                        unknown: it may have taken effect); or the server cannot serve now (LOADING,
//                        READONLY, MASTERDOWN, CLUSTERDOWN, TRYAGAIN, BUSY, MISCONF, NOREPLICAS); or, in
//                        a cluster, no node is known for the key, or they redirect in circles.
//   RESOURCE_EXHAUSTED   max_in_flight commands are under way (nothing was sent), or the server's OOM.
//   CANCELLED            the client is being destroyed (outcome unknown).
//   INVALID_ARGUMENT     an empty command, or one that would break a shared connection (see Command), or one
//                        with keys in several slots of a cluster (CROSSSLOT).
//   UNAUTHENTICATED      NOAUTH, WRONGPASS.
//   PERMISSION_DENIED    NOPERM.
//   FAILED_PRECONDITION  WRONGTYPE.
//   NOT_FOUND            NOSCRIPT (Command only: Eval deals with it).
//   INTERNAL             any other error reply.
// The message of a status made from an error reply is the server's text, its code first ("WRONGTYPE Operation
// ..."). It can hold what was sent: for logs, not for clients. A missing key is a nil reply, never an error.
class RedisClient {
 public:
  // Answers every command under way with CANCELLED, once, and joins the loop thread. Commands that coroutines
  // begin as they resume from that are refused with CANCELLED. Waits for a name lookup under way, which the
  // system's resolver bounds, and for nothing else.
  virtual ~RedisClient() = default;

  // Sends `args` (the command's name first; binary safe) and yields the reply. Answered exactly once, within
  // min(deadline - now, options.command_timeout) of this call; with a deadline that has passed nothing is
  // sent. A clock that jumps meanwhile changes nothing.
  // In a cluster it goes to the node that serves its first key (see redis_slots.h), and after it where that
  // node redirects it, five times at most; without a key it goes to any node, and what it shows or changes is
  // that node's alone (but PUBLISH reaches all).
  // Refused, since all callers share the connection: (S|P)(UN)SUBSCRIBE, MONITOR, QUIT, RESET, HELLO, AUTH,
  // SELECT, MULTI, EXEC, DISCARD, WATCH, UNWATCH, (P)SYNC, CLIENT REPLY, ASKING, READONLY, READWRITE. Blocking
  // commands (BLPOP, XREAD BLOCK, WAIT) are not refused and hold up everybody: do not send them.
  virtual Task<absl::StatusOr<RedisReply>> Command(std::vector<std::string> args, absl::Time deadline) = 0;

  // Runs a script by EVALSHA, and on NOSCRIPT once by EVAL, both together within the bound of one command.
  // `script` must outlive the Task. All keys a script touches are in `keys`, and in one hash slot: a cluster
  // answers INVALID_ARGUMENT (CROSSSLOT) otherwise, and nothing was done.
  virtual Task<absl::StatusOr<RedisReply>> Eval(const RedisScript& script, std::vector<std::string> keys,
                                                std::vector<std::string> args, absl::Time deadline) = 0;

  // The run id of the server process that a command with this key would go to now; empty while it is not
  // connected. To tell whose state a reply shows use RedisReply::run_id(), which cannot be out of date.
  virtual std::string run_id(absl::string_view key) const = 0;
  // The same of a command without a key: in a cluster, of any node.
  virtual std::string run_id() const = 0;

  // OK: connected, and the server evicts nothing. FAILED_PRECONDITION: connected, but its maxmemory-policy is
  // not noeviction, so it can drop live state under memory pressure (commands are served all the same).
  // UNAVAILABLE or UNAUTHENTICATED: not connected, and why. Of a cluster it is the worst of its primaries;
  // UNAVAILABLE also where a slot is served by none, though other slots may be served well. Never blocks.
  virtual absl::Status Health() const = 0;

  // Calls `subscriber` on the loop thread for each message on `channel`, until Unsubscribe. At most once
  // delivery: messages are lost while the connection is down. Any number of subscriptions may share a
  // channel; all are carried by one connection, opened by the first and kept from then on, and resumed after
  // each reconnect. It goes to the primary that Sentinel names, and follows it; in a cluster to any primary,
  // as each tells its subscribers what is published on any other.
  virtual RedisSubscriptionId Subscribe(std::string channel, RedisSubscriber subscriber) = 0;

  // After it returns the subscriber does not run and will not run again. It waits for a call of this
  // subscriber under way, except on the loop thread: so do not hold a mutex that the subscriber takes.
  // Unknown ids are ignored.
  virtual void Unsubscribe(RedisSubscriptionId id) = 0;
};

struct RedisOptions {
  //   redis://[user[:password]@]host[:port][/db]                          one server
  //   redis+sentinel://[user[:password]@]host[:port],.../master-name[/db]  sentinels and the primary they name
  //   redis+cluster://[user[:password]@]host[:port],...                    some nodes of a cluster
  //   rediss://..., rediss+sentinel://..., rediss+cluster://...[?ca=FILE&cert=FILE&key=FILE]  the same by TLS
  // User and password percent-encoded, an IPv6 address in brackets, port 6379 (of a sentinel 26379) and
  // database 0 where absent. redis://:password@host is the password of the default user. Credentials are those
  // of the servers; sentinels are offered them too and may refuse them. One sentinel or node that answers is
  // enough, several are for when others do not. The user needs INFO, ROLE behind sentinels, CLUSTER SLOTS in a
  // cluster, of sentinels SENTINEL and SUBSCRIBE.
  //
  // With rediss every connection is TLS 1.2 or later, those to sentinels too, and nothing is ever sent in the clear. A
  // server's certificate must be vouched for by `ca` (default: by whom the system trusts) and hold the name or address
  // that the server is connected by: that of the URL, or the one by which sentinels or cluster nodes name it (its
  // address, unless told to announce host names). `cert` is shown to servers that ask for a certificate, with `key`,
  // which has no passphrase. The files are PEM, their names percent-encoded (and a ? in user or password too), and read
  // once, by MakeRedisClient. A server that is not trusted is UNAVAILABLE, with the reason, and tried again like one
  // that is away.
  std::string url = "redis://127.0.0.1:6379";

  absl::Duration command_timeout = absl::Milliseconds(50);  // the bound of every command
  size_t max_in_flight = 16384;  // commands queued or without a reply, those that timed out included

  absl::Duration connect_timeout = absl::Seconds(1);  // of one address: connect, AUTH, SELECT, ROLE, INFO
  // After the nth failure in a row, or a loss (n = 1), the next attempt follows after a random time between
  // one half and the whole of min(backoff_max, backoff_initial * 2^(n-1)). Meanwhile commands fail at once;
  // only during the very first attempt (of each node, in a cluster) do they wait, up to their bound. A
  // cluster's map of slots is renewed backoff_max after the last renewal, at the earliest.
  absl::Duration backoff_initial = absl::Milliseconds(20);
  absl::Duration backoff_max = absl::Milliseconds(500);
  // A connection on which a command times out and no reply at all has come for this long is dropped and
  // remade. Replies that come, however late, keep it.
  absl::Duration dead_peer_timeout = absl::Milliseconds(500);
  // How often a silent subscriber connection is probed; it is dropped when the probe has no answer for as
  // long again.
  absl::Duration subscriber_heartbeat = absl::Seconds(2);

  bool require_noeviction = true;  // whether Health() reports another maxmemory-policy

  // Observers: run on the loop thread (on_command of a refused command: on the caller's), must not block or
  // throw. Each command's name in upper case ("EVALSHA"), time from call to answer, and outcome, once.
  std::function<void(absl::string_view command, absl::Duration latency, absl::StatusCode code)> on_command;
  // After each connect, failed attempt and loss of a connection, what it left: OK, or why not. `role` is
  // "commands" (then the status is what Health() says, of this one server), "subscriber", or "sentinel" (the
  // connection that listens for a change of the primary). Never holds a password.
  std::function<void(absl::string_view role, const absl::Status& status)> on_connection;

  // Injected by tests. `uniform` yields numbers in [0, 1) and is called on the loop thread only; by default a
  // generator seeded from the system. `now` is what deadlines are compared with.
  std::function<double()> uniform;
  std::function<absl::Time()> now = absl::Now;

  // INVALID_ARGUMENT, naming the field. A rediss URL is refused where this build has no TLS (RedisHasTls).
  absl::Status Validate() const;
};

// A client of what options.url names. Starts connecting at once and returns without waiting: an unreachable
// server is seen in Health() and in the answers to commands. Fails as options.Validate() does, or with
// INVALID_ARGUMENT naming a file for TLS that cannot be used, or with INTERNAL when the system refuses a thread or
// descriptor.
absl::StatusOr<std::unique_ptr<RedisClient>> MakeRedisClient(RedisOptions options);

}  // namespace greenroom

#endif  // GREENROOM_SERVICES_BASE_REDIS_REDIS_CLIENT_H_
