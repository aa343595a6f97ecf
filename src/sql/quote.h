// Names and texts as SQL has them: always quoted, so that nothing a user wrote is ever pasted.
#pragma once

#include <string>
#include <string_view>

namespace andon::sql {

// `name` as an SQL identifier, always in quotes: a "b" gives "a ""b""".
std::string QuoteIdentifier(std::string_view name);
// `text` as an SQL string literal: it's gives 'it''s'.
std::string QuoteLiteral(std::string_view text);

}  // namespace andon::sql
