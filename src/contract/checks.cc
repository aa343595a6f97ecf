#include "contract/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json_strings.h"
#include "base/text.h"
#include "contract/rule_bounds.h"
#include "contract/sql_literal.h"
#include "sql/quote.h"
#include "yaml/json.h"

namespace andon::contract {
namespace {

// True where `v` breaks the comparison; empty where the operand is none that it can have.
std::string BrokenWhere(const Rule& rule) {
  const Json& x = rule.operand;
  if (rule.comparison == "mustBeBetween" || rule.comparison == "mustNotBeBetween") {
    if (x.size() != 2) return "";
    std::string between =
        fmt::format("v BETWEEN {} AND {}", SqlLiteral(x.items()[0]), SqlLiteral(x.items()[1]));
    return rule.comparison == "mustBeBetween" ? fmt::format("NOT ({})", between) : between;
  }
  if (x.is_array() || x.is_object() || x.is_null()) return "";
  static const std::pair<std::string_view, std::string_view> kOpposites[] = {
      {"mustBe", "<>"},
      {"mustNotBe", "="},
      {"mustBeGreaterThan", "<="},
      {"mustBeGreaterOrEqualTo", "<"},
      {"mustBeLessThan", ">="},
      {"mustBeLessOrEqualTo", ">"}};
  for (const auto& [comparison, opposite] : kOpposites) {
    if (rule.comparison == comparison) return fmt::format("v {} {}", opposite, SqlLiteral(x));
  }
  return "";
}

std::string Severity(const Rule& rule) {
  std::string lower = AsciiLower(rule.severity);
  if (lower == "warning" || lower == "warn" || lower == "minor") return "warning";
  return lower == "info" ? "info" : "critical";
}

class Deriver {
 public:
  explicit Deriver(const Table& table) : table_(table) {}

  DerivedChecks Run() {
    std::vector<std::string> key = table_.Key();
    for (const Property& property : table_.properties) Column(property, key);
    if (key.size() > 1) {
      Add("primary_key", "expect_compound_columns_to_be_unique",
          Json::Object({{"column_list", Strings(key)}}), "", table_.path);
    }
    for (const Reference& reference : table_.references) ForeignKey(reference, "");
    for (const Rule& rule : table_.quality) OneRule(rule, nullptr);
    return std::move(out_);
  }

 private:
  void Add(std::string name, std::string type, Json kwargs, const std::string& column,
           std::string path, std::string severity = "critical") {
    std::string unique = name;
    for (int i = 2; !names_.insert(unique).second; ++i) unique = fmt::format("{}_{}", name, i);
    out_.checks.push_back({.check = {.name = std::move(unique),
                                     .type = std::move(type),
                                     .kwargs = std::move(kwargs),
                                     .severity = std::move(severity)},
                           .path = std::move(path),
                           .column = column});
  }

  void Column(const Property& p, const std::vector<std::string>& key) {
    bool is_key = key.size() == 1 && key[0] == p.name;
    Json column = Json::Object({{"column", p.name}});
    if (p.required || is_key || (p.primary_key && key.size() > 1))
      Add(p.name + ".required", "expect_column_values_to_not_be_null", column, p.name, p.path);
    if (p.unique || is_key)
      Add(p.name + ".unique", "expect_column_values_to_be_unique", column, p.name, p.path);
    Options(p);
    for (const Reference& reference : p.references) ForeignKey(reference, p.name);
    for (const Rule& rule : p.quality) OneRule(rule, &p);
  }

