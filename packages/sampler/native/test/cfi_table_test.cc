#include "unwind/cfi_table.h"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <random>

#include "check.h"
#include "unwind/cfi_program.h"
#include "unwind/dwarf_expression.h"

using namespace austin;

namespace {

/// Writes sections byte by byte.
class Bytes {
 public:
  Bytes& U8(std::initializer_list<uint8_t> values) {
    for (const uint8_t value : values) bytes_.push_back(std::byte(value));
    return *this;
  }
  template <typename T>
  Bytes& Value(T value) {
    const auto* const raw = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), raw, raw + sizeof(T));
    return *this;
  }
  Bytes& Append(const std::vector<std::byte>& other) {
    bytes_.insert(bytes_.end(), other.begin(), other.end());
    return *this;
  }
  const std::vector<std::byte>& get() const { return bytes_; }
  size_t size() const { return bytes_.size(); }

 private:
  std::vector<std::byte> bytes_;
};

constexpr uint64_t kEhFrame = 0x10000;
constexpr uint64_t kHeader = 0x8000;
constexpr uint64_t kCode = 0x1000;

/// An entry with its length before it.
std::vector<std::byte> Entry(const Bytes& body) {
  return Bytes().Value(uint32_t(body.size())).Append(body.get()).get();
}

/// CFA = rsp + 8, the return address at CFA - 8; code counts in bytes, data in -8; pointers relative to their place.
std::vector<std::byte> Common(bool is_signal = false) {
  Bytes body;
  body.Value(uint32_t(0)).U8({1, 'z', 'R'});
  if (is_signal) body.U8({'S'});
  body.U8({0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1});
  return Entry(body);
}

/// A section of the common entry and one other, about `length` bytes from kCode on.
CfiTable::Sections SectionsWith(std::initializer_list<uint8_t> instructions, uint32_t length = 100,
                                bool is_signal = false) {
  CfiTable::Sections sections;
  const std::vector<std::byte> common = Common(is_signal);
  Bytes body;
  const uint64_t id_at = common.size() + 4;
  body.Value(uint32_t(id_at)).Value(int32_t(kCode - (kEhFrame + id_at + 4))).Value(length).U8({0}).U8(instructions);
  sections.eh_frame = Bytes().Append(common).Append(Entry(body)).Value(uint32_t(0)).get();
  sections.eh_frame_address = kEhFrame;
  return sections;
}

CfiRow RowOf(std::initializer_list<uint8_t> instructions, uint64_t address) {
  const CfiTable table(SectionsWith(instructions));
  CfiRow row = table.RowAt(address);
  // What they point to goes with the table.
  row.cfa_expression = {};
  for (CfiRule& rule : row.rules) rule.expression = {};
  return row;
}

const CfiRule* RuleOf(const CfiRow& row, unsigned number) {
  for (const CfiRule& rule : row.rules) {
    if (rule.register_number == number) return &rule;
  }
  return nullptr;
}

std::vector<std::byte> SearchHeader(uint64_t entry_address) {
  Bytes header;
  header.U8({1, 0x1b, 0x03, 0x3b}).Value(int32_t(kEhFrame - (kHeader + 4))).Value(uint32_t(1));
  header.Value(int32_t(kCode - kHeader)).Value(int32_t(entry_address - kHeader));
  return header.get();
}

}  // namespace

#if defined(__x86_64__)

TEST(CfiTable, StartsWithTheCommonRules) {
  const CfiRow row = RowOf({}, kCode);
  REQUIRE(row.has_information);
  CHECK_EQ(row.cfa_register, 7);
  CHECK_EQ(row.cfa_offset, 8);
  CHECK_EQ(row.return_column, 16);
  REQUIRE(RuleOf(row, 16) != nullptr);
  CHECK(RuleOf(row, 16)->kind == CfiRule::Kind::kOffset);
  CHECK_EQ(RuleOf(row, 16)->offset, -8);
  CHECK(!row.is_signal_frame);
  CHECK(!RowOf({}, kCode - 1).has_information);
  CHECK(!RowOf({}, kCode + 100).has_information);
  CHECK(RowOf({}, kCode + 99).has_information);
  CHECK(CfiTable(SectionsWith({}, 100, true)).RowAt(kCode).is_signal_frame);
}

