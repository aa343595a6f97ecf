#include "quality/expectation.h"

namespace andon::quality {

extern const Expectation kTableColumnsToMatchOrderedList = {
    .name = "expect_table_columns_to_match_ordered_list",
    .says = "The columns are {column_list}, in this order.",
    .params = {kNameList},
    .on_delivery = true,
    .schema =
        [](const Args& args, const std::vector<sql::ColumnInfo>& columns) {
          Json names = Json::List();
          for (const sql::ColumnInfo& column : columns) names.Push(column.name);
          return Verdict{names == args.Get(kNameList), names};
        },
    .example = R"(
        column_list=["a","b"]
        a: 1
        b: 2
        pass: ["a","b"]

        column_list=["b","a"]
        a: 1
        b: 2
        fail: ["a","b"]
    )",
};

}  // namespace andon::quality
