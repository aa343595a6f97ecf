// Runs each expectation's own example on DuckDB: a kind without a true example is not finished.
#include <gtest/gtest.h>

#include <map>

#include "base/text.h"
#include "quality/expectation.h"
#include "quality/run.h"
#include "sql/engine.h"

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

struct Column {
  std::string name;
  std::string type;
  std::vector<std::string> words;
};

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
  std::map<std::string, std::vector<Column>> tables;  // "" is the checked one.
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
    Column column{.name = line.substr(0, colon), .words = Words(line.substr(colon + 1))};
    if (size_t open = column.name.find(" ("); open != std::string::npos) {
      column.type = column.name.substr(open + 2, column.name.size() - open - 3);
      column.name = column.name.substr(0, open);
    }
    if (column.type.empty()) column.type = Infer(column.words);
    std::string table;
    if (size_t dot = column.name.find('.'); dot != std::string::npos) {
      table = column.name.substr(0, dot);
      column.name = column.name.substr(dot + 1);
    }
    cases.back().tables[table].push_back(column);
  }
  return cases;
}

void Create(sql::Connection& connection, const std::string& name,
            const std::vector<Column>& columns) {
  std::vector<std::string> declared;
  for (const Column& column : columns)
    declared.push_back(sql::QuoteIdentifier(column.name) + " " + *sql::ToDuckDbType(column.type));
  ASSERT_TRUE(
      connection.Execute("CREATE OR REPLACE TABLE " + name + " (" + Join(declared, ", ") + ")")
          .ok());
  for (size_t row = 0; row < columns[0].words.size(); row++) {
    std::vector<std::string> cells;
    for (const Column& column : columns) {
      const std::string& word = column.words[row];
      cells.push_back(
          word == "null"
              ? "NULL"
              : sql::QuoteLiteral(ValueOf(word).is_string() ? ValueOf(word).AsString() : word));
    }
    auto inserted =
        connection.Execute("INSERT INTO " + name + " VALUES (" + Join(cells, ", ") + ")");
    ASSERT_TRUE(inserted.ok()) << inserted.error().message;
  }
}

std::string Summary(const Expectation& expectation, const CheckResult& result) {
  if (result.state == CheckState::kError) return "error: " + result.message;
  std::string text = result.success() ? "pass: " : "fail: ";
  if (expectation.judge || expectation.schema) return text + result.observed_value.Dump();
  if (expectation.statement)
    text += std::to_string(*result.unexpected_count) + " rows";
  else
    text += std::to_string(*result.unexpected_count) + " of " +
            std::to_string(*result.element_count -
                           (expectation.judges_nulls ? 0 : *result.missing_count)) +
            " unexpected";
  std::string values;
  for (const Json& value : result.partial_unexpected_list) {
    if (!value.is_null()) values += (values.empty() ? "" : " ") + value.Dump();
  }
  return values.empty() ? text : text + ", " + values;
}

class Example : public testing::TestWithParam<const Expectation*> {};

TEST_P(Example, HoldsOnDuckDb) {
  const Expectation& expectation = *GetParam();
  sql::Engine engine = *sql::Engine::Open({.threads = 1});
  sql::Connection connection = *engine.Connect();
  std::vector<Case> cases = Read(expectation.example);
  ASSERT_FALSE(cases.empty());
  for (const Case& example : cases) {
    RunOptions options{.table_name = "batch"};
    std::vector<sql::ColumnInfo> columns;
    for (const auto& [name, table] : example.tables) {
      std::string place = name.empty() ? "checked_table" : "other_" + name;
      Create(connection, place, table);
      if (!name.empty()) options.tables[name] = place;
      if (!name.empty()) continue;
      for (const Column& column : table) columns.push_back({column.name, column.type});
    }
    Diagnostics mistakes;
    CheckSpec check = ReadCheck("example", expectation.name, example.kwargs, {}, &mistakes);
    mistakes.Append(Validate(check, columns));
    for (const Diagnostic& mistake : mistakes) ADD_FAILURE() << mistake.detail;
    auto results = RunChecks(connection, "checked_table", columns, {check}, options);
    ASSERT_TRUE(results.ok()) << results.error().message;
    EXPECT_EQ(Summary(expectation, (*results)[0]), example.verdict);
    EXPECT_EQ(ToJson(*CheckResultFromJson(ToJson((*results)[0]))), ToJson((*results)[0]));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, Example, testing::ValuesIn(AllExpectations()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace andon::quality
