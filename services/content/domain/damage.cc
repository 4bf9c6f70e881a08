#include "services/content/domain/damage.h"

#include <unicode/ucnv.h>

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/content/domain/text_rules.h"

namespace greenroom::content {
namespace {

// A single-byte encoding, read backwards: from a character to the byte that it was taken for.
class Encoding {
 public:
  explicit Encoding(const char* name) {
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<UConverter, void (*)(UConverter*)> converter(ucnv_open(name, &error), ucnv_close);
    if (U_FAILURE(error)) return;
    for (unsigned byte = 0x80; byte <= 0xff; ++byte) {
      const char source = static_cast<char>(byte);
      UChar target[4];
      error = U_ZERO_ERROR;
      ucnv_reset(converter.get());
      const int32_t length = ucnv_toUChars(converter.get(), target, 4, &source, 1, &error);
      if (U_SUCCESS(error) && length == 1 && target[0] >= 0x80 && target[0] != 0xfffd)
        bytes_[target[0]] = source;
    }
  }

  std::optional<char> ByteOf(char32_t character) const {
    auto it = bytes_.find(character);
    return it == bytes_.end() ? std::nullopt : std::optional<char>(it->second);
  }

 private:
  std::unordered_map<char32_t, char> bytes_;
};

const std::array<Encoding, 4>& Encodings() {
  static const std::array<Encoding, 4>& encodings = *new std::array<Encoding, 4>{
      Encoding("windows-1252"), Encoding("ISO-8859-1"), Encoding("ISO-8859-7"), Encoding("windows-1253")};
  return encodings;
}

struct Character {
  char32_t code;
  size_t offset;
  size_t length;
};

std::vector<Character> Characters(absl::string_view text) {
  std::vector<Character> characters;
  for (size_t offset = 0; offset < text.size();) {
    const size_t start = offset;
    const char32_t code = NextCodePoint(text, offset).value_or(0xfffd);
    characters.push_back({code, start, offset - start});
  }
  return characters;
}

bool IsLatinLetter(char32_t c) { return c < 0x80 && absl::ascii_isalpha(static_cast<unsigned char>(c)); }

// What people write beside ASCII: Latin letters and signs, punctuation, arrows and mathematics, pictures.
bool IsPlausible(char32_t c) {
  return (c >= 0xa0 && c < 0x180) || (c >= 0x2000 && c < 0x2300) || c >= 0x1f300;
}

class Finder {
 public:
  explicit Finder(absl::string_view text) : text_(text), characters_(Characters(text)) {}

  std::vector<Damage> Run() {
    for (size_t i = 0; i < characters_.size();) {
      const char32_t c = characters_[i].code;
      if (c < 0x80 && !(IsControl(c) && c != '\t' && c != '\n' && c != '\r')) {
        ++i;
        continue;
      }
      if (std::optional<Damage> found = Sequence(i)) {
        i += Add(i, *std::move(found));
      } else if (c == 0xfffd || IsControl(c)) {
        i += Add(i, {.length = characters_[i].length, .suggestion = ""});
      } else if (const char* meant = Remnant(i)) {
        i += Add(i, {.length = characters_[i].length, .suggestion = meant});
      } else {
        ++i;
      }
    }
    return std::move(found_);
  }

 private:
  // Enters what was found at character `i`; how many characters it takes.
  size_t Add(size_t i, Damage damage) {
    damage.offset = characters_[i].offset;
    damage.column = static_cast<int>(i) + 1;
    size_t count = 0;
    for (size_t bytes = 0; bytes < damage.length; ++count) bytes += characters_[i + count].length;
    found_.push_back(std::move(damage));
    return count;
  }

  // The characters from `i` on as the bytes of one UTF-8 character. Two of them at least are needed.
  std::optional<Damage> Sequence(size_t i) const {
    for (const Encoding& encoding : Encodings()) {
      std::string bytes;
      size_t length = 0;
      for (size_t k = i; k < characters_.size() && bytes.size() < 4; ++k) {
        const std::optional<char> byte = encoding.ByteOf(characters_[k].code);
        if (!byte) break;
        bytes += *byte;
        length += characters_[k].length;
        size_t end = 0;
        if (bytes.size() < 2) continue;
        const std::optional<char32_t> meant = NextCodePoint(bytes, end);
        if (!meant || end != bytes.size() || !IsPlausible(*meant)) continue;
        return Damage{.length = length, .suggestion = bytes};
      }
    }
    return std::nullopt;
  }

  // What was meant by the first letter of a sequence whose rest is gone: 0xE2 begins dashes and quotes.
  const char* Remnant(size_t i) const {
    const char32_t c = characters_[i].code;
    if ((c != U'β' && c != U'â') || i == 0 || i + 1 == characters_.size()) return nullptr;
    const char32_t before = characters_[i - 1].code, after = characters_[i + 1].code;
    if (before == ' ' && after == ' ') return "\u2013";
    // "â" has its place in Latin words, "β" has not.
    return c == U'β' && IsLatinLetter(before) && IsLatinLetter(after) ? "\u2019" : nullptr;
  }

  absl::string_view text_;
  std::vector<Character> characters_;
  std::vector<Damage> found_;
};

}  // namespace

std::vector<Damage> FindDamage(absl::string_view text) { return Finder(text).Run(); }

std::string Repaired(absl::string_view text) {
  std::string repaired;
  size_t done = 0;
  for (const Damage& damage : FindDamage(text)) {
    absl::StrAppend(&repaired, text.substr(done, damage.offset - done),
                    damage.suggestion.empty() ? " " : damage.suggestion);
    done = damage.offset + damage.length;
  }
  absl::StrAppend(&repaired, text.substr(done));
  return repaired;
}

}  // namespace greenroom::content
