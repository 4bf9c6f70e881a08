// A phrase that the reader of packs lets pass is one that the grader can read: a pack once published grades for good.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/content/domain/phrase_syntax.h"
#include "services/scoring/domain/phrase.h"

namespace greenroom::scoring {
namespace {

std::string Utf8(char32_t c) {
  std::string text;
  const auto trail = [&](int shift) { text += static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xc0 | (c >> 6));
    trail(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xe0 | (c >> 12));
    trail(6);
    trail(0);
  } else {
    text += static_cast<char>(0xf0 | (c >> 18));
    trail(12);
    trail(6);
    trail(0);
  }
  return text;
}

TEST(PhraseAgreement, OnEveryCodePoint) {
  int accepted = 0;
  for (char32_t c = 1; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const std::string word = Utf8(c);
    for (const std::string& phrase : {word, "=" + word + "="}) {
      if (!content::CheckPhrase(phrase).code.empty()) continue;
      ++accepted;
      const auto parsed = ParsePhrase(phrase);
      ASSERT_TRUE(parsed.ok()) << phrase << " (" << static_cast<uint32_t>(c) << "): " << parsed.status();
    }
  }
  EXPECT_GT(accepted, 2 * 100'000) << "every letter of Unicode";
}

RC_GTEST_PROP(PhraseAgreement, OnPhrasesOfWordsThatProseDrops, ()) {
  static const auto& pieces =
      *new std::vector<std::string>(absl::StrSplit("a~the~um~word~1~1.~2)~b)~-~->~\u2192~*~#~...~\u2026~(~)~|"
                                                   "~(x|~=~=1.=~ ~ ~\n~'s~\u2019~\"~\u00b2~\u2460~\u0301~"
                                                   "\u65e5~\u3164~\u00ad~\U0001f600~%~&~/~{~,~:~!~C++~don't",
                                                   '~'));
  const auto piece = rc::gen::elementOf(pieces);
  const std::string phrase = absl::StrJoin(*rc::gen::container<std::vector<std::string>>(piece), "");
  const content::PhraseProblem problem = content::CheckPhrase(phrase);
  RC_CLASSIFY(problem.code.empty());
  if (!problem.code.empty()) return;
  const auto parsed = ParsePhrase(phrase);
  if (!parsed.ok()) RC_FAIL(phrase + ": " + parsed.status().ToString());
}

}  // namespace
}  // namespace greenroom::scoring
