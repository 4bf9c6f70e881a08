// A practice session or a mock interview in the terminal.
#ifndef GREENROOM_CLIENTS_CLI_PRACTICE_H_
#define GREENROOM_CLIENTS_CLI_PRACTICE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/draft_keeper.h"
#include "clients/cli/home.h"
#include "clients/cli/invocation.h"
#include "clients/cli/outbox.h"
#include "clients/cli/peer.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"

namespace greenroom::cli {

struct PracticeOptions {
  std::string pack;      // its id
  std::string question;  // begin with this one; empty: the next open one
  bool fresh = false;    // begin a new session even where an open one could go on
  int count = 0;         // of a new session: so many questions, which the server selects; 0: all
  // Of a new session: whether its prompts vary; nullopt: they do where the learner has had a session of the pack and no
  // certain question is asked for.
  std::optional<bool> vary;
  bool follow_ups = true;  // of a new session
  bool confidence = true;  // ask how sure the person is, in a terminal
  bool review = false;     // of what is due, instead of the whole pack
  bool mock = false;       // a mock interview: the server times it
  std::string assignment;  // of a mock: the id of the assignment that it is made of; empty: none
  bool exam = false;       // and that assignment is an exam
  // Of a new mock; zero: what its questions' minutes make.
  absl::Duration time_limit = absl::ZeroDuration();
  absl::Duration question_time_limit = absl::ZeroDuration();
};

// Talks a person (or a script) through a session. Goes on with the learner's newest open session of the pack that has a
// question left (or holds the one wished for), or begins one. What was being sent when an earlier run broke off, in
// whatever session, is sent again first, under its id.
class Practice {
 public:
  // `invocation` and `peer` are borrowed.
  Practice(const Invocation& invocation, Peer& peer, PracticeOptions options);

  // Until the person leaves, the session is finished, or a call fails for good. The exit code.
  absl::StatusOr<int> Run();

 private:
  // What comes after a question.
  enum class Then { kNext, kAgain, kQuit, kFinish, kInterrupted };

  absl::Status OpenSession();
  absl::StatusOr<bool> ResumeSession();
  absl::Status CreateSession();
  session::v1::SessionMode Mode() const;
  // Whether a new session's prompts vary.
  absl::StatusOr<bool> Varies();

  absl::StatusOr<Then> AskQuestion(const session::v1::PresentedQuestion& question);
  absl::StatusOr<std::optional<Then>> Command(const std::string& command,
                                              const session::v1::PresentedQuestion& question,
                                              const std::string& text);
  absl::StatusOr<Then> Menu(const session::v1::PresentedQuestion& question);
  absl::StatusOr<Then> NothingLeft();
  // Of a mock: the session's report, when the server has ended it.
  absl::StatusOr<int> TellEnd();
  // What goes on with the session, less the program's name.
  std::string CommandLine() const;
  absl::Status Pause();
  absl::Status Unpause();
  // "7:05" of the time that is left of the question's, else of the session's; empty where there is no limit.
  std::string TimeLeft() const;
  // Before each line of an answer, in a mock.
  void CountDown();

  // OK with nothing: the server refused it for a reason that was told, and the text is still a draft.
  absl::StatusOr<bool> Submit(const session::v1::PresentedQuestion& question, const std::string& text,
                              session::v1::Confidence confidence);
  // Asks how sure the person is, before the score is seen. What comes instead of sending, where they leave.
  std::optional<Then> AskConfidence(session::v1::Confidence& confidence);
  absl::Status TakeHint(const std::string& question);
  absl::StatusOr<std::optional<Then>> Reveal(const std::string& question);
  absl::StatusOr<std::optional<Then>> Rate(const std::string& question, const session::v1::Reveal& reveal);
  absl::Status Skip(const std::string& question);
  absl::Status Finish();

  // Tells a refusal that the conversation can go on after; other errors come back.
  absl::Status Tolerate(const absl::Status& status);
  void Prompt(absl::string_view text);

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (SessionStub::*method)(grpc::ClientContext*, const Request&,
                                                                    Response*),
                                const Request& request) {
    return peer_.Call(*stub_, method, request);
  }

  static constexpr char kDevice[] = "cli";

  const Invocation& invocation_;
  Terminal& terminal_;
  Peer& peer_;
  const PracticeOptions options_;
  const std::unique_ptr<SessionStub> stub_;
  std::string session_;  // its name
  int64_t seen_ = 0;     // the highest sequence seen: reads reflect at least that
  Outbox outbox_;
  std::optional<KeptText> kept_;
  std::optional<DraftKeeper> draft_;
  std::optional<session::v1::Answer> answer_;  // the last one to the question at hand
  absl::Time shown_time_;
  absl::Duration shown_at_;  // on the monotonic clock
  absl::Duration ended_at_;  // when the answer was done, before anything else was asked
  absl::Time session_deadline_ = absl::InfiniteFuture();   // by the server's clock
  absl::Time question_deadline_ = absl::InfiniteFuture();  // of the question at hand
  bool paused_ = false;
  bool time_was_up_ = false;  // when something was last sent
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_PRACTICE_H_
