#include "unwind/demangle.h"

#include <random>

#include "check.h"
#include "unwind/rust_names.h"

using namespace austin;

TEST(Demangle, LeavesPlainNames) {
  CHECK_EQ(Demangle("PyEval_EvalCode"), "PyEval_EvalCode");
  CHECK_EQ(Demangle("memcpy@@GLIBC_2.14"), "memcpy");
  CHECK_EQ(Demangle("_PyEval_EvalFrameDefault.cold"), "_PyEval_EvalFrameDefault.cold");
  CHECK_EQ(Demangle("_Zebra"), "_Zebra");
  CHECK_EQ(Demangle("_R"), "_R");
  CHECK_EQ(Demangle(""), "");
}

TEST(Demangle, ReadsCpp) {
  CHECK_EQ(Demangle("_ZNK6shapes6Square4AreaEi"), "shapes::Square::Area(int) const");
  CHECK_EQ(Demangle("_ZNSt6vectorIiSaIiEE9push_backEOi@@GLIBCXX_3.4"),
           "std::vector<int, std::allocator<int> >::push_back(int&&)");
  CHECK_EQ(Demangle("_ZL4Workv.part.0"), "Work() [clone .part.0]");
}

TEST(Demangle, ReadsRustOfBothManglings) {
  CHECK_EQ(Demangle("_ZN4core3ptr85drop_in_place$LT$std..rt..lang_start$LT$$LP$$RP$$GT$..$u7b$$u7b$closure$u7d$$u7d$$"
                    "GT$17h0123456789abcdefE"),
           "core::ptr::drop_in_place<std::rt::lang_start<()>::{{closure}}>");
  CHECK_EQ(
      Demangle("_ZN58_$LT$alloc..string..String$u20$as$u20$core..fmt..Write$GT$9write_str17hfedcba9876543210E.llvm.42"),
      "<alloc::string::String as core::fmt::Write>::write_str");
  // What is not a hash stays.
  CHECK_EQ(Demangle("_ZN3foo17hello_world_helloE"), "foo::hello_world_hello");
  CHECK_EQ(Demangle("_RNvCs15kBYyAo9fc_7mycrate7example"), "mycrate::example");
  CHECK_EQ(Demangle("_RNCNvC7mycrate4main0"), "mycrate::main::{closure#0}");
  CHECK_EQ(Demangle("_RNvMs_C7mycrateNtB4_3Foo3bar"), "<mycrate::Foo>::bar");
  CHECK_EQ(Demangle("_RNvXCs15kBYyAo9fc_7mycrateNtB2_3FooNtB2_5Trait3bar"), "<mycrate::Foo as mycrate::Trait>::bar");
  CHECK_EQ(Demangle("_RINvC7mycrate7genericlRShTxbEE"), "mycrate::generic::<i32, &[u8], (i64, bool)>");
  CHECK_EQ(Demangle("_RINvC7mycrate7genericAhj20_KbT1_E"), "_RINvC7mycrate7genericAhj20_KbT1_E");
  CHECK_EQ(Demangle("_RINvC7mycrate4callDINtC4core2FnTlEEp6OutputuNtBk_4SendEL_E"),
           "mycrate::call::<dyn core::Fn<(i32,), Output = ()> + core::Send>");
  CHECK_EQ(Demangle("_RINvC7mycrate7genericAhj20_Kb1_E"), "mycrate::generic::<[u8; 32], true>");
  CHECK_EQ(Demangle("_RINvC7mycrate4callFUKCPhEuE.llvm.7"), "mycrate::call::<unsafe extern \"C\" fn(*const u8)>");
}

TEST(Demangle, SurvivesDamagedNames) {
  const std::string whole = "_RINvXs_C7mycrateINtB4_3FooDNtB4_5Traitp4ItemlEL_ENtB2_5Trait3barKj7f_FGaKCRL0_hEuE";
  std::minstd_rand random(99);
  for (int round = 0; round < 20000; ++round) {
    std::string name = whole.substr(0, 2 + random() % whole.size());
    for (unsigned changes = random() % 4; changes > 0; --changes)
      name[random() % name.size()] = char('0' + random() % 75);
    CHECK(DemangleRustV0(name).size() <= 4096);
  }
  // A name that refers back to itself, again and again, and one that nests for ever.
  CHECK(DemangleRustV0("_RINvC1aTB6_B6_B6_B6_EE").size() <= 4096);
  CHECK_EQ(DemangleRustV0("_R" + std::string(100000, 'N')), "");
  CHECK_EQ(DemangleRustV0("_RIC1a" + std::string(100000, 'R') + "hE"), "");
}
