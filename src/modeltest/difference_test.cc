#include "modeltest/difference.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace andon::modeltest {
namespace {

// "1 a; 2 b": rows of cells, "." is null.
std::vector<TextRow> RowsOf(std::string_view text) {
  std::vector<TextRow> rows;
  if (Trim(text).empty()) return rows;
  for (const std::string& line : Split(text, ';')) {
    TextRow row;
    for (const std::string& cell : Split(Trim(line), ' '))
      row.push_back(cell == "." ? std::nullopt : std::optional(cell));
    rows.push_back(std::move(row));
  }
  return rows;
}

// "~0:1[1] -2 +3"
std::string Text(const std::vector<Difference>& differences) {
  std::vector<std::string> out;
  for (const Difference& d : differences) {
    std::string text(1, char(d.kind));
    if (d.expected >= 0) text += std::to_string(d.expected);
    if (d.actual >= 0) text += ":" + std::to_string(d.actual);
    for (size_t c : d.columns) text += "[" + std::to_string(c) + "]";
    out.push_back(text);
  }
  return Join(out, " ");
}

TEST(DifferenceTest, Compares) {
  struct {
    const char* expected;
    const char* actual;
    bool ordered;
    const char* differences;
  } kCases[] = {
      {"", "", false, ""},
      {"1 a; 2 b", "2 b; 1 a", false, ""},
      {"1 a; 2 b", "2 b; 1 a", true, ">0:1 >1:0"},
      {"1 a; 1 a", "1 a", false, "-1"},
      {"1 a", "1 a; 1 a", false, "+:1"},
      {"1 a", "1 b", false, "~0:0[1]"},
      {"1 .", "1 b", false, "~0:0[1]"},
      {". .", ". .", false, ""},
      {"1 a", "2 b", false, "-0 +:0"},
      // The nearest two are one row that changed.
      {"1 a x; 2 b y", "1 b y; 1 a z", false, "~0:1[2] ~1:0[0]"},
      {"1", "2", false, "-0 +:0"},
      {"1 a; 2 b", "", false, "-0 -1"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Text(Compare(RowsOf(c.expected), RowsOf(c.actual), c.ordered)), c.differences)
        << c.expected << " against " << c.actual;
  }
}

TEST(DifferenceTest, ManyRowsAreComparedAndNotPairedForEver) {
  std::vector<TextRow> expected, actual;
  for (int i = 0; i < 20'000; ++i) {
    expected.push_back({std::to_string(i), "a", "b"});
    actual.push_back({std::to_string(i + 20'000), "a", "c"});
  }
  EXPECT_GE(Compare(expected, actual, false).size(), 20'000u);
}

}  // namespace
}  // namespace andon::modeltest
