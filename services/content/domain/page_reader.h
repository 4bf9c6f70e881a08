// The reader of plain pages: text copied from a site with questions and answers, made a pack for an author to edit.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_PAGE_READER_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_PAGE_READER_H_

#include "absl/strings/string_view.h"
#include "services/content/domain/pack_reader.h"

namespace greenroom::content {

// Reads a page of valid UTF-8, at most 4 MiB. `pack` is the id the pack shall have; where it is empty it is made from
// the page's first line. Total: never throws, linear in the page.
//
// - The first line is the role (without "interview prep" and the like), the second, where it is no heading or list, the
//   tagline. Lines that begin with a bullet before the first question are tips.
// - A line is a question when the next line that is not empty is "Show model answer"; what follows up to the next
//   question is its answer.
// - A trailing note of the answer that quotes words and says "red flag" becomes a red flag with those words, and is no
//   part of the model answer.
// - An answer that begins with the word STAR makes the question behavioural and gives it a `star`.
// - A numbered enumeration "(1) ... (2) ..." (or "1." or "1)") becomes a group; `any` is 60 % of its members, rounded up.
// - Everything else of an answer becomes a point per clause: sentences, and what stands between semicolons and dashes.
// All questions are marked `derived`; kinds, difficulty (3), ids and weights are guesses.
//
// Characters that look damaged are reported one by one with a suggestion (code damaged-character, a warning). Texts
// keep them, so that nothing is changed silently; points are derived from the text with the suggestions taken.
//
// A result without errors is a valid pack: WritePack and ReadPack give it back. Codes of errors: not-utf8, nul,
// too-large, no-question, missing-answer, too-long, too-many and those of ReadPack. Of warnings: damaged-character,
// shortened (a line longer than a pack allows was cut), left-out (a text with more clauses than a rubric may have).
ReadResult ReadPage(absl::string_view page, absl::string_view pack = "");

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_PAGE_READER_H_
