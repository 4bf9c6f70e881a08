// ScriptedServer: a TCP server that says what a test tells it to, byte by byte if need be.
#ifndef GREENROOM_TESTS_SERVERS_SCRIPTED_SERVER_H_
#define GREENROOM_TESTS_SERVERS_SCRIPTED_SERVER_H_

#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace greenroom {

// Listens on a free port of 127.0.0.1 and runs `serve` for each connection on a thread of its own; the
// connection is closed when it returns. At its end it shuts all connections down and waits for the threads.
class ScriptedServer {
 public:
  class Peer {
   public:
    explicit Peer(int fd) : fd_(fd) {}
    // The next RESP command; nothing when the other side has closed.
    std::optional<std::vector<std::string>> ReadCommand();
    bool Write(absl::string_view bytes);
    bool WriteByteByByte(absl::string_view bytes);  // one segment each
    void WaitForClose();                            // reads and forgets

   private:
    bool ReadByte(char* byte);
    std::optional<std::string> ReadLine();
    const int fd_;
  };

  // `number` counts the connections from 0.
  explicit ScriptedServer(std::function<void(Peer& peer, int number)> serve);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }
  std::string url() const;
  int connections() const;  // accepted so far

 private:
  void Accept();

  const std::function<void(Peer&, int)> serve_;
  int listener_ = -1;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<int> open_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

// Answers what a RedisClient asks of a server as it connects (INFO server, INFO memory). False when it went
// away.
bool ServeRedisHandshake(ScriptedServer::Peer& peer, absl::string_view run_id = "scripted");

// A RESP bulk string.
std::string RedisBulk(absl::string_view content);

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_SCRIPTED_SERVER_H_
