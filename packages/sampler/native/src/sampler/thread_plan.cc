#include "sampler/thread_plan.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "memory/joined_ranges.h"

namespace austin {

namespace {

// struct _stack_chunk (Include/internal/pycore_pystate.h, unchanged 3.11 to 3.15): previous, size, top, data[]. `size`
// counts the header; `top` counts words of data and is stored when the next chunk is pushed.
constexpr size_t kChunkHeader = 24;
constexpr size_t kWord = 8;

/// How much a stack may grow between two samples without a second attempt.
constexpr size_t kChunkMargin = 512;
/// A plan that copies this much more than is in use is made anew.
constexpr size_t kChunkSlack = 2048;

// Bounds on hostile memory: 64 MiB of stack, in chunks of 16 KiB or more.
constexpr size_t kMaxChunks = 4096;
constexpr size_t kMaxStackBytes = size_t{64} << 20;

/// A page costs little more than a frame in it, and a stack that comes and goes finds its place there again.
constexpr size_t kPage = 4096;
constexpr size_t kSparePages = 12;
constexpr size_t kMaxPages = 1024;
/// Pages read to learn where the frames are: as many as hold kMaxFrameDepth frames before 3.11, which lie several to a page.
constexpr size_t kMaxPagesRead = size_t{64} << 20 >> 12;
constexpr size_t kMaxCFramePages = 3;
/// Frames further out change too rarely to need it.
constexpr size_t kMaxPairedFrames = 24;

template <typename T>
void MoveToFront(std::vector<T>* items, T item, size_t limit) {
  auto at = std::find(items->begin(), items->end(), item);
  if (at == items->end()) {
    items->insert(items->begin(), item);
  } else {
    std::rotate(items->begin(), at, at + 1);
  }
  if (items->size() > limit) items->resize(limit);
}

/// Copies of single pages, for a walk among frames that lie many to a page.
class PageCopies {
 public:
  explicit PageCopies(MemoryReader& memory) : memory_(memory) {}

  /// A copy of `size` bytes at an address, valid until the next call; null when they cannot be read.
  const std::byte* Find(Address address, size_t size) {
    const size_t in_page = address % kPage;
    if (in_page + size > kPage) {
      across_.resize(size);
      return memory_.Read(address, across_.data(), size) ? across_.data() : nullptr;
    }
    if (pages_.size() == kMaxPagesRead) return nullptr;
    std::vector<std::byte>& page = pages_[address - in_page];
    if (page.empty()) {
      page.resize(kPage);
      if (!memory_.Read(address - in_page, page.data(), kPage)) page.clear();
    }
    return page.empty() ? nullptr : page.data() + in_page;
  }

