// pack.schema.json is for editors: it must accept whatever the reader accepts, and know the reader's keys.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/content/domain/pack_generator.h"
#include "services/content/domain/pack_writer.h"
#include "services/content/domain/text_rules.h"
#include "services/content/domain/value_reader.h"
#include "services/content/domain/yaml_tree.h"
#include "services/content/packs/shipped_packs.h"

namespace greenroom::content {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using Kind = YamlNode::Kind;

std::string File(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// As much of JSON Schema 2020-12 as the schema uses.
class Schema {
 public:
  Schema() {
    const auto read =
        google::protobuf::util::JsonStringToMessage(File("services/content/packs/pack.schema.json"), &root_);
    EXPECT_TRUE(read.ok()) << read.ToString();
  }

  // What is wrong with `node`; empty where nothing is.
  std::string Problem(const YamlNode& node) const { return Problem(root_, node, "$"); }

 private:
  static const Value* Get(const Struct& schema, const std::string& key) {
    auto it = schema.fields().find(key);
    return it == schema.fields().end() ? nullptr : &it->second;
  }

  const Struct& Resolve(const std::string& reference) const {
    return Get(Get(root_, "$defs")->struct_value(), reference.substr(8))->struct_value();
  }

  static bool IsNumber(const YamlNode& node, double* number) {
    return node.kind == Kind::kScalar && node.plain && absl::SimpleAtod(node.scalar, number);
  }
  static bool IsString(const YamlNode& node) {
    return node.kind == Kind::kScalar && !(node.plain && IsNotAString(node.scalar));
  }

  std::string Problem(const Struct& schema, const YamlNode& node, const std::string& path) const {
    if (const Value* reference = Get(schema, "$ref")) {
      if (std::string problem = Problem(Resolve(reference->string_value()), node, path); !problem.empty())
        return problem;
    }
    if (const Value* type = Get(schema, "type")) {
      double number = 0;
      const std::string& name = type->string_value();
      const bool right = name == "object"    ? node.kind == Kind::kMap
                         : name == "array"   ? node.kind == Kind::kSequence
                         : name == "string"  ? IsString(node)
                         : name == "boolean" ? node.scalar == "true" || node.scalar == "false"
                                             : IsNumber(node, &number);
      if (!right) return absl::StrCat(path, " is no ", name, ": ", node.scalar);
    }
    if (const Value* constant = Get(schema, "const");
        constant != nullptr && constant->string_value() != node.scalar) {
      return path + " is not the constant";
    }
    if (const Value* words = Get(schema, "enum")) {
      bool found = false;
      for (const Value& word : words->list_value().values())
        found = found || word.string_value() == node.scalar;
      if (!found) return absl::StrCat(path, " is none of the words: ", node.scalar);
    }
    if (const Value* choices = Get(schema, "anyOf")) {
      std::string problem;
      for (const Value& choice : choices->list_value().values()) {
        problem = Problem(choice.struct_value(), node, path);
        if (problem.empty()) break;
      }
      if (!problem.empty()) return problem;
    }
    if (const Value* condition = Get(schema, "if")) {
      const bool met = Problem(condition->struct_value(), node, path).empty();
      const Value* then = Get(schema, met ? "then" : "else");
      if (std::string problem = Problem(then->struct_value(), node, path); !problem.empty()) return problem;
    }
    if (node.kind == Kind::kMap) return MapProblem(schema, node, path);
    if (node.kind == Kind::kSequence) return ListProblem(schema, node, path);
    return ScalarProblem(schema, node, path);
  }

  std::string MapProblem(const Struct& schema, const YamlNode& node, const std::string& path) const {
    if (const Value* required = Get(schema, "required")) {
      for (const Value& key : required->list_value().values()) {
        if (node.Find(key.string_value()) == nullptr)
          return absl::StrCat(path, " lacks ", key.string_value());
      }
    }
    const Value* properties = Get(schema, "properties");
    const Value* others = Get(schema, "additionalProperties");
    for (const YamlEntry& entry : node.entries) {
      const Value* property = properties == nullptr ? nullptr : Get(properties->struct_value(), entry.key);
      const std::string at = absl::StrCat(path, ".", entry.key);
      if (property != nullptr) {
        if (std::string problem = Problem(property->struct_value(), entry.value, at); !problem.empty())
          return problem;
      } else if (others != nullptr && others->kind_case() == Value::kBoolValue && !others->bool_value()) {
        return at + " is not a key of the schema";
      }
    }
    return "";
  }

  std::string ListProblem(const Struct& schema, const YamlNode& node, const std::string& path) const {
    const double size = static_cast<double>(node.items.size());
    if (const Value* least = Get(schema, "minItems"); least != nullptr && size < least->number_value())
      return path + " is too short";
    if (const Value* most = Get(schema, "maxItems"); most != nullptr && size > most->number_value())
      return path + " is too long";
    const Value* items = Get(schema, "items");
    for (size_t i = 0; items != nullptr && i < node.items.size(); ++i) {
      std::string problem = Problem(items->struct_value(), node.items[i], absl::StrCat(path, "[", i, "]"));
      if (!problem.empty()) return problem;
    }
    return "";
  }

  static std::string ScalarProblem(const Struct& schema, const YamlNode& node, const std::string& path) {
    double number = 0;
    if (IsNumber(node, &number)) {
      if (const Value* least = Get(schema, "minimum"); least != nullptr && number < least->number_value())
        return path + " is too small";
      if (const Value* most = Get(schema, "maximum"); most != nullptr && number > most->number_value())
        return path + " is too large";
    }
    const double length = static_cast<double>(CodePointCount(node.scalar));
    if (const Value* least = Get(schema, "minLength"); least != nullptr && length < least->number_value())
      return path + " is too short";
    if (const Value* most = Get(schema, "maxLength"); most != nullptr && length > most->number_value())
      return path + " is too long";
    if (const Value* pattern = Get(schema, "pattern")) {
      if (!std::regex_search(node.scalar, std::regex(pattern->string_value())))
        return path + " does not match its pattern";
    }
    return "";
  }

  Struct root_;
};

const Schema& TheSchema() {
  static const Schema& schema = *new Schema();
  return schema;
}

YamlNode Tree(absl::string_view yaml) {
  IssueList issues;
  std::optional<YamlNode> tree = ParseYaml(yaml, 0, issues);
  EXPECT_TRUE(tree.has_value());
  return tree ? *std::move(tree) : YamlNode();
}

RC_GTEST_PROP(PackSchema, AcceptsWhatTheReaderAccepts, ()) {
  const std::string yaml = WritePack(PackGenerator().Pack());
  const std::string problem = TheSchema().Problem(Tree(yaml));
  RC_LOG() << problem << "\n" << yaml;
  RC_ASSERT(problem.empty());
}

TEST(PackSchema, AcceptsTheShippedPacks) {
  for (const ShippedPack& pack : ShippedPacks()) EXPECT_EQ(TheSchema().Problem(Tree(pack.yaml)), "");
}

TEST(PackSchema, RefusesWhatIsWrong) {
  const std::string pack =
      "format: greenroom-pack/1\npack: ml\nlanguage: en\nrole: R\nquestions:\n  - {id: q, kind: concept, "
      "difficulty: 1, prompt: P, model_answer: M, rubric: [{id: a, point: A}]}\n";
  EXPECT_EQ(TheSchema().Problem(Tree(pack)), "");
  EXPECT_EQ(TheSchema().Problem(Tree(pack + "wieght: 1\n")), "$.wieght is not a key of the schema");
  EXPECT_EQ(TheSchema().Problem(Tree("format: greenroom-pack/1\n")), "$ lacks pack");
}

}  // namespace
}  // namespace greenroom::content
