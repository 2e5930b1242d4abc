import CHeadrace

/// Samples as a device stores them, read as numbers from -1 to 1. The format is asked for each of them: a
/// locator does so much with a sample that code of its own for each format would not pay.
struct AudioSamples {
  private let base: UnsafeRawPointer
  private let format: hr_sample_format

  private static var greatest: Float { 0x1p25 }

  init(_ base: UnsafeRawPointer, _ format: hr_sample_format) throws(Failure) {
    guard format == HR_S16 || format == HR_S32 || format == HR_F32 else {
      throw .invalidArgument("the sample format is none of hr_sample_format")
    }
    self.base = base
    self.format = format
  }

  private func sample<Sample: BitwiseCopyable>(_ index: Int, as type: Sample.Type) -> Sample {
    base.assumingMemoryBound(to: type)[index]
  }

  func float(_ index: Int) -> Float {
    switch format {
    case HR_S16: Float(sample(index, as: Int16.self)) * 0x1p-15
    case HR_S32: Float(sample(index, as: Int32.self)) * 0x1p-31
    default: sample(index, as: Float.self)
    }
  }

  func q31(_ index: Int) -> Q31 {
    switch format {
    case HR_S16: Q31(bits: Int32(sample(index, as: Int16.self)) &<< 16)
    case HR_S32: Q31(bits: sample(index, as: Int32.self))
    default: sample(index, as: Float.self).q31
    }
  }

  func areUsable(_ count: Int) -> Bool {
    guard format == HR_F32 else { return true }
    // Written so that a NaN fails. Even samples with the full scale of 24 bits pass, and their squares add up
    // to nothing infinite.
    for index in 0..<count where !(sample(index, as: Float.self).magnitude <= Self.greatest) {
      return false
    }
    return true
  }
}

extension Float {
  /// Beyond full scale it is clipped. 24 bits are exact.
  var q31: Q31 {
    Q31(bits: Int32(min(max(Double(self) * 0x1p31, -0x1p31), 0x1p31 - 1)))
  }
}
