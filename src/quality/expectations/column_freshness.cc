#include "base/clock.h"
#include "quality/range.h"

namespace andon::quality {

namespace {

constexpr Param kMaxAge = {"max_age", ParamKind::kDuration,
                           "How old the newest value may be: \"6h\", \"1d\".", true};

// A time in the future is new.
Verdict Judge(const Args& args, const std::vector<Json>& values) {
  Result<Timestamp> newest = ParseTimestamp(values[0].AsString());
  Result<Duration> allowed = ParseDuration(args.String(kMaxAge));
  if (!newest.ok() || !allowed.ok()) return {.observed = values[0]};
  Duration age = *args.around().now - *newest;
  double seconds = std::chrono::duration<double>(age).count();
  return {age <= *allowed, values[0],
          Json::Object({{"age", HumanDuration(age)}, {"age_seconds", seconds}})};
}

}  // namespace

extern const Expectation kColumnFreshness = {
    .name = "expect_column_newest_value_to_be_younger_than",
    .says = "The newest value of {column} is at most {max_age} old.",
    .params = {kColumn, kMaxAge},
    .aggregates = [](const Args& args) { return std::vector{sql::Aggregate::Max(args.Column())}; },
    .judge = Judge,
    .needs_now = true,
    .column_classes = {sql::TypeClass::kDate, sql::TypeClass::kTimestamp},
    .example = R"(
        column=paid_at max_age="1d"
        paid_at (timestamp): "2005-08-30 06:00:00" "2005-08-30 13:00:00" null
        pass: "2005-08-30 13:00:00"

        column=paid_at max_age="6h"
        paid_at (timestamp): "2005-08-30 06:00:00"
        fail: "2005-08-30 06:00:00"
    )",
};

}  // namespace andon::quality
