#include "pipeline/units.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>

#include "base/text.h"
#include "graph/dag.h"

namespace andon::pipeline {
namespace {

using Edges = std::vector<std::set<int>>;  // By node: those that it depends on.

// All dataset addresses by position, and the edges between them.
struct Net {
  const definition::Project& project;
  std::map<std::string, int, std::less<>> index;
  Edges hard;    // SQL, depends_on, tables of checks.
  Edges wishes;  // references.

  explicit Net(const definition::Project& p)
      : project(p), hard(p.datasets.size()), wishes(p.datasets.size()) {
    for (size_t i = 0; i < p.datasets.size(); ++i) {
      index.emplace(p.datasets[i].address, static_cast<int>(i));
    }
  }
  int Find(std::string_view address) const {
    auto it = index.find(address);
    return it == index.end() ? -1 : it->second;
  }
  void Add(Edges& edges, int from, std::string_view to) {
    int node = Find(to);
    if (node >= 0 && node != from) edges[from].insert(node);
  }
  const std::string& Address(int i) const { return project.datasets[i].address; }
};

// The circles among references alone: `references` of datasets in one may not be split.
std::vector<int> CirclesOf(const Edges& edges) {
  graph::Dag dag(static_cast<int>(edges.size()));
  for (size_t i = 0; i < edges.size(); ++i) {
    for (int on : edges[i]) dag.AddEdge(static_cast<int>(i), on);
  }
  std::vector<int> circle(edges.size());
  int n = 0;
  for (const auto& component : dag.Components()) {
    for (int node : component) circle[node] = n;
    ++n;
  }
  return circle;
}

bool Reaches(const Edges& edges, int from, int to) {
  std::vector<bool> seen(edges.size());
  std::vector<int> stack = {from};
  while (!stack.empty()) {
    int node = stack.back();
    stack.pop_back();
    if (node == to) return true;
    if (seen[node]) continue;
    seen[node] = true;
    stack.insert(stack.end(), edges[node].begin(), edges[node].end());
  }
  return false;
}

// An order of `members` by the hard edges among them; ties by the project's order.
Result<std::vector<int>> OrderWithin(const Net& net, const std::vector<int>& members) {
  graph::Dag dag(static_cast<int>(members.size()));
  for (size_t i = 0; i < members.size(); ++i) {
    for (size_t j = 0; j < members.size(); ++j) {
      if (net.hard[members[i]].count(members[j])) {
        dag.AddEdge(static_cast<int>(i), static_cast<int>(j));
      }
    }
  }
  auto order = dag.Order();
  if (!order) {
    std::vector<std::string> names;
    for (int node : dag.FindCycle()) names.push_back(net.Address(members[node]));
    return Error::Invalid(
        "Datasets read one another in a circle: {}. One of them must read "
        "something else.",
        Join(names, " reads "));
  }
  std::vector<int> out;
  for (int node : *order) out.push_back(members[node]);
  return out;
}

std::string NameOf(const definition::Project& project, const std::vector<int>& members) {
  std::vector<std::string> names;
  for (int member : members) names.push_back(project.datasets[member].name);
  std::sort(names.begin(), names.end());
  if (names.size() < 2) return names.empty() ? "" : names[0];
  std::string last = names.back();
  names.pop_back();
  return Join(names, ", ") + " and " + last;
}

// Numbers the units so that each stands behind what it needs; the smallest dataset first.
struct Grouping {
  std::vector<std::vector<int>> members;
  std::vector<int> group_of;
};

Grouping Group(const Net& net) {
  const int n = static_cast<int>(net.project.datasets.size());
  const std::vector<int> circle = CirclesOf(net.wishes);
  // Circles of references are one node; what hard edges close between them joins them.
  graph::Dag dag(n);
  for (int i = 0; i < n; ++i) {
    for (int on : net.hard[i]) dag.AddEdge(i, on);
  }
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      if (i != j && circle[i] == circle[j]) dag.AddEdge(i, j);
    }
  }
  Grouping grouping;
  grouping.group_of.resize(n);
  for (const auto& component : dag.Components()) {
    for (int node : component) grouping.group_of[node] = static_cast<int>(grouping.members.size());
    grouping.members.push_back(component);
  }
  return grouping;
}

}  // namespace

