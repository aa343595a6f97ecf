#include "quality/check.h"

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "quality/expectation.h"
#include "quality/other_source.h"
#include "quality/type_name.h"
#include "sql/analyze.h"

namespace andon::quality {
namespace {

constexpr std::string_view kRowCondition = "row_condition";

// Where a check names another source, the other table is one of that, and no dataset.
bool LooksIntoSource(const CheckSpec& check) {
  return !check.kwargs[kComparedSource].AsString().empty();
}

// Parameters that every expectation takes. `meta` and `notes` are for people, the two others
// say how a Great Expectations file meant its row_condition and its result.
constexpr Param kCommonParams[] = {
    {"row_condition", ParamKind::kText,
     "An SQL condition; only rows for which it is true are looked at."},
    {"condition_parser", ParamKind::kText,
     "Accepted for suites of Great Expectations; conditions are SQL."},
    {"result_format", ParamKind::kAny, "Accepted for suites of Great Expectations."},
    {"catch_exceptions", ParamKind::kBool, "Accepted for suites of Great Expectations."},
    {"meta", ParamKind::kAny, "Anything, for people."},
    {"notes", ParamKind::kAny, "Anything, for people."},
    {"description", ParamKind::kText, "Said instead of the expectation's own sentence."},
};

std::string_view KindName(ParamKind kind) {
  switch (kind) {
    case ParamKind::kColumn:
    case ParamKind::kColumnName:
      return "the name of a column";
    case ParamKind::kColumns:
      return "a list of columns' names";
    case ParamKind::kNames:
      return "a list of names";
    case ParamKind::kNumber:
      return "a number";
    case ParamKind::kCount:
      return "a whole number, 0 or more";
    case ParamKind::kFraction:
      return "a number from 0 to 1";
    case ParamKind::kBool:
      return "true or false";
    case ParamKind::kText:
      return "a text";
    case ParamKind::kTexts:
      return "a list of texts";
    case ParamKind::kRegex:
      return "a regular expression";
    case ParamKind::kRegexes:
      return "a list of regular expressions";
    case ParamKind::kType:
      return "a column type";
    case ParamKind::kTypes:
      return "a list of column types";
    case ParamKind::kTable:
      return "the name of a dataset";
    case ParamKind::kSql:
      return "a SELECT statement";
    case ParamKind::kScalar:
      return "a number or a text";
    case ParamKind::kScalars:
      return "a list of numbers or texts";
    case ParamKind::kPairs:
      return "a list of pairs of values";
    case ParamKind::kDuration:
      return "a duration like \"6h\" or \"1d\"";
    case ParamKind::kQuantiles:
      return "an object with quantiles and value_ranges";
    case ParamKind::kPartition:
      return "an object with weights, and values or bins";
    case ParamKind::kObject:
      return "an object";
    case ParamKind::kAny:
      return "anything";
  }
  return "";
}

bool IsScalar(const Json& value) {
  return value.is_number() || value.is_string() || value.is_bool();
}

bool AllOf(const Json& list, bool (*holds)(const Json&)) {
  return list.is_array() && std::all_of(list.items().begin(), list.items().end(), holds);
}

bool IsQuantiles(const Json& value) {
  const Json& quantiles = value["quantiles"];
  const Json& ranges = value["value_ranges"];
  auto is_fraction = [](const Json& q) {
    return q.is_number() && q.AsDouble() >= 0 && q.AsDouble() <= 1;
  };
  auto is_range = [](const Json& r) {
    return r.is_array() && r.size() == 2 &&
           AllOf(r, [](const Json& bound) { return bound.is_null() || IsScalar(bound); });
  };
  return AllOf(quantiles, is_fraction) && AllOf(ranges, is_range) &&
         quantiles.size() == ranges.size() && quantiles.size() > 0;
}

bool IsNullOrScalar(const Json& value) { return value.is_null() || IsScalar(value); }

bool IsPartition(const Json& value) {
  auto is_number = [](const Json& weight) { return weight.is_number(); };
  // The outermost bins may be infinite: null, or a text as Python writes it.
  bool by_value = AllOf(value["values"], IsNullOrScalar),
       by_bin = AllOf(value["bins"], IsNullOrScalar);
  return AllOf(value["weights"], is_number) && by_value != by_bin;
}

// Whether the argument has the parameter's shape, regardless of columns.
bool HasShape(ParamKind kind, const Json& value) {
  auto is_text = [](const Json& item) { return item.is_string(); };
  switch (kind) {
    case ParamKind::kText:
    case ParamKind::kRegex:
      return value.is_string();
    case ParamKind::kColumn:
    case ParamKind::kColumnName:
    case ParamKind::kType:
    case ParamKind::kTable:
    case ParamKind::kSql:
      return value.is_string() && !value.AsString().empty();
    case ParamKind::kColumns:
    case ParamKind::kTexts:
    case ParamKind::kRegexes:
    case ParamKind::kTypes:
      return AllOf(value, is_text) && value.size() > 0;
    case ParamKind::kPairs:
      return AllOf(
          value, [](const Json& pair) { return AllOf(pair, IsNullOrScalar) && pair.size() == 2; });
    case ParamKind::kDuration:
      return value.is_string() && ParseDuration(value.AsString()).ok();
    case ParamKind::kNames:
      return AllOf(value, is_text);
    case ParamKind::kNumber:
      return value.is_number();
    case ParamKind::kCount:
      return value.is_number() && value.AsDouble() >= 0 && value == Json(value.AsInteger(-1));
    case ParamKind::kFraction:
      return value.is_number() && value.AsDouble() >= 0 && value.AsDouble() <= 1;
    case ParamKind::kBool:
      return value.is_bool();
    case ParamKind::kScalar:
      return IsScalar(value);
    case ParamKind::kScalars:
      return AllOf(value, IsNullOrScalar);
    case ParamKind::kQuantiles:
      return IsQuantiles(value);
    case ParamKind::kPartition:
      return IsPartition(value);
    case ParamKind::kObject:
      return value.is_object();
    case ParamKind::kAny:
      return true;
  }
  return false;
}

// One validation, with what it needs at hand.
class Validation {
 public:
  Validation(const CheckSpec& check, const ColumnIndex& columns,
             const std::vector<std::string>& tables, sql::Analyzer* analyzer)
      : check_(check),
        columns_(columns),
        tables_(tables),
        analyzer_(analyzer),
        expectation_(FindExpectation(check.type)) {}