  void Options(const Property& p) {
    const Json& o = p.options;
    std::string path = p.path + "/logicalTypeOptions";
    Json range = Json::Object({{"column", p.name}});
    // In 3.0 "exclusive" is a flag beside the limit, in 3.1 a limit of its own.
    auto bound = [&](const char* inclusive, const char* exclusive, const char* kwarg,
                     const char* strict) {
      const Json& limit =
          o[exclusive].is_null() || o[exclusive].is_bool() ? o[inclusive] : o[exclusive];
      if (limit.is_null()) return;
      range.Set(kwarg, limit);
      if (!o[exclusive].is_null() && (!o[exclusive].is_bool() || o[exclusive].AsBool()))
        range.Set(strict, true);
    };
    bound("minimum", "exclusiveMinimum", "min_value", "strict_min");
    bound("maximum", "exclusiveMaximum", "max_value", "strict_max");
    if (range.Has("min_value") || range.Has("max_value"))
      Add(p.name + ".range", "expect_column_values_to_be_between", range, p.name, path);
    if (o.Has("minLength") || o.Has("maxLength")) {
      Json length = Json::Object({{"column", p.name}});
      if (o["minLength"].is_number()) length.Set("min_value", o["minLength"]);
      if (o["maxLength"].is_number()) length.Set("max_value", o["maxLength"]);
      Add(p.name + ".length", "expect_column_value_lengths_to_be_between", length, p.name, path);
    }
    if (o["pattern"].is_string()) {
      Add(p.name + ".pattern", "expect_column_values_to_match_regex",
          Json::Object({{"column", p.name}, {"regex", o["pattern"]}}), p.name, path);
    }
    if (p.logical_type == "string" && o["format"].is_string()) Format(p, path);
    if (o.Has("multipleOf")) {
      Query(p.name + ".multipleOf",
            fmt::format("SELECT * FROM {{batch}} WHERE {0} IS NOT NULL AND {0} % {1} <> 0",
                        sql::QuoteIdentifier(p.name), SqlLiteral(o["multipleOf"])),
            p.name, path, "critical");
    }
  }

  void Format(const Property& p, const std::string& path) {
    static const std::pair<std::string_view, std::string_view> kPatterns[] = {
        {"email", R"(^[^@\s]+@[^@\s]+\.[^@\s]+$)"},
        {"uuid", "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"},
        {"uri", "^[A-Za-z][A-Za-z0-9+.-]*:.+$"},
        {"ipv4", R"(^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)$)"},
        {"hostname", R"(^[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$)"}};
    const std::string& format = p.options["format"].AsString();
    for (const auto& [name, pattern] : kPatterns) {
      if (format != name) continue;
      Add(p.name + ".format", "expect_column_values_to_match_regex",
          Json::Object({{"column", p.name}, {"regex", pattern}}), p.name, path);
      return;
    }
    if (format != "binary" && format != "byte" && format != "password")
      Unproven(p.name + ".format", path, fmt::format("the format \"{}\" has no check", format));
  }

  void ForeignKey(const Reference& reference, const std::string& column) {
    std::string name = (column.empty() ? table_.name : column) + ".references";
    bool is_single = reference.from.size() == 1 && reference.to.size() == 1;
    size_t dot = is_single ? reference.to[0].rfind('.') : std::string::npos;
    if (dot == std::string::npos || reference.to[0].find('/') != std::string::npos) {
      return Unproven(name, reference.path,
                      is_single ? "what it refers to is in another document"
                                : "references of several columns are not checked");
    }
    std::string from = reference.from[0].substr(reference.from[0].rfind('.') + 1);
    Add(name, "expect_column_values_to_exist_in_table",
        Json::Object({{"column", from},
                      {"other_table_name", reference.to[0].substr(0, dot)},
                      {"other_column", reference.to[0].substr(dot + 1)}}),
        from, reference.path);
  }

  void Query(std::string name, std::string sql, const std::string& column, std::string path,
             std::string severity) {
    Add(std::move(name), "unexpected_rows_expectation",
        Json::Object({{"unexpected_rows_query", std::move(sql)}}), column, std::move(path),
        std::move(severity));
  }

  void Unproven(std::string name, std::string path, std::string why) {
    out_.unproven.push_back({std::move(name), std::move(path), std::move(why)});
  }

  std::string NameOf(const Rule& rule, const Property* p) const {
    if (!rule.name.empty()) return rule.name;
    std::string what = rule.kind == "library" ? rule.metric : rule.kind;
    return p ? fmt::format("{}.{}", p->name, what) : what;
  }

  void OneRule(const Rule& rule, const Property* p) {
    std::string name = NameOf(rule, p);
    if (rule.kind == "text") return Unproven(name, rule.path, "it is said for people");
    if (rule.kind == "sql") return Sql(rule, p, name);
    if (rule.kind == "custom") return Custom(rule, p, name);
    if (rule.kind != "library")
      return Unproven(name, rule.path,
                      fmt::format("rules of type \"{}\" are not known", rule.kind));
    Library(rule, p, name);
  }

