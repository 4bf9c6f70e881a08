// bench_scale: what a call costs must not depend on how much others have left behind. ListDueQuestions among 10,000 and
// among 1,000,000 memory rows, made by ImportMemory through the service itself. Ends with 1 where a bound is broken.
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "greenroom/session/v1/progress_service.grpc.pb.h"
#include "services/base/config.h"
#include "services/base/rng.h"
#include "services/base/task.h"
#include "tests/bench/figures.h"
#include "tests/bench/load.h"
#include "tests/bench/rig.h"
#include "tests/bench/workload.h"
#include "tests/servers/process.h"

namespace greenroom::bench {
namespace {

using session::v1::ProgressService;

constexpr int64_t kItemsALearner = 500;  // as many as a pack may have
constexpr int64_t kFew = 10000;
constexpr double kMaxP99Ms = 5;
// Of the medians: a table that is a hundred times as large may make an index one or two pages deeper.
constexpr double kMaxGrowth = 1.3;

struct Options {
  int64_t rows = 1000000;
  int64_t in_flight = 1;  // more wait for one another, on as few cores as there are
  bool postgres = false;

  void AddFlags(Flags& flags) {
    flags.Integer("rows", &rows, 2 * kFew, 100000000, "memory rows in the end");
    flags.Integer("in-flight", &in_flight, 1, 64, "calls at once");
    flags.Switch("postgres", &postgres, "on a PostgreSQL server instead of SQLite");
  }
};

// A pack of kItemsALearner questions that are like one another.
absl::Status WritePack(const std::string& path) {
  std::ofstream file(path);
  file
      << "format: greenroom-pack/1\npack: bench\nlanguage: en\nrole: Benchmark\nvisibility: practice\n"
         "topics:\n  - {id: even, title: Even ones}\n  - {id: odd, title: Odd ones, weight: 2}\nquestions:\n";
  for (int64_t i = 0; i < kItemsALearner; ++i) {
    file << absl::StrFormat(
        "  - id: q%d\n    kind: concept\n    topic: %s\n    difficulty: 2\n    minutes: 4\n"
        "    prompt: What does part %d of a model learn?\n    model_answer: It learns the noise of its "
        "data.\n"
        "    rubric: [{id: noise, point: It learns noise, accept: [\"learn ... noise\"]}]\n"
        "    examples:\n"
        "      - {id: a, answer: It learns the noise of its data., score: [80, 100]}\n"
        "      - {id: b, answer: It learns noise., score: [80, 100]}\n"
        "      - {id: c, answer: I do not know., score: [0, 40]}\n"
        "      - {id: d, answer: It is fast., score: [0, 40]}\n",
        i, i % 2 == 0 ? "even" : "odd", i);
  }
  file.close();
  return file ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot write ", path));
}

// What a learner brings along: questions of all ages, so that about half of them are due.
session::v1::ImportMemoryRequest ImportOf(int64_t learner) {
  session::v1::ImportMemoryRequest request;
  request.set_parent("tenants/-/learners/me");
  request.set_request_id(SystemRng().Uuid());
  const int64_t reviewed = absl::ToUnixSeconds(absl::Now()) - int64_t{30} * 86400;
  for (int64_t i = 0; i < kItemsALearner; ++i) {
    session::v1::MemoryToImport* item = request.add_items();
    item->set_pack("tenants/-/packs/bench");
    item->set_question(absl::StrCat("q", i));
    item->mutable_sm2()->set_ease(2.5);
    item->mutable_sm2()->set_interval_days(1 + static_cast<double>((7 * i + learner) % 60));
    item->mutable_last_review_time()->set_seconds(reviewed - 60 * i);
    item->set_reviews(3);
  }
  return request;
}

class Scale {
 public:
  Scale(const Rig& rig, const Options& options)
      : rig_(rig),
        options_(options),
        stub_(ProgressService::NewStub(
            grpc::CreateChannel(rig.target(Program::kSession), grpc::InsecureChannelCredentials()))) {}

  // Imports until there are as many rows, and has each learner's first list asked for, which takes the import in.
  absl::Status GrowTo(int64_t rows) {
    constexpr size_t kAtOnce = 4;
    const auto before = static_cast<int64_t>(bearers_.size());
    const int64_t more = rows / kItemsALearner - before;
    std::cerr << "making " << more * kItemsALearner << " memory rows\n";
    ASSIGN_OR_RETURN(std::vector<std::string> learners,
                     Learners(rig_, absl::StrCat("scale-", before), static_cast<size_t>(more)));
    const StartNumbered import = [&](int64_t number, std::function<void(const grpc::Status&)> done) {
      Call<session::v1::ImportMemoryRequest, session::v1::ImportMemoryResponse>(
          &Async::ImportMemory, learners[static_cast<size_t>(number)], ImportOf(before + number),
          std::move(done));
    };
    RETURN_IF_ERROR(RunCalls(import, more, kAtOnce));
    const StartNumbered first = [&](int64_t number, std::function<void(const grpc::Status&)> done) {
      List(learners[static_cast<size_t>(number)], std::move(done));
    };
    RETURN_IF_ERROR(RunCalls(first, more, kAtOnce));
    std::move(learners.begin(), learners.end(), std::back_inserter(bearers_));
    return absl::OkStatus();
  }

