#include "sampler/thread_plan.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "memory/joined_ranges.h"

namespace austin {

namespace {

// struct _stack_chunk (Include/internal/pycore_pystate.h, unchanged 3.11 to 3.15): previous, size, top, data[]. `size`
// counts the header; `top` counts words of data and is stored when the next chunk is pushed.
constexpr size_t kChunkHeader = 24;
/// One word behind the header of a root chunk stays unused.
constexpr size_t kRootChunkHeader = 32;
constexpr size_t kWord = 8;

/// How much a stack may grow between two samples without a second attempt, at least; the copy goes on to the end of the page.
constexpr size_t kChunkMargin = 1024;
/// A plan that copies this much more than is in use is made anew.
constexpr size_t kChunkSlack = 12288;

// Bounds on hostile memory: 64 MiB of stack, in chunks of 16 KiB or more.
constexpr size_t kMaxChunks = 4096;
constexpr size_t kMaxStackBytes = size_t{64} << 20;

/// A page costs little more than a frame in it, and a stack that comes and goes finds its place there again.
constexpr size_t kPage = 4096;
constexpr size_t kSparePages = 12;
constexpr size_t kMaxPages = 1024;
/// Pages read to learn where the frames are: as many as hold kMaxFrameDepth frames before 3.11, which lie several to a page.
constexpr size_t kMaxPagesRead = size_t{64} << 20 >> 12;
/// Where cframes lie on the C stack, which goes on being written while it is copied: not more than needed.
constexpr size_t kCFrameBlock = 512;
constexpr size_t kMaxCFrameBlocks = 24;
/// The part of a frame on the heap that is read; some 130 bytes.
constexpr size_t kMaxHeapFrame = 256;
/// A thread state of 3.11 and 3.12 takes some 360 bytes.
constexpr size_t kMaxThreadState = 1024;
/// Pages in which nothing has been found in as many copies are given up.
constexpr int kCopiesBetweenLooks = 256;
/// How often a stack of frames on the heap is looked for at once.
constexpr int kLearnAttempts = 4;
/// A stack that has more new frames is looked for in pages, which takes as long as reading so many frames one by one.
constexpr size_t kMaxNewFrames = 8;
/// Frames further out change too rarely to need it.
constexpr size_t kMaxPairedFrames = 24;

/// FRAME_OWNED_BY_GENERATOR (Include/internal/pycore_frame.h, 3.11 to 3.15).
constexpr uint8_t kOwnedByGenerator = 1;
/// This and above: frames of the interpreter itself (shims), 3.12 to 3.15.
constexpr uint8_t kFirstShimOwner = 3;

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

/// How much of a chunk to copy of which `used` bytes are in use.
size_t CopyLength(Address chunk, size_t used, size_t size) {
  const Address end = (chunk + used + kChunkMargin + kPage - 1) & ~(kPage - 1);
  return std::min(size, static_cast<size_t>(end - chunk));
}

}  // namespace

/// Copies of single pages, for a walk among frames that lie many to a page.
class PageCopies {
 public:
  explicit PageCopies(MemoryReader& memory) : memory_(memory) {}

