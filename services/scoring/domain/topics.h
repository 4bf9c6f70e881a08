// Which thing an answer is talking about, for points that hold of one thing only (`about`).
#ifndef GREENROOM_SERVICES_SCORING_DOMAIN_TOPICS_H_
#define GREENROOM_SERVICES_SCORING_DOMAIN_TOPICS_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "services/scoring/domain/phrase.h"
#include "services/scoring/domain/reading.h"

namespace greenroom::scoring {

// Where an answer mentions a topic.
struct TopicMention {
  int32_t first = 0;  // token
  int32_t last = 0;   // one past
  int32_t topic = 0;
};

// Of one reading. Words are said of the topic mentioned among them, else before them in their clause, else after them
// in their clause, else before or after them in their sentence, else of the topic mentioned last. "The first" and "the
// former" mention a topic by the order in which the question and the answer brought them up.
class Topics {
 public:
  // `mentions` in any order; `prompt_order` are the topics of the question in their order there.
  Topics(const Reading& reading, std::vector<TopicMention> mentions,
         const std::vector<int32_t>& prompt_order);

  // Whether every one of `tokens`, or one that mentions it, is said of `topic`. `sole`: the question has only this topic, which an answer need not name.
  bool SaidOf(int32_t topic, bool sole, absl::Span<const int32_t> tokens) const;

 private:
  void DropNested();
  void AddOrdinals(const std::vector<int32_t>& prompt_order);
  bool IsSaidOf(int32_t topic, bool sole, int32_t token) const;
  bool MentionsAt(int32_t first_token, int32_t topic) const;

  const Reading& reading_;
  std::vector<TopicMention> mentions_;  // by first token
};

}  // namespace greenroom::scoring

#endif  // GREENROOM_SERVICES_SCORING_DOMAIN_TOPICS_H_
