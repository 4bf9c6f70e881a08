// Colour on a terminal. Never the only bearer of a meaning: the same is always said in words.
#ifndef GREENROOM_CLIENTS_CLI_INK_H_
#define GREENROOM_CLIENTS_CLI_INK_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace greenroom::cli {

enum class Ink { kPlain, kStrong, kFaint, kGood, kPartly, kBad };

// What a page is laid out for.
struct Page {
  int width = 80;       // cells; at least kMinWidth is assumed
  bool colour = false;  // ECMA-48 colours may be used
};

// `text` in colour, if the page has any.
inline std::string Paint(const Page& page, Ink ink, absl::string_view text) {
  if (!page.colour || ink == Ink::kPlain || text.empty()) return std::string(text);
  const char* code = "";
  switch (ink) {
    case Ink::kPlain:
      break;
    case Ink::kStrong:
      code = "1";
      break;
    case Ink::kFaint:
      code = "2";
      break;
    case Ink::kGood:
      code = "32";
      break;
    case Ink::kPartly:
      code = "33";
      break;
    case Ink::kBad:
      code = "31";
      break;
  }
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_INK_H_
