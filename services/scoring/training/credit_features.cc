// Writes what training learns from. Reads JSON lines {"id", "question", "references", "answer"} as `greenroom grade
// --local --batch` does, and writes for each derived point of each reference a line of tab-separated values: id, way, point,
// found, stated, then the features in the order of the first line, which names them.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "services/scoring/domain/credit_trace.h"

namespace greenroom::scoring {
namespace {

using google::protobuf::Struct;

int Fail(size_t line, const std::string& problem) {
  std::cerr << "credit_features: line " << line << ": " << problem << "\n";
  return 1;
}

int Run() {
  std::ios::sync_with_stdio(false);
  std::cout << "id\tway\tpoint\tfound\tstated";
  for (const CreditFeature& feature : kCreditFeatures)
    std::cout << "\t" << feature.name << ":" << static_cast<int>(feature.direction);
  std::cout << "\n";
  std::map<std::vector<std::string>, CompiledQuestion> questions;
  std::string line;
  for (size_t number = 1; std::getline(std::cin, line); ++number) {
    Struct object;
    if (!google::protobuf::util::JsonStringToMessage(line, &object).ok()) return Fail(number, "not JSON");
    const auto& fields = object.fields();
    if (fields.count("id") == 0 || fields.count("answer") == 0 || fields.count("references") == 0 ||
        fields.count("question") == 0)
      return Fail(number, "a key is missing");
    std::vector<std::string> key = {fields.at("question").string_value()};
    for (const auto& value : fields.at("references").list_value().values())
      key.push_back(value.string_value());
    auto found = questions.find(key);
    if (found == questions.end()) {
      const std::vector<std::string> references(key.begin() + 1, key.end());
      absl::StatusOr<CompiledQuestion> compiled = CompileReference(key.front(), references, "en");
      if (!compiled.ok()) return Fail(number, std::string(compiled.status().message()));
      found = questions.emplace(std::move(key), *std::move(compiled)).first;
    }
    for (const PointTrace& trace : TraceCredits(found->second, fields.at("answer").string_value())) {
      std::cout << fields.at("id").string_value() << "\t" << trace.way << "\t" << trace.point << "\t"
                << trace.found << "\t" << trace.stated;
      for (float value : trace.features) std::cout << "\t" << value;
      std::cout << "\n";
    }
  }
  return 0;
}

}  // namespace
}  // namespace greenroom::scoring

int main() { return greenroom::scoring::Run(); }
