import CHeadrace

/// A head's latent, as the head's own file describes it, or its tail's: PACKET.md.
struct LatentDescription {
  /// Of the head.
  let identity: UInt32
  let type: hr_type
  let scale: Float
  let zeroPoint: Int32
  let rank: Int
  private(set) var dims: InlineArray<6, UInt32>

  /// How many channels each layer has, and where it begins: layer i is starts[i] ..< starts[i + 1].
  private(set) var starts = InlineArray<16, Int>(repeating: 0)
  private(set) var layerCount = 1
  private var listed = RateList()
  /// Constants of the learned prior; nil: probabilities are learned on the way.
  let prior: Text?

  /// The first output of a head.
  init(head: Model) throws(Failure) {
    let tensor = try head.output(0)
    guard tensor.pointee.isInt8 || tensor.pointee.isInt16 else {
      throw Failure(
        HR_INVALID_ARGUMENT, "only int8 and int16 latents can be sent",
        remedy: "compile the head with --type int8 or int16x8")
    }
    identity = head.identity
    type = tensor.pointee.isInt8 ? HR_INT8 : HR_INT16
    scale = tensor.pointee.scale
    zeroPoint = tensor.pointee.zero_point
    rank = Int(tensor.pointee.rank)
    dims = InlineArray(repeating: 1)
    for axis in 0..<rank { dims[axis] = UInt32(truncatingIfNeeded: tensor.pointee[dim: axis]) }
    prior = head.text("latent.prior")
    try readLayers(head)
    try readRates(head)
  }

  /// What a tail says of the head that it belongs to: "IDENTITY TYPE SCALE ZERO_POINT RANK DIM...".
  init(tail: Model) throws(Failure) {
    guard let text = tail.text("latent.head") else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the tail does not say which head it belongs to",
        remedy: "pass the head's model, or compile the tail with --head")
    }
    var words = TextScanner(text)
    let identity = words.hexadecimal() ?? 0
    let isInt16 = words.skip("int16")
    let isSane = isInt16 || words.skip("int8")
    let scale = Float(bitPattern: words.hexadecimal() ?? 0)
    let zeroPoint = words.decimal() ?? 0
    let rank = words.decimal() ?? 0
    dims = InlineArray(repeating: 1)
    var elements: Int64 = isSane && (1...6).contains(rank) ? 1 : 0
    for axis in 0..<6 where axis < rank {
      let dim = words.decimal() ?? 0
      elements = min(elements &* Int64(max(0, dim)), 1 << 26)
      dims[axis] = UInt32(truncatingIfNeeded: dim)
    }
    guard elements > 0, elements < 1 << 26, words.isAtEnd(), scale > 0, scale < .infinity,
      Int32(Int8(truncatingIfNeeded: zeroPoint)) == zeroPoint, !isInt16 || zeroPoint == 0
    else { throw .badModel("the tail's description of its head makes no sense") }
    (self.identity, type) = (identity, isInt16 ? HR_INT16 : HR_INT8)
    (self.scale, self.zeroPoint, self.rank) = (scale, zeroPoint, Int(rank))
    prior = tail.text("latent.prior")
    try readLayers(tail)
    try readRates(tail)
  }

  private func dim(fromBehind axis: Int) -> Int { rank >= axis ? Int(dims[rank &- axis]) : 1 }
  var channels: Int { dim(fromBehind: 1) }
  var width: Int { dim(fromBehind: 2) }
  var height: Int { dim(fromBehind: 3) }
  var batch: Int {
    var batch = 1
    for axis in 0..<max(0, rank &- 3) { batch &*= Int(dims[axis]) }
    return batch
  }
  var elementCount: Int { batch &* height &* width &* channels }
  var byteCount: Int { elementCount &* (type == HR_INT16 ? 2 : 1) }

  /// Those that the file lists; else one for each layer and, with a single layer, one for each number of bits that
  /// may be dropped.
  var rates: Int {
    if listed.count > 0 { return listed.count }
    return layerCount > 1 ? layerCount : Self.coarsest &+ 1
  }
  private static var coarsest: Int { 6 }
  /// Layers that a rate sends, and bits that it drops.
  func layers(atRate rate: Int) -> Int {
    if listed.count > 0 { return listed.layers(rate) }
    return layerCount > 1 ? rate &+ 1 : 1
  }
  func precision(atRate rate: Int) -> UInt32 {
    if listed.count > 0 { return listed.precision(rate) }
    return layerCount > 1 ? 0 : UInt32(truncatingIfNeeded: Self.coarsest &- rate)
  }

  private mutating func readRates(_ model: Model) throws(Failure) {
    guard let text = model.text("latent.rates") else { return }
    listed = try RateList(text, layerCount: layerCount)
  }

  private mutating func readLayers(_ model: Model) throws(Failure) {
    starts[1] = channels
    guard let text = model.text("latent.layers") else { return }
    var words = TextScanner(text)
    var end = 0
    var count = 0
    while !words.isAtEnd() {
      guard let layer = words.decimal(), layer > 0, count < Int(HR_MAX_LAYERS) else {
        throw .badModel("latent.layers are no numbers above 0, or more than 15")
      }
      end = min(end &+ Int(layer), 1 << 30)
      count &+= 1
      starts[count] = end
    }
    guard count > 0, end == channels else {
      throw .badModel("latent.layers do not add up to the latent's channels")
    }
    layerCount = count
  }

  /// Whether a tensor has this shape.
  func matches(_ tensor: hrm_tensor) -> Bool {
    guard Int(tensor.rank) == rank else { return false }
    for axis in 0..<rank where tensor[dim: axis] != Int(dims[axis]) { return false }
    return true
  }

  func elements(
    _ base: UnsafeMutableRawPointer, firstChannel: Int = 0, precision: UInt32 = 0
  ) -> LatentElements {
    LatentElements(
      base + firstChannel &* (type == HR_INT16 ? 2 : 1), type, zeroPoint: zeroPoint,
      precision: precision)
  }
}
