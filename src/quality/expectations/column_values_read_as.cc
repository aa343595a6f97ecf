#include "base/json.h"
#include "jsonschema/schema.h"
#include "quality/expectation.h"
#include "quality/loose_time.h"
#include "quality/strptime.h"

namespace andon::quality {

namespace {

constexpr Param kStrftimeFormat = {"strftime_format", ParamKind::kText,
                                   "The format, as Python's strptime has it: %Y-%m-%d.", true};
constexpr Param kJsonSchema = {"json_schema", ParamKind::kObject,
                               "The JSON Schema: draft 2020-12, or the one it names.", true};

constexpr sql::HostFunction kIsJson = {"andon_is_json",
                                       [](std::string_view text, std::string_view not_text) {
                                         return not_text.empty() && Json::Parse(text).ok();
                                       }};

// A number or a date is no JSON text, whatever it looks like when printed.
std::string NotText(const Args& args) {
  return sql::ClassOf(args.Type()) == sql::TypeClass::kString ? "" : args.Type();
}

constexpr sql::HostFunction kIsLooseTime = {
    "andon_is_loose_time",
    [](std::string_view text, std::string_view) { return IsLooseTime(text); }};

constexpr sql::HostFunction kMatchesTimeFormat = {
    "andon_matches_time_format",
    [](std::string_view text, std::string_view format) { return MatchesTimeFormat(text, format); }};

// The schema is the same for a whole column.
const jsonschema::Schema* Cached(std::string_view text) {
  thread_local std::string last;
  thread_local std::optional<jsonschema::Schema> schema;
  if (!schema || text != last) {
    last = text;
    schema.reset();
    Result<Json> json = Json::Parse(text);
    if (!json.ok()) return nullptr;
    Result<jsonschema::Schema> compiled = jsonschema::Compile(*json);
    if (compiled.ok()) schema = *std::move(compiled);
  }
  return schema ? &*schema : nullptr;
}

constexpr sql::HostFunction kMatchesJsonSchema = {
    "andon_matches_json_schema", [](std::string_view text, std::string_view schema) {
      const jsonschema::Schema* compiled = Cached(schema);
      Result<Json> json = Json::Parse(text);
      return compiled && json.ok() && jsonschema::IsValid(*compiled, *json);
    }};

std::string NoArgument(const Args&) { return {}; }

std::string SchemaMistake(const Args& args) {
  Result<jsonschema::Schema> schema = jsonschema::Compile(args.Get(kJsonSchema));
  return schema.ok() ? "" : "\"json_schema\": " + schema.error().message;
}

}  // namespace

// What no SQL can say of a text: each is a function of ours, which DuckDB and SQLite call; for a
// server's table it is asked of the column's different values.
extern const std::vector<Expectation> kColumnValuesReadAs = {
    {
        .name = "expect_column_values_to_be_json_parseable",
        .says = "Values of {column} are JSON.",
        .params = {kColumn, kMostly},
        .host = &kIsJson,
        .argument = NotText,
        .example = R"(
            column=note
            note: [1] true soon null
            fail: 1 of 3 unexpected, "soon"
        )",
    },
    {
        .name = "expect_column_values_to_match_json_schema",
        .says = "Values of {column} are JSON of the given schema.",
        .params = {kColumn, kJsonSchema, kMostly},
        .host = &kMatchesJsonSchema,
        .argument = [](const Args& args) { return args.Get(kJsonSchema).Dump(); },
        .mistake = SchemaMistake,
        .column_classes = {sql::TypeClass::kString},
        .example = R"(
            column=note json_schema={"type":"object","required":["a"]}
            note (string): {"a":1} {"b":1} null
            fail: 1 of 2 unexpected, "{\"b\":1}"
        )",
    },
    {
        .name = "expect_column_values_to_be_dateutil_parseable",
        .says = "Values of {column} are dates or times in any usual form.",
        .params = {kColumn, kMostly},
        .host = &kIsLooseTime,
        .argument = NoArgument,
        .column_classes = {sql::TypeClass::kString},
        .example = R"(
            column=day
            day:  20-Aug-2005 2005/08/20 soon null
            fail: 1 of 3 unexpected, "soon"
        )",
    },
    {
        .name = "expect_column_values_to_match_strftime_format",
        .says = "Values of {column} are times of the format {strftime_format}.",
        .params = {kColumn, kStrftimeFormat, kMostly},
        .host = &kMatchesTimeFormat,
        .argument = [](const Args& args) { return args.String(kStrftimeFormat); },
        .mistake = [](const Args& args) { return TimeFormatMistake(args.String(kStrftimeFormat)); },
        .column_classes = {sql::TypeClass::kString},
        .example = R"(
            column=day strftime_format="%d.%m.%Y"
            day:  20.08.2005 2005-08-20 30.02.2005 null
            fail: 2 of 3 unexpected, "2005-08-20" "30.02.2005"
        )",
    },
};

}  // namespace andon::quality
