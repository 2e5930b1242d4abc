import CHeadrace
import CHeadrace.Devices
import Foundation
import HeadraceCompiler
import Synchronization

/// Runs heads, packets and tails, and the unsplit network, on pictures with classes.
struct SplitMeasurement {
  /// A head with its tail, by name.
  struct Pair: Sendable {
    let name: String
    let head: OpenModel
    let tail: OpenModel
  }

  let data: LabelledPictures
  let pairs: [Pair]
  /// Takes pictures.
  let unsplit: OpenModel?
  /// Of JPEGs that are made of the unsplit network's pixels.
  let qualities: [Int]
  let progress: ProgressLine

  /// What was found for a picture.
  struct Found: Sendable {
    struct Packet: Sendable {
      var bytes: Int
      var isRight: Bool
    }
    /// [pair][rate]; the last one is without loss.
    var packets: [[Packet]] = []
    /// [pair]: elements of the latent, as they are.
    var latents: [[UInt8]] = []
    var unsplitIsRight: Bool?
    /// [quality]
    var jpegs: [Packet] = []
    /// What the unsplit network sees, where it is there.
    var pixels: RGBPicture?
  }

  /// - Parameter keepsPixels: for codecs that are elsewhere.
  func run(_ indices: Range<Int>, keepsPixels: Bool) throws -> [Found] {
    let benches = Mutex<[Bench]>([])
    return try concurrentMap(indices.count, "split networks", progress) { offset in
      let bench = try benches.withLock { $0.popLast() } ?? Bench(self)
      defer { benches.withLock { $0.append(bench) } }
      let picture = data.pictures[indices.lowerBound + offset]
      return try naming(picture.path) { try bench.measure(picture, keepsPixels: keepsPixels) }
    }
  }

  /// Whether the unsplit network knows pictures that others coded.
  func unsplitIsRight(_ pictures: [(file: String, label: Int)]) throws -> [Bool] {
    let benches = Mutex<[Bench]>([])
    return try concurrentMap(pictures.count, "unsplit network", progress) { index in
      let bench = try benches.withLock { $0.popLast() } ?? Bench(self)
      defer { benches.withLock { $0.append(bench) } }
      let picture = try RGBPicture(reading: pictures[index].file)
      return try bench.likeliest(picture) == pictures[index].label
    }
  }
}

/// Sessions of all networks, for one thread at a time.
private final class Bench: @unchecked Sendable {
  private let pairs: [(head: SplitHead, tail: SplitTail)]
  private let unsplit: NetworkSession?
  /// Of the pictures that the unsplit network takes.
  private let side: (width: Int, height: Int)?
  private let qualities: [Int]

  init(_ measurement: SplitMeasurement) throws {
    pairs = try measurement.pairs.map { pair in
      (
        try SplitHead(pair.head),
        try SplitTail(NetworkSession(pair.tail), head: pair.head)
      )
    }
    unsplit = try measurement.unsplit.map { try NetworkSession($0) }
    qualities = measurement.qualities
    side = measurement.unsplit?.pictureSize
  }

  func measure(
    _ picture: LabelledPictures.Picture, keepsPixels: Bool
  ) throws -> SplitMeasurement.Found {
    let whole = try RGBPicture(reading: picture.path)
    var found = SplitMeasurement.Found()
    for (head, tail) in pairs {
      try whole.withFrame { try head.session.set($0) }
      try head.session.run()
      found.latents.append(try bytes(of: head.session.output()))
      found.packets.append(
        try (0..<head.rates).map { rate in
          let packet = try head.pack(rate: rate)
          try tail.run(packet)
          return .init(
            bytes: packet.count, isRight: try tail.session.likeliest() == picture.label)
        })
    }
    guard let side else { return found }
    found.unsplitIsRight = try likeliest(whole) == picture.label
    let cropped = try whole.cropped(width: side.width, height: side.height)
    found.jpegs = try qualities.map { quality in
      let (decoded, count) = try cropped.recompressed(quality: quality)
      return .init(bytes: count, isRight: try likeliest(decoded) == picture.label)
    }
    if keepsPixels { found.pixels = cropped }
    return found
  }

  func likeliest(_ picture: RGBPicture) throws -> Int {
    guard let unsplit else { return 0 }
    try picture.withFrame { try unsplit.set($0) }
    try unsplit.run()
    return try unsplit.likeliest()
  }

  private func bytes(of tensor: hr_tensor) -> [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: tensor.data, count: tensor.bytes))
  }
}

extension RGBPicture {
  /// The middle, scaled to this size, as models have it done.
  func cropped(width: Int, height: Int) throws -> RGBPicture {
    var result = RGBPicture(width: width, height: height)
    try withFrame { frame in
      try RuntimeError.check { error in
        hr_frame_to_rgb(
          frame, HR_FIT_CROP, HR_FILTER_AUTO, &result.pixels, 3 * width, UInt32(width),
          UInt32(height), error)
      }
    }
    return result
  }

  /// What comes back of a JPEG, and its bytes.
  func recompressed(quality: Int) throws -> (RGBPicture, Int) {
    var jpeg: UnsafeMutablePointer<UInt8>?
    var count = 0
    try RuntimeError.check { error in
      hr_jpeg_encode(
        pixels, 3 * width, UInt32(width), UInt32(height), UInt32(quality), &jpeg, &count, error)
    }
    defer { hr_jpeg_free(jpeg) }
    var info = hr_jpeg_info()
    info.struct_size = UInt32(MemoryLayout<hr_jpeg_info>.size)
    try RuntimeError.check { hr_jpeg_inspect(jpeg, count, 0, 0, &info, $0) }
    var decoded = RGBPicture(width: width, height: height)
    let capacity = decoded.pixels.count
    try RuntimeError.check { error in
      hr_jpeg_decode(jpeg, count, &info, &decoded.pixels, capacity, error)
    }
    return (decoded, count)
  }
}
