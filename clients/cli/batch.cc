#include "clients/cli/batch.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/invocation.h"
#include "services/base/task.h"
#include "services/base/text.h"

namespace greenroom::cli {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using scoring::v1::ItemResult;

constexpr size_t kMaxAnswerBytes = size_t{32} * 1024;
constexpr size_t kMaxReferences = 16;
constexpr size_t kMaxGraded = 64;
constexpr size_t kMaxCompiled = 256;

const Value* At(const Struct& object, const std::string& key) {
  const auto found = object.fields().find(key);
  return found == object.fields().end() ? nullptr : &found->second;
}

absl::StatusOr<std::string> TextAt(const Struct& object, const std::string& key) {
  const Value* const value = At(object, key);
  if (value == nullptr) return absl::InvalidArgumentError(absl::StrCat("\"", key, "\" is missing"));
  if (value->kind_case() != Value::kStringValue) {
    return absl::InvalidArgumentError(absl::StrCat("\"", key, "\" is not a string"));
  }
  if (const std::string problem = TextProblem(value->string_value(), kMaxAnswerBytes); !problem.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", key, "\": ", problem));
  }
  return value->string_value();
}

absl::StatusOr<std::vector<std::string>> ReferencesOf(const Struct& object) {
  const Value* const value = At(object, "references");
  const absl::Status bad = absl::InvalidArgumentError(
      absl::StrCat("\"references\" is not a list of 1 to ", kMaxReferences, " strings"));
  if (value == nullptr) return absl::InvalidArgumentError("neither \"pack\" nor \"references\" is there");
  if (value->kind_case() != Value::kListValue) return bad;
  std::vector<std::string> references;
  for (const Value& one : value->list_value().values()) {
    if (one.kind_case() != Value::kStringValue || !TextProblem(one.string_value(), kMaxAnswerBytes).empty())
      return bad;
    references.push_back(one.string_value());
  }
  if (references.empty() || references.size() > kMaxReferences) return bad;
  return references;
}

absl::StatusOr<std::vector<scoring::GradedAnswer>> GradedOf(const Struct& object) {
  std::vector<scoring::GradedAnswer> graded;
  const Value* const value = At(object, "graded");
  if (value == nullptr) return graded;
  const absl::Status bad =
      absl::InvalidArgumentError(absl::StrCat("\"graded\" is not a list of at most ", kMaxGraded,
                                              " objects with \"answer\" and \"score\" (0 to 100)"));
  if (value->kind_case() != Value::kListValue ||
      static_cast<size_t>(value->list_value().values_size()) > kMaxGraded)
    return bad;
  for (const Value& one : value->list_value().values()) {
    const Value* const score = At(one.struct_value(), "score");
    const absl::StatusOr<std::string> answer = TextAt(one.struct_value(), "answer");
    if (!answer.ok() || score == nullptr || score->kind_case() != Value::kNumberValue ||
        score->number_value() < 0 || score->number_value() > 100)
      return bad;
    graded.push_back({*answer, score->number_value() / 100, {}});
  }
  return graded;
}

std::string JsonString(const std::string& text) {
  Value value;
  value.set_string_value(text);
  return ToJson(value);
}

std::string JsonNumber(double value) {
  std::string text = absl::StrCat(value);  // six significant digits: credits have two decimals
  return text;
}

using Ranges = std::vector<std::pair<int, int>>;

void CollectSpans(const ItemResult& item, Ranges& spans) {
  for (const auto& span : item.spans()) spans.emplace_back(span.start(), span.end());
  for (const ItemResult& member : item.members()) CollectSpans(member, spans);
}

void AppendItem(const ItemResult& item, std::vector<std::string>& points) {
  Ranges spans;
  CollectSpans(item, spans);
  std::sort(spans.begin(), spans.end());
  spans.erase(std::unique(spans.begin(), spans.end()), spans.end());
  points.push_back(absl::StrCat("{\"id\":", JsonString(item.id()), ",\"credit\":", JsonNumber(item.credit()),
                                ",\"spans\":[",
                                absl::StrJoin(spans, ",",
                                              [](std::string* out, const std::pair<int, int>& span) {
                                                absl::StrAppend(out, "[", span.first, ",", span.second, "]");
                                              }),
                                "]}"));
  for (const ItemResult& member : item.members()) AppendItem(member, points);
}

absl::string_view ConfidenceOf(const scoring::v1::Report& report) {
  switch (report.confidence()) {
    case scoring::v1::GRADE_CONFIDENCE_HIGH:
      return "high";
    case scoring::v1::GRADE_CONFIDENCE_MEDIUM:
      return "medium";
    default:
      return "low";
  }
}

