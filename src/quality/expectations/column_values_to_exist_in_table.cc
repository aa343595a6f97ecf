#include "quality/expectation.h"

namespace andon::quality {

namespace {

constexpr Param kOtherColumn = {"other_column", ParamKind::kText,
                                "Its column; by default the one of the same name."};

}  // namespace

// The foreign key: `references` of a column gives this check.
extern const Expectation kColumnValuesToExistInTable = {
    .name = "expect_column_values_to_exist_in_table",
    .says = "Values of {column} exist in {other_table_name}.",
    .params = {kColumn, kOtherTable, kOtherColumn, kMostly},
    .unexpected =
        [](const Args& args) {
          std::string other =
              args.Has(kOtherColumn) ? args.String(kOtherColumn) : args.String(kColumn);
          return Not(sql::InTable({args.Column()}, args.From(kOtherTable), {other}));
        },
    .example = R"(
        column=customer_id other_table_name=customer
        customer_id: 1 2 2 7 null
        customer.customer_id: 1 2 3
        fail: 1 of 4 unexpected, 7

        column=customer_id other_table_name=customer other_column=id
        customer_id: 1 null
        customer.id: 1 null
        pass: 0 of 1 unexpected
    )",
};

}  // namespace andon::quality
