// The directory in which the CLI finds and keeps things between runs: $GREENROOM_HOME, else ~/.greenroom.
//   keys/signing.jwk                   a signing key, where this machine makes its own tokens
//   {content,session,scoring}.ports    where deploy/run's services listen
//   practice/SESSION/QUESTION.draft    text typed and not sent
//   practice/SESSION/ANSWER.sending    an answer on its way
#ifndef GREENROOM_CLIENTS_CLI_HOME_H_
#define GREENROOM_CLIENTS_CLI_HOME_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cli/invocation.h"
#include "greenroom/session/v1/session_service.pb.h"

namespace greenroom::cli {

class Home {
 public:
  explicit Home(const Invocation& invocation);

  const std::string& path() const { return path_; }
  std::string KeyPath() const;
  // "127.0.0.1:PORT" of a service that runs from this directory; "" where there is none.
  std::string Address(absl::string_view service) const;

 private:
  std::string path_;
};

// What was typed in one session and has not arrived. Every change is in the file system when a call returns, so it
// survives the end of this process, however it ends. Only one process practises a session at a time.
class KeptText {
 public:
  KeptText(const Home& home, absl::string_view session_id);

  struct Draft {
    std::string text;
    absl::Time time;
  };
  // Nothing where there is no draft.
  std::optional<Draft> LoadDraft(absl::string_view question) const;
  // Empty text removes the draft.
  absl::Status SaveDraft(absl::string_view question, absl::string_view text);

  // Before an answer is sent, and after its acknowledgement.
  absl::Status BeginSending(const session::v1::SubmitAnswerRequest& request);
  void EndSending(const session::v1::SubmitAnswerRequest& request);
  // Where it is kept, for telling.
  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
};

// An answer whose acknowledgement never came.
struct UnsentAnswer {
  std::string session;  // its id
  session::v1::SubmitAnswerRequest request;
};
// Of all sessions, oldest first. Files that cannot be read are left alone.
std::vector<UnsentAnswer> UnsentAnswers(const Home& home);

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_HOME_H_
