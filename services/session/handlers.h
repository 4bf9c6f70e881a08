// Handlers: what each RPC of SessionService does, once the wrapper has let the call in.
#ifndef GREENROOM_SERVICES_SESSION_HANDLERS_H_
#define GREENROOM_SERVICES_SESSION_HANDLERS_H_

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/session_service.pb.h"
#include "services/base/call.h"
#include "services/base/clock.h"
#include "services/base/rng.h"
#include "services/base/rpc_stream.h"
#include "services/base/task.h"
#include "services/session/assignments/assignment_store.h"
#include "services/session/assignments/open_exams.h"
#include "services/session/domain/fold.h"
#include "services/session/domain/shut_packs.h"
#include "services/session/domain/views.h"
#include "services/session/due_questions.h"
#include "services/session/ledger.h"
#include "services/session/live/live_store.h"
#include "services/session/live/wakeups.h"
#include "services/session/log/event_log.h"
#include "services/session/memory_deriver.h"
#include "services/session/peers/catalogue.h"
#include "services/session/peers/grader.h"
#include "services/session/question_selector.h"
#include "services/session/requests.h"
#include "services/session/session_metrics.h"
#include "services/session/sync_cursor.h"

namespace greenroom::session {

struct WatchOptions {
  absl::Duration heartbeat = absl::Seconds(25);  // a watcher is sent something at least this often
  absl::Duration longest = absl::Seconds(100);  // then the stream ends with OK, and the client begins another

  absl::Status Validate() const;
};

// What the handlers work with. All of it must outlive them.
struct SessionParts {
  Ledger& ledger;
  EventLog& log;
  LiveStore& live;
  Catalogue& catalogue;
  Grader& grader;
  const Clock& clock;
  Rng& rng;
  SessionMetrics& metrics;
  Wakeups& wakeups;
  WatchOptions watch;
  std::stop_token draining;  // the server is about to end: so do watches
  AssignmentStore& assignments;
  OpenExams& open_exams;
  MemoryDeriver& deriver;
  DueQuestions* due = nullptr;           // absent: a review needs explicit questions
  QuestionSelector* selector = nullptr;  // absent: of more that fit the first are asked
};

// Thread-safe. Call and request must live until the Task has ended.
class Handlers {
 public:
  explicit Handlers(SessionParts parts) : parts_(std::move(parts)) {}

  Task<absl::StatusOr<v1::CreateSessionResponse>> CreateSession(Call& call,
                                                                const v1::CreateSessionRequest& request);
  Task<absl::StatusOr<v1::Session>> GetSession(Call& call, const v1::GetSessionRequest& request);
  Task<absl::StatusOr<v1::ListSessionsResponse>> ListSessions(Call& call,
                                                              const v1::ListSessionsRequest& request);
  Task<absl::StatusOr<v1::PresentedQuestion>> NextQuestion(Call& call,
                                                           const v1::NextQuestionRequest& request);
  Task<absl::StatusOr<v1::SaveDraftResponse>> SaveDraft(Call& call, const v1::SaveDraftRequest& request);
  Task<absl::StatusOr<v1::SubmitAnswerResponse>> SubmitAnswer(Call& call,
                                                              const v1::SubmitAnswerRequest& request);
  Task<absl::StatusOr<v1::Answer>> GetAnswer(Call& call, const v1::GetAnswerRequest& request);
  Task<absl::StatusOr<v1::ListAnswersResponse>> ListAnswers(Call& call,
                                                            const v1::ListAnswersRequest& request);
  Task<absl::StatusOr<v1::TakeHintResponse>> TakeHint(Call& call, const v1::TakeHintRequest& request);
  Task<absl::StatusOr<v1::RevealAnswerResponse>> RevealAnswer(Call& call,
                                                              const v1::RevealAnswerRequest& request);
  Task<absl::StatusOr<v1::RateAnswerResponse>> RateAnswer(Call& call, const v1::RateAnswerRequest& request);
  Task<absl::StatusOr<v1::SkipQuestionResponse>> SkipQuestion(Call& call,
                                                              const v1::SkipQuestionRequest& request);
  Task<absl::StatusOr<v1::PauseSessionResponse>> PauseSession(Call& call,
                                                              const v1::PauseSessionRequest& request);
  Task<absl::StatusOr<v1::ResumeSessionResponse>> ResumeSession(Call& call,
                                                                const v1::ResumeSessionRequest& request);
  Task<absl::StatusOr<v1::FinishSessionResponse>> FinishSession(Call& call,
                                                                const v1::FinishSessionRequest& request);
  Task<absl::StatusOr<v1::SyncLearnerResponse>> SyncLearner(Call& call,
                                                            const v1::SyncLearnerRequest& request);
  Task<absl::StatusOr<v1::SessionReport>> GetSessionReport(Call& call,
                                                           const v1::GetSessionReportRequest& request);
  Task<absl::Status> WatchSession(Call& call, const v1::WatchSessionRequest& request,
                                  ServerWriter<v1::WatchSessionResponse>& writer);

 private:
  // A question of the session's revision, FULL.
  struct PlannedQuestion {
    std::shared_ptr<const RevisionContent> revision;
    const content::v1::Question* question = nullptr;  // of `revision`
  };

