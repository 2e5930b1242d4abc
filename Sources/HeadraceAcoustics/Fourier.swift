import Foundation

/// The discrete Fourier transform of complex numbers, in place, of a power of two (Cooley and Tukey, 1965).
struct Fourier {
  typealias Value = SIMD2<Float>

  let length: Int
  private let twiddles: [Value]

  /// - Parameter least: the length is the next power of two.
  init(atLeast least: Int) {
    var length = 2
    while length < least { length *= 2 }
    self.length = length
    twiddles = (0..<length / 2).map { k in
      let angle = -2 * Double.pi * Double(k) / Double(length)
      return Value(Float(cos(angle)), Float(sin(angle)))
    }
  }

  @inline(__always)
  static func product(_ a: Value, _ b: Value) -> Value {
    Value(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
  }

  func transform(_ values: inout [Value]) {
    precondition(values.count == length)
    values.withUnsafeMutableBufferPointer { values in
      twiddles.withUnsafeBufferPointer { run(values.baseAddress!, $0.baseAddress!) }
    }
  }

  /// Divided by the length, so that it undoes `transform`.
  func invert(_ values: inout [Value]) {
    let scale = 1 / Float(length)
    for index in values.indices { values[index] = Value(values[index].x, -values[index].y) }
    transform(&values)
    for index in values.indices {
      values[index] = Value(values[index].x * scale, -values[index].y * scale)
    }
  }

  private func run(_ x: UnsafeMutablePointer<Value>, _ twiddles: UnsafePointer<Value>) {
    var reversed = 0
    for index in 1..<length {
      var bit = length / 2
      while reversed & bit != 0 {
        reversed ^= bit
        bit /= 2
      }
      reversed |= bit
      if index < reversed { swap(&x[index], &x[reversed]) }
    }
    var half = 1
    while half < length {
      let step = length / 2 / half
      for first in stride(from: 0, to: length, by: 2 * half) {
        let (lower, upper) = (x + first, x + first + half)
        for k in 0..<half {
          let turned = Self.product(upper[k], twiddles[k * step])
          upper[k] = lower[k] - turned
          lower[k] += turned
        }
      }
      half *= 2
    }
  }
}