  Diagnostics Run() {
    if (!expectation_) {
      UnknownType();
      return std::move(diagnostics_);
    }
    Unknown();
    for (const Param& param : expectation_->params) One(param);
    for (const Param& param : kCommonParams) One(param);
    if (!diagnostics_.has_errors()) ColumnClass();
    if (!diagnostics_.has_errors() && expectation_->mistake) {
      std::string mistake = expectation_->mistake(Args(check_.kwargs, columns_));
      if (!mistake.empty()) Add("AN1604", "Arguments of a check do not fit", mistake);
    }
    if (!diagnostics_.has_errors() && analyzer_ && check_.kwargs.Has(kRowCondition)) {
      diagnostics_.Append(analyzer_->CheckExpression(check_.kwargs[kRowCondition].AsString(),
                                                     check_.declared, columns_.columns()));
    }
    return std::move(diagnostics_);
  }

  void UnknownType() {
    std::vector<std::string> names;
    for (const Expectation* expectation : AllExpectations()) names.emplace_back(expectation->name);
    std::string meant = DidYouMean(check_.type, names);
    Add("AN1601", "Unknown expectation",
        fmt::format("There is no expectation \"{}\".", check_.type), meant);
  }

  Diagnostics Take() { return std::move(diagnostics_); }

 private:
  void Add(std::string code, std::string summary, std::string detail,
           const std::string& meant = {}) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.summary = std::move(summary);
    diagnostic.detail = check_.name.empty() ? std::move(detail)
                                            : fmt::format("Check \"{}\": {}", check_.name, detail);
    diagnostic.subject = check_.declared;
    if (!meant.empty()) diagnostic.at_caret = "did you mean \"" + meant + "\"?";
    diagnostics_.Add(std::move(diagnostic));
  }

  void Unknown() {
    std::vector<std::string> names = {"severity", "on", "quarantine_max"};
    for (const Param& param : expectation_->params) names.emplace_back(param.name);
    for (const Param& param : kCommonParams) names.emplace_back(param.name);
    for (const auto& [name, value] : check_.kwargs.members()) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      Add("AN1602", "Unknown parameter of a check",
          fmt::format("{} has no parameter \"{}\".", check_.type, name), DidYouMean(name, names));
    }
  }

