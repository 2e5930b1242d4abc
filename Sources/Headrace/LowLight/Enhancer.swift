import CHeadrace

/// Makes dark frames bright. Lies at the beginning of the caller's memory.
struct Enhancer: CallerObject {
  static var typeMark: UInt { 0x4c49_4748 }

  let mark: UInt
  let configuration: EnhancerConfiguration
  private let base: UnsafeMutableRawPointer
  private(set) var table: ToneTable
  private let local: LocalGamma?
  /// What the last frame of a video was given.
  private var map = ToneMap()
  private var hasMap = false

  static func initialize(
    _ memory: CallerMemory, _ configuration: EnhancerConfiguration
  ) throws(Failure) -> UnsafeMutablePointer<Enhancer> {
    let memory = try memory.checked(needed: configuration.byteCount)
    let enhancer = memory.assumingMemoryBound(to: Enhancer.self)
    enhancer.initialize(to: Enhancer(memory, configuration))
    enhancer.pointee.progress.clear()
    chooseFrameKernels(configuration.features, enhancer.pointee.kernels)
    return enhancer
  }

  private init(_ memory: UnsafeMutableRawPointer, _ configuration: EnhancerConfiguration) {
    mark = Self.mark(memory)
    base = memory
    self.configuration = configuration
    table = ToneTable(memory + configuration.table)
    if configuration.network.tellsLocalGammas {
      local = LocalGamma(memory + configuration.local)
      local?.makeTables()
    } else {
      local = nil
    }
  }

  var kernels: UnsafeMutablePointer<hr_kernels> {
    (base + configuration.kernels).assumingMemoryBound(to: hr_kernels.self)
  }
  var summary: ToneSummary {
    ToneSummary(sums: (base + configuration.sums).assumingMemoryBound(to: UInt32.self))
  }
  private var progress: PartProgress { PartProgress(base + configuration.progress) }
  func rowMemory(_ part: Int) -> UnsafeMutableRawPointer {
    base + configuration.rows + part &* configuration.rowsStride
  }
  func rows(of view: FrameView, part: Int) -> ToneRows {
    ToneRows(view.width, view.height, in: rowMemory(part))
  }
  func tiles(of view: FrameView, _ network: CleanNetwork) -> CleanTiles {
    CleanTiles(
      network: network, width: view.width, height: view.height, local: local,
      picture: (base + configuration.picture).assumingMemoryBound(to: UInt8.self))
  }

  /// Writes the enhanced frame as RGB24.
  /// - Parameter elapsed: seconds since the frame before; 0 for a picture of its own.
  static func enhance(
    _ enhancer: UnsafeMutablePointer<Enhancer>, _ view: FrameView, elapsed: Float,
    to out: UnsafeMutablePointer<UInt8>, stride: Int
  ) throws(Failure) -> (ToneMap, EnhancerTimes) {
    let configuration = enhancer.pointee.configuration
    var times = EnhancerTimes(configuration.clock, configuration.clockContext)
    let (base, progress) = (enhancer.pointee.base, enhancer.pointee.progress)
    try progress.check(configuration.threads)
    func run(_ phase: EnhancerWork.Phase, parts: Int) throws(Failure) {
      progress.work.assumingMemoryBound(to: EnhancerWork.self).initialize(
        to: EnhancerWork(enhancer, view, phase, to: out, stride: stride, parts: parts))
      try SharedWork.run(progress, configuration.parallel, configuration.parallelContext)
    }
    try run(.summary, parts: min(configuration.threads, ToneSummary.rows))
    let small = (base + configuration.small).assumingMemoryBound(to: Float.self)
    let mean = enhancer.pointee.summary.write(to: small, view.width, view.height)
    times.prepare &+= times.lap()
    let found = try configuration.network.run(small, mean: mean)
    times.network &+= times.lap()
    let map = enhancer.pointee.follow(found, small, elapsed)
    enhancer.pointee.table.set(map)
    let parts = min(configuration.threads, view.height)
    if let network = configuration.clean, enhancer.pointee.table.strength > 0 {
      let tiles = enhancer.pointee.tiles(of: view, network)
      times.finish &+= times.lap()
      try run(.copy(tiles), parts: parts)
      for row in 0..<tiles.rows.count {
        for column in 0..<tiles.columns.count {
          let tile = CleanTiles.Tile(tiles, row, column)
          try network.check()
          try run(.prepare(tiles, tile), parts: min(configuration.threads, network.height))
          times.prepare &+= times.lap()
          try network.run()
          times.network &+= times.lap()
          try run(.finish(tiles, tile), parts: min(configuration.threads, tile.rows.count))
          times.finish &+= times.lap()
        }
      }
      return (map, times)
    }
    for part in 0..<parts {
      enhancer.pointee.rows(of: view, part: part).keepEdges(
        partition(view.height, part: part, of: parts), of: view, enhancer.pointee.kernels)
    }
    try run(.tones, parts: parts)
    times.finish &+= times.lap()
    return (map, times)
  }

  /// In a video, what frames are given follows what they ask for.
  private mutating func follow(
    _ found: ToneMap, _ exponents: UnsafePointer<Float>, _ elapsed: Float
  ) -> ToneMap {
    var share: Float = 1
    if elapsed > 0, hasMap, configuration.responseMilliseconds > 0 {
      share = 1 - Elementary.exp(-elapsed * 1000 / configuration.responseMilliseconds)
      map.approach(found, by: share)
    } else {
      map = found
    }
    local?.approach(exponents, by: share)
    hasMap = true
    return map
  }
}
