#include "ingest/csv.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace andon::ingest {
namespace {

class Csv : public testing::Test {
 protected:
  void SetUp() override {
    char dir[] = "/tmp/andon-csv-XXXXXX";
    ASSERT_NE(mkdtemp(dir), nullptr);
    dir_ = dir;
    auto engine = sql::Engine::Open({.memory_limit_bytes = 256 << 20, .threads = 1});
    ASSERT_TRUE(engine.ok());
    engine_.emplace(std::move(*engine));
    auto connection = engine_->Connect();
    ASSERT_TRUE(connection.ok());
    connection_.emplace(std::move(*connection));
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  CsvFile Write(const std::string& content, const Json& options = Json()) {
    const std::string path = dir_ + "/payment.csv";
    std::ofstream(path, std::ios::binary) << content;
    auto file = CsvFileOf(path, "in/payment.csv", options);
    EXPECT_TRUE(file.ok());
    return *file;
  }

  // The rows as text, or the sentence that says why there are none.
  std::string Read(const CsvFile& file) {
    auto header = ReadHeader(*connection_, file);
    if (!header.ok()) return header.error().message;
    auto relation = CsvRelation(file, *header, columns_);
    if (!relation.ok()) return relation.error().message;
    auto rows = connection_->Query(*relation);
    if (!rows.ok()) {
      auto bad = FindBadRows(*connection_, file, *header, columns_);
      if (!bad.ok()) return "?? " + bad.error().message;
      return *bad ? (*bad)->sentence : "?? " + rows.error().message;
    }
    std::vector<std::string> lines;
    for (int64_t r = 0; r < rows->row_count(); ++r) {
      std::vector<std::string> cells;
      for (size_t c = 0; c < rows->columns().size(); ++c) cells.push_back(rows->Text(r, c));
      lines.push_back(Join(cells, "|"));
    }
    return Join(lines, "; ");
  }

  std::string dir_;
  std::optional<sql::Engine> engine_;
  std::optional<sql::Connection> connection_;
  std::vector<definition::Column> columns_ = {{.name = "id", .type = "long"},
                                              {.name = "amount", .type = "decimal(5,2)"},
                                              {.name = "note", .type = "string"},
                                              {.name = "at", .type = "timestamp"}};
};

TEST_F(Csv, IsReadWithTheDeclaredTypes) {
  EXPECT_EQ(Read(Write("id,amount,note,at\n1,4.99,hi,2005-08-01 08:51:04\n")),
            "1|4.99|hi|2005-08-01 08:51:04");
  EXPECT_EQ(Read(Write("\xEF\xBB\xBFnote,id,at,amount\r\n\"a, \"\"b\"\"\",2,2005-08-01,0\r\n")),
            "2|0.00|a, \"b\"|2005-08-01 00:00:00");
  EXPECT_EQ(Read(Write("id,amount,note,at\n1,,,\n2,1,\"\",2005-08-01")),
            "1|NULL|NULL|NULL; 2|1.00||2005-08-01 00:00:00");
  EXPECT_EQ(Read(Write("id,amount,note,at,more\n1,1,a,2005-08-01,x\n")),
            "1|1.00|a|2005-08-01 00:00:00");
  EXPECT_EQ(Read(Write("id;note;amount;at\n1;NULL;1;2005-08-01\n",
                       Json::Object({{"delimiter", ";"}, {"null", "NULL"}}))),
            "1|1.00|NULL|2005-08-01 00:00:00");
  EXPECT_EQ(Read(Write("id,amount,note,at\n")), "");
  EXPECT_EQ(Read(Write("id,amount\n1,4.9899999999999998\n2,4.990\n3,-0.01\n4,999.99\n")),
            "1|4.99|NULL|NULL; 2|4.99|NULL|NULL; 3|-0.01|NULL|NULL; 4|999.99|NULL|NULL");
}

TEST_F(Csv, SaysWhichRowIsAtFault) {
  const std::pair<std::string, const char*> cases[] = {
      {"id,amount,note,at\n1,1,a,2005-08-01\n2,abc,b,2005-08-02\n",
       "line 3, column amount: \"abc\" is no decimal(5,2)."},
      {"id,amount,note,at\nx,1,a,2005-08-01\n2,1,b,never\n",
       "2 rows do not fit, the first at line 2, column id: \"x\" is no long."},
      {"id,amount,note,at\n1,1,a,2005-08-01,more\n2,1,b,2005-08-02\n",
       "line 2: the row has 5 columns instead of 4"},
      {"id,amount,note,at\n1,1,a\n2,1,b,2005-08-02\n",
       "line 2: the row has 3 columns instead of 4"},
      {"id,amount,note,at\n1,1,a,2005-08-01\n2,1,b",
       "The file ends in the middle of a row: it was cut off."},
      {"id,amount,note,at\n1,1,\"a,2005-08-01\n", "The file ends in the middle of a row"},
      {"id,amount,note,at\n1,1,a\xFFz,2005-08-01\n", "not valid UTF-8"},
      {"id,amount,note,at\n1,12345.00,a,2005-08-01\n", "\"12345.00\" is no decimal(5,2)"},
      {"id,amount,note,at\n1,4.99,a,2005-08-01\n2,4.999,b,2005-08-02\n",
       "line 3, column amount: \"4.999\" is no decimal(5,2): it has more digits."},
      {"", "it is empty"},
      {std::string(4096, '\0'), "its first line is no text"},
      {"\n", "it is empty"},
      {"id,amount,id\n", "\"id\" stands there twice"},
      {"id,,x\n", "a column has no name"},
      {"\"id,amount\n", "a quote is not closed"},
  };
  for (const auto& [content, says] : cases) {
    std::string sentence = Read(Write(content));
    EXPECT_NE(sentence.find("in/payment.csv cannot be read"), std::string::npos) << content << "\n"
                                                                                 << sentence;
    EXPECT_NE(sentence.find(says), std::string::npos) << content << "\n" << sentence;
  }
}

TEST_F(Csv, RefusesALineWithoutEnd) {
  std::string sentence =
      Read(Write("id,amount,note,at\n1,1," + std::string(10'000'000, 'x') + ",2005-08-01\n"));
  EXPECT_NE(sentence.find("line 2: the row is longer than 2,000,000 bytes"), std::string::npos)
      << sentence.substr(0, 300);
  EXPECT_LT(sentence.size(), 500u);
  sentence = Read(Write(std::string(10'000'000, 'x')));
  EXPECT_NE(sentence.find("cannot be read"), std::string::npos) << sentence.substr(0, 300);
  EXPECT_LT(sentence.size(), 500u);
}

TEST_F(Csv, ABadRowCrossesAPipe) {
  Unreadable u{.file = "a.csv",
               .rows = {{3, "x", "abc", "is no int"}},
               .rows_total = 2,
               .is_cut_off = true,
               .sentence = "It cannot be read."};
  Unreadable back = UnreadableFromJson(ToJson(u));
  EXPECT_EQ(ToJson(back), ToJson(u));
  EXPECT_FALSE(CsvFileOf("a", "a", Json::Object({{"delimiter", "ab"}})).ok());
}

}  // namespace
}  // namespace andon::ingest
