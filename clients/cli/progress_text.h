// Progress, due questions and settings as a person reads them. Pure.
#ifndef GREENROOM_CLIENTS_CLI_PROGRESS_TEXT_H_
#define GREENROOM_CLIENTS_CLI_PROGRESS_TEXT_H_

#include <string>
#include <vector>

#include "clients/cli/ink.h"
#include "greenroom/session/v1/progress_service.pb.h"

namespace greenroom::cli {

// Readiness, a bar for each topic with what holds it down, streak, and a calendar of what is due.
std::vector<std::string> RenderProgress(const session::v1::Progress& progress, const Page& page);

// A line for each question that was met: how often, what was gained, when it is due.
std::vector<std::string> RenderHistory(const session::v1::Progress& progress, const Page& page);

// How well recall was predicted; no lines where nothing was.
std::vector<std::string> RenderCalibration(const session::v1::Calibration& calibration, const Page& page);

// One question that is due.
std::vector<std::string> RenderDueQuestion(const session::v1::DueQuestion& question, const Page& page);
// What the day holds in all.
std::vector<std::string> RenderDueTotals(const session::v1::ListDueQuestionsResponse& due, const Page& page);

// All settings, with what stands where nothing was set.
std::vector<std::string> RenderSettings(const session::v1::LearnerSettings& settings, const Page& page);

// So many cells of '#' for a share of 0 to 1, the rest of '.'.
std::string Bar(double share, int cells);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_PROGRESS_TEXT_H_
