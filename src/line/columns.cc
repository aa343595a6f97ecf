#include "line/columns.h"

#include "sql/engine.h"
#include "sql/types.h"

namespace andon::line {

Result<std::vector<iceberg::Field>> FieldsOf(const std::vector<definition::Column>& columns) {
  std::vector<iceberg::Field> out;
  for (const definition::Column& column : columns) {
    auto name = TRY(sql::NormalizeType(column.type));
    auto type = iceberg::ParseType(name);
    if (!type.ok()) return std::move(type).error().In("column " + column.name);
    out.push_back({.name = column.name, .type = *type, .doc = column.doc});
  }
  return out;
}

Result<std::vector<iceberg::PartitionBy>> PartitionsOf(const std::vector<std::string>& entries) {
  std::vector<iceberg::PartitionBy> out;
  for (const std::string& entry : entries) {
    auto by = TRY(iceberg::ParsePartitionBy(entry));
    out.push_back(std::move(by));
  }
  return out;
}

std::string EmptyRelation(const std::vector<definition::Column>& columns) {
  std::string select;
  for (const definition::Column& column : columns) {
    auto type = sql::ToDuckDbType(column.type);
    select += fmt::format("{}CAST(NULL AS {}) AS {}", select.empty() ? "" : ", ",
                          type.ok() ? *type : "VARCHAR", sql::QuoteIdentifier(column.name));
  }
  return fmt::format("SELECT {} WHERE false", select.empty() ? "NULL AS empty" : select);
}

}  // namespace andon::line
