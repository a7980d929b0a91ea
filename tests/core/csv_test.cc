// SPDX-License-Identifier: Apache-2.0
#include "core/csv.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/random.h"
#include "support/expect_error.h"
#include "support/temporary_directory.h"

namespace normadd::core {
namespace {

TEST(Csv, QuotesOnlyWhereNeeded) {
  const CsvTable table{{"name", "text"},
                       {{"plain", "a b"}, {"comma", "a,b"}, {"quote", "say \"hi\""}, {"line", "a\nb"}, {"", ""}}};
  EXPECT_EQ(csv_text(table), "name,text\nplain,a b\ncomma,\"a,b\"\nquote,\"say \"\"hi\"\"\"\nline,\"a\nb\"\n,\n");
}

TEST(Csv, RoundTrip) {
  RandomStream random(1, "csv");
  const std::vector<std::string> pieces = {"a", ",", "\"", "\n", "\r", " ", "ä", "1.5", ";", "\"\""};
  test::TemporaryDirectory directory;
  for (int i = 0; i < 200; ++i) {
    CsvTable table;
    const std::size_t num_columns = 1 + random.index(4);
    const auto row = [&] {
      std::vector<std::string> fields(num_columns);
      for (auto& field : fields) {
        for (std::size_t n = random.index(5); n > 0; --n) field += random.pick(pieces);
      }
      return fields;
    };
    table.columns = row();
    for (std::size_t n = random.index(5); n > 0; --n) table.rows.push_back(row());
    const CsvTable read = parse_csv(csv_text(table), "memory");
    ASSERT_EQ(read.columns, table.columns) << csv_text(table);
    ASSERT_EQ(read.rows, table.rows) << csv_text(table);
    if (i == 0) {
      write_csv(directory / "t.csv", table);
      EXPECT_EQ(read_csv(directory / "t.csv").rows, table.rows);
    }
  }
}

TEST(Csv, ReadsWindowsLinesAndAMissingLastLineEnd) {
  const CsvTable table = parse_csv("a,b\r\n1,2\r\n3,4", "f.csv");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"1", "2"}, {"3", "4"}}));
}

TEST(Csv, NamesTheLineThatIsWrong) {
  test::expect_error<DataError>([] { parse_csv("a,b\n1,2\n3\n", "f.csv"); }, {"f.csv:3", "1 fields, the header 2"});
  test::expect_error<DataError>([] { parse_csv("a,b\n1,\"2\n", "f.csv"); }, {"f.csv:", "not closed"});
  test::expect_error<DataError>([] { read_csv("/no/such.csv"); }, {"/no/such.csv"});
}

TEST(Csv, RowsKnowTheLineOnWhichTheyBegin) {
  const CsvTable table = parse_csv(
      "\xef\xbb\xbf"
      "a,b\n1,\"x\ny\"\n\n2,z\r\n\r\n,\n",
      "f.csv");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.rows, (std::vector<std::vector<std::string>>{{"1", "x\ny"}, {"2", "z"}, {"", ""}}));
  EXPECT_EQ(table.lines, (std::vector<std::size_t>{2, 5, 7}));
  test::expect_error<DataError>([] { parse_csv("a,b\n\"1\n\",2\n3\n", "f.csv"); }, {"f.csv:4", "1 fields"});
  test::expect_error<DataError>([] { parse_csv("a,b\n1,2\n3,\"4\n\n", "f.csv"); }, {"f.csv:3", "not closed"});
}

TEST(Csv, ColumnsAreFoundByName) {
  const CsvTable table = parse_csv("a,b\n", "f.csv");
  EXPECT_EQ(table.column("b"), 1u);
  test::expect_error<DataError>([&] { (void)table.column("c"); }, {"no column 'c'"});
}

}  // namespace
}  // namespace normadd::core
