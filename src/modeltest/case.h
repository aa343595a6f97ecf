// One test of a model: rows that are given, the statements that run on them, rows that must come.
//
//   Case c = {.tables = {{"payment", columns, rows}}, .target = {"daily", sql, columns}, …};
//   Outcome outcome = Run(connection, c);
//   if (outcome.state == State::kFailed) … outcome.differences …
//
// Nothing but the engine's memory is touched: what a test does not give is an empty table.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "modeltest/difference.h"
#include "modeltest/rows.h"

namespace andon::modeltest {

struct Table {
  std::string name;
  std::vector<sql::ColumnInfo> columns;
  Rows given;
};

struct Model {
  std::string name;
  std::string sql;                       // One SELECT.
  std::vector<sql::ColumnInfo> columns;  // What it returns is cast to these, as a run does.
};

struct Case {
  std::vector<Table> tables;
  std::vector<Model> models;  // That the target needs, each before what reads it.
  Model target;
  std::string start, end;  // Values of $start and $end; empty: none.
  Rows expect;             // Its columns are those that are compared.
  bool ordered = false;
};

enum class State { kPassed, kFailed, kError };
std::string_view ToString(State state);  // Terraform's words: "pass", "fail", "error".

struct Outcome {
  State state = State::kPassed;
  // Of kError: what is wrong, and where, as far as it is known.
  std::string error;
  SourceRange place;
  // Of kFailed.
  std::vector<std::string> columns;
  std::vector<TextRow> expected, actual;
  std::vector<Difference> differences;
  Duration duration{0};
};

// In a connection of its own, which is of no more use afterwards. What is wrong with the test or
// with the statement is an outcome, never an error of the whole.
Outcome Run(sql::Connection& connection, const Case& test, const Clock& clock);

}  // namespace andon::modeltest
