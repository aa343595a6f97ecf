#include "infra/check_results.h"

#include <map>

namespace andon::infra {
namespace {

// "module.a[0].x.y[\"k\"]" → "module.a.x.y": what stands in brackets is a key.
std::string WithoutKeys(std::string_view address) {
  std::string out;
  bool in_text = false;
  int depth = 0;
  for (size_t i = 0; i < address.size(); ++i) {
    char c = address[i];
    if (depth > 0 && c == '"' && address[i - 1] != '\\') in_text = !in_text;
    if (!in_text && c == '[') ++depth;
    if (depth == 0) out += c;
    if (!in_text && c == ']') --depth;
  }
  return out;
}

// The worst of two: an error, then a failure, then what is not known, then a pass.
std::string Worse(const std::string& a, const std::string& b) {
  for (const char* status : {"error", "fail", "unknown"}) {
    if (a == status || b == status) return status;
  }
  return "pass";
}

}  // namespace

std::vector<state::CheckResult> Together(const std::vector<CheckOutcome>& outcomes) {
  std::map<std::pair<std::string, std::string>, state::CheckResult> found;
  for (const CheckOutcome& outcome : outcomes) {
    std::string block = WithoutKeys(outcome.address);
    auto [it, is_new] = found.try_emplace({outcome.kind, block});
    state::CheckResult& result = it->second;
    if (is_new) {
      result.kind = outcome.kind;
      result.address = block;
      result.status = outcome.status;
    }
    result.status = Worse(result.status, outcome.status);
    result.objects.push_back({.address = outcome.address,
                              .status = outcome.status,
                              .failure_messages = outcome.messages});
  }
  std::vector<state::CheckResult> out;
  for (auto& [key, result] : found) out.push_back(std::move(result));
  return out;
}

}  // namespace andon::infra
