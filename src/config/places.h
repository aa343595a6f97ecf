// Where the members of an object are written, as far as it is a literal.
#pragma once

#include <map>
#include <string>

#include "base/source.h"
#include "hcl/ast.h"
#include "hcl/static_form.h"

namespace andon::config {

class Places {
 public:
  Places(hcl::Expression expression, SourceRange around) : around_(std::move(around)) {
    if (!expression) return;
    around_ = expression.range();
    auto items = hcl::AsMap(expression);
    if (!items) return;
    for (const hcl::StaticItem& item : *items) {
      std::string name(hcl::AsKeyword(item.key));
      if (auto text = hcl::AsStringLiteral(item.key)) name = *text;
      if (!name.empty()) items_[name] = item;
    }
  }

  const SourceRange& around() const { return around_; }
  SourceRange key(const std::string& name) const {
    auto it = items_.find(name);
    return it == items_.end() ? around_ : it->second.key.range();
  }
  SourceRange value(const std::string& name) const {
    auto it = items_.find(name);
    return it == items_.end() ? around_ : it->second.value.range();
  }
  hcl::Expression expression(const std::string& name) const {
    auto it = items_.find(name);
    return it == items_.end() ? hcl::Expression() : it->second.value;
  }

 private:
  SourceRange around_;
  std::map<std::string, hcl::StaticItem> items_;
};

}  // namespace andon::config
