// The words that a pack's YAML has for the values of enums.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_WORDS_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_WORDS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "greenroom/content/v1/pack.pb.h"

namespace greenroom::content {

inline constexpr absl::string_view kPackFormatName = "greenroom-pack/1";

template <typename Enum>
struct Word {
  absl::string_view word;
  Enum value;
};

inline constexpr Word<v1::Visibility> kVisibilityWords[] = {{"practice", v1::VISIBILITY_PRACTICE},
                                                            {"exam", v1::VISIBILITY_EXAM}};
inline constexpr Word<v1::OfflinePolicy> kOfflineWords[] = {{"none", v1::OFFLINE_POLICY_NONE},
                                                            {"full", v1::OFFLINE_POLICY_FULL}};
inline constexpr Word<v1::QuestionKind> kQuestionKindWords[] = {
    {"concept", v1::QUESTION_KIND_CONCEPT},
    {"system_design", v1::QUESTION_KIND_SYSTEM_DESIGN},
    {"behavioural", v1::QUESTION_KIND_BEHAVIOURAL},
    {"production", v1::QUESTION_KIND_PRODUCTION}};
inline constexpr Word<v1::Need> kNeedWords[] = {{"statement", v1::NEED_STATEMENT},
                                                {"mention", v1::NEED_MENTION}};
inline constexpr Word<v1::Detect> kDetectWords[] = {{"example", v1::DETECT_EXAMPLE},
                                                    {"trade-off", v1::DETECT_TRADE_OFF},
                                                    {"figure", v1::DETECT_FIGURE},
                                                    {"question", v1::DETECT_QUESTION}};
inline constexpr Word<v1::FlagKind> kFlagKindWords[] = {{"red_flag", v1::FLAG_KIND_RED_FLAG},
                                                        {"misconception", v1::FLAG_KIND_MISCONCEPTION}};

// The word of `value`; empty where it has none.
template <typename Enum, size_t N>
absl::string_view WordOf(const Word<Enum> (&words)[N], Enum value) {
  for (const Word<Enum>& word : words) {
    if (word.value == value) return word.word;
  }
  return {};
}

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_WORDS_H_
