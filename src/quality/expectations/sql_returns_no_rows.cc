#include "quality/expectation.h"
#include "sql/quote.h"

namespace andon::quality {

namespace {

constexpr Param kSql = {"sql", ParamKind::kSql,
                        "A SELECT that returns the bad rows; datasets stand under their names.",
                        true};
constexpr Param kQuery = {"unexpected_rows_query", ParamKind::kSql,
                          "A SELECT that returns the bad rows; {batch} is the dataset itself.",
                          true};

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
        .statement = [](const Args& args) { return args.WithBatch(args.String(kQuery)); },
        .example = R"(
            unexpected_rows_query="select * from {batch} where a > 2"
            a:    1 2
            pass: 0 rows
        )",
    },
};

}  // namespace andon::quality
