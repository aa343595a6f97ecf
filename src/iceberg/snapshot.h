// Snapshots, and the branches and tags that name them.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace andon::iceberg {

// All values are strings, as the specification wants them.
using Summary = std::map<std::string, std::string>;

struct Snapshot {
  int64_t id = 0;
  std::optional<int64_t> parent_id;
  int64_t sequence_number = 0;
  int64_t timestamp_ms = 0;
  std::string manifest_list;  // Absolute location.
  Summary summary;            // "operation" and counts.
  std::optional<int> schema_id;

  // "append", "replace", "overwrite" or "delete".
  std::string operation() const;
};

// The snapshots of a table, in order of their making. Each is immutable and shared by all copies
// of the list, so that the next metadata of a long history costs what is new in it.
class SnapshotList {
  struct Entry {
    explicit Entry(Snapshot given) : snapshot(std::move(given)) {}
    Snapshot snapshot;
    mutable std::once_flag printed;
    mutable std::string json;  // Once it was asked for.
  };

 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Snapshot;
    using reference = const Snapshot&;
    using pointer = const Snapshot*;
    using iterator_category = std::random_access_iterator_tag;

    Iterator() = default;
    explicit Iterator(const std::shared_ptr<const Entry>* at) : at_(at) {}
    reference operator*() const { return (*at_)->snapshot; }
    pointer operator->() const { return &(*at_)->snapshot; }
    Iterator& operator++() { return *this += 1; }
    Iterator& operator--() { return *this += -1; }
    Iterator operator++(int) { return std::exchange(*this, *this + 1); }
    Iterator operator--(int) { return std::exchange(*this, *this + -1); }
    Iterator& operator+=(difference_type n) {
      at_ += n;
      return *this;
    }
    Iterator operator+(difference_type n) const { return Iterator(at_ + n); }
    difference_type operator-(const Iterator& other) const { return at_ - other.at_; }
    bool operator==(const Iterator& other) const = default;

   private:
    const std::shared_ptr<const Entry>* at_ = nullptr;
  };

  Iterator begin() const { return Iterator(list_.data()); }
  Iterator end() const { return Iterator(list_.data() + list_.size()); }
  std::reverse_iterator<Iterator> rbegin() const { return std::reverse_iterator(end()); }
  std::reverse_iterator<Iterator> rend() const { return std::reverse_iterator(begin()); }
  size_t size() const { return list_.size(); }
  bool empty() const { return list_.empty(); }
  const Snapshot& operator[](size_t i) const { return list_[i]->snapshot; }

  void push_back(Snapshot snapshot) {
    list_.push_back(std::make_shared<const Entry>(std::move(snapshot)));
  }
  // "[…]". Each snapshot is printed once, for all copies of the list.
  std::string ToJsonText() const;
  // Keeps those of which it is true.
  template <typename Predicate>
  void KeepIf(const Predicate& keep) {
    std::erase_if(list_, [&](const auto& entry) { return !keep(entry->snapshot); });
  }

 private:
  std::vector<std::shared_ptr<const Entry>> list_;
};

// A branch has what only a branch may have, and a tag cannot.
struct Branch {
  std::optional<int> min_snapshots_to_keep;
  std::optional<int64_t> max_snapshot_age_ms;

  bool operator==(const Branch&) const = default;
};
struct Tag {
  bool operator==(const Tag&) const = default;
};

struct Ref {
  int64_t snapshot_id = 0;
  std::variant<Branch, Tag> kind;
  std::optional<int64_t> max_ref_age_ms;

  bool is_branch() const { return std::holds_alternative<Branch>(kind); }
};

inline constexpr char kMain[] = "main";

Json ToJson(const Snapshot& snapshot);
Json ToJson(const Ref& ref);
Result<Snapshot> SnapshotFromJson(const Json& json);
Result<Ref> RefFromJson(const Json& json);

}  // namespace andon::iceberg
