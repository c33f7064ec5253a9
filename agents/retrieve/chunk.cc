#include "agents/retrieve/chunk.h"

#include <algorithm>
#include <utility>

namespace troupe::retrieve {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

int64_t Characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return !Continues(c); });
}

// A run of text that may be split: where it stands and on which line.
struct Piece {
  std::string_view text;
  int64_t line;
};

struct Paragraph {
  Piece piece;
  std::string title;
};

// "# Title" of Markdown (CommonMark 4.2): one to six marks and a blank.
bool IsHeading(std::string_view line, std::string& title) {
  const size_t marks = std::min(line.find_first_not_of('#'), line.size());
  if (marks == 0 || marks > 6 || marks == line.size() || line[marks] != ' ') return false;
  std::string_view rest = Trim(line.substr(marks));
  while (!rest.empty() && rest.back() == '#') rest.remove_suffix(1);
  title = std::string(Trim(rest));
  return true;
}

std::vector<Paragraph> Paragraphs(std::string_view text) {
  std::vector<Paragraph> found;
  std::string title;
  std::string_view bare_heading;
  int64_t heading_line = 0;
  size_t begin = 0, end = 0;
  int64_t line = 0, first_line = 0;
  const auto close = [&] {
    if (end > begin) found.push_back({{Trim(text.substr(begin, end - begin)), first_line}, title});
    end = begin = 0;
  };
  const auto close_heading = [&] {
    if (!bare_heading.empty()) found.push_back({{bare_heading, heading_line}, title});
    bare_heading = {};
  };
  for (size_t at = 0; at < text.size();) {
    const size_t stop = std::min(text.find('\n', at), text.size());
    const std::string_view content = Trim(text.substr(at, stop - at));
    ++line;
    std::string heading;
    if (content.empty()) {
      close();
    } else if (IsHeading(content, heading)) {
      close();
      close_heading();
      title = std::move(heading);
      bare_heading = content;
      heading_line = line;
    } else {
      bare_heading = {};
      if (end == 0) {
        begin = at;
        first_line = line;
      }
      end = stop;
    }
    at = stop + 1;
  }
  close();
  close_heading();
  return found;
}

// Where the first sentence of `text` ends, blanks after it included; its size if it is all one.
size_t SentenceEnd(std::string_view text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if ((text[i] == '.' || text[i] == '!' || text[i] == '?') && IsBlank(text[i + 1])) {
      size_t next = i + 1;
      while (next < text.size() && IsBlank(text[next])) ++next;
      return next;
    }
  }
  return text.size();
}

// The first part of `text` with at most `size` characters, cut at a blank if there is one.
size_t WordsEnd(std::string_view text, int64_t size) {
  size_t at = 0, blank = 0;
  for (int64_t count = 0; at < text.size(); ++at) {
    if (!Continues(text[at]) && count++ == size) break;
    if (IsBlank(text[at])) blank = at + 1;
  }
  return at == text.size() || blank == 0 ? at : blank;
}

// The paragraph as pieces of at most `size` characters each.
std::vector<Piece> Sentences(const Piece& paragraph, int64_t size) {
  std::vector<Piece> pieces;
  int64_t line = paragraph.line;
  for (std::string_view rest = paragraph.text; !rest.empty();) {
    size_t end = SentenceEnd(rest);
    if (Characters(rest.substr(0, end)) > size) end = std::min(end, WordsEnd(rest, size));
    const std::string_view piece = rest.substr(0, end);
    if (!Trim(piece).empty()) pieces.push_back({Trim(piece), line});
    line += std::count(piece.begin(), piece.end(), '\n');
    rest.remove_prefix(end);
  }
  return pieces;
}

// Gathers pieces into passages.
class Packer {
 public:
  Packer(const ChunkOptions& options, std::vector<Passage>& out) : options_(options), out_(out) {}

  void Add(const Piece& piece, const std::string& title, std::string_view separator) {
    const int64_t length = Characters(piece.text);
    if (!parts_.empty() &&
        (title != title_ || length_ + static_cast<int64_t>(separator.size()) + length > options_.size)) {
      Flush(title == title_ ? options_.overlap : 0, length);
    }
    title_ = title;
    if (!parts_.empty()) length_ += static_cast<int64_t>(separator.size());
    parts_.push_back({piece, separator});
    length_ += length;
  }

  void Flush(int64_t overlap, int64_t next_length) {
    if (parts_.empty()) return;
    Passage passage{"", title_, parts_.front().piece.line};
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (i > 0) passage.text += parts_[i].separator;
      passage.text += parts_[i].piece.text;
    }
    out_.push_back(std::move(passage));
    // keep whole pieces from the end while they fit beside what comes next
    size_t keep = parts_.size();
    int64_t kept = 0;
    while (keep > 1) {
      const int64_t more = Characters(parts_[keep - 1].piece.text) + 1;
      if (kept + more > overlap || kept + more + next_length > options_.size) break;
      kept += more;
      --keep;
    }
    parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(keep));
    length_ = std::max<int64_t>(0, kept - 1);
  }

 private:
  struct Part {
    Piece piece;
    std::string_view separator;
  };
  const ChunkOptions& options_;
  std::vector<Passage>& out_;
  std::vector<Part> parts_;
  std::string title_;
  int64_t length_ = 0;
};

}  // namespace

std::vector<Passage> Chunk(std::string_view text, const ChunkOptions& options) {
  std::vector<Passage> passages;
  Packer packer(options, passages);
  for (const Paragraph& paragraph : Paragraphs(text)) {
    if (Characters(paragraph.piece.text) <= options.size) {
      packer.Add(paragraph.piece, paragraph.title, "\n\n");
      continue;
    }
    std::string_view separator = "\n\n";
    for (const Piece& piece : Sentences(paragraph.piece, options.size)) {
      packer.Add(piece, paragraph.title, separator);
      separator = " ";
    }
  }
  packer.Flush(0, 0);
  return passages;
}

}  // namespace troupe::retrieve
