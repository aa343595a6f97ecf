#include "sql/condition.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace andon::sql {
namespace {

const std::vector<std::string> kColumns = {"id",  "Amount", "note",        "date",
                                           "a b", "e",      "current_date"};

TEST(Condition, NamesItsColumns) {
  const std::pair<const char*, const char*> kCases[] = {
      {"amount > 5", "Amount"},
      {"AMOUNT>5 AND note IS NOT NULL", "Amount note"},
      {"\"a b\" in (1, 2.5, .5, 1e-3) or not id between -1 and +1", "a b id"},
      {"note = 'it''s id' || 'x'", "note"},
      {"note like 'a%' and upper(trim(note)) <> 'A'", "note"},
      {"date >= date '2005-01-01'", "date"},
      {"date::timestamp < cast('2005-01-01' as timestamp)", "date"},
      {"cast(amount as decimal(5,2)) * 2 % 3 != 0", "Amount"},
      {"case when id = 1 then true else note is null end", "id note"},
      {"amount is distinct from id", "Amount id"},
      {"e = 1", "e"},
      {"coalesce(amount, 0) > abs(id)", "Amount id"},
      {"true", ""},
  };
  for (const auto& [text, expected] : kCases) {
    const Expr condition = ReadCondition(text, kColumns);
    EXPECT_FALSE(condition.has_written()) << text;
    const std::set<std::string> columns = condition.Columns();
    EXPECT_EQ(Join(std::vector<std::string>(columns.begin(), columns.end()), " "), expected)
        << text;
    EXPECT_EQ(condition.Print(), std::string("(") + text + "\n)");
  }
}

TEST(Condition, IsUnknownWhereTomorrowMayDiffer) {
  for (const char* text : {"date = current_date",
                           "amount > random()",
                           "date < now()",
                           "id in (select id from other)",
                           "exists (select 1)",
                           "amount > 5 -- so",
                           "amount > /* so */ 5",
                           "checked.amount > 5",
                           "other > 5",
                           "e'x' = note",
                           "$start < date",
                           "note ~ 'a'",
                           "list_filter([1], x -> x > 1)",
                           "note[1] = 'a'",
                           "getenv('HOME') = note",
                           "amount > 5;",
                           "'open",
                           "\"open",
                           "größe > 1",
                           "id > 5 collate nocase",
                           "row_number() over () > 1",
                           "id > 0x10",
                           "id = 1_000",
                           "setting = 1",
                           "note = U&'x'"}) {
    EXPECT_TRUE(ReadCondition(text, kColumns).has_written()) << text;
  }
  // Who is meant, the column or the word?
  EXPECT_TRUE(ReadCondition("id > 1", {"id", "End"}).has_written());
}

}  // namespace
}  // namespace andon::sql
