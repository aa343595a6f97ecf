// The parts of Compare. Internal.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contract/compare.h"

namespace andon::contract {

// Two lists paired by name; what has a partner of another name is a rename.
template <typename T>
struct Pairs {
  std::vector<std::pair<const T*, const T*>> both;
  std::vector<std::pair<const T*, const T*>> renamed;
  std::vector<const T*> removed;
  std::vector<const T*> added;
};

// Newer things by what tells them apart. Two of one kind are told apart by their order.
template <typename T>
class ByIdentity {
 public:
  void Add(std::string identity, const T* item) { items_[std::move(identity)].push_back(item); }
  // Takes the first that is left; null where there is none.
  const T* Take(const std::string& identity) {
    auto found = items_.find(identity);
    if (found == items_.end() || found->second.empty()) return nullptr;
    const T* item = found->second.front();
    found->second.pop_front();
    return item;
  }
  bool IsLeft(const std::string& identity, const T* item) const {
    auto found = items_.find(identity);
    return found != items_.end() &&
           std::find(found->second.begin(), found->second.end(), item) != found->second.end();
  }

 private:
  std::map<std::string, std::deque<const T*>> items_;
};

class Changes {
 public:
  // What nobody was promised cannot break.
  explicit Changes(bool is_binding) : is_binding_(is_binding) {}

  // The most used: by what the direction means, loosening breaks and asks for a major version,
  // tightening for a minor, the rest for a patch.
  Change& Add(std::string kind, std::string path, Direction direction, std::string message);
  std::vector<Change> Take() { return std::move(list_); }

  // Where the changes that follow belong, and whether anyone was promised it.
  struct Place {
    std::string table, column, pointer;
    bool is_promised = true;
  };
  Place place;

 private:
  bool is_binding_;
  std::vector<Change> list_;
};

void CompareTables(const Document& before, const Document& after, Changes& changes);
void CompareColumns(const Table& before, const Table& after, const std::string& path,
                    Changes& changes);
void CompareRules(const std::vector<Rule>& before, const std::vector<Rule>& after,
                  const std::string& path, Changes& changes);
void CompareTerms(const Document& before, const Document& after, Changes& changes);

// A value in a message: texts in quotes, nothing as "nothing".
std::string Shown(const Json& value);

}  // namespace andon::contract
