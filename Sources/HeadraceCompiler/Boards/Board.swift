/// A board that times are predicted for: what boards/NAME/board.conf says of it, which a test holds this to.
public struct Board: Sendable {
  public let name: String
  let processor: Processor
  let threads: Int
  let clockMHz: Double
  /// Nominal, of the memory's type and width; PREDICTION.md says how much of it is reckoned with.
  let memoryGigabytesPerSecond: Double

  public static let all = [
    Board("rpi-zero", .arm1176, threads: 1, 1000, memory: 3.2),
    Board("rpi-zero2w", .cortexA53, threads: 4, 1000, memory: 3.6),
    Board("rpi2", .cortexA7, threads: 4, 900, memory: 3.6),
    Board("rpi3", .cortexA53, threads: 4, 1400, memory: 3.6),
    Board("rpi4", .cortexA72, threads: 4, 1800, memory: 12.8),
    Board("rpi5", .cortexA76, threads: 4, 2400, memory: 17.1),
    Board("jetson-nano", .cortexA57, threads: 4, 1430, memory: 25.6),
    Board("jetson-orin", .cortexA78AE, threads: 6, 1500, memory: 68),
  ]

  /// Throws `CompilerError` with the boards there are if `name` is none of them.
  public static func named(_ name: String) throws -> Board {
    guard let board = all.first(where: { $0.name == name }) else {
      let names = all.map(\.name).joined(separator: ", ")
      throw CompilerError("no board is called \(name.printable); there are \(names)")
    }
    return board
  }

  init(
    _ name: String, _ processor: Processor, threads: Int, _ clockMHz: Double, memory: Double
  ) {
    self.name = name
    self.processor = processor
    self.threads = threads
    self.clockMHz = clockMHz
    memoryGigabytesPerSecond = memory
  }
}

/// What a core does in a cycle at most, and its second-level cache.
struct Processor: Sendable {
  let name: String
  /// Multiply-accumulate operations.
  let float32: Double
  let int8: Double
  let int16: Double
  /// In-order cores stand still while they load: PREDICTION.md.
  let isInOrder: Bool
  let cacheBytes: Int
  /// 32 vector registers instead of 16.
  var is64Bit = true

  static let arm1176 = Processor(
    name: "arm1176", float32: 0.5, int8: 1, int16: 1, isInOrder: true, cacheBytes: 128 << 10,
    is64Bit: false)
  static let cortexA7 = Processor(
    name: "cortex-a7", float32: 1, int8: 4, int16: 2, isInOrder: true, cacheBytes: 512 << 10,
    is64Bit: false)
  static let cortexA53 = Processor(
    name: "cortex-a53", float32: 4, int8: 5.3, int16: 4, isInOrder: true, cacheBytes: 512 << 10)
  static let cortexA57 = Processor(
    name: "cortex-a57", float32: 4, int8: 8, int16: 4, isInOrder: false, cacheBytes: 2 << 20)
  static let cortexA72 = Processor(
    name: "cortex-a72", float32: 4, int8: 8, int16: 4, isInOrder: false, cacheBytes: 1 << 20)
  static let cortexA76 = Processor(
    name: "cortex-a76", float32: 8, int8: 32, int16: 4, isInOrder: false, cacheBytes: 512 << 10)
  static let cortexA78AE = Processor(
    name: "neoverse-n1", float32: 8, int8: 32, int16: 4, isInOrder: false, cacheBytes: 256 << 10)

  func peak(_ type: String) -> Double {
    switch type {
    case "int8": int8
    case "int16": int16
    default: float32
    }
  }
}
