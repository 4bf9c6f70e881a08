// Questions, reveals and sessions as a person reads them. Pure.
#ifndef GREENROOM_CLIENTS_CLI_SESSION_TEXT_H_
#define GREENROOM_CLIENTS_CLI_SESSION_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cli/ink.h"
#include "google/protobuf/timestamp.pb.h"
#include "greenroom/content/v1/pack.pb.h"
#include "greenroom/session/v1/session.pb.h"

namespace greenroom::cli {

// The question with its number, kind and minutes, the tips that apply, hints taken and left.
std::vector<std::string> RenderQuestion(const session::v1::PresentedQuestion& question, const Page& page);

// The grade of an answer: its report, or why there is none yet.
std::vector<std::string> RenderGrade(const session::v1::Answer& answer, absl::string_view text,
                                     const Page& page);

// The model answer and everything that comes with it.
std::vector<std::string> RenderReveal(const session::v1::Reveal& reveal, const Page& page);

// A point that a learner may tick as said: what has no members.
struct ClaimablePoint {
  std::string id;
  std::string text;
};
// The points of `reveal` that `answer`'s current grade did not find made (all where there is no grade), in order.
std::vector<ClaimablePoint> ClaimablePoints(const session::v1::Reveal& reveal,
                                            const session::v1::Answer& answer);
// "Did you say any of these?" with the points numbered from 1.
std::vector<std::string> RenderClaimable(const std::vector<ClaimablePoint>& points, const Page& page);

// How a session went, question by question.
std::vector<std::string> RenderSessionReport(const session::v1::SessionReport& report, const Page& page);

// One session in a list.
std::vector<std::string> RenderSession(const session::v1::Session& session, const Page& page);

// One pack in a list; and with everything a learner may see of it.
std::vector<std::string> RenderPack(const content::v1::Pack& pack, const Page& page);
std::vector<std::string> RenderPackInFull(const content::v1::Pack& pack,
                                          const std::vector<content::v1::Question>& questions,
                                          const Page& page);

// "concept", "system design", "behavioural", "production"; "question" for others.
std::string KindWord(content::v1::QuestionKind kind);

// "2026-11-28 09:30", where this machine is.
std::string When(const google::protobuf::Timestamp& time);

// "again", "hard", "good", "easy"; "" where there is none.
std::string RatingWord(session::v1::Rating rating);

// "2026-01-31", as the learner's own machine counts days: what is due is told to the day.
std::string DayOf(const google::protobuf::Timestamp& time);

// The part of a resource name that follows `collection`, e.g. IdIn("tenants/a/packs/p", "packs") is "p"; "" if absent.
std::string IdIn(absl::string_view name, absl::string_view collection);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_SESSION_TEXT_H_
