import CHeadrace

/// How the inputs of a convolution or dense layer reach its kernel: a strip of output pixels at a time,
/// through pointers to where each pixel's taps lie (an indirection buffer, as XNNPACK's). Taps in the
/// padding point to a row of zero points. Where a tap has few channels, or a number of them that
/// kernels cannot take, the inputs of a pixel are gathered into scratch memory first.
///
/// It follows from shapes alone, so that a file's scratch_bytes is right for every CPU.
struct StripLayout {
  let taps: Int
  /// Input channels of a group.
  let channels: Int
  let elementBytes: Int
  let gathers: Bool
  /// Rows of the kernel that are listed where they lie and not gathered, each as a run; 0: none.
  #if arch(x86_64)
  private(set) var rowRuns = 0
  #else
  var rowRuns: Int { 0 }
  #endif
  /// Pixels that are listed together; a multiple of eight, the most that a tile has.
  let capacity: Int

  /// Weights that stand side by side in a block: `HRM_QUAD` in fixed point.
  static func weightRun(_ x: hrm_tensor) -> Int { x.isFloat ? 1 : Int(HRM_QUAD) }

  /// Weights of a channel, as they are stored.
  static func depth(_ x: hrm_tensor, _ weights: Int) -> Int {
    let run = weightRun(x)
    return (weights + run - 1) / run * run
  }

  init(_ x: hrm_tensor, taps: Int, channels: Int) {
    self.taps = taps
    self.channels = channels
    elementBytes = x.elementBytes
    let run = StripLayout.weightRun(x)
    gathers = channels % run != 0 || (taps > 1 && channels * elementBytes < 16)
    depth = StripLayout.depth(x, taps &* channels)
    let room =
      gathers
      ? StripLayout.gatheredElements / depth
      : StripLayout.listedPointers / taps
    capacity = min(max(room & ~7, 8), 48)
  }

  /// Weights of a channel as they are stored: where inputs are gathered, that many for each pixel.
  let depth: Int

  /// Bounds on scratch memory, unless a single tile needs more.
  private static var gatheredElements: Int { 4096 }
  private static var listedPointers: Int { 512 }

  var runs: Int { rowRuns > 0 ? rowRuns : listedRuns }
  var runLength: Int { !gathers ? channels : rowRuns > 0 ? taps / rowRuns &* channels : depth }
  private var listedRuns: Int { gathers ? 1 : taps }

  var zeroBytes: Int { aligned(channels &* elementBytes) }
  var pointerBytes: Int { aligned(listedRuns &* capacity &* 8) }
  var offsetBytes: Int { aligned(listedRuns &* 4) }
  /// From a gathered pixel to the next: a multiple of 64.
  var gatheredStep: Int { aligned(depth &* elementBytes) }
  var scratchBytes: Int {
    zeroBytes + pointerBytes + offsetBytes + (gathers ? gatheredStep &* capacity : 0)
  }

  private func aligned(_ bytes: Int) -> Int { (bytes &+ 63) & ~63 }

  #if arch(x86_64)
  /// The list of rows, at the beginning of what would be gathered.
  var rowListBytes: Int { aligned(rowRuns &* capacity &* 8) }
  /// From a row that is gathered, because it lies in the padding in part, to the next.
  var rowStep: Int { (runLength &* elementBytes &+ 15) & ~15 }

  /// Lists rows of the kernel where they lie, if all that lie in the padding in part find room where pixels
  /// would be gathered. Kernels here read inputs one by one, and no more than a run has.
  mutating func readRows(_ rows: WindowAxis, _ columns: WindowAxis) {
    guard gathers, elementBytes == 4, rows.kernel &* 4 <= offsetBytes else { return }
    rowRuns = rows.kernel
    let whole = columns.outputsWhole(0 &- columns.padBefore, count: columns.output)
    let partial = min(columns.output &- whole.count, capacity)
    let room = gatheredStep &* capacity &- rowListBytes
    if (partial &* rows.kernel &+ 1) &* rowStep > room { rowRuns = 0 }
  }
  #endif
}
