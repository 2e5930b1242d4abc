import CHeadrace

/// A model that `Verifier` has passed, behind the opaque words of an hr_model.
struct Model {
  let view: ModelView
  let byteCount: Int
  /// What it was verified for, and runs on.
  let operators: UnsafePointer<hr_operators>

  private static var mark: UInt64 { 0x4865_6164_7261_6365 }

  /// Verifies a file and refers to it; the bytes stay the caller's.
  init(
    verifying bytes: UnsafeRawPointer, byteCount: Int, _ operators: UnsafePointer<hr_operators>
  ) throws(Failure) {
    view = try Verifier.verify(bytes, byteCount: byteCount, operators)
    self.operators = operators
    self.byteCount = Int(view.header.pointee.file_bytes)
  }

  /// The model that hr_model_open made, refusing memory that it did not fill.
  init(_ handle: UnsafePointer<hr_model>?) throws(Failure) {
    guard let handle else { throw .invalidArgument("the model is NULL") }
    let words = handle.pointee.opaque
    guard
      words.0 == Self.mark, words.3 == Self.check(words.1, words.2 ^ words.4),
      let base = UnsafeRawPointer(bitPattern: UInt(truncatingIfNeeded: words.1)),
      let operators = UnsafePointer<hr_operators>(
        bitPattern: UInt(truncatingIfNeeded: words.4))
    else {
      throw Failure(
        HR_INVALID_ARGUMENT, "the model was not opened",
        remedy: "call hr_model_open and check what it returns")
    }
    view = ModelView(base: base)
    byteCount = Int(truncatingIfNeeded: words.2)
    self.operators = operators
  }

  var handle: hr_model {
    var handle = hr_model()
    let base = UInt64(UInt(bitPattern: view.base))
    let count = UInt64(byteCount)
    handle.opaque.0 = Self.mark
    handle.opaque.1 = base
    handle.opaque.2 = count
    let operators = UInt64(UInt(bitPattern: operators))
    handle.opaque.3 = Self.check(base, count ^ operators)
    handle.opaque.4 = operators
    return handle
  }

  private static func check(_ base: UInt64, _ count: UInt64) -> UInt64 {
    (base &* 0x9e37_79b9_7f4a_7c15) ^ (count &* 0xc2b2_ae3d_27d4_eb4f) ^ ~mark
  }

  /// CRC-32C of the header, which covers the rest through the body's: who a payload comes from.
  var identity: UInt32 { view.header.pointee.header_crc }

  func input(_ index: UInt32) throws(Failure) -> UnsafePointer<hrm_tensor> {
    guard index < view.header.pointee.input_count else {
      throw .invalidArgument("there is no model input of this index")
    }
    return view.input(Int(index))
  }

  func output(_ index: UInt32) throws(Failure) -> UnsafePointer<hrm_tensor> {
    guard index < view.header.pointee.output_count else {
      throw .invalidArgument("there is no model output of this index")
    }
    return view.output(Int(index))
  }

  /// How a frame becomes input `index`, or nil if that is no picture.
  func frameInput(_ index: UInt32) -> UnsafePointer<hrm_frame_input>? {
    for entry in 0..<view.frameInputCount where view.frameInputs[entry].input == index {
      return view.frameInputs + entry
    }
    return nil
  }
}