  void Sql(const Rule& rule, const Property* p, const std::string& name) {
    std::string broken = BrokenWhere(rule);
    if (broken.empty()) return Unproven(name, rule.path, "it does not say what the result must be");
    std::string query = rule.query;
    auto replace = [&](std::string_view placeholder, const std::string& by) {
      for (std::string form :
           {fmt::format("${{{}}}", placeholder), fmt::format("{{{}}}", placeholder)}) {
        for (size_t at = query.find(form); at != std::string::npos;
             at = query.find(form, at + by.size()))
          query.replace(at, form.size(), by);
      }
    };
    for (std::string_view word : {"object", "table", "model", "schema"}) replace(word, "{batch}");
    if (p) {
      for (std::string_view word : {"property", "column", "field"})
        replace(word, sql::QuoteIdentifier(p->name));
    }
    while (!query.empty() && (query.back() == ';' || query.back() == '\n' || query.back() == ' '))
      query.pop_back();
    Query(name,
          fmt::format("SELECT v FROM (SELECT ({}) AS v) AS result WHERE v IS NULL OR {}", query,
                      broken),
          p ? p->name : "", rule.path, Severity(rule));
  }

  void Custom(const Rule& rule, const Property* p, const std::string& name) {
    std::string engine = AsciiLower(rule.engine);
    std::erase_if(engine, [](char c) { return c == '-' || c == '_' || c == ' '; });
    if (engine != "greatexpectations" && engine != "gx" && engine != "andon")
      return Unproven(name, rule.path, fmt::format("it is {}'s", rule.engine));
    Json expectation = rule.implementation;
    if (expectation.is_string()) {
      auto parsed = yaml::ParseJson(expectation.AsString());
      if (parsed.ok()) expectation = *std::move(parsed);
    }
    std::string type = expectation["type"].AsString();
    if (type.empty()) type = expectation["expectation_type"].AsString();
    if (type.empty()) return Unproven(name, rule.path, "it names no expectation");
    Json kwargs = expectation["kwargs"].is_object() ? expectation["kwargs"] : Json::Object();
    bool is_of_column = p && type.starts_with("expect_column_") && !kwargs.Has("column") &&
                        type.find("_pair_") == std::string::npos;
    if (is_of_column) kwargs.Set("column", p->name);
    // What stands beside the arguments in Andon's own form.
    std::string severity = kwargs["severity"].AsString(Severity(rule));
    kwargs.Remove("severity");
    Add(name, type, std::move(kwargs), p ? p->name : "", rule.path, severity);
  }

  // Rows that a metric counts, as a condition; empty where the metric counts something else.
  std::string BadRows(const Rule& rule, const std::string& column) const {
    std::string c = sql::QuoteIdentifier(column);
    if (rule.metric == "nullValues") return c + " IS NULL";
    if (rule.metric == "missingValues") {
      std::vector<std::string> words;
      for (const Json& value : rule.arguments["missingValues"].items()) {
        if (value.is_string()) words.push_back(SqlLiteral(value));
      }
      if (words.empty()) return c + " IS NULL";
      return fmt::format("({0} IS NULL OR CAST({0} AS VARCHAR) IN ({1}))", c, Join(words, ", "));
    }
    return "";
  }

  // At most none: the plain expectation says it, with samples of the bad values.
  static bool IsNone(const Rule& rule) {
    bool zero = rule.operand.is_number() && rule.operand.AsDouble() == 0;
    return rule.comparison.empty() ||
           (zero && (rule.comparison == "mustBe" || rule.comparison == "mustBeLessOrEqualTo"));
  }
  // "mustBeLessThan 5 percent" as the share that must be good; below zero where it is none.
  static double Mostly(const Rule& rule) {
    bool is_limit = rule.comparison == "mustBeLessThan" || rule.comparison == "mustBeLessOrEqualTo";
    if (rule.unit != "percent" || !is_limit || !rule.operand.is_number()) return -1;
    double share = 1 - rule.operand.AsDouble() / 100;
    return share >= 0 && share <= 1 ? share : -1;
  }

  void Library(const Rule& rule, const Property* p, const std::string& name) {
    if (rule.metric == "rowCount") return RowCount(rule, name);
    if (rule.metric == "duplicateValues") return Duplicates(rule, p, name);
    if (!p) return Unproven(name, rule.path, fmt::format("\"{}\" is of a column", rule.metric));
    if (rule.metric == "invalidValues") return Invalid(rule, *p, name);
    if (rule.metric != "nullValues" && rule.metric != "missingValues")
      return Unproven(name, rule.path, fmt::format("the metric \"{}\" is not known", rule.metric));
    bool plain = rule.metric == "nullValues" || rule.arguments["missingValues"].is_null();
    if (plain && PlainOr(rule, name, "expect_column_values_to_not_be_null",
                         Json::Object({{"column", p->name}}), p->name))
      return;
    std::string bad = BadRows(rule, p->name);
    if (IsNone(rule))
      return Query(name, fmt::format("SELECT * FROM {{batch}} WHERE {}", bad), p->name, rule.path,
                   Severity(rule));
    Counted(rule, name, fmt::format("count(CASE WHEN {} THEN 1 END)", bad), p->name);
  }

