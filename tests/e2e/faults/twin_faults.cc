// R11. One learner with two devices: every id has one effect, exactly one wins a race, and the order does not matter.
#include <algorithm>
#include <functional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/status.h"
#include "services/base/task.h"
#include "tests/e2e/faults/fault.h"

namespace greenroom::e2e {
namespace {

using session::v1::RevealAnswerRequest;
using session::v1::RevealAnswerResponse;
using session::v1::Session;
using session::v1::SkipQuestionRequest;
using session::v1::SkipQuestionResponse;
using session::v1::SubmitAnswerRequest;
using session::v1::SubmitAnswerResponse;
using session::v1::TakeHintRequest;
using session::v1::TakeHintResponse;
using Stub = Learner::Stub;

constexpr int kRaces = 5;
constexpr int kTwins = 4;  // calls at once under one id

// One learner on two devices, in one session.
class Twins {
 public:
  static absl::StatusOr<std::unique_ptr<Twins>> Make(FaultSite& site) {
    Learner::Options options;
    options.target = site.system.target(Service::kSession);
    options.name = absl::StrCat("twins-", site.Draw(0, int64_t{1} << 40));
    ASSIGN_OR_RETURN(options.token, LearnerToken(site.system.key(), options.name));
    auto twins = std::make_unique<Twins>();
    for (const char* device : {"phone", "laptop"}) {
      options.device = device;
      twins->devices_.push_back(std::make_unique<Learner>(options, site.load.witness()));
    }
    RETURN_IF_ERROR(twins->device(0).Create());
    ASSIGN_OR_RETURN(twins->created_, twins->Tell());
    return twins;
  }

  Learner& device(size_t number) { return *devices_[number % devices_.size()]; }
  std::string session() { return devices_[0]->sessions().back(); }
  // The session as it was created.
  const Session& created() const { return created_; }
  const std::string& question(int number) const { return created_.questions(number).question(); }
  absl::StatusOr<Session> Tell() { return device(0).GetSession(device(0).stub(), session()); }

  // An answer on one device; with `seen` only where nobody else was at the question since.
  absl::Status Submit(size_t from, const std::string& id, const std::string& question,
                      const std::string& text, int64_t seen, SubmitAnswerResponse* response) {
    SubmitAnswerRequest request;
    request.set_session(session());
    request.set_answer_id(id);
    request.set_question(question);
    request.set_text(text);
    request.set_seen_sequence(seen);
    request.set_device(from % 2 == 0 ? "phone" : "laptop");
    return device(from).Call(device(from).stub(), "SubmitAnswer", &Stub::SubmitAnswer, id, request, response,
                             {"SESSION_MOVED"});
  }

 private:
  std::vector<std::unique_ptr<Learner>> devices_;
  Session created_;
};

// Runs `act` for 0 to `times` - 1, all at once.
void AtOnce(int times, const std::function<void(int)>& act) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(times));
  for (int i = 0; i < times; ++i) threads.emplace_back([&act, i] { act(i); });
  for (std::thread& thread : threads) thread.join();
}

absl::Status SameIdAtOnce(Twins& twins) {
  for (int round = 0; round < kRaces; ++round) {
    const std::string id = NewId();
    std::vector<absl::Status> statuses(kTwins);
    std::vector<SubmitAnswerResponse> responses(kTwins);
    AtOnce(kTwins, [&](int i) {
      const auto number = static_cast<size_t>(i);
      statuses[number] = twins.Submit(number, id, twins.question(0), "The same answer, sent again and again.",
                                      0, &responses[number]);
    });
    for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
    const auto told =
        std::count_if(responses.begin(), responses.end(),
                      [](const SubmitAnswerResponse& response) { return !response.replayed(); });
    for (const SubmitAnswerResponse& response : responses) {
      if (response.sequence() != responses[0].sequence() ||
          response.answer().attempt() != responses[0].answer().attempt()) {
        return absl::DataLossError(absl::StrCat(
            "one id, sequences ", responses[0].sequence(), " and ", response.sequence(), ", attempts ",
            responses[0].answer().attempt(), " and ", response.answer().attempt()));
      }
    }
    // None where the first try's reply was lost with a process and its repeat is a replay too.
    if (told > 1) return absl::DataLossError(absl::StrCat(told, " of ", kTwins, " calls of one id did it"));
  }
  return absl::OkStatus();
}

