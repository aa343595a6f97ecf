#include "quality/expectation.h"

namespace andon::quality {

namespace {

// {batch} is how Great Expectations names the table itself.
std::string WithBatch(std::string query, const std::string& table) {
  constexpr std::string_view kBatch = "{batch}";
  for (size_t at = query.find(kBatch); at != std::string::npos;
       at = query.find(kBatch, at + table.size())) {
    query.replace(at, kBatch.size(), table);
  }
  return query;
}

}  // namespace

// SQL that returns the bad rows, under Andon's name and Great Expectations'.
extern const std::vector<Expectation> kSqlReturnsNoRows = {
    {
        .name = "expect_sql",
        .says = "No rows from: {sql}",
        .params = {kSql},
        .statement = [](const Args& args) { return args.String(kSql); },
        .example = R"(
            sql="select b.* from batch b join rental r on b.id = r.id where b.paid < r.rented"
            id:   1 2
            paid: 5 6
            rental.id: 1 2
            rental.rented: 4 7
            fail: 1 rows, {"id":2,"paid":6}
        )",
    },
    {
        .name = "unexpected_rows_expectation",
        .says = "No rows from: {unexpected_rows_query}",
        .params = {kQuery},
        .statement =
            [](const Args& args) { return WithBatch(args.String(kQuery), args.table_name()); },
        .example = R"(
            unexpected_rows_query="select * from {batch} where a > 2"
            a:    1 2
            pass: 0 rows
        )",
    },
};

}  // namespace andon::quality