  void One(const Param& param) {
    const Json& value = check_.kwargs[param.name];
    if (value.is_null()) {
      if (param.is_required) {
        Add("AN1603", "Missing parameter of a check",
            fmt::format("{} needs \"{}\": {}", check_.type, param.name, param.doc));
      }
      return;
    }
    if (!HasShape(param.kind, value)) {
      Add("AN1604", "Arguments of a check do not fit",
          fmt::format("\"{}\" must be {}.", param.name, KindName(param.kind)));
      return;
    }
    switch (param.kind) {
      case ParamKind::kColumn:
        return Column(value.AsString());
      case ParamKind::kColumns:
        for (const Json& name : value.items()) Column(name.AsString());
        return;
      case ParamKind::kScalar:
        return Scalar(param, value);
      case ParamKind::kScalars:
        for (const Json& item : value.items()) Member(param, item);
        return;
      case ParamKind::kPairs:
        for (const Json& pair : value.items()) {
          Scalar(param, pair.items()[0], check_.kwargs[kColumnA.name].AsString());
          Scalar(param, pair.items()[1], check_.kwargs[kColumnB.name].AsString());
        }
        return;
      case ParamKind::kRegex:
        return Regex(value.AsString());
      case ParamKind::kRegexes:
        for (const Json& regex : value.items()) Regex(regex.AsString());
        return;
      case ParamKind::kType:
        return Type(value.AsString());
      case ParamKind::kTypes:
        for (const Json& type : value.items()) Type(type.AsString());
        return;
      case ParamKind::kTable:
        return Table(value.AsString());
      default:
        return;
    }
  }

  void Column(const std::string& name) {
    if (columns_.Has(name)) return;
    std::vector<std::string> names;
    for (const sql::ColumnInfo& column : columns_.columns()) names.push_back(column.name);
    Add("AN1042", "Unknown column", fmt::format("The dataset has no column \"{}\".", name),
        DidYouMean(name, names));
  }

  void Scalar(const Param& param, const Json& value) {
    Scalar(param, value, check_.kwargs[kColumn.name].AsString());
  }

  void Scalar(const Param& param, const Json& value, const std::string& of) {
    const sql::ColumnInfo* column = columns_.Find(of);
    if (!column || FitsType(value, column->type)) return;
    Add("AN1604", "Arguments of a check do not fit",
        fmt::format("\"{}\" is {}, which cannot be compared with {}, a {}.", param.name,
                    value.Dump(), column->name, column->type));
  }

  // No value equals one of another sort: such a member is useless in a set, and does no harm.
  void Member(const Param& param, const Json& value) {
    const sql::ColumnInfo* column = columns_.Find(check_.kwargs[kColumn.name].AsString());
    if (!column || FitsType(value, column->type)) return;
    diagnostics_.Warning("AN1607", "A value can never be equal",
                         fmt::format("{}\"{}\" holds {}, which equals no value of {}, a {}.",
                                     check_.name.empty() ? "" : "Check \"" + check_.name + "\": ",
                                     param.name, value.Dump(), column->name, column->type),
                         check_.declared);
  }

  // A database may have types of its own: only what resembles a known name is taken for a slip.
  void Type(const std::string& name) {
    std::string meant = MeantType(name);
    if (meant.empty()) return;
    Add("AN1604", "Arguments of a check do not fit",
        fmt::format("There is no column type \"{}\". Did you mean \"{}\"?", name, meant));
  }

  void Regex(const std::string& regex) {
    if (!analyzer_) return;
    if (auto mistake = analyzer_->CheckRegex(regex)) {
      Add("AN1605", "Regular expression does not compile",
          fmt::format("\"{}\": {}.", regex, *mistake));
    }
  }

  void Table(const std::string& name) {
    if (LooksIntoSource(check_)) return;
    if (tables_.empty() || std::find(tables_.begin(), tables_.end(), name) != tables_.end()) return;
    Add("AN1606", "Unknown dataset in a check", fmt::format("There is no dataset \"{}\".", name),
        DidYouMean(name, tables_));
  }

  void ColumnClass() {
    const auto& classes = expectation_->column_classes;
    if (classes.empty()) return;
    for (const std::string& name : ColumnsOf(*expectation_, check_.kwargs)) {
      std::string type = Args(check_.kwargs, columns_).TypeOf(name);
      if (std::find(classes.begin(), classes.end(), sql::ClassOf(type)) != classes.end()) continue;
      Add(std::string(kMisfitCode), "Check does not apply to the column",
          fmt::format("{} does not apply to {}, a {}.", check_.type, name, type));
    }
  }

  const CheckSpec& check_;
  const ColumnIndex& columns_;
  const std::vector<std::string>& tables_;
  sql::Analyzer* analyzer_;
  const Expectation* expectation_;
  Diagnostics diagnostics_;
};

std::string Words(const Json& value) {
  if (value.is_string()) return value.AsString();
  if (!value.is_array()) return value.Dump();
  std::vector<std::string> words;
  for (const Json& item : value.items()) words.push_back(Words(item));
  return Join(words, ", ");
}

