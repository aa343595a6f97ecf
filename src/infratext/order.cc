#include "infratext/order.h"

#include <tuple>

namespace andon::infratext {

bool ComesBefore(const std::vector<address::ModuleStep>& a,
                 const std::vector<address::ModuleStep>& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool ComesBefore(const address::Address& a, const address::Address& b) {
  if (a.module != b.module) return ComesBefore(a.module, b.module);
  if (a.is_data != b.is_data) return a.is_data;
  return std::tie(a.kind, a.name, a.key) < std::tie(b.kind, b.name, b.key);
}

}  // namespace andon::infratext
