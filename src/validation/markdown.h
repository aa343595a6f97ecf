// Markdown for a comment on a pull request, from texts that nobody can trust: what the texts hold
// never becomes markup, a mention of a person or a link, and the whole never grows beyond a limit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace andon::validation {

// As running text, on one line.
std::string MarkdownText(std::string_view text);
// As code for a cell of a table, where a bar is escaped even in code; empty text gives nothing.
std::string MarkdownCode(std::string_view text);
// As a block of code in several lines.
std::string MarkdownBlock(std::string_view text, std::string_view language = {});

// Rows of cells, which are Markdown already.
struct MarkdownTable {
  std::vector<std::string> header;
  std::vector<bool> right;  // Numbers; may be shorter than the header.
  std::vector<std::vector<std::string>> rows;
};
std::string ToText(const MarkdownTable& table);

// Blocks until the limit is reached. A block stands whole or not at all; after the first that does
// not fit none is taken, so that nothing stands below a heading that is not its own.
class BoundedMarkdown {
 public:
  explicit BoundedMarkdown(size_t bytes_max) : bytes_max_(bytes_max) {}

  // False where it did not fit.
  bool Add(std::string_view block);
  bool is_full() const { return left_out_ > 0; }
  // With a line at the end that says that something was left out.
  std::string Finish() const;

 private:
  size_t bytes_max_;
  std::string text_;
  int left_out_ = 0;
};

}  // namespace andon::validation
