import CHeadrace

/// Inputs to calibrate with, one after the other; every pass over them gives the same.
protocol CalibrationData {
  /// How many there are.
  var count: Int { get }
  /// Fills the inputs of a float model with sample `index`.
  func load(_ index: Int, into runner: ModelRunner) throws
}

/// Arrays, one or several for each input of the network, in the network's own layout.
struct CalibrationArrays: CalibrationData {
  /// By input, then by sample: elements in the order of the model's tensor.
  private var samples: [[[Float]]]

  /// `arrays` by input. Each has the shape that the input has in the source network, or more samples
  /// along the first axis, or one axis more in front.
  init(_ arrays: [[NumpyArray]], inputs: [hr_tensor]) throws {
    samples = []
    for (tensor, arrays) in zip(inputs, arrays) {
      let name = String(cString: tensor.name)
      let split = try arrays.flatMap { try Self.split($0, tensor, name) }
      guard let first = samples.first, first.count != split.count else {
        samples.append(split)
        continue
      }
      throw CompilerError(
        "has \(counted(split.count, "sample")), other inputs have \(first.count)",
        at: "input \(name)")
    }
    guard samples.count == inputs.count, samples.allSatisfy({ !$0.isEmpty }) else {
      throw CompilerError(
        "the network has \(inputs.count) inputs; give arrays for each: --calibrate NAME=FILE.npy")
    }
  }

  var count: Int { samples[0].count }

  func load(_ index: Int, into runner: ModelRunner) throws {
    for (input, samples) in samples.enumerated() { try runner.write(samples[index], to: input) }
  }

  private static func split(
    _ array: NumpyArray, _ tensor: hr_tensor, _ name: String
  ) throws -> [[Float]] {
    let shape = tensor.sourceShape
    let size = tensor.elementCount
    let sampleShape = Array(shape.dropFirst())
    let stacked = array.shape.count == shape.count + 1 && Array(array.shape.dropFirst()) == shape
    let batched =
      array.shape.count == shape.count && Array(array.shape.dropFirst()) == sampleShape
      && array.shape[0] % shape[0] == 0
    guard stacked || batched || (shape[0] == 1 && array.shape == sampleShape) else {
      throw CompilerError(
        "a calibration array has the shape \(array.shape), the network wants \(shape)",
        at: "input \(name)")
    }
    return stride(from: 0, to: array.elements.count, by: size).map { start in
      let elements = Array(array.elements[start..<start + size])
      return tensor.channels_first_source == 1 ? channelsLast(elements, shape) : elements
    }
  }

  /// N x C x ... to N x ... x C.
  private static func channelsLast(_ elements: [Float], _ shape: [Int]) -> [Float] {
    let channels = shape[1]
    let area = shape[2...].reduce(1, *)
    return elements.indices.map { index in
      let (pixel, channel) = (index / channels, index % channels)
      return elements[(pixel / area * channels + channel) * area + pixel % area]
    }
  }
}

extension hr_tensor {
  /// The shape in the network that was compiled.
  var sourceShape: [Int] {
    var shape = extents(dims, rank: Int(rank))
    guard channels_first_source == 1, rank == 4 else { return shape }
    shape = [shape[0], shape[3], shape[1], shape[2]]
    if source_rank == 3 { shape.remove(at: 2) }
    return shape
  }
}
