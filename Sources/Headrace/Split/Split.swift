import CHeadrace

/// One end of the link between a head and its tail, in the caller's memory.
struct Split: CallerObject {
  static var typeMark: UInt { 0x5370_6c69 }

  let mark: UInt
  /// The head's, of whose output 0 packets are made, or the tail's, whose input 0 they fill.
  private let session: OpaquePointer?
  private let isHead: Bool
  private let coder: LatentLayerCoder

  var latent: LatentDescription { coder.latent }

  private static var headBytes: Int { (MemoryLayout<Split>.size &+ 63) & ~63 }

  static func byteCount(_ latent: LatentDescription) throws(Failure) -> Int {
    try LearnedPrior.check(latent)
    return headBytes &+ (latent.prior == nil ? 0 : LearnedPrior.byteCount(latent))
  }

  /// - Parameter latent: nil: the session is a head's, and tells itself.
  static func initialize(
    _ memory: CallerMemory, _ handle: OpaquePointer?, _ described: LatentDescription?
  ) throws(Failure) -> UnsafeMutablePointer<Split> {
    let session = try Session.at(handle)
    let latent: LatentDescription
    if let described {
      latent = described
    } else {
      latent = try LatentDescription(head: session.pointee.model)
    }
    let memory = try memory.checked(needed: Self.byteCount(latent))
    if described != nil {
      let input = try session.pointee.model.input(0)
      guard latent.matches(input.pointee) else {
        throw Failure(
          HR_INVALID_ARGUMENT, "the tail's input is not of the shape of the head's latent",
          remedy: "use the tail that was made with this head")
      }
      try LatentConversion.check(latent.type, input)
    }
    var prior: LearnedPrior?
    if let text = latent.prior { prior = try LearnedPrior(text, latent, memory + headBytes) }
    let split = memory.assumingMemoryBound(to: Split.self)
    split.initialize(
      to: Split(
        mark: mark(memory), session: handle, isHead: described == nil,
        coder: LatentLayerCoder(latent: latent, prior: prior)))
    return split
  }

  /// The split behind a handle, of this end.
  static func at(
    _ handle: OpaquePointer?, isHead: Bool
  ) throws(Failure) -> UnsafeMutablePointer<Split> {
    let split: UnsafeMutablePointer<Split> = try at(handle)
    guard isHead == split.pointee.isHead else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the split is of the other end",
        remedy: "heads pack what hr_split_head_init set up, tails unpack with hr_split_tail_init's")
    }
    return split
  }

  /// The latent's memory, after a look whether the session is still the one that it was set up with.
  private func data() throws(Failure) -> (UnsafeMutableRawPointer, UnsafePointer<hrm_tensor>) {
    let session = try Session.at(session)
    let model = session.pointee.model
    let tensor = try isHead ? model.output(0) : model.input(0)
    guard latent.matches(tensor.pointee), !isHead || model.identity == latent.identity else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the session is of another model by now",
        remedy: "set the split up again")
    }
    if !isHead { try LatentConversion.check(latent.type, tensor) }
    return (session.pointee.data(tensor), tensor)
  }

  private func check(rate: UInt32) throws(Failure) -> Int {
    guard rate < UInt32(latent.rates) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "there is no such rate", remedy: "pass less than hr_split_rates says",
        needed: UInt64(rate), available: UInt64(latent.rates - 1), unit: .rate)
    }
    return Int(rate)
  }

  func pack(
    _ request: hr_split_request, to out: UnsafeMutablePointer<UInt8>, capacity: Int
  ) throws(Failure) -> hr_split_result {
    var rate = try check(rate: request.rate)
    let (elements, _) = try data()
    var limit = PacketHeader.byteCount + PacketHeader.largestBody
    if request.max_bytes > 0 { limit = min(limit, Int(clamping: request.max_bytes)) }
    limit = min(limit, capacity)
    guard limit >= PacketHeader.byteCount else {
      throw Failure(
        HR_BUFFER_TOO_SMALL, "not even a packet's header fits", remedy: "allow more bytes",
        needed: UInt64(PacketHeader.byteCount), available: UInt64(max(0, limit)))
    }
    var header = PacketHeader(
      HR_PACKET_LATENT, model: latent.identity, sequence: request.sequence,
      captureTime: request.capture_us)
    func encode(precision: UInt32) -> (layers: Int, end: Int) {
      header.precision = precision
      return coder.encode(
        elements, wanted: latent.layers(atRate: rate), precision: precision, out, limit: limit)
    }
    var packed = encode(precision: latent.precision(atRate: rate))
    // What fits of a rate is all of a lower one that drops as many bits.
    while packed.layers < latent.layers(atRate: rate), rate > 0 {
      rate &-= 1
      let precision = latent.precision(atRate: rate)
      if precision != header.precision { packed = encode(precision: precision) }
    }
    while packed.layers == 0, header.precision < 15 {
      packed = encode(precision: header.precision &+ 1)
    }
    header.layers = packed.layers
    header.bodyBytes = packed.end - PacketHeader.byteCount
    header.seal(out)
    var result = hr_split_result()
    result.packet_bytes = UInt32(packed.end)
    result.layers = UInt32(packed.layers)
    result.precision = header.precision
    result.lost_permille = coder.lostPermille(
      elements, layers: packed.layers, precision: header.precision)
    let layers = try PacketLayers(out, header)
    withUnsafeMutableBytes(of: &result.layer_ends) { ends in
      for layer in 0..<layers.count {
        ends.storeBytes(
          of: UInt32(layers.packetBytes(layer &+ 1)), toByteOffset: 4 &* layer, as: UInt32.self)
      }
    }
    return result
  }

  /// Fills the tail's input.
  func unpack(
    _ packet: UnsafePointer<UInt8>?, byteCount: Int
  ) throws(Failure) -> PacketHeader {
    let header = try PacketHeader(packet, byteCount: byteCount)
    guard let packet, header.model == latent.identity else {
      throw Failure(
        HR_BAD_PAYLOAD, "the packet is of another head",
        remedy: "use the tail that was made with this head")
    }
    let layers = try PacketLayers(packet, header)
    let (input, tensor) = try data()
    try coder.decode(packet, layers, precision: header.precision, into: input)
    conversion.convert(input, for: tensor)
    return header
  }

  private var conversion: LatentConversion {
    LatentConversion(latent.type, scale: latent.scale, zeroPoint: latent.zeroPoint)
  }

  /// Fills another session's input with the head's latent as a packet of this rate would bring it.
  func share(rate: UInt32, with other: Session, input index: UInt32) throws(Failure) {
    let rate = try check(rate: rate)
    let (elements, _) = try data()
    let tensor = try other.model.input(index)
    guard latent.matches(tensor.pointee) else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the input is not of the shape of the head's latent",
        remedy: "use networks that were made with this head")
    }
    try LatentConversion.check(latent.type, tensor)
    let target = other.data(tensor)
    let coarse = latent.elements(elements, precision: latent.precision(atRate: rate))
    for index in 0..<latent.elementCount { coarse.copy(index, to: target) }
    coder.clear(target, fromChannel: latent.starts[latent.layers(atRate: rate)])
    conversion.convert(target, for: tensor)
  }
}
