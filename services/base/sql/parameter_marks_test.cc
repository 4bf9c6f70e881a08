// The parameters of a statement's text.
#include "services/base/sql/parameter_marks.h"

#include "gtest/gtest.h"

namespace greenroom::sql {
namespace {

TEST(ParameterMarks, AreNamedInOrder) {
  EXPECT_EQ(NameParameters("SELECT ? FROM t WHERE a=? AND b = ?;").value(),
            "SELECT :p1 FROM t WHERE a=:p2 AND b = :p3");
  EXPECT_EQ(CountParameters("SELECT ? FROM t WHERE a=? AND b = ?;"), 3u);
}

TEST(ParameterMarks, OfLiteralsNamesAndCommentsAreNone) {
  constexpr char kSql[] = "SELECT '?', 'it''s ?', \"a?\" -- what?\n, ? /* ?; */ FROM t -- ?";
  EXPECT_EQ(NameParameters(kSql).value(),
            "SELECT '?', 'it''s ?', \"a?\" -- what?\n, :p1 /* ?; */ FROM t -- ?");
  EXPECT_EQ(CountParameters(kSql), 1u);
  EXPECT_EQ(CountParameters("'?"), 0u);  // never closed
}

TEST(ParameterMarks, OneStatementOnly) {
  for (const char* none : {"", " \n", ";", "-- nothing", "/* nothing */ ;"}) {
    EXPECT_FALSE(NameParameters(none).ok()) << none;
  }
  EXPECT_FALSE(NameParameters("SELECT 1; SELECT 2").ok());
  EXPECT_FALSE(NameParameters("SELECT 1;;2").ok());
  EXPECT_TRUE(NameParameters("SELECT ';' ; \n -- that was it;").ok());
}

}  // namespace
}  // namespace greenroom::sql