Result<Line> MakeLine(const definition::Project& project,
                      const std::map<std::string, Reads, std::less<>>& reads) {
  Net net(project);
  Line line;
  for (size_t i = 0; i < project.datasets.size(); ++i) {
    const definition::Dataset& dataset = project.datasets[i];
    const int node = static_cast<int>(i);
    std::set<std::string> inputs, compared;
    if (auto it = reads.find(dataset.address); it != reads.end()) {
      inputs.insert(it->second.reads.begin(), it->second.reads.end());
      compared.insert(it->second.checked_with.begin(), it->second.checked_with.end());
    }
    for (const std::string& on : dataset.depends_on) inputs.insert(on);
    for (const definition::Column& column : dataset.columns) {
      if (!column.references) continue;
      // What somebody else builds waits for nobody: its tables are there.
      if (!dataset.is_external()) net.Add(net.wishes, node, column.references->dataset);
      compared.insert(column.references->dataset);
    }
    for (const std::string& address : inputs) net.Add(net.hard, node, address);
    auto known = [&](std::set<std::string>& set) {
      std::vector<std::string> out;
      for (const std::string& address : set) {
        if (net.Find(address) >= 0 && address != dataset.address) out.push_back(address);
      }
      return out;
    };
    line.reads[dataset.address] = known(inputs);
    line.checked_with[dataset.address] = known(compared);
    for (const std::string& input : line.reads[dataset.address]) {
      line.readers[input].push_back(dataset.address);
    }
  }
  // A check reads its tables as an edge does, but where models already go the other way
  // the check compares with what is published.
  for (size_t i = 0; i < project.datasets.size(); ++i) {
    if (project.datasets[i].is_external()) continue;
    if (auto it = reads.find(project.datasets[i].address); it != reads.end()) {
      for (const std::string& other : it->second.checked_with) {
        net.Add(net.wishes, static_cast<int>(i), other);
      }
    }
  }
  // A wish that goes against the models' own direction is none.
  for (size_t i = 0; i < project.datasets.size(); ++i) {
    std::erase_if(net.wishes[i],
                  [&](int on) { return Reaches(net.hard, on, static_cast<int>(i)); });
  }

  Grouping grouping = Group(net);
  const int groups = static_cast<int>(grouping.members.size());
  Edges hard(groups), all(groups);
  for (size_t i = 0; i < net.hard.size(); ++i) {
    for (int on : net.hard[i]) {
      int a = grouping.group_of[i], b = grouping.group_of[on];
      if (a != b) hard[a].insert(b);
    }
  }
  all = hard;
  Edges after(groups);
  for (size_t i = 0; i < net.wishes.size(); ++i) {
    for (int on : net.wishes[i]) {
      int a = grouping.group_of[i], b = grouping.group_of[on];
      if (a == b || all[a].count(b) || Reaches(all, b, a)) continue;
      all[a].insert(b);
      after[a].insert(b);
    }
  }
  graph::Dag dag(groups);
  // Lowest dataset first among the free ones, so that runs look alike.
  std::vector<int> by_first(groups);
  for (int g = 0; g < groups; ++g) by_first[g] = g;
  std::sort(by_first.begin(), by_first.end(), [&](int a, int b) {
    return grouping.members[a].front() < grouping.members[b].front();
  });
  std::vector<int> place(groups);
  for (int i = 0; i < groups; ++i) place[by_first[i]] = i;
  for (int g = 0; g < groups; ++g) {
    for (int on : all[g]) dag.AddEdge(place[g], place[on]);
  }
  auto order = dag.Order();
  ASSERT(order.has_value());
  std::vector<int> unit_of_group(groups);
  for (size_t i = 0; i < order->size(); ++i)
    unit_of_group[by_first[(*order)[i]]] = static_cast<int>(i);
  for (int node : *order) {
    int g = by_first[node];
    auto members = TRY(OrderWithin(net, grouping.members[g]));
    Unit unit;
    unit.name = NameOf(project, members);
    for (int member : members) {
      unit.datasets.push_back(net.Address(member));
      line.unit_of[net.Address(member)] = static_cast<int>(line.units.size());
    }
    for (int on : hard[g]) unit.depends_on.push_back(unit_of_group[on]);
    for (int on : after[g]) unit.after.push_back(unit_of_group[on]);
    std::sort(unit.depends_on.begin(), unit.depends_on.end());
    std::sort(unit.after.begin(), unit.after.end());
    line.units.push_back(std::move(unit));
  }
  return line;
}

