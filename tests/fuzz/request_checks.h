// What holds of every reply, whoever asks for whatever.
#ifndef GREENROOM_TESTS_FUZZ_REQUEST_CHECKS_H_
#define GREENROOM_TESTS_FUZZ_REQUEST_CHECKS_H_

#include <google/protobuf/message.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/fuzz/request_input.h"
#include "tests/fuzz/rpc_table.h"
#include "tests/fuzz/world.h"

namespace greenroom::fuzz {

// Ends the process, with the reply, where
//  - an error has no reason of ErrorReason, is INTERNAL or UNKNOWN, or is told in what is not UTF-8; INVALID_REQUEST
//    names no field;
//  - a caller is told a word (world_packs.h) that is not for them: another tenant's, another learner's, an exam's or a
//    draft's, or what is hidden until the reveal;
//  - a report is not as CheckReport demands.
// A word that the input itself has is not looked for: whoever says it may hear it again.
class ReplyChecks {
 public:
  // `input` as a whole.
  explicit ReplyChecks(absl::string_view input);

  // In the order of the calls: what has been revealed to whom follows from them.
  void Check(const Rpc& rpc, Who who, const google::protobuf::Message& request, const Reply& reply);

  // Time has passed: sessions that the clock ends may be finished, with whatever call is next.
  void ClockMoved() { all_open_.insert(timed_.begin(), timed_.end()); }

  // Ends the process where the second reply to the same write is not the first but for `replayed`.
  static void CheckRepeat(const Rpc& rpc, const google::protobuf::Message& request, const Reply& first,
                          const Reply& second);

 private:
  void CheckWords(const Rpc& rpc, Who who, const std::string& reply) const;
  void CheckAbsent(const Rpc& rpc, const std::string& reply, const std::string& word) const;
  // Takes down what this call lets its caller see from now on.
  void NoteReveals(const Rpc& rpc, Who who, const google::protobuf::Message& request, const Reply& reply);

  const std::string input_;
  bool packs_changed_ = false;                   // what was an exam or a draft may be something else
  std::map<Who, std::set<std::string>> opened_;  // questions
  std::set<Who> timed_;                          // who has a session that the clock may finish
  std::set<Who> all_open_;                       // who has finished a session
};

}  // namespace greenroom::fuzz

#endif  // GREENROOM_TESTS_FUZZ_REQUEST_CHECKS_H_
