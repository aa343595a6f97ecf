// Result<T>: a value, or the one Error that ended the operation.
//
// For machinery: files, stores, engines, tables. What a *user* wrote wrong is
// reported by Diagnostics (base/diagnostics.h) instead, all of it at once.
//
//   Result<int> CountLines(const FileSystem& files, const std::string& path) {
//     auto text = TRY(files.Read(path));          // returns the error, or goes on
//     if (text.empty()) return Error::Invalid("{} is empty", path);
//     return Count(text, '\n');
//   }
//
// The interface is that of std::expected, so that it can become an alias of it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace andon {

// Each kind is compared by some caller; what nobody compares is kIo or kInvalid.
enum class ErrorKind {
  kInvalid,      // The input is not what it must be; trying again gives the same.
  kNotFound,     // The named thing does not exist.
  kConflict,     // Somebody changed it since it was read.
  kHeld,         // A lock or lease belongs to someone else, who is named.
  kIo,           // The operating system refused: disk full, permission, device.
  kUnavailable,  // A remote side did not answer; trying again may help.
  kCorrupt,      // What was written earlier cannot be read back.
  kInterrupted,  // Cancelled, or past its time limit.
};

struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::kInvalid;
  std::string message;  // One or more sentences for a person, without "error:".

  template <typename... Args>
  static Error Invalid(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::kInvalid, fmt::format(format, std::forward<Args>(args)...)};
  }
  template <typename... Args>
  static Error NotFound(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::kNotFound, fmt::format(format, std::forward<Args>(args)...)};
  }
  template <typename... Args>
  static Error Conflict(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::kConflict, fmt::format(format, std::forward<Args>(args)...)};
  }
  template <typename... Args>
  static Error Held(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::kHeld, fmt::format(format, std::forward<Args>(args)...)};
  }
  template <typename... Args>
  static Error Io(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::kIo, fmt::format(format, std::forward<Args>(args)...)};
  }
  template <typename... Args>
  static Error Unavailable(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::kUnavailable, fmt::format(format, std::forward<Args>(args)...)};
  }
  template <typename... Args>
  static Error Corrupt(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::kCorrupt, fmt::format(format, std::forward<Args>(args)...)};
  }
  template <typename... Args>
  static Error Interrupted(fmt::format_string<Args...> format, Args&&... args) {
    return {ErrorKind::kInterrupted, fmt::format(format, std::forward<Args>(args)...)};
  }

  // The same error with a place or an action put before it: "context: message".
  Error In(std::string_view context) && { return {kind, fmt::format("{}: {}", context, message)}; }
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Requires: ok().
  T& value() & { return Checked(); }
  const T& value() const& { return const_cast<Result*>(this)->Checked(); }
  T&& value() && { return std::move(Checked()); }
  T& operator*() & { return Checked(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(Checked()); }
  T* operator->() { return &Checked(); }
  const T* operator->() const { return &value(); }

  // Requires: !ok().
  const Error& error() const& {
    ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    ASSERT(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

  T value_or(T other) && { return ok() ? std::move(Checked()) : std::move(other); }

 private:
  T& Checked() {
    ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  void value() const { ASSERT(ok_); }
  const Error& error() const& {
    ASSERT(!ok_);
    return error_;
  }
  Error&& error() && {
    ASSERT(!ok_);
    return std::move(error_);
  }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace andon

// The value of a Result, or a return of its error from the enclosing function.
// Only as a whole initialiser or a whole statement: inside a larger expression
// g++ 12 skips the destructors of that expression's temporaries.
#define TRY(expression)                                           \
  ({                                                              \
    auto try_result_ = (expression);                              \
    if (!try_result_.ok()) return std::move(try_result_).error(); \
    std::move(try_result_).value();                               \
  })
