#include "html/parts.h"

#include <map>

#include "HtmlAssets.h"

namespace andon::html {

std::string ShownTime(Timestamp t) {
  std::string text = ToRfc3339(std::chrono::floor<std::chrono::seconds>(t));
  if (text.size() > 10) text[10] = ' ';
  if (text.ends_with('Z')) text.pop_back();
  return text;
}

const EmbeddedFile* FindAsset(std::string_view path) {
  for (const EmbeddedFile& file : HtmlAssets()) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

Html StateOf(std::string_view state) {
  static const std::map<std::string, std::pair<std::string, std::string>, std::less<>> kMeaning = {
      {"passed", {"green", "✔"}},
      {"published", {"green", "✔"}},
      {"succeeded", {"green", "✔"}},
      {"resolved", {"green", "✔"}},
      {"loaded", {"green", "✔"}},
      {"closed", {"green", "✔"}},
      {"kept", {"green", "✔"}},
      {"failed", {"red", "✖"}},
      {"missed", {"red", "✖"}},
      {"red", {"red", "✖"}},
      {"rejected", {"red", "✖"}},
      {"unreadable", {"red", "✖"}},
      {"open", {"red", "✖"}},
      {"contract", {"red", "✖"}},
      {"critical", {"red", "✖"}},
      {"error", {"red", "✖"}},
      {"held", {"yellow", "▲"}},
      {"accepted", {"yellow", "▲"}},
      {"acknowledged", {"yellow", "▲"}},
      {"warning", {"yellow", "▲"}},
      {"foreign", {"yellow", "▲"}},
      {"rolled_back", {"yellow", "▲"}},
      {"cancelled", {"yellow", "▲"}}};
  auto found = kMeaning.find(state);
  std::string name = found == kMeaning.end() ? "grey" : found->second.first;
  std::string sign = found == kMeaning.end() ? "○" : found->second.second;
  std::string word(state);
  for (char& c : word) c = c == '_' ? ' ' : c;
  return El("span", {{"class", "light " + name}},
            {El("span", {{"aria-hidden", "true"}}, {Text(sign)}), Text(" " + word)});
}

Html ToHtml(const Table& table) {
  if (table.rows.empty()) return El("p", {{"class", "dim"}}, {Text(table.empty_text)});
  auto align = [&](size_t i) {
    return i < table.right.size() && table.right[i] ? Attributes{{"class", "number"}}
                                                    : Attributes{};
  };
  std::vector<Html> header, rows;
  for (size_t i = 0; i < table.header.size(); ++i) {
    Attributes attributes = align(i);
    attributes.push_back({"scope", "col"});
    header.push_back(El("th", attributes, {Text(table.header[i])}));
  }
  for (const auto& row : table.rows) {
    std::vector<Html> cells;
    for (size_t i = 0; i < row.size(); ++i) {
      Attributes attributes = align(i);
      if (i == 0) attributes.push_back({"scope", "row"});
      // On a narrow screen the header is not beside the value; the style puts it before.
      else if (i < table.header.size())
        attributes.push_back({"data-label", table.header[i]});
      cells.push_back(El(i == 0 ? "th" : "td", attributes, {row[i]}));
    }
    rows.push_back(El("tr", Attributes{}, cells));
  }
  Html caption = El("caption", {{"class", "visually-hidden"}}, {Text(table.caption)});
  // A wide table scrolls by itself, and by keys, so that the page does not.
  return El(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", table.caption}},
      {El("table", Attributes{},
          {caption, El("thead", Attributes{}, {El("tr", Attributes{}, header)}),
           El("tbody", Attributes{}, rows)})});
}

Html Section(std::string_view id, std::string_view title, const std::vector<Html>& children) {
  std::string heading = std::string(id) + "-title";
  std::vector<Html> all = {El("h2", {{"id", heading}}, {Text(title)})};
  all.insert(all.end(), children.begin(), children.end());
  return El("section", {{"id", std::string(id)}, {"aria-labelledby", heading}}, all);
}

Html Definitions(const std::vector<std::pair<std::string, Html>>& pairs) {
  std::vector<Html> items;
  for (const auto& [name, value] : pairs) {
    items.push_back(El("div", Attributes{}, {El("dt", name), El("dd", Attributes{}, {value})}));
  }
  return El("dl", Attributes{}, items);
}

Html Command(std::string_view command) {
  return El("code", {{"class", "command"}}, {Text(command)});
}

}  // namespace andon::html
