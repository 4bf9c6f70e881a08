// Characters that came to harm when a text was read in a wrong encoding.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_DAMAGE_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_DAMAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace greenroom::content {

// A place in a text that is probably not what its author wrote.
struct Damage {
  size_t offset = 0;       // first byte
  size_t length = 0;       // in bytes
  int column = 0;          // from 1, in code points from the text's beginning
  std::string suggestion;  // what was probably meant; empty where nobody can tell
};

// Finds, in valid UTF-8, in order:
// - characters that are the bytes of one UTF-8 character read as ISO 8859-1, ISO 8859-7 or Windows-1252 or -1253
//   ("Β²" for "²", "â€™" for "’");
// - the first letter of such a sequence whose rest was dropped, where it stands between spaces ("β" or "â" for a dash)
//   or inside a Latin word ("donβt");
// - U+FFFD and control characters other than tab and line break, without a suggestion.
std::vector<Damage> FindDamage(absl::string_view text);

// `text` with every suggestion taken; what has none becomes a space.
std::string Repaired(absl::string_view text);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_DAMAGE_H_
