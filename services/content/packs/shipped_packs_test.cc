#include "services/content/packs/shipped_packs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "services/content/domain/pack_reader.h"
#include "services/content/domain/pack_writer.h"
#include "services/content/domain/revision.h"

namespace greenroom::content {
namespace {

TEST(ShippedPacks, AreTheFilesAsTheyAre) {
  ASSERT_FALSE(ShippedPacks().empty());
  for (const ShippedPack& pack : ShippedPacks()) {
    std::ifstream file("services/content/packs/" + std::string(pack.id) + ".pack.yaml", std::ios::binary);
    ASSERT_TRUE(file) << pack.id;
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), std::string(pack.yaml)) << pack.id;
  }
}

TEST(ShippedPacks, AreValidAndNamedByTheirId) {
  for (const ShippedPack& pack : ShippedPacks()) {
    const ReadResult read = ReadPack(pack.yaml);
    for (const v1::Issue& issue : read.issues) ADD_FAILURE() << pack.id << ": " << IssueText(issue);
    EXPECT_EQ(read.pack.pack(), std::string(pack.id));
    EXPECT_EQ(CanonicalJson(ReadPack(WritePack(read.pack)).pack), CanonicalJson(read.pack));
  }
}

}  // namespace
}  // namespace greenroom::content