 private:
  MemoryReader& memory_;
  std::unordered_map<Address, std::vector<std::byte>> pages_;
  std::vector<std::byte> across_;
};

/// Neighbouring pages as one range each, because a frame may lie across their border.
std::vector<RemoteRange> RunsOfPages(std::vector<Address> pages) {
  std::sort(pages.begin(), pages.end());
  std::vector<RemoteRange> runs;
  for (const Address page : pages) {
    if (!runs.empty() && runs.back().address + runs.back().length == page) {
      runs.back().length += kPage;
    } else {
      runs.push_back({page, kPage});
    }
  }
  return runs;
}

}  // namespace

std::optional<ThreadIdentity> ReadThreadIdentity(MemoryReader& memory, const Layout& layout, Address thread_state) {
  const auto& t = layout.thread;
  std::array<std::byte, 512> data;
  const size_t length = std::max({t.next, t.interp, t.thread_id, t.native_thread_id}) + kWord;
  if (length > data.size() || !memory.Read(thread_state, data.data(), length)) return std::nullopt;
  return ThreadIdentity{
      .next = FieldAt<Address>(data.data(), t.next),
      .interpreter = FieldAt<Address>(data.data(), t.interp),
      .thread_id = FieldAt<uint64_t>(data.data(), t.thread_id),
      .native_thread_id = t.native_thread_id != kAbsent ? FieldAt<uint64_t>(data.data(), t.native_thread_id) : 0,
  };
}

ThreadPlan::ThreadPlan(const Layout& layout, Address thread_state) : layout_(layout), thread_state_(thread_state) {
  const auto& t = layout.thread;
  Offset last = std::max({t.next, t.interp, t.top, t.thread_id, t.native_thread_id, t.base_frame});
  thread_state_length_ = last + kWord;
  if (t.datastack_chunk != kAbsent) {
    thread_state_length_ = std::max<size_t>(thread_state_length_, t.datastack_chunk + 3 * kWord);
  }
}

void ThreadPlan::ReadThreadState(const std::byte* data) {
  const auto& t = layout_.thread;
  interpreter_ = FieldAt<Address>(data, t.interp);
  thread_id_ = FieldAt<uint64_t>(data, t.thread_id);
  chunk_ = t.datastack_chunk != kAbsent ? FieldAt<Address>(data, t.datastack_chunk) : 0;
  chunk_top_ = t.datastack_chunk != kAbsent ? FieldAt<Address>(data, t.datastack_chunk + kWord) : 0;
  base_frame_ = t.base_frame != kAbsent ? FieldAt<Address>(data, t.base_frame) : 0;
  top_word_ = FieldAt<Address>(data, t.top);
}

bool ThreadPlan::Learn(MemoryReader& memory, const StackCopy* hint) {
  built_ = false;
  std::vector<std::byte> state(thread_state_length_);
  if (!memory.Read(thread_state_, state.data(), state.size())) return false;
  ReadThreadState(state.data());
  // A hint from another chunk does not hold the frames in question.
  if (hint != nullptr && chunk_ != (chunks_.empty() ? 0 : chunks_.front().address)) hint = nullptr;
  if (hint == nullptr && !LearnChunks(memory)) chunks_.clear();

  Address top = top_word_;
  if (layout_.frame_model == FrameModel::kCFrame) {
    for (const Address end : {Address{0}, Address{layout_.cframe.current_frame + kWord - 1u}}) {
      MoveToFront(&cframe_pages_, (top_word_ + end) & ~(kPage - 1), kMaxCFramePages);
    }
    top = memory.ReadValue<Address>(top_word_ + layout_.cframe.current_frame).value_or(0);
  }
  LearnFrames(memory, top, hint);
  return true;
}

bool ThreadPlan::LearnChunks(MemoryReader& memory) {
  chunks_.clear();
  size_t total = 0;
  for (Address address = chunk_; address != 0;) {
    Address header[3];
    if (chunks_.size() == kMaxChunks || !memory.Read(address, header, sizeof(header))) return false;
    const size_t size = header[1];
    if (size < kChunkHeader || size > kMaxStackBytes) return false;
    if (address == chunk_) {
      const size_t used = chunk_top_ > chunk_ && chunk_top_ - chunk_ <= size ? chunk_top_ - chunk_ : kChunkHeader;
      chunks_.push_back({address, std::min(size, used + kChunkMargin)});
      current_chunk_size_ = size;
    } else {
      const size_t used = header[2] <= size / kWord ? kChunkHeader + header[2] * kWord : size;
      chunks_.push_back({address, std::min(size, used)});
    }
    total += chunks_.back().length;
    if (total > kMaxStackBytes) return false;
    address = header[0];
  }
  return true;
}

/// Walks the chain, reading the page of each frame that neither the hint nor a chunk holds, to learn where those frames are.
void ThreadPlan::LearnFrames(MemoryReader& memory, Address top, const StackCopy* hint) {
  const size_t frame_size = layout_.frame.size;
  std::vector<Address> walked;
  PageCopies pages(memory);
  // Chunks are copied one at a time, when the walk enters them.
  std::vector<std::byte> chunk_copy;
  const Chunk* copied = nullptr;
  // A stack enters each of its chunks once; a forged one may lead to and fro between two.
  size_t bytes_copied = 0;
  const StackCopy nothing;
  CopySearch search(hint != nullptr ? *hint : nothing);

  Address frame = top;
  // Stale memory may link frames in a circle. The walk has gone round once it meets the frame of the last power of two.
  Address milestone = 0;
  for (size_t depth = 0; frame != 0 && frame != base_frame_ && depth < kMaxFrameDepth; ++depth) {
    if (frame == milestone) {
      walked.clear();
      break;
    }
    if ((depth & (depth + 1)) == 0) milestone = frame;
    const auto holds = [&](const Chunk& chunk) {
      return CopiedRange{chunk.address, chunk.length, nullptr, true}.Holds(frame, frame_size);
    };
    const auto chunk = std::find_if(chunks_.begin(), chunks_.end(), holds);
    const std::byte* data = nullptr;
    if (const CopiedRange* range = search.Find(frame, frame_size)) {
      data = range->At(frame);
    } else if (chunk != chunks_.end()) {
      if (copied != &*chunk) {
        bytes_copied += chunk->length;
        if (bytes_copied > kMaxStackBytes) break;
        chunk_copy.resize(chunk->length);
        if (!memory.Read(chunk->address, chunk_copy.data(), chunk->length)) break;
        copied = &*chunk;
      }
      data = chunk_copy.data() + (frame - chunk->address);
    } else {
      data = pages.Find(frame, frame_size);
      if (data == nullptr) break;
    }
    if (chunk == chunks_.end()) walked.push_back(frame);
    frame = FieldAt<Address>(data, layout_.frame.previous);
  }

  if (layout_.frame_model == FrameModel::kHeapFrames) {
    frames_ = std::move(walked);
  } else {
    const size_t limit = std::min(kSparePages + 2 * walked.size(), kMaxPages);
    for (size_t i = walked.size(); i-- > 0;) {
      for (const Address end : {walked[i], walked[i] + layout_.frame.size - 1}) {
        MoveToFront(&pages_, end & ~(kPage - 1), limit);
      }
    }
  }
}

void ThreadPlan::Forget() {
  ForgetFrames();
  // What was reserved is given back, too.
  chunks_ = {};
  frames_ = {};
  ranges_ = {};
  pieces_ = {};
}

void ThreadPlan::ForgetFrames() {
  frames_.clear();
  pages_.clear();
  cframe_pages_.clear();
  built_ = false;
}

size_t ThreadPlan::AppendRanges(std::vector<RemoteRange>* ranges) {
  if (!built_) Build();
  ranges->insert(ranges->end(), ranges_.begin(), ranges_.end());
  return bytes_;
}

void ThreadPlan::Add(Address address, size_t length) {
  ranges_.push_back({address, length});
  bytes_ += length;
}

void ThreadPlan::Build() {
  ranges_.clear();
  pieces_.clear();
  bytes_ = 0;
  if (layout_.frame_model == FrameModel::kHeapFrames) {
    BuildAroundHeapFrames();
  } else {
    BuildAroundChunks();
  }
  built_ = true;
}

void ThreadPlan::BuildAroundChunks() {
  for (const Chunk& chunk : chunks_) pieces_.push_back({chunk.address, chunk.length, 0, 0, true});
  for (const RemoteRange& run : RunsOfPages(pages_)) pieces_.push_back({run.address, run.length, 0, 0, false});
  const size_t inner = chunks_.empty() ? 0 : 1;
  const auto add_outer = AroundPieces(inner);
  const auto add_inner = [&](size_t Piece::*offset) {
    if (inner == 0) return;
    pieces_[0].*offset = bytes_;
    Add(pieces_[0].address, pieces_[0].length);
  };
  cframes_ = JoinedRanges(RunsOfPages(cframe_pages_));
  const auto add_ends = [&] { Add(thread_state_ + layout_.thread.datastack_chunk, 2 * kWord); };

  add_outer(&Piece::first_offset);
  thread_state_offset_ = bytes_;
  Add(thread_state_, thread_state_length_);
  first_tops_ = bytes_;
  if (layout_.frame_model == FrameModel::kCFrame) {
    for (const RemoteRange& range : cframes_.ranges()) Add(range.address, range.length);
    add_ends();
  }
  add_inner(&Piece::first_offset);
  add_inner(&Piece::second_offset);
  second_tops_ = bytes_;
  add_ends();
  add_outer(&Piece::second_offset);
}

/// Joins the pieces from `begin` on, which are read before and after all others. Returns what adds them.
std::function<void(size_t ThreadPlan::Piece::*)> ThreadPlan::AroundPieces(size_t begin) {
  std::vector<RemoteRange> wanted;
  for (size_t i = begin; i < pieces_.size(); ++i) wanted.push_back({pieces_[i].address, pieces_[i].length});
  return [this, begin, outer = JoinedRanges(wanted)](size_t Piece::*offset) {
    for (size_t i = begin; i < pieces_.size(); ++i) pieces_[i].*offset = bytes_ + outer.offset_of(i - begin);
    for (const RemoteRange& range : outer.ranges()) Add(range.address, range.length);
  };
}

void ThreadPlan::BuildAroundHeapFrames() {
  const auto frame_size = static_cast<size_t>(layout_.frame.size);
  for (Address frame : frames_) pieces_.push_back({frame, frame_size, 0, 0, false});
  paired_frames_ = std::min(frames_.size(), kMaxPairedFrames);
  const auto add_outer = AroundPieces(paired_frames_);
  const auto add_frame = [&](size_t index, size_t Piece::*offset) {
    pieces_[index].*offset = bytes_;
    Add(pieces_[index].address, frame_size);
  };
  const auto add_top = [&] {
    second_tops_ = bytes_;
    Add(thread_state_ + layout_.thread.top, kWord);
  };

  thread_state_offset_ = bytes_;
  Add(thread_state_, thread_state_length_);
  first_tops_ = bytes_;
  add_outer(&Piece::first_offset);
  for (size_t i = 0; i < paired_frames_; ++i) {
    add_frame(i, &Piece::first_offset);
    if (i == 1) add_top();
    if (i > 0) add_frame(i - 1, &Piece::second_offset);
  }
  if (paired_frames_ < 2) add_top();
  if (paired_frames_ > 0) add_frame(paired_frames_ - 1, &Piece::second_offset);
  add_outer(&Piece::second_offset);
}

bool ThreadPlan::IsSandwiched(const std::vector<WalkedFrame>& walk) const {
  if (layout_.frame_model != FrameModel::kHeapFrames || walk.empty()) return true;
  // The stack may have lost its innermost frames since the plan was made; what is left is still in order.
  const auto innermost = std::find(frames_.begin(), frames_.end(), walk.front().frame);
  const size_t skipped = innermost - frames_.begin();
  if (frames_.size() - skipped != walk.size()) return false;
  for (size_t i = 0; i < walk.size() && skipped + i < paired_frames_; ++i) {
    if (walk[i].frame != frames_[skipped + i]) return false;
  }
  return true;
}

/// The innermost frame at the time of the first copy, or nothing when the stack is anchored at a cframe that was not read.
std::optional<Address> ThreadPlan::TopFrame(const std::byte* cframes) const {
  if (layout_.frame_model != FrameModel::kCFrame) return top_word_;
  const Address wanted = top_word_ + layout_.cframe.current_frame;
  for (const RemoteRange& range : cframes_.ranges()) {
    const CopiedRange copied{range.address, range.length, cframes, false};
    if (copied.Holds(wanted, kWord)) return FieldAt<Address>(copied.At(wanted), 0);
    cframes += range.length;
  }
  return std::nullopt;
}

/// The end of the data stack, from a copy of the chunk's address and the end. 0 when it lies in another chunk: one has just been
/// pushed or popped, and says nothing of the frames in this one.
Address ThreadPlan::DataStackTop(const std::byte* chunk_and_top) const {
  return FieldAt<Address>(chunk_and_top, 0) == chunk_ ? FieldAt<Address>(chunk_and_top, kWord) : 0;
}

ThreadPlan::Fit ThreadPlan::Interpret(const std::byte* bytes, StackCopy* first, StackCopy* second) {
  ReadThreadState(bytes + thread_state_offset_);
  if (chunk_ != (chunks_.empty() ? 0 : chunks_.front().address)) return Fit::kMoved;
  if (chunk_ != 0) {
    if (chunk_top_ < chunk_ + kChunkHeader || chunk_top_ - chunk_ > current_chunk_size_) return Fit::kMoved;
    const size_t used = chunk_top_ - chunk_;
    if (used > chunks_.front().length) {
      PlanCurrentChunk(used);
      return Fit::kGrown;
    }
  }
  const bool on_heap = layout_.frame_model == FrameModel::kHeapFrames;
  const auto top = TopFrame(bytes + first_tops_);
  if (!top) return Fit::kMoved;

  for (const bool is_second : {false, true}) {
    StackCopy& copy = is_second ? *second : *first;
    copy.top = on_heap && is_second ? FieldAt<Address>(bytes, second_tops_) : *top;
    copy.data_stack_top = chunk_top_;
    if (is_second && !on_heap) {
      copy.data_stack_top = DataStackTop(bytes + second_tops_);
    } else if (layout_.frame_model == FrameModel::kCFrame) {
      copy.data_stack_top = DataStackTop(bytes + first_tops_ + cframes_.bytes());
    }
    copy.base_frame = base_frame_;
    copy.ranges.clear();
    for (const Piece& piece : pieces_) {
      const size_t offset = is_second ? piece.second_offset : piece.first_offset;
      copy.ranges.push_back({piece.address, piece.length, bytes + offset, piece.is_chunk});
    }
  }
  if (chunk_ != 0 && chunks_.front().length > chunk_top_ - chunk_ + kChunkSlack) PlanCurrentChunk(chunk_top_ - chunk_);
  return Fit::kFits;
}

/// Fits the plan to a current chunk of which `used` bytes are in use. Copies already interpreted stay valid.
void ThreadPlan::PlanCurrentChunk(size_t used) {
  chunks_.front().length = std::min(current_chunk_size_, used + kChunkMargin);
  built_ = false;
}

}  // namespace austin