  // The expectation itself where it can say what is demanded.
  bool PlainOr(const Rule& rule, const std::string& name, const char* type, Json kwargs,
               const std::string& column) {
    double mostly = Mostly(rule);
    // "less than" excludes the limit itself, which `mostly` admits.
    bool exact = IsNone(rule) || (mostly >= 0 && rule.comparison == "mustBeLessOrEqualTo");
    if (!exact) return false;
    if (!IsNone(rule)) kwargs.Set("mostly", mostly);
    Add(name, type, std::move(kwargs), column, rule.path, Severity(rule));
    return true;
  }

  // A count of bad rows against the rule's comparison.
  void Counted(const Rule& rule, const std::string& name, const std::string& count,
               const std::string& column) {
    std::string broken = BrokenWhere(rule);
    if (broken.empty()) return Unproven(name, rule.path, "it does not say how many there may be");
    std::string value =
        rule.unit == "percent" ? fmt::format("100.0 * {} / NULLIF(count(*), 0)", count) : count;
    Query(name,
          fmt::format("SELECT v FROM (SELECT {} AS v FROM {{batch}}) AS result WHERE {}", value,
                      broken),
          column, rule.path, Severity(rule));
  }

  void RowCount(const Rule& rule, const std::string& name) {
    Json kwargs = Json::Object();
    const Json& x = rule.operand;
    std::string type = "expect_table_row_count_to_be_between";
    if (rule.comparison == "mustBe") {
      type = "expect_table_row_count_to_equal";
      kwargs.Set("value", x);
    } else if (rule.comparison == "mustBeBetween" && x.size() == 2) {
      kwargs.Set("min_value", x.items()[0]);
      kwargs.Set("max_value", x.items()[1]);
    } else if (rule.comparison == "mustBeGreaterThan" ||
               rule.comparison == "mustBeGreaterOrEqualTo") {
      kwargs.Set("min_value", x);
      if (rule.comparison == "mustBeGreaterThan") kwargs.Set("strict_min", true);
    } else if (rule.comparison == "mustBeLessThan" || rule.comparison == "mustBeLessOrEqualTo") {
      kwargs.Set("max_value", x);
      if (rule.comparison == "mustBeLessThan") kwargs.Set("strict_max", true);
    } else {
      return Counted(rule, name, "count(*)", "");
    }
    Add(name, type, std::move(kwargs), "", rule.path, Severity(rule));
  }

  void Duplicates(const Rule& rule, const Property* p, const std::string& name) {
    std::vector<std::string> columns = Strings(rule.arguments["properties"]);
    if (columns.empty() && p) columns = {p->name};
    if (columns.empty())
      return Unproven(name, rule.path, "it does not say which columns must be unique together");
    std::string column = p ? p->name : columns.size() == 1 ? columns[0] : "";
    bool is_one = columns.size() == 1;
    Json kwargs = is_one ? Json::Object({{"column", columns[0]}})
                         : Json::Object({{"column_list", Strings(columns)}});
    if (IsNone(rule)) {
      return Add(
          name,
          is_one ? "expect_column_values_to_be_unique" : "expect_compound_columns_to_be_unique",
          std::move(kwargs), column, rule.path, Severity(rule));
    }
    std::vector<std::string> quoted;
    for (const std::string& c : columns) quoted.push_back(sql::QuoteIdentifier(c));
    std::string broken = BrokenWhere(rule);
    if (broken.empty()) return Unproven(name, rule.path, "it does not say how many there may be");
    std::string list = Join(quoted, ", ");
    std::string value = "COALESCE(SUM(n - 1), 0)";
    if (rule.unit == "percent") value = fmt::format("100.0 * {} / NULLIF(SUM(n), 0)", value);
    Query(
        name,
        fmt::format("SELECT v FROM (SELECT {} AS v FROM (SELECT count(*) AS n FROM {{batch}} GROUP "
                    "BY {}) AS groups) AS result WHERE {}",
                    value, list, broken),
        column, rule.path, Severity(rule));
  }

