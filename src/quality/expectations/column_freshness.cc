#include "base/clock.h"
#include "quality/range.h"

namespace andon::quality {

namespace {

constexpr Param kMaxAge = {"max_age", ParamKind::kDuration,
                           "How old the newest value may be: \"6h\", \"1d\".", true};

// A time in the future is new.
Verdict JudgeAge(const Args& args, Timestamp at, Duration allowed, Json observed) {
  Duration age = args.around().AgeOf(at);
  double seconds = std::chrono::duration<double>(age).count();
  return {age <= allowed, std::move(observed),
          Json::Object({{"age", HumanDuration(age)}, {"age_seconds", seconds}})};
}

Verdict Judge(const Args& args, const std::vector<Json>& values) {
  Result<Timestamp> newest = ParseTimestamp(values[0].AsString());
  Result<Duration> allowed = ParseDuration(args.String(kMaxAge));
  if (!newest.ok() || !allowed.ok()) return {.observed = values[0]};
  return JudgeAge(args, *newest, *allowed, values[0]);
}

// No row is read for it: files say when they were written, and servers count what is written.
Verdict JudgeWritten(const Args& args, const std::vector<sql::TableColumn>&) {
  const Timestamp written = *args.around().written_at;
  Json observed = ToRfc3339(written);
  Result<Duration> allowed = ParseDuration(args.String(kMaxAge));
  if (!allowed.ok()) return {.observed = std::move(observed)};
  return JudgeAge(args, written, *allowed, std::move(observed));
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

extern const Expectation kTableFreshness = {
    .name = "expect_table_last_write_to_be_younger_than",
    .says = "The last write is at most {max_age} ago.",
    .params = {kMaxAge},
    .schema = JudgeWritten,
    .needs_now = true,
    .needs_written_at = true,
    .example = R"(
        max_age="6h"
        a: 1
        pass: "2005-08-30T12:00:00Z"

        max_age="5h"
        a: 1
        fail: "2005-08-30T12:00:00Z"
    )",
};

}  // namespace andon::quality
