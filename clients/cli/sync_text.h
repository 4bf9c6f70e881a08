// What a sync did, as a person reads it. Pure.
#ifndef GREENROOM_CLIENTS_CLI_SYNC_TEXT_H_
#define GREENROOM_CLIENTS_CLI_SYNC_TEXT_H_

#include <string>
#include <vector>

#include "clients/cli/ink.h"
#include "greenroom/session/v1/sync.pb.h"

namespace greenroom::cli {

// One item and what became of it: "answer to overfitting: taken, sequence 4".
std::vector<std::string> RenderSyncStatus(const session::v1::OutboxItem& item,
                                          const session::v1::SyncStatus& status, const Page& page);

// Something that is not as the device knew it.
std::vector<std::string> RenderChange(const session::v1::LearnerChange& change, const Page& page);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_SYNC_TEXT_H_
