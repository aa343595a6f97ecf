// Units: which datasets are built and published together, and in which order.
//
//   Line line = TRY(MakeLine(project, {{"dataset.revenue", {.reads = {"dataset.payment"}}}}));
//   for (const Unit& unit : line.units) ...  // Each after all that it depends on.
//
// A unit is one dataset, or several that refer to one another in a circle. What a model's
// SQL reads, depends_on, and the tables that checks read make edges; `references` are a
// wish for order, kept as far as it closes no circle with an edge.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "definition/definition.h"

namespace andon::pipeline {

// What a caller with an SQL parser found out about one dataset; addresses.
struct Reads {
  std::vector<std::string> reads;         // By its SQL: it is rebuilt when they change.
  std::vector<std::string> checked_with;  // By its checks: only order.
};

struct Unit {
  std::vector<std::string> datasets;  // Addresses, each after those of the unit that it reads.
  std::vector<int> depends_on;        // Units whose failure holds this one; indices, ascending.
  std::vector<int> after;             // Units that come first but do not hold it (wishes kept).
  // "payment", "staff and store".
  std::string name;
};

struct Line {
  std::vector<Unit> units;  // Ordered: what a unit depends on, or comes after, stands before it.
  std::map<std::string, int, std::less<>> unit_of;                     // By dataset's address.
  std::map<std::string, std::vector<std::string>, std::less<>> reads;  // Addresses, unique, sorted.
  std::map<std::string, std::vector<std::string>, std::less<>> readers;
  std::map<std::string, std::vector<std::string>, std::less<>> checked_with;

  // All that is made of `dataset`, directly or not; in the line's order, without itself.
  std::vector<std::string> DownstreamOf(std::string_view dataset) const;
  std::vector<std::string> UpstreamOf(std::string_view dataset) const;
  // `dataset` with all that must be there for it: what it reads and is checked against, and so on.
  std::set<std::string> NeedsOf(const std::string& dataset) const;
};

// kInvalid where models read one another in a circle, naming it. Reads of datasets that
// the project does not have are left out.
Result<Line> MakeLine(const definition::Project& project,
                      const std::map<std::string, Reads, std::less<>>& reads);

// The datasets that a selection names, as addresses in the line's order: "payment",
// "dataset.payment", "payment+" (with downstream), "+payment" (with upstream), "2+x" and
// "x+1" (so many steps), "tag:finance", "owner:team.payments", "*" in names; several by
// comma or as several items: their union. kNotFound with did-you-mean.
Result<std::vector<std::string>> Select(const definition::Project& project, const Line& line,
                                        const std::vector<std::string>& selection);

}  // namespace andon::pipeline
