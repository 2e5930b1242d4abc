import Foundation

extension Unary {
  /// The function in double precision. Outside the domain: its limit (log, reciprocal) or 0.
  func evaluate(_ x: Double) -> Double {
    switch self {
    case .clamp(let clamp): Swift.min(Swift.max(x, Double(clamp.min)), Double(clamp.max))
    case .leakyRelu(let slope): x < 0 ? Double(slope) * x : x
    case .elu(let alpha): x < 0 ? Double(alpha) * expm1(x) : x
    case .selu(let alpha, let gamma): Double(gamma) * (x < 0 ? Double(alpha) * expm1(x) : x)
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .tanh: Foundation.tanh(x)
    case .hardSigmoid(let alpha, let beta):
      Swift.min(Swift.max(Double(alpha) * x + Double(beta), 0), 1)
    case .hardSwish: x * Swift.min(Swift.max(x / 6 + 0.5, 0), 1)
    case .gelu: x / 2 * (1 + Foundation.erf(x / 2.0.squareRoot()))
    case .geluTanh:
      x / 2 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .sqrt: Swift.max(x, 0).squareRoot()
    case .exp: Foundation.exp(x)
    case .log: x > 0 ? Foundation.log(x) : -.infinity
    case .abs: Swift.abs(x)
    case .neg: -x
    case .reciprocal: 1 / x
    case .softplus: Swift.max(x, 0) + log1p(Foundation.exp(-Swift.abs(x)))
    case .erf: Foundation.erf(x)
    case .swish: x / (1 + Foundation.exp(-x))
    case .power(let exponent): pow(x, Double(exponent))
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .sin: Foundation.sin(x)
    case .cos: Foundation.cos(x)
    case .affine(let scale, let offset): Double(scale) * x + Double(offset)
    case .softsign: x / (1 + Swift.abs(x))
    }
  }
}

extension Binary {
  func evaluate(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .sub: a - b
    case .mul: a * b
    case .div: a / b
    case .min: Swift.min(a, b)
    case .max: Swift.max(a, b)
    case .pow: Foundation.pow(a, b)
    case .squaredDifference: (a - b) * (a - b)
    }
  }
}
