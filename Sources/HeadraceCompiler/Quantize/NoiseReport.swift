import CHeadrace
import Foundation

/// What quantization costs: for each activation, signal over noise against the float model.
struct NoiseReport {
  struct Entry {
    var name: String
    var value: Graph.ValueID
    var format: ElementFormat
    /// Sums of squares over all elements and samples.
    var signal: Double
    var noise: Double

    /// In dB; infinite if nothing differs.
    var ratio: Double { noise == 0 ? .infinity : 10 * log10(signal / noise) }
  }

  /// Worst first.
  var entries: [Entry]
  /// All outputs together, in dB.
  var outputRatio: Double
  var samples: Int

  /// Runs both models side by side over at most `limit` samples, spread evenly.
  init(
    float: CompiledModel, quantized: CompiledModel, outputs: [Graph.ValueID],
    _ data: any CalibrationData, limit: Int = 32, progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let reference = try ModelRunner(float.bytes)
    let tested = try ModelRunner(quantized.bytes)
    var sums: [Graph.ValueID: (format: ElementFormat, signal: Double, noise: Double)] = [:]
    samples = min(limit, data.count)
    for step in 0..<samples {
      try data.load(step * data.count / samples, into: reference)
      for index in 0..<reference.inputCount {
        try tested.write(try reference.input(index).reals(), to: index)
      }
      var exact: [Graph.ValueID: [Float]] = [:]
      try reference.run { index, tensor in
        if let id = float.value(ofOperator: index) { exact[id] = try? tensor.reals() }
      }
      try tested.run { index, tensor in
        guard let id = quantized.value(ofOperator: index), let exact = exact[id],
          let reals = try? tensor.reals(), reals.count == exact.count
        else { return }
        let op = quantized.lowered.operators[quantized.order[index]]
        var sum = sums[id] ?? (quantized.lowered.tensors[op.outputs[0]].format, 0, 0)
        for (a, b) in zip(exact, reals) {
          sum.signal += Double(a) * Double(a)
          sum.noise += (Double(a) - Double(b)) * (Double(a) - Double(b))
        }
        sums[id] = sum
      }
      progress(step + 1, samples)
    }
    var names: [Graph.ValueID: String] = [:]
    for tensor in quantized.lowered.tensors {
      if let value = tensor.value { names[value] = tensor.name }
    }
    entries = sums.map { id, sum in
      Entry(
        name: names[id] ?? "", value: id, format: sum.format, signal: sum.signal, noise: sum.noise)
    }.sorted { ($0.ratio, $0.value) < ($1.ratio, $1.value) }
    let output = entries.filter { outputs.contains($0.value) }
    let noise = output.reduce(0) { $0 + $1.noise }
    outputRatio =
      noise == 0 ? .infinity : 10 * log10(output.reduce(0) { $0 + $1.signal } / noise)
  }
}
