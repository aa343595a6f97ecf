#include "quality/expectation.h"

namespace andon::quality {

// Of a column, not of its values: in a table every value has the column's type. What a file held
// before is judged where it is read.
extern const Expectation kColumnValuesToBeOfType = {
    .name = "expect_column_values_to_be_of_type",
    .says = "{column} is of type {type_}.",
    .params = {kColumn, kTypeName, kMostly},
    .on_delivery = true,
    .schema =
        [](const Args& args, const std::vector<sql::ColumnInfo>&) {
          Result<std::string> wanted = sql::ReadTypeName(args.String(kTypeName));
          return Verdict{wanted.ok() && *wanted == args.Type(), args.Type()};
        },
    .example = R"(
        column=id type_=BIGINT
        id:   1 2
        pass: "long"

        column=id type_=string
        id:   1 2
        fail: "long"
    )",
};

}  // namespace andon::quality
