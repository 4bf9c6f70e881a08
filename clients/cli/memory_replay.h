// What a learner would remember: reviews in, memories out, without a server.
//
// A line is an object with "reviews", a list of [days since the review before, rating 1 to 4] of one item in order (the
// days of the first are not looked at), and, if they are not the default ones, "weights", a list of 21 numbers. Its reply
// is a list of [stability, difficulty], one for each review. A line that cannot be replayed is answered with
// {"line": number from 1, "error": "..."}.
#ifndef GREENROOM_CLIENTS_CLI_MEMORY_REPLAY_H_
#define GREENROOM_CLIENTS_CLI_MEMORY_REPLAY_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace greenroom::cli {

struct ReplayReply {
  std::string json;  // one line without its newline; numbers as exact as they are
  bool replayed = false;
};

ReplayReply ReplayReviews(absl::string_view line, size_t line_number);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_MEMORY_REPLAY_H_
