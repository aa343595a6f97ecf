// links: andon_sql
//
// Any text as a row condition: whatever it is, the columns that it is said to read are some of the
// relation's, and it is printed as it was written.
#include <algorithm>

#include "driver.h"
#include "sql/condition.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> columns = {"id", "Amount", "a b", "date", "größe"};
  const sql::Expr condition = sql::ReadCondition(input, columns);
  for (const std::string& column : condition.Columns())
    FUZZ_CHECK(std::find(columns.begin(), columns.end(), column) != columns.end(), input);
  FUZZ_CHECK(condition.Print() == "(" + input + "\n)", input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {"amount > 5 and \"a b\" is not null",
          "date >= date '2005-01-01' or id in (1, 2.5, .5, 1e-3)",
          "case when id = 1 then 'it''s' else lower(\"a \"\"b\") end = 'x'",
          "cast(amount as decimal(5,2))::int % 3 != 0 -- so",
          "id > (select max(id) from other) /* x */"};
}

std::vector<std::string> FuzzWords() {
  return {"id",    "amount", "\"a b\"", "'",  "\"",     "(",           ")", "::",
          " and ", " not ",  "null",    "--", "/*",     "date '",      "$", ";",
          "->",    "lower(", "1e",      ".",  "select", "current_date"};
}
