#include "quality/gx/suite.h"

#include <algorithm>
#include <set>

#include "base/json_places.h"
#include "base/text.h"
#include "quality/gx/version.h"

namespace andon::quality::gx {
namespace {

constexpr size_t kExpectationsMax = 100'000;

// Arguments that say how to run, not what to expect.
const std::set<std::string_view> kRuntimeKwargs = {"batch_id",
                                                   "result_format",
                                                   "catch_exceptions",
                                                   "include_config",
                                                   "condition_parser",
                                                   "meta",
                                                   "rendered_content",
                                                   "windows",
                                                   "id",
                                                   "notes",
                                                   "severity",
                                                   "library_metadata",
                                                   "description",
                                                   "row_condition",
                                                   "interactive_evaluation"};
// What the reference keeps of an expectation, besides type and kwargs.
constexpr std::string_view kConfigMembers[] = {"meta", "notes", "id", "severity", "description"};

class Reader {
 public:
  Reader(std::string_view text, const SuiteOptions& options, Diagnostics* diagnostics)
      : text_(text),
        options_(options),
        scope_{.values = options.parameters, .now = options.now},
        diagnostics_(diagnostics) {}

  Suite Read() {
    Suite suite;
    size_t mistake_at = 0;
    Result<Json> parsed = Json::ParsePython(text_, &mistake_at);
    if (!parsed.ok()) {
      NoJson(parsed.error(), mistake_at);
      return suite;
    }
    places_.emplace(text_, options_.filename);
    const Json& root = *parsed;
    if (!root.is_object() || !root["expectations"].is_array()) {
      Add("AN1621", "No suite of expectations",
          "A suite is an object with a list \"expectations\".", places_->Value({}));
      return suite;
    }
    suite.name =
        root.Has("name") ? root["name"].AsString() : root["expectation_suite_name"].AsString();
    suite.id = root["id"].AsString();
    suite.meta = root["meta"];
    suite.notes = root["notes"];
    const Json::Array& list = root["expectations"].items();
    if (list.size() > kExpectationsMax) {
      Add("AN1621", "No suite of expectations",
          fmt::format("It has {} expectations; at most {} can be run together.",
                      WithThousands(static_cast<int64_t>(list.size())),
                      WithThousands(kExpectationsMax)),
          places_->Key({"expectations"}));
      return suite;
    }
    for (size_t i = 0; i < list.size(); i++) ReadOne(i, list[i], &suite);
    return suite;
  }

 private:
  using Path = JsonPlaces::Path;

  void Add(std::string code, std::string summary, std::string detail, SourceRange subject,
           const std::string& meant = {}, std::string help = {}) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.summary = std::move(summary);
    diagnostic.detail = std::move(detail);
    diagnostic.subject = std::move(subject);
    diagnostic.help = std::move(help);
    if (!meant.empty()) diagnostic.at_caret = "did you mean \"" + meant + "\"?";
    diagnostics_->Add(std::move(diagnostic));
  }

  void NoJson(const Error& error, size_t at) {
    std::string_view before = text_.substr(0, at);
    size_t line_start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    SourcePos pos;
    pos.line = 1 + static_cast<int32_t>(std::count(before.begin(), before.end(), '\n'));
    pos.column = 1 + static_cast<int32_t>(GraphemeCount(before.substr(line_start)));
    pos.byte = static_cast<int32_t>(at);
    Add("AN1620", "Suite is no JSON document", "The suite is " + error.message + ".",
        {options_.filename, pos, pos});
  }

  // Everything within that is {"$PARAMETER": "…"} becomes its value.
  Json Replace(const Json& json, const Path& path) {
    if (json.is_object() && json.Has("$PARAMETER")) return Parameter(json["$PARAMETER"], path);
    if (json.is_object()) {
      Json out = Json::Object();
      for (const auto& [key, value] : json.members()) {
        Path below = path;
        below.push_back(key);
        out.Set(key, Replace(value, below));
      }
      return out;
    }
    if (!json.is_array()) return json;
    bool is_plain = std::none_of(json.items().begin(), json.items().end(),
                                 [](const Json& i) { return i.is_object() || i.is_array(); });
    if (is_plain) return json;
    Json out = Json::List();
    for (size_t i = 0; i < json.items().size(); i++) {
      Path below = path;
      below.push_back(i);
      out.Push(Replace(json.items()[i], below));
    }
    return out;
  }

