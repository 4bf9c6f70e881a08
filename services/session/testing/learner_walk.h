// LearnerWalk: everything that a learner can ask for, asked: each RPC that the services' descriptors have, from rows of
// requests, and what the replies tell.
#ifndef GREENROOM_SERVICES_SESSION_TESTING_LEARNER_WALK_H_
#define GREENROOM_SERVICES_SESSION_TESTING_LEARNER_WALK_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace greenroom::session::testing {

// How often a message says how good an answer is, or what a good one would be: scores, bands, reports, comments, cues, hints
// and reveals by their fields' names, also in an export's lines, and every string that holds `word`.
int Tells(const google::protobuf::Message& message, absl::string_view word);

struct WalkReply {
  std::string rpc;      // "SessionService/GetSession"
  std::string request;  // as text
  absl::Status status;
  std::vector<std::unique_ptr<google::protobuf::Message>> messages;  // of a unary RPC one

  // Whether the request named the session or something of it.
  bool IsAbout(absl::string_view session) const { return absl::StrContains(request, session); }
  // What came over the wire and holds text: messages, and the status with its details.
  std::string Bytes() const;
  std::string Text() const;  // for people
};

// For one learner. Not thread-safe.
class LearnerWalk {
 public:
  struct Service {
    std::shared_ptr<grpc::Channel> channel;
    std::string name;      // in full; its messages must be linked
    bool learners = true;  // else each of its RPCs is to be refused: ROLE_FORBIDS
  };
  // `authorization` is the value of that header.
  LearnerWalk(std::vector<Service> services, std::string authorization)
      : services_(std::move(services)), authorization_(std::move(authorization)) {}

  // What the requests name, in full names; each row that names a session is asked of each of them.
  struct Names {
    std::vector<std::string> sessions;
    std::vector<std::string> answers;
    std::vector<std::string> assignments;
    std::vector<std::string> packs;
    std::vector<std::string> revisions;
    std::vector<std::string> questions;   // ids
    std::vector<std::string> not_to_end;  // sessions that FinishSession is not asked of
    std::string offline_session;          // id of one that the outbox adds an answer to
    absl::Time now;                       // the server's time
  };

  // Asks everything once. A learners' RPC without a row is a failure of the test, and so is one of the other services that
  // is not refused.
  std::vector<WalkReply> Ask(const Names& names);

 private:
  std::vector<std::string> Fill(absl::string_view row, const Names& names);
  std::string NextUuid();
  WalkReply Call(const Service& service, const google::protobuf::MethodDescriptor& method,
                 const std::string& request) const;

  const std::vector<Service> services_;
  const std::string authorization_;
  int ids_ = 0;
};

}  // namespace greenroom::session::testing

#endif  // GREENROOM_SERVICES_SESSION_TESTING_LEARNER_WALK_H_
