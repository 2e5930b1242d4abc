import Foundation
import Testing

@testable import Headrace

/// Compared with the C library's functions in Double.
@Suite struct ElementaryTests {
  private static func isNearest(_ found: Float, _ expected: Double) -> Bool {
    // Within 0.51 units of the last place.
    abs(Double(found) - expected) <= 0.51 * Double(Float(expected).ulp)
  }

  @Test func exponentialsAndLogarithmsAreTheNearestFloats() {
    for step in -3000...3000 {
      let x = Float(step) * 0.0291
      #expect(Self.isNearest(Elementary.exp(x), Foundation.exp(Double(x))))
      let y = Foundation.exp(Double(step) * 0.0123)
      #expect(Self.isNearest(Elementary.log(Float(y)), Foundation.log(Double(Float(y)))))
    }
    #expect(Elementary.log(0) == -.infinity)
    #expect(Elementary.exp(.nan).isNaN)
    #expect(Elementary.log(.nan) == -.infinity)
    #expect(Elementary.atan2(.nan, .nan) == 0)
    #expect(Elementary.exp(-1000) < 1e-37)
    #expect(Elementary.exp(1000) == .infinity)
  }

  @Test func anglesAreTheNearestFloats() {
    for step in 0..<2000 {
      let angle = Double(step) * 0.00314
      let (x, y) = (Float(3 * cos(angle)), Float(3 * sin(angle)))
      #expect(Self.isNearest(Elementary.atan2(y, x), Foundation.atan2(Double(y), Double(x))))
      let sine = Float(sin(angle))
      #expect(abs(Double(Elementary.asin(sine)) - Foundation.asin(Double(sine))) < 2e-6)
    }
    #expect(Elementary.atan2(0, 0) == 0)
    #expect(Elementary.atan2(0, -1) == Float(Double.pi))
    #expect(Elementary.atan2(-1, 0) == Float(-Double.pi / 2))
  }

  @Test(arguments: [0, 1, 2, 3, 4, 15, 16, 17, 1 << 32 - 1, 1 << 32, .max, .max - 1] as [UInt64])
  func rootsOfIntegersAreRoundedDown(_ value: UInt64) {
    let root = integerRoot(value)
    #expect(root * root <= value)
    #expect(value - root * root <= 2 * root)
  }
}