// What a sentence says where an argument was left to its default.
std::string Words(const Json& value, std::string_view name) {
  if (!value.is_null()) return Words(value);
  if (name == "match_on") return "any";
  if (name == "compared_to") return "the previous one";
  return name == "threshold" ? "any" : "anything";
}

std::string RangeWords(const Json& kwargs) {
  const Json& min = kwargs[kMinValue.name];
  const Json& max = kwargs[kMaxValue.name];
  bool above = kwargs[kStrictMin.name].AsBool(), below = kwargs[kStrictMax.name].AsBool();
  if (!min.is_null() && !max.is_null() && !above && !below) {
    return min == max ? Words(min) : fmt::format("between {} and {}", Words(min), Words(max));
  }
  if (min.is_null() && max.is_null()) return "anything";
  std::vector<std::string> parts;
  if (!min.is_null()) parts.push_back((above ? "above " : "at least ") + Words(min));
  if (!max.is_null()) parts.push_back((below ? "below " : "at most ") + Words(max));
  return Join(parts, " and ");
}

std::string Fill(std::string_view says, const Json& kwargs) {
  std::string out;
  while (!says.empty()) {
    size_t open = says.find('{');
    size_t close = open == std::string_view::npos ? open : says.find('}', open);
    if (close == std::string_view::npos) break;
    std::string name(says.substr(open + 1, close - open - 1));
    out += says.substr(0, open);
    out += name == "range" ? RangeWords(kwargs) : Words(kwargs[name], name);
    says.remove_prefix(close + 1);
  }
  return out + std::string(says);
}

ParameterInfo Info(const Param& param) {
  return {param.name, std::string(KindName(param.kind)), param.is_required, param.doc};
}

}  // namespace

std::string_view ToString(CheckSeverity severity) {
  switch (severity) {
    case CheckSeverity::kCritical:
      return "critical";
    case CheckSeverity::kQuarantine:
      return "quarantine";
    case CheckSeverity::kWarning:
      return "warning";
    case CheckSeverity::kInfo:
      return "info";
  }
  return "";
}

CheckSeverity SeverityFromString(std::string_view word) {
  for (CheckSeverity severity :
       {CheckSeverity::kQuarantine, CheckSeverity::kWarning, CheckSeverity::kInfo}) {
    if (word == ToString(severity)) return severity;
  }
  return CheckSeverity::kCritical;
}

std::string_view GxSeverity(CheckSeverity severity) {
  return ToString(severity == CheckSeverity::kQuarantine ? CheckSeverity::kCritical : severity);
}

bool HasBadRows(const CheckSpec& check) {
  const Expectation* expectation = FindExpectation(check.type);
  if (!expectation || expectation->in_order) return false;
  return expectation->key || expectation->unexpected || expectation->host || expectation->statement;
}

bool RunsOn(const CheckSpec& check, Scope scope) {
  const Expectation* expectation = FindExpectation(check.type);
  if (scope == Scope::kDataset) return check.on_dataset.value_or(true);
  return check.on_delivery.value_or(expectation && expectation->on_delivery);
}

CheckSpec ReadCheck(std::string name, std::string type, Json kwargs, SourceRange declared,
                    Diagnostics* diagnostics) {
  CheckSpec check{
      .name = std::move(name), .type = std::move(type), .declared = std::move(declared)};
  auto mistake = [&](std::string detail) {
    diagnostics->Error("AN1604", "Arguments of a check do not fit",
                       fmt::format("Check \"{}\": {}", check.name, detail), check.declared);
  };
  if (const Json& severity = kwargs["severity"]; !severity.is_null()) {
    const std::string& text = severity.AsString();
    check.severity = SeverityFromString(text);
    bool is_known =
        check.severity != CheckSeverity::kCritical || text == "critical" || text == "error";
    if (!is_known)
      mistake("\"severity\" must be \"critical\", \"quarantine\", \"warning\" or \"info\".");
  }
  const bool has_quarantine = check.severity == CheckSeverity::kQuarantine;
  if (has_quarantine && FindExpectation(check.type) && !HasBadRows(check))
    mistake(
        fmt::format("{} has no bad rows that could be quarantined; \"severity\" must be "
                    "\"critical\", \"warning\" or \"info\".",
                    check.type));
  if (const Json& share = kwargs["quarantine_max"]; !share.is_null()) {
    if (!has_quarantine)
      mistake("\"quarantine_max\" is for severity = \"quarantine\".");
    else if (!share.is_number() || share.AsDouble() <= 0 || share.AsDouble() > 1)
      mistake("\"quarantine_max\" must be a share of the rows: above 0, at most 1.");
    else
      check.quarantine_max = share.AsDouble();
  }
  if (const Json& on = kwargs["on"]; !on.is_null()) {
    const std::string& text = on.AsString();
    bool both = text == "both";
    if (!both && text != "delivery" && text != "dataset")
      mistake("\"on\" must be \"delivery\", \"dataset\" or \"both\".");
    check.on_delivery = both || text == "delivery";
    check.on_dataset = both || text != "delivery";
  }
  if (kwargs.is_object()) {
    kwargs.Remove("severity");
    kwargs.Remove("quarantine_max");
    kwargs.Remove("on");
    check.kwargs = std::move(kwargs);
  }
  if (!FindExpectation(check.type)) {
    const ColumnIndex no_columns;
    const std::vector<std::string> no_tables;
    Validation validation(check, no_columns, no_tables, nullptr);
    validation.UnknownType();
    diagnostics->Append(validation.Take());
  }
  return check;
}