  Json Parameter(const Json& expression, const Path& path) {
    const std::string& text = expression.AsString();
    Result<Json> value = EvaluateParameter(text, scope_);
    if (value.ok()) return *value;
    if (value.error().kind == ErrorKind::kNotFound) {
      std::vector<std::string> names;
      for (const auto& [name, known] : options_.parameters) names.push_back(name);
      const std::string& name = value.error().message;
      Add("AN1622", "Suite parameter without a value",
          fmt::format("The suite takes a parameter \"{}\", which was given no value.", name),
          places_->Value(path), DidYouMean(name, names),
          fmt::format("give it one: -param {}=…", name));
    } else {
      Add("AN1623", "Suite parameter is not understood",
          fmt::format("\"{}\": {}.", text, value.error().message), places_->Value(path));
    }
    return Json();
  }

  void ReadOne(size_t index, const Json& written, Suite* suite) {
    Path path = {"expectations", index};
    const char* type_key = written.Has("type") ? "type" : "expectation_type";
    const std::string& type = written[type_key].AsString();
    if (type.empty()) {
      Add("AN1621", "No suite of expectations",
          fmt::format("Expectation {} of the suite has no \"type\".", index + 1),
          places_->Value(path));
      return;
    }
    SuiteExpectation e;
    e.written = written;
    e.check.type = type;
    e.check.declared = places_->Value({"expectations", index, type_key});
    Json kwargs = Replace(written["kwargs"], {"expectations", index, "kwargs"});
    if (!kwargs.is_object()) kwargs = Json::Object();
    if (!FindInfo(type, e.check.declared)) {
      suite->expectations.push_back(std::move(e));
      return;
    }
    e.config.Set("type", type);
    e.config.Set("kwargs", kwargs);
    for (std::string_view member : kConfigMembers) {
      if (!written[member].is_null()) e.config.Set(member, written[member]);
    }
    if (!e.config.Has("meta")) e.config.Set("meta", Json::Object());
    ReadSeverity(index, &e);
    ReadKwargs(index, kwargs, &e);
    ReadCondition(kwargs, &e);
    e.check.name = NameOf(e.check);
    suite->expectations.push_back(std::move(e));
  }

  bool FindInfo(const std::string& type, const SourceRange& place) {
    info_ = nullptr;
    std::vector<std::string> names;
    for (const ExpectationInfo& info : Expectations()) {
      if (info.name == type) info_ = &info;
      names.push_back(info.name);
    }
    if (info_) return true;
    Add("AN1601", "Unknown expectation", fmt::format("There is no expectation \"{}\".", type),
        place, DidYouMean(type, names));
    return false;
  }

  void ReadSeverity(size_t index, SuiteExpectation* e) {
    const Json& severity = e->config["severity"];
    if (severity.is_null()) {
      e->config.Set("severity", "critical");
      return;
    }
    const std::string& word = severity.AsString();
    if (word == "critical") {
      e->check.severity = CheckSeverity::kCritical;
    } else if (word == "warning") {
      e->check.severity = CheckSeverity::kWarning;
    } else if (word == "info") {
      e->check.severity = CheckSeverity::kInfo;
    } else {
      Add("AN1604", "Arguments of a check do not fit",
          "\"severity\" must be \"critical\", \"warning\" or \"info\".",
          places_->Value({"expectations", index, "severity"}),
          DidYouMean(word, {"critical", "warning", "info"}));
    }
  }

  void ReadKwargs(size_t index, const Json& kwargs, SuiteExpectation* e) {
    std::vector<std::string> names = {"batch_id", "result_format", "catch_exceptions",
                                      "row_condition", "condition_parser"};
    bool describes = false;
    for (const ParameterInfo& parameter : info_->parameters) {
      names.push_back(parameter.name);
      describes |= parameter.name == "description";
    }
    for (const auto& [name, value] : kwargs.members()) {
      if (kRuntimeKwargs.contains(name)) continue;
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        Add("AN1602", "Unknown parameter of a check",
            fmt::format("{} has no parameter \"{}\".", e->check.type, name),
            places_->Key({"expectations", index, "kwargs", name}), DidYouMean(name, names));
        continue;
      }
      if (!value.is_null()) e->check.kwargs.Set(name, value);
    }
    const Json& description = e->config["description"];
    if (describes && !description.AsString().empty())
      e->check.kwargs.Set("description", description);
    const Json& format = kwargs["result_format"];
    if (format.is_null()) return;
    Result<ResultFormat> read = ReadResultFormat(format);
    if (read.ok())
      e->result_format = *read;
    else
      e->broken = read.error().message;
  }

  void ReadCondition(const Json& kwargs, SuiteExpectation* e) {
    const Json& written = kwargs["row_condition"];
    if (written.is_null() || (written.is_string() && Trim(written.AsString()).empty())) return;
    Result<Condition> read = ReadRowCondition(written, kwargs["condition_parser"].AsString());
    if (read.ok()) {
      e->condition = std::move(*read);
      Result<std::string> sql = ToSql(*e->condition, {.nulls = Nulls::kPandas});
      if (sql.ok())
        e->check.kwargs.Set("row_condition", *sql);
      else
        e->broken = "row_condition: " + sql.error().message + ".";
    } else {
      e->broken = "row_condition: " + read.error().message + ".";
    }
  }

