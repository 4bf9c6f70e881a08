#include "clients/cli/memory_replay.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/cli/invocation.h"
#include "services/base/task.h"
#include "services/session/fsrs/fsrs.h"

namespace greenroom::cli {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr size_t kLongestLine = size_t{1} << 20;
constexpr double kMostDays = 1e6;

bool IsNumber(const Value& value) { return value.kind_case() == Value::kNumberValue; }

absl::StatusOr<fsrs::Weights> WeightsOf(const Struct& object) {
  const auto found = object.fields().find("weights");
  if (found == object.fields().end()) return fsrs::kDefaultWeights;
  fsrs::Weights weights;
  const auto& values = found->second.list_value().values();
  if (values.size() != static_cast<int>(weights.size()))
    return absl::InvalidArgumentError("\"weights\" is not a list of 21 numbers");
  for (size_t i = 0; i < weights.size(); ++i) {
    const Value& value = values[static_cast<int>(i)];
    if (!IsNumber(value)) return absl::InvalidArgumentError("\"weights\" is not a list of 21 numbers");
    weights[i] = value.number_value();
  }
  if (const std::string problem = fsrs::WeightsProblem(weights); !problem.empty())
    return absl::InvalidArgumentError(problem);
  return weights;
}

absl::StatusOr<fsrs::Review> ReviewOf(const Value& value) {
  const auto& pair = value.list_value().values();
  if (pair.size() != 2 || !IsNumber(pair[0]) || !IsNumber(pair[1]))
    return absl::InvalidArgumentError("a review is not [days, rating]");
  const double days = pair[0].number_value();
  const double rating = pair[1].number_value();
  if (!(days >= 0 && days <= kMostDays)) return absl::InvalidArgumentError("days are not in [0, 1000000]");
  for (const fsrs::Rating one :
       {fsrs::Rating::kAgain, fsrs::Rating::kHard, fsrs::Rating::kGood, fsrs::Rating::kEasy}) {
    if (rating == static_cast<double>(one)) return fsrs::Review{days, one};
  }
  return absl::InvalidArgumentError("a rating is not 1, 2, 3 or 4");
}

absl::StatusOr<std::string> Replay(absl::string_view line) {
  if (line.size() > kLongestLine) return absl::InvalidArgumentError("the line is longer than 1 MiB");
  Struct object;
  if (!google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &object).ok())
    return absl::InvalidArgumentError("the line is not a JSON object");
  ASSIGN_OR_RETURN(const fsrs::Weights weights, WeightsOf(object));
  const auto found = object.fields().find("reviews");
  if (found == object.fields().end() || found->second.kind_case() != Value::kListValue)
    return absl::InvalidArgumentError("\"reviews\" is not a list");
  const fsrs::Model model(weights);
  fsrs::Memory memory;
  std::vector<std::string> memories;
  for (const Value& value : found->second.list_value().values()) {
    ASSIGN_OR_RETURN(const fsrs::Review review, ReviewOf(value));
    memory = memories.empty() ? model.First(review.rating) : model.Next(memory, review.days, review.rating);
    memories.push_back(absl::StrFormat("[%.17g,%.17g]", memory.stability, memory.difficulty));
  }
  return absl::StrCat("[", absl::StrJoin(memories, ","), "]");
}

}  // namespace

ReplayReply ReplayReviews(absl::string_view line, size_t line_number) {
  const absl::StatusOr<std::string> replayed = Replay(line);
  if (replayed.ok()) return {.json = *replayed, .replayed = true};
  Value message;
  message.set_string_value(std::string(replayed.status().message()));
  return {.json = absl::StrCat("{\"line\":", line_number, ",\"error\":", ToJson(message), "}"),
          .replayed = false};
}

}  // namespace greenroom::cli
