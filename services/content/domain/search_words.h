// Texts and queries as words that can be compared.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_SEARCH_WORDS_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_SEARCH_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

struct sb_stemmer;

namespace greenroom::content {

// The words of `text` in their order, in folded case and compatibility form (Unicode NFKC_Casefold). A word is a run of
// letters, digits and their marks, with apostrophes inside it and the `+` or `#` that end it ("c++"); an ideograph is a
// word by itself. Bytes that are not UTF-8 part words.
std::vector<std::string> SearchWords(absl::string_view text);

// Brings the endings of one language's words together. One thread at a time.
class SearchStemmer {
 public:
  // `language` is BCP 47. English is Porter2, after British endings have been written the American way; other languages
  // are what libstemmer has for them; where it has nothing, words stand for themselves.
  explicit SearchStemmer(absl::string_view language);
  ~SearchStemmer();
  SearchStemmer(const SearchStemmer&) = delete;
  SearchStemmer& operator=(const SearchStemmer&) = delete;

  // Of one of SearchWords.
  std::string Stem(const std::string& word) const;

 private:
  bool english_ = false;
  sb_stemmer* stemmer_ = nullptr;
};

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_SEARCH_WORDS_H_