TEST(CfiTable, FollowsAFunctionThroughItsInstructions) {
  // push rbp; mov rsp, rbp; pop; ret; then, after a jump, the body again.
  const std::initializer_list<uint8_t> code = {0x41, 0x0e, 16, 0x86, 2,  // +1: CFA + 16, rbp at CFA - 16
                                               0x43, 0x0d, 6,            // +4: CFA by rbp
                                               0x0a, 0x02, 20, 0x0c, 7,
                                               8,    0xc6,             // +24: remembered; by rsp again, rbp restored
                                               0x03, 1,    0,  0x0b};  // +25: as remembered
  CHECK_EQ(RowOf(code, kCode).cfa_offset, 8);
  CHECK(RuleOf(RowOf(code, kCode), 6) == nullptr);
  CHECK_EQ(RowOf(code, kCode + 1).cfa_offset, 16);
  CHECK_EQ(RowOf(code, kCode + 3).cfa_register, 7);
  CHECK_EQ(RowOf(code, kCode + 4).cfa_register, 6);
  const CfiRow body = RowOf(code, kCode + 23);
  REQUIRE(RuleOf(body, 6) != nullptr);
  CHECK_EQ(RuleOf(body, 6)->offset, -16);
  const CfiRow end = RowOf(code, kCode + 24);
  CHECK_EQ(end.cfa_register, 7);
  CHECK_EQ(end.cfa_offset, 8);
  CHECK(RuleOf(end, 6) == nullptr);
  const CfiRow again = RowOf(code, kCode + 25);
  CHECK_EQ(again.cfa_register, 6);
  CHECK(RuleOf(again, 6) != nullptr);
}

TEST(CfiTable, KnowsAllKindsOfRules) {
  const CfiRow row =
      RowOf({0x07, 3,    0x08, 12, 0x09, 13, 14, 0x14, 15,   2, 0x15, 8,    0x7f, 0x11, 9,    0x7d, 0x05, 10,
             3,    0x2f, 11,   4,  0x10, 6,  1,  0x30, 0x16, 2, 1,    0x31, 0x2e, 16,   0x05, 40,   1},
            kCode);
  REQUIRE(row.has_information);
  const auto is = [&](unsigned number, CfiRule::Kind kind, int64_t offset) {
    const CfiRule* const rule = RuleOf(row, number);
    return rule != nullptr && rule->kind == kind && rule->offset == offset;
  };
  CHECK(is(3, CfiRule::Kind::kUndefined, 0));
  CHECK(is(12, CfiRule::Kind::kSameValue, 0));
  CHECK(is(13, CfiRule::Kind::kRegister, 14));
  CHECK(is(15, CfiRule::Kind::kValueOffset, -16));
  CHECK(is(8, CfiRule::Kind::kValueOffset, 8));
  CHECK(is(9, CfiRule::Kind::kOffset, 24));
  CHECK(is(10, CfiRule::Kind::kOffset, -24));
  CHECK(is(11, CfiRule::Kind::kOffset, 32));
  CHECK(is(6, CfiRule::Kind::kExpression, 0));
  CHECK(is(2, CfiRule::Kind::kValueExpression, 0));
}

TEST(CfiTable, RefusesInstructionsThatMakeNoSense) {
  CHECK(!RowOf({0x0b}, kCode).has_information);                    // restores what was not remembered
  CHECK(!RowOf({0x3e}, kCode).has_information);                    // unknown
  CHECK(!RowOf({0x0e}, kCode).has_information);                    // no operand
  CHECK(!RowOf({0x0f, 0}, kCode).has_information);                 // an empty expression
  CHECK(!RowOf({0x0f, 20, 1}, kCode).has_information);             // one that is longer than all
  CHECK(!RowOf({0x0d, 99}, kCode).has_information);                // CFA by a register that does not exist
  CHECK(!RowOf({0x0f, 1, 0x30, 0x0e, 8}, kCode).has_information);  // an offset to an expression
  // Before the instruction in question all is well.
  CHECK(RowOf({0x41, 0x3e}, kCode).has_information);
}

TEST(CfiTable, SearchesTheTableOrMakesOne) {
  CfiTable::Sections sections = SectionsWith({});
  const uint64_t entry = kEhFrame + Common().size();
  CHECK(CfiTable(sections).EntryAt(kCode + 50).has_value());
  sections.header_address = kHeader;
  sections.header = SearchHeader(entry);
  CHECK(CfiTable(sections).EntryAt(kCode + 50).has_value());
  CHECK(!CfiTable(sections).EntryAt(kCode + 100).has_value());
  // A table of another shape, or cut off, is not used.
  for (const auto& [at, value] : std::vector<std::pair<size_t, uint8_t>>{{0, 2}, {3, 0x3c}, {2, 0xff}}) {
    CfiTable::Sections other = sections;
    other.header[at] = std::byte(value);
    CHECK(CfiTable(other).EntryAt(kCode + 50).has_value());
  }
  sections.header.resize(sections.header.size() - 1);
  CHECK(CfiTable(sections).EntryAt(kCode + 50).has_value());
  // One that points elsewhere gives nothing.
  sections.header = SearchHeader(entry + 1);
  CHECK(!CfiTable(sections).EntryAt(kCode + 50).has_value());
}

