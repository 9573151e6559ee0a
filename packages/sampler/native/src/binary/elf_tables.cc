// What is read from an ELF image as a whole table, rather than looked up.
#include <elf.h>

#include <algorithm>
#include <cstring>

#include "binary/elf_image.h"

namespace austin {
namespace {

constexpr uint64_t kMaxTableBytes = uint64_t(512) << 20;
constexpr uint64_t kMaxNoteBytes = 64 << 10;
constexpr uint64_t kMaxBuildIdBytes = 64;
constexpr uint64_t kMaxSymbols = uint64_t(1) << 24;
constexpr uint64_t kMaxImports = uint64_t(1) << 20;
constexpr uint64_t kMaxImportName = 4096;
constexpr uint64_t kMaxDebugLinkBytes = 4096;

#if defined(__aarch64__)
constexpr uint32_t kJumpSlot = R_AARCH64_JUMP_SLOT;
constexpr uint32_t kGlobalData = R_AARCH64_GLOB_DAT;
#else
constexpr uint32_t kJumpSlot = R_X86_64_JUMP_SLOT;
constexpr uint32_t kGlobalData = R_X86_64_GLOB_DAT;
#endif

std::string HexDigits(std::span<const std::byte> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text.push_back(kDigits[unsigned(byte) >> 4]);
    text.push_back(kDigits[unsigned(byte) & 15]);
  }
  return text;
}

size_t Aligned(size_t size) { return (size + 3) & ~size_t(3); }

}  // namespace

std::vector<ElfImage::SectionHeader> ElfImage::Sections() const {
  std::vector<SectionHeader> sections;
  if (section_names_ >= section_count_) return sections;
  std::vector<Elf64_Shdr> headers(section_count_);
  if (!ReadFile(section_offset_, headers.data(), headers.size() * sizeof(Elf64_Shdr))) return sections;
  const Elf64_Shdr& names = headers[section_names_];
  if (names.sh_size > std::min(kMaxTableBytes, file_size_)) return sections;
  std::string text(size_t(names.sh_size), '\0');
  if (!ReadFile(names.sh_offset, text.data(), text.size())) return sections;
  for (const Elf64_Shdr& header : headers) {
    SectionHeader section{
        {}, header.sh_type, header.sh_flags, header.sh_addr, header.sh_offset, header.sh_size, header.sh_link};
    // c_str() ends at the end of the table, if nowhere before.
    if (header.sh_name < text.size()) section.name = text.c_str() + header.sh_name;
    sections.push_back(std::move(section));
  }
  return sections;
}

std::vector<std::byte> ElfImage::ReadUnloadedSection(std::string_view name, size_t max_bytes) const {
  for (const SectionHeader& section : Sections()) {
    if (section.name != name || section.type == SHT_NOBITS) continue;
    if ((section.flags & (SHF_ALLOC | SHF_COMPRESSED)) != 0 || section.size > std::min<uint64_t>(max_bytes, file_size_))
      continue;
    std::vector<std::byte> bytes(size_t(section.size));
    if (ReadFile(section.offset, bytes.data(), bytes.size())) return bytes;
  }
  return {};
}

uint64_t ElfImage::BytesFrom(uint64_t address) const {
  const ElfSegment* const segment = SegmentAt(address);
  if (segment == nullptr) return 0;
  const uint64_t available = memory_ != nullptr ? segment->memory_size : segment->file_size;
  const uint64_t skip = address - segment->address;
  return available > skip ? available - skip : 0;
}

std::vector<std::byte> ElfImage::ReadThrough(uint64_t address, uint64_t size) const {
  std::vector<std::byte> bytes;
  while (bytes.size() < size) {
    const uint64_t here = std::min(BytesFrom(address + bytes.size()), size - bytes.size());
    const size_t done = bytes.size();
    bytes.resize(done + size_t(here));
    const size_t got = ReadSome(address + done, bytes.data() + done, size_t(here));
    bytes.resize(done + got);
    if (got < here || here == 0) break;
  }
  return bytes;
}

