/// How a device stores a sample; as a number from -1 to 1.
protocol AudioSample: BitwiseCopyable {
  var float: Float { get }
  var q31: Q31 { get }
  static func areUsable(_ samples: UnsafePointer<Self>, _ count: Int) -> Bool
}

extension Int16: AudioSample {
  var float: Float { Float(self) * 0x1p-15 }
  var q31: Q31 { Q31(bits: Int32(self) &<< 16) }
  static func areUsable(_ samples: UnsafePointer<Int16>, _ count: Int) -> Bool { true }
}

extension Int32: AudioSample {
  var float: Float { Float(self) * 0x1p-31 }
  var q31: Q31 { Q31(bits: self) }
  static func areUsable(_ samples: UnsafePointer<Int32>, _ count: Int) -> Bool { true }
}

extension Float: AudioSample {
  private static var greatest: Float { 0x1p25 }

  var float: Float { self }
  /// Beyond full scale it is clipped. 24 bits are exact.
  var q31: Q31 {
    Q31(bits: Int32(min(max(Double(self) * 0x1p31, -0x1p31), 0x1p31 - 1)))
  }
  static func areUsable(_ samples: UnsafePointer<Float>, _ count: Int) -> Bool {
    // Written so that a NaN fails. Even samples with the full scale of 24 bits pass, and their squares add up
    // to nothing infinite.
    for index in 0..<count where !(samples[index].magnitude <= greatest) { return false }
    return true
  }
}
