// The reader of the pack format `greenroom-pack/1`: YAML in, a pack and everything that is wrong with it out.
#ifndef GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_READER_H_
#define GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_READER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "greenroom/content/v1/authoring_service.pb.h"
#include "greenroom/content/v1/pack.pb.h"
#include "services/content/domain/issue.h"

namespace greenroom::content {

// One file of a pack.
struct PackSource {
  std::string name;  // as issues shall call it
  std::string text;
};

// What came of reading a source.
struct ReadResult {
  // The pack in canonical form (revision.h). With errors it holds what could be read and must not be stored.
  v1::PackContent pack;
  // Errors and warnings in the order of their places.
  std::vector<v1::Issue> issues;
  // Where the pack's parts stand in the source, by path; for issues found later.
  PlaceMap places;

  // Whether `pack` is a valid pack.
  bool ok() const { return !HasErrors(issues); }
};

// Reads a pack. Total for any bytes: never throws, memory and stack are bounded, time is linear in the source (a YAML
// source of more than 4 MiB is refused unread).
//
// Codes of errors: those of ParseYaml (yaml_tree.h), and unknown-key, missing-key, wrong-type, out-of-range,
// too-precise, too-few, too-many, too-short, too-long, line-break, control-character, bad-id, bad-language, bad-url,
// bad-value, bad-format, duplicate-id, unknown-reference, not-follow-up-only, made-and-missed, phrase-syntax,
// phrase-expansions, no-question, too-deep. Of warnings: never-asked. "too-many-issues" is the last of 200.
// Columns are those of the value (for keys: of the key); a value in a block begins at its `|` or `>`.
ReadResult ReadPack(absl::string_view yaml);

// The same for a pack in several files: maps are merged by key, `tips`, `topics` and `questions` (and lists of entries
// with an id inside them) by id in the order of `sources`; a value given twice must be the same. The sources together
// have at most 4 MiB. Messages begin with the name of their source.
ReadResult ReadPack(absl::Span<const PackSource> sources);

}  // namespace greenroom::content

#endif  // GREENROOM_SERVICES_CONTENT_DOMAIN_PACK_READER_H_
