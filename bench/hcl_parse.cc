// links: andon_hcl
//
// Speed of parsing and of the format check on a generated file of 50,000 lines,
// median of five. The bounds: 50 MB/s, 0.2 s. Processor time is printed beside the
// time that passed: on a busy machine only the first says something.
#include <fmt/format.h>

#include <time.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "hcl/format.h"
#include "hcl/parser.h"

namespace {

using namespace andon::hcl;

std::string Generate(int lines_min) {
  std::string text;
  int lines = 0;
  for (int i = 0; lines < lines_min; ++i) {
    std::string block = fmt::format(R"hcl(# Dataset number {0}.
dataset "orders_{0}" {{
  description  = "One row for each order of shop {0}, with \"quotes\" and ${{var.region}}."
  owner        = team.shop_{1}
  partition_by = ["month(ordered_at)"]
  tags         = ["tier:{1}", "sales"]
  from         = source.shop.table.orders_{0}
  load         = {{ mode = "merge", key = ["order_id"], cursor = "ordered_at", lookback = "1h" }}
  freshness    = "{1}h" # since the last arrival
  columns = {{
    order_id    = {{ type = "long", required = true, unique = true }}
    customer_id = {{ type = "long", required = true, references = dataset.customer.column.id }}
    amount      = {{ type = "decimal(9,2)", required = true, unit = "USD" }}
    ordered_at  = {{ type = "timestamp", timezone = "UTC", required = true }}
  }}
  checks = {{
    amount_in_range = expect_column_values_to_be_between("amount", {{ min_value = 0, max_value = {0}.5, mostly = 0.999 }})
    few_zero        = expect_column_values_to_not_be_in_set("amount", {{ value_set = [0], mostly = 0.9 }})
    names           = [for k, v in local.names : upper(v) if v != null && length(k) > {1}]
  }}
}}

)hcl",
                                    i, i % 7);
    lines += static_cast<int>(std::count(block.begin(), block.end(), '\n'));
    text += block;
  }
  return text;
}

struct Seconds {
  double passed = 0;
  double processor = 0;
};

double Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Seconds Median(const std::function<void()>& work) {
  std::vector<double> passed;
  std::vector<double> processor;
  for (int i = 0; i < 5; ++i) {
    double wall = Now(CLOCK_MONOTONIC);
    double cpu = Now(CLOCK_PROCESS_CPUTIME_ID);
    work();
    processor.push_back(Now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    passed.push_back(Now(CLOCK_MONOTONIC) - wall);
  }
  std::sort(passed.begin(), passed.end());
  std::sort(processor.begin(), processor.end());
  return {passed[2], processor[2]};
}

}  // namespace

int main() {
  std::string text = Generate(50'000);
  size_t errors = 0;
  Seconds parse = Median([&] { errors += ParseFile("bench.hcl", text).diagnostics.size(); });
  bool canonical = true;
  Seconds check = Median([&] { canonical &= Format(text) == text; });
  double megabytes = static_cast<double>(text.size()) / 1e6;
  fmt::print("{} lines, {:.2f} MB, {} errors\n", std::count(text.begin(), text.end(), '\n'),
             megabytes, errors);
  fmt::print("parse         {:.1f} MB/s passed, {:.1f} MB/s processor   bound 50 MB/s\n",
             megabytes / parse.passed, megabytes / parse.processor);
  fmt::print("format check  {:.4f} s passed, {:.4f} s processor   bound 0.2 s\n", check.passed,
             check.processor);
  return errors == 0 && canonical ? 0 : 1;
}
