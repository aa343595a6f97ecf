#include "quality/expectation.h"

namespace andon::quality {

extern const Expectation kColumnValuesToMatchRegex = {
    .name = "expect_column_values_to_match_regex",
    .says = "Values of {column} match {regex}.",
    .params = {kColumn, kRegex, kMostly},
    .unexpected = [](const Args& args) { return Not(Matches(args.Column(), args.String(kRegex))); },
    .column_classes = {sql::TypeClass::kString},
    .example = R"(
        column=sku regex="^[A-Z]{2}-[0-9]+$" mostly=0.5
        sku:  AB-1 ab-1 null
        pass: 1 of 2 unexpected, "ab-1"
    )",
};

}  // namespace andon::quality
