import CHeadrace

/// The scratch memory of a depthwise convolution: a row of zero points that padding reads, and the spans
/// of some outputs (see kernels_depthwise.h).
struct DepthwiseSpans {
  let rows: WindowAxis
  let columns: WindowAxis
  /// The input, of the picture at hand.
  var x: UnsafeRawPointer
  let channels: Int
  let elementBytes: Int
  private let zeros: UnsafeRawPointer
  let spans: UnsafeMutablePointer<hr_span>
  let pointers: UnsafeMutablePointer<UnsafeRawPointer?>
  let steps: UnsafeMutablePointer<UInt32>
  /// What is listed, and for which input.
  private var listed = (first: -1, end: 0, spans: 0, outputs: 0)
  private var listedStart: UnsafeRawPointer

  /// The same on every CPU, so that a file's scratch_bytes is right for all.
  private static var pointerBytes: Int { 8 }
  private static var spanBytes: Int { Int(HR_SPANS) * MemoryLayout<hr_span>.stride }

  static func scratchBytes(taps: Int, zeroBytes: Int) -> Int {
    let listed = Int(HR_SPANS) * taps
    return aligned(zeroBytes) + aligned(spanBytes) + aligned(listed * pointerBytes)
      + aligned(listed * 4)
  }

  private var rowBytes: Int { columns.input &* channels &* elementBytes }

  /// Lays out scratch memory and fills the row of zero points.
  init(_ rows: WindowAxis, _ columns: WindowAxis, _ x: hrm_tensor, _ memory: SessionMemory) {
    self.rows = rows
    self.columns = columns
    channels = x.channels
    elementBytes = x.elementBytes
    let zeroBytes = channels &* elementBytes
    let mostTaps = Int(HR_SPANS) &* rows.kernel &* columns.kernel
    memory.scratch.initializeMemory(
      as: UInt8.self, repeating: UInt8(truncatingIfNeeded: x.zero_point),
      count: Self.aligned(zeroBytes))
    zeros = UnsafeRawPointer(memory.scratch)
    self.x = zeros
    listedStart = zeros
    let first = memory.scratch + Self.aligned(zeroBytes)
    let second = first + Self.aligned(Self.spanBytes)
    let third = second + Self.aligned(mostTaps &* Self.pointerBytes)
    spans = first.assumingMemoryBound(to: hr_span.self)
    pointers = second.assumingMemoryBound(to: UnsafeRawPointer?.self)
    steps = third.assumingMemoryBound(to: UInt32.self)
  }

  /// Lists outputs of row `row` from column `first` on, at most up to `end`, in as many spans as there is
  /// room for. Returns how many spans, and how many outputs they are.
  mutating func list(row: Int, first: Int, end: Int) -> (spans: Int, outputs: Int) {
    let start = x + (row &* rows.stride &- rows.padBefore) &* rowBytes
    let isInside = rows.isInside(outputs: row..<row &+ 1)
    if isInside && first == listed.first && end == listed.end {
      move(by: start - listedStart)
    } else {
      listAnew(row: row, first: first, end: end)
      if !isInside { listed.first = -1 }
    }
    listedStart = start
    return (listed.spans, listed.outputs)
  }

  /// From a row whose taps are all inside to another: only what is not padding moves, and all by the same.
  private func move(by bytes: Int) {
    for index in 0..<listed.spans &* rows.kernel &* columns.kernel {
      let pointer = pointers[index].unsafelyUnwrapped
      if pointer != zeros { pointers[index] = pointer + bytes }
    }
  }

  private mutating func listAnew(row: Int, first: Int, end: Int) {
    var column = first
    var count = 0
    while column < end && count < Int(HR_SPANS) {
      let next = min(columns.nextBorder(after: column), end)
      spans[count] = hr_span(
        pixels: UInt32(truncatingIfNeeded: next &- column),
        is_inside: columns.isInside(outputs: column..<column &+ 1) ? 1 : 0)
      setTaps(span: count, row: row, column: column)
      column = next
      count &+= 1
    }
    listed = (first, end, count, column &- first)
  }

  private func setTaps(span: Int, row: Int, column: Int) {
    let first = span &* rows.kernel &* columns.kernel
    let step = UInt32(truncatingIfNeeded: columns.stride &* channels)
    let pixelBytes = channels &* elementBytes
    let firstRow = row &* rows.stride &- rows.padBefore
    for columnTap in 0..<columns.kernel {
      let inputColumn = columns.tapInput(output: column, tap: columnTap)
      // Counted as if all rows were inside; used only where one is.
      var offset = firstRow &* rowBytes &+ (inputColumn ?? 0) &* pixelBytes
      var (inputRow, index) = (firstRow, first &+ columnTap)
      for _ in 0..<rows.kernel {
        let isInside = inputColumn != nil && inputRow >= 0 && inputRow < rows.input
        pointers[index] = isInside ? x + offset : zeros
        steps[index] = isInside ? step : 0
        inputRow &+= rows.dilation
        offset &+= rows.dilation &* rowBytes
        index &+= columns.kernel
      }
    }
  }

  private static func aligned(_ bytes: Int) -> Int { (bytes + 63) & ~63 }
}

extension WindowAxis {
  /// The first output behind `output` of which another set of taps lies inside the input, or `self.output`
  /// or more if there is none.
  fileprivate func nextBorder(after output: Int) -> Int {
    var next = self.output
    for tap in 0..<kernel {
      // The tap enters at the first output that reads at or behind 0, and leaves at the first at or
      // behind `input`.
      let offset = tap &* dilation &- padBefore
      next = min(
        next, crossing(0 &- offset, after: output), crossing(input &- offset, after: output))
    }
    return next
  }

  /// The first output whose window begins at or behind `position`, if it is behind `output`.
  private func crossing(_ position: Int, after output: Int) -> Int {
    guard position > 0 else { return self.output }
    let crossing = stride == 1 ? position : (position &+ stride &- 1) / stride
    return crossing > output ? crossing : self.output
  }
}