absl::Status TwoDevicesRace(Twins& twins) {
  for (int round = 0; round < kRaces; ++round) {
    ASSIGN_OR_RETURN(const Session before, twins.Tell());
    const std::string ids[] = {NewId(), NewId()};
    std::vector<absl::Status> statuses(2);
    AtOnce(2, [&](int i) {
      const auto number = static_cast<size_t>(i);
      SubmitAnswerResponse response;
      statuses[number] = twins.Submit(number, ids[number], twins.question(1),
                                      absl::StrCat("Device ", i, " says so."), before.sequence(), &response);
    });
    int won = 0, moved = 0;
    for (const absl::Status& status : statuses) {
      won += status.ok() ? 1 : 0;
      moved += ReasonOf(status) == "SESSION_MOVED" ? 1 : 0;
    }
    if (won != 1 || moved != 1) {
      return absl::DataLossError(absl::StrCat("two devices raced, and were told ", statuses[0].ToString(),
                                              " and ", statuses[1].ToString()));
    }
  }
  return absl::OkStatus();
}

// One act on each of six questions. None depends on another, so their order and their repeats may not matter.
using Act = std::function<absl::Status(Twins& twins, size_t from, const std::string& id)>;

std::vector<Act> Acts() {
  const auto answer = [](int question, const char* text) -> Act {
    return [=](Twins& twins, size_t from, const std::string& id) {
      SubmitAnswerResponse response;
      return twins.Submit(from, id, twins.question(question), text, 0, &response);
    };
  };
  return {
      answer(0, "It learns the noise of the training data and fails on new data; a held-out set shows it."),
      answer(1, "I do not know."),
      answer(2, "Compare the distributions of inputs and outputs over time, alert, and train again."),
      [](Twins& twins, size_t from, const std::string& id) {
        TakeHintRequest request;
        request.set_session(twins.session());
        request.set_question(twins.question(3));
        request.set_request_id(id);
        TakeHintResponse response;
        const absl::Status status =
            twins.device(from).Call(twins.device(from).stub(), "TakeHint", &Stub::TakeHint, id, request,
                                    &response, {"NO_HINTS_LEFT"});
        return ReasonOf(status) == "NO_HINTS_LEFT" ? absl::OkStatus() : status;
      },
      [](Twins& twins, size_t from, const std::string& id) {
        RevealAnswerRequest request;
        request.set_session(twins.session());
        request.set_question(twins.question(4));
        request.set_request_id(id);
        RevealAnswerResponse response;
        return twins.device(from).Call(twins.device(from).stub(), "RevealAnswer", &Stub::RevealAnswer, id,
                                       request, &response);
      },
      [](Twins& twins, size_t from, const std::string& id) {
        SkipQuestionRequest request;
        request.set_session(twins.session());
        request.set_question(twins.question(5));
        request.set_request_id(id);
        SkipQuestionResponse response;
        return twins.device(from).Call(twins.device(from).stub(), "SkipQuestion", &Stub::SkipQuestion, id,
                                       request, &response);
      },
  };
}

// A grade that was late at first changes the state when it comes.
absl::StatusOr<Session> TellGraded(Twins& twins) {
  const absl::Time end = absl::Now() + absl::Seconds(20) * kSlowBuild;
  for (;;) {
    ASSIGN_OR_RETURN(Session session, twins.Tell());
    const bool pending = std::any_of(session.questions().begin(), session.questions().end(),
                                     [](const auto& question) { return question.pending_grades() > 0; });
    if (!pending) return session;
    if (absl::Now() > end) return absl::DeadlineExceededError("a grade does not come");
    absl::SleepFor(absl::Milliseconds(50));
  }
}

// Every act twice, in an order drawn, half of them from each device at once. Yields what the session is then.
absl::StatusOr<std::string> StateAfterAnyOrder(FaultSite& site) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Twins> twins, Twins::Make(site));
  const std::vector<Act> acts = Acts();
  std::vector<std::string> ids;
  std::vector<size_t> order;
  for (size_t i = 0; i < acts.size(); ++i) {
    ids.push_back(NewId());
    order.insert(order.end(), 2, i);
  }
  std::shuffle(order.begin(), order.end(), site.random);
  std::vector<absl::Status> statuses(2);
  AtOnce(2, [&](int device) {
    const auto number = static_cast<size_t>(device);
    for (size_t i = number; i < order.size() && statuses[number].ok(); i += 2) {
      statuses[number] = acts[order[i]](*twins, number, ids[order[i]]);
    }
  });
  for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
  ASSIGN_OR_RETURN(const Session session, TellGraded(*twins));
  std::string state;
  for (const auto& question : session.questions()) absl::StrAppend(&state, question.ShortDebugString(), "\n");
  return absl::StrCat(state, "score ", session.score());
}

}  // namespace

absl::Status DuplicatesAndRaces(FaultSite& site) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Twins> twins, Twins::Make(site));
  RETURN_IF_ERROR(SameIdAtOnce(*twins));
  RETURN_IF_ERROR(TwoDevicesRace(*twins));
  ASSIGN_OR_RETURN(const std::string state, StateAfterAnyOrder(site));
  ASSIGN_OR_RETURN(const std::string other_order, StateAfterAnyOrder(site));
  if (state == other_order) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the same acts in two orders made\n", state, "\nand\n", other_order));
}

}  // namespace greenroom::e2e
