// FreePort: a TCP port that a test's server can listen on.
#ifndef GREENROOM_TESTS_SERVERS_FREE_PORT_H_
#define GREENROOM_TESTS_SERVERS_FREE_PORT_H_

#include <netinet/in.h>

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace greenroom {

// `address` is of four numbers.
sockaddr_in SocketAddress(const std::string& address, int port);
// 127.0.0.1:port.
sockaddr_in Loopback(int port);

// A port of 127.0.0.1 on which nothing listens, from 20000 to 31999: below the range from which the kernel
// takes the source ports of outgoing connections. So while a killed server is away nobody is given its port,
// and a client that keeps trying cannot connect to itself. Another process can take it before the caller
// does; aborts when none is free.
int FreePort();

// Waits until something accepts connections on 127.0.0.1:port. DEADLINE_EXCEEDED otherwise.
absl::Status WaitForPort(int port, absl::Duration timeout);

// Waits until nothing accepts connections there. DEADLINE_EXCEEDED otherwise.
absl::Status WaitForPortClosed(int port, absl::Duration timeout);

}  // namespace greenroom

#endif  // GREENROOM_TESTS_SERVERS_FREE_PORT_H_
