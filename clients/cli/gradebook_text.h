// What the grade book holds, as staff read it. Pure.
#ifndef GREENROOM_CLIENTS_CLI_GRADEBOOK_TEXT_H_
#define GREENROOM_CLIENTS_CLI_GRADEBOOK_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cli/ink.h"
#include "greenroom/session/v1/gradebook_service.pb.h"

namespace greenroom::cli {

// A regrade: what it is about, how far it is, and what to do next.
std::vector<std::string> RenderRegrade(const session::v1::Regrade& regrade, const Page& page);

// One regrade in a list: its id, what it is about and how it stands.
std::vector<std::string> RenderListedRegrade(const session::v1::Regrade& regrade, const Page& page);

// One answer whose grade changes: "40 -> 75  overfitting  learners/..."
std::vector<std::string> RenderChange(const session::v1::RegradeChange& change, const Page& page);

// One thing to look at.
std::vector<std::string> RenderReviewItem(const session::v1::ReviewItem& item, const Page& page);

// How a question is answered, or why nothing is told of it.
std::vector<std::string> RenderStats(const session::v1::QuestionStats& stats, const Page& page);

// A name without its tenant, as commands take it: "learners/ada/sessions/..."
std::string WithoutTenant(absl::string_view name);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_GRADEBOOK_TEXT_H_