namespace {

using Neighbours = std::map<std::string, std::vector<std::string>, std::less<>>;

// Up to `steps` steps (negative: all) along the map; without the start.
std::set<std::string> Closure(const Neighbours& next, std::string_view start, int steps) {
  std::set<std::string> seen;
  std::vector<std::string> frontier = {std::string(start)};
  while (!frontier.empty() && steps != 0) {
    std::vector<std::string> further;
    for (const std::string& from : frontier) {
      auto it = next.find(from);
      if (it == next.end()) continue;
      for (const std::string& to : it->second) {
        if (to != start && seen.insert(to).second) further.push_back(to);
      }
    }
    frontier = std::move(further);
    --steps;
  }
  return seen;
}

std::vector<std::string> InOrder(const Line& line, const std::set<std::string>& set) {
  std::vector<std::string> out;
  for (const Unit& unit : line.units) {
    for (const std::string& address : unit.datasets) {
      if (set.count(address)) out.push_back(address);
    }
  }
  return out;
}

// '*' stands for any text.
bool Matches(std::string_view pattern, std::string_view text) {
  size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (text.substr(0, star) != pattern.substr(0, star)) return false;
  std::string_view rest = pattern.substr(star + 1);
  for (size_t i = star; i <= text.size(); ++i) {
    if (Matches(rest, text.substr(i))) return true;
  }
  return false;
}

// "2+payment+1": the name, and how many steps to both sides (0: none, -1: all).
struct Term {
  std::string_view name;
  int up = 0, down = 0;
};

std::optional<int> Steps(std::string_view digits) {
  if (digits.empty()) return -1;
  if (digits.size() > 3) return std::nullopt;
  int n = 0;
  for (char c : digits) {
    if (!std::isdigit(static_cast<unsigned char>(c))) return std::nullopt;
    n = n * 10 + (c - '0');
  }
  return n;
}

Term ReadTerm(std::string_view text) {
  Term term{text};
  if (size_t plus = term.name.find('+'); plus != text.npos) {
    if (auto steps = Steps(term.name.substr(0, plus))) {
      term.up = *steps;
      term.name.remove_prefix(plus + 1);
    }
  }
  if (size_t plus = term.name.rfind('+'); plus != text.npos) {
    if (auto steps = Steps(term.name.substr(plus + 1))) {
      term.down = *steps;
      term.name = term.name.substr(0, plus);
    }
  }
  return term;
}

bool IsMeant(const definition::Dataset& dataset, std::string_view name) {
  if (name.substr(0, 4) == "tag:") {
    return std::find(dataset.tags.begin(), dataset.tags.end(), name.substr(4)) !=
           dataset.tags.end();
  }
  if (name.substr(0, 6) == "owner:") {
    std::string_view owner = name.substr(6);
    return dataset.owner == owner || dataset.owner == fmt::format("team.{}", owner) ||
           dataset.owner == fmt::format("person.{}", owner);
  }
  return Matches(name, dataset.name) || Matches(name, dataset.address);
}

Error Unknown(const definition::Project& project, std::string_view name) {
  std::vector<std::string> names;
  for (const definition::Dataset& dataset : project.datasets) names.push_back(dataset.name);
  std::string meant = DidYouMean(name, names);
  if (name.substr(0, 4) == "tag:" || name.substr(0, 6) == "owner:") {
    return Error::NotFound("No dataset has {}", name);
  }
  if (!meant.empty()) {
    return Error::NotFound("There is no dataset \"{}\"; did you mean \"{}\"?", name, meant);
  }
  return Error::NotFound("There is no dataset \"{}\"{}", name,
                         names.empty() ? std::string("; this project declares none")
                                       : fmt::format("; there are {}", Join(names, ", ")));
}

}  // namespace

std::vector<std::string> Line::DownstreamOf(std::string_view dataset) const {
  return InOrder(*this, Closure(readers, dataset, -1));
}
std::vector<std::string> Line::UpstreamOf(std::string_view dataset) const {
  return InOrder(*this, Closure(reads, dataset, -1));
}

std::set<std::string> Line::NeedsOf(const std::string& dataset) const {
  std::set<std::string> needed = {dataset};
  std::vector<std::string> stack = {dataset};
  while (!stack.empty()) {
    const std::string next = std::move(stack.back());
    stack.pop_back();
    for (const auto* others : {&reads, &checked_with}) {
      auto it = others->find(next);
      if (it == others->end()) continue;
      for (const std::string& other : it->second) {
        if (needed.insert(other).second) stack.push_back(other);
      }
    }
  }
  return needed;
}

Result<std::vector<std::string>> Select(const definition::Project& project, const Line& line,
                                        const std::vector<std::string>& selection) {
  std::set<std::string> chosen;
  for (const std::string& item : selection) {
    for (const std::string& text : Split(item, ',')) {
      if (Trim(text).empty()) continue;
      Term term = ReadTerm(Trim(text));
      bool found = false;
      for (const definition::Dataset& dataset : project.datasets) {
        if (!IsMeant(dataset, term.name)) continue;
        found = true;
        chosen.insert(dataset.address);
        chosen.merge(Closure(line.reads, dataset.address, term.up));
        chosen.merge(Closure(line.readers, dataset.address, term.down));
      }
      if (!found) return Unknown(project, term.name);
    }
  }
  return InOrder(line, chosen);
}

}  // namespace andon::pipeline