  /// Adds a page that has been read already.
  void Put(Address page, const std::byte* data) { pages_[page].assign(data, data + kPage); }

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

namespace {

/// Neighbouring blocks as one range each, because a frame may lie across their border.
std::vector<RemoteRange> RunsOfBlocks(std::vector<Address> blocks, size_t size) {
  std::sort(blocks.begin(), blocks.end());
  std::vector<RemoteRange> runs;
  for (const Address block : blocks) {
    if (!runs.empty() && runs.back().address + runs.back().length == block) {
      runs.back().length += size;
    } else {
      runs.push_back({block, size});
    }
  }
  return runs;
}

std::vector<RemoteRange> RunsOfPages(std::vector<Address> pages) { return RunsOfBlocks(std::move(pages), kPage); }

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
  Offset last = std::max({t.next, t.previous, t.interp, t.top, t.thread_id, t.native_thread_id, t.base_frame});
  thread_state_length_ = last + kWord;
  if (t.datastack_chunk != kAbsent) {
    thread_state_length_ = std::max<size_t>(thread_state_length_, t.datastack_chunk + 3 * kWord);
  }
}

void ThreadPlan::ReadThreadState(const std::byte* data) {
  const auto& t = layout_.thread;
  previous_ = FieldAt<Address>(data, t.previous);
  interpreter_ = FieldAt<Address>(data, t.interp);
  thread_id_ = FieldAt<uint64_t>(data, t.thread_id);
  native_thread_id_ = t.native_thread_id != kAbsent ? FieldAt<uint64_t>(data, t.native_thread_id) : 0;
  chunk_ = t.datastack_chunk != kAbsent ? FieldAt<Address>(data, t.datastack_chunk) : 0;
  chunk_top_ = t.datastack_chunk != kAbsent ? FieldAt<Address>(data, t.datastack_chunk + kWord) : 0;
  base_frame_ = t.base_frame != kAbsent ? FieldAt<Address>(data, t.base_frame) : 0;
  top_word_ = FieldAt<Address>(data, t.top);
}

bool ThreadPlan::Learn(MemoryReader& memory, const StackCopy* hint) {
  built_ = false;
  is_learnt_ = true;
  // A generator that is suspended while its stack is read leads nowhere; a moment later the stack is another.
  for (int attempt = 0; attempt < kLearnAttempts; ++attempt) {
    PageCopies pages(memory);
    if (!ReadStateAndPages(memory, &pages)) return false;
    // A hint from another chunk does not hold the frames in question.
    if (hint != nullptr && chunk_ != (chunks_.empty() ? 0 : chunks_.front().address)) hint = nullptr;
    if (hint == nullptr && !LearnChunks(memory)) chunks_.clear();

    Address top = top_word_;
    if (layout_.frame_model == FrameModel::kCFrame) {
      for (const Address end : {Address{0}, Address{layout_.cframe.current_frame + kWord - 1u}}) {
        MoveToFront(&cframe_blocks_, (top_word_ + end) & ~(kCFrameBlock - 1), kMaxCFrameBlocks);
      }
      top = memory.ReadValue<Address>(top_word_ + layout_.cframe.current_frame).value_or(0);
    }
    LearnFrames(memory, top, hint, &pages);
    if (layout_.frame_model != FrameModel::kHeapFrames || !frames_.empty() || top == 0) break;
  }
  return true;
}

bool ThreadPlan::LearnFrom(MemoryReader& memory, const std::vector<WalkedFrame>& outer) {
  const auto top = memory.ReadValue<Address>(thread_state_ + layout_.thread.top);
  std::array<std::byte, kMaxHeapFrame> data;
  const auto size = static_cast<size_t>(layout_.frame.size);
  if (!top || size > data.size()) return false;
  std::vector<Address> found;
  Address frame = *top;
  for (size_t depth = 0; depth < kMaxNewFrames; ++depth) {
    const auto known = std::find_if(outer.begin(), outer.end(), [&](const WalkedFrame& each) { return each.frame == frame; });
    if (known != outer.end()) {
      for (auto each = known; each != outer.end(); ++each) found.push_back(each->frame);
      frames_ = std::move(found);
      built_ = false;
      is_learnt_ = true;
      return true;
    }
    if (frame == 0 || !memory.Read(frame, data.data(), size)) return false;
    if (IsRunningHeapFrame(layout_, data.data())) {
      found.push_back(frame);
    } else {
      // With it went all it had called.
      found.clear();
    }
    frame = FieldAt<Address>(data.data(), layout_.frame.previous);
  }
  return false;
}

/// Reads the thread state and, where all frames are objects of their own, the pages they were found in lately: all in one call,
/// because such a stack does not wait while it is looked for.
bool ThreadPlan::ReadStateAndPages(MemoryReader& memory, PageCopies* pages) {
  std::vector<RemoteRange> ranges = {{thread_state_, thread_state_length_}};
  if (layout_.frame_model == FrameModel::kHeapFrames) {
    for (const RemoteRange& run : RunsOfPages(pages_)) ranges.push_back(run);
  }
  size_t total = 0;
  for (const RemoteRange& range : ranges) total += range.length;
  std::vector<std::byte> bytes(total);
  const ReadOutcome outcome = memory.ReadRanges(ranges, bytes.data());
  if (outcome.bytes < thread_state_length_) return false;
  ReadThreadState(bytes.data());
  if (outcome.bytes < total) {
    pages_.clear();
    return true;
  }
  size_t offset = thread_state_length_;
  for (size_t i = 1; i < ranges.size(); ++i) {
    for (Address page = ranges[i].address; page < ranges[i].address + ranges[i].length; page += kPage) {
      pages->Put(page, bytes.data() + offset);
      offset += kPage;
    }
  }
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
      chunks_.push_back({address, CopyLength(address, used, size)});
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
void ThreadPlan::LearnFrames(MemoryReader& memory, Address top, const StackCopy* hint, PageCopies* pages) {
  const size_t frame_size = layout_.frame.size;
  std::vector<Address> walked;
  std::vector<bool> moves;
  // Chunks are copied one at a time, when the walk enters them.
  std::vector<std::byte> chunk_copy;
  const Chunk* copied = nullptr;
  // A stack enters each of its chunks once; a forged one may lead to and fro between two.
  size_t bytes_copied = 0;
  // The frames beyond the first one of the data stack.
  const Address first_frame = chunks_.empty() ? 0 : chunks_.back().address + kRootChunkHeader;
  std::optional<size_t> beyond;
  Address bottom = 0;
  bool has_only_shims = true;
  const StackCopy nothing;
  CopySearch search(hint != nullptr ? *hint : nothing);

  Address frame = top;
  // Stale memory may link frames in a circle. The walk has gone round once it meets the frame of the last power of two.
  Address milestone = 0;
  for (size_t depth = 0; frame != 0 && frame != base_frame_ && depth < kMaxFrameDepth; ++depth) {
    if (frame == milestone) {
      walked.clear();
      moves.clear();
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
      data = pages->Find(frame, frame_size);
      if (data == nullptr) break;
    }
    if (layout_.frame_model == FrameModel::kHeapFrames && !IsRunningHeapFrame(layout_, data)) {
      // With it went all it had called.
      walked.clear();
      moves.clear();
    } else if (chunk == chunks_.end()) {
      walked.push_back(frame);
      moves.push_back(layout_.frame.owner != kAbsent && FieldAt<uint8_t>(data, layout_.frame.owner) == kOwnedByGenerator);
    }
    if (beyond && FieldAt<uint8_t>(data, layout_.frame.owner) < kFirstShimOwner) has_only_shims = false;
    const Address link = FieldAt<Address>(data, layout_.frame.previous);
    if (frame == first_frame && chunk != chunks_.end()) {
      beyond = walked.size();
      bottom = link;
    }
    frame = link;
  }
  // A walk that has lost its way says nothing of it.
  if (beyond && (frame == 0 || frame == base_frame_)) bottom_ = has_only_shims ? bottom : 0;
  if (beyond && bottom == bottom_) {
    walked.resize(*beyond);
    moves.resize(*beyond);
  }

  const size_t limit = std::min(kSparePages + 2 * walked.size(), kMaxPages);
  for (size_t i = walked.size(); i-- > 0;) {
    for (const Address end : {walked[i], walked[i] + layout_.frame.size - 1}) {
      NotePage(end & ~(kPage - 1), moves[i], limit);
    }
  }
  if (layout_.frame_model == FrameModel::kHeapFrames) frames_ = std::move(walked);
}

void ThreadPlan::NotePage(Address page, bool moving, size_t limit) {
  MoveToFront(&pages_, page, limit);
  if (moving && !IsMoving(page)) moving_pages_.push_back(page);
  std::erase_if(moving_pages_, [this](Address known) {
    return std::find(pages_.begin(), pages_.end(), known) == pages_.end();
  });
}

bool ThreadPlan::IsMoving(Address page) const {
  return std::find(moving_pages_.begin(), moving_pages_.end(), page) != moving_pages_.end();
}

void ThreadPlan::Forget() {
  ForgetFrames();
  // What was reserved is given back, too.
  chunks_ = {};
  frames_ = {};
  ranges_ = {};
  pieces_ = {};
}

void ThreadPlan::NoteUse(const StackCopy& copy) {
  if (layout_.frame_model == FrameModel::kHeapFrames) return;
  for (size_t i = 0; i < pieces_.size() && i < copy.ranges.size(); ++i) {
    if (copy.ranges[i].is_used) pieces_[i].is_used = true;
  }
  if (layout_.frame_model == FrameModel::kCFrame) {
    for (const Address end : {Address{0}, Address{layout_.cframe.current_frame + kWord - 1u}}) {
      MoveToFront(&used_cframe_blocks_, (top_word_ + end) & ~(kCFrameBlock - 1), kMaxCFrameBlocks);
    }
  }
  if (++copies_ >= kCopiesBetweenLooks) DropUnusedPages();
}

void ThreadPlan::DropUnusedPages() {
  copies_ = 0;
  for (Piece& piece : pieces_) {
    if (!piece.is_used && !piece.is_chunk) {
      const auto is_in_piece = [&piece](Address page) { return page >= piece.address && page - piece.address < piece.length; };
      if (std::erase_if(pages_, is_in_piece) != 0) built_ = false;
      std::erase_if(moving_pages_, is_in_piece);
    }
    piece.is_used = false;
  }
  const auto is_unused = [this](Address block) {
    return std::find(used_cframe_blocks_.begin(), used_cframe_blocks_.end(), block) == used_cframe_blocks_.end();
  };
  if (std::erase_if(cframe_blocks_, is_unused) != 0) built_ = false;
  used_cframe_blocks_.clear();
}

void ThreadPlan::ForgetFrames() {
  frames_.clear();
  pages_.clear();
  moving_pages_.clear();
  cframe_blocks_.clear();
  built_ = false;
}

size_t ThreadPlan::AppendRanges(std::vector<RemoteRange>* ranges) {
  if (!built_) Build();
  is_fresh_ = std::exchange(is_learnt_, false);
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
  copies_ = 0;
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
  std::vector<Address> resting;
  std::vector<Address> moving;
  for (const Address page : pages_) (IsMoving(page) ? moving : resting).push_back(page);
  for (const RemoteRange& run : RunsOfPages(resting)) pieces_.push_back({run.address, run.length, 0, 0, false});
  const size_t inner = std::min<size_t>(chunks_.size(), 1);
  const size_t first_moving = pieces_.size();
  for (const RemoteRange& run : RunsOfPages(moving)) pieces_.push_back({run.address, run.length, 0, 0, false});

  const auto add_chunk = JoinPieces(0, inner);
  const auto add_resting = JoinPieces(inner, first_moving);
  const auto add_moving = JoinPieces(first_moving, pieces_.size());
  cframes_ = JoinedRanges(RunsOfBlocks(cframe_blocks_, kCFrameBlock));
  const auto& t = layout_.thread;
  const auto add_cframes = [&] {
    if (layout_.frame_model != FrameModel::kCFrame) return;
    for (const RemoteRange& range : cframes_.ranges()) Add(range.address, range.length);
  };
  const auto add_tops = [&] {
    add_cframes();
    // The word that leads to the innermost frame, and the end of the data stack.
    Add(thread_state_ + t.top, t.datastack_chunk + 2 * kWord - t.top);
  };

  add_resting(&Piece::first_offset);
  thread_state_offset_ = bytes_;
  Add(thread_state_, thread_state_length_);
  first_tops_ = bytes_;
  if (layout_.frame_model == FrameModel::kCFrame) add_cframes();
  add_moving(&Piece::first_offset);
  add_chunk(&Piece::first_offset);
  add_chunk(&Piece::second_offset);
  second_tops_ = bytes_;
  add_tops();
  add_moving(&Piece::second_offset);
  add_resting(&Piece::second_offset);
}

/// Joins some of the pieces. Returns what adds them to the read.
std::function<void(size_t ThreadPlan::Piece::*)> ThreadPlan::JoinPieces(size_t begin, size_t end) {
  std::vector<RemoteRange> wanted;
  for (size_t i = begin; i < end; ++i) wanted.push_back({pieces_[i].address, pieces_[i].length});
  return [this, begin, end, joined = JoinedRanges(wanted)](size_t Piece::*offset) {
    for (size_t i = begin; i < end; ++i) pieces_[i].*offset = bytes_ + joined.offset_of(i - begin);
    for (const RemoteRange& range : joined.ranges()) Add(range.address, range.length);
  };
}

void ThreadPlan::BuildAroundHeapFrames() {
  const auto frame_size = static_cast<size_t>(layout_.frame.size);
  for (Address frame : frames_) pieces_.push_back({frame, frame_size, 0, 0, false});
  paired_frames_ = std::min(frames_.size(), kMaxPairedFrames);
  const auto add_outer = JoinPieces(paired_frames_, pieces_.size());
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

/// The innermost frame, or nothing when the stack is anchored at a cframe that was not read, or in which there is no frame yet.
std::optional<Address> ThreadPlan::TopFrame(Address top_word, const std::byte* cframes) const {
  if (layout_.frame_model != FrameModel::kCFrame) return top_word;
  const Address wanted = top_word + layout_.cframe.current_frame;
  for (const RemoteRange& range : cframes_.ranges()) {
    const CopiedRange copied{range.address, range.length, cframes, false};
    if (copied.Holds(wanted, kWord)) {
      const auto top = FieldAt<Address>(copied.At(wanted), 0);
      // A cframe on the C stack is anchored before it is given its frame; a thread without frames has the one in its state.
      const bool is_own = top_word - thread_state_ < kMaxThreadState;
      return top != 0 || is_own ? std::optional(top) : std::nullopt;
    }
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
  const bool has_cframes = layout_.frame_model == FrameModel::kCFrame;
  const auto top = TopFrame(top_word_, bytes + first_tops_);
  if (!top) return Fit::kMoved;

  for (const bool is_second : {false, true}) {
    StackCopy& copy = is_second ? *second : *first;
    copy.top = *top;
    copy.data_stack_top = chunk_top_;
    if (on_heap) {
      if (is_second) copy.top = FieldAt<Address>(bytes, second_tops_);
    } else if (is_second) {
      const std::byte* cframes = bytes + second_tops_;
      const std::byte* tops = cframes + (has_cframes ? cframes_.bytes() : 0);
      copy.top = TopFrame(FieldAt<Address>(tops, 0), cframes).value_or(*top);
      copy.data_stack_top = DataStackTop(tops + layout_.thread.datastack_chunk - layout_.thread.top);
    }
    copy.base_frame = base_frame_;
    copy.bottom = bottom_;
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
  chunks_.front().length = CopyLength(chunk_, used, current_chunk_size_);
  built_ = false;
}

}  // namespace austin
