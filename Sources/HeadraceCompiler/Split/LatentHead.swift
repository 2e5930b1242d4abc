import CHeadrace

/// The head that a tail belongs to, by which the tail's file tells what packets hold: metadata `latent.head`, and
/// copies of `latent.layers`, `latent.rates` and `latent.prior`, as FORMAT.md has them.
public struct LatentHead: Sendable {
  static let key = "latent.head"
  fileprivate static let copied = [LatentLayers.key, LatentRates.key, LatentPrior.key]

  /// The head's header_crc, by which packets name it.
  public let identity: UInt32
  /// The dims of its output 0, as the file has them: channels last.
  public let shape: [Int]
  let metadata: [String: String]

  /// - Parameter bytes: The head's `.hrm` file.
  /// - Throws: `CompilerError` if the runtime refuses the file, or its output 0 is no latent.
  public init(_ bytes: [UInt8]) throws {
    let model: LoadedModel
    do { model = try LoadedModel(bytes) } catch let error as RuntimeError {
      throw CompilerError("\(error)")
    }
    let latent = model.tensors[Int(model.interface[Int(model.header.input_count)])]
    let type = hrm_type(rawValue: UInt32(latent.type))
    guard type == HRM_INT8 || type == HRM_INT16 else {
      throw CompilerError(
        "its output 0 is \(type.name), and packets carry int8 or int16; compile the head with --type int8"
          + " --calibrate")
    }
    identity = model.header.header_crc
    shape = latent.shape
    var words = [hexadecimal(identity), type.name, hexadecimal(latent.scale.bitPattern)]
    words += [Int(latent.zero_point), shape.count].map(String.init) + shape.map(String.init)
    var metadata = [Self.key: words.joined(separator: " ")]
    for entry in model.metadata.reversed() {
      let key = model.string(entry.key)
      if Self.copied.contains(key) {
        metadata[key] = model.string(entry.value)
      }
    }
    self.metadata = metadata
  }
}

extension Graph {
  /// What the metadata says of the first output, which has the graph's final layout.
  /// - Parameter arithmetic: of a graph that is not quantized.
  func checkLatent(_ arithmetic: CompileOptions.Arithmetic) throws {
    let output = values[outputs[0]]
    let channels = output.shape.last ?? 1
    func check(_ key: String, _ stated: Int) throws {
      guard stated == channels else {
        throw CompilerError(
          "headrace.\(key) is about \(stated) channels, but the latent has \(channels); export the two together",
          at: "output \(output.name)")
      }
    }
    if let text = metadata[LatentLayers.key] {
      try check(LatentLayers.key, LatentLayers(text).channels)
    }
    guard let text = metadata[LatentPrior.key] else { return }
    try check(LatentPrior.key, LatentPrior(text).channels)
    guard isQuantized ? output.quantization?.storage != .int16 : arithmetic != .int16x8 else {
      throw CompilerError(
        "headrace.\(LatentPrior.key) is for an int8 latent, and this one is int16; compile with --type int8 or"
          + " export without the prior", at: "output \(output.name)")
    }
  }

  /// Makes a tail of the network: its first input is the head's latent.
  mutating func attach(to head: LatentHead) throws {
    let input = values[inputs[0]]
    guard input.shape == head.shape else {
      throw CompilerError(
        "is \(describe(input.shape)), but the head's latent is \(describe(head.shape)), channels last; name the"
          + " head that the tail was trained with", at: "input \(input.name)")
    }
    for key in LatentHead.copied { metadata[key] = nil }
    metadata.merge(head.metadata) { $1 }
  }

  private func describe(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "x")
  }
}
