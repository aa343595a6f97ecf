#include "functions/bcrypt.h"

#include <crypt.h>
#include <fmt/format.h>

#include <memory>

#include "base/shared_library.h"

namespace andon::functions {
namespace {

// As Go's implementation, whose hashes people expect, sets them.
constexpr int64_t kCostMin = 4, kCostMax = 31, kCostDefault = 10;
constexpr size_t kTextMax = 72;

struct Libcrypt {
  SharedLibrary library{"libcrypt.so.1"};
  decltype(&::crypt_gensalt_rn) gensalt =
      library.Find<decltype(::crypt_gensalt_rn)>("crypt_gensalt_rn");
  decltype(&::crypt_rn) crypt = library.Find<decltype(::crypt_rn)>("crypt_rn");
};

Libcrypt& Lib() {
  static Libcrypt library;
  return library;
}

}  // namespace

Outcome Bcrypt(Args args) {
  if (args.size() > 2) return BadArgument(2, "bcrypt() takes no more than two arguments");
  int64_t cost = kCostDefault;
  if (args.size() == 2) {
    cost = TRY(args.integer(1));
    if (cost < kCostMin) cost = kCostDefault;
    if (cost > kCostMax)
      return BadArgument(1, fmt::format("the cost {} is above {}", cost, kCostMax));
  }
  const std::string& text = args.text(0);
  if (text.size() > kTextMax)
    return BadArgument(0,
                       fmt::format("it has more than {} bytes, of which no more count", kTextMax));
  if (text.find('\0') != std::string::npos)
    return BadArgument(0, "it has a null character, behind which nothing would count");
  if (args.environment().only_repeatable) return Value::Unknown(Type::String(), {.not_null = true});
  if (const std::string& error = Lib().library.error(); !error.empty())
    return Fail("the system's libcrypt is not there: " + error);
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  auto data = std::make_unique<crypt_data>();
  // 2b is what others write as 2a; of libcrypt's own 2a some texts have another hash.
  const char* hash = nullptr;
  if (Lib().gensalt("$2b$", static_cast<unsigned long>(cost), nullptr, 0, setting,
                    sizeof setting) != nullptr)
    hash = Lib().crypt(text.c_str(), setting, data.get(), sizeof(crypt_data));
  if (hash == nullptr) return Fail("the system's libcrypt knows no bcrypt");
  std::string out = hash;
  out[2] = 'a';
  return Value::String(out);
}

}  // namespace andon::functions
