@testable import HeadraceCompiler

/// Small channels-last networks for tests, made node by node.
struct LowerNetwork {
  var graph = Graph()

  init(input shape: [Int]) {
    graph.layout = .channelsLast
    graph.inputs = [graph.add(Value(name: "x", shape: shape))]
  }

  var input: Graph.ValueID { graph.inputs[0] }

  mutating func constant(_ elements: [Float], _ shape: [Int]) -> Graph.ValueID {
    graph.add(Value(name: "c\(graph.values.count)", shape: shape, constant: .float(elements)))
  }

  mutating func add(
    _ operation: Operation, _ inputs: [Graph.ValueID?], _ shape: [Int]
  ) -> Graph.ValueID {
    let output = graph.add(Value(name: "v\(graph.values.count)", shape: shape))
    graph.nodes.append(
      Node(name: "n\(graph.nodes.count)", operation, inputs: inputs, outputs: [output]))
    return output
  }

  /// A convolution with random weights and bias; output channels, kernel side, stride.
  mutating func convolution(
    _ x: Graph.ValueID, _ channels: Int, _ side: Int, stride: Int = 1, groups: Int = 1,
    clamp: Clamp? = nil, _ random: inout LinearCongruential
  ) -> Graph.ValueID {
    let shape = graph.values[x].shape
    let weights = [channels, shape[3] / groups, side, side]
    let count = weights.reduce(1, *)
    let w = constant(random.reals(count, around: 1 / Float(count / channels).squareRoot()), weights)
    let b = constant(random.reals(channels, around: 0.2), [channels])
    var convolution = Convolution()
    convolution.strides = [stride, stride]
    convolution.pads = Array(repeating: side / 2, count: 4)
    convolution.groups = groups
    convolution.clamp = clamp
    let out = { (extent: Int) in (extent + side / 2 * 2 - side) / stride + 1 }
    return add(
      .convolution(convolution), [x, w, b], [shape[0], out(shape[1]), out(shape[2]), channels])
  }
}

extension LinearCongruential {
  /// Evenly spread over -limit ... limit.
  mutating func reals(_ count: Int, around limit: Float) -> [Float] {
    (0..<count).map { _ in (Float(next(below: 1 << 20)) / 524_288 - 1) * limit }
  }
}

/// Runs a float graph in double precision, straight from the definitions, for the operations that the
/// tests use.
struct LowerReference {
  private var values: [Graph.ValueID: [Double]] = [:]

  static func run(_ graph: Graph, _ input: [Float]) -> [Graph.ValueID: [Double]] {
    var reference = LowerReference()
    reference.values[graph.inputs[0]] = input.map(Double.init)
    for (id, value) in graph.values.enumerated() {
      if case .float(let elements) = value.constant {
        reference.values[id] = elements.map(Double.init)
      }
    }
    for node in graph.nodes { reference.run(node, graph) }
    return reference.values
  }

  private mutating func run(_ node: Node, _ graph: Graph) {
    let output = graph.values[node.outputs[0]].shape
    let inputs = node.inputs.map { $0.map { (values[$0]!, graph.values[$0].shape) } }
    values[node.outputs[0]] =
      switch node.operation {
      case .convolution(let c): Self.convolve(inputs[0]!, inputs[1]!, inputs[2]?.0, output, c)
      case .dense(let clamp): Self.dense(inputs[0]!.0, inputs[1]!, inputs[2]?.0, clamp)
      case .unary(let unary): inputs[0]!.0.map(unary.evaluate)
      case .binary(let binary, let clamp):
        (0..<output.reduce(1, *)).map {
          Self.clip(
            binary.evaluate(
              Self.pick(inputs[0]!, output, $0),
              Self.pick(inputs[1]!, output, $0)), clamp)
        }
      case .pool(let pool): Self.pool(inputs[0]!, output, pool)
      case .softmax: Self.softmax(inputs[0]!.0, output.last!)
      case .concat: Self.concatChannels(inputs.map { $0! })
      case .reshape: inputs[0]!.0
      case .reduce(.mean, _):
        (0..<output.last!).map { channel in
          let count = inputs[0]!.0.count / output.last!
          return (0..<count).reduce(0) { $0 + inputs[0]!.0[$1 * output.last! + channel] }
            / Double(count)
        }
      default: fatalError("the reference lacks \(node.operation)")
      }
  }