absl::string_view NameOf(scoring::v1::StarPart part) {
  switch (part) {
    case scoring::v1::STAR_PART_SITUATION:
      return "situation";
    case scoring::v1::STAR_PART_ACTION:
      return "action";
    case scoring::v1::STAR_PART_RESULT:
      return "result";
    case scoring::v1::STAR_PART_LESSON:
      return "lesson";
    default:
      return "";
  }
}

// The key "star" with its comma; nothing for questions that are not graded by STAR.
std::string StarOf(const scoring::v1::Report& report) {
  if (!report.has_star()) return "";
  std::vector<std::string> parts;
  for (const auto& part : report.star().parts())
    parts.push_back(JsonString(std::string(NameOf(part.part()))));
  return absl::StrCat(",\"star\":[", absl::StrJoin(parts, ","), "]");
}

std::string ReplyOf(const std::string& id, const scoring::v1::Report& report) {
  std::vector<std::string> points, flags;
  for (const ItemResult& item : report.items()) AppendItem(item, points);
  for (const ItemResult& tip : report.tips()) AppendItem(tip, points);
  for (const auto& flag : report.flags()) flags.push_back(JsonString(flag.id()));
  return absl::StrCat(
      "{\"id\":", id, ",\"score\":", report.has_score() ? absl::StrCat(report.score()) : "null",
      ",\"low\":", report.score_low(), ",\"high\":", report.score_high(), ",\"confidence\":\"",
      ConfidenceOf(report), "\"", ",\"points\":[", absl::StrJoin(points, ","), "],\"flags\":[",
      absl::StrJoin(flags, ","), "]", StarOf(report), "}");
}

// The id as JSON; nothing where there is none.
std::optional<std::string> IdOf(const Struct& object) {
  const Value* const id = At(object, "id");
  if (id == nullptr) return std::nullopt;
  if (id->kind_case() != Value::kStringValue && id->kind_case() != Value::kNumberValue) return std::nullopt;
  return ToJson(*id);
}

}  // namespace

BatchGrader::Reply BatchGrader::Grade(absl::string_view line, size_t line_number) {
  Struct object;
  std::optional<std::string> id;
  const auto grade = [&]() -> absl::StatusOr<std::string> {
    if (line.size() > kMaxBatchLine) return absl::InvalidArgumentError("the line is longer than 1 MiB");
    if (!google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &object).ok()) {
      return absl::InvalidArgumentError("the line is not a JSON object");
    }
    id = IdOf(object);
    if (!id.has_value())
      return absl::InvalidArgumentError("\"id\" is missing or neither a string nor a number");
    ASSIGN_OR_RETURN(const std::string answer, TextAt(object, "answer"));
    const scoring::CompiledQuestion* question = nullptr;
    if (At(object, "pack") != nullptr) {
      ASSIGN_OR_RETURN(const std::string pack, TextAt(object, "pack"));
      ASSIGN_OR_RETURN(const std::string question_id, TextAt(object, "question"));
      ASSIGN_OR_RETURN(question, packs_.Find(pack, question_id));
    } else {
      std::string text, language;
      if (At(object, "question") != nullptr) {
        ASSIGN_OR_RETURN(text, TextAt(object, "question"));
      }
      if (At(object, "language") != nullptr) {
        ASSIGN_OR_RETURN(language, TextAt(object, "language"));
      }
      ASSIGN_OR_RETURN(const std::vector<std::string> references, ReferencesOf(object));
      ASSIGN_OR_RETURN(const std::vector<scoring::GradedAnswer> graded, GradedOf(object));
      ASSIGN_OR_RETURN(question, FindReference(text, references, language, graded));
    }
    return ReplyOf(*id, scoring::Grade(*question, answer));
  };
  const absl::StatusOr<std::string> reply = grade();
  if (reply.ok()) return {.json = *reply, .graded = true};
  return {.json = absl::StrCat("{\"line\":", line_number, ",",
                               id.has_value() ? absl::StrCat("\"id\":", *id, ",") : "",
                               "\"error\":", JsonString(std::string(reply.status().message())), "}"),
          .graded = false};
}

absl::StatusOr<const scoring::CompiledQuestion*> BatchGrader::FindReference(
    const std::string& question, const std::vector<std::string>& references, const std::string& language,
    const std::vector<scoring::GradedAnswer>& graded) {
  std::vector<std::string> key = {question, language};
  key.insert(key.end(), references.begin(), references.end());
  for (const scoring::GradedAnswer& one : graded) {
    key.push_back(one.answer);
    key.push_back(absl::StrCat("=", one.score));
  }
  if (const auto found = references_.find(key); found != references_.end()) return &found->second;
  ASSIGN_OR_RETURN(scoring::CompiledQuestion compiled,
                   scoring::CompileCalibrated(question, references, language, model_, graded));
  if (references_.size() >= kMaxCompiled) references_.clear();
  return &references_.emplace(std::move(key), std::move(compiled)).first->second;
}

}  // namespace greenroom::cli
