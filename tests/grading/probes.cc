// Writes answers made to game the grader, or to be fair to, as lines for `greenroom grade --local --batch`.
//   grading_probes packs                  of every question of the shipped packs
//   grading_probes references < LINES     of {"id", "question", "references"} a line
// Each line also says its "family", its "form" within it, and "of": the question that it belongs to.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/packs/shipped_packs.h"
#include "services/scoring/domain/derive.h"
#include "services/scoring/domain/testing/probe_answers.h"

namespace greenroom::scoring {
namespace {

using google::protobuf::Struct;

struct Asked {
  Struct line;  // what every line of this question has
  std::string name;
  content::v1::Question question;
};

class Writer {
 public:
  explicit Writer(const Asked& asked) : asked_(asked) {}

  void Put(const std::string& family, const std::string& form, const std::string& answer) {
    Struct line = asked_.line;
    auto& fields = *line.mutable_fields();
    fields["id"].set_string_value(absl::StrCat(asked_.name, "|", family, "|", form, "|", count_++));
    fields["of"].set_string_value(asked_.name);
    fields["family"].set_string_value(family);
    fields["form"].set_string_value(form);
    fields["answer"].set_string_value(answer);
    std::string json;
    (void)google::protobuf::util::MessageToJsonString(line, &json);
    std::cout << json << "\n";
  }
  // Forms that leave `model` as it is (no word to exchange, nothing to negate) are no probes.
  void Put(const std::string& family, const std::vector<Probe>& forms, const std::string& model) {
    for (const auto& [form, answer] : forms) {
      if (answer != model) Put(family, form, answer);
    }
  }

 private:
  const Asked& asked_;
  int count_ = 0;
};

void WriteHonest(Writer& writer, const std::string& whole, const std::string& answer) {
  writer.Put("honest", whole, answer);
  for (const auto& [form, text] : HonestForms(answer))
    writer.Put("honest", absl::StrCat(whole, "/", form), text);
}

void WriteExamples(Writer& writer, const content::v1::Question& question) {
  for (const content::v1::Example& example : question.examples()) {
    const std::string range = absl::StrCat(example.id(), ":", example.score_low(), "-", example.score_high());
    writer.Put("example", range, example.answer());
    // Forms of prose only: a list without its line breaks is no honest form of it.
    const bool list = absl::StrContains(example.answer(), "\n- ") || absl::StartsWith(example.answer(), "- ");
    if (example.score_low() >= 60) {
      writer.Put("paraphrase", example.id(), example.answer());
      if (!list) WriteHonest(writer, example.id(), example.answer());
    }
    if (example.score_high() > 50) continue;
    writer.Put("instruction", example.id(), example.answer());
    int number = 0;
    for (const std::string& instruction : Instructions()) {
      for (const char* between : {" ", "\n", "\n\n", ". "})
        writer.Put("instruction", absl::StrCat(example.id(), "/", number++),
                   absl::StrCat(example.answer(), between, instruction));
      writer.Put("instruction", absl::StrCat(example.id(), "/", number++),
                 absl::StrCat(instruction, "\n", example.answer()));
    }
  }
}

void Write(const std::vector<Asked>& all) {
  for (size_t i = 0; i < all.size(); ++i) {
    const Asked& asked = all[i];
    const content::v1::Question& question = asked.question;
    const std::string& model = question.model_answer();
    Writer writer(asked);
    writer.Put("model", "model", model);
    writer.Put("nothing", "empty", "");
    for (const std::string& answer : Unknowing()) writer.Put("unknowing", answer, answer);
    writer.Put("parroted", "prompt", question.prompt());
    for (const std::string& variant : question.variants()) writer.Put("parroted", "variant", variant);
    for (const std::string& text : UnrelatedTexts()) writer.Put("unrelated", text.substr(0, 10), text);
    // The next question, and two that are further away.
    for (size_t step : {size_t{1}, all.size() / 3, all.size() / 2}) {
      const Asked& other = all[(i + step) % all.size()];
      if (other.question.prompt() == question.prompt()) continue;
      writer.Put("another", other.name, other.question.model_answer());
    }
    const std::string flat =
        absl::StrJoin(absl::StrSplit(model, absl::ByAnyChar(" \n\t"), absl::SkipEmpty()), " ");
    writer.Put("negated", NegatedForms(flat), flat);
    writer.Put("shuffled", ShuffledForms(model, static_cast<uint32_t>(i + 1)), flat);
    writer.Put("keywords", KeywordForms(question), flat);
    writer.Put("swapped", SwappedForms(question, model), model);
    WriteHonest(writer, "model", model);
    WriteExamples(writer, question);
  }
}

std::vector<Asked> PackQuestions() {
  std::vector<Asked> all;
  for (const content::ShippedPack& pack : content::ShippedPacks()) {
    const content::ReadResult read = content::ReadPack(pack.yaml);
    for (content::v1::Question& question : FullQuestions(read.pack)) {
      Asked& asked = all.emplace_back();
      (*asked.line.mutable_fields())["pack"].set_string_value(std::string(pack.id));
      (*asked.line.mutable_fields())["question"].set_string_value(question.id());
      asked.name = absl::StrCat(pack.id, "/", question.id());
      asked.question = std::move(question);
    }
  }
  return all;
}

// Returns false, and says why, where a line is not what it should be.
bool ReferenceQuestions(std::vector<Asked>& all) {
  std::string text;
  while (std::getline(std::cin, text)) {
    Struct line;
    if (!google::protobuf::util::JsonStringToMessage(text, &line).ok() ||
        line.fields().count("references") == 0) {
      std::cerr << "grading_probes: a line is not a question with references\n";
      return false;
    }
    Asked& asked = all.emplace_back();
    asked.name = line.fields().at("id").string_value();
    asked.question.set_prompt(line.fields().at("question").string_value());
    asked.question.set_model_answer(line.fields().at("references").list_value().values(0).string_value());
    for (content::v1::RubricItem& item : DeriveRubric(asked.question.model_answer()))
      *asked.question.add_rubric() = std::move(item);
    asked.line = std::move(line);
  }
  return true;
}

int Run(const std::string& mode) {
  std::ios::sync_with_stdio(false);
  std::vector<Asked> all;
  if (mode == "packs") {
    all = PackQuestions();
  } else if (mode != "references" || !ReferenceQuestions(all)) {
    std::cerr << "usage: grading_probes packs | references\n";
    return 2;
  }
  Write(all);
  return 0;
}

}  // namespace
}  // namespace greenroom::scoring

int main(int argc, char** argv) { return greenroom::scoring::Run(argc == 2 ? argv[1] : ""); }
