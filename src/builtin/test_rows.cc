#include "builtin/test_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "config/places.h"
#include "config/value_json.h"
#include "functions/csv.h"
#include "hcl/static_form.h"

namespace andon::builtin {
namespace {

using value::Value;

bool IsObject(const Value& value) {
  return value.is_known_not_null() && (value.type().is_object() || value.type().is_map());
}

bool IsList(const Value& value) {
  return value.is_known_not_null() &&
         (value.type().is_list() || value.type().is_tuple() || value.type().is_set());
}

// Digits stay as they were written, whatever a double would make of them.
modeltest::Cell CellOf(const Value& value) {
  if (!value.is_known_not_null()) return std::nullopt;
  if (value.type().is_string()) return value.string();
  if (value.type().is_bool()) return value.boolean() ? "true" : "false";
  if (value.type().is_number()) return value.number().ToString();
  return config::ToJson(value).Dump();
}

class Reader {
 public:
  Reader(const Item& test, const Item& dataset, const std::string& part, hcl::Expression expression,
         Diagnostics* diagnostics)
      : test_(test),
        dataset_(dataset),
        part_(part),
        expression_(expression),
        around_(expression ? expression.range() : test.Range(part)),
        diagnostics_(diagnostics) {}

  modeltest::Rows Read(const Value& value) {
    if (value.is_known_not_null() && value.type().is_string()) {
      ReadCsv(value.string());
    } else if (IsList(value)) {
      ReadList(value);
    } else {
      Wrong(fmt::format("\"{}\" takes a list of rows, [{{ … }}, …], or CSV text with a header.",
                        part_),
            around_);
    }
    return std::move(rows_);
  }

 private:
  void Wrong(std::string detail, const SourceRange& range) {
    Diagnostic d = config::Message(config::kGiven, std::move(detail), range);
    d.address = test_.address;
    diagnostics_->Add(std::move(d));
  }

  bool HasNoColumns() const {
    return dataset_.has_broken_columns || dataset_.attributes["columns"].size() == 0;
  }

  // Each unknown column is told once.
  bool CheckColumn(const std::string& name, const SourceRange& range) {
    std::vector<std::string> known = ColumnNames(dataset_);
    bool is_known = std::any_of(known.begin(), known.end(), [&](const std::string& column) {
      return AsciiLower(column) == AsciiLower(name);
    });
    if (is_known || HasNoColumns()) return true;
    if (told_.insert(name).second) ReportUnknownColumn(test_, dataset_, name, range, diagnostics_);
    return false;
  }

  size_t IndexOf(const std::string& name) {
    int found = rows_.Find(name);
    if (found >= 0) return size_t(found);
    rows_.columns.push_back(name);
    return rows_.columns.size() - 1;
  }

  void ReadList(const Value& value) {
    auto places = expression_ ? hcl::AsList(expression_) : std::nullopt;
    std::vector<Value> items = value.items();
    for (size_t i = 0; i < items.size(); ++i) {
      hcl::Expression at =
          places && places->size() == items.size() ? (*places)[i] : hcl::Expression();
      config::Places cells(at, around_);
      if (!IsObject(items[i])) {
        Wrong(fmt::format("Row {} of \"{}\" is no object: a row is {{ column = value, … }}.", i + 1,
                          part_),
              cells.around());
        continue;
      }
      modeltest::Row row{.place = cells.around()};
      for (const auto& [name, cell] : Members(items[i])) {
        if (!CheckColumn(name, cells.key(name))) continue;
        size_t index = IndexOf(name);
        if (row.cells.size() <= index) row.cells.resize(index + 1);
        row.cells[index] = CellOf(cell);
      }
      rows_.rows.push_back(std::move(row));
    }
    for (modeltest::Row& row : rows_.rows) row.cells.resize(rows_.columns.size());
  }

  // In the order in which they are written.
  static Value::Members Members(const Value& object) {
    if (!object.type().is_object()) return object.members();
    Value::Members members;
    for (const std::string& name : object.attribute_order()) {
      if (const Value* member = object.Find(name)) members.emplace_back(name, *member);
    }
    return members;
  }

  void ReadCsv(const std::string& text) {
    auto records = functions::ParseCsv(text);
    if (!records.ok())
      return Wrong(fmt::format("\"{}\": {}.", part_, records.error().message), around_);
    if (records->empty())
      return Wrong(fmt::format("\"{}\" is CSV text without a header.", part_), around_);
    std::vector<bool> is_known;
    for (const std::string& field : (*records)[0].fields) {
      std::string name(Trim(field));
      is_known.push_back(CheckColumn(name, around_));
      if (is_known.back() && rows_.Find(name) >= 0) {
        Wrong(fmt::format("The column \"{}\" stands twice in the header of \"{}\".", name, part_),
              around_);
        is_known.back() = false;
      }
      if (is_known.back()) rows_.columns.push_back(name);
    }
    for (size_t i = 1; i < records->size(); ++i) {
      modeltest::Row row{.place = LineOf((*records)[i].line)};
      for (size_t f = 0; f < is_known.size(); ++f) {
        const std::string& field = (*records)[i].fields[f];
        if (is_known[f])
          row.cells.push_back(field.empty() ? modeltest::Cell() : modeltest::Cell(field));
      }
      rows_.rows.push_back(std::move(row));
    }
  }

  // Of a heredoc the line itself; of a file that is read somewhere else, the expression.
  SourceRange LineOf(int line) const {
    bool is_heredoc = expression_ && expression_.text().starts_with("<<");
    if (!is_heredoc) return around_;
    SourceRange range = around_;
    range.start.line += line;
    range.start.column = 1;
    range.end = range.start;
    return range;
  }

  const Item& test_;
  const Item& dataset_;
  const std::string& part_;
  hcl::Expression expression_;
  SourceRange around_;
  Diagnostics* diagnostics_;
  std::set<std::string> told_;
  modeltest::Rows rows_;
};

}  // namespace

modeltest::Rows ReadTestRows(const Item& test, const Item& dataset, const std::string& part,
                             const value::Value& value, hcl::Expression expression,
                             Diagnostics* diagnostics) {
  return Reader(test, dataset, part, expression, diagnostics).Read(value);
}

}  // namespace andon::builtin