  void Invalid(const Rule& rule, const Property& p, const std::string& name) {
    const Json& values = rule.arguments["validValues"];
    const Json& pattern = rule.arguments["pattern"];
    if (!values.is_array() && !pattern.is_string())
      return Unproven(name, rule.path, "it names neither valid values nor a pattern");
    if (values.is_array() &&
        PlainOr(rule, name, "expect_column_values_to_be_in_set",
                Json::Object({{"column", p.name}, {"value_set", values}}), p.name))
      return;
    if (pattern.is_string() && !values.is_array() &&
        PlainOr(rule, name, "expect_column_values_to_match_regex",
                Json::Object({{"column", p.name}, {"regex", pattern}}), p.name))
      return;
    if (!values.is_array())
      return Unproven(name, rule.path, "a count of rows that break a pattern has no check");
    std::vector<std::string> literals;
    for (const Json& value : values.items()) literals.push_back(SqlLiteral(value));
    Counted(rule, name,
            fmt::format("count(CASE WHEN {} NOT IN ({}) THEN 1 END)", sql::QuoteIdentifier(p.name),
                        literals.empty() ? "NULL" : Join(literals, ", ")),
            p.name);
  }

  const Table& table_;
  DerivedChecks out_;
  std::set<std::string> names_;
};

void SetShare(const Json& kwargs, Json* rule) {
  if (!kwargs.Has("mostly")) {
    rule->Set("mustBe", 0);
    return;
  }
  double percent = (1 - kwargs["mostly"].AsDouble()) * 100;
  rule->Set("mustBeLessOrEqualTo", std::round(percent * 1e9) / 1e9);
  rule->Set("unit", "percent");
}

// Members that a kwargs object has beside these: then the library cannot say it.
bool HasOnly(const Json& kwargs, std::initializer_list<std::string_view> names) {
  return std::all_of(kwargs.members().begin(), kwargs.members().end(), [&](const auto& member) {
    return member.second.is_null() ||
           std::find(names.begin(), names.end(), member.first) != names.end();
  });
}

}  // namespace

DerivedChecks ChecksOf(const Table& table) { return Deriver(table).Run(); }

std::vector<definition::Column> ColumnsOf(const Table& table) {
  std::vector<definition::Column> columns;
  for (const Property& p : table.properties) {
    columns.push_back({.name = p.name,
                       .type = p.type.empty() ? "string" : p.type,
                       .required = p.required || p.primary_key,
                       .unique = p.unique || (p.primary_key && table.Key().size() == 1),
                       .unit = p.unit,
                       .doc = p.description});
  }
  return columns;
}

Json RuleOf(const definition::Check& check, std::string* column) {
  const Json& kwargs = check.kwargs;
  Json rule = Json::Object({{"name", check.name}});
  *column = kwargs["column"].AsString();
  auto library = [&](const char* metric) {
    rule.Set("type", "library");
    rule.Set("metric", metric);
  };
  if (check.type == "expect_column_values_to_not_be_null" &&
      HasOnly(kwargs, {"column", "mostly"})) {
    library("nullValues");
    SetShare(kwargs, &rule);
  } else if (check.type == "expect_column_values_to_be_unique" && HasOnly(kwargs, {"column"})) {
    library("duplicateValues");
    rule.Set("mustBe", 0);
  } else if (check.type == "expect_column_values_to_be_in_set" &&
             HasOnly(kwargs, {"column", "mostly", "value_set"})) {
    library("invalidValues");
    rule.Set("arguments", Json::Object({{"validValues", kwargs["value_set"]}}));
    SetShare(kwargs, &rule);
  } else if (check.type == "expect_column_values_to_match_regex" &&
             HasOnly(kwargs, {"column", "mostly", "regex"})) {
    library("invalidValues");
    rule.Set("arguments", Json::Object({{"pattern", kwargs["regex"]}}));
    SetShare(kwargs, &rule);
  } else if (check.type == "expect_table_row_count_to_equal" && HasOnly(kwargs, {"value"})) {
    library("rowCount");
    rule.Set("mustBe", kwargs["value"]);
  } else {
    rule.Set("type", "custom");
    rule.Set("engine", "greatExpectations");
    rule.Set("implementation", Json::Object({{"type", check.type}, {"kwargs", kwargs}}));
  }
  rule.Set("severity", check.severity == "critical" ? "error" : check.severity);
  if (!check.on.empty())
    rule.Set("customProperties",
             Json::List({Json::Object({{"property", "on"}, {"value", check.on}})}));
  return rule;
}

}  // namespace andon::contract
