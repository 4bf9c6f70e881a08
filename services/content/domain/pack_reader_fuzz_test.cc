// Broken sources of every kind: the reader answers, and what it accepts is a pack.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "services/content/domain/pack_generator.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/domain/pack_writer.h"

namespace greenroom::content {
namespace {

// Cuts, doubles and overwrites pieces.
std::string Broken(std::string text) {
  for (int i = *rc::gen::inRange(1, 6); i > 0 && !text.empty(); --i) {
    const size_t at = *rc::gen::inRange<size_t>(0, text.size());
    const size_t length = *rc::gen::inRange<size_t>(0, 30);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(at / 2, length));
        break;
      case 2:
        text.insert(at, PackGenerator::Nasty(5));
        break;
      default:
        text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
        break;
    }
  }
  return text;
}

RC_GTEST_PROP(PackReaderFuzz, AnswersToAnything, ()) {
  const std::string source = Broken(WritePack(PackGenerator().Pack()));
  const ReadResult read = ReadPack(source);
  if (!read.ok()) {
    for (const v1::Issue& issue : read.issues) {
      RC_ASSERT(!issue.code().empty());
      RC_ASSERT(!issue.message().empty());
    }
    return;
  }
  const ReadResult again = ReadPack(WritePack(read.pack));
  RC_ASSERT(again.ok());
  RC_ASSERT(google::protobuf::util::MessageDifferencer::Equals(again.pack, read.pack));
}

}  // namespace
}  // namespace greenroom::content
