#include "dbt/expectation.h"

#include <fmt/format.h>

#include <map>

#include "base/text.h"

namespace andon::dbt {
namespace {

using NameOf = std::function<std::optional<std::string>(std::string_view)>;

bool HasTemplate(const Json& value) { return value.Dump().find("{{") != std::string::npos; }

// "ref('customers')" or "source('raw', 'orders')" as the test's refs name it.
std::string RefName(std::string_view call) {
  std::string name;
  bool is_inside = false;
  char quote = 0;
  for (char c : call) {
    if (!is_inside && (c == '\'' || c == '"')) {
      is_inside = true;
      quote = c;
      // ref('package', 'model') means the model; a source needs both its names.
      if (call.find("source") == std::string_view::npos) name.clear();
      if (!name.empty()) name += '.';
    } else if (is_inside && c == quote) {
      is_inside = false;
    } else if (is_inside) {
      name += c;
    }
  }
  return name;
}

class Mapper {
 public:
  Mapper(const Test& test, const NameOf& name_of) : test_(test), name_of_(name_of) {}

  MappedTest Map() {
    out_.is_warning = test_.severity == "warn";
    if (test_.kind == "singular") return None("it is a statement of its own, which dbt runs");
    if (HasTemplate(test_.arguments) || test_.where.find("{{") != std::string::npos)
      return None("its arguments are a template, which dbt fills in");
    bool has_threshold = (!test_.error_if.empty() && test_.error_if != "!= 0") ||
                         (!test_.warn_if.empty() && test_.warn_if != "!= 0");
    if (has_threshold) return None("it allows a number of failures, which no expectation counts");
    if (!test_.column.empty()) Set("column", test_.column);
    if (!Choose()) return std::move(out_);
    if (!test_.where.empty()) {
      if (out_.type == "unexpected_rows_expectation")
        return None("it has a where of its own, which dbt fills in");
      Set("row_condition", test_.where);
    }
    return std::move(out_);
  }

 private:
  const Json& Argument(std::string_view name) const { return test_.arguments[name]; }

  void Set(std::string_view name, Json value) {
    if (!value.is_null()) out_.kwargs.Set(name, std::move(value));
  }

  bool Is(std::string type) {
    out_.type = std::move(type);
    return true;
  }

  bool No(std::string reason) {
    out_ = MappedTest{.is_warning = out_.is_warning, .reason = std::move(reason)};
    return false;
  }

  MappedTest None(std::string reason) {
    (void)No(std::move(reason));
    return std::move(out_);
  }

  bool Choose() {
    const std::string& kind = test_.kind;
    if (kind == "unique") return Is("expect_column_values_to_be_unique");
    if (kind == "not_null") return Is("expect_column_values_to_not_be_null");
    if (kind == "accepted_values") {
      Set("value_set", Argument("values"));
      return Is("expect_column_values_to_be_in_set");
    }
    if (kind == "relationships") return Other("to", "expect_column_values_to_exist_in_table");
    constexpr std::string_view kUtils = "dbt_utils.", kExpectations = "dbt_expectations.";
    if (kind.starts_with(kUtils)) return Utils(kind.substr(kUtils.size()));
    if (kind.starts_with(kExpectations)) return Same(kind.substr(kExpectations.size()));
    return No("no expectation is known for it");
  }

  // An expectation that compares with another table, named by a ref().
  bool Other(std::string_view argument, std::string type) {
    const std::string& call = Argument(argument).AsString();
    auto found = test_.refs.find(RefName(call));
    auto name = found == test_.refs.end() ? std::nullopt : name_of_(found->second);
    if (!name)
      return No(fmt::format("{} is no table of the project",
                            call.empty() ? "what it compares with" : call));
    Set("other_table_name", *name);
    const Json& field = Argument("field");
    if (field.is_string() && field.AsString() != test_.column) Set("other_column", field);
    return Is(std::move(type));
  }

  bool Utils(const std::string& kind) {
    if (kind == "unique_combination_of_columns") {
      Set("column_list", Argument("combination_of_columns"));
      return Is("expect_compound_columns_to_be_unique");
    }
    if (kind == "accepted_range") {
      Set("min_value", Argument("min_value"));
      Set("max_value", Argument("max_value"));
      const Json& inclusive = Argument("inclusive");
      if (inclusive.is_bool() && !inclusive.AsBool()) SetStrict();
      return Is("expect_column_values_to_be_between");
    }
    if (kind == "not_null_proportion") {
      Set("min_value", Argument("at_least"));
      Set("max_value", Argument("at_most"));
      return Is("expect_column_proportion_of_non_null_values_to_be_between");
    }
    if (kind == "at_least_one") {
      Set("min_value", 0);
      Set("strict_min", true);
      return Is("expect_column_proportion_of_non_null_values_to_be_between");
    }
    if (kind == "not_constant") {
      Set("min_value", 2);
      return Is("expect_column_unique_value_count_to_be_between");
    }
    if (kind == "not_empty_string") {
      Set("regex", "[^ ]");
      return Is("expect_column_values_to_match_regex");
    }
    if (kind == "equal_rowcount")
      return Other("compare_model", "expect_table_row_count_to_equal_other_table");
    if (kind == "expression_is_true") {
      std::string expression = Argument("expression").AsString();
      if (expression.empty()) return No("it has no expression");
      if (!test_.column.empty()) expression = test_.column + " " + expression;
      out_.kwargs =
          Json::Object({{"unexpected_rows_query",
                         fmt::format("SELECT * FROM {{batch}} WHERE NOT ({})", expression)}});
      return Is("unexpected_rows_expectation");
    }
    if (kind == "recency") return Recency();
    return No("no expectation is known for it");
  }

