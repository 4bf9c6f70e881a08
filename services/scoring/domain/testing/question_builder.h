// Questions and rubric items in few words, for tests.
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_QUESTION_BUILDER_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_QUESTION_BUILDER_H_

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "greenroom/content/v1/pack.pb.h"
#include "services/scoring/domain/compile.h"

namespace greenroom::scoring {

inline content::v1::RubricItem Point(const std::string& id, const std::string& point,
                                     const std::vector<std::string>& accept = {}) {
  content::v1::RubricItem item;
  item.set_id(id);
  item.set_point(point);
  for (const std::string& phrase : accept) item.add_accept(phrase);
  return item;
}

inline content::v1::RubricItem Mention(const std::string& id, const std::string& point,
                                       const std::vector<std::string>& accept = {}) {
  content::v1::RubricItem item = Point(id, point, accept);
  item.set_need(content::v1::NEED_MENTION);
  return item;
}

inline content::v1::RubricItem About(content::v1::RubricItem item, const std::vector<std::string>& about) {
  for (const std::string& phrase : about) item.add_about(phrase);
  return item;
}

inline content::v1::RubricItem Group(const std::string& id, int any,
                                     const std::vector<content::v1::RubricItem>& members) {
  content::v1::RubricItem item;
  item.set_id(id);
  item.set_any(any);
  for (const content::v1::RubricItem& member : members) *item.add_of() = member;
  return item;
}

inline content::v1::RedFlag Flag(const std::string& id, const std::vector<std::string>& match,
                                 const std::vector<std::string>& unless = {}) {
  content::v1::RedFlag flag;
  flag.set_id(id);
  flag.set_point("Says " + id);
  flag.set_say("Look at this again.");
  for (const std::string& phrase : match) flag.add_match(phrase);
  for (const std::string& phrase : unless) flag.add_unless(phrase);
  return flag;
}

inline content::v1::Question Question(const std::vector<content::v1::RubricItem>& rubric,
                                      const std::vector<content::v1::RedFlag>& flags = {}) {
  content::v1::Question question;
  question.set_id("question");
  question.set_kind(content::v1::QUESTION_KIND_CONCEPT);
  question.set_language("en");
  question.set_prompt("Explain it, please.");
  question.set_model_answer("There is a model answer of a few words that no test says.");
  for (const content::v1::RubricItem& item : rubric) *question.add_rubric() = item;
  for (const content::v1::RedFlag& flag : flags) *question.add_red_flags() = flag;
  return question;
}

// Dies where the question does not compile.
inline CompiledQuestion MustCompile(const content::v1::Question& question) {
  absl::StatusOr<CompiledQuestion> compiled = Compile(question);
  if (!compiled.ok()) {
    std::cerr << compiled.status() << "\n";
    std::abort();
  }
  return *std::move(compiled);
}

inline v1::Report Grade(const content::v1::Question& question, absl::string_view answer) {
  return Grade(MustCompile(question), answer);
}

inline const v1::ItemResult* FindItem(const google::protobuf::RepeatedPtrField<v1::ItemResult>& items,
                                      const std::string& id) {
  for (const v1::ItemResult& item : items) {
    if (item.id() == id) return &item;
    if (const v1::ItemResult* member = FindItem(item.members(), id)) return member;
  }
  return nullptr;
}

// -1 where there is no such item.
inline double Credit(const v1::Report& report, const std::string& id) {
  const v1::ItemResult* item = FindItem(report.items(), id);
  return item == nullptr ? -1 : item->credit();
}

inline bool Made(const v1::Report& report, const std::string& id) { return Credit(report, id) > 0.495; }

inline bool Raised(const v1::Report& report, const std::string& id) {
  for (const v1::FlagResult& flag : report.flags()) {
    if (flag.id() == id) return true;
  }
  return false;
}

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_TESTING_QUESTION_BUILDER_H_