Diagnostics Validate(const CheckSpec& check, const ColumnIndex& columns,
                     const std::vector<std::string>& tables, sql::Analyzer* analyzer) {
  return Validation(check, columns, tables, analyzer).Run();
}

Diagnostics Validate(const CheckSpec& check, const std::vector<sql::ColumnInfo>& columns,
                     const std::vector<std::string>& tables, sql::Analyzer* analyzer) {
  return Validate(check, ColumnIndex(columns), tables, analyzer);
}

std::vector<std::string> TablesOf(const CheckSpec& check) {
  std::vector<std::string> tables;
  const Expectation* expectation = FindExpectation(check.type);
  if (!expectation || LooksIntoSource(check)) return tables;
  for (const Param& param : expectation->params) {
    if (param.kind == ParamKind::kTable && check.kwargs[param.name].is_string()) {
      tables.push_back(check.kwargs[param.name].AsString());
    }
  }
  return tables;
}

bool TakesSource(std::string_view type) {
  const Expectation* expectation = FindExpectation(type);
  if (!expectation) return false;
  return std::any_of(expectation->params.begin(), expectation->params.end(),
                     [](const Param& param) { return param.name == kComparedSource; });
}

std::string SqlOf(const CheckSpec& check) {
  const Expectation* expectation = FindExpectation(check.type);
  if (!expectation || !expectation->statement) return {};
  for (const Param& param : expectation->params) {
    if (param.kind == ParamKind::kSql) return check.kwargs[param.name].AsString();
  }
  return {};
}

std::string Describe(const CheckSpec& check) {
  const std::string& own = check.kwargs["description"].AsString();
  if (!own.empty()) return own;
  const Expectation* expectation = FindExpectation(check.type);
  if (!expectation) return check.type;
  std::string text = Fill(expectation->says, check.kwargs);
  const Json& mostly = check.kwargs[kMostly.name];
  const Json& condition = check.kwargs[kRowCondition];
  if (text.ends_with('.') && (!mostly.is_null() || !condition.is_null())) {
    text.pop_back();
    if (!mostly.is_null())
      text += fmt::format(", for at least {:.6g} % of them", mostly.AsDouble() * 100);
    if (!condition.is_null()) text += fmt::format(", where {}", condition.AsString());
    text += '.';
  }
  return text;
}

const std::vector<ParameterInfo>& CommonParameters() {
  static const std::vector<ParameterInfo> kInfos = [] {
    std::vector<ParameterInfo> infos;
    for (const Param& param : kCommonParams) infos.push_back(Info(param));
    return infos;
  }();
  return kInfos;
}

const std::vector<ExpectationInfo>& Expectations() {
  static const std::vector<ExpectationInfo> kInfos = [] {
    std::vector<ExpectationInfo> infos;
    for (const Expectation* expectation : AllExpectations()) {
      ExpectationInfo info{
          .name = expectation->name, .says = expectation->says, .example = expectation->example};
      for (const Param& param : expectation->params) {
        info.parameters.push_back(Info(param));
        bool can_be_first = param.kind == ParamKind::kColumn ||
                            param.kind == ParamKind::kColumnName ||
                            param.kind == ParamKind::kColumns || param.kind == ParamKind::kNames ||
                            param.kind == ParamKind::kSql;
        if (info.positional.empty() && can_be_first) info.positional = param.name;
      }
      for (const Param& param : kCommonParams) info.parameters.push_back(Info(param));
      infos.push_back(std::move(info));
    }
    return infos;
  }();
  return kInfos;
}

}  // namespace andon::quality
