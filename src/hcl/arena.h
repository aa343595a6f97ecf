// Arena: memory for many small objects that live and die together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace andon::hcl {

// Gives out memory from growing chunks and frees it all at the end. No
// destructors run, so it takes only types that need none.
class Arena {
 public:
  template <typename T>
  T* New(T value) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Allocate(sizeof(T), alignof(T))) T(std::move(value));
  }

  // A copy of `items`.
  template <typename T>
  std::span<const T> Copy(const T* items, size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && std::is_trivially_copyable_v<T>);
    if (count == 0) return {};
    void* to = Allocate(sizeof(T) * count, alignof(T));
    std::memcpy(to, static_cast<const void*>(items), sizeof(T) * count);
    return {static_cast<const T*>(to), count};
  }
  std::string_view Copy(std::string_view text) {
    auto copy = Copy(text.data(), text.size());
    return {copy.data(), copy.size()};
  }

  size_t bytes() const { return bytes_; }

 private:
  void* Allocate(size_t size, size_t alignment) {
    size_t at = (used_ + alignment - 1) & ~(alignment - 1);
    if (at + size > capacity_) {
      // Chunks double up to 1 MiB, so that small files stay small.
      size_t next = capacity_ == 0 ? 2048 : capacity_ * 2;
      if (next > (size_t{1} << 20)) next = size_t{1} << 20;
      capacity_ = size > next ? size : next;
      chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(capacity_));
      bytes_ += capacity_;
      at = 0;
    }
    used_ = at + size;
    return chunks_.back().get() + at;
  }

  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  size_t capacity_ = 0;
  size_t used_ = 0;
  size_t bytes_ = 0;
};

}  // namespace andon::hcl
