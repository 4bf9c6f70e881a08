#include "services/content/domain/pack_writer.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "services/content/domain/pack_generator.h"
#include "services/content/domain/pack_reader.h"
#include "services/content/domain/revision.h"

namespace greenroom::content {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string Difference(const v1::PackContent& a, const v1::PackContent& b) {
  std::string text;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&text);
  differencer.Compare(a, b);
  return text;
}

RC_GTEST_PROP(PackWriter, WhatIsWrittenReadsBackTheSame, ()) {
  v1::PackContent pack = PackGenerator().Pack();
  const std::string yaml = WritePack(pack);
  const ReadResult read = ReadPack(yaml);
  for (const v1::Issue& issue : read.issues) RC_LOG() << IssueText(issue) << "\n" << yaml;
  RC_ASSERT(read.ok());
  Canonicalise(pack);
  const std::string difference = Difference(pack, read.pack);
  RC_LOG() << difference << yaml;
  RC_ASSERT(difference.empty());
  RC_ASSERT(WritePack(read.pack) == yaml);
}

RC_GTEST_PROP(YamlScalar, AnyTextSurvives, ()) {
  v1::PackContent pack;
  v1::Question& question = *pack.add_questions();
  question.add_examples()->set_answer(PackGenerator::Nasty(20));
  const ReadResult read = ReadPack(WritePack(pack));  // not a valid pack, but the answer is read
  RC_ASSERT(read.pack.questions(0).examples(0).answer() == question.examples(0).answer());
}

TEST(YamlScalar, IsReadableWhereItCanBe) {
  EXPECT_EQ(YamlScalar("Name one.", 4), "Name one.");
  EXPECT_EQ(YamlScalar("two\nlines", 2), "|-\n  two\n  lines");
  EXPECT_EQ(YamlScalar("two\n\nlines\n", 2), "|\n  two\n\n  lines");
  EXPECT_EQ(YamlScalar("kept\n\n", 2), "|+\n  kept\n");
  EXPECT_EQ(YamlScalar(" led by space\nand more", 2), "\" led by space\\nand more\"");
  EXPECT_EQ(YamlScalar("yes", 2), "\"yes\"");
  EXPECT_EQ(YamlScalar("12", 2), "\"12\"");
  EXPECT_EQ(YamlScalar("a: b", 2), "\"a: b\"");
  EXPECT_EQ(YamlScalar("a\x1b[0m", 2), "\"a\\u001B[0m\"");
}

}  // namespace
}  // namespace greenroom::content
