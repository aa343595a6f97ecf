#include "sql/engines/libpq.h"

#include "base/shared_library.h"

namespace andon::sql {
namespace {

struct Loaded {
  SharedLibrary library{"libpq.so.5"};
  Libpq functions;

  Loaded() {
#define ANDON_FUNCTION(name) functions.name = library.Find<decltype(::name)>(#name);
    ANDON_LIBPQ(ANDON_FUNCTION)
#undef ANDON_FUNCTION
  }
};

const Loaded& Get() {
  static const Loaded loaded;
  return loaded;
}

}  // namespace

Result<void> LoadLibpq() {
  const std::string& error = Get().library.error();
  if (error.empty()) return {};
  return Error::Invalid("PostgreSQL is asked by its library libpq, which cannot be loaded: {}.",
                        error);
}

const Libpq& Pq() { return Get().functions; }

}  // namespace andon::sql