  // Finds the content of a question that the plan holds; leaves `found` empty where the plan does not hold it.
  Task<absl::Status> FindContent(Call& call, SessionKey key, const v1::LiveState& state, std::string question,
                                 PlannedQuestion& found);
  // The same of what would help with an exam on the pack: EXAM_OPEN.
  Task<absl::Status> FindToShow(Call& call, const Target& target, const v1::LiveState& state,
                                std::string question, PlannedQuestion& found);
  // Says which revision the pack has now, where it is not the session's and the catalogue tells. Always OK.
  Task<absl::Status> AddNewerRevision(Call& call, LearnerKey learner, v1::Session& session);
  // The session as a watcher is shown it; reflects at least `seen_sequence`. `by_the_clock` asks the log whether it has
  // more than anybody has told.
  Task<absl::StatusOr<v1::Session>> LookAt(Call& call, const Target& target, int64_t seen_sequence,
                                           bool by_the_clock);
  // What an answer is graded with now; nullopt where the grade is to come. With `revision`, finds that too where the
  // answer missed something, as its follow-ups are looked for there: the two are recorded together or not yet.
  Task<std::optional<v1::EventPayload>> GradeNow(Call& call, LearnerKey learner, std::string answer,
                                                 std::string question_name, std::string text,
                                                 std::shared_ptr<const RevisionContent>* revision);
  // Whether `answer` is an answer to the question in the session: OK or ANSWER_NOT_FOUND.
  Task<absl::Status> CheckAnswer(Call& call, const SessionKey& key, std::string answer, std::string question,
                                 std::string name);
  // The reply of a submit that had been carried out before.
  Task<absl::StatusOr<v1::Answer>> ReplayedAnswer(Call& call, const Target& target, const Event& event);
  // The report with prompts where the catalogue gives them in time.
  Task<v1::SessionReport> Report(Call& call, const SessionKey& key, const SessionFold& fold, Reader reader);
  Task<absl::StatusOr<v1::SessionReport>> ReportAsOf(Call& call, const Target& target, int64_t finish_seq);
  // Whether a session may have begun offline as it did: OK, MODE_FORBIDS, REVISION_NOT_FOUND, QUESTION_NOT_FOUND.
  Task<absl::Status> AdmitOffline(Call& call, const Event& begin);
  // The session up to an event, with the grades now current: what every reply about that event is made from.
  Task<absl::StatusOr<SessionFold>> FoldUpTo(Call& call, const Target& target, int64_t seq);
  // The session as it stands after a write that was carried out, now or before.
  Task<absl::StatusOr<v1::Session>> SessionAfter(Call& call, const Target& target,
                                                 const WriteOutcome& outcome);
  // Lets the time of a question run that its session times, unless it does: the session's state then.
  Task<absl::StatusOr<v1::LiveState>> StartQuestion(Call& call, const Target& target, std::string question,
                                                    v1::LiveState state);
  // The ids of the questions that a new session asks, in order; empty where no question meets what is asked for.
  Task<absl::StatusOr<std::vector<std::string>>> ChooseQuestions(
      Call& call, const v1::CreateSessionRequest& request, const LearnerKey& learner, const Source& source,
      const RevisionContent& content, int64_t seed);
  // The plan and what it was made from. With an assignment, which is then the request's: that pack may be an exam's.
  Task<absl::StatusOr<v1::Created>> PlanSession(Call& call, const v1::CreateSessionRequest& request,
                                                LearnerKey learner, Source source,
                                                const v1::Assignment* assignment);
  // The assignment, if it is set for the learner: ASSIGNMENT_NOT_FOUND; and open: ASSIGNMENT_CLOSED.
  Task<absl::StatusOr<v1::Assignment>> FindAssignment(Call& call, LearnerKey learner, std::string name);
  // OK, or ATTEMPTS_EXHAUSTED where the learner has made as many sessions of the assignment as may be.
  Task<absl::Status> CheckSessionsLeft(Call& call, LearnerKey learner, const v1::Assignment& assignment);
  // OK, or EXAM_OPEN where the learner has an open exam on the revision's pack that is another session than this.
  Task<absl::Status> CheckNoExam(Call& call, SessionKey session, std::string revision);
  // The same of a fold that a reader is to be told of.
  Task<absl::Status> CheckShown(Call& call, const Target& target, const v1::LiveState& state);
  // What the learner's open exams keep shut for who is told of `target`: looked up only of learners who may have one.
  Task<absl::StatusOr<ShutPacks>> ShutFor(Call& call, const Target& target);
  // Leaves the scores out of a session that an open exam keeps shut.
  Task<absl::Status> WithholdScores(Call& call, const Target& target, v1::Session& session);
  // Where changes were given without what an exam kept shut, and none is open any more, moves the cursor back to them.
  Task<absl::Status> GoBackToWithheld(Call& call, const Target& target, SyncCursor& cursor);
  // Leaves out of changes behind `known` what an open exam keeps shut, and notes it in the cursor, which stands behind them.
  Task<absl::Status> WithholdChanges(Call& call, const Target& target, const SyncCursor& known,
                                     SyncCursor& cursor, v1::SyncLearnerResponse& response);
  // Of a session of the learner's, by its name.
  Task<absl::StatusOr<bool>> IsShutSession(Call& call, const Target& target, const ShutPacks& shut,
                                           std::string name);

  const SessionParts parts_;
};

}  // namespace greenroom::session

#endif  // GREENROOM_SERVICES_SESSION_HANDLERS_H_