  // "amount.values_to_be_between", a second one of the same "amount.values_to_be_between 2".
  std::string NameOf(const CheckSpec& check) {
    std::string subject = check.kwargs["column"].AsString();
    if (subject.empty() && check.kwargs.Has("column_A"))
      subject = check.kwargs["column_A"].AsString() + "," + check.kwargs["column_B"].AsString();
    if (subject.empty()) {
      std::vector<std::string> columns;
      bool is_rows = !check.type.starts_with("expect_table_");
      for (const Json& column : check.kwargs["column_list"].items())
        columns.push_back(column.AsString());
      if (is_rows) subject = Join(columns, ",");
    }
    std::string_view verb = check.type;
    if (verb.starts_with("expect_")) verb.remove_prefix(7);
    for (std::string_view scope : {"column_pair_", "compound_columns_", "select_column_",
                                   "multicolumn_", "column_", "table_"}) {
      if (!verb.starts_with(scope)) continue;
      if (subject.empty() && scope == "table_") subject = "table";
      if (!subject.empty()) verb.remove_prefix(scope.size());
      break;
    }
    std::string name = subject.empty() ? std::string(verb) : fmt::format("{}.{}", subject, verb);
    int n = ++names_[name];
    return n == 1 ? name : fmt::format("{} {}", name, n);
  }

  std::string_view text_;
  const SuiteOptions& options_;
  ParameterScope scope_;
  Diagnostics* diagnostics_;
  std::optional<JsonPlaces> places_;
  const ExpectationInfo* info_ = nullptr;
  std::map<std::string, int> names_;
};

}  // namespace

Suite ReadSuite(std::string_view text, const SuiteOptions& options, Diagnostics* diagnostics) {
  return Reader(text, options, diagnostics).Read();
}

Suite ReadSuite(std::string_view text, std::string filename,
                const std::map<std::string, Json>& parameters, Diagnostics* diagnostics) {
  return ReadSuite(text, {.filename = std::move(filename), .parameters = parameters}, diagnostics);
}

Json ToJson(const Suite& suite) {
  Json json = Json::Object();
  json.Set("name", suite.name);
  json.Set("id", suite.id.empty() ? Json() : Json(suite.id));
  Json list = Json::List();
  for (const SuiteExpectation& e : suite.expectations) {
    Json one =
        Json::Object({{"type", e.check.type},
                      {"kwargs", e.written.Has("kwargs") ? e.written["kwargs"] : Json::Object()},
                      {"meta", e.written.Has("meta") ? e.written["meta"] : Json::Object()}});
    for (const auto& [name, value] : e.written.members()) {
      if (name != "type" && name != "expectation_type" && name != "kwargs" && name != "meta")
        one.Set(name, value);
    }
    if (!one.Has("severity")) one.Set("severity", std::string(GxSeverity(e.check.severity)));
    list.Push(std::move(one));
  }
  json.Set("expectations", std::move(list));
  Json meta = suite.meta.is_object() ? suite.meta : Json::Object();
  if (!meta.Has("great_expectations_version")) meta.Set("great_expectations_version", kVersion);
  json.Set("meta", std::move(meta));
  json.Set("notes", suite.notes);
  return json;
}

Suite FromChecks(std::string name, const std::vector<CheckSpec>& checks) {
  Suite suite;
  suite.name = std::move(name);
  for (const CheckSpec& check : checks) {
    SuiteExpectation e;
    e.check = check;
    Json kwargs = check.kwargs;
    const std::string description = kwargs["description"].AsString();
    kwargs.Remove("description");
    if (kwargs.Has("row_condition")) kwargs.Set("condition_parser", "spark");
    e.config = Json::Object({{"type", check.type},
                             {"kwargs", std::move(kwargs)},
                             {"meta", Json::Object()},
                             {"id", check.name},
                             {"severity", std::string(GxSeverity(check.severity))}});
    if (!description.empty()) e.config.Set("description", description);
    e.written = e.config;
    suite.expectations.push_back(std::move(e));
  }
  return suite;
}

void Bind(Suite* suite, const ConditionTarget& target) {
  for (SuiteExpectation& e : suite->expectations) {
    if (!e.condition || !e.broken.empty()) continue;
    Result<std::string> sql = ToSql(*e.condition, target);
    if (sql.ok())
      e.check.kwargs.Set("row_condition", *sql);
    else
      e.broken = "row_condition: " + sql.error().message + ".";
  }
}

}  // namespace andon::quality::gx
