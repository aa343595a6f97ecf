// Runs each expectation's own example on every engine that is present: a kind without a true
// example is not finished.
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "base/text.h"
#include "quality/expectation.h"
#include "quality/range.h"
#include "quality/run.h"
#include "quality/test_engines.h"

namespace andon::quality {
namespace {

// Words separated by spaces; "…", […] and {…} hold spaces together.
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  bool in_text = false;
  for (char c : line) {
    if (c == '"') in_text = !in_text;
    if (!in_text && (c == '[' || c == '{')) depth++;
    if (!in_text && (c == ']' || c == '}')) depth--;
    if (c == ' ' && depth == 0 && !in_text) {
      if (!word.empty()) words.push_back(std::exchange(word, ""));
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

// JSON, or else the word itself as a text.
Json ValueOf(const std::string& word) {
  Result<Json> json = Json::Parse(word);
  return json.ok() ? *json : Json(word);
}

std::string Infer(const std::vector<std::string>& words) {
  std::string type = "long";
  for (const std::string& word : words) {
    Json value = ValueOf(word);
    if (word == "nan" || (value.is_number() && !value.is_integer()))
      type = type == "string" ? type : "double";
    else if (value.is_string())
      type = "string";
  }
  return type;
}

struct Case {
  Json kwargs = Json::Object();
  std::map<std::string, std::vector<TestColumn>> tables;  // "" is the checked one.
  std::string verdict;
};

std::vector<Case> Read(std::string_view example) {
  std::vector<Case> cases;
  bool starts = true;
  for (const std::string& raw : Split(example, '\n')) {
    std::string line(Trim(raw));
    if (line.empty()) {
      starts = true;
      continue;
    }
    if (starts) {
      starts = false;
      cases.emplace_back();
      for (const std::string& word : Words(line)) {
        size_t equals = word.find('=');
        cases.back().kwargs.Set(word.substr(0, equals), ValueOf(word.substr(equals + 1)));
      }
      continue;
    }
    if (line.starts_with("pass") || line.starts_with("fail")) {
      cases.back().verdict = line;
      continue;
    }
    size_t colon = line.find(':');
    TestColumn column{.name = line.substr(0, colon), .cells = Words(line.substr(colon + 1))};
    if (size_t open = column.name.find(" ("); open != std::string::npos) {
      column.type = column.name.substr(open + 2, column.name.size() - open - 3);
      column.name = column.name.substr(0, open);
    }
    if (column.type.empty()) column.type = Infer(column.cells);
    for (std::string& cell : column.cells) {
      if (Json value = ValueOf(cell); value.is_string()) cell = value.AsString();
    }
    std::string table;
    if (size_t dot = column.name.find('.'); dot != std::string::npos) {
      table = column.name.substr(0, dot);
      column.name = column.name.substr(dot + 1);
    }
    cases.back().tables[table].push_back(column);
  }
  return cases;
}

// Numbers as numbers, whichever way an engine gives them; a NaN is nothing where there is none.
Json Plain(const Json& value) {
  if (value.is_array()) {
    Json list = Json::List();
    for (const Json& item : value.items()) list.Push(Plain(item));
    return list;
  }
  if (value.is_object()) {
    Json object = Json::Object();
    for (const auto& [name, item] : value.members()) object.Set(name, Plain(item));
    return object;
  }
  return value.is_number() ? Json(value.AsDouble()) : value;
}

std::string Values(const std::vector<Json>& values) {
  std::string text;
  for (const Json& value : values) {
    if (!value.is_null()) text += (text.empty() ? "" : " ") + value.Dump();
  }
  return text.empty() ? "" : ", " + text;
}

std::string Summary(const Expectation& expectation, const CheckResult& result) {
  if (result.state == CheckState::kError) return "error: " + result.message;
  std::string text = result.success() ? "pass: " : "fail: ";
  std::string values = Values(result.partial_unexpected_list);
  if (expectation.statement)
    return text + std::to_string(*result.unexpected_count) + " rows" + values;
  if (result.element_count) {
    int64_t judged = *result.element_count - (expectation.judges_nulls ? 0 : *result.missing_count);
    return text + std::to_string(*result.unexpected_count) + " of " + std::to_string(judged) +
           " unexpected" + values;
  }
  std::vector<std::string> parts;
  if (result.unexpected_count)
    parts.push_back(std::to_string(*result.unexpected_count) + " unexpected" + values);
  if (result.missing_count)
    parts.push_back(std::to_string(*result.missing_count) + " missing" +
                    Values(result.details["partial_missing_list"].items()));
  return text + (parts.empty() ? result.observed_value.Dump() : Join(parts, ", "));
}

// The verdict, and what stands behind it as plain values: engines differ in 1 and 1.0.
void ExpectSame(const std::string& summary, const std::string& expected) {
  auto split = [](const std::string& text) {
    std::string rest = text;
    for (char& c : rest) {
      if (c == ',') c = ' ';
    }
    std::vector<Json> parts;
    for (const std::string& word : Words(rest)) parts.push_back(Plain(ValueOf(word)));
    return parts;
  };
  if (summary == expected) return;
  EXPECT_EQ(Json(split(summary)).Dump(), Json(split(expected)).Dump())
      << summary << "\ninstead of\n"
      << expected;
}

// What an engine cannot show: NaN is null in SQLite, a type has another name in a database, and
// without an order of their own rows cannot be in order.
bool Suits(const Case& example, const Expectation& expectation, sql::Dialect dialect) {
  if (dialect == sql::Dialect::kDuckDb) return true;
  if (expectation.in_order && example.kwargs["order_by"].is_null()) return false;
  for (const auto& [name, table] : example.tables) {
    for (const TestColumn& column : table) {
      for (const std::string& cell : column.cells) {
        if (cell == "nan") return false;
      }
    }
  }
  return expectation.schema == nullptr || example.verdict.find("\"long\"") == std::string::npos;
}

class Example : public testing::TestWithParam<std::tuple<sql::Dialect, const Expectation*>> {};

TEST_P(Example, Holds) {
  auto [dialect, kind] = GetParam();
  const Expectation& expectation = *kind;
  std::vector<Case> cases = Read(expectation.example);
  ASSERT_FALSE(cases.empty());
  for (const Case& example : cases) {
    if (!Suits(example, expectation, dialect)) continue;
    std::string missing;
    std::unique_ptr<TestEngine> engine = OpenTestEngine(dialect, &missing);
    if (!engine) GTEST_SKIP() << "needs " << missing;
    RunOptions options{.table_name = "batch",
                       .now = *ParseTimestamp("2005-08-30T18:00:00Z"),
                       .written_at = *ParseTimestamp("2005-08-30T12:00:00Z")};
    std::vector<sql::ColumnInfo> columns;
    for (const auto& [name, table] : example.tables) {
      std::string place = name.empty() ? "checked_table" : "other_" + name;
      engine->Make(place, table);
      if (!name.empty()) options.tables[name] = sql::QuoteIdentifier(place);
      if (!name.empty()) continue;
      for (const TestColumn& column : table) columns.push_back({column.name, column.type});
    }
    sql::Session& session = engine->session();
    options.sources["other"] = &session;
    Diagnostics mistakes;
    CheckSpec check = ReadCheck("example", expectation.name, example.kwargs, {}, &mistakes);
    mistakes.Append(Validate(check, columns));
    for (const Diagnostic& mistake : mistakes) ADD_FAILURE() << mistake.detail;
    auto results = RunChecks(session, "\"checked_table\"", columns, {check}, options);
    ASSERT_TRUE(results.ok()) << results.error().message;
    ExpectSame(Summary(expectation, (*results)[0]), example.verdict);
    EXPECT_EQ(ToJson(*CheckResultFromJson(ToJson((*results)[0]))), ToJson((*results)[0]));
  }
}

std::string NameOf(const testing::TestParamInfo<Example::ParamType>& info) {
  auto [dialect, expectation] = info.param;
  const char* engine = dialect == sql::Dialect::kDuckDb   ? "DuckDb"
                       : dialect == sql::Dialect::kSqlite ? "Sqlite"
                                                          : "Postgres";
  return std::string(engine) + "_" + expectation->name;
}

INSTANTIATE_TEST_SUITE_P(Each, Example,
                         testing::Combine(testing::Values(sql::Dialect::kDuckDb,
                                                          sql::Dialect::kSqlite,
                                                          sql::Dialect::kPostgres),
                                          testing::ValuesIn(AllExpectations())),
                         NameOf);

}  // namespace
}  // namespace andon::quality