// A note: length of its name, length of its contents, type (32 bits each), name and contents, both padded to 4 bytes.
std::string ElfImage::BuildId() const {
  for (const ElfSection& place : notes_) {
    std::vector<std::byte> notes(size_t(std::min(place.size, kMaxNoteBytes)));
    notes.resize(ReadSome(place.address, notes.data(), notes.size()));
    for (size_t at = 0; notes.size() - at >= sizeof(Elf64_Nhdr);) {
      const auto note = FieldAt<Elf64_Nhdr>(notes.data(), at);
      const size_t left = notes.size() - at - sizeof(note);
      if (note.n_namesz > left || Aligned(note.n_namesz) > left) break;
      const size_t contents = at + sizeof(note) + Aligned(note.n_namesz);
      if (note.n_descsz > notes.size() - contents) break;
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
          std::memcmp(notes.data() + at + sizeof(note), "GNU", 4) == 0 && note.n_descsz <= kMaxBuildIdBytes) {
        return HexDigits(std::span(notes).subspan(contents, note.n_descsz));
      }
      at = std::min(contents + Aligned(note.n_descsz), notes.size());
    }
  }
  return {};
}

std::optional<ElfCodeSymbol> ElfImage::CodeSymbolFrom(std::span<const std::byte> entry) const {
  const auto symbol = FieldAt<Elf64_Sym>(entry.data(), 0);
  const unsigned type = ELF64_ST_TYPE(symbol.st_info), binding = ELF64_ST_BIND(symbol.st_info);
  if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS || symbol.st_value == 0) return std::nullopt;
  if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE) return std::nullopt;
  const ElfSegment* const segment = SegmentAt(symbol.st_value);
  if (segment == nullptr || !segment->executable) return std::nullopt;
  return ElfCodeSymbol{symbol.st_value,    symbol.st_size,        symbol.st_name,
                       type != STT_NOTYPE, binding == STB_GLOBAL, binding == STB_WEAK};
}

ElfSymbols ElfImage::StaticCodeSymbols() const {
  ElfSymbols table;
  const std::vector<SectionHeader> sections = Sections();
  const auto section =
      std::find_if(sections.begin(), sections.end(), [](auto& each) { return each.type == SHT_SYMTAB; });
  if (section == sections.end() || section->link >= sections.size()) return table;
  const SectionHeader& strings = sections[section->link];
  const uint64_t limit = std::min(kMaxTableBytes, file_size_);
  if (section->size > limit || strings.size > limit) return table;
  std::vector<std::byte> bytes(size_t(section->size));
  table.strings.resize(size_t(strings.size));
  if (!ReadFile(section->offset, bytes.data(), bytes.size()) ||
      !ReadFile(strings.offset, table.strings.data(), table.strings.size())) {
    return {};
  }
  for (size_t at = 0; bytes.size() - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
    const auto symbol = CodeSymbolFrom(std::span(bytes).subspan(at));
    if (symbol && symbol->name < table.strings.size()) table.symbols.push_back(*symbol);
  }
  return table;
}

// The hash tables are laid out as elf_image.cc says. That of GNU does not tell the count: it is where the last chain ends.
uint64_t ElfImage::CountDynamicSymbols() const {
  struct {
    uint32_t buckets, chains;
  } sysv;
  if (dynamic_.sysv_hash != 0 && ReadAt(dynamic_.sysv_hash, &sysv, sizeof(sysv)))
    return std::min<uint64_t>(sysv.chains, kMaxSymbols);
  struct {
    uint32_t buckets, first_symbol, filter_words, filter_shift;
  } gnu;
  if (dynamic_.gnu_hash == 0 || !ReadAt(dynamic_.gnu_hash, &gnu, sizeof(gnu))) return 0;
  const uint64_t buckets = dynamic_.gnu_hash + sizeof(gnu) + uint64_t(gnu.filter_words) * 8;
  if (gnu.buckets > kMaxSymbols) return 0;
  const std::vector<std::byte> firsts = ReadThrough(buckets, uint64_t(gnu.buckets) * sizeof(uint32_t));
  uint64_t last = 0;
  for (size_t at = 0; firsts.size() - at >= sizeof(uint32_t); at += sizeof(uint32_t)) {
    last = std::max<uint64_t>(last, FieldAt<uint32_t>(firsts.data(), at));
  }
  if (last < gnu.first_symbol) return 0;
  const uint64_t chains = buckets + uint64_t(gnu.buckets) * 4;
  for (; last < kMaxSymbols; ++last) {
    uint32_t hash = 0;
    if (!ReadAt(chains + (last - gnu.first_symbol) * 4, &hash, sizeof(hash))) return 0;
    if ((hash & 1) != 0) break;
  }
  return last + 1;
}

