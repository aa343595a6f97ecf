#include "hcl/ast.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "hcl/token.h"

namespace andon::hcl {

File::File(std::string filename, std::string text, SourcePos start)
    : filename_(std::move(filename)), text_(std::move(text)), start_(start) {
  line_starts_.reserve(text_.size() / 32 + 1);
  line_starts_.push_back(0);
  const char* begin = text_.data();
  const char* end = begin + text_.size();
  for (const char* p = begin; p < end;) {
    auto* newline = static_cast<const char*>(std::memchr(p, '\n', end - p));
    if (newline == nullptr) break;
    p = newline + 1;
    line_starts_.push_back(static_cast<uint32_t>(p - begin));
  }
}

SourcePos File::Position(uint32_t offset) const {
  offset = std::min<uint32_t>(offset, static_cast<uint32_t>(text_.size()));
  auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  size_t line = next - line_starts_.begin() - 1;
  auto before = std::string_view(text_).substr(line_starts_[line], offset - line_starts_[line]);
  // A byte order mark is no character of the line that it stands in.
  if (line == 0 && text_.starts_with(kByteOrderMark))
    before.remove_prefix(std::min(before.size(), kByteOrderMark.size()));
  int64_t columns = IsAscii(before) ? static_cast<int64_t>(before.size()) : GraphemeCount(before);
  SourcePos pos;
  pos.line = start_.line + static_cast<int32_t>(line);
  pos.column = static_cast<int32_t>(columns) + (line == 0 ? start_.column : 1);
  pos.byte = start_.byte + static_cast<int32_t>(offset);
  return pos;
}

SourceRange File::Range(Span span) const {
  return {filename_, Position(span.begin), Position(span.end)};
}

SourceRange Expression::range() const { return file_->Range(node_->span); }
std::string_view Expression::text() const { return file_->Text(node_->span); }

SourceRange Traversal::range() const { return file->Range(span); }
SourceRange Traversal::PrefixRange(size_t steps_count) const {
  Span prefix = root_span;
  if (steps_count > 0) prefix.end = steps[std::min(steps_count, steps.size()) - 1].span.end;
  return file->Range(prefix);
}
SourceRange Traversal::StepRange(size_t index) const { return file->Range(steps[index].span); }

std::string Traversal::ToString() const {
  std::string text(root);
  for (const Step& step : steps) {
    switch (step.kind) {
      case StepKind::kAttribute:
        text += fmt::format(".{}", step.text);
        break;
      case StepKind::kIndexString:
        text += fmt::format("[\"{}\"]", step.text);
        break;
      default:
        text += fmt::format("[{}]", step.text);
    }
  }
  return text;
}

SourceRange Attribute::range() const { return file->Range(span); }
SourceRange Attribute::name_range() const { return file->Range(name_span); }

const Attribute* Body::Find(std::string_view name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}
SourceRange Body::range() const { return file->Range(span); }
SourceRange Body::end_range() const { return file->Range(end); }

SourceRange Block::range() const { return body.file->Range(span); }
SourceRange Block::type_range() const { return body.file->Range(type_span); }
SourceRange Block::label_range(size_t index) const { return body.file->Range(labels[index].span); }
SourceRange Block::header_range() const {
  Span header = type_span;
  if (!labels.empty()) header.end = labels.back().span.end;
  return body.file->Range(header);
}

}  // namespace andon::hcl