TEST(CfiTable, FallsBackToDebugFrame) {
  Bytes common;
  common.Value(~uint32_t(0)).U8({4, 0, 8, 0, 1, 0x78, 16, 0x0c, 7, 8, 0x90, 1});
  Bytes body;
  body.Value(uint32_t(0)).Value(uint64_t(0x5000)).Value(uint64_t(16)).U8({0x44, 0x0e, 32});
  Bytes dropped;
  dropped.Value(uint32_t(0)).Value(uint64_t(0)).Value(uint64_t(16));
  CfiTable::Sections sections = SectionsWith({});
  sections.debug_frame = Bytes().Append(Entry(common)).Append(Entry(dropped)).Append(Entry(body)).get();
  const CfiTable table(sections);
  CHECK(table.RowAt(kCode).has_information);
  CHECK_EQ(table.RowAt(0x5003).cfa_offset, 8);
  CHECK_EQ(table.RowAt(0x500f).cfa_offset, 32);
  CHECK(!table.RowAt(0x5010).has_information);
  CHECK(!table.RowAt(8).has_information);
}

#endif

namespace {

CfiTable::Sections OwnSections() {
  CfiTable::Sections sections;
  const auto opened = ElfImage::FromFile(UniqueFd(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)));
  const auto* const image = std::get_if<ElfImage>(&opened);
  if (image == nullptr) return sections;
  const auto header = image->exception_header();
  const auto frames = image->FindSection(".eh_frame");
  if (!header || !frames) return sections;
  sections.header_address = header->address;
  sections.header = image->ReadThrough(header->address, header->size);
  sections.eh_frame_address = frames->address;
  sections.eh_frame = image->ReadThrough(frames->address, frames->size);
  return sections;
}

/// Asks for rows all over the code; what they say does not matter, only that there is an end, and no access out of bounds.
void LookEverywhere(const CfiTable& table, uint64_t from, uint64_t to, uint64_t step) {
  UnwindRegisters registers;
  for (unsigned number = 0; number < Architecture::kRegisterCount; ++number) registers.Set(number, 0x7000 + number * 8);
  const std::vector<std::byte> stack(4096);
  for (uint64_t address = from; address < to; address += step) {
    const CfiRow row = table.RowAt(address);
    if (!row.cfa_expression.empty()) EvaluateExpression(row.cfa_expression, registers, {0x7000, stack}, std::nullopt);
    for (const CfiRule& rule : row.rules) EvaluateExpression(rule.expression, registers, {0x7000, stack}, 0x7100);
  }
}

}  // namespace

// Run under the sanitizers, this is where an access out of bounds shows.
TEST(CfiTable, SurvivesDamagedSections) {
  const CfiTable::Sections whole = OwnSections();
  REQUIRE(whole.header.size() > 1000 && whole.eh_frame.size() > 10000);
  const uint64_t first = whole.header_address > (4 << 20) ? whole.header_address - (4 << 20) : 0;
  std::mt19937_64 random(20240229);
  // A part is enough for each try, and all of it takes its turn.
  for (int round = 0; round < 300; ++round) {
    CfiTable::Sections damaged;
    damaged.header_address = whole.header_address;
    damaged.eh_frame_address = whole.eh_frame_address;
    const size_t length = size_t(std::min<uint64_t>(whole.eh_frame.size(), 200 + random() % 4000));
    damaged.eh_frame.assign(whole.eh_frame.begin(), whole.eh_frame.begin() + ptrdiff_t(length));
    for (uint64_t changes = random() % 40; changes > 0; --changes)
      damaged.eh_frame[random() % length] = std::byte(random() % 256);
    if (round % 3 == 0) {
      damaged.header.assign(whole.header.begin(), whole.header.begin() + ptrdiff_t(random() % whole.header.size()));
      for (uint64_t changes = random() % 20; changes > 0 && !damaged.header.empty(); --changes) {
        damaged.header[random() % damaged.header.size()] = std::byte(random() % 256);
      }
    } else if (round % 3 == 1) {
      damaged.debug_frame = damaged.eh_frame;
    }
    const CfiTable table(damaged);
    LookEverywhere(table, first, whole.header_address, 4001 + random() % 5000);
  }
}

TEST(CfiTable, SurvivesRandomInstructions) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> common(random() % 20), instructions(random() % 60);
    for (auto* bytes : {&common, &instructions}) {
      for (std::byte& byte : *bytes) byte = std::byte(random() % 256);
    }
    CfiEntry entry;
    entry.start = kCode;
    entry.end = kCode + 1000;
    entry.common = {1 + random() % 4,
                    int64_t(random() % 16) - 8,
                    random() % 20,
                    uint8_t(random() % 4 == 0 ? random() % 256 : 0x1b),
                    true,
                    false,
                    common};
    entry.instructions = instructions;
    CfiRow row;
    if (RunCfiProgram(entry, kCode + random() % 1000, &row)) CHECK(row.rules.size() <= Architecture::kRegisterCount);
  }
}
