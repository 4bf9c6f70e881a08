// ShutPacks: the packs that a learner has an exam open on, and what of other replies is left out for that long.
#ifndef GREENROOM_SERVICES_SESSION_DOMAIN_SHUT_PACKS_H_
#define GREENROOM_SERVICES_SESSION_DOMAIN_SHUT_PACKS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "greenroom/session/v1/privacy.pb.h"
#include "greenroom/session/v1/session.pb.h"

namespace greenroom::session {

// An exam that is not finished.
struct OpenExam {
  std::string session;  // its id
  std::string pack;     // full name

  friend bool operator==(const OpenExam&, const OpenExam&) = default;
};

// What is said of a shut pack's sessions is what the learner did, and not how good it was nor what would have been: they
// may have it graded meanwhile, by a device that synchronises. The exam itself is not of them: it tells nothing anyway.
class ShutPacks {
 public:
  ShutPacks() = default;  // none is
  explicit ShutPacks(std::vector<OpenExam> exams) : exams_(std::move(exams)) {}

  bool empty() const { return exams_.empty(); }
  // By the pack's full name.
  bool Shuts(absl::string_view pack) const;
  // Whether a session (by its id) of that revision (by its full name) is one to leave things out of.
  bool ShutsSession(absl::string_view session, absl::string_view revision) const;

  // Of one that ShutsSession, leaves the scores out; else does nothing. True: it was one.
  bool Withhold(v1::Session& session) const;

 private:
  std::vector<OpenExam> exams_;
};

// Of a session that is shut, leaves out what its answers' grades say, but for where they stand.
void WithholdGrades(v1::Answer& answer);
// The same, and the points that the learner ticked, whose ids say something of the answer.
void WithholdGrades(v1::ExportedEvent& event);

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_DOMAIN_SHUT_PACKS_H_
