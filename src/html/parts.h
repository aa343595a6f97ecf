// The small parts that pages are made of, whoever serves them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/embedded_file.h"
#include "html/html.h"

namespace andon::html {

struct Table {
  std::string caption;
  std::vector<std::string> header;
  std::vector<std::vector<Html>> rows;  // The first cell of a row is its header.
  std::vector<bool> right;              // Numbers.
  std::string empty_text;               // Shown where there are no rows.
};
Html ToHtml(const Table& table);
Html Section(std::string_view id, std::string_view title, const std::vector<Html>& children);
// A list of names and values.
Html Definitions(const std::vector<std::pair<std::string, Html>>& pairs);
Html Command(std::string_view command);  // What to type for the same.

// A word in a badge with a sign, coloured by its meaning: "passed", "failed", "held", ….
Html StateOf(std::string_view state);

// "2026-11-20 08:42:52".
std::string ShownTime(Timestamp t);

// "style.css", "icon.svg"; null where there is no such file.
const EmbeddedFile* FindAsset(std::string_view path);

}  // namespace andon::html