  bool Recency() {
    static const std::map<std::string, std::string, std::less<>> kUnits = {
        {"minute", "m"}, {"hour", "h"}, {"day", "d"}, {"week", "w"}};
    auto unit = kUnits.find(Argument("datepart").AsString());
    if (unit == kUnits.end() || !Argument("group_by_columns").items().empty())
      return No("a duration of its kind is not known");
    Set("column", Argument("field"));
    Set("max_age", fmt::format("{}{}", Argument("interval").AsInteger(), unit->second));
    return Is("expect_column_newest_value_to_be_younger_than");
  }

  void SetStrict() {
    if (out_.kwargs.Has("min_value")) Set("strict_min", true);
    if (out_.kwargs.Has("max_value")) Set("strict_max", true);
  }

  // dbt_expectations: the names are the reference's own, some arguments are not.
  bool Same(const std::string& name) {
    static const std::map<std::string, std::string, std::less<>> kRenamed = {
        {"column_type", "type_"},
        {"column_type_list", "type_list"},
        {"column_A", "column_A"},
        {"quantile", "quantile"},
        {"compare_model", "other_table_name"}};
    if (test_.arguments.Has("group_by") && !Argument("group_by").is_null())
      return No("it is judged by group, which no expectation is");
    if (test_.arguments.Has("compare_model")) return Other("compare_model", name);
    for (const auto& [argument, value] : test_.arguments.members()) {
      if (argument == "group_by" || argument == "quote_values" || argument == "flags" ||
          argument == "is_raw" || value.is_null())
        continue;
      auto renamed = kRenamed.find(argument);
      if (argument != "strictly")
        Set(renamed == kRenamed.end() ? argument : renamed->second, value);
    }
    if (Argument("strictly").AsBool()) SetStrict();
    return Is(name);
  }

  const Test& test_;
  const NameOf& name_of_;
  MappedTest out_;
};

}  // namespace

MappedTest MapTest(const Test& test, const NameOf& name_of) { return Mapper(test, name_of).Map(); }

std::string ColumnType(std::string_view native) {
  static const std::map<std::string, std::string, std::less<>> kTypes = {
      {"bool", "boolean"},
      {"boolean", "boolean"},
      {"int", "int"},
      {"int2", "int"},
      {"int4", "int"},
      {"integer", "int"},
      {"smallint", "int"},
      {"tinyint", "int"},
      {"mediumint", "int"},
      {"int8", "long"},
      {"int64", "long"},
      {"bigint", "long"},
      {"long", "long"},
      {"real", "float"},
      {"float4", "float"},
      {"float", "double"},
      {"float8", "double"},
      {"float64", "double"},
      {"double", "double"},
      {"double precision", "double"},
      {"date", "date"},
      {"time", "time"},
      {"time without time zone", "time"},
      {"timestamp", "timestamp"},
      {"timestamp_ntz", "timestamp"},
      {"datetime", "timestamp"},
      {"timestamp without time zone", "timestamp"},
      {"timestamptz", "timestamptz"},
      {"timestamp_tz", "timestamptz"},
      {"timestamp_ltz", "timestamptz"},
      {"timestamp with time zone", "timestamptz"},
      {"string", "string"},
      {"text", "string"},
      {"varchar", "string"},
      {"char", "string"},
      {"bpchar", "string"},
      {"character", "string"},
      {"character varying", "string"},
      {"nvarchar", "string"},
      {"uuid", "uuid"},
      {"blob", "binary"},
      {"bytea", "binary"},
      {"bytes", "binary"},
      {"binary", "binary"},
      {"varbinary", "binary"}};
  std::string lower = AsciiLower(Trim(native));
  size_t open = lower.find('('), close = lower.rfind(')');
  std::string inside;
  if (open != std::string::npos && close != std::string::npos && close > open) {
    inside = lower.substr(open + 1, close - open - 1);
    // "timestamp(6) without time zone"
    lower = std::string(Trim(lower.substr(0, open))) + lower.substr(close + 1);
  }
  if (lower == "numeric" || lower == "decimal" || lower == "number") {
    std::vector<std::string> digits = Split(inside, ',');
    std::string precision(Trim(digits[0]));
    std::string scale = digits.size() > 1 ? std::string(Trim(digits[1])) : "0";
    if (precision.empty() || precision.size() > 2 || scale.size() > 2) return {};
    return fmt::format("decimal({},{})", precision, scale);
  }
  auto found = kTypes.find(lower);
  return found == kTypes.end() ? std::string() : found->second;
}

}  // namespace andon::dbt
