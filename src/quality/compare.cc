#include "quality/compare.h"

#include "base/text.h"
#include "quality/sample.h"

namespace andon::quality {

sql::Session* Comparison::SessionOf(std::string_view source) const {
  if (source.empty()) return &session_;
  auto found = options_.sources.find(std::string(source));
  return found == options_.sources.end() ? nullptr : found->second;
}

sql::Dialect Comparison::DialectOf(std::string_view source) {
  sql::Session* session = SessionOf(source);
  return session ? session->dialect() : sql::Dialect::kDuckDb;
}

std::string Comparison::Written(const std::string& statement) {
  return StatementSql(statement, "SELECT *", relation_, options_);
}

Result<Rows> Comparison::Query(std::string_view source, const std::string& sql,
                               std::vector<std::string>* columns) {
  sql::Session* session = SessionOf(source);
  if (!session) {
    std::vector<std::string> names;
    for (const auto& [name, other] : options_.sources) names.push_back(name);
    std::string meant = DidYouMean(source, names);
    return Error::Invalid("There is no source \"{}\".{}", source,
                          meant.empty() ? "" : " Did you mean \"" + meant + "\"?");
  }
  sql::QueryOptions query = options_.query;
  query.rows_max = kComparedRowsMax;
  auto set = TRY(session->Query(
      sql, source.empty() ? options_.parameters : std::vector<sql::Parameter>{}, query));
  if (set.truncated())
    return Error::Invalid("A side of the comparison has more than {}; compare less at once.",
                          Count(kComparedRowsMax, "row"));
  columns->clear();
  for (const sql::ResultColumn& column : set.columns()) columns->push_back(column.name);
  Rows rows;
  for (int64_t row = 0; row < set.row_count(); row++) {
    std::vector<Json> cells;
    for (size_t i = 0; i < set.columns().size(); i++) cells.push_back(set.ToJson(row, i));
    rows.push_back(std::move(cells));
  }
  return rows;
}

}  // namespace andon::quality
