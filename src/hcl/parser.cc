#include "hcl/parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hcl/parser_internal.h"
#include "hcl/string_literal.h"
#include "hcl/unicode_class.h"

namespace andon::hcl {

Parser::Parser(File& file, ScanMode mode, Diagnostics& diagnostics)
    : file_(file), diagnostics_(diagnostics), tokens_(Scan(file.text_, mode)) {
  CheckTokens();
}

// --- Structure.

void Parser::ParseWholeBody() {
  Body& body = file_.body_;
  ParseBody(body, {0, 0}, /*top_level=*/true);
  body.span = {0, static_cast<uint32_t>(file_.text_.size())};
  body.end = {body.span.end, body.span.end};
}

// Reads items up to and with the closing brace, or the end of the file.
void Parser::ParseBody(Body& body, Span open, bool top_level) {
  std::vector<Attribute> attributes;
  std::vector<Block> blocks;
  body.file = &file_;
  uint32_t end = open.end;
  for (;;) {
    Token token = Peek();
    if (token.type == TokenType::kNewline) {
      Read();
      continue;
    }
    if (token.type == TokenType::kEnd) {
      if (!top_level) {
        FailAt(kUnclosedBlock,
               "The file ends before the closing brace of this block. Add \"}\"; if it is there, a "
               "brace inside the block is not closed.",
               open);
      }
      end = token.span.begin;
      break;
    }
    if (token.type == TokenType::kCloseBrace && !top_level) {
      Read();
      end = token.span.end;
      break;
    }
    ParseItem(attributes, blocks, top_level);
  }
  body.span = {open.begin, end};
  body.end = {end > 0 ? end - 1 : 0, end > 0 ? end - 1 : 0};
  if (end == open.end || tokens_[next_].type == TokenType::kEnd) body.end = {end, end};
  body.attributes = file_.arena_.Copy(attributes.data(), attributes.size());
  body.blocks = file_.arena_.Copy(blocks.data(), blocks.size());
}

void Parser::ParseItem(std::vector<Attribute>& attributes, std::vector<Block>& blocks,
                       bool top_level) {
  if (recovering_) {
    // Go on with the first line that looks like an item; what lies between
    // belongs to the mistake that was told.
    if (!IsItemAt(PeekIndex())) {
      if (PeekIs(TokenType::kCloseBrace)) Read();  // It closes nothing here.
      return SkipItem(/*one_line=*/false);
    }
    recovering_ = false;
  }
  muted_ = false;
  Token name = Peek();
  if (name.type == TokenType::kIdentifier) {
    Read();
    switch (Peek().type) {
      case TokenType::kEqual:
        return AddAttribute(attributes, ParseAttribute(name, /*one_line=*/false));
      case TokenType::kOpenQuote:
      case TokenType::kOpenBrace:
      case TokenType::kIdentifier: {
        Block block;
        ParseBlock(name, block);
        blocks.push_back(block);
        return;
      }
      default:
        Fail(
            kItemRequired,
            fmt::format("\"{}\" alone is neither an argument nor a block. Write \"{} = value\" for "
                        "an argument, or \"{} {{ }}\" for a block.",
                        Text(name), Text(name), Text(name)),
            Token{name.type, name.span});
        return SkipItem(false);
    }
  }
  if (name.type == TokenType::kOpenQuote) {
    Fail(kItemRequired, "Names of arguments stand without quotes.", name);
  } else if (name.type == TokenType::kCloseBrace && top_level) {
    Fail(kItemRequired,
         "This brace closes nothing. Remove it, or look above for a block that was closed too "
         "early.",
         name);
    Read();
  } else {
    Fail(kItemRequired, "An argument (name = value) or a block is expected here.", name);
  }
  SkipItem(false);
}

void Parser::AddAttribute(std::vector<Attribute>& attributes, Attribute attribute) {
  // Bodies are small; big ones are looked up by hash below.
  constexpr size_t kLinearMax = 32;
  const Attribute* first = nullptr;
  if (attributes.size() < kLinearMax) {
    for (const Attribute& other : attributes) {
      if (other.name == attribute.name) first = &other;
    }
  } else {
    if (attributes.size() == kLinearMax || names_of_ != &attributes) {
      names_.clear();
      for (size_t i = 0; i < attributes.size(); ++i) names_.emplace(attributes[i].name, i);
      names_of_ = &attributes;
    }
    auto [it, added] = names_.emplace(attribute.name, attributes.size());
    if (!added) first = &attributes[it->second];
  }
  if (first == nullptr) {
    attributes.push_back(attribute);
    return;
  }
  Report(diagnostics_, kDuplicateArgument,
         fmt::format("The argument \"{}\" was set at {} already. An argument is set once in a "
                     "block.",
                     attribute.name, Place(first->name_span)),
         file_.Range(attribute.name_span));
}

Attribute Parser::ParseAttribute(const Token& name, bool one_line) {
  Attribute attribute;
  attribute.file = &file_;
  attribute.name = Text(name);
  attribute.name_span = name.span;
  attribute.equals_span = Read().span;
  attribute.value = ParseExpression();
  attribute.span = {name.span.begin,
                    std::max(attribute.value->span.end, attribute.equals_span.end)};
  if (recovering_) {
    SkipItem(one_line);
    return attribute;
  }
  if (one_line) return attribute;
  Token end = Peek();
  if (end.type == TokenType::kNewline || end.type == TokenType::kEnd) {
    Read();
    return attribute;
  }
  if (end.type == TokenType::kComma) {
    Fail(kMissingNewline,
         "Arguments are separated by newlines, not by commas: put each on a line of its own.", end);
  } else {
    Fail(kMissingNewline, "An argument ends with its line: nothing may follow its value.", end);
  }
  SkipItem(false);
  return attribute;
}

void Parser::ParseBlock(const Token& type, Block& block) {
  block.type = Text(type);
  block.type_span = type.span;
  block.body.file = &file_;
  block.body.span = block.body.end = block.open_brace = block.close_brace = block.span = type.span;
  if (!ParseBlockHead(type, block)) {
    SkipItem(false);
    return;
  }
  if (depth_ >= kDepthMax) {
    FailAt(kTooDeep, fmt::format("Blocks may be nested {} deep at most.", kDepthMax),
           block.open_brace);
    SkipPast(TokenType::kCloseBrace, /*stop_at_block=*/false);
    return;
  }
  ++depth_;
  Token next = Peek();
  switch (next.type) {
    case TokenType::kNewline:
    case TokenType::kEnd:
    case TokenType::kCloseBrace:
      ParseBody(block.body, block.open_brace, /*top_level=*/false);
      break;
    default:
      ParseOneLineBody(block);
  }
  --depth_;
  block.close_brace = last_;
  block.span = UpToLast(type.span);
  Token end = Peek();
  if (end.type == TokenType::kNewline || end.type == TokenType::kEnd) {
    Read();
    return;
  }
  if (!recovering_) {
    Fail(kMissingNewline, "A block ends with its line: nothing may follow its closing brace.", end);
  }
  SkipItem(false);
}

// Labels and the opening brace; false after a mistake.
bool Parser::ParseBlockHead(const Token& type, Block& block) {
  std::vector<BlockLabel> labels;
  bool open = false;
  for (;;) {
    Token token = Peek();
    if (token.type == TokenType::kOpenBrace) {
      block.open_brace = Read().span;
      open = true;
      break;
    }
    if (token.type == TokenType::kOpenQuote) {
      labels.push_back(ParseLabel());
      if (!recovering_) continue;
      // type "label {: only the quote is missing, so the brace is the block's.
      if (labels.back().text.ends_with('{')) {
        block.open_brace = {last_.end - 1, last_.end};
        open = true;
        recovering_ = false;
        muted_ = true;
        resume_at_ = next_;
      }
      break;
    }
    if (token.type == TokenType::kIdentifier) {
      Read();
      labels.push_back({Text(token), token.span, false});
      continue;
    }
    if (token.type == TokenType::kEqual) {
      Fail(kInvalidBlock,
           "An equals sign makes an argument, which has no labels; a block has none between its "
           "labels and its brace.",
           token);
    } else if (token.type == TokenType::kNewline || token.type == TokenType::kEnd) {
      Fail(kInvalidBlock,
           fmt::format("The head of block \"{}\" must be followed by \"{{\" on the same line.",
                       Text(type)),
           token);
    } else {
      Fail(kInvalidBlock, "A label (a name or a quoted string) or \"{\" is expected here.", token);
    }
    break;
  }
  block.labels = file_.arena_.Copy(labels.data(), labels.size());
  return open;
}

// type { name = value }
void Parser::ParseOneLineBody(Block& block) {
  Token name = Peek();
  Token next = name;
  if (name.type == TokenType::kIdentifier) {
    Read();
    next = Peek();
  }
  Body& body = block.body;
  body.span = block.open_brace;
  if (name.type != TokenType::kIdentifier) {
    Fail(kItemRequired, "An argument (name = value) is expected here.", name);
    SkipPast(TokenType::kCloseBrace);
  } else if (next.type == TokenType::kEqual) {
    Attribute attribute = ParseAttribute(name, /*one_line=*/true);
    body.attributes = file_.arena_.Copy(&attribute, 1);
    Token end = Peek();
    if (end.type == TokenType::kCloseBrace) {
      Read();
    } else {
      std::string detail;
      if (end.type == TokenType::kComma) {
        detail =
            "A block on one line holds one argument only. Put each argument on a line of its own.";
      } else if (end.type == TokenType::kNewline) {
        detail =
            "A block whose first argument stands on the line of its brace must be closed on that "
            "line too. Close it there, or begin a new line after \"{\".";
      } else {
        detail = "The closing brace is expected here: a block on one line holds one argument only.";
      }
      if (end.type == TokenType::kEnd) {
        FailAt(kUnclosedBlock, "The file ends before the closing brace of this block. Add \"}\".",
               block.open_brace);
      } else {
        Fail(kInvalidBlock, std::move(detail), end);
      }
      SkipPast(TokenType::kCloseBrace);
    }
  } else if (next.type == TokenType::kOpenBrace || next.type == TokenType::kOpenQuote ||
             next.type == TokenType::kIdentifier) {
    FailAt(
        kInvalidBlock,
        fmt::format("A block on one line holds one argument and no block. Put \"{}\" on a line of "
                    "its own, or write \"{} = value\" if it is an argument.",
                    Text(name), Text(name)),
        Join(name.span, next.span));
    SkipPast(TokenType::kCloseBrace);
  } else {
    Fail(
        kItemRequired,
        fmt::format("\"{}\" is not set to anything. Write \"{} = value\".", Text(name), Text(name)),
        name);
    SkipPast(TokenType::kCloseBrace);
  }
  body.span = UpToLast(body.span);
  body.end = {last_.begin, last_.begin};
}

BlockLabel Parser::ParseLabel() {
  Token open = Read();
  BlockLabel label;
  label.quoted = true;
  std::string text;
  for (;;) {
    Token token = Read();
    if (token.type == TokenType::kCloseQuote) break;
    if (token.type == TokenType::kQuotedText) {
      text += DecodeText(Text(token), true, [&](std::string detail, Span where) {
        Mistake(kInvalidString, std::move(detail),
                {token.span.begin + where.begin, token.span.begin + where.end});
      });
    } else if (token.type == TokenType::kOpenInterpolation ||
               token.type == TokenType::kOpenDirective) {
      char c = token.type == TokenType::kOpenInterpolation ? '$' : '%';
      Fail(kInvalidString,
           fmt::format("A label is plain text: nothing is evaluated in it. Write {0}{0}{{ for the "
                       "characters {0}{{.",
                       c),
           token);
      SkipPast(TokenType::kCloseSequence);
    } else if (token.type == TokenType::kEnd) {
      Fail(kUnterminatedString, "The file ends before the closing quote of this label.", open);
      break;
    } else if (token.type == TokenType::kQuotedNewline) {
      FailAt(kUnterminatedString, kUnterminatedDetail, open.span);
    }
  }
  label.span = UpToLast(open.span);
  label.text = file_.arena_.Copy(std::string_view(text));
  return label;
}

// --- What callers see.

// Texts that cannot be parsed at all become empty files with the reason.
std::shared_ptr<File> MakeFile(std::string filename, std::string text, SourcePos start,
                               Diagnostics& diagnostics) {
  if (text.size() > kTextBytesMax) {
    Report(diagnostics, kTooLarge,
           "The text is longer than 1 GiB, which no configuration is. Is it the right file?",
           {filename, {}, {}});
    text.clear();
  }
  return std::make_shared<File>(std::move(filename), std::move(text), start);
}

void CheckEncoding(const File& file, Diagnostics& diagnostics) {
  size_t bad_at = 0;
  if (diagnostics.has_errors() || IsUtf8(file.text(), &bad_at)) return;
  auto at = static_cast<uint32_t>(bad_at);
  Report(diagnostics, kBadEncoding, "Files must be UTF-8. Save this one with that encoding.",
         file.Range({at, at + 1}));
}

ParsedFile ParseFile(std::string filename, std::string text) {
  ParsedFile parsed;
  auto file = MakeFile(std::move(filename), std::move(text), {}, parsed.diagnostics);
  Parser(*file, ScanMode::kConfiguration, parsed.diagnostics).ParseWholeBody();
  CheckEncoding(*file, parsed.diagnostics);
  parsed.file = file;
  return parsed;
}

ParsedExpression ParseExpression(std::string text, std::string filename, SourcePos start) {
  ParsedExpression parsed;
  auto file = MakeFile(std::move(filename), std::move(text), start, parsed.diagnostics);
  Parser parser(*file, ScanMode::kConfiguration, parsed.diagnostics);
  parsed.expression = Expression(file.get(), parser.ParseWholeExpression());
  CheckEncoding(*file, parsed.diagnostics);
  parsed.file = file;
  return parsed;
}

ParsedExpression ParseTemplate(std::string text, std::string filename, SourcePos start) {
  ParsedExpression parsed;
  auto file = MakeFile(std::move(filename), std::move(text), start, parsed.diagnostics);
  Parser parser(*file, ScanMode::kTemplate, parsed.diagnostics);
  parsed.expression = Expression(file.get(), parser.ParseWholeTemplate());
  CheckEncoding(*file, parsed.diagnostics);
  parsed.file = file;
  return parsed;
}

ParsedTraversal ParseTraversal(std::string text, std::string filename, SourcePos start) {
  ParsedTraversal parsed;
  auto file = MakeFile(std::move(filename), std::move(text), start, parsed.diagnostics);
  Parser parser(*file, ScanMode::kConfiguration, parsed.diagnostics);
  parsed.traversal = parser.ParseWholeTraversal();
  CheckEncoding(*file, parsed.diagnostics);
  if (parsed.diagnostics.has_errors()) parsed.traversal.reset();
  parsed.file = file;
  return parsed;
}

bool IsIdentifier(std::string_view text) {
  CodePoint c = DecodeCodePoint(text);
  if (c.length == 0 || !(c.value == '_' || IsIdentifierStart(c.value))) return false;
  while (!text.empty()) {
    c = DecodeCodePoint(text);
    if (c.length == 0 || !(c.value == '-' || IsIdentifierContinue(c.value))) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

}  // namespace andon::hcl
