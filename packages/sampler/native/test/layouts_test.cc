#include "cpython/layouts.h"

#include <unistd.h>

#include <string>

#include "check.h"
#include "child_process.h"
#include "memory/process_memory_reader.h"
#include "memory/recorded_memory_reader.h"
#include "python_child.h"

using namespace austin;
using austin::check::PythonChild;

namespace {

ErrorCode CodeFor(uint32_t hex) {
  RecordedMemoryReader nothing;
  const Result<Layout> layout = LayoutFor(PythonVersion::FromHex(hex), false, nothing, 0x1000);
  CHECK(!layout);
  return layout ? ErrorCode::kOutputWrite : layout.error().code;
}

}  // namespace

TEST(Layouts, TablesNeedNoMemory) {
  RecordedMemoryReader nothing;
  for (uint32_t minor = 8; minor <= 12; ++minor) {
    const Result<Layout> layout = LayoutFor(PythonVersion::FromHex(0x030000F0 | minor << 16 | 99 << 8), false, nothing, 0);
    REQUIRE(layout.has_value());
    CHECK_EQ(layout->version.minor, minor);
    CHECK_EQ(layout->version.micro, 99);
    CHECK(!layout->free_threaded);
    CHECK_EQ(layout->code.qualname == kAbsent, minor < 11);
    CHECK_EQ(layout->frame_model, minor < 11 ? FrameModel::kHeapFrames : FrameModel::kCFrame);
    CHECK_EQ(layout->line_table_format, minor < 10    ? LineTableFormat::kLnotab
                                        : minor == 10 ? LineTableFormat::kPep626
                                                      : LineTableFormat::kLocations);
  }
}

TEST(Layouts, RefusesWhatItHasNoTableFor) {
  CHECK_EQ(CodeFor(0x030700F0), ErrorCode::kPythonUnsupported);
  CHECK_EQ(CodeFor(0x02071200), ErrorCode::kPythonUnsupported);
  CHECK_EQ(CodeFor(0x031000F0), ErrorCode::kPythonUnsupported);
  CHECK_EQ(CodeFor(0x040000F0), ErrorCode::kPythonUnsupported);
  CHECK_EQ(CodeFor(0x030C00C1), ErrorCode::kPythonUnsupported);
  CHECK_EQ(CodeFor(0x030D00F0), ErrorCode::kPythonLayout);
}

TEST(Layouts, FitLiveInterpreters) {
  const std::vector<std::string> pythons = check::TestPythons();
  if (pythons.empty()) SKIP("no interpreter in AUSTIN_TEST_PYTHONS or on PATH");
  for (const std::string& python : pythons) {
    PythonChild child(python,
                      "import threading\n"
                      "line(id(sys.modules), threading.get_ident(), threading.get_native_id(), id(int), id(5), id(threading),"
                      " id(threading.__dict__), id(sys._getframe().f_code))\n");
    REQUIRE(child.started());
    const auto words = child.Lines().at(0);
    const auto number = [&words](size_t at) { return std::stoull(words.at(at)); };
    ProcessMemoryReader memory(child.pid());
    const Result<Layout> layout = LayoutFor(child.version(), false, memory, child.runtime());
    if (!layout) FAIL_TEST(python + ": " + layout.error().message);
    REQUIRE(layout.has_value());
    const Layout& l = *layout;
    const auto at = [&memory](Address base, Offset offset) { return memory.ReadValue<Address>(base + Address(offset)).value_or(1); };
    const auto int_at = [&memory](Address base, Offset offset) {
      return memory.ReadValue<int32_t>(base + Address(offset)).value_or(-99);
    };

    const Address interpreter = at(child.runtime(), l.runtime.interpreters_head);
    CHECK_EQ(interpreter, child.interpreter());
    CHECK_EQ(at(child.runtime(), l.runtime.finalizing), 0u);
    CHECK_EQ(at(interpreter, l.interpreter.next), 0u);
    CHECK_EQ(at(interpreter, l.interpreter.id), 0u);
    CHECK_EQ(at(interpreter, l.interpreter.modules), number(0));
    if (l.interpreter.runtime != kAbsent) CHECK_EQ(at(interpreter, l.interpreter.runtime), child.runtime());
    const Address thread = at(interpreter, l.interpreter.threads_head);
    CHECK_EQ(at(thread, l.thread.interp), interpreter);
    CHECK_EQ(at(thread, l.thread.next), 0u);
    CHECK_EQ(at(thread, l.thread.thread_id), number(1));
    if (l.thread.native_thread_id != kAbsent) CHECK_EQ(at(thread, l.thread.native_thread_id), number(2));
    CHECK_EQ(l.runtime.gc_collecting != kAbsent ? int_at(child.runtime(), l.runtime.gc_collecting)
                                                : int_at(interpreter, l.interpreter.gc_collecting),
             0);

    // The one thread waits for input, so nobody holds the GIL, and it was the last to do so.
    const Address gil = l.runtime.gil_last_holder != kAbsent ? child.runtime() + Address(l.runtime.gil_last_holder)
                                                             : at(interpreter, l.interpreter.gil_pointer);
    for (int tries = 0; int_at(gil, l.gil.locked) != 0 && tries < 200; ++tries) usleep(10000);
    CHECK_EQ(at(gil, l.gil.last_holder), thread);
    CHECK_EQ(int_at(gil, l.gil.locked), 0);
    CHECK(at(gil, l.gil.switch_number) < 1000);
    if (l.thread.state != kAbsent) CHECK_EQ(int_at(thread, l.thread.state), 0);

    CHECK_EQ(at(number(4), l.object.type), number(3));
    CHECK_EQ(int_at(number(4), l.integer.digits), 5);
    CHECK_EQ(at(number(5), l.module.dict), number(6));

    Address top = at(thread, l.thread.top);
    if (l.frame_model == FrameModel::kCFrame) top = at(top, l.cframe.current_frame);
    const Address code = at(top, l.frame.code) & ~Address(l.tagged_references ? 3 : 0);
    CHECK_EQ(code, number(7));
    if (l.frame.owner != kAbsent) CHECK_EQ(int_at(top, l.frame.owner) & 0xFF, 0);
  }
}
