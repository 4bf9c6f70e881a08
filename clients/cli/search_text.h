// Questions that were found, as a person reads them. Pure.
#ifndef GREENROOM_CLIENTS_CLI_SEARCH_TEXT_H_
#define GREENROOM_CLIENTS_CLI_SEARCH_TEXT_H_

#include <string>
#include <vector>

#include "clients/cli/ink.h"
#include "greenroom/content/v1/content_service.pb.h"

namespace greenroom::cli {

// Pack and question, the prompt, and where which word of the query was found.
std::vector<std::string> RenderSearchResult(const content::v1::SearchResult& result, const Page& page);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_SEARCH_TEXT_H_
