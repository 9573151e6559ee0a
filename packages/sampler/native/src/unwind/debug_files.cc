#include "unwind/debug_files.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "binary/mapped_file.h"

namespace austin {
namespace {

constexpr std::string_view kDebugFolder = "/usr/lib/debug";
constexpr size_t kMaxCompressedBytes = 64 << 20;
constexpr size_t kMaxEmbeddedBytes = 256 << 20;
constexpr uint64_t kMaxLzmaMemory = uint64_t(256) << 20;

// IEEE 802.3, as zlib computes it.
constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? 0xedb88320 ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  return table;
}

std::optional<uint32_t> ChecksumOf(int file) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  std::vector<unsigned char> block(1 << 18);
  uint32_t checksum = ~uint32_t(0);
  for (off_t at = 0;;) {
    const ssize_t got = pread(file, block.data(), block.size(), at);
    if (got < 0) return std::nullopt;
    if (got == 0) return ~checksum;
    for (ssize_t i = 0; i < got; ++i) checksum = kTable[(checksum ^ block[size_t(i)]) & 0xff] ^ checksum >> 8;
    at += got;
  }
}

std::optional<ElfImage> ImageFrom(UniqueFd file) {
  auto opened = ElfImage::FromFile(std::move(file));
  if (auto* const image = std::get_if<ElfImage>(&opened)) return std::move(*image);
  return std::nullopt;
}

std::optional<ElfImage> FindByBuildId(const std::string& root, const std::string& build_id) {
  if (build_id.size() < 4) return std::nullopt;
  const std::string path =
      root + std::string(kDebugFolder) + "/.build-id/" + build_id.substr(0, 2) + "/" + build_id.substr(2) + ".debug";
  auto image = ImageFrom(OpenRegularFile(path));
  if (image && image->BuildId() != build_id) return std::nullopt;
  return image;
}

std::optional<ElfImage> FindByLink(const std::string& root, const std::string& path, const ElfDebugLink& link) {
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  for (const std::string& candidate :
       {folder + link.name, folder + ".debug/" + link.name, std::string(kDebugFolder) + folder + link.name}) {
    if (candidate == path) continue;
    UniqueFd file = OpenRegularFile(root + candidate);
    if (!file.valid() || ChecksumOf(file.get()) != link.checksum) continue;
    if (auto image = ImageFrom(std::move(file))) return image;
  }
  return std::nullopt;
}

/// lzma_stream_buffer_decode of liblzma 5 (lzma/container.h).
using DecodeXz = int (*)(uint64_t* memory_limit, uint32_t flags, const void* allocator, const uint8_t* in,
                         size_t* in_position, size_t in_size, uint8_t* out, size_t* out_position, size_t out_size);
constexpr int kLzmaOk = 0;
constexpr int kLzmaBufferError = 10;

std::optional<std::vector<uint8_t>> Decompress(std::span<const std::byte> bytes) {
  void* const library = dlopen("liblzma.so.5", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  const auto decode = reinterpret_cast<DecodeXz>(dlsym(library, "lzma_stream_buffer_decode"));
  if (decode == nullptr) return std::nullopt;
  // The uncompressed size is at the end of the format; trying sizes is simpler than reading that.
  for (size_t size = std::max<size_t>(bytes.size() * 8, 1 << 16); size <= kMaxEmbeddedBytes; size *= 4) {
    std::vector<uint8_t> out(size);
    uint64_t memory_limit = kMaxLzmaMemory;
    size_t taken = 0, made = 0;
    const int status = decode(&memory_limit, 0, nullptr, reinterpret_cast<const uint8_t*>(bytes.data()), &taken,
                              bytes.size(), out.data(), &made, out.size());
    if (status == kLzmaOk) {
      out.resize(made);
      return out;
    }
    if (status != kLzmaBufferError) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ElfImage> FindDebugFile(const ModuleFile& file) {
  const ElfImage* const image = file.image();
  if (image == nullptr) return std::nullopt;
  const std::array<std::string, 2> roots{file.root(), std::string()};
  for (const std::string& root : roots) {
    if (auto found = FindByBuildId(root, file.build_id())) return found;
  }
  const auto link = image->DebugLink();
  // The name is from the file, which may be anybody's.
  if (!link || link->name.find('/') != std::string::npos || !file.path().starts_with('/')) return std::nullopt;
  for (const std::string& root : roots) {
    if (auto found = FindByLink(root, file.path(), *link)) return found;
  }
  return std::nullopt;
}

std::optional<ElfImage> OpenEmbeddedDebugData(const ElfImage& image) {
  const std::vector<std::byte> section = image.ReadUnloadedSection(".gnu_debugdata", kMaxCompressedBytes);
  if (section.empty()) return std::nullopt;
  const auto bytes = Decompress(section);
  if (!bytes) return std::nullopt;
  UniqueFd file(memfd_create("debugdata", MFD_CLOEXEC));
  size_t written = 0;
  while (file.valid() && written < bytes->size()) {
    const ssize_t done = write(file.get(), bytes->data() + written, bytes->size() - written);
    if (done <= 0) return std::nullopt;
    written += size_t(done);
  }
  return ImageFrom(std::move(file));
}

}  // namespace austin
