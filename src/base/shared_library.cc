#include "base/shared_library.h"

#include <dlfcn.h>

namespace andon {
namespace {

std::string LastError() {
  const char* text = dlerror();
  return text ? text : "unknown";
}

}  // namespace

SharedLibrary::SharedLibrary(const char* name) : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
  if (!handle_) error_ = LastError();
}

void* SharedLibrary::FindAddress(const char* function) {
  if (!handle_) return nullptr;
  void* address = dlsym(handle_, function);
  if (!address && error_.empty()) error_ = LastError();
  return address;
}

}  // namespace andon
