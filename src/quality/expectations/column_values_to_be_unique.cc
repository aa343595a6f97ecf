#include "quality/expectation.h"

namespace andon::quality {

extern const Expectation kColumnValuesToBeUnique = {
    .name = "expect_column_values_to_be_unique",
    .says = "Values of {column} are unique.",
    .params = {kColumn, kMostly},
    .on_delivery = true,
    .key = [](const Args& args) { return std::vector{args.String(kColumn)}; },
    .example = R"(
        column=id
        id:   1 2 3 null null
        pass: 0 of 3 unexpected

        column=id
        id:   1 2 2 3 null
        fail: 2 of 4 unexpected, 2 2
    )",
};

}  // namespace andon::quality
