#include "services/scoring/domain/topics.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace greenroom::scoring {
namespace {

bool OneOf(absl::string_view word, std::initializer_list<absl::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The place that an ordinal means, counted from 0; -1 for other words. -2 means the last one.
int32_t Ordinal(absl::string_view word) {
  if (OneOf(word, {"first", "former", "1st"})) return 0;
  if (OneOf(word, {"second", "2nd"})) return 1;
  if (OneOf(word, {"third", "3rd"})) return 2;
  if (OneOf(word, {"fourth", "4th"})) return 3;
  if (OneOf(word, {"latter", "last"})) return -2;
  return -1;
}

}  // namespace

Topics::Topics(const Reading& reading, std::vector<TopicMention> mentions,
               const std::vector<int32_t>& prompt_order)
    : reading_(reading), mentions_(std::move(mentions)) {
  const auto in_order = [](const TopicMention& a, const TopicMention& b) {
    return std::pair(a.first, -a.last) < std::pair(b.first, -b.last);
  };
  std::stable_sort(mentions_.begin(), mentions_.end(), in_order);
  DropNested();
  AddOrdinals(prompt_order);
  std::stable_sort(mentions_.begin(), mentions_.end(), in_order);
}

// "supervised" within "un-supervised", "semi-supervised" or a longer mention is no mention of its own.
void Topics::DropNested() {
  const Text& text = reading_.text();
  std::vector<TopicMention> kept;
  int32_t reach = 0;
  for (const TopicMention& mention : mentions_) {
    const size_t first = static_cast<size_t>(mention.first);
    const bool prefixed = text.tokens()[first].glued && first > 0 &&
                          OneOf(text.Fold(first - 1), {"un", "non", "semi", "self", "anti", "weakly", "pre"});
    const bool nested = mention.last <= reach && !kept.empty() && kept.back().topic != mention.topic &&
                        (kept.back().first != mention.first || kept.back().last != mention.last);
    if (prefixed || nested) continue;
    reach = std::max(reach, mention.last);
    kept.push_back(mention);
  }
  mentions_ = std::move(kept);
}

void Topics::AddOrdinals(const std::vector<int32_t>& prompt_order) {
  const Text& text = reading_.text();
  std::vector<TopicMention> added;
  size_t next = 0;
  std::vector<int32_t> order;  // topics in the order the answer brought them up
  for (int32_t i = 0; i + 1 < static_cast<int32_t>(reading_.size()); ++i) {
    for (; next < mentions_.size() && mentions_[next].first <= i; ++next) {
      const int32_t topic = mentions_[next].topic;
      if (std::find(order.begin(), order.end(), topic) == order.end()) order.push_back(topic);
    }
    if (text.Fold(static_cast<size_t>(i)) != "the") continue;
    const absl::string_view word = text.Fold(static_cast<size_t>(i) + 1);
    int32_t place = Ordinal(word);
    if (place == -1) continue;
    const bool clear = OneOf(word, {"former", "latter"});
    if (!clear && i + 2 < static_cast<int32_t>(reading_.size())) {
      const Word& after = reading_.words()[static_cast<size_t>(i) + 2];
      const absl::string_view noun = text.Fold(static_cast<size_t>(i) + 2);
      const bool opens =
          text.sentences()[static_cast<size_t>(text.tokens()[static_cast<size_t>(i)].sentence)].first == i;
      if (!after.info.IsFunction() &&
          !OneOf(noun, {"kind", "type", "case", "approach", "method", "category"}) &&
          !(opens && absl::EndsWith(noun, "s"))) {
        continue;
      }
    }
    const std::vector<int32_t>& known = order.size() >= 2 ? order : prompt_order;
    if (place == -2) place = clear ? (known.size() > 1 ? 1 : -1) : static_cast<int32_t>(known.size()) - 1;
    if (place < 0 || place >= static_cast<int32_t>(known.size())) continue;
    added.push_back({i, i + 2, known[static_cast<size_t>(place)]});
  }
  mentions_.insert(mentions_.end(), added.begin(), added.end());
}

bool Topics::MentionsAt(int32_t first_token, int32_t topic) const {
  auto at =
      std::lower_bound(mentions_.begin(), mentions_.end(), first_token,
                       [](const TopicMention& mention, int32_t token) { return mention.first < token; });
  for (; at != mentions_.end() && at->first == first_token; ++at) {
    if (at->topic == topic) return true;
  }
  return false;
}

bool Topics::SaidOf(int32_t topic, bool sole, absl::Span<const int32_t> tokens) const {
  if (mentions_.empty()) return sole;
  bool mentioned = false;
  for (const TopicMention& mention : mentions_) {
    const bool own = std::any_of(tokens.begin(), tokens.end(), [&](int32_t token) {
      return token >= mention.first && token < mention.last;
    });
    if (own && mention.topic == topic) return true;
    mentioned = mentioned || own;
  }
  if (mentioned) return false;
  return std::all_of(tokens.begin(), tokens.end(), [&](int32_t token) {
    return reading_.words()[static_cast<size_t>(token)].info.IsFunction() || IsSaidOf(topic, sole, token);
  });
}

bool Topics::IsSaidOf(int32_t topic, bool sole, int32_t token) const {
  const Text& text = reading_.text();
  const int32_t part = reading_.words()[static_cast<size_t>(token)].part;
  const int32_t sentence = text.tokens()[static_cast<size_t>(token)].sentence;
  int32_t before_in_part = -1, after_in_part = -1, before_in_sentence = -1, after_in_sentence = -1,
          earlier = -1;
  for (const TopicMention& mention : mentions_) {
    const int32_t at = mention.first;
    const bool same_part = reading_.words()[static_cast<size_t>(at)].part == part;
    const bool same_sentence = text.tokens()[static_cast<size_t>(at)].sentence == sentence;
    if (at < token) {
      if (same_part && same_sentence) before_in_part = at;
      if (same_sentence) before_in_sentence = at;
      earlier = at;
    } else if (same_sentence) {
      if (same_part && after_in_part < 0) after_in_part = at;
      if (after_in_sentence < 0) after_in_sentence = at;
    }
  }
  for (int32_t nearest : {before_in_part, after_in_part, before_in_sentence, after_in_sentence, earlier}) {
    if (nearest >= 0) return MentionsAt(nearest, topic);
  }
  return sole;
}

}  // namespace greenroom::scoring
