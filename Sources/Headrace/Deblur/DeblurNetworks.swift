import CHeadrace

/// The networks of a deblurrer, in sessions of the caller's: one that makes features of tiles of the blurred picture,
/// and one that cleans tiles of what deconvolution leaves.
struct DeblurNetworks {
  static var featureCount: Int { 6 }
  /// The picture's and the features'.
  static var planes: Int { 3 + featureCount }
  /// What the clean network reads: those, deconvolved, and the blurred picture.
  private static var inputs: Int { planes + 3 }

  private let features: OpaquePointer
  private let clean: OpaquePointer
  /// Of the features' tiles, without the pixel around that their input has more.
  private let featureWidth: Int
  private let featureHeight: Int
  let width: Int
  let height: Int

  /// nil if there are none.
  init?(features: OpaquePointer?, clean: OpaquePointer?) throws(Failure) {
    if features == nil && clean == nil { return nil }
    guard let features, let clean,
      let reads = BorrowedSession.tensor(features, 0, hr_session_input),
      let makes = BorrowedSession.tensor(features, 0, hr_session_output),
      let planes = BorrowedSession.tensor(clean, 0, hr_session_input),
      let picture = BorrowedSession.tensor(clean, 0, hr_session_output),
      Self.has(reads, 3), Self.has(makes, Self.featureCount), Self.has(planes, Self.inputs),
      Self.has(picture, 3), reads.dims.1 == makes.dims.1 + 2, reads.dims.2 == makes.dims.2 + 2,
      planes.dims.1 == picture.dims.1, planes.dims.2 == picture.dims.2,
      picture.dims.1 % UInt32(TileAxis.grid) == 0, picture.dims.2 % UInt32(TileAxis.grid) == 0,
      min(picture.dims.1, picture.dims.2) >= TileAxis.least
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the sessions' models make no features or clean no tiles of them",
        remedy: "use both models of deblurring, or neither")
    }
    (self.features, self.clean) = (features, clean)
    (featureHeight, featureWidth) = (Int(makes.dims.1), Int(makes.dims.2))
    (height, width) = (Int(picture.dims.1), Int(picture.dims.2))
  }

  private static func has(_ tensor: hr_tensor, _ channels: Int) -> Bool {
    tensor.rank == 4 && tensor.dims.0 == 1 && tensor.dims.3 == channels && tensor.dims.1 > 0
      && tensor.dims.2 > 0
  }

  /// Memory for a row of either network's tiles.
  var lineBytes: Int { 4 * Self.inputs * max(width, featureWidth + 2) }

  /// Features of a picture, from 0 to 1, to planes.
  func makeFeatures(
    _ width: Int, _ height: Int, _ line: UnsafeMutablePointer<Float>,
    _ pixel: (_ x: Int, _ y: Int, _ channel: Int) -> Float,
    _ result: (_ x: Int, _ y: Int, _ feature: Int, Float) -> Void
  ) throws(Failure) {
    for top in stride(from: 0, to: height, by: featureHeight) {
      for left in stride(from: 0, to: width, by: featureWidth) {
        for row in 0..<featureHeight &+ 2 {
          let y = min(max(top &+ row &- 1, 0), height &- 1)
          for column in 0..<featureWidth &+ 2 {
            let x = min(max(left &+ column &- 1, 0), width &- 1)
            for channel in 0..<3 { line[3 &* column &+ channel] = pixel(x, y, channel) }
          }
          try Self.write(line, 3, featureWidth &+ 2, row, to: features)
        }
        try Self.run(features)
        let columns = min(featureWidth, width &- left)
        for row in 0..<min(featureHeight, height &- top) {
          try Self.read(line, Self.featureCount, columns, featureWidth, row, of: features)
          for index in 0..<Self.featureCount &* columns {
            result(
              left &+ index / Self.featureCount, top &+ row, index % Self.featureCount,
              line[index])
          }
        }
      }
    }
  }

  /// The finished picture, from 0 to 1, from what deconvolution left.
  func finish(
    _ width: Int, _ height: Int, _ line: UnsafeMutablePointer<Float>,
    _ value: (_ x: Int, _ y: Int, _ channel: Int) -> Float,
    _ result: (_ x: Int, _ y: Int, _ channel: Int, Float) -> Void
  ) throws(Failure) {
    let rows = TileAxis(extent: height, tile: self.height)
    let columns = TileAxis(extent: width, tile: self.width)
    for down in 0..<rows.count {
      for over in 0..<columns.count {
        let (top, left) = (rows.start(down), columns.start(over))
        for row in 0..<self.height {
          let y = min(top &+ row, height &- 1)
          for column in 0..<self.width {
            let x = min(left &+ column, width &- 1)
            for channel in 0..<Self.inputs {
              line[Self.inputs &* column &+ channel] = value(x, y, channel)
            }
          }
          try Self.write(line, Self.inputs, self.width, row, to: clean)
        }
        try Self.run(clean)
        for y in rows.kept(down) {
          try Self.read(line, 3, self.width, self.width, y &- top, of: clean)
          for x in columns.kept(over) {
            for channel in 0..<3 {
              result(x, y, channel, line[3 &* (x &- left) &+ channel])
            }
          }
        }
      }
    }
  }

  private static func run(_ session: OpaquePointer) throws(Failure) {
    guard hr_session_run(session, nil) == HR_OK else { throw failure }
  }

  private static var failure: Failure {
    Failure(
      HR_INVALID_ARGUMENT, "a network of the deblurrer did not run",
      remedy: "leave its session's memory alone, and see what hr_session_run says of it")
  }

  /// A row of a session's first input.
  private static func write(
    _ values: UnsafePointer<Float>, _ channels: Int, _ width: Int, _ row: Int,
    to session: OpaquePointer
  ) throws(Failure) {
    guard
      var tensor = Self.row(
        row, channels, width, of: BorrowedSession.tensor(session, 0, hr_session_input)),
      hr_tensor_write_float(&tensor, values, channels &* width) == HR_OK
    else { throw failure }
  }

  private static func read(
    _ values: UnsafeMutablePointer<Float>, _ channels: Int, _ count: Int, _ width: Int, _ row: Int,
    of session: OpaquePointer
  ) throws(Failure) {
    guard
      var tensor = Self.row(
        row, channels, width, of: BorrowedSession.tensor(session, 0, hr_session_output))
    else { throw failure }
    tensor.bytes = tensor.bytes / width &* count
    guard hr_tensor_read_float(&tensor, values, channels &* count) == HR_OK else { throw failure }
  }

  /// One row of a tensor, as a tensor; nil if it has other sizes by now.
  private static func row(
    _ row: Int, _ channels: Int, _ width: Int, of whole: hr_tensor?
  ) -> hr_tensor? {
    guard var tensor = whole, has(tensor, channels), tensor.dims.2 == width,
      row < Int(tensor.dims.1), let data = tensor.data
    else { return nil }
    tensor.bytes /= Int(tensor.dims.1)
    tensor.data = data + row &* tensor.bytes
    return tensor
  }
}
