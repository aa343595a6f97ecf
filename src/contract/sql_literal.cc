#include "contract/sql_literal.h"

#include "sql/quote.h"

namespace andon::contract {

std::string SqlLiteral(const Json& value) {
  if (value.is_string()) return sql::QuoteLiteral(value.AsString());
  return value.is_null() ? "NULL" : value.Dump();
}

}  // namespace andon::contract
