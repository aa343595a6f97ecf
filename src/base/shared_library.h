// SharedLibrary: a library that is loaded when it is first needed, and not at the start of every
// command. It stays loaded until the process ends.
//
//   SharedLibrary library("libpq.so.5");
//   auto* version = library.Find<int()>("PQlibVersion");
//
// It is looked for where the program's own libraries are. tools/package knows the names of those
// that are loaded so.
#pragma once

#include <string>

namespace andon {

class SharedLibrary {
 public:
  explicit SharedLibrary(const char* name);
  SharedLibrary(const SharedLibrary&) = delete;
  SharedLibrary& operator=(const SharedLibrary&) = delete;

  // Why it is not there, or nothing; also a function that was looked for and not found.
  const std::string& error() const { return error_; }

  // Null where the library, or the function in it, is not there.
  template <typename Function>
  Function* Find(const char* function) {
    return reinterpret_cast<Function*>(FindAddress(function));
  }

 private:
  void* FindAddress(const char* function);

  void* handle_ = nullptr;
  std::string error_;
};

}  // namespace andon
