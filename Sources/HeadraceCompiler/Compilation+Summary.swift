import Foundation

extension Compilation {
  /// What there is to say about a finished model, with keys that stay.
  public struct Summary: Encodable {
    public struct Tensor: Encodable {
      public var name: String
      public var type: String
      public var scale: Float
      public var zeroPoint: Int
      /// Signal over noise against the float model; nil: infinite.
      public var decibel: Double?
    }

    public var operators: Int
    public var macs: Int
    public var parameters: Int
    public var fileBytes: Int
    public var arenaBytes: Int
    /// The peak of live tensors.
    public var arenaLowerBound: Int
    public var usesFloat: Bool
    public var notes: [String]
    /// All outputs together against the float model; nil if the model was not quantized here.
    public var outputDecibel: Double?
    public var samples: Int?
    /// Worst first.
    public var tensors: [Tensor]?
  }

  public var summary: Summary {
    let model = compiled.lowered
    return Summary(
      operators: model.operators.count, macs: model.macs,
      parameters: LoadedOperatorParameters.total(compiled.bytes),
      fileBytes: bytes.count, arenaBytes: compiled.plan.arenaBytes,
      arenaLowerBound: compiled.plan.lowerBound, usesFloat: model.usesFloat, notes: model.notes,
      outputDecibel: noise.map { Self.finite($0.outputRatio) } ?? nil,
      samples: noise?.samples,
      tensors: noise?.entries.map {
        Summary.Tensor(
          name: $0.name, type: $0.format.type.name, scale: $0.format.scale,
          zeroPoint: $0.format.zeroPoint, decibel: Self.finite($0.ratio))
      })
  }

  /// The noise report, one activation a line, worst first.
  public var report: String {
    let summary = summary
    var lines = summary.notes.map { "note: \($0.printable)" }
    guard let tensors = summary.tensors else {
      return (lines + ["not quantized here: no comparison with float"]).joined(separator: "\n")
        + "\n"
    }
    lines.append(
      "outputs: \(Self.text(summary.outputDecibel)) dB over \(counted(summary.samples ?? 0, "sample"))"
    )
    var table = TextTable(
      [
        ("dB", .trailing), ("type", .leading), ("scale", .trailing), ("zero", .trailing),
        ("tensor", .leading),
      ])
    for tensor in tensors {
      table.add([
        Self.text(tensor.decibel), tensor.type, String(format: "%.6g", tensor.scale),
        String(tensor.zeroPoint), tensor.name,
      ])
    }
    return lines.joined(separator: "\n") + "\n" + table.text
  }

  private static func finite(_ ratio: Double) -> Double? { ratio.isFinite ? ratio : nil }

  private static func text(_ ratio: Double?) -> String {
    ratio.map { String(format: "%.1f", $0) } ?? "exact"
  }
}
