#include "binary/elf_image.h"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

namespace austin {
namespace {

constexpr size_t kMaxProgramHeaders = 512;
constexpr size_t kMaxSections = 65536;
constexpr size_t kMaxDynamicEntries = 1024;
constexpr size_t kMaxHashChain = 65536;
constexpr uint64_t kMaxTableBytes = uint64_t(1) << 30;
constexpr size_t kBlock = 256 << 10;
constexpr size_t kMaxNameLength = 256;
// A name is in a string table once, or a few times as the tail of others.
constexpr size_t kMaxNamePositions = 64;

uint64_t PageSize() {
  static const uint64_t size = uint64_t(sysconf(_SC_PAGESIZE));
  return size;
}

uint64_t PageStart(uint64_t address) { return address & ~(PageSize() - 1); }

bool Overflows(uint64_t start, uint64_t length) { return start + length < start; }

uint32_t GnuHash(std::string_view name) {
  uint32_t hash = 5381;
  for (const char c : name) hash = hash * 33 + uint8_t(c);
  return hash;
}

uint32_t SysvHash(std::string_view name) {
  uint32_t hash = 0;
  for (const char c : name) {
    hash = (hash << 4) + uint8_t(c);
    const uint32_t high = hash & 0xf0000000;
    hash = (hash ^ (high >> 24)) & ~high;
  }
  return hash;
}

bool IsDefined(const Elf64_Sym& symbol) {
  const unsigned type = ELF64_ST_TYPE(symbol.st_info);
  return symbol.st_shndx != SHN_UNDEF && symbol.st_value != 0 &&
         (type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC);
}

}  // namespace

std::variant<ElfProblem, ElfImage> ElfImage::FromFile(UniqueFd file) {
  ElfImage image;
  struct stat status;
  if (!file.valid() || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return ElfProblem::kNotElf;
  image.file_ = std::move(file);
  image.file_size_ = uint64_t(status.st_size);
  std::byte header[sizeof(Elf64_Ehdr)] = {};
  if (!image.ReadFile(0, header, sizeof(header))) return ElfProblem::kNotElf;
  ElfProblem problem = ElfProblem::kMalformed;
  if (!image.LoadHeaders(header, false, 0, problem)) return problem;
  return image;
}

std::variant<ElfProblem, ElfImage> ElfImage::FromMemory(MemoryReader& memory, Address base) {
  ElfImage image;
  image.memory_ = &memory;
  std::byte header[sizeof(Elf64_Ehdr)] = {};
  if (!memory.Read(base, header, sizeof(header))) return ElfProblem::kMalformed;
  ElfProblem problem = ElfProblem::kMalformed;
  if (!image.LoadHeaders(header, true, base, problem)) return problem;
  return image;
}

bool ElfImage::LoadHeaders(std::span<const std::byte> header, bool in_memory, Address base, ElfProblem& problem) {
  const auto elf = FieldAt<Elf64_Ehdr>(header.data(), 0);
  if (std::memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0) {
    problem = ElfProblem::kNotElf;
    return false;
  }
  constexpr unsigned char kNativeOrder = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_ident[EI_DATA] != kNativeOrder) {
    problem = ElfProblem::kUnsupportedClass;
    return false;
  }
  problem = ElfProblem::kMalformed;
  if (elf.e_type != ET_EXEC && elf.e_type != ET_DYN) {
    problem = ElfProblem::kNotElf;
    return false;
  }
  if (elf.e_phentsize != sizeof(Elf64_Phdr) || elf.e_phnum == 0 || elf.e_phnum > kMaxProgramHeaders) return false;

  std::vector<Elf64_Phdr> headers(elf.e_phnum);
  const size_t headers_size = headers.size() * sizeof(Elf64_Phdr);
  const bool read = in_memory ? memory_->Read(base + elf.e_phoff, headers.data(), headers_size)
                              : ReadFile(elf.e_phoff, headers.data(), headers_size);
  if (!read) return false;

  for (const Elf64_Phdr& program : headers) {
    if (Overflows(program.p_vaddr, program.p_memsz) || Overflows(program.p_offset, program.p_filesz)) return false;
    if (program.p_type == PT_LOAD && program.p_memsz > 0) {
      segments_.push_back({program.p_vaddr, program.p_memsz, program.p_offset,
                           std::min(program.p_filesz, program.p_memsz), (program.p_flags & PF_W) != 0,
                           (program.p_flags & PF_X) != 0});
    } else if (program.p_type == PT_DYNAMIC) {
      dynamic_address_ = program.p_vaddr;
      dynamic_size_ = program.p_memsz;
    } else if (program.p_type == PT_GNU_EH_FRAME) {
      exception_header_ = ElfSection{program.p_vaddr, program.p_memsz};
    } else if (program.p_type == PT_NOTE) {
      notes_.push_back({program.p_vaddr, program.p_memsz});
    }
  }
  if (segments_.empty()) return false;
  std::stable_sort(segments_.begin(), segments_.end(),
                   [](const ElfSegment& a, const ElfSegment& b) { return a.address < b.address; });
  if (in_memory) {
    if (FirstPageOffset() != 0) return false;
    bias_ = BiasAt(base);
  } else {
    section_offset_ = elf.e_shoff;
    section_names_ = elf.e_shstrndx;
    section_count_ = elf.e_shnum;
    Elf64_Shdr first;
    // Section numbers that do not fit the header are in the first section header.
    if (elf.e_shoff != 0 && elf.e_shentsize == sizeof(Elf64_Shdr) && ReadFile(elf.e_shoff, &first, sizeof(first))) {
      if (section_count_ == 0) section_count_ = uint32_t(std::min<uint64_t>(first.sh_size, kMaxSections));
      if (section_names_ == SHN_XINDEX) section_names_ = first.sh_link;
    } else {
      section_count_ = 0;
    }
    section_count_ = std::min<uint32_t>(section_count_, kMaxSections);
  }
  LoadDynamicTable();
  return true;
}

uint64_t ElfImage::FirstPageOffset() const { return PageStart(segments_.front().file_offset); }

uint64_t ElfImage::BiasAt(Address row_start) const { return row_start - PageStart(segments_.front().address); }

const ElfSegment* ElfImage::SegmentAt(uint64_t address) const {
  for (const ElfSegment& segment : segments_) {
    if (address >= segment.address && address - segment.address < segment.memory_size) return &segment;
  }
  return nullptr;
}

bool ElfImage::InSegment(uint64_t address) const { return SegmentAt(address) != nullptr; }

bool ElfImage::ReadFile(uint64_t offset, void* out, size_t length) const {
  if (Overflows(offset, length) || offset + length > file_size_) return false;
  auto* to = static_cast<std::byte*>(out);
  while (length > 0) {
    const ssize_t got = pread(file_.get(), to, length, off_t(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    offset += uint64_t(got);
    length -= size_t(got);
  }
  return true;
}

size_t ElfImage::ReadSome(uint64_t address, std::byte* out, size_t length) const {
  const ElfSegment* const segment = SegmentAt(address);
  if (segment == nullptr) return 0;
  const uint64_t skip = address - segment->address;
  const uint64_t available = memory_ != nullptr ? segment->memory_size : segment->file_size;
  if (skip >= available) return 0;
  length = size_t(std::min<uint64_t>(length, available - skip));
  if (memory_ != nullptr) {
    const RemoteRange range{address + bias_, length};
    return memory_->ReadRanges({&range, 1}, out).bytes;
  }
  const uint64_t offset = segment->file_offset + skip;
  if (offset >= file_size_) return 0;
  length = size_t(std::min<uint64_t>(length, file_size_ - offset));
  return ReadFile(offset, out, length) ? length : 0;
}

bool ElfImage::ReadAt(uint64_t address, void* out, size_t length) const {
  return ReadSome(address, static_cast<std::byte*>(out), length) == length;
}

bool ElfImage::Scan(const ElfSegment& segment, size_t overlap,
                    const std::function<bool(uint64_t, std::span<const std::byte>)>& visit) const {
  std::vector<std::byte> block(kBlock + overlap);
  for (uint64_t done = 0; done < segment.file_size && scan_budget_ > 0; done += kBlock) {
    const uint64_t address = segment.address + done;
    scan_budget_ -= std::min<uint64_t>(scan_budget_, kBlock);
    const uint64_t left = segment.file_size - done;
    const size_t got = ReadSome(address, block.data(), size_t(std::min<uint64_t>(block.size(), left)));
    if (got == 0) return false;
    if (visit(address, std::span(block.data(), got))) return true;
  }
  return false;
}

// glibc relocates the addresses of the dynamic table in place; musl, and every file, has them without the bias.
uint64_t ElfImage::DynamicAddress(uint64_t value) const {
  return memory_ != nullptr && !InSegment(value) && InSegment(value - bias_) ? value - bias_ : value;
}

void ElfImage::LoadDynamicTable() {
  const size_t count = size_t(std::min<uint64_t>(dynamic_size_ / sizeof(Elf64_Dyn), kMaxDynamicEntries));
  if (count == 0) return;
  std::vector<Elf64_Dyn> entries(count);
  const size_t got = ReadSome(dynamic_address_, reinterpret_cast<std::byte*>(entries.data()),
                              count * sizeof(Elf64_Dyn)) / sizeof(Elf64_Dyn);
  for (size_t i = 0; i < got && entries[i].d_tag != DT_NULL; ++i) {
    const uint64_t value = entries[i].d_un.d_val;
    switch (entries[i].d_tag) {
      case DT_SYMTAB:
        dynamic_.symbols = DynamicAddress(value);
        break;
      case DT_STRTAB:
        dynamic_.strings = DynamicAddress(value);
        break;
      case DT_STRSZ:
        dynamic_.strings_size = value;
        break;
      case DT_GNU_HASH:
        dynamic_.gnu_hash = DynamicAddress(value);
        break;
      case DT_HASH:
        dynamic_.sysv_hash = DynamicAddress(value);
        break;
      case DT_RELA:
        dynamic_.relocations = DynamicAddress(value);
        break;
      case DT_RELASZ:
        dynamic_.relocations_size = value;
        break;
      case DT_JMPREL:
        dynamic_.stub_relocations = DynamicAddress(value);
        break;
      case DT_PLTRELSZ:
        dynamic_.stub_relocations_size = value;
        break;
      default:
        break;
    }
  }
}

std::optional<ElfSymbol> ElfImage::SymbolIfNamed(uint64_t index, std::string_view name) const {
  Elf64_Sym symbol;
  if (!ReadAt(dynamic_.symbols + index * sizeof(symbol), &symbol, sizeof(symbol))) return std::nullopt;
  if (!IsDefined(symbol) || !InSegment(symbol.st_value)) return std::nullopt;
  if (dynamic_.strings_size != 0 && symbol.st_name >= dynamic_.strings_size) return std::nullopt;
  char text[kMaxNameLength + 1];
  if (!ReadAt(dynamic_.strings + symbol.st_name, text, name.size() + 1)) return std::nullopt;
  if (text[name.size()] != '\0' || std::string_view(text, name.size()) != name) return std::nullopt;
  return ElfSymbol{symbol.st_value, symbol.st_size};
}

// The table: bucket count, first hashed symbol, Bloom filter size, Bloom filter shift (32 bits each); the filter
// (64-bit words); the buckets (32 bits); then one hash per symbol, its lowest bit set at the end of a chain.
std::optional<ElfSymbol> ElfImage::FindByGnuHash(std::string_view name) const {
  struct {
    uint32_t buckets, first_symbol, filter_words, filter_shift;
  } header;
  if (!ReadAt(dynamic_.gnu_hash, &header, sizeof(header))) return std::nullopt;
  if (header.buckets == 0 || header.filter_words == 0) return std::nullopt;
  const uint32_t hash = GnuHash(name);
  const uint64_t filter = dynamic_.gnu_hash + sizeof(header);
  uint64_t word = 0;
  if (!ReadAt(filter + uint64_t((hash / 64) % header.filter_words) * 8, &word, sizeof(word))) return std::nullopt;
  const uint64_t bits = uint64_t(1) << (hash % 64) | uint64_t(1) << ((hash >> (header.filter_shift & 31)) % 64);
  if ((word & bits) != bits) return std::nullopt;

  const uint64_t buckets = filter + uint64_t(header.filter_words) * 8;
  const uint64_t chains = buckets + uint64_t(header.buckets) * 4;
  uint32_t index = 0;
  if (!ReadAt(buckets + uint64_t(hash % header.buckets) * 4, &index, sizeof(index))) return std::nullopt;
  if (index < header.first_symbol) return std::nullopt;
  for (size_t steps = 0; steps < kMaxHashChain; ++steps, ++index) {
    uint32_t entry = 0;
    if (!ReadAt(chains + uint64_t(index - header.first_symbol) * 4, &entry, sizeof(entry))) return std::nullopt;
    if ((entry | 1) == (hash | 1)) {
      if (auto symbol = SymbolIfNamed(index, name)) return symbol;
    }
    if ((entry & 1) != 0) return std::nullopt;
  }
  return std::nullopt;
}

// The table: bucket count, chain count; the buckets; the next symbol of each symbol's chain (32 bits each).
std::optional<ElfSymbol> ElfImage::FindBySysvHash(std::string_view name) const {
  struct {
    uint32_t buckets, chains;
  } header;
  if (!ReadAt(dynamic_.sysv_hash, &header, sizeof(header)) || header.buckets == 0) return std::nullopt;
  const uint64_t buckets = dynamic_.sysv_hash + sizeof(header);
  const uint64_t chains = buckets + uint64_t(header.buckets) * 4;
  uint32_t index = 0;
  if (!ReadAt(buckets + uint64_t(SysvHash(name) % header.buckets) * 4, &index, sizeof(index))) return std::nullopt;
  for (size_t steps = 0; steps < kMaxHashChain && index != 0 && index < header.chains; ++steps) {
    if (auto symbol = SymbolIfNamed(index, name)) return symbol;
    if (!ReadAt(chains + uint64_t(index) * 4, &index, sizeof(index))) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<ElfSymbol> ElfImage::FindDynamicSymbol(std::string_view name) const {
  if (name.size() > kMaxNameLength || dynamic_.symbols == 0 || dynamic_.strings == 0) return std::nullopt;
  if (dynamic_.gnu_hash != 0) return FindByGnuHash(name);
  if (dynamic_.sysv_hash != 0) return FindBySysvHash(name);
  return std::nullopt;
}

std::optional<ElfSection> ElfImage::FindSection(std::string_view name) const {
  for (const SectionHeader& section : Sections()) {
    if ((section.flags & SHF_ALLOC) == 0 || section.name != name) continue;
    if (InSegment(section.address)) return ElfSection{section.address, section.size};
  }
  return std::nullopt;
}

std::vector<std::optional<ElfSymbol>> ElfImage::FindStaticSymbols(std::span<const std::string_view> names) const {
  std::vector<std::optional<ElfSymbol>> found(names.size());
  if (section_count_ == 0) return found;
  std::vector<Elf64_Shdr> sections(section_count_);
  if (!ReadFile(section_offset_, sections.data(), sections.size() * sizeof(Elf64_Shdr))) return found;
  const auto table = std::find_if(sections.begin(), sections.end(),
                                  [](const Elf64_Shdr& section) { return section.sh_type == SHT_SYMTAB; });
  if (table == sections.end() || table->sh_link >= sections.size() || table->sh_entsize != sizeof(Elf64_Sym) ||
      table->sh_size > kMaxTableBytes) {
    return found;
  }
  const Elf64_Shdr& strings = sections[table->sh_link];
  if (strings.sh_size > kMaxTableBytes) return found;

  // First where the names are in the string table, then which symbols point there. Linkers let a name share the
  // tail of a longer one, so any position counts, not only the start of a string.
  std::vector<std::vector<uint64_t>> positions(names.size());
  std::vector<std::byte> block(kBlock + kMaxNameLength + 1);
  bool any = false;
  for (uint64_t done = 0; done < strings.sh_size; done += kBlock) {
    const size_t size = size_t(std::min<uint64_t>(block.size(), strings.sh_size - done));
    if (!ReadFile(strings.sh_offset + done, block.data(), size)) return found;
    const std::string_view text(reinterpret_cast<const char*>(block.data()), size);
    for (size_t n = 0; n < names.size(); ++n) {
      if (names[n].size() > kMaxNameLength || positions[n].size() >= kMaxNamePositions) continue;
      const std::string wanted = std::string(names[n]) + '\0';
      for (size_t at = text.find(wanted); at < kBlock; at = text.find(wanted, at + 1)) {
        any = true;
        positions[n].push_back(done + at);
        if (positions[n].size() >= kMaxNamePositions) break;
      }
    }
  }
  if (!any) return found;

  std::vector<Elf64_Sym> symbols(kBlock / sizeof(Elf64_Sym));
  const uint64_t count = table->sh_size / sizeof(Elf64_Sym);
  for (uint64_t done = 0; done < count; done += symbols.size()) {
    const size_t size = size_t(std::min<uint64_t>(symbols.size(), count - done));
    if (!ReadFile(table->sh_offset + done * sizeof(Elf64_Sym), symbols.data(), size * sizeof(Elf64_Sym))) break;
    for (size_t i = 0; i < size; ++i) {
      const Elf64_Sym& symbol = symbols[i];
      for (size_t n = 0; n < names.size(); ++n) {
        if (std::find(positions[n].begin(), positions[n].end(), symbol.st_name) == positions[n].end()) continue;
        if (!found[n] && IsDefined(symbol) && InSegment(symbol.st_value)) {
          found[n] = ElfSymbol{symbol.st_value, symbol.st_size};
        }
      }
    }
  }
  return found;
}

}  // namespace austin
