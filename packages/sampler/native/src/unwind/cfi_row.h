#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace austin {

/// How the caller's value of one register is found (DWARF 5 section 6.4.1).
struct CfiRule {
  enum class Kind : uint8_t {
    kUndefined,
    kSameValue,
    /// Saved at CFA + offset.
    kOffset,
    /// It is CFA + offset.
    kValueOffset,
    /// In the register whose number is `offset`.
    kRegister,
    /// Saved at the address that the expression gives.
    kExpression,
    /// It is what the expression gives.
    kValueExpression,
  };
  Kind kind = Kind::kUndefined;
  uint8_t register_number = 0;
  int64_t offset = 0;
  /// Points into the section.
  std::span<const std::byte> expression;
};

/// The rules for one instruction. Registers that are not mentioned follow the rules of the architecture's calls.
struct CfiRow {
  /// False where nothing is known; then the rest means nothing.
  bool has_information = false;
  /// The frame is one that a signal has made: its caller was interrupted, not called.
  bool is_signal_frame = false;
  /// The return address carries an authentication code (aarch64).
  bool is_return_address_signed = false;
  /// Register whose caller's value is the return address.
  uint8_t return_column = 0;
  /// The canonical frame address is this register + offset, or what the expression gives where there is one.
  uint8_t cfa_register = 0;
  int64_t cfa_offset = 0;
  std::span<const std::byte> cfa_expression;
  std::vector<CfiRule> rules;
};

}  // namespace austin
