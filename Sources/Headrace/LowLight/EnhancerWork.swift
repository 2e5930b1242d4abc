import CHeadrace

/// One step of an enhancement. Lies in the enhancer's memory.
struct EnhancerWork {
  enum Phase {
    case summary
    case tones
    /// Before tiles are cleaned: the frame as RGB24.
    case copy(CleanTiles)
    case prepare(CleanTiles, CleanTiles.Tile)
    case finish(CleanTiles, CleanTiles.Tile)
  }

  private let shared: SharedWork
  private let enhancer: UnsafePointer<Enhancer>
  private let view: FrameView
  private let phase: Phase
  private let out: UnsafeMutablePointer<UInt8>
  private let stride: Int

  init(
    _ enhancer: UnsafePointer<Enhancer>, _ view: FrameView, _ phase: Phase,
    to out: UnsafeMutablePointer<UInt8>, stride: Int, parts: Int
  ) {
    shared = SharedWork(
      body: { work, part in work.assumingMemoryBound(to: EnhancerWork.self).pointee.run(part) },
      parts: parts)
    (self.enhancer, self.view, self.phase) = (enhancer, view, phase)
    (self.out, self.stride) = (out, stride)
  }

  private func run(_ part: Int) {
    let kernels = enhancer.pointee.kernels
    func share(_ count: Int) -> Range<Int> { partition(count, part: part, of: shared.parts) }
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
          row: y, count: view.width, to: tiles.picture + 3 &* view.width &* y, kernels)
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