  // Asks for the lists of learners all over the table.
  absl::StatusOr<LoadFigures> Measure() {
    std::atomic<uint64_t> next = 0;
    const StartCall list = [&](size_t, std::function<void(const grpc::Status&)> done) {
      // A large prime apart: no two calls in a row lie near one another.
      List(bearers_[(next++ * 1000003) % bearers_.size()], std::move(done));
    };
    return RunLoad(list, static_cast<size_t>(options_.in_flight), absl::Seconds(1), absl::Seconds(10));
  }

 private:
  using Async = ProgressService::StubInterface::async_interface;
  template <typename Request, typename Response>
  using Method = void (Async::*)(grpc::ClientContext*, const Request*, Response*,
                                 std::function<void(grpc::Status)>);
  template <typename Request, typename Response>
  struct OneCall {
    grpc::ClientContext context;
    Request request;
    Response response;
  };

  template <typename Request, typename Response>
  void Call(Method<Request, Response> method, const std::string& bearer, Request request,
            std::function<void(const grpc::Status&)> done) {
    auto* call = new OneCall<Request, Response>();
    call->request = std::move(request);
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    call->context.AddMetadata("authorization", bearer);
    (static_cast<Async*>(stub_->async())->*method)(
        &call->context, &call->request, &call->response,
        [call, done = std::move(done)](const grpc::Status& status) {
          delete call;
          done(status);
        });
  }
  void List(const std::string& bearer, std::function<void(const grpc::Status&)> done) {
    session::v1::ListDueQuestionsRequest request;
    request.set_parent("tenants/-/learners/me");
    Call<session::v1::ListDueQuestionsRequest, session::v1::ListDueQuestionsResponse>(
        &Async::ListDueQuestions, bearer, std::move(request), std::move(done));
  }

  const Rig& rig_;
  const Options options_;
  const std::unique_ptr<ProgressService::Stub> stub_;
  std::vector<std::string> bearers_;
};

// The run with the lowest 99th percentile of three: another's burst on this machine is none of ours.
absl::StatusOr<LoadFigures> BestOfThree(Scale& scale, int64_t rows) {
  std::optional<LoadFigures> best;
  for (int run = 0; run < 3; ++run) {
    ASSIGN_OR_RETURN(const LoadFigures figures, scale.Measure());
    std::cout << absl::StrFormat(
                     "ListDueQuestions among %d rows: %.0f a second, median %.2f ms, 99 %% within %.2f ms\n",
                     rows, figures.rps, figures.p50_us / 1000, figures.p99_us / 1000)
              << std::flush;
    if (!best.has_value() || figures.p99_us < best->p99_us) best = figures;
  }
  return *best;
}

absl::StatusOr<bool> Run(const Options& options) {
  TemporaryDirectory directory;
  const std::string pack = directory.path() + "/bench.pack.yaml";
  RETURN_IF_ERROR(WritePack(pack));
  ASSIGN_OR_RETURN(const std::unique_ptr<Rig> rig,
                   Rig::Start({GREENROOM_BIN_DIR, absl::StrCat(GREENROOM_BIN_DIR, "/bench_floor"), pack,
                               options.postgres}));
  Scale scale(*rig, options);
  RETURN_IF_ERROR(scale.GrowTo(kFew));
  ASSIGN_OR_RETURN(const LoadFigures few, BestOfThree(scale, kFew));
  RETURN_IF_ERROR(scale.GrowTo(options.rows));
  ASSIGN_OR_RETURN(const LoadFigures many, BestOfThree(scale, options.rows));
  const double growth = many.p50_us / few.p50_us;
  const bool fast = many.p99_us / 1000 <= kMaxP99Ms, flat = growth <= kMaxGrowth;
  std::cout << absl::StrFormat(
      "99 %% within %.2f ms, at most %.0f%s; median %.2f times that of %d rows, at most %.2f%s\n",
      many.p99_us / 1000, kMaxP99Ms, fast ? "" : "  BROKEN", growth, kFew, kMaxGrowth,
      flat ? "" : "  BROKEN");
  return fast && flat;
}

}  // namespace
}  // namespace greenroom::bench

int main(int argc, char** argv) {
  greenroom::bench::Options options;
  greenroom::Flags flags("bench_scale", "0", "Measures ListDueQuestions among many memory rows.");
  options.AddFlags(flags);
  if (const std::optional<int> code = flags.ParseOrExitCode(argc, argv)) return *code;
  const absl::StatusOr<bool> kept = greenroom::bench::Run(options);
  if (kept.ok()) return *kept ? 0 : 1;
  std::cerr << "bench_scale: " << kept.status() << "\n";
  return 1;
}
