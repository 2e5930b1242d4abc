import CHeadrace

/// Codes a latent's layers one after the other, each on its own: with the learned prior of its head or, where that
/// has none, with probabilities that are learned on the way.
struct LatentLayerCoder {
  let latent: LatentDescription
  let prior: LearnedPrior?

  /// Encodes a layer of the latent at `base`, or decodes it into there. false: the code makes no sense.
  @inline(never)
  func code(
    layer: Int, _ base: UnsafeMutableRawPointer, precision: UInt32, with coder: inout RangeCoder
  ) -> Bool {
    let channels = latent.starts[layer]..<latent.starts[layer &+ 1]
    guard let prior else {
      var adaptive = LatentCoder()
      return adaptive.code(
        latent.elements(base, firstChannel: channels.lowerBound, precision: precision),
        .init(
          batch: latent.batch, height: latent.height, width: latent.width,
          channels: channels.count, stride: latent.channels),
        with: &coder)
    }
    let elements = latent.elements(base, precision: precision)
    for channel in channels {
      guard
        prior.code(
          channel: channel, elements, precision: precision, with: &coder)
      else { return false }
    }
    return true
  }

  /// Encodes layers from the first on into a packet of at most `limit` bytes: as many of `wanted` as fit. Returns
  /// how many, and where the packet ends.
  func encode(
    _ base: UnsafeMutableRawPointer, wanted: Int, precision: UInt32,
    _ packet: UnsafeMutablePointer<UInt8>, limit: Int
  ) -> (layers: Int, end: Int) {
    let first = PacketHeader.byteCount &+ PacketLayers.tableBytes(wanted)
    var lengths = InlineArray<16, Int>(repeating: 0)
    var end = first
    var count = 0
    while count < wanted, end <= limit {
      var encoder = RangeCoder(encodingTo: packet + end, limit: limit &- end)
      guard code(layer: count, base, precision: precision, with: &encoder),
        let bytes = encoder.finish()
      else { break }
      lengths[count] = bytes
      end &+= bytes
      count &+= 1
    }
    guard count > 0 else { return (0, PacketHeader.byteCount) }
    for layer in 0..<count &- 1 {
      PacketLayers.store(length: lengths[layer], packet, layer)
    }
    let saved = PacketLayers.tableBytes(wanted) &- PacketLayers.tableBytes(count)
    UnsafeMutableRawPointer(packet + (first &- saved))
      .copyMemory(from: packet + first, byteCount: end &- first)
    return (count, end &- saved)
  }

  /// Decodes all layers of a packet into elements at `base`; those of other layers become zero.
  func decode(
    _ packet: UnsafePointer<UInt8>, _ layers: PacketLayers, precision: UInt32,
    into base: UnsafeMutableRawPointer
  ) throws(Failure) {
    guard layers.count <= latent.layerCount else {
      throw Failure(HR_BAD_PAYLOAD, "the packet has more layers than the head")
    }
    clear(base, fromChannel: 0)
    for layer in 0..<layers.count {
      let start = layers.ends[layer]
      var decoder = RangeCoder(decoding: packet + start, count: layers.ends[layer &+ 1] &- start)
      guard
        code(layer: layer, base, precision: precision, with: &decoder),
        decoder.isAtEnd
      else { throw Failure(HR_BAD_PAYLOAD, "the packet's code makes no sense") }
    }
  }

  /// Sets the channels from one on to zero.
  func clear(_ base: UnsafeMutableRawPointer, fromChannel first: Int) {
    for place in 0..<latent.batch &* latent.height &* latent.width {
      for channel in first..<latent.channels {
        let index = place &* latent.channels &+ channel
        if latent.type == HR_INT16 {
          base.storeBytes(
            of: Int16(truncatingIfNeeded: latent.zeroPoint), toByteOffset: 2 &* index,
            as: Int16.self)
        } else {
          base.storeBytes(
            of: Int8(truncatingIfNeeded: latent.zeroPoint), toByteOffset: index, as: Int8.self)
        }
      }
    }
  }

  /// How much of the latent's energy about its zero point is lost with these layers at this precision, in
  /// thousandths.
  func lostPermille(
    _ base: UnsafeMutableRawPointer, layers: Int, precision: UInt32
  ) -> UInt32 {
    guard layers < latent.layerCount || precision > 0 else { return 0 }
    let full = latent.elements(base)
    let coarse = latent.elements(base, precision: precision)
    let sent = latent.starts[layers]
    var all: UInt64 = 0
    var lost: UInt64 = 0
    for place in 0..<latent.batch &* latent.height &* latent.width {
      for channel in 0..<latent.channels {
        let index = place &* latent.channels &+ channel
        let value = full[index]
        let error = channel < sent ? value &- coarse.value(index) : value
        all &+= UInt64(value.magnitude) &* UInt64(value.magnitude)
        lost &+= UInt64(error.magnitude) &* UInt64(error.magnitude)
      }
    }
    guard lost > 0 else { return 0 }
    // At least one, so that 0 is lossless; more than all where zero lies nearer than what was sent.
    return UInt32(truncatingIfNeeded: max(1, min(1000, lost &* 1000 / max(1, all))))
  }
}
