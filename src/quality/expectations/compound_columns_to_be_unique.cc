#include "quality/expectation.h"

namespace andon::quality {

extern const Expectation kCompoundColumnsToBeUnique = {
    .name = "expect_compound_columns_to_be_unique",
    .says = "{column_list} are unique together.",
    .params = {kColumnList, kMostly},
    .on_delivery = true,
    .key = [](const Args& args) { return args.Strings(kColumnList); },
    .example = R"(
        column_list=["order","line"]
        order: 1 1 2 null null
        line:  1 2 1 null null
        pass: 0 of 3 unexpected

        column_list=["order","line"]
        order: 1 1 2 null null
        line:  1 1 1 1    1
        fail: 4 of 5 unexpected, {"order":1,"line":1} {"order":1,"line":1} {"order":null,"line":1} {"order":null,"line":1}
    )",
};

}  // namespace andon::quality
