// What has changed in a session, in plain words. Pure.
#ifndef GREENROOM_CLIENTS_CLI_WATCH_TEXT_H_
#define GREENROOM_CLIENTS_CLI_WATCH_TEXT_H_

#include <string>
#include <vector>

#include "greenroom/session/v1/session.pb.h"

namespace greenroom::cli {

// One sentence for each thing that `now` has and `before`, the same session earlier, had not; one that says so where
// nothing that is shown has changed.
std::vector<std::string> DescribeChanges(const session::v1::Session& before, const session::v1::Session& now);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_WATCH_TEXT_H_
