import CHeadrace

/// The 32 bytes at the beginning of a payload, little-endian; PAYLOAD.md is their specification.
struct PayloadHeader {
  static let byteCount = 32
  /// Of the CRC-32C behind the body.
  static let checksumBytes = 4
  static var overhead: Int { byteCount + checksumBytes }

  /// "HRP" and the format's version.
  private static let mark: UInt32 = 0x0150_5248
  private static let codedFlag: UInt8 = 0x80

  var modelIdentity: UInt32
  var bodyBytes: UInt32
  var scale: Float
  /// Unused ones are 1.
  var dims: InlineArray<6, UInt16>
  var type: hr_type
  var rank: Int
  var rate: UInt32
  var zeroPoint: Int32
  /// The body is range-coded; else it holds the elements themselves.
  var isCoded: Bool

  /// Describes a tensor that can be sent.
  init(_ tensor: hrm_tensor, model: UInt32, rate: UInt32) throws(Failure) {
    guard tensor.isInt8 || tensor.isInt16 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "only int8 and int16 outputs can be packed",
        remedy: "compile the head with --type int8 or int16x8")
    }
    guard rate <= UInt32(HR_MAX_RATE) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the rate is out of range", remedy: "pass 0 to 6",
        needed: UInt64(rate), available: UInt64(HR_MAX_RATE), unit: .rate)
    }
    dims = InlineArray(repeating: 1)
    for axis in 0..<Int(tensor.rank) {
      guard tensor[dim: axis] <= Int(UInt16.max) else {
        throw Failure(
          HR_INVALID_ARGUMENT, "an output with a dim above 65,535 cannot be packed",
          remedy: "send it in pieces")
      }
      dims[axis] = UInt16(tensor[dim: axis])
    }
    modelIdentity = model
    bodyBytes = 0
    scale = tensor.scale
    type = hr_type(rawValue: UInt32(tensor.type))
    rank = Int(tensor.rank)
    self.rate = rate
    zeroPoint = tensor.zero_point
    isCoded = true
  }

  /// Reads and checks the header and the checksum of a whole payload.
  init(_ payload: UnsafePointer<UInt8>?, byteCount: Int) throws(Failure) {
    guard let payload else { throw .invalidArgument("the payload is NULL") }
    guard byteCount >= Self.overhead else {
      throw Failure(
        HR_BAD_PAYLOAD, "the payload is truncated", needed: UInt64(Self.overhead),
        available: UInt64(max(0, byteCount)))
    }
    let bytes = UnsafeRawPointer(payload)
    func word(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    guard word(0) & 0xff_ffff == Self.mark & 0xff_ffff else {
      throw Failure(HR_BAD_PAYLOAD, "this is no payload")
    }
    guard word(0) == Self.mark else {
      throw Failure(
        HR_BAD_PAYLOAD, "the payload's version is unknown", remedy: "update the receiving library")
    }
    modelIdentity = word(4)
    bodyBytes = word(8)
    guard UInt64(bodyBytes) + UInt64(Self.overhead) == UInt64(byteCount) else {
      throw Failure(
        HR_BAD_PAYLOAD, "the payload's length is not the one in its header",
        needed: UInt64(bodyBytes) + UInt64(Self.overhead), available: UInt64(byteCount))
    }
    let covered = byteCount - Self.checksumBytes
    guard CRC32C.checksum(bytes, count: covered) == word(covered) else {
      throw Failure(HR_BAD_PAYLOAD, "the payload is damaged: wrong checksum")
    }
    scale = Float(bitPattern: word(12))
    dims = InlineArray(repeating: 1)
    for axis in 0..<6 {
      let dim = bytes.loadUnaligned(fromByteOffset: 16 + 2 * axis, as: UInt16.self)
      dims[axis] = UInt16(littleEndian: dim)
    }
    type = hr_type(rawValue: UInt32(payload[28]))
    rank = Int(payload[29])
    rate = UInt32(payload[30] & ~Self.codedFlag)
    isCoded = payload[30] & Self.codedFlag != 0
    zeroPoint = Int32(Int8(bitPattern: payload[31]))
    guard isSane else { throw Failure(HR_BAD_PAYLOAD, "the payload's header makes no sense") }
  }

  private var isSane: Bool {
    guard
      type == HR_INT8 || type == HR_INT16 && zeroPoint == 0, (1...6).contains(rank),
      rate <= UInt32(HR_MAX_RATE), scale.bitPattern < Float.infinity.bitPattern
    else { return false }
    for axis in 0..<6 {
      guard axis < rank ? dims[axis] >= 1 : dims[axis] == 1 else { return false }
    }
    return true
  }

  func write(to out: UnsafeMutablePointer<UInt8>) {
    let bytes = UnsafeMutableRawPointer(out)
    func store(_ word: UInt32, _ offset: Int) {
      bytes.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt32.self)
    }
    store(Self.mark, 0)
    store(modelIdentity, 4)
    store(bodyBytes, 8)
    store(scale.bitPattern, 12)
    for axis in 0..<6 {
      bytes.storeBytes(
        of: dims[axis].littleEndian, toByteOffset: 16 + 2 * axis, as: UInt16.self)
    }
    out[28] = UInt8(truncatingIfNeeded: type.rawValue)
    out[29] = UInt8(truncatingIfNeeded: rank)
    out[30] = UInt8(truncatingIfNeeded: rate) | (isCoded ? Self.codedFlag : 0)
    out[31] = UInt8(truncatingIfNeeded: zeroPoint)
  }

  /// The last three dims are height, width and channels; those before them count as batch.
  var shape: LatentCoder.Shape {
    func dim(_ axisFromBehind: Int) -> Int {
      rank >= axisFromBehind ? Int(dims[rank - axisFromBehind]) : 1
    }
    var batch = 1
    for axis in 0..<max(0, rank - 3) { batch &*= Int(dims[axis]) }
    return .init(batch: batch, height: dim(3), width: dim(2), channels: dim(1), stride: dim(1))
  }

  func matches(_ tensor: hrm_tensor) -> Bool {
    guard Int(tensor.rank) == rank else { return false }
    for axis in 0..<rank where tensor[dim: axis] != Int(dims[axis]) { return false }
    return true
  }
}
