#include "quality/expectation.h"

namespace andon::quality {

// On files a null equals a null, as pandas has it; on databases it equals nothing, as SQL's UNIQUE
// and Great Expectations there have it.
extern const Expectation kCompoundColumnsToBeUnique = {
    .name = "expect_compound_columns_to_be_unique",
    .says = "{column_list} are unique together.",
    .params = {kColumnList, kIgnoreRow, kMostly},
    .on_delivery = true,
    .judged =
        [](const Args& args) { return JudgedRows(args, args.Strings(kColumnList), kIgnoreRow); },
    .key = [](const Args& args) { return args.Strings(kColumnList); },
    .mistake = [](const Args& args) { return IgnoreRowMistake(args, kIgnoreRow); },
    .example = R"(
        column_list=["order","line"]
        order: 1 1 2 null null
        line:  1 2 1 null null
        pass: 0 of 3 unexpected

        column_list=["order","line"]
        order: 1 1 2 3
        line:  1 1 1 1
        fail: 2 of 4 unexpected, {"order":1,"line":1} {"order":1,"line":1}

        column_list=["order","line"] ignore_row_if=any_value_is_missing
        order: 1 2 null null
        line:  1 1 1    1
        pass: 0 of 2 unexpected
    )",
};

}  // namespace andon::quality
