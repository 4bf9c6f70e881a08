#include "services/session/memory/pack_outline.h"

#include <utility>

namespace greenroom::session {
namespace {

// The index of the topic in the outline, put there where it is not yet.
size_t TopicIndex(PackOutline& outline, const std::vector<content::v1::Topic>& topics,
                  const std::string& id) {
  for (size_t i = 0; i < outline.topics.size(); ++i) {
    if (outline.topics[i].id == id) return i;
  }
  OutlineTopic added = {id, id, 1};
  for (const content::v1::Topic& topic : topics) {
    if (topic.id() == id) added = {id, topic.title(), topic.has_weight() ? topic.weight() : 1};
  }
  outline.topics.push_back(std::move(added));
  return outline.topics.size() - 1;
}

bool HasQuestion(const std::vector<content::v1::Question>& questions, const std::string& topic) {
  for (const content::v1::Question& question : questions) {
    if (!question.follow_up_only() && question.topic() == topic) return true;
  }
  return false;
}

}  // namespace

const OutlineQuestion* PackOutline::Find(absl::string_view question) const {
  const auto found = by_id.find(std::string(question));
  return found == by_id.end() ? nullptr : &questions[found->second];
}

double PackOutline::WeightOf(absl::string_view question) const {
  const OutlineQuestion* found = Find(question);
  return found == nullptr ? 1 : topics[found->topic].weight;
}

int PackOutline::MinutesOf(absl::string_view question) const {
  const OutlineQuestion* found = Find(question);
  return found == nullptr ? kDefaultMinutes : found->minutes;
}

PackOutline OutlineOf(std::string pack, const std::vector<content::v1::Topic>& topics,
                      const std::vector<content::v1::Question>& questions) {
  PackOutline outline;
  outline.pack = std::move(pack);
  for (const content::v1::Topic& topic : topics) {
    if (HasQuestion(questions, topic.id())) TopicIndex(outline, topics, topic.id());
  }
  for (const content::v1::Question& question : questions) {
    if (question.follow_up_only()) continue;
    OutlineQuestion added;
    added.id = question.id();
    added.topic = TopicIndex(outline, topics, question.topic());
    if (question.minutes() > 0) added.minutes = question.minutes();
    if (question.difficulty() > 0) added.difficulty = question.difficulty();
    outline.by_id[added.id] = outline.questions.size();
    outline.questions.push_back(std::move(added));
  }
  return outline;
}

}  // namespace greenroom::session
