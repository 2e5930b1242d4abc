import CHeadrace

/// A product of two activations as contractions: rows of a are the pixels of a strip, and eight
/// columns of b, packed as weights, the channels of its one block. Outputs then come from a
/// convolution's tiles.
struct ProductStrip {
  let work: UnsafePointer<hr_matrix_product>
  var contraction = hr_contraction()
  var strip = hr_strip()
  private let list: UnsafeMutablePointer<UnsafeRawPointer?>
  private let elementBytes: Int
  /// A row has two runs, which overlap, this many bytes apart, or one: 0.
  var partStep = 0
  /// Where rows whose elements do not follow one another are copied to, a few at a time: they are
  /// `copiedStep` bytes apart and begin with `front` bytes that are no elements.
  private var copied: UnsafeMutablePointer<Int8>?
  private var copiedStep = 0
  private var front = 0
  /// What the list is good for.
  private var listedRow = 0
  private var listedRuns = 0

  /// Rows that are copied at once: a tile's.
  private static var copiedRows: Int { 4 }

  /// `list` has room for `HR_LISTED_ROWS` pointers.
  @inline(__always)
  init(
    _ work: UnsafePointer<hr_matrix_product>, _ list: UnsafeMutablePointer<UnsafeRawPointer?>,
    elementBytes: Int
  ) {
    self.work = work
    self.list = list
    self.elementBytes = elementBytes
    contraction.weights = UnsafeRawPointer(work.pointee.panel)
    contraction.channels = UInt32(truncatingIfNeeded: work.pointee.lanes)
    contraction.epilogue.output_zero = work.pointee.y_zero
    contraction.epilogue.clamp_min = work.pointee.clamp_min
    contraction.epilogue.clamp_max = work.pointee.clamp_max
    strip.x = UnsafePointer(list)
    strip.end_block = 1
    strip.y_step = Int(work.pointee.columns)
  }

  /// From now on rows, of int8, are copied to `target` before they are listed. What is no element
  /// is 0.
  @inline(__always)
  mutating func prepareCopies(at target: UnsafeMutablePointer<Int8>, front: Int) {
    copied = target
    self.front = front
    copiedStep = Int(work.pointee.depth) &+ front
    target.update(repeating: 0, count: ProductStrip.copiedRows &* copiedStep)
  }

  /// Outputs of the columns that are packed, from `column` on.
  @inline(never)
  @_optimize(size)
  mutating func contractRows(_ column: Int) {
    let runs = Int(strip.run_count)
    let capacity = Int(HR_LISTED_ROWS) / runs & ~7
    var most = capacity
    // As many as convolutions list: kernels have no room for parts of more.
    if work.pointee.columns < 8 { most = 48 }
    if copied != nil { most = ProductStrip.copiedRows }
    strip.capacity = UInt32(truncatingIfNeeded: capacity)
    let end = Int(work.pointee.end_row)
    var row = Int(work.pointee.first_row)
    while row < end {
      let rows = min(end &- row, most)
      if copied != nil { copyRows(row, rows) }
      if listedRow != row || listedRuns != runs { listRows(row, rows) }
      strip.pixels = UInt32(truncatingIfNeeded: rows)
      strip.y =
        work.pointee.y.unsafelyUnwrapped
        + (row &* Int(work.pointee.columns) &+ column) &* elementBytes
      work.pointee.contract.unsafelyUnwrapped(&contraction, &strip)
      row &+= most
    }
  }

  /// Lists each run of rows from `row` on; pointers up to a multiple of 8 repeat the last row's.
  @inline(__always)
  private mutating func listRows(_ row: Int, _ rows: Int) {
    listedRow = row
    listedRuns = Int(strip.run_count)
    var step = work.pointee.a_row_step &* elementBytes
    var first = work.pointee.a.unsafelyUnwrapped + row &* step
    if let copied {
      first = UnsafeRawPointer(copied)
      step = copiedStep
    }
    for run in 0..<listedRuns {
      var x = first + (run & 1) &* partStep
      let pointers = list + run &* Int(strip.capacity)
      var index = 0
      while index < (rows &+ 7) & ~7 {
        pointers[index] = x
        index &+= 1
        if index < rows { x += step }
      }
    }
  }

  /// Copies a tile's rows of int8.
  @inline(__always)
  private func copyRows(_ row: Int, _ rows: Int) {
    let step = work.pointee.a_step
    var line = work.pointee.a.unsafelyUnwrapped.of(Int8.self) + row &* work.pointee.a_row_step
    var target = copied.unsafelyUnwrapped + front
    for _ in 0..<rows {
      var from = line
      var to = target
      let end = to + Int(work.pointee.depth)
      repeat {
        to.pointee = from.pointee
        from += step
        to += 1
      } while to < end
      line += work.pointee.a_row_step
      target += copiedStep
    }
  }
}

extension hr_matrix_product {
  /// Columns that are done at once.
  @inline(__always)
  var lanes: Int { min(8, Int(columns)) }

  /// The first of those done at once from `column` on: a last eight moves back to full width where
  /// it can, and repeats some outputs.
  @inline(__always)
  func firstOfEight(_ column: Int) -> Int {
    columns < 8 ? 0 : min(column, Int(columns) &- 8)
  }
}
