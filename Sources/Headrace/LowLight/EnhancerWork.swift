import CHeadrace

/// One step of an enhancement while it is shared out. Lies in the enhancer's memory, as a session's does.
struct EnhancerWork {
  enum Phase {
    case summary
    case tones
    /// Before tiles are cleaned: the frame as RGB24.
    case copy(CleanTiles)
    case prepare(CleanTiles, CleanTiles.Tile)
    case finish(CleanTiles, CleanTiles.Tile)
  }

  let enhancer: UnsafePointer<Enhancer>
  let view: FrameView
  let out: UnsafeMutablePointer<UInt8>
  let stride: Int
  let phase: Phase
  let parts: Int
  let progress: UnsafeMutablePointer<UInt8>

  static func share(_ part: Int, of parts: Int, _ count: Int) -> Range<Int> {
    part &* count / parts..<(part &+ 1) &* count / parts
  }

  func run(_ place: UnsafeMutablePointer<EnhancerWork>) throws(Failure) {
    let configuration = enhancer.pointee.configuration
    guard parts > 1, let parallel = configuration.parallel else {
      for part in 0..<parts { run(part: part) }
      return
    }
    place.initialize(to: self)
    progress.update(repeating: 0, count: parts)
    parallel(
      configuration.parallelContext, UInt32(truncatingIfNeeded: parts),
      { context, part in
        context?.assumingMemoryBound(to: EnhancerWork.self).pointee.runOnce(part: Int(part))
      }, place)
    for part in 0..<parts where progress[part] != 2 {
      throw Failure(
        HR_INVALID_ARGUMENT, "the enhancer's parallel returned before all parts were done",
        remedy: "call body once for every index, and wait for all")
    }
  }

  private func runOnce(part: Int) {
    guard part < parts, progress[part] == 0 else { return }
    progress[part] = 1
    run(part: part)
    progress[part] = 2
  }

  private func run(part: Int) {
    let kernels = enhancer.pointee.kernels
    func share(_ count: Int) -> Range<Int> { Self.share(part, of: parts, count) }
    switch phase {
    case .summary:
      enhancer.pointee.summary.add(
        view, cellRows: share(ToneSummary.rows),
        enhancer.pointee.rowMemory(part), kernels)
    case .tones:
      enhancer.pointee.rows(of: view, part: part).apply(
        enhancer.pointee.table, share(view.height), of: view, kernels, to: out, stride: stride)
    case .copy(let tiles):
      for y in share(view.height) {
        view.convert(
          row: y, from: 0, count: view.width, to: tiles.picture + 3 &* view.width &* y, kernels)
      }
    case .prepare(let tiles, let tile):
      tiles.prepare(
        tile, share(tiles.network.height), enhancer.pointee.table,
        enhancer.pointee.rowMemory(part), kernels)
    case .finish(let tiles, let tile):
      tiles.finish(
        tile, share(tile.rows.count), strength: enhancer.pointee.table.strength, to: out,
        stride: stride)
    }
  }
}
