// A layered layout for pictures of graphs: dependencies to the left, each node in
// a column right of all that it depends on, few crossings.
#pragma once

#include <vector>

#include "graph/dag.h"

namespace andon::graph {

struct Place {
  int rank = 0;    // Column, from 0 at the left.
  double row = 0;  // From 0 at the top; nodes of one rank are at least 1 apart.

  bool operator==(const Place&) const = default;
};

struct Layout {
  std::vector<Place> nodes;  // By NodeId.
  int ranks = 0;             // Columns.
  double rows = 0;           // Height: the largest row + 1; 0 without nodes.
};

// The same graph gives the same layout. Edges of a circle that would lead back to
// the left are left out of the account.
Layout LayOut(const Dag& dag);

}  // namespace andon::graph
