#include "validation/markdown.h"

#include <algorithm>

#include "base/text.h"

namespace andon::validation {
namespace {

// The longest run of backticks in a text.
size_t LongestTicks(std::string_view text) {
  size_t longest = 0, run = 0;
  for (char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// What the end of a bounded text needs.
constexpr std::string_view kMore = "\n_More was left out: the comment has a limit._\n";

}  // namespace

std::string MarkdownText(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '\n' || c == '\r' || c == '\t') {
      if (!out.ends_with(' ')) out += ' ';
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      continue;
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '@' || (c == '#' && next >= '0' && next <= '9')) {
      // An empty comment keeps it from naming a person or an issue.
      out += c;
      out += "<!-- -->";
    } else if (c == ':' && text.substr(i).starts_with("://")) {
      out += ":<!-- -->";
    } else if (std::string_view("\\`*_{}[]#|~$").find(c) != std::string_view::npos) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string MarkdownCode(std::string_view text) {
  if (text.empty()) return {};
  std::string inside;
  for (char c : text) {
    if (c == '\n')
      inside += "⏎";
    else if (c == '|')
      inside += "\\|";  // In a table the bar ends the cell, even in code.
    else
      inside += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  const std::string ticks(LongestTicks(inside) + 1, '`');
  // White space at both ends would be taken away, and a tick at an end would join the others.
  const bool needs_space = inside.front() == '`' || inside.back() == '`' || inside.front() == ' ';
  const std::string space = needs_space ? " " : "";
  return ticks + space + inside + space + ticks;
}

std::string MarkdownBlock(std::string_view text, std::string_view language) {
  const std::string fence(std::max<size_t>(3, LongestTicks(text) + 1), '`');
  std::string out = fence + std::string(language) + "\n" + std::string(text);
  if (!out.ends_with('\n')) out += '\n';
  return out + fence + "\n";
}

std::string ToText(const MarkdownTable& table) {
  std::string out = "|";
  for (const std::string& cell : table.header) out += " " + cell + " |";
  out += "\n|";
  for (size_t i = 0; i < table.header.size(); ++i) {
    out += i < table.right.size() && table.right[i] ? " ---: |" : " --- |";
  }
  out += "\n";
  for (const auto& row : table.rows) {
    out += "|";
    for (const std::string& cell : row) out += " " + cell + " |";
    out += "\n";
  }
  return out;
}

bool BoundedMarkdown::Add(std::string_view block) {
  if (left_out_ > 0 || text_.size() + block.size() + 1 + kMore.size() > bytes_max_) {
    ++left_out_;
    return false;
  }
  if (!text_.empty()) text_ += '\n';
  text_ += block;
  if (!text_.ends_with('\n')) text_ += '\n';
  return true;
}

std::string BoundedMarkdown::Finish() const {
  if (left_out_ == 0) return text_;
  return text_.size() + kMore.size() <= bytes_max_ ? text_ + std::string(kMore) : text_;
}

}  // namespace andon::validation
