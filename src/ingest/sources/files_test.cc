#include "ingest/sources/files.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "io/memory_file_system.h"

namespace andon::ingest {
namespace {

struct Case {
  const char* says;
  const char* path;
  const char* table;
  std::vector<std::string> others;
  const char* found;  // "period:path, …"
};

TEST(Files, AreFoundByTheirTemplate) {
  io::MemoryFileSystem files;
  for (const char* path :
       {"in/payment-2005-06.csv", "in/payment-2005-05.csv", "in/payment.csv", "in/rental.csv",
        "in/film-2005.csv", "in/film-actor-2005.csv", "in/payment-2005-07.csv.gz",
        "in/payment-notes.txt", "by/rental/2005-05/a.csv", "by/rental/2005-05/b.csv",
        "by/rental/2005-06/a.csv", "by/rental/README.md"}) {
    ASSERT_TRUE(files.Write(std::string("/p/") + path, "x").ok());
  }
  const Case cases[] = {
      {"by period",
       "in/{table}-{period}.csv",
       "payment",
       {},
       "2005-05:in/payment-2005-05.csv, 2005-06:in/payment-2005-06.csv, "
       "2005-07:in/payment-2005-07.csv.gz"},
      {"without period", "in/{table}.csv", "rental", {}, ":in/rental.csv"},
      {"the longer name has the file",
       "in/{table}-{period}.csv",
       "film",
       {"film-actor"},
       "2005:in/film-2005.csv"},
      {"below folders",
       "by/{table}/{period}/*.csv",
       "rental",
       {},
       "2005-05:by/rental/2005-05/a.csv, 2005-05:by/rental/2005-05/b.csv, "
       "2005-06:by/rental/2005-06/a.csv"},
      {"no such folder", "nowhere/{table}.csv", "rental", {}, ""},
      {"a file in the place of a folder", "in/rental.csv/{table}.csv", "rental", {}, ""},
      {"an absolute path", "/p/in/{table}.csv", "rental", {}, ":/p/in/rental.csv"},
      {"the period twice", "by/rental/{period}/{table}-{period}.csv", "a", {}, ""},
  };
  for (const Case& c : cases) {
    auto found = FindFiles(files, "/p", {.path = c.path}, c.table, c.others);
    ASSERT_TRUE(found.ok()) << c.says << ": " << found.error().message;
    std::vector<std::string> texts;
    for (const FoundFile& file : *found) texts.push_back(file.period + ":" + file.path);
    EXPECT_EQ(Join(texts, ", "), c.found) << c.says;
  }
}

TEST(Files, SayWhatIsWrongWithATemplate) {
  const std::pair<const char*, const char*> cases[] = {
      {"in/payment.csv", "no {table}"},      {"in/{table}-{month}.csv", "{month}"},
      {"s3://bucket/{table}.csv", "remote"}, {"in/{table}.xlsx", ".xlsx"},
      {"in/{table}-{period", "{period"},
  };
  for (const auto& [path, says] : cases) {
    auto checked = CheckTemplate(path);
    ASSERT_FALSE(checked.ok()) << path;
    EXPECT_NE(checked.error().message.find(says), std::string::npos) << checked.error().message;
  }
  EXPECT_TRUE(CheckTemplate("in/{table}.csv.gz").ok());
  EXPECT_TRUE(OneFilePerPeriod("in/{table}-{period}.csv"));
  EXPECT_FALSE(OneFilePerPeriod("in/{table}/{period}/*.csv"));
}

}  // namespace
}  // namespace andon::ingest