ElfSymbols ElfImage::DynamicCodeSymbols() const {
  ElfSymbols table;
  if (dynamic_.symbols == 0 || dynamic_.strings == 0) return table;
  const std::vector<std::byte> bytes =
      ReadThrough(dynamic_.symbols, std::min(CountDynamicSymbols() * sizeof(Elf64_Sym), kMaxTableBytes));
  const std::vector<std::byte> strings = ReadThrough(dynamic_.strings, std::min(dynamic_.strings_size, kMaxTableBytes));
  table.strings.assign(reinterpret_cast<const char*>(strings.data()), strings.size());
  for (size_t at = 0; bytes.size() - at >= sizeof(Elf64_Sym); at += sizeof(Elf64_Sym)) {
    const auto symbol = CodeSymbolFrom(std::span(bytes).subspan(at));
    if (symbol && symbol->name < table.strings.size()) table.symbols.push_back(*symbol);
  }
  return table;
}

void ElfImage::ReadImports(uint64_t relocations, uint64_t size, std::vector<ElfImport>* imports) const {
  const std::vector<std::byte> rows =
      ReadThrough(relocations, std::min<uint64_t>(size, kMaxImports * sizeof(Elf64_Rela)));
  for (size_t at = 0; rows.size() - at >= sizeof(Elf64_Rela); at += sizeof(Elf64_Rela)) {
    const auto row = FieldAt<Elf64_Rela>(rows.data(), at);
    const uint32_t type = ELF64_R_TYPE(row.r_info);
    if (type != kJumpSlot && type != kGlobalData) continue;
    Elf64_Sym symbol;
    if (!ReadAt(dynamic_.symbols + ELF64_R_SYM(row.r_info) * sizeof(symbol), &symbol, sizeof(symbol))) continue;
    char text[kMaxImportName];
    const size_t got = ReadSome(dynamic_.strings + symbol.st_name, reinterpret_cast<std::byte*>(text), sizeof(text));
    const std::string_view name = std::string_view(text, got).substr(0, std::string_view(text, got).find('\0'));
    if (!name.empty() && name.size() < got) imports->push_back({row.r_offset, std::string(name)});
  }
}

std::vector<ElfImport> ElfImage::Imports() const {
  std::vector<ElfImport> imports;
  if (dynamic_.symbols == 0 || dynamic_.strings == 0) return imports;
  ReadImports(dynamic_.stub_relocations, dynamic_.stub_relocations_size, &imports);
  ReadImports(dynamic_.relocations, dynamic_.relocations_size, &imports);
  return imports;
}

// The name, zero bytes up to a multiple of four, the checksum.
std::optional<ElfDebugLink> ElfImage::DebugLink() const {
  const std::vector<std::byte> section = ReadUnloadedSection(".gnu_debuglink", kMaxDebugLinkBytes);
  const std::string_view text(reinterpret_cast<const char*>(section.data()), section.size());
  const size_t length = text.find('\0');
  if (length == std::string_view::npos || length == 0) return std::nullopt;
  const size_t checksum = Aligned(length + 1);
  if (section.size() < checksum + sizeof(uint32_t)) return std::nullopt;
  return ElfDebugLink{std::string(text.substr(0, length)), FieldAt<uint32_t>(section.data(), checksum)};
}

}  // namespace austin