  private static func clip(_ value: Double, _ clamp: Clamp?) -> Double {
    guard let clamp else { return value }
    return min(max(value, Double(clamp.min)), Double(clamp.max))
  }

  /// The element that broadcasting puts at a place of the output.
  private static func pick(_ operand: ([Double], [Int]), _ output: [Int], _ index: Int) -> Double {
    var (rest, stride, position) = (index, 1, 0)
    for axis in output.indices.reversed() {
      let extent = operand.1[axis]
      if extent > 1 { position += rest % output[axis] * stride }
      stride *= extent
      rest /= output[axis]
    }
    return operand.0[position]
  }

  private static func convolve(
    _ x: ([Double], [Int]), _ w: ([Double], [Int]), _ bias: [Double]?, _ output: [Int],
    _ c: Convolution
  ) -> [Double] {
    let (height, width, channels) = (x.1[1], x.1[2], x.1[3])
    let (outputs, depth, kh, kw) = (w.1[0], w.1[1], w.1[2], w.1[3])
    return (0..<output.reduce(1, *)).map { index in
      let o = index % outputs
      let (oy, ox) = (index / outputs / output[2], index / outputs % output[2])
      let group = o / (outputs / c.groups)
      var sum = bias?[o] ?? 0
      for ky in 0..<kh {
        for kx in 0..<kw {
          let y = oy * c.strides[0] + ky * c.dilations[0] - c.pads[0]
          let xx = ox * c.strides[1] + kx * c.dilations[1] - c.pads[1]
          guard (0..<height).contains(y), (0..<width).contains(xx) else { continue }
          for i in 0..<depth {
            sum +=
              w.0[((o * depth + i) * kh + ky) * kw + kx]
              * x.0[(y * width + xx) * channels + group * depth + i]
          }
        }
      }
      return clip(sum, c.clamp)
    }
  }

  private static func dense(
    _ x: [Double], _ w: ([Double], [Int]), _ bias: [Double]?, _ clamp: Clamp?
  ) -> [Double] {
    (0..<w.1[0]).map { n in
      clip(
        (0..<w.1[1]).reduce(bias?[n] ?? 0) { $0 + w.0[n * w.1[1] + $1] * x[$1] }, clamp)
    }
  }

  private static func pool(_ x: ([Double], [Int]), _ output: [Int], _ pool: Pool) -> [Double] {
    let (height, width, channels) = (x.1[1], x.1[2], x.1[3])
    return (0..<output.reduce(1, *)).map { index in
      let channel = index % channels
      let (oy, ox) = (index / channels / output[2], index / channels % output[2])
      var window: [Double] = []
      for ky in 0..<pool.kernel[0] {
        for kx in 0..<pool.kernel[1] {
          let y = oy * pool.strides[0] + ky - pool.pads[0]
          let xx = ox * pool.strides[1] + kx - pool.pads[1]
          guard (0..<height).contains(y), (0..<width).contains(xx) else { continue }
          window.append(x.0[(y * width + xx) * channels + channel])
        }
      }
      return pool.function == .max ? window.max()! : window.reduce(0, +) / Double(window.count)
    }
  }

  private static func softmax(_ x: [Double], _ length: Int) -> [Double] {
    stride(from: 0, to: x.count, by: length).flatMap { start -> [Double] in
      let row = x[start..<start + length]
      let exponentials = row.map { Unary.exp.evaluate($0 - row.max()!) }
      return exponentials.map { $0 / exponentials.reduce(0, +) }
    }
  }

  private static func concatChannels(_ inputs: [([Double], [Int])]) -> [Double] {
    (0..<inputs[0].0.count / inputs[0].1.last!).flatMap { pixel in
      inputs.flatMap { x, shape in x[pixel * shape.last!..<(pixel + 1) * shape.last!] }
    }
  }
}
