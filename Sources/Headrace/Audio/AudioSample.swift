/// How a device stores a sample; as a number from -1 to 1.
protocol AudioSample: BitwiseCopyable {
  var float: Float { get }
  static func areFinite(_ samples: UnsafePointer<Self>, _ count: Int) -> Bool
}

extension Int16: AudioSample {
  var float: Float { Float(self) * 0x1p-15 }
  static func areFinite(_ samples: UnsafePointer<Int16>, _ count: Int) -> Bool { true }
}

extension Int32: AudioSample {
  var float: Float { Float(self) * 0x1p-31 }
  static func areFinite(_ samples: UnsafePointer<Int32>, _ count: Int) -> Bool { true }
}

extension Float: AudioSample {
  var float: Float { self }
  static func areFinite(_ samples: UnsafePointer<Float>, _ count: Int) -> Bool {
    // The sum of x - x is 0 unless one is infinite or not a number.
    var sum: Float = 0
    for index in 0..<count { sum += samples[index] - samples[index] }
    return sum == 0
  }
}
