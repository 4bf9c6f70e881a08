#include "tests/servers/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/servers/free_port.h"

namespace greenroom {

bool ScriptedServer::Peer::ReadByte(char* byte) { return recv(fd_, byte, 1, 0) == 1; }

std::optional<std::string> ScriptedServer::Peer::ReadLine() {
  std::string line;
  char byte;
  while (ReadByte(&byte)) {
    line += byte;
    if (line.size() >= 2 && line.compare(line.size() - 2, 2, "\r\n") == 0)
      return line.substr(0, line.size() - 2);
  }
  return std::nullopt;
}

std::optional<std::vector<std::string>> ScriptedServer::Peer::ReadCommand() {
  const std::optional<std::string> header = ReadLine();
  int count = 0;
  if (!header.has_value() || header->empty() || !absl::SimpleAtoi(header->substr(1), &count))
    return std::nullopt;
  std::vector<std::string> args;
  for (int i = 0; i < count; ++i) {
    const std::optional<std::string> size = ReadLine();
    int bytes = 0;
    if (!size.has_value() || size->empty() || !absl::SimpleAtoi(size->substr(1), &bytes)) return std::nullopt;
    std::string arg(static_cast<size_t>(bytes) + 2, '\0');
    for (char& byte : arg) {
      if (!ReadByte(&byte)) return std::nullopt;
    }
    arg.resize(static_cast<size_t>(bytes));
    args.push_back(std::move(arg));
  }
  return args;
}

bool ScriptedServer::Peer::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool ScriptedServer::Peer::WriteByteByByte(absl::string_view bytes) {
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (!Write(bytes.substr(i, 1))) return false;
    std::this_thread::yield();
  }
  return true;
}

void ScriptedServer::Peer::WaitForClose() {
  char byte;
  while (ReadByte(&byte)) {
  }
}

ScriptedServer::ScriptedServer(std::function<void(Peer&, int)> serve)
    : serve_(std::move(serve)), port_(FreePort()) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 64) != 0) {
    std::perror("ScriptedServer");
    std::abort();
  }
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);  // wakes accept
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  acceptor_.join();
  close(listener_);
  {
    absl::MutexLock lock(&mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
}

void ScriptedServer::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    absl::MutexLock lock(&mutex_);
    if (stopping_ || fd < 0) {
      if (fd >= 0) close(fd);
      return;
    }
    open_.push_back(fd);
    threads_.emplace_back([this, fd, number = accepted_++] {
      Peer peer(fd);
      serve_(peer, number);
      absl::MutexLock closing(&mutex_);
      open_.erase(std::find(open_.begin(), open_.end(), fd));
      close(fd);
    });
  }
}

std::string ScriptedServer::url() const { return absl::StrCat("redis://127.0.0.1:", port_); }

int ScriptedServer::connections() const {
  absl::MutexLock lock(&mutex_);
  return accepted_;
}

bool ServeRedisHandshake(ScriptedServer::Peer& peer, absl::string_view run_id) {
  return peer.ReadCommand().has_value() &&
         peer.Write(RedisBulk(absl::StrCat("# Server\r\nrun_id:", run_id, "\r\n"))) &&
         peer.ReadCommand().has_value() &&
         peer.Write(RedisBulk("# Memory\r\nmaxmemory_policy:noeviction\r\n"));
}

std::string RedisBulk(absl::string_view content) {
  return absl::StrCat("$", content.size(), "\r\n", content, "\r\n");
}

}  // namespace greenroom
